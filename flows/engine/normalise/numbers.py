"""Whole numbers out of text, with Vietnamese and English grouping, and units."""

import polars as pl

from flows.engine.normalise.readings import Reading, unread

_UNIT = r"(?i)\s*(?:đồng|vnđ|vnd|đ|₫)$"
_PLAIN = r"^[+-]?[0-9]{1,18}$"
_SOME = "[0-9]{1,9}"
# Three digits behind a lone sign are a group (1.234) or cannot be told (1500.000).
_CLEAR = "[0-9]{1,2}|[0-9]{4,9}"
_UNCLEAR = r"^[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}$"
_TOO_LONG = 28  # digits; times the largest scale they still fit 128 bits


def _grouped(sign: str) -> str:
    return f"([+-]?[1-9][0-9]{{0,2}}(?:{sign}[0-9]{{3}})+)"


_UNSAID = (
    rf"^(?:{_grouped('[.]')}(?:,({_SOME}))?"
    rf"|{_grouped(',')}(?:[.]({_SOME}))?"
    rf"|{_grouped(' ')}(?:[.,]({_SOME}))?"
    rf"|([+-]?[0-9]+)(?:[.,]({_CLEAR}))?)$"
)
_SAID = {
    ",": rf"^(?:{_grouped('[. ]')}|([+-]?[0-9]+))(?:,({_SOME}))?$",
    ".": rf"^(?:{_grouped('[, ]')}|([+-]?[0-9]+))(?:[.]({_SOME}))?$",
}


def read_numbers(
    text: pl.Series, scale: int = 1, decimal: str | None = None
) -> Reading:
    """Int64 values times `scale`; what is not whole after that is unreadable."""
    plain = text.str.contains(_PLAIN)
    if scale == 1 and plain.fill_null(True).all():
        return Reading(text.cast(pl.Int64))
    frame = pl.DataFrame({"text": text.str.replace(_UNIT, "")})
    if scale > 1 and decimal is None:
        # 12.345 may be twelve thousand or twelve and a third: nobody said which.
        unclear = pl.col("text").str.contains(_UNCLEAR)
        frame = frame.select(pl.when(~unclear).then("text").alias("text"))
    whole, part = _parts(decimal)
    digits = pl.concat_str(whole.str.replace_all("[., ]", ""), part)
    amount = digits.cast(pl.Int128, strict=False) * scale
    unit = pl.lit(10, pl.Int64).pow(part.str.len_chars()).cast(pl.Int128)
    fits = (digits.str.len_chars() <= _TOO_LONG) & (amount % unit == 0)
    value = pl.when(fits).then((amount // unit).cast(pl.Int64, strict=False))
    return unread("number_unreadable", text, frame.select(value).to_series())


def _parts(decimal: str | None) -> tuple[pl.Expr, pl.Expr]:
    """The digits before and after the decimal sign; null where it is no number."""
    pattern = _UNSAID if decimal is None else _SAID[decimal]
    wholes, fractions = (
        ([1, 3, 5, 7], [2, 4, 6, 8]) if decimal is None else ([1, 2], [3])
    )
    found = pl.col("text").str.extract_groups(pattern).struct

    def first(groups: list[int]) -> pl.Expr:
        return pl.coalesce([found.field(str(group)) for group in groups])

    return first(wholes), first(fractions).fill_null("")
