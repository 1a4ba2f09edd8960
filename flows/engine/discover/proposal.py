"""What is proposed: a preset in parts, each with its confidence and reason."""

from dataclasses import dataclass, field

from flows.engine.discover.coding import CodeMap
from flows.engine.discover.keys import KeyChoice

Toml = str | int | float | bool | list["Toml"] | dict[str, "Toml"]


@dataclass(frozen=True, slots=True)
class Line:
    """A key of the TOML with what is said beside it."""

    value: Toml
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """What became of a column; `proposed` is a field, a role, or "?" for undecided."""

    column: str
    proposed: str
    confidence: float
    why: str


@dataclass(frozen=True, slots=True)
class Codes:
    """A code map to be: known values, and those that a person must decide."""

    found: CodeMap
    of: str  # the fields it is for


@dataclass(frozen=True, slots=True)
class Filter:
    """Rows that are no records."""

    reason: str
    when: dict[str, Toml]
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """A record mapping that holds for some rows: the tick that chooses it."""

    when: dict[str, Toml] | None = None
    fields: dict[str, Line] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A whole preset, and what the person is told of it."""

    preset: dict[str, Line]
    codes: dict[str, Codes]
    stream: dict[str, Line]
    filters: list[Filter]
    record_type: str
    key: KeyChoice
    fields: dict[str, Line]
    variants: list[Variant]
    not_provided: list[tuple[str, str]]
    columns: list[ColumnLine]
    notes: list[str]
    record: dict[str, Line] = field(default_factory=dict)  # each, cursor
    more: list["Proposal"] = field(default_factory=list)  # objects inside the rows
