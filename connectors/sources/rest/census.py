"""Whether a list was read whole although it moved while it was read.

Nobody stops a busy API for us. By page or by offset, a record that leaves its place
(deleted, or changed and sorted to the end) moves all after it one place forward, and
the one that crosses the edge between a page we have and a page we have not is never
seen. A list that only grows shifts the other way: a row comes twice, which content
hashes recognise downstream. So of all drift only loss matters, and it shows:

- the total shrank between two pages: something left;
- fewer different rows came than rows came, or than the total says: one came twice
  (it moved) or one is missing.

After either the list is read again from the start, and only rows are given that were
not given yet. What did not change meanwhile and was hidden by one shift would have to
be hidden by another one at the same edge to be missed again. What did change has a
change time of tonight and comes with the next night's overlap. The readings end when
one shows no sign, or brings nothing new, or at the last of MOST_READINGS: then it is
enough that as many different rows came as the API says it has. A list that moves on
each page is therefore read, where an error would fail its office every night.

One thing leaves no sign: a deletion and an insertion between the same two calls. The
next night's overlap and the next full reading bring what it hid. A preset that can
choose should page by cursor, where nothing shifts.

Cursors and links do not shift; there only a total that is not reached is a sign.

Sources that hold a row twice show a sign each night and cost a second reading, which
brings nothing new and settles it. Memory: 16 bytes a row; after a sign, some 200.
"""

from array import array
from dataclasses import dataclass, field

import polars as pl

from connectors.errors import SourceError, TransientError
from connectors.sources.rest.answers import Item, Page
from connectors.sources.rest.paging import Walk

MOST_READINGS = 4


@dataclass(slots=True)
class Census:
    """The rows that came, over all readings of one list."""

    where: str
    shifts: bool  # page and offset paging
    reading: int = 1
    _contents: "array[int]" = field(default_factory=lambda: array("Q"), repr=False)
    _given: set[int] = field(default_factory=set, repr=False)
    _all: set[int] = field(default_factory=set, repr=False)
    _identities: "array[int]" = field(default_factory=lambda: array("Q"), repr=False)
    _totals: list[int] = field(default_factory=list, repr=False)
    _pages: int = 0
    _new: int = 0

    def unseen(self, page: Page) -> list[tuple[int, Item]]:
        """The page's items that no earlier reading gave, with their places from 1."""
        self._pages += bool(page.items)
        if page.total is not None:
            self._totals.append(page.total)
        self._identities.extend(item.identity for item in page.items)
        if self.reading == 1:
            self._contents.extend(item.content for item in page.items)
            return list(enumerate(page.items, start=1))
        # A row twice in one reading is given twice, as a first reading would.
        fresh = [
            (place, item)
            for place, item in enumerate(page.items, start=1)
            if item.content not in self._given
        ]
        self._given.update(item.content for _, item in fresh)
        self._new += len(fresh)
        return fresh

    def is_settled(self, walk: Walk) -> bool:
        """Whether the list was read whole; False: read it again.

        Raises SourceError when rows are missing that no reading brings, and
        TransientError when the list moved too much even for the last reading.
        """
        lowest = min(self._totals, default=0)
        is_short = walk.rows < (walk.total or 0 if self.shifts else lowest)
        if not is_short and not self._has_moved(walk):
            return True
        self._all.update(self._identities)
        if self.reading > 1 and self._new == 0:
            if is_short:
                raise SourceError(self._not_whole(walk))
            return True
        if self.reading == MOST_READINGS:
            if len(self._all) < lowest:
                raise TransientError(
                    f"{self.where}: the list changed under each of {self.reading} "
                    "readings and rows are still missing. Read it when it is quieter: "
                    "kntc sync --failed"
                )
            return True
        self._begin_again()
        return False

    def _has_moved(self, walk: Walk) -> bool:
        if not self.shifts or self._pages < 2:
            return False
        pairs = zip(self._totals, self._totals[1:], strict=False)
        different = pl.Series("", self._identities, dtype=pl.UInt64).n_unique()
        return any(b < a for a, b in pairs) or different < max(
            walk.rows, walk.total or 0
        )

    def _begin_again(self) -> None:
        self._given.update(self._contents)
        self._contents, self._identities = array("Q"), array("Q")
        self._totals.clear()
        self._pages, self._new = 0, 0
        self.reading += 1

    def _not_whole(self, walk: Walk) -> str:
        return (
            f"{self.where}: {walk.rows} items came, the API said {walk.total}; the "
            "list is not whole. Run kntc sync --failed; if it stays so, ask the API's "
            "owner, or mend total in the preset's stream"
        )
