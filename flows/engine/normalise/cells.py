"""A batch's cleaned columns under the preset's names, and which columns drifted."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from config.columns import used_columns
from config.preset import StreamMap
from expectations.frames import LOCATOR, ROW
from flows.engine.normalise.text import Cleaned, clean_all


@dataclass(frozen=True, slots=True)
class Drift:
    """How a source's columns differ from its preset."""

    missing: tuple[str, ...]  # mapped, not optional, absent
    unknown: tuple[str, ...]  # neither mapped, nor ignored by name


@dataclass(slots=True)
class Carry:
    """What stood last above, by column: the only state between batches."""

    above: dict[str, str | None]
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Cells:
    """Rows with their place (ROW, LOCATOR) and cleaned columns of equal length."""

    place: pl.DataFrame
    columns: dict[str, Cleaned]

    def __len__(self) -> int:
        return self.place.height

    def text(self, name: str) -> pl.Series:
        """One column's text."""
        return self.columns[name].text

    def rows(self, mask: pl.Series) -> "Cells":
        """The marked rows only."""
        if mask.all():
            return self
        kept = mask.arg_true()
        columns = {name: gathered(c, kept) for name, c in self.columns.items()}
        return Cells(self.place[kept], columns)


def read_cells(
    raw: pl.DataFrame, names: Sequence[str], null_tokens: pl.Series
) -> Cells:
    """The columns of those names, cleaned; an absent one is all null."""
    found = match(raw.columns, names)
    nothing = pl.repeat(None, raw.height, dtype=pl.String(), eager=True)
    cleaned = clean_all(raw.select(list(dict.fromkeys(found.values()))), null_tokens)
    columns = {
        name: cleaned[found[name]] if name in found else Cleaned(nothing)
        for name in names
    }
    return Cells(raw.select(ROW, LOCATOR), columns)


def fill_down(cells: Cells, carry: Carry) -> Cells:
    """Merged cells filled from above; the carry is moved on to the last row.

    A merged cell ends with its sheet: another file or sheet starts without a carry.
    """
    if not len(cells) or not carry.above:
        return cells
    first, last = (_sheet(cells.place[LOCATOR][n]) for n in (0, -1))
    if first != carry.sheet:
        carry.above = dict.fromkeys(carry.above)
    filled = dict(cells.columns)
    for name, above in carry.above.items():
        text = pl.Series([above], dtype=pl.String).append(cells.text(name))
        text = text.forward_fill()
        carry.above[name] = text[-1]
        filled[name] = replace(filled[name], text=text.slice(1))
    carry.sheet = last
    return replace(cells, columns=filled)


def _sheet(locator: str | None) -> str:
    """A locator without the row number it ends with."""
    return (locator or "").rstrip("0123456789")


def drift(stream: StreamMap, columns: Sequence[str]) -> Drift:
    """What the columns of a source lack and have too many, by the preset's stream."""
    used = used_columns(stream)
    theirs = [name for name in columns if not name.startswith("kntc:")]
    found = match(theirs, [*used, *stream.ignored])
    absent = (n for n in used if n not in found and n not in stream.optional)
    known = set(found.values())
    return Drift(tuple(absent), tuple(n for n in theirs if n not in known))


def match(columns: Sequence[str], names: Iterable[str]) -> dict[str, str]:
    """Preset name -> column: the exact one, else the only one that reads the same.

    Headers typed by hand differ in blanks and in Unicode composition. Two columns
    that read the same match nothing: one of them would be lost without a word.
    """
    alike: dict[str, list[str]] = {}
    for column in columns:
        alike.setdefault(_tidy(column), []).append(column)
    found = {}
    for name in names:
        same = [name] if name in columns else alike.get(_tidy(name), [])
        if len(same) == 1:
            found[name] = same[0]
    return found


def _tidy(name: str) -> str:
    visible = re.sub("[\u200b-\u200f\u2060\ufeff]", "", name)
    return " ".join(unicodedata.normalize("NFC", visible).split())


def gathered(column: Cleaned, rows: pl.Series) -> Cleaned:
    """The column's cells at those rows, in their order."""
    marks = (column.repaired, column.broken)
    repaired, broken = (m.gather(rows) if m is not None else None for m in marks)
    return Cleaned(column.text.gather(rows), repaired, broken)
