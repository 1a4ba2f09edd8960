"""Each way of paging as a real server: rows behind it, and how to read them.

    with rest_source("cursor", rows, size=40) as (spec, server): ...

`rows` is asked anew at each call, so a test may change it while it is read.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias
from urllib.parse import urlencode

from connectors.sources.base import RestAt, RestStream, SourceSpec, Stream
from tests.http_server import Answer, Asked, Server, as_json, serving

Row: TypeAlias = Mapping[str, object]
SECRET = "canary-secret-55120"
CHANGED = "cap_nhat"  # ISO time, +07:00 when it names no zone


@dataclass(frozen=True, slots=True)
class RestKind:
    """One way of paging: the server's side, and the preset's."""

    answer: Callable[[list[Row], Asked, int], Answer]  # rows, call, size of a page
    read: RestStream


def rows_asked(rows: list[Row], asked: Asked) -> list[Row]:
    """The rows that the call's `since` (inclusive) and `until` (exclusive) leave."""
    kept = list(rows)
    if "since" in asked.query:
        since = _instant(asked.query["since"])
        kept = [row for row in kept if _instant(str(row[CHANGED])) >= since]
    if "until" in asked.query:
        until = _instant(asked.query["until"])
        kept = [row for row in kept if _instant(str(row[CHANGED])) < until]
    return kept


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else datetime.fromisoformat(f"{text}+07:00")


def _cut(rows: list[Row], start: int, size: int) -> list[Row]:
    return rows[start : start + size]


def _page(rows: list[Row], asked: Asked, size: int) -> Answer:
    start = (int(asked.query["page"]) - 1) * size
    return as_json({"items": _cut(rows, start, size)})


def _page_total(rows: list[Row], asked: Asked, size: int) -> Answer:
    start = (int(asked.query["page"]) - 1) * size
    return as_json({"items": _cut(rows, start, size), "total": len(rows)})


def _offset(rows: list[Row], asked: Asked, size: int) -> Answer:
    return as_json({"items": _cut(rows, int(asked.query["offset"]), size)})


def _offset_total(rows: list[Row], asked: Asked, size: int) -> Answer:
    found = _cut(rows, int(asked.query["offset"]), size)
    return as_json({"items": found, "meta": {"count": len(rows)}})


def _cursor(rows: list[Row], asked: Asked, size: int) -> Answer:
    start = int(asked.query.get("cursor", "c0")[1:])
    more = {"next": f"c{start + size}"} if start + size < len(rows) else {}
    return as_json({"items": _cut(rows, start, size), **more})


def _cursor_url(rows: list[Row], asked: Asked, size: int) -> Answer:
    start = int(asked.query.get("tu", "0"))
    query = urlencode({**asked.query, "tu": start + size})
    target = f"http://{asked.headers['Host']}{asked.path}?{query}"
    more = target if start + size < len(rows) else None
    return as_json({"items": _cut(rows, start, size), "links": {"next": more}})


def _link(rows: list[Row], asked: Asked, size: int) -> Answer:
    start = int(asked.query.get("tu", "0"))
    said = as_json(_cut(rows, start, size))
    if start + size >= len(rows):
        return said
    query = urlencode({**asked.query, "tu": start + size})
    links = f'<{asked.path}?tu=0>; rel="first", <{asked.path}?{query}>; rel="next"'
    return replace(said, headers={**said.headers, "Link": links})


def _none(rows: list[Row], asked: Asked, size: int) -> Answer:
    return as_json({"items": rows})


_READ = RestStream("/don", "items", since_param="since", until_param="until")
KINDS: dict[str, RestKind] = {
    "page": RestKind(_page, _READ),
    "page_total": RestKind(_page_total, replace(_READ, total="total")),
    "offset": RestKind(_offset, replace(_READ, paging="offset")),
    "offset_total": RestKind(
        _offset_total, replace(_READ, paging="offset", total="meta.count")
    ),
    "cursor": RestKind(_cursor, replace(_READ, paging="cursor")),
    "cursor_url": RestKind(
        _cursor_url, replace(_READ, paging="cursor", next="links.next")
    ),
    "link": RestKind(_link, replace(_READ, paging="link", items="")),
    "none": RestKind(_none, replace(_READ, paging="none")),
}


def spec_for(url: str, read: RestStream, at: RestAt | None = None) -> SourceSpec:
    """A source of one stream `don` at that address, tried once, batches of 100."""
    return SourceSpec(
        "quang_tri",
        "qt_thu",
        "rest",
        at or RestAt(url, lambda: SECRET),
        (Stream("don", read),),
        timeout_s=10,
        attempts=1,
        batch_rows=100,
    )


@contextmanager
def rest_source(
    name: str, rows: list[Row], *, size: int = 40, identity: tuple[str, ...] = ()
) -> Iterator[tuple[SourceSpec, Server]]:
    """A server of that kind with those rows for the length of a `with`."""
    kind = KINDS[name]
    with serving(lambda asked: kind.answer(rows_asked(rows, asked), asked, size)) as s:
        read = replace(kind.read, page_size=size, identity=identity)
        yield spec_for(s.url, read), s
