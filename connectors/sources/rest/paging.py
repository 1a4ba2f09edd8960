"""How one page of a list leads to the next, and how the last one is known.

One rule for all kinds: a list ends where the API says so, never where we guess. So

- page, offset: at an empty page; or when the total is reached by a page that is not
  full. A short page without a total is no end: servers cap the page size, or filter
  after paging. A total reached by a full page is asked about once more: there are APIs
  that count to 10,000 and stop.
- cursor, link: when the next one is not given. An empty page in between is no end.
- none: at once.

Some servers refuse a page beyond the last (404) or give the last one again: `Walk`
says when that may be the end. A cache on the way may give a page again in place of the
next; so, without a total, the page after must be the same once more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from connectors.errors import SourceError
from connectors.sources.rest import jsontext
from connectors.sources.rest.answers import Page
from connectors.sources.rest.http import shown
from connectors.sources.rest.spec import RestStream

# How servers refuse a page that is not there.
BEYOND = {400, 404, 410, 416, 422}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page is asked for: parameters, or a whole address that was given."""

    number: int  # in messages and locators; of page paging the page's own
    parameters: Mapping[str, object] = field(repr=False)
    url: str | None = field(default=None, repr=False)


@dataclass(slots=True)
class Walk:
    """One way through the list, from its first page to its last."""

    where: str
    read: RestStream
    url: str = field(repr=False)  # of the list
    rows: int = 0
    total: int | None = None  # as last said
    _longest: int = 0
    _pages: int = 0
    _marks: dict[bytes, int] = field(default_factory=dict, repr=False)
    _cursors: set[str] = field(default_factory=set, repr=False)
    _doubted: int | None = None  # the page that came again: the last, if it does so

    def first(self) -> Place:
        """Where it begins."""
        read = self.read
        match read.paging:
            case "page":
                return self._numbered(read.first_page)
            case "offset":
                return self._offset(1)
            case "none":
                return Place(1, {})
            case _:
                return Place(1, self._size())

    def after(self, place: Place, page: Page) -> Place | None:
        """Where it goes on after a page, None at the end; SourceError in a loop."""
        before = self._marks.get(page.mark) if page.items else None
        if self._doubted is not None:
            if before != self._doubted:
                raise self._stale(self._doubted)
            return None
        if before is not None and self._is_last_again(before, place):
            if self.total is not None:
                return None
            self._doubted = before
            return self._beyond(place, page)
        self.total = self.total if page.total is None else page.total
        self.rows += len(page.items)
        self._pages += 1
        if before is not None:
            raise SourceError(self._loop(before, place, len(page.items)))
        self._marks[page.mark] = place.number
        ends = self._ends(page)
        self._longest = max(self._longest, len(page.items))
        return None if ends else self._next(place, page)

    def is_again(self, page: Page) -> bool:
        """True for a page that was read before on this way."""
        return bool(page.items) and page.mark in self._marks

    def may_end_at(self, status: int) -> bool:
        """True when a page refused so may be one beyond the last.

        The caller makes sure that the page before it is still given: a gateway that
        lost the API refuses everything. Raises SourceError behind a page that came
        again: an API that refuses those beyond the last does not give it again.
        """
        if self._doubted is not None and status in BEYOND:
            raise self._stale(self._doubted)
        is_numbered = self.read.paging in ("page", "offset")
        is_whole = self.total is None or self.rows >= self.total
        return is_numbered and status in BEYOND and self._pages > 0 and is_whole

    def _is_last_again(self, before: int, place: Place) -> bool:
        """True when the page before came again because there is none beyond it.

        The second page equal to a full first one tells nothing: that API may not heed
        the parameter at all.
        """
        if self.read.paging not in ("page", "offset") or before != place.number - 1:
            return False
        if self.total is not None:
            return self.rows >= self.total
        full = self.read.page_size if self.read.size_param else self._longest
        is_short = self.rows < self._pages * full
        return is_short or self._pages > 1

    def _beyond(self, place: Place, page: Page) -> Place:
        number = place.number + 1
        if self.read.paging == "page":
            return self._numbered(number)
        return self._offset(number, len(page.items))

    def _stale(self, before: int) -> SourceError:
        return SourceError(
            f"{self.where}: pages {before} and {before + 1} are the same, and page "
            f"{before + 2} is not: a cache on the way answers for the API, and rows "
            "are missing. Ask the API's owner, or for a total in the answer"
        )

    def _ends(self, page: Page) -> bool:
        if self.read.paging == "none":
            return True
        if self.read.paging in ("cursor", "link"):
            return False
        if not page.items:
            return True
        if self.total is None or self.rows < self.total:
            return False
        full = max(self._longest, self.read.page_size if self.read.size_param else 0)
        return len(page.items) < full

    def _next(self, place: Place, page: Page) -> Place | None:
        number = place.number + 1
        match self.read.paging:
            case "page":
                return self._numbered(number)
            case "offset":
                return self._offset(number)
            case "link":
                target = page.links.get("next", "")
                return self._given(number, place, target) if target else None
            case _:
                return self._by_cursor(number, place, page)

    def _by_cursor(self, number: int, place: Place, page: Page) -> Place | None:
        said = page.next
        if said is jsontext.ABSENT or said is None or said is False or said == "":
            return None
        if not isinstance(said, str):
            raise SourceError(
                f"{self.where}: expected a cursor at {self.read.next}, found "
                f"{jsontext.shape(said)}; mend next in the preset's stream"
            )
        target = str(said)
        own = urlsplit(self.url).path
        if target.startswith(("http://", "https://", "?")) or (
            target.partition("?")[0] == own and target.startswith("/")
        ):
            return self._given(number, place, target)
        self._refuse_again(target)
        return Place(number, {**self._size(), self.read.cursor_param: target})

    def _given(self, number: int, place: Place, target: str) -> Place:
        """The place of an address that the API gave, on its own host only.

        Our secrets go to where the office file says, never to where an answer says.
        """
        address = urljoin(place.url or self.url, target)
        if _origin(address) != _origin(self.url):
            raise SourceError(
                f"{self.where}: the next page is said to stand at another address "
                f"({urlsplit(address).scheme}://{shown(address)}), which is not "
                "followed; give base_url as the API itself writes it, or mend next"
            )
        self._refuse_again(address)
        return Place(number, {}, address)

    def _refuse_again(self, target: str) -> None:
        if target in self._cursors:
            raise SourceError(
                f"{self.where}: after page {self._pages} the API gives a cursor that "
                "it gave before; the list would never end. Mend next in the preset's "
                "stream or ask the API's owner"
            )
        self._cursors.add(target)

    def _loop(self, before: int, place: Place, items: int) -> str:
        names = {"page": self.read.page_param, "offset": self.read.offset_param}
        name = names.get(self.read.paging, self.read.cursor_param)
        key = name if self.read.paging in names else "the cursor"
        return (
            f"{self.where}: pages {before} and {place.number} are the same {items} "
            f"items; the API does not heed {key}. Mend "
            f"{self.read.paging}_param in the preset's stream, or its paging"
        )

    def _numbered(self, number: int) -> Place:
        return Place(number, {self.read.page_param: number, **self._size()})

    def _offset(self, number: int, beyond: int = 0) -> Place:
        # By what came, not by page_size: a server may give fewer than asked.
        at = self.read.first_offset + self.rows + beyond
        return Place(number, {self.read.offset_param: at, **self._size()})

    def _size(self) -> dict[str, object]:
        read = self.read
        return {read.size_param: read.page_size} if read.size_param else {}


def _origin(address: str) -> tuple[str, str | None, int | None, bool]:
    parts = urlsplit(address)
    try:
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        port = None
    # What stands before an @ would be sent as a user of its own.
    return parts.scheme, parts.hostname, port, "@" in parts.netloc
