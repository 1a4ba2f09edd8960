"""Computed checks of a stream: what the cells of one row must agree in."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, model_validator

from config import preset_checks
from config.conditions import Condition
from config.field_map import Strict, refuse
from config.formats import date_faults

ReadAs = Literal["text", "date", "number"]
Kind = Literal["sum", "same", "ordered", "matches"]
# What each kind of check compares, when it does not say.
_READS: dict[Kind, ReadAs] = {
    "sum": "number",
    "same": "text",
    "ordered": "date",
    "matches": "text",
}


class Check(Strict):
    """What a row's cells must agree in; a row that breaks it is reported, no more."""

    name: str = Field(pattern=r"^[a-z0-9_]{1,40}$")
    when: Condition | None = None
    # Numbers whose sum another column, `equals`, holds.
    sum: tuple[str, ...] = ()
    equals: str | None = None
    # Columns that hold the same; columns none of which is greater than the next.
    same: tuple[str, ...] = ()
    ordered: tuple[str, ...] = ()
    # A column in which a regular expression is found.
    column: str | None = None
    matches: str | None = None
    read_as: ReadAs | None = None
    formats: tuple[str, ...] = ()
    decimal: Literal[",", "."] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Each column it reads."""
        named = (self.equals, self.column)
        whens = self.when.columns if self.when else ()
        lists = (*self.sum, *self.same, *self.ordered)
        return (*lists, *(name for name in named if name), *whens)

    @model_validator(mode="after")
    def _fitting(self) -> "Check":
        refuse(self._faults())
        return self

    @property
    def kind(self) -> Kind:
        """Which of the four checks it is."""
        if self.same:
            return "same"
        if self.ordered:
            return "ordered"
        return "matches" if self.matches is not None else "sum"

    @property
    def reads(self) -> ReadAs:
        """What its cells are compared as."""
        return self.read_as or _READS[self.kind]

    def _faults(self) -> Iterator[str]:
        given = [self.sum, self.same, self.ordered, self.matches is not None]
        if sum(map(bool, given)) != 1:
            yield f"check {self.name}: give exactly one of sum, same, ordered, matches"
            return
        if bool(self.sum) != (self.equals is not None):
            yield f"check {self.name}: sum needs equals, the column of the total"
        if (self.column is not None) != (self.matches is not None):
            yield f"check {self.name}: matches needs column, the one it looks at"
        if 1 in (len(self.same), len(self.ordered)):
            yield f"check {self.name}: give two columns or more"
        wrong = {
            "sum": ("number",),
            "matches": ("text",),
            "ordered": ("date", "number"),
        }
        if self.reads not in wrong.get(self.kind, (self.reads,)):
            yield f"check {self.name}: {self.kind} cannot compare {self.reads}s"
        if self.formats and self.reads != "date":
            yield f"check {self.name}: formats fit dates only"
        if self.decimal and self.reads != "number":
            yield f"check {self.name}: decimal fits numbers only"
        if self.matches is not None:
            preset_checks.regex_groups(self.matches)
        yield from date_faults(self.formats)
