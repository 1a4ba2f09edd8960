"""JSON whose numbers keep the digits they were written with, and its values as text."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final, TypeAlias, cast

from connectors.errors import SourceError

Json: TypeAlias = "bool | str | Sequence[Json] | Mapping[str, Json] | None"


class Number(str):
    """A number as it was written."""

    __slots__ = ()


class Doubled(dict[str, "Json"]):
    """An object in which a key stands twice."""

    __slots__ = ()


# Deeper than any document of a case; Python's own recursion ends not far beyond.
MAX_DEPTH = 100

TORN: Final = "text that is not Unicode (half of a surrogate pair, or a stray byte)"
ABSENT: Final = Doubled()  # what `at` gives when the path leads nowhere

_PLACE = re.compile(r"-?[0-9]{1,9}")
_strings = json.JSONEncoder(ensure_ascii=False).encode


def parse(where: str, body: bytes, charset: str | None = None) -> Json:
    """The value of a body; SourceError, naming its shape only, when it is not JSON.

    A byte that is in no charset we know of becomes half of a surrogate pair, which
    `fault` finds in its item: one torn name must not cost the whole list.
    """
    value: object = ABSENT
    # Not raised inside `except`: the library's error holds the whole body.
    with suppress(ValueError, RecursionError):
        value = json.loads(
            text_of(body, charset),
            parse_float=Number,
            parse_int=Number,
            parse_constant=_refuse,
            object_pairs_hook=_object,
        )
    if value is ABSENT:
        raise SourceError(
            f"{where}: expected JSON, found {body_shape(body)}; check base_url and "
            "path, or ask the API's owner"
        )
    return cast("Json", value)


def text_of(body: bytes, charset: str | None = None) -> str:
    """The text of a body, whatever mark stands before it.

    JSON is UTF-8 (RFC 8259, 8.1), and a server whose default charset is another one
    still writes it so: `charset` is asked only for what is not UTF-8.
    """
    found = json.detect_encoding(body)
    try:
        return body.decode(found, "surrogatepass")
    except UnicodeDecodeError:
        pass
    with suppress(LookupError, ValueError):
        return body.decode(charset or "ascii")
    return body.decode("utf-8", "surrogateescape")


def _refuse(name: str) -> object:
    raise ValueError(name)  # NaN and Infinity are no JSON


def _object(pairs: "list[tuple[str, Json]]") -> "dict[str, Json]":
    held = dict(pairs)
    return held if len(held) == len(pairs) else Doubled(held)


def body_shape(body: bytes) -> str:
    """What a body looks like, never what it says."""
    head = body[:256].lstrip().lower()
    if not body:
        return "an empty body"
    kind = "HTML" if head.startswith((b"<!doctype html", b"<html")) else "text"
    kind = "XML" if head.startswith(b"<?xml") else kind
    return f"{kind} of {len(body)} bytes"


def at(value: Json, path: str) -> Json:
    """What stands at a dotted path ("" is the value itself), or ABSENT.

    A number is a place in a list; `-1` is its last one.
    """
    for key in path.split(".") if path else ():
        if isinstance(value, list) and _PLACE.fullmatch(key):
            place = int(key)
            if not -len(value) <= place < len(value):
                return ABSENT
            value = value[place]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            return ABSENT
    return value


def plain(value: Json) -> str | None:
    """A value as a cell: scalars as written, the rest as canonical JSON."""
    if value is None:
        return None
    if isinstance(value, str):
        return str(value)
    return canonical(value)


def canonical(value: Json) -> str:
    """JSON without blanks, keys sorted, letters as they are."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return _strings(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        pairs = (f"{_strings(k)}:{canonical(value[k])}" for k in sorted(value))
        return "{" + ",".join(pairs) + "}"
    return "[" + ",".join(map(canonical, value)) + "]"


def fault(item: Json) -> str | None:
    """Why an item is no row, or None."""
    if isinstance(item, Doubled):
        return "an object in which a key stands twice"
    if not isinstance(item, dict):
        return f"{shape(item)}, expected an object"
    if (inner := _inner_fault(item, MAX_DEPTH)) is not None:
        return inner
    try:
        json.dumps(item, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return TORN
    return None


def _inner_fault(value: Json, left: int) -> str | None:
    if left == 0:
        return f"an object nested more than {MAX_DEPTH} levels deep"
    inner = value.values() if isinstance(value, dict) else value
    for part in cast("Iterable[Json]", inner):
        if isinstance(part, Doubled):
            return "an object inside it in which a key stands twice"
        # Every value passes here: the concrete types are what JSON gives, and quick.
        if isinstance(part, (dict, list)):
            found = _inner_fault(part, left - 1)
            if found is not None:
                return found
    return None


def shape(value: Json) -> str:
    """What kind of value it is; only a code of at most 4 ASCII signs is shown."""
    if value is ABSENT:
        return "nothing"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        code = value.removeprefix("-")  # of -1 and its like
        if code.isascii() and code.isalnum() and len(value) <= 4:
            return f'"{value}"'
        kind = "a number" if isinstance(value, Number) else "text"
        return f"{kind} of {len(value)} characters"
    if isinstance(value, Mapping):
        return f"an object of {len(value)} keys"
    return f"a list of {len(value)}"
