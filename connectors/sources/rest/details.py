"""A call for each item of a thin list, its answer laid over the item.

One bad document must not cost the others: what is wrong with one detail rejects its
row, and only what speaks of the API or the preset (all are wrong, or several in a row
after all attempts) stops the reading.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from connectors.errors import SourceError
from connectors.sources.base import Deadline
from connectors.sources.rest import jsontext
from connectors.sources.rest.answers import Item, object_of
from connectors.sources.rest.api import Api
from connectors.sources.rest.http import Call, Reply, shown
from connectors.sources.rest.http_status import RefusedError, UnavailableError
from connectors.sources.rest.jsontext import Json
from connectors.sources.rest.letting_in import under
from connectors.sources.rest.spec import Detail, RestStream

NAME = re.compile(r"\{([^{}]+)\}")
# So many at the beginning without one good one: it is the preset or the rights.
FIRST = 10
# One document can make a server fail whenever it is asked for; so many in a row are
# the server's own trouble.
BROKEN_IN_A_ROW = 3


@dataclass(slots=True)
class Details:
    """The detail calls of one stream."""

    api: Api
    where: str
    read: RestStream
    deadline: Deadline
    _good: int = 0
    _bad: int = 0
    _broken: int = 0  # in a row

    def filled(self, place: str, item: Item) -> Item:
        """The item with its detail, or rejected with the reason.

        Raises TransientError, SourceError and DeadlineError as the list's calls do.
        """
        detail, value = self.read.detail, item.value
        if detail is None or item.reject is not None or not isinstance(value, dict):
            return item
        fault = address_fault(detail, value)
        found = fault or self._asked(f"{self.where} {place}", detail, value)
        if isinstance(found, str):
            self._count_bad(found)
            return replace(item, reject=found)
        self._good += 1
        return replace(item, value={**value, **found})

    def _asked(
        self, where: str, detail: Detail, value: Mapping[str, Json]
    ) -> Mapping[str, Json] | str:
        """The detail's object, or why there is none."""
        base = self.api.at.base_url
        # A message names the template: what stands in the path may name a person.
        call = Call(
            under(base, address(detail, value)), name=shown(under(base, detail.path))
        )
        try:
            found = self.api.call(where, call, self._judged, self.deadline)
        except RefusedError as refusal:
            if refusal.status == 401:
                raise
            found = f"its detail was refused: HTTP {refusal.status}"
        except UnavailableError as fault:
            self._broken += 1
            if fault.status != 500 or self._broken >= BROKEN_IN_A_ROW:
                raise
            return f"its detail failed: HTTP 500, {self.api.spec.attempts} times"
        self._broken = 0
        return found

    def _judged(self, reply: Reply) -> Mapping[str, Json] | str:
        assert self.read.detail is not None
        try:
            found = object_of("its detail", reply, self.read, self.read.detail.item)
        except SourceError as fault:
            return str(fault)
        if (reject := jsontext.fault(found)) is not None:
            return f"its detail is no object to read: {reject}"
        assert isinstance(found, dict)
        return found

    def _count_bad(self, reason: str) -> None:
        self._bad += 1
        if self._good == 0 and self._bad == FIRST:
            raise SourceError(
                f"{self.where}: none of the first {FIRST} details could be read; the "
                f"last: {reason}. Mend detail in the preset's stream or ask the API's "
                "owner for the right to read them"
            )


def address_fault(detail: Detail, value: Mapping[str, Json]) -> str | None:
    """Why an item's detail cannot be asked for, or None."""
    for name in NAME.findall(detail.path):
        part = jsontext.at(value, name)
        # Dots alone would be taken as steps up to another address.
        is_scalar = isinstance(part, str | bool)
        if not is_scalar or str(part).strip() in ("", ".", ".."):
            return f"its detail cannot be asked for: {name} is {jsontext.shape(part)}"
    return None


def address(detail: Detail, value: Mapping[str, Json]) -> str:
    """The path of an item's detail, whatever its values hold."""

    def part(found: re.Match[str]) -> str:
        text = jsontext.plain(jsontext.at(value, found[1])) or ""
        return quote(text, safe="")

    return NAME.sub(part, detail.path)
