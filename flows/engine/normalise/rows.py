"""Which rows are records: conditions, filters with a reason, rows set aside."""

from collections.abc import Sequence

import polars as pl

from config.preset import Condition, RowFilter
from flows.engine.normalise.cells import Cells

UNMAPPED = "no record mapping applies"
UNREAD = "a nested column holds no JSON objects"


def holds(cells: Cells, when: Condition | None) -> pl.Series:
    """For each row whether the condition holds; never null. None holds always."""
    if when is None:
        return pl.repeat(True, len(cells), dtype=pl.Boolean(), eager=True)
    found = _holds(cells, when)
    return found & holds(cells, when.also) if when.also else found


def _holds(cells: Cells, when: Condition) -> pl.Series:
    text = cells.text(when.column)
    if when.is_blank is not None:
        return text.is_null() == when.is_blank
    if when.matches is not None:
        return text.str.contains(when.matches).fill_null(False)
    wanted = pl.Series([*when.equals, *when.not_equals], dtype=pl.String)
    among = text.is_in(wanted.str.normalize("NFC").implode()).fill_null(False)
    return among if when.equals else ~among


def set_aside(
    said: pl.Series,
    cells: Cells,
    filters: Sequence[RowFilter],
    applies: Sequence[pl.Series],
    unread: pl.Series,
) -> tuple[pl.Series, pl.Series]:
    """Reasons of the filtered and of the rejected rows; both null on mapped ones.

    What the reader could not take (`said`) is rejected whatever a filter would make
    of its empty cells; a row that a filter knows needs no mapping. `unread` marks the
    rows of which something inside could not be read.
    """
    filtered = _first_reason(cells, filters).set(said.is_not_null(), None)
    mapped = pl.repeat(False, len(cells), dtype=pl.Boolean(), eager=True)
    for mask in applies:
        mapped = mapped | mask
    lost = ~mapped & said.is_null() & filtered.is_null()
    return filtered, said.set(lost & unread, UNREAD).set(lost & ~unread, UNMAPPED)


def _first_reason(cells: Cells, filters: Sequence[RowFilter]) -> pl.Series:
    reason = pl.repeat(None, len(cells), dtype=pl.String(), eager=True)
    for row_filter in reversed(filters):
        reason = reason.set(holds(cells, row_filter.when), row_filter.reason)
    return reason
