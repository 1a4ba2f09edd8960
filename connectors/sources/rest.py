"""A paged JSON list over HTTP: page after page, gathered into batches."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

import polars as pl

from connectors import retry
from connectors.errors import SourceError, TransientError
from connectors.sources import http, jsontext
from connectors.sources.base import (
    Bound,
    Deadline,
    RawBatch,
    RestAt,
    RestStream,
    SourceSpec,
    Stream,
)
from connectors.sources.jsontext import Json
from expectations.frames import LOCATOR, RAW, REJECT, ROW

Item: TypeAlias = tuple[str, Json]  # where it stands, what stands there


@dataclass(frozen=True, slots=True)
class Page:
    """The items of one page, a hash of them, and the total when the answer says one."""

    items: list[Json]
    mark: bytes
    total: int | None


@dataclass(frozen=True, slots=True)
class RestSource:
    """Reads one API; TLS is always verified."""

    spec: SourceSpec
    sleep: Callable[[float], None] = time.sleep

    def extract(
        self,
        stream: Stream,
        since: Bound | None,
        until: datetime | None,
        deadline: Deadline,
    ) -> Iterator[RawBatch]:
        """See `Source.extract`; each page is tried again by itself.

        A batch's columns are the keys of its items, in the order they first stood.
        """
        read = stream.read
        assert isinstance(read, RestStream)
        where = f"{self.spec.province}: {stream.name}"
        most, held = self.spec.batch_rows, list[Item]()
        for number, page in self._pages(where, read, (since, until), deadline):
            held += [
                (f"page {number} item {place}", item)
                for place, item in enumerate(page.items, start=1)
            ]
            full = len(held) - len(held) % most
            for start in range(0, full, most):
                yield RawBatch(stream.name, _frame(held[start : start + most]))
            held = held[full:]
        if held:
            yield RawBatch(stream.name, _frame(held))

    def _pages(
        self,
        where: str,
        read: RestStream,
        bounds: tuple[Bound | None, datetime | None],
        deadline: Deadline,
    ) -> Iterator[tuple[int, Page]]:
        at = self.spec.at
        assert isinstance(at, RestAt)
        number, count, last = read.first_page, 0, b""
        said: int | None = None
        while True:
            ask = http.Request(at, read.path, _parameters(read, number, bounds))
            page = retry.call(
                lambda ask=ask, number=number: _page(  # type: ignore[misc]
                    f"{where} page {number}", ask, read, self.spec.timeout_s, deadline
                ),
                where=where,
                attempts=self.spec.attempts,
                deadline=deadline,
                sleep=self.sleep,
            )
            if page.items and page.mark == last:
                raise SourceError(
                    f"{where}: pages {number - 1} and {number} are the same "
                    f"{len(page.items)} items; the API does not heed "
                    f"{read.page_param}. Mend page_param in the preset's stream"
                )
            if said is not None and page.total != said:
                # Pages shift by what came or went: one item is read twice or never.
                raise TransientError(
                    f"{where}: the list had {said} items and has {page.total} now; it "
                    "changed while it was read. It is read again: kntc sync --failed"
                )
            said = page.total
            count, last = count + len(page.items), page.mark
            if page.items:
                yield number, page
            if _is_last(read, page, count):
                _check_total(where, page, count)
                return
            number += 1


def _parameters(
    read: RestStream, number: int, bounds: tuple[Bound | None, datetime | None]
) -> dict[str, str]:
    given = {read.page_param: str(number)}
    if read.size_param:
        given[read.size_param] = str(read.page_size)
    names = (read.since_param, read.until_param)
    for name, bound in zip(names, bounds, strict=True):
        if name and isinstance(bound, datetime):
            moment = bound.astimezone(UTC).replace(tzinfo=None)
            given[name] = moment.isoformat() + "Z"
    return given


def _is_last(read: RestStream, page: Page, count: int) -> bool:
    if not page.items:
        return True
    if page.total is not None:
        return count >= page.total
    return read.size_param is not None and len(page.items) < read.page_size


def _check_total(where: str, page: Page, count: int) -> None:
    if page.total is not None and count < page.total:
        raise SourceError(
            f"{where}: {count} items came, the API said {page.total}; the list is not "
            "whole. Run kntc sync --failed; if it stays so, ask the API's owner"
        )


def _page(
    where: str,
    ask: http.Request,
    read: RestStream,
    timeout_s: float,
    deadline: Deadline,
) -> Page:
    body = http.get(where, ask, timeout_s, deadline)
    answer = jsontext.parse(where, body)
    if read.error is not None:
        _check_envelope(where, answer, read.error, read.error_ok[0])
    items = jsontext.at(answer, read.items)
    if not isinstance(items, list):
        raise SourceError(
            f"{where}: expected a list at {read.items or 'the top'}, found "
            f"{jsontext.shape(items)} in {jsontext.shape(answer)}; mend items in the "
            "preset's stream or ask the API's owner"
        )
    if items and not any(isinstance(item, dict) for item in items):
        raise SourceError(
            f"{where}: expected objects in the list at {read.items or 'the top'}, "
            f"found {jsontext.shape(items[0])}; mend items in the preset's stream"
        )
    sound = [item for item in items if jsontext.fault(item) is None]
    mark = hashlib.sha256(jsontext.canonical(sound).encode("utf-8", "surrogatepass"))
    return Page(items, mark.digest(), _total(where, answer, read.total))


def _check_envelope(where: str, answer: Json, path: str, ok: str) -> None:
    said = jsontext.at(answer, path)
    if said is jsontext.ABSENT or jsontext.plain(said) == ok:
        return
    if said is None and ok == "":
        return
    raise SourceError(
        f"{where}: the API answered an error: {path} is {jsontext.shape(said)}, "
        f'expected "{ok}". Ask the API\'s owner'
    )


def _total(where: str, answer: Json, path: str | None) -> int | None:
    if path is None:
        return None
    said = jsontext.at(answer, path)
    text = jsontext.plain(said) if isinstance(said, str) else None
    if text is None or not text.isascii() or not text.isdigit():
        raise SourceError(
            f"{where}: expected a whole number at {path}, found "
            f"{jsontext.shape(said)}; mend total in the preset's stream"
        )
    return int(text)


def _frame(items: list[Item]) -> pl.DataFrame:
    """A row an item, in order; what is no object is a rejected row."""
    rejects = [jsontext.fault(item) for _, item in items]
    rows: list[dict[str, Json]] = [
        item if reject is None and isinstance(item, dict) else {}
        for (_, item), reject in zip(items, rejects, strict=True)
    ]
    raws = [
        None if reject is None else json.dumps(item, default=str)
        for (_, item), reject in zip(items, rejects, strict=True)
    ]
    columns = dict.fromkeys(key for row in rows for key in row)
    values = [
        pl.Series(c, [jsontext.plain(row.get(c)) for row in rows], dtype=pl.String)
        for c in columns
    ]
    return pl.DataFrame(
        [
            *values,
            pl.int_range(len(rows), dtype=pl.UInt32, eager=True).alias(ROW),
            pl.Series(LOCATOR, [place for place, _ in items], dtype=pl.String),
            pl.Series(REJECT, rejects, dtype=pl.String),
            pl.Series(RAW, raws, dtype=pl.String),
        ]
    )
