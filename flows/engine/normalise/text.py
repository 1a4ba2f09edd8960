"""Text as it should be (NFC, trimmed, nothing invisible), and what was wrong."""

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from flows.engine.normalise.repair import (
    SUSPICIOUS,
    beside,
    content_repairs,
    drawn,
    repaired,
)

# All but characters that are NFC whatever stands beside them and need no care, and
# signs of an old encoding. One pass finds the few cells worth the slow path.
_NEEDS_CARE = (
    r"[^\t\n\r -~\x{A1}-\x{2FF}\x{1E00}-\x{1EFF}\x{2010}-\x{2027}\x{20AB}]|"
    + SUSPICIOUS
)
_ZERO_WIDTH = r"[\x{200B}-\x{200F}\x{2060}\x{FEFF}]"
_HARD_BLANK = r"[\x{A0}\x{2007}\x{202F}]"
# Replacement character, NUL, C1 controls: a wrong decoding that cannot be undone here.
_BROKEN = r"[\x{FFFD}\x{0}\x{80}-\x{9F}]"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """One column; None when no cell is repaired or broken.

    `repaired` says of a repaired cell which old encoding it was in, or is empty: the
    cell was put into NFC, or freed of invisible characters. `broken` marks cells.
    """

    text: pl.Series
    repaired: pl.Series | None = None
    broken: pl.Series | None = None


def clean(
    raw: pl.Series, null_tokens: pl.Series, ways: pl.Series | None = None
) -> Cleaned:
    """The column repaired, trimmed, NFC, blanks and null tokens as null.

    A hard blank becomes a blank without a word; a change by NFC or by taking out
    zero-width characters is a repair. Broken text is kept as it is. `ways` says how
    cells have been repaired already. Repair comes before trimming: in old encodings
    blanks and invisible characters are letters.
    """
    care = raw.str.contains(_NEEDS_CARE).fill_null(False)
    text, broken = raw, None
    if care.any():
        rows = care.arg_true()
        text, found, broken = _careful(raw, rows)
        if found is not None:
            ways = found if ways is None else _first(ways, found)
    return Cleaned(_trimmed(text, null_tokens), ways, broken)


def tidy(text: pl.Series, null_tokens: pl.Series) -> pl.Series:
    """A part of text that is clean, trimmed; blanks and null tokens as null.

    Nothing is repaired: of a part less is known than of the whole.
    """
    return _trimmed(text.str.normalize("NFC"), null_tokens)


def clean_all(
    raw: pl.DataFrame,
    null_tokens: pl.Series,
    fonts: pl.Series | None = None,
    alone: Collection[str] = (),
) -> dict[str, Cleaned]:
    """Every column cleaned, those that need no care all at once.

    `fonts` says which cells are drawn in old fonts (frames.FONTS), `alone` names the
    columns whose cells no other cell may speak for. A night has hundreds of batches of
    a few rows, where each call costs more than its work.
    """
    if not raw.width:
        return {}
    raw, ways = drawn(raw, fonts)
    care = raw.select(pl.all().str.contains(_NEEDS_CARE).any()).row(0)
    plain = raw.with_columns(pl.all().str.strip_chars())
    tokens = null_tokens.to_list()
    plain = plain.with_columns(
        pl.when(pl.col(name).is_in(tokens))
        .then(None)
        .otherwise(pl.col(name))
        .alias(name)
        for name in raw.columns
    )
    cleaned = {
        name: clean(raw[name], null_tokens, ways.get(name))
        if needs_care
        else Cleaned(plain[name], ways.get(name))
        for name, needs_care in zip(raw.columns, care, strict=True)
    }
    told = {n: c.repaired for n, c in cleaned.items() if c.repaired is not None}
    for name, (text, way) in beside(raw, told, alone).items():
        cleaned[name] = _told(cleaned[name], tidy(text, null_tokens), way)
    return cleaned


def _told(column: Cleaned, text: pl.Series, way: pl.Series) -> Cleaned:
    """The column with the cells that their rows have told."""
    before = column.repaired
    ways = way if before is None else _first(way, before)
    return Cleaned(text.zip_with(way.is_not_null(), column.text), ways, column.broken)


def _trimmed(text: pl.Series, null_tokens: pl.Series) -> pl.Series:
    text = text.str.strip_chars()
    null = text.is_in(null_tokens.implode())
    return text.set(null.fill_null(False), None) if null.any() else text


def _careful(
    raw: pl.Series, rows: pl.Series
) -> tuple[pl.Series, pl.Series | None, pl.Series | None]:
    part, way = raw.gather(rows), None
    told = content_repairs(part)
    if any(told.values()):
        part, way = repaired(part, told)
    sound = part.str.replace_all(_ZERO_WIDTH, "").str.normalize("NFC")
    broken = part.str.contains(_BROKEN)
    text = raw.clone().scatter(rows, sound.str.replace_all(_HARD_BLANK, " "))
    changed = sound != part
    if changed.any() or way is not None:
        nothing = pl.repeat(None, len(part), dtype=pl.String(), eager=True)
        said = nothing.set(changed.fill_null(False), "")
        said = said if way is None else _first(way, said)
        way = pl.repeat(None, len(raw), dtype=pl.String(), eager=True)
        way = way.scatter(rows, said)
    return text, way, _marks(rows, broken, len(raw))


def _first(one: pl.Series, other: pl.Series) -> pl.Series:
    return one.zip_with(one.is_not_null(), other)


def _marks(rows: pl.Series, hit: pl.Series, size: int) -> pl.Series | None:
    if not hit.any():
        return None
    marks = pl.repeat(False, size, dtype=pl.Boolean, eager=True)
    return marks.scatter(rows.filter(hit), True)


def shape(text: pl.Series, *, is_code: bool = False) -> pl.Series:
    """What may be said of values: `11 digits`, `text of 12 characters`, `code 07`.

    A value itself is shown only of a code field and up to 4 capitals or digits (ASCII).
    """
    size = text.str.len_chars().cast(pl.String)
    digits = text.str.contains(r"^[0-9]+$")
    short = text.str.contains(r"^[0-9A-Z]{1,4}$") & is_code
    said = (
        pl.when(short)
        .then(pl.lit("code ") + text)
        .when(digits)
        .then(size + pl.lit(" digits"))
        .otherwise(pl.lit("text of ") + size + pl.lit(" characters"))
    )
    return pl.select(said.alias("shape")).to_series()
