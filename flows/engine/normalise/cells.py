"""A batch's cleaned columns under the preset's names, and which columns drifted."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from config.columns import used_columns
from config.conditions import Section
from config.preset import StreamMap
from connectors.legacy.recognise import possible_names
from expectations.frames import FONTS, LOCATOR, ROW
from flows.engine.normalise.text import Cleaned, clean_all


@dataclass(frozen=True, slots=True)
class Drift:
    """How a source's columns differ from its preset."""

    missing: tuple[str, ...]  # mapped, not optional, absent
    unknown: tuple[str, ...]  # neither mapped, nor ignored by name
    # columns that read as one name: a value of one would hide the other's
    doubled: tuple[str, ...] = ()


@dataclass(slots=True)
class Carry:
    """What stood last above, by column: the only state between batches."""

    above: dict[str, str | None]
    sheet: str = ""
    ways: dict[str, str | None] = field(default_factory=dict)  # how it was repaired


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
    raw: pl.DataFrame,
    names: Sequence[str],
    null_tokens: pl.Series,
    alone: Iterable[str] = (),
) -> Cells:
    """The columns of those names, cleaned; an absent one is all null.

    `alone` names the columns whose text may not depend on other cells.
    """
    found = match(raw.columns, names)
    nothing = pl.repeat(None, raw.height, dtype=pl.String(), eager=True)
    cleaned = clean_all(
        raw.select(list(dict.fromkeys(found.values()))),
        null_tokens,
        raw[FONTS] if FONTS in raw.columns else None,
        {found[name] for name in alone if name in found},
    )
    columns = {
        name: cleaned[found[name]] if name in found else Cleaned(nothing)
        for name in names
    }
    return Cells(raw.select(ROW, LOCATOR), columns)


def under_sections(cells: Cells, sections: Sequence[Section]) -> Cells:
    """With a column for each section, which holds something in its headings alone."""
    columns = dict(cells.columns)
    for section in sections:
        source = columns[section.column]
        text = source.text.str.extract(section.pattern)
        columns[section.name] = Cleaned(text, source.repaired)
    return replace(cells, columns=columns)


def fill_down(cells: Cells, carry: Carry) -> Cells:
    """Merged cells filled from above; the carry is moved on to the last row.

    A merged cell ends with its sheet: another file or sheet starts without a carry.
    """
    if not len(cells) or not carry.above:
        return cells
    first, last = (_sheet(cells.place[LOCATOR][n]) for n in (0, -1))
    if first != carry.sheet:
        carry.above = dict.fromkeys(carry.above)
        carry.ways = {}
    filled = dict(cells.columns)
    for name, above in carry.above.items():
        way = carry.ways.get(name)
        filled[name], carry.above[name], carry.ways[name] = _filled(
            filled[name], above, way
        )
    carry.sheet = last
    return replace(cells, columns=filled)


def _filled(
    column: Cleaned, above: str | None, way: str | None
) -> tuple[Cleaned, str | None, str | None]:
    """The column filled from above, then the last cell and how that was repaired.

    What was repaired above is repaired wherever it is filled in.
    """
    kind = pl.String()
    given = pl.Series([above], dtype=kind).append(column.text)
    text = given.forward_fill()
    if column.repaired is None and way is None:
        return replace(column, text=text.slice(1)), text[-1], None
    nothing = pl.repeat(None, len(column.text), dtype=kind, eager=True)
    ways = pl.Series([way], dtype=kind).append(
        nothing if column.repaired is None else column.repaired
    )
    last = pl.int_range(len(given), eager=True).set(given.is_null(), None)
    ways = ways.gather(last.forward_fill().fill_null(0))
    return (
        replace(column, text=text.slice(1), repaired=ways.slice(1)),
        text[-1],
        ways[-1],
    )


def _sheet(locator: str | None) -> str:
    """A locator without the row number it ends with."""
    return (locator or "").rstrip("0123456789")


def drift(stream: StreamMap, columns: Sequence[str]) -> Drift:
    """What the columns of a source lack and have too many, by the preset's stream."""
    made = {section.name for section in stream.sections}
    used = [name for name in used_columns(stream) if name not in made]
    theirs = [name for name in columns if not name.startswith("kntc:")]
    found = match(theirs, [*used, *stream.ignored])
    absent = (n for n in used if n not in found and n not in stream.optional)
    known = set(found.values())
    return Drift(
        tuple(absent),
        tuple(n for n in theirs if n not in known),
        (*_doubled(theirs, used, found), *match(theirs, made)),
    )


def _doubled(
    columns: Sequence[str], used: Sequence[str], found: Mapping[str, str]
) -> tuple[str, ...]:
    """Columns that read as one that the preset uses, but for blanks, signs, case and
    diacritics; not those that the preset names, were it to ignore them."""
    known, wanted = set(found.values()), {_folded(name) for name in used}
    alike: dict[str, list[str]] = {}
    for column in columns:
        alike.setdefault(_folded(column), []).append(column)
    return tuple(
        column
        for name, same in alike.items()
        if name in wanted and len(same) > 1 and not known.issuperset(same)
        for column in same
    )


def match(columns: Sequence[str], names: Iterable[str]) -> dict[str, str]:
    """Preset name -> column: the exact one, else the only one that reads the same.

    Headers typed by hand differ in blanks and in Unicode composition, and old ones
    hold letters of an old font (`Hä tªn`: Họ tên). Two columns that read the same match
    nothing: one of them would be lost without a word.
    """
    alike: dict[str, list[str]] = {}
    for column in columns:
        for reading in {_tidy(name) for name in (column, *possible_names(column))}:
            alike.setdefault(reading, []).append(column)
    found = {}
    for name in names:
        same = [name] if name in columns else alike.get(_tidy(name), [])
        if len(same) == 1:
            found[name] = same[0]
    return found


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFD", _tidy(name).casefold().replace("đ", "d"))
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    # A name of signs alone (%, #) reads like itself only.
    return " ".join(re.findall(r"[^\W_]+", letters)) or name


def _tidy(name: str) -> str:
    visible = re.sub("[\u200b-\u200f\u2060\ufeff]", "", name)
    return " ".join(unicodedata.normalize("NFC", visible).split())


def gathered(column: Cleaned, rows: pl.Series) -> Cleaned:
    """The column's cells at those rows, in their order."""
    marks = (column.repaired, column.broken)
    repaired, broken = (m.gather(rows) if m is not None else None for m in marks)
    return Cleaned(column.text.gather(rows), repaired, broken)
