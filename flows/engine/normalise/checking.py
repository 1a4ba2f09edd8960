"""Computed checks at work: which rows' cells do not agree as the preset says."""

from collections.abc import Sequence
from functools import reduce

import polars as pl

from config.checks import Check
from config.preset import Preset
from flows.engine.normalise.cells import Cells
from flows.engine.normalise.numbers import read_numbers
from flows.engine.normalise.rows import holds
from flows.engine.normalise.times import read_dates


def broken_rows(check: Check, cells: Cells, preset: Preset) -> pl.Series:
    """For each row whether it breaks the check; never null.

    A cell that is blank or cannot be read breaks nothing: that is said elsewhere.
    """
    broken = _JUDGES[check.kind](check, cells, preset).fill_null(False)
    return broken if check.when is None else broken & holds(cells, check.when)


def _sum(check: Check, cells: Cells, preset: Preset) -> pl.Series:
    """A blank summand is nothing; a row of blank ones has no breakdown to judge."""
    assert check.equals is not None
    parts = [_read(check, cells, name, preset) for name in check.sum]
    texts = [cells.text(name) for name in check.sum]
    unreadable = [
        text.is_not_null() & part.is_null()
        for text, part in zip(texts, parts, strict=True)
    ]
    some = reduce(pl.Series.__or__, [part.is_not_null() for part in parts])
    # 128 bits: a sum of amounts may leave the range of one.
    total = reduce(pl.Series.__add__, [p.fill_null(0).cast(pl.Int128) for p in parts])
    said = _read(check, cells, check.equals, preset).cast(pl.Int128)
    judged = some & ~reduce(pl.Series.__or__, unreadable)
    return judged & (total != said)


def _same(check: Check, cells: Cells, preset: Preset) -> pl.Series:
    first, *others = (_read(check, cells, name, preset) for name in check.same)
    return reduce(pl.Series.__or__, [(first != o).fill_null(False) for o in others])


def _ordered(check: Check, cells: Cells, preset: Preset) -> pl.Series:
    """Each with the last one before it that is not blank."""
    columns = [_read(check, cells, name, preset) for name in check.ordered]
    before, broken = columns[0], pl.repeat(False, len(cells), eager=True)
    for column in columns[1:]:
        broken = broken | (before > column).fill_null(False)
        before = column.zip_with(column.is_not_null(), before)
    return broken


def _matches(check: Check, cells: Cells, preset: Preset) -> pl.Series:  # noqa: ARG001
    assert check.column is not None
    assert check.matches is not None
    return ~cells.text(check.column).str.contains(check.matches)


def _read(check: Check, cells: Cells, column: str, preset: Preset) -> pl.Series:
    text = cells.text(column)
    if check.reads == "number":
        return read_numbers(text, 1, check.decimal).value
    if check.reads == "date":
        formats: Sequence[str] = check.formats or preset.date_formats
        years = preset.two_digit_years_from
        return read_dates(text, formats, preset.timezone, years).value
    return text


_JUDGES = {"sum": _sum, "same": _same, "ordered": _ordered, "matches": _matches}
