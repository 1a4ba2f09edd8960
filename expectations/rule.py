"""What a rule is: one check that the law asks of one record, as a declaration.

Great Expectations is named here, never imported: gx_expectations.py builds it, so that
whoever only reads RULES does not pay seconds for the import.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from expectations.records import BY_NAME

# What a JSON-like argument of an expectation may be.
Value = str | int | bool | date | tuple[str, ...] | tuple[bool, ...]

# Stands in an argument for the date that check() is given.
TODAY = "{today}"
PRESENT = "ExpectColumnValuesToNotBeNull"


@dataclass(frozen=True, slots=True)
class Where:
    """The rows a rule speaks of; a null satisfies only `null`."""

    column: str
    op: Literal["==", "in", ">=", "<", "null", "not null"]
    value: Value = ""


@dataclass(frozen=True, slots=True)
class Expect:
    """A Great Expectations class, or a function of predicates.py, and its arguments.

    `columns` are those it reads, in the order it wants them.
    """

    name: str
    columns: tuple[str, ...]
    arguments: Mapping[str, Value] = field(default_factory=dict)

    @property
    def is_built_in(self) -> bool:
        """True when Great Expectations itself ships it."""
        return self.name.startswith("Expect")

    def arguments_on(self, today: date) -> dict[str, object]:
        """The arguments as JSON can hold them, which the engine asks for."""
        return {name: _plain(value, today) for name, value in self.arguments.items()}


def _plain(value: Value, today: date) -> object:
    if value == TODAY:
        return today.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `id` is its number in the domain sheet.

    `weight` is the law's (E breach of a duty, W a doubt), `action` is ours (promise
    P6). `broken_by` are the changes that make the valid record break it, and `also`
    the other rules that they break.
    """

    id: str
    record_type: str
    expectation: Expect
    weight: Literal["E", "W"]
    because: str
    certainty: str
    message_vi: str
    broken_by: Mapping[str, object]
    when: tuple[Where, ...] = ()
    action: Literal["publish", "quarantine"] = "publish"
    valid_from: date | None = None
    valid_to: date | None = None
    # The rule runs on those of its columns that are provided, when each of these
    # groups has at least `at_least` of them; a column in no group is read in any case,
    # null where it is not provided. Empty: the rule needs all its columns.
    groups: tuple[tuple[str, ...], ...] = ()
    at_least: int = 1
    # The fault is that something is missing: silent when normalise already said why.
    is_presence: bool = False
    # Promise P6 has no exception for what a source does not provide.
    is_always_run: bool = False
    # The link that it looks along (Reference.name): its columns are those of the link
    # frame, and a breach is a finding that closes when the parent mends it.
    through: str = ""
    # With `through`: what its findings say instead of a value's shape.
    shape: str = ""
    also: frozenset[str] = frozenset()

    @property
    def frame(self) -> str:
        """Which frame it reads: the record type's, or a link frame's name."""
        return self.through or self.record_type

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns it reads, the blamed one first."""
        conditions = tuple(where.column for where in self.conditions)
        return tuple(dict.fromkeys((*self.expectation.columns, *conditions)))

    @property
    def conditions(self) -> tuple[Where, ...]:
        """`when` and, on the event date, the time in which the rule is law (P10)."""
        event = BY_NAME[self.record_type].event_date
        if event is None:
            return self.when
        dated = self.when
        if self.valid_from:
            dated += (Where(event, ">=", self.valid_from.isoformat()),)
        if self.valid_to:
            dated += (Where(event, "<", self.valid_to.isoformat()),)
        return dated

    @property
    def quarantines(self) -> bool:
        """True when a breach withholds the record."""
        return self.action == "quarantine"

    def columns_given(self, provided: frozenset[str]) -> tuple[str, ...]:
        """The columns its expectation reads, or none when the rule cannot run."""
        wanted = self.expectation.columns
        if self.is_always_run:
            return wanted
        if self.groups:
            optional = {c for group in self.groups for c in group}
            given = tuple(c for c in wanted if c in provided or c not in optional)
            enough = (
                sum(c in provided for c in group) >= self.at_least
                for group in self.groups
            )
            return given if all(enough) else ()
        return wanted if provided.issuperset(self.fields) else ()
