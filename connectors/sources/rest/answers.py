"""One answer of a paged list, judged and taken apart: its items and what it says."""

import codecs
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b

from connectors.errors import SourceError, TransientError
from connectors.legacy import codecs as legacy  # registers tcvn3, vni and the like
from connectors.sources.rest import jsontext
from connectors.sources.rest.http import Reply
from connectors.sources.rest.http_status import MEND
from connectors.sources.rest.jsontext import Json
from connectors.sources.rest.spec import RestStream

assert legacy

NDJSON = {
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonlines",
    "application/json-lines",
    "application/stream+json",
}


@dataclass(frozen=True, slots=True)
class Item:
    """What stands in a list, and why it is no row, if it is none."""

    value: Json
    reject: str | None
    content: int  # 64 bits of a hash over the whole item
    identity: int  # the same over what tells it from the others


@dataclass(frozen=True, slots=True)
class Page:
    """The items of one answer, a mark of them, and what it says of the others."""

    items: tuple[Item, ...]
    mark: bytes
    total: int | None = None
    next: Json = None  # as it stands in the answer
    links: Mapping[str, str] = field(default_factory=dict)


def page_of(where: str, reply: Reply, read: RestStream, *, first: bool) -> Page:
    """The page of an answer. Only the first must say the total.

    Raises SourceError when it is none, TransientError when it was cut short or names
    an error of `error_transient`.
    """
    if reply.status == 204:
        return Page((), b"", links=reply.links)
    answer = _parsed(where, reply, read)
    check_envelope(where, answer, read)
    items = tuple(_item(value, read.identity) for value in _list(where, answer, read))
    if sum(item.reject == jsontext.TORN for item in items) * 2 > len(items):
        raise SourceError(
            f"{where}: most items hold text that is not UTF-8; say which charset the "
            "API writes as encoding in the preset's stream"
        )
    mark = blake2b(b"".join(item.content.to_bytes(8, "big") for item in items))
    total = _total(where, answer, reply, read, first=first)
    following = jsontext.at(answer, read.next)
    return Page(items, mark.digest(), total, following, reply.links)


def object_of(where: str, reply: Reply, read: RestStream, path: str) -> Json:
    """What stands at a path of an answer to a detail call; raises as `page_of`."""
    if reply.status == 204:
        return jsontext.ABSENT
    answer = _parsed(where, reply, read)
    check_envelope(where, answer, read)
    return jsontext.at(answer, path)


def _parsed(where: str, reply: Reply, read: RestStream) -> Json:
    body = reply.body
    if read.encoding is not None:
        body = _recoded(where, body, read.encoding)
    if reply.media in NDJSON and (body or reply.is_framed):
        return _lines(where, reply, jsontext.text_of(body, reply.charset))
    return json_of(where, reply, body)


def json_of(where: str, reply: Reply, body: bytes) -> Json:
    """The JSON of a body; TransientError for none where a cut would not be seen.

    A line that is cut among the headers leaves an answer without a length and body.
    """
    try:
        return jsontext.parse(where, body, reply.charset)
    except SourceError:
        if reply.is_framed:
            raise
    raise TransientError(
        f"{where}: expected JSON, found {jsontext.body_shape(body)}, of which nothing "
        f"says that it is whole; {MEND}"
    )


def _recoded(where: str, body: bytes, encoding: str) -> bytes:
    if body.startswith(codecs.BOM_UTF8):
        return body
    with suppress(UnicodeError, LookupError):
        return body.decode(encoding).encode("utf-8")
    raise SourceError(
        f"{where}: the answer of {len(body)} bytes is not {encoding}; mend encoding in "
        "the preset's stream"
    )


def _lines(where: str, reply: Reply, text: str) -> Json:
    """The values of lines; a line that is no JSON stands there as text."""
    if not reply.is_framed:
        raise SourceError(
            f"{where}: lines of JSON without Content-Length or chunks: a cut would "
            "not be seen. Ask the API's owner, or for another form of the list"
        )
    values: list[Json] = []
    for line in text.split("\n"):
        if not line.strip():
            continue
        try:
            values.append(jsontext.parse(where, line.encode("utf-8", "surrogatepass")))
        except SourceError:
            values.append(line.strip())
    return values


def _list(where: str, answer: Json, read: RestStream) -> list[Json]:
    found = jsontext.at(answer, read.items)
    if read.keyed is not None and isinstance(found, dict):
        return [_named(read.keyed, name, value) for name, value in found.items()]
    if not isinstance(found, list):
        raise SourceError(
            f"{where}: expected {'an object' if read.keyed else 'a list'} at "
            f"{read.items or 'the top'}, found {jsontext.shape(found)} in "
            f"{jsontext.shape(answer)}; mend items in the preset's stream or ask the "
            "API's owner"
        )
    if found and not any(isinstance(item, dict) for item in found):
        raise SourceError(
            f"{where}: expected objects in the list at {read.items or 'the top'}, "
            f"found {jsontext.shape(found[0])}; mend items in the preset's stream"
        )
    return found


def _named(column: str, name: str, value: Json) -> Json:
    """An object of objects' member with its name as a column, never over another."""
    if not isinstance(value, dict) or value.get(column, name) != name:
        return value
    named: dict[str, Json] = {column: name, **value}
    return jsontext.Doubled(named) if isinstance(value, jsontext.Doubled) else named


def _item(value: Json, identity: tuple[str, ...]) -> Item:
    reject = jsontext.fault(value)
    content = _hash(value)
    parts = [jsontext.at(value, name) for name in identity]
    if reject is not None or all(part is jsontext.ABSENT for part in parts):
        return Item(value, reject, content, content)
    return Item(value, None, content, _hash(parts))


def _hash(value: Json) -> int:
    try:
        text = json.dumps(value)
    except RecursionError:
        text = "too deep"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def check_envelope(where: str, answer: Json, read: RestStream) -> None:
    """Raise when an answer of 200 holds an error: see `error` of RestStream."""
    if read.error is None:
        return
    said = jsontext.at(answer, read.error)
    text = "" if said is None else jsontext.plain(said)
    is_blank = text in ("", "[]", "{}")
    if said is jsontext.ABSENT or text in read.error_ok:
        return
    if is_blank and "" in read.error_ok:
        return
    expected = " or ".join(f'"{ok}"' for ok in read.error_ok)
    fault = (
        f"{where}: the API answered an error: {read.error} is {jsontext.shape(said)}, "
        f"expected {expected}"
    )
    if text in read.error_transient:
        raise TransientError(f"{fault}; {MEND}")
    raise SourceError(f"{fault}. Ask the API's owner")


def _total(
    where: str, answer: Json, reply: Reply, read: RestStream, *, first: bool
) -> int | None:
    if read.total_header is not None:
        # Content-Range says 0-24/3573; any other header only the number.
        said: Json = reply.headers.get(read.total_header, "").rpartition("/")[2].strip()
        place, key = f"the header {read.total_header}", "total_header"
    elif read.total is not None:
        said = jsontext.at(answer, read.total)
        place, key = read.total, "total"
    else:
        return None
    if not first and (said is None or said is jsontext.ABSENT or said == ""):
        return None
    text = jsontext.plain(said) if isinstance(said, str) else None
    if text is None or not text.isascii() or not text.isdigit():
        raise SourceError(
            f"{where}: expected a whole number at {place}, found "
            f"{jsontext.shape(said)}; mend {key} in the preset's stream"
        )
    return int(text)
