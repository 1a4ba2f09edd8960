"""A stream of a preset: its filters and checks, and how its rows become records."""

import polars as pl
from pydantic import Field, model_validator

from config import preset_checks, stream_checks
from config.checks import Check
from config.conditions import Condition, RowFilter, Section
from config.field_map import FieldMap, Strict, refuse, with_short_names
from expectations import records

__all__ = [
    *("Check", "Condition", "RecordMap", "RowFilter", "Section", "SplitList"),
    "StreamBase",
]


class SplitList(Strict):
    """A list inside cells: their pieces side by side, under a name for `each`."""

    name: str = Field(pattern=r"^[A-Za-z_]\w*$")
    columns: tuple[str, ...] = Field(min_length=1)
    pattern: str  # regular expression: what stands between two pieces

    @model_validator(mode="after")
    def _cutting(self) -> "SplitList":
        preset_checks.regex_groups(self.pattern)
        if pl.Series([""]).str.contains(self.pattern)[0]:
            raise ValueError(
                f"{self.name}: pattern fits nothing at all: {self.pattern}"
            )
        return self


class RecordMap(Strict):
    """How rows of a stream become records of one type."""

    type: str
    when: Condition | None = None  # None: each row gives one record
    # Path into a nested column: one record for each object that stands there.
    each: str | None = None
    key: tuple[str, ...] = Field(min_length=1)  # several are joined with "|"
    personal_key: bool = False  # the key is itself personal: stored as its token
    cursor: str | None = None  # column with the record's change time
    not_provided: tuple[str, ...] = ()  # what the product cannot give, said once
    fields: dict[str, FieldMap]

    @model_validator(mode="before")
    @classmethod
    def _short_fields(cls, raw: object) -> object:
        return with_short_names(raw, "fields")

    @model_validator(mode="after")
    def _known_fields(self) -> "RecordMap":
        if self.type not in records.BY_NAME:
            known = ", ".join(records.BY_NAME)
            raise ValueError(f'unknown record type "{self.type}" (known: {known})')
        declared = {f.name: f for f in records.BY_NAME[self.type].fields}
        for name in (*self.fields, *self.not_provided):
            if name not in declared:
                raise ValueError(f"{self.type} has no field {name}")
        both = set(self.fields) & set(self.not_provided)
        if both:
            raise ValueError(f"mapped and declared not_provided: {sorted(both)}")
        missing = [
            f.name
            for f in declared.values()
            if f.need is records.Need.MANDATORY
            and f.name not in self.fields
            and f.name not in self.not_provided
        ]
        if missing:
            raise ValueError(
                f"{self.type}: map these mandatory fields or declare them "
                f"not_provided: {', '.join(missing)}"
            )
        return self


class StreamBase(Strict):
    """What a stream of any kind may say."""

    name: str
    nested: tuple[str, ...] = ()  # columns of JSON: an object, or a list of objects
    ignored: tuple[str, ...] = ()  # columns read by nobody, by name
    optional: tuple[str, ...] = ()  # mapped columns that may be absent
    fill_down: tuple[str, ...] = ()  # columns of merged cells
    lists: tuple[SplitList, ...] = ()  # cells that hold several values
    sections: tuple[Section, ...] = ()  # headings among the rows
    filters: tuple[RowFilter, ...] = ()
    checks: tuple[Check, ...] = ()
    cursor: str | None = None  # column with the row's change time
    # Integer columns that only grow, compared in this order: changed since by them.
    version: tuple[str, ...] = ()
    version_overlap: int = Field(default=1000, ge=0)  # versions read again each night
    records: tuple[RecordMap, ...] = Field(min_length=1)

    @property
    def row_filters(self) -> tuple[RowFilter, ...]:
        """The filters, and before them what takes out the headings."""
        return (*(section.filter for section in self.sections), *self.filters)

    @model_validator(mode="after")
    def _consistent(self) -> "StreamBase":
        refuse(stream_checks.stream_faults(self))
        return self
