"""Conditions on a row's cells, and the filters that set rows aside by them."""

from pydantic import model_validator

from config import preset_checks
from config.field_map import Strict


class Condition(Strict):
    """True for a row when the column's trimmed text is one of the values (or none)."""

    column: str
    equals: tuple[str, ...] = ()
    not_equals: tuple[str, ...] = ()
    is_blank: bool | None = None
    matches: str | None = None  # regular expression, anywhere in the text
    also: "Condition | None" = None  # must hold too

    @property
    def columns(self) -> tuple[str, ...]:
        """Its column, and those of what must hold too."""
        return (self.column, *(self.also.columns if self.also else ()))

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts it compares its columns with."""
        return (*self.equals, *self.not_equals, *(self.also.texts if self.also else ()))

    @model_validator(mode="after")
    def _one_test(self) -> "Condition":
        given = [
            bool(self.equals),
            bool(self.not_equals),
            self.is_blank is not None,
            self.matches is not None,
        ]
        if sum(given) != 1:
            raise ValueError(
                "give exactly one of equals, not_equals, is_blank, matches"
            )
        if self.matches is not None:
            preset_checks.regex_groups(self.matches)
        return self


class RowFilter(Strict):
    """Rows that are no records of ours; counted with the reason, never silent."""

    reason: str
    when: Condition


class Section(Strict):
    """Headings among the rows (`II. TỐ CÁO`), which speak for the rows below them.

    A row whose cell fits is a heading and no record; group 1 of the pattern stands in
    the column `name` of the rows down to the next heading of its file or sheet.
    """

    name: str
    column: str
    pattern: str
    reason: str

    @model_validator(mode="after")
    def _one_group(self) -> "Section":
        if preset_checks.regex_groups(self.pattern) != 1:
            raise ValueError(f"{self.name}: pattern: expected one group in parentheses")
        return self

    @property
    def filter(self) -> RowFilter:
        """What takes the headings out."""
        when = Condition(column=self.column, matches=self.pattern)
        return RowFilter(reason=self.reason, when=when)
