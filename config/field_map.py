"""One field of a record mapping: where its value comes from, how its text is read."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

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


class Pad(Strict):
    """Zeros that a number lost: digits of `from` to `to` - 1 places are filled up."""

    to: int = Field(ge=2, le=30)
    # A code of twelve may lose two zeros (001...); one of nine is another kind.
    from_: int | None = Field(default=None, alias="from", ge=1)

    @property
    def least(self) -> int:
        """The fewest digits that are filled up."""
        return self.from_ or max(1, self.to - 2)

    @model_validator(mode="after")
    def _some(self) -> "Pad":
        if self.least >= self.to:
            raise ValueError("pad: from must be smaller than to")
        return self


# A pattern and what it stands for; in TOML a list of two texts.
Pair = tuple[str, str]


def _listed(raw: object) -> object:
    """`12`, `{to = 12}` or a list of them, as a list of tables."""
    several = raw if isinstance(raw, list | tuple) else [raw]
    return [{"to": one} if isinstance(one, int) else one for one in several]


class FieldMap(Strict):
    """Where one field's value comes from, and how its text is read.

    Exactly one of `column`, `columns`, `constant`, `pivot` or `marks` says where from.
    Steps run in the order of the keys below. In TOML a bare string is short for
    `{column = "..."}`.
    """

    column: str | None = None
    columns: tuple[str, ...] = ()
    constant: str | None = None
    pivot: Pivot | None = None
    # Column -> our code, for columns of which the one that holds a mark ("x") counts.
    marks: dict[str, str] = Field(default_factory=dict)
    # With `columns`: join the non-empty ones with `join`, or take the first non-empty.
    join: str | None = None
    # [regular expression, replacement] pairs, one after the other.
    replace: tuple[Pair, ...] = ()
    # Keep group 1 of this regular expression (no match: null, extract_failed).
    extract: str | None = None
    # Cut at this separator; into references, or with `part` keep the n-th (from 0).
    split: str | None = None
    part: int | None = None
    # Fill up digits that lost their leading zeros (zeros_restored).
    pad: Annotated[tuple[Pad, ...], BeforeValidator(_listed)] = ()
    # Source value -> our code; a name of [codes] or a table. Bools: "true", "false".
    # "" as a code: a known value that stands for none of ours (null, no finding).
    # "" as a value: what a blank cell says.
    codes: str | dict[str, str] | None = None
    # [regular expression, code] pairs for what `codes` does not hold: the first that is
    # found decides; or a name of [codes_match].
    codes_match: str | tuple[Pair, ...] = ()
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
            bool(self.marks),
        ]
        if sum(given) != 1:
            raise ValueError(
                "give exactly one of column, columns, constant, pivot, marks"
            )
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
