"""Text as it should be (NFC, trimmed, nothing invisible), and what was wrong."""

from dataclasses import dataclass

import polars as pl

# All but characters that are NFC whatever stands beside them and need no care. One
# pass finds the few cells worth the slow path; U+00AD stays: in TCVN3 it is the ư.
_NEEDS_CARE = r"[^\t\n\r -~\x{A1}-\x{2FF}\x{1E00}-\x{1EFF}\x{2010}-\x{2027}\x{20AB}]"
_ZERO_WIDTH = r"[\x{200B}-\x{200F}\x{2060}\x{FEFF}]"
_HARD_BLANK = r"[\x{A0}\x{2007}\x{202F}]"
# Replacement character, NUL, C1 controls: a wrong decoding that cannot be undone here.
_BROKEN = r"[\x{FFFD}\x{0}\x{80}-\x{9F}]"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """One column; `repaired` and `broken` mark cells, None when there are none."""

    text: pl.Series
    repaired: pl.Series | None = None
    broken: pl.Series | None = None


def clean(raw: pl.Series, null_tokens: pl.Series) -> Cleaned:
    """The column trimmed, NFC, blanks and null tokens as null.

    A hard blank becomes a blank without a word; a change by NFC or by taking out
    zero-width characters is a repair. Broken text is kept as it is.
    """
    care = raw.str.contains(_NEEDS_CARE).fill_null(False)
    text, repaired, broken = raw, None, None
    if care.any():
        rows = care.arg_true()
        text, repaired, broken = _careful(raw, rows)
    text = text.str.strip_chars()
    null = text.is_in(null_tokens.implode())
    if null.any():
        text = text.set(null.fill_null(False), None)
    return Cleaned(text, repaired, broken)


def clean_all(raw: pl.DataFrame, null_tokens: pl.Series) -> dict[str, Cleaned]:
    """Every column cleaned, those that need no care all at once.

    A night has hundreds of batches of a few rows, where each call costs more than its
    work.
    """
    if not raw.width:
        return {}
    care = raw.select(pl.all().str.contains(_NEEDS_CARE).any()).row(0)
    tidy = raw.with_columns(pl.all().str.strip_chars())
    tokens = null_tokens.to_list()
    tidy = tidy.with_columns(
        pl.when(pl.col(name).is_in(tokens))
        .then(None)
        .otherwise(pl.col(name))
        .alias(name)
        for name in raw.columns
    )
    return {
        name: clean(raw[name], null_tokens) if needs_care else Cleaned(tidy[name])
        for name, needs_care in zip(raw.columns, care, strict=True)
    }


def _careful(
    raw: pl.Series, rows: pl.Series
) -> tuple[pl.Series, pl.Series | None, pl.Series | None]:
    part = raw.gather(rows)
    # Double-encoded UTF-8, TCVN3 and VNI will be undone here (a later issue).
    sound = part.str.replace_all(_ZERO_WIDTH, "").str.normalize("NFC")
    broken = part.str.contains(_BROKEN)
    text = raw.clone().scatter(rows, sound.str.replace_all(_HARD_BLANK, " "))
    size = len(raw)
    return text, _marks(rows, sound != part, size), _marks(rows, broken, size)


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
