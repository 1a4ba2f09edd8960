"""What one installation has gathered: its records, and which may be named by others."""

from dataclasses import dataclass, field
from datetime import date

from flows.demo.clock import MERGED_ON
from flows.demo.inventing import Record, Values, changed_at, link, new_key
from flows.demo.people import Inventor, Spot

# No matter comes to more records.
MOST_PER_MATTER = 10


@dataclass(slots=True)
class Archive:
    """What one installation has gathered so far.

    `former` is an area whose records of the time before the merger bear another code:
    they came from that province's closed system.
    """

    inventor: Inventor
    code: str
    product: str
    former: tuple[str, str] = ("", "")
    quota: int = 0  # how many records it will have
    records: list[Record] = field(default_factory=list)
    firsts: list[int] = field(default_factory=list)  # decided first complaints
    heads: list[int] = field(default_factory=list)  # receptions by the head

    def code_at(self, spot: Spot, on: date) -> str:
        """What the keys of records from there begin with."""
        area, code = self.former
        return code if spot.area.code == area and on < MERGED_ON else self.code

    def add(
        self, type_: str, spot: Spot, on: date, values: Values, is_linked: bool = False
    ) -> Record:
        """File the values under the next key of the year."""
        key = new_key(self.inventor, self.code_at(spot, on), type_, on.year)
        at = changed_at(self.inventor.rng, values, on)
        made = Record(type_, key, values, at, is_linked)
        self.records.append(made)
        return made


def place_of(archive: Archive, made: Record) -> int:
    """Where a record that was just filed stands."""
    end = len(archive.records)
    places = range(end - 1, max(-1, end - 2 * MOST_PER_MATTER), -1)
    return next(i for i in places if archive.records[i].key == made.key)


def link_last(archive: Archive, made: Record) -> None:
    """Mark a record that was just filed as one that others point to."""
    place = place_of(archive, made)
    archive.records[place] = link(archive.records[place])
