"""What is asked of periodic reports and organisation units, as pure functions.

Faults as in predicates.py: a frame of Booleans, one column a field to blame.
"""

import re
from datetime import date

import polars as pl

from expectations.provinces import MERGED_ON, Scheme, provinces, reused_codes

# TT 01/2024 Art. 7(1): months in which a period starts and ends; those that start in
# December start in the year before.
PERIODS = {
    "quy_1": (12, 3),
    "quy_2": (3, 6),
    "quy_3": (6, 9),
    "quy_4": (9, 12),
    "6_thang": (12, 6),
    "9_thang": (12, 9),
    "nam": (12, 12),
}
# CV 1521/BHXH-TCCB: the units below the province were to be arranged by this day.
ARRANGED_BY = date(2025, 9, 30)
DISTRICT_LEVELS = ("huyen", "lien_huyen")
_SOCIAL_INSURANCE = r"(?i)(?:bhxh|bảo hiểm xã hội)\s+"
DISTRICT_NAME = rf"{_SOCIAL_INSURANCE}(?:liên\s+)?(?:huyện|quận|thị xã)"
BASE_NAME = rf"{_SOCIAL_INSURANCE}cơ sở"
_EQUATION = re.compile(r"(\w+)(>?=)(\w+(?:\+\w+)*)")


def _cell(cells: str, column: str) -> pl.Expr:
    """The value of a form's column, null when the report has none."""
    item = pl.element()
    chosen = item.filter(item.struct.field("col") == column).struct.field("value")
    return pl.col(cells).list.eval(chosen).list.first()


def _breaks(cells: str, equation: str) -> pl.Expr:
    """Whether a report breaks `9=11+12+13` or `4>=5`.

    A blank cell may be a nought or a number nobody gave: then the parts that are there
    must not exceed the whole.
    """
    match = _EQUATION.fullmatch(equation)
    assert match, equation
    whole, sign, right = match.groups()
    parts = [_cell(cells, column) for column in right.split("+")]
    total = pl.sum_horizontal(parts)
    exceeds = total > _cell(cells, whole)
    if sign == ">=":
        return exceeds.fill_null(False)
    is_complete = pl.all_horizontal(part.is_not_null() for part in parts)
    differs = is_complete & (total != _cell(cells, whole))
    return (exceeds | differs).fill_null(False)


def form_adds_up(frame: pl.DataFrame, sums: tuple[str, ...]) -> pl.DataFrame:
    """The columns of a form meet its equations (rules 62-64)."""
    cells = frame.columns[0]
    broken = pl.any_horizontal(_breaks(cells, equation) for equation in sums)
    return frame.select(broken.alias(cells))


def cells_sound(frame: pl.DataFrame) -> pl.DataFrame:
    """No cell is negative, and no column of the form stands there twice."""
    cells = pl.col(frame.columns[0])
    item = pl.element().struct
    is_negative = cells.list.eval(item.field("value") < 0).list.any()
    columns = cells.list.eval(item.field("col"))
    is_repeated = columns.list.n_unique() < columns.list.len()
    return frame.select((is_negative | is_repeated).fill_null(False))


def period_bounds(
    frame: pl.DataFrame, first_day: int, other_day: int = 0
) -> pl.DataFrame:
    """The period starts and ends as its type says, from `first_day` to the day before.

    With `other_day`, a period that starts on that day will do as well.
    """
    start, end, kind, year = frame.columns
    months = {
        side: {k: v[i] for k, v in PERIODS.items()} for i, side in enumerate("se")
    }
    first_month = pl.col(kind).replace_strict(
        months["s"], default=None, return_dtype=pl.Int8
    )
    last_month = pl.col(kind).replace_strict(
        months["e"], default=None, return_dtype=pl.Int8
    )
    # A year out of range cannot make a date, and no date is as good as its bound.
    whole_year = pl.col(year).clip(1900, 2100)
    first_year = whole_year - (first_month == 12).cast(pl.Int64)
    days = [day for day in (first_day, other_day) if day]
    starts = [pl.date(first_year, first_month, day) for day in days]
    ends = [pl.date(whole_year, last_month, day - 1) for day in days]
    return frame.select(
        pl.all_horizontal(pl.col(start) != day for day in starts).fill_null(False),
        pl.all_horizontal(pl.col(end) != day for day in ends).fill_null(False),
    )


def province_valid(frame: pl.DataFrame) -> pl.DataFrame:
    """The code is of its scheme, and the scheme in force on that day (rule 52).

    Without a scheme the code must be of either, and not one that was used again.
    """
    code, scheme, day = (pl.col(name) for name in frame.columns)
    old, new = (list(provinces(s)) for s in (Scheme.GSO2004, Scheme.QD19_2025))
    is_known = (
        pl.when(scheme == Scheme.GSO2004)
        .then(code.is_in(old))
        .when(scheme == Scheme.QD19_2025)
        .then(code.is_in(new))
        .otherwise(code.is_in([*old, *new]))
    )
    is_new = scheme == Scheme.QD19_2025
    is_untimely = is_new != (day >= MERGED_ON)
    is_ambiguous = scheme.is_null() & code.is_in(list(reused_codes()))
    return frame.select(
        (~is_known).fill_null(False).alias(frame.columns[0]),
        ((is_untimely & code.is_not_null()).fill_null(False) | is_ambiguous)
        .fill_null(False)
        .alias(frame.columns[1]),
    )


def unit_named_in_time(frame: pl.DataFrame) -> pl.DataFrame:
    """No district unit outlives the change of 01/7/2025, no grassroots one precedes it.

    Rule 53; "BHXH thành phố X" may be of either level, so the level is asked too.
    """
    name, level, start, end = (pl.col(column) for column in frame.columns)
    is_district = level.is_in(DISTRICT_LEVELS).fill_null(False) | name.str.contains(
        DISTRICT_NAME
    )
    is_base = (level == "co_so").fill_null(False) | name.str.contains(BASE_NAME)
    lasts = end.is_null() | (end > ARRANGED_BY) | (start >= MERGED_ON)
    fault = (is_district & lasts) | (is_base & (start < MERGED_ON))
    return frame.select(fault.fill_null(False).alias(frame.columns[0]))
