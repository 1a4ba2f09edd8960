"""A paged JSON list over HTTP: page after page, gathered into batches."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

import polars as pl

from connectors.sources.base import (
    Bound,
    Deadline,
    RawBatch,
    RestStream,
    SourceSpec,
    Stream,
)
from connectors.sources.rest import jsontext
from connectors.sources.rest.answers import Item, Page, page_of
from connectors.sources.rest.api import Api
from connectors.sources.rest.bounds import bounds_sent
from connectors.sources.rest.calls import list_call, list_url
from connectors.sources.rest.census import Census
from connectors.sources.rest.details import Details
from connectors.sources.rest.http_status import RefusedError
from connectors.sources.rest.jsontext import Json
from connectors.sources.rest.paging import Place, Walk
from expectations.frames import LOCATOR, RAW, REJECT, ROW

Located: TypeAlias = tuple[str, Item]  # where it stands, what stands there


@dataclass(frozen=True, slots=True)
class RestSource:
    """Reads one API; TLS is always verified."""

    spec: SourceSpec
    sleep: Callable[[float], None] = time.sleep
    _api: Api = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # One for all streams: they share token, connection and rate limit.
        object.__setattr__(self, "_api", Api(self.spec, self.sleep))

    def extract(
        self,
        stream: Stream,
        since: Bound | None,
        until: datetime | None,
        deadline: Deadline,
    ) -> Iterator[RawBatch]:
        """See `Source.extract`; each call is tried again by itself.

        A batch's columns are the keys of its items, in the order they first stood.
        """
        read = stream.read
        assert isinstance(read, RestStream)
        where = f"{self.spec.province}: {stream.name}"
        listing = _Listing(
            self._api, where, read, bounds_sent(read, since, until), deadline
        )
        details = Details(self._api, where, read, deadline)
        most, held = self.spec.batch_rows, list[Located]()
        for page in listing.pages():
            for place, item in page:
                held.append((place, details.filled(place, item)))
                if len(held) == most:
                    yield RawBatch(stream.name, _frame(held))
                    deadline.check(where)
                    held = []
        if held:
            yield RawBatch(stream.name, _frame(held))


@dataclass(frozen=True, slots=True)
class _Listing:
    """One list being read, as often as it takes to have it whole."""

    api: Api
    where: str
    read: RestStream
    bounds: Mapping[str, object] = field(repr=False)
    deadline: Deadline

    def pages(self) -> Iterator[list[Located]]:
        """The items of page after page, with where each stands."""
        census = Census(self.where, self.read.paging in ("page", "offset"))
        while True:
            walk = Walk(
                self.where, self.read, list_url(self.api.at.base_url, self.read)
            )
            for number, page in self._walked(walk):
                again = f"reading {census.reading} " if census.reading > 1 else ""
                fresh = [
                    (f"{again}page {number} item {place}", item)
                    for place, item in census.unseen(page)
                ]
                if fresh:
                    yield fresh
            if census.is_settled(walk):
                return

    def _walked(self, walk: Walk) -> Iterator[tuple[int, Page]]:
        place: Place | None = walk.first()
        before: Place | None = None
        while place is not None:
            try:
                page = self._page(place, is_first=before is None)
            except RefusedError as refusal:
                if before is None or not walk.may_end_at(refusal.status):
                    raise
                # A gateway that lost the API refuses the page before as well.
                self._page(before, is_first=False)
                return
            is_again = walk.is_again(page)
            following = walk.after(place, page)
            if not is_again:
                yield place.number, page
            before, place = place, following

    def _page(self, place: Place, *, is_first: bool) -> Page:
        where = f"{self.where} page {place.number}"
        call = list_call(self.api.at.base_url, self.read, place, self.bounds)
        return self.api.call(
            where,
            call,
            lambda reply: page_of(where, reply, self.read, first=is_first),
            self.deadline,
        )


def _frame(items: list[Located]) -> pl.DataFrame:
    """A row an item, in order; what is no object is a rejected row."""
    rows: list[Mapping[str, Json]] = [
        item.value if item.reject is None and isinstance(item.value, dict) else {}
        for _, item in items
    ]
    raws = [
        None if item.reject is None else json.dumps(item.value, default=str)
        for _, item in items
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
            pl.Series(REJECT, [item.reject for _, item in items], dtype=pl.String),
            pl.Series(RAW, raws, dtype=pl.String),
        ]
    )
