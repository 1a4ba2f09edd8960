"""The day before a night at one installation: who works there, and what they did."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from flows.demo.changing import Change, Kind
from flows.demo.clock import night_on
from flows.demo.faults import Fault
from flows.demo.inventing import Record
from flows.demo.living import Group, Living
from flows.demo.offices import Installation
from flows.demo.people import Inventor

DAY = timedelta(1)


@dataclass(slots=True)
class Eve:
    """One installation's eve: its people, and what they did so far."""

    installation: Installation
    inventor: Inventor
    living: Living
    night: int
    size: int
    changes: list[Change] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)

    @property
    def rng(self) -> Random:
        """The night's own randomness."""
        return self.inventor.rng

    @property
    def day(self) -> date:
        """The day before the night."""
        return night_on(self.night) - DAY

    def at(self, days_before: int = 0) -> datetime:
        """A moment of the office hours of the eve, or of a day before it."""
        seconds = self.rng.randint(8 * 3600, 17 * 3600)
        start = datetime.combine(self.day - days_before * DAY, time())
        return start + timedelta(seconds=seconds)

    def add(self, kind: Kind, record: Record, fault: Fault | None = None) -> None:
        """Note a change; the record is left alone for the rest of the night."""
        self.changes.append(Change(kind, record, fault))
        self.touched.add(record.key)

    def free(self, fits: Callable[[Group], bool] = lambda _: True) -> list[Group]:
        """Living groups that nobody touched tonight."""
        return [
            group
            for group in self.living.groups
            if fits(group) and not any(r.key in self.touched for r in group)
        ]
