"""One field of a record mapping: where its value comes from, how its text is read."""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from config import preset_checks


class Strict(BaseModel):
    """A table of the TOML file: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Pivot(Strict):
    """A list of items out of columns: one item for each of them that is not blank.

    The item field `key` takes the column's name, the item field `value` its cell.
    """

    key: str
    value: str
    columns: tuple[str, ...] = Field(min_length=1)


class FieldMap(Strict):
    """Where one field's value comes from, and how its text is read.

    Exactly one of `column`, `columns`, `constant` or `pivot` says where from. Steps run
    in the order of the keys below. In TOML a bare string is short for
    `{column = "..."}`.
    """

    column: str | None = None
    columns: tuple[str, ...] = ()
    constant: str | None = None
    pivot: Pivot | None = None
    # With `columns`: join the non-empty ones with `join`, or take the first non-empty.
    join: str | None = None
    # Keep group 1 of this regular expression (no match: null, extract_failed).
    extract: str | None = None
    # Cut at this separator; into references, or with `part` keep the n-th (from 0).
    split: str | None = None
    part: int | None = None
    # Source value -> our code; a name of [codes] or a table. Bools: "true", "false".
    # "" says: a known value that stands for none of our codes (null, no finding).
    codes: str | dict[str, str] | None = None
    # strptime formats, tried in order; default: the preset's date_formats.
    formats: tuple[str, ...] = ()
    # Multiply a number: 1000000 when the source counts in triệu đồng.
    scale: int | None = None
    # The sign before the fraction. Not given: both signs group thousands, and only a
    # fraction that cannot be a group of three digits is read as one.
    decimal: Literal[",", "."] | None = None
    # Nested list: our item field -> source key, for columns holding a JSON list.
    items: dict[str, "FieldMap"] = Field(default_factory=dict)
    # Reference: the record type it points to; default the field's only one.
    refers_to: str | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> "FieldMap":
        given = [
            bool(self.column),
            bool(self.columns),
            self.constant is not None,
            self.pivot is not None,
        ]
        if sum(given) != 1:
            raise ValueError("give exactly one of column, columns, constant, pivot")
        refuse(preset_checks.pattern_faults(self))
        return self

    @model_validator(mode="before")
    @classmethod
    def _short_items(cls, raw: object) -> object:
        return with_short_names(raw, "items")


def refuse(faults: Iterable[str]) -> None:
    """Raise ValueError with all faults, if there is one."""
    found = list(faults)
    if found:
        raise ValueError("; ".join(found))


def with_short_names(raw: object, key: str) -> object:
    """The table with each bare string under `key` written out as a column."""
    if not isinstance(raw, dict) or not isinstance(raw.get(key), dict):
        return raw
    return raw | {key: {name: _short(value) for name, value in raw[key].items()}}


def _short(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value
