"""The sector's periodic reports since 2021: ten forms whose columns add up.

TT 02/2021, TT 01/2024: a period runs from the 15th to the 14th; 01/XLD and 03/KQGQ
meet the sums of their forms, 01/XLD is the sum of 02, 03 and 04/XLD.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from flows.demo.clock import worked
from flows.demo.geography import new_provinces
from flows.demo.inventing import LETTERS, Item, Record, Values, changed_at
from flows.demo.people import Inventor, between

SECTOR = "G24"
FIRST_YEAR, LAST_YEAR = 2021, 2026
# The first and last month of each period; December is of the year before.
PERIODS = {
    "quy_1": (12, 3),
    "quy_2": (3, 6),
    "quy_3": (6, 9),
    "quy_4": (9, 12),
    "6_thang": (12, 6),
    "9_thang": (12, 9),
    "nam": (12, 12),
}
QUARTERS_OF = {
    "6_thang": ("quy_1", "quy_2"),
    "9_thang": ("quy_1", "quy_2", "quy_3"),
    "nam": ("quy_1", "quy_2", "quy_3", "quy_4"),
}
# The provinces of today report for themselves since the third quarter of 2025.
PROVINCES_FROM = date(2025, 9, 1)
FORMS_OF_PROVINCE = ("01/XLD", "03/KQGQ")
OTHER_FORMS = {"01/TCD": 12, "02/TCD": 10, "01/KQGQ": 20, "02/KQGQ": 12, "04/KQGQ": 10}
KINDS = ("02/XLD", "03/XLD", "04/XLD")  # complaints, denunciations, reflections
# Columns of 01/XLD that are the sum of those of 02, 03 and 04/XLD.
SHARED = range(1, 9)

Cells = dict[int, int]


@dataclass(frozen=True, slots=True)
class Period:
    """A period of a year, both days included."""

    type: str
    year: int
    first: date
    last: date


def reports(inventor: Inventor, code: str) -> list[Record]:
    """All reports that were due, the sector's form by form, then the provinces'."""
    made: list[Record] = []
    for period, org_code, forms in _due(inventor.until):
        size = 1 if org_code == SECTOR else 20
        cells = _forms(inventor.rng, period, size)
        for form in forms:
            values = _report(inventor, period, org_code, form, cells[form])
            key = f"{code}-{LETTERS['periodic_report']}{len(made) + 1:05d}"
            at = changed_at(inventor.rng, values)
            made.append(Record("periodic_report", key, values, at))
    return made


def _due(until: date) -> list[tuple[Period, str, tuple[str, ...]]]:
    periods = [p for p in _periods() if p.last + timedelta(14) <= until]
    all_forms = ("01/XLD", *KINDS, "03/KQGQ", *OTHER_FORMS)
    sector = [(period, SECTOR, all_forms) for period in periods]
    provinces = [
        (period, f"{SECTOR}.{code}", FORMS_OF_PROVINCE)
        for period in periods
        if period.last >= PROVINCES_FROM and period.type not in QUARTERS_OF
        for code in new_provinces()
    ]
    return sector + provinces


def _periods() -> list[Period]:
    found = []
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        for type_, (start, end) in PERIODS.items():
            first = date(year - (start == 12), start, 15)
            found.append(Period(type_, year, first, date(year, end, 14)))
    return found


def _report(
    inventor: Inventor, period: Period, org_code: str, form: str, cells: Cells
) -> Values:
    rng = inventor.rng
    made = worked(period.last + timedelta(between(rng, 3, 14)), period.last)
    asked = made - timedelta(between(rng, 1, 10)) if rng.random() < 0.05 else None
    items: list[Item] = [{"col": str(c), "value": n} for c, n in sorted(cells.items())]
    return {
        "org_code": org_code,
        "form_code": form,
        "period_type": period.type,
        "year": period.year,
        "period_from": period.first,
        "period_to": period.last,
        "cells": items,
        "report_no": f"{inventor.number('BC', made.year)}/BC-BHXH",
        "report_date": made,
        "requested_at": asked,
    }


def _forms(rng: Random, period: Period, size: int) -> dict[str, Cells]:
    """The forms of one unit for one period, in agreement with each other; a small
    unit's numbers are divided by `size`."""
    months = 3 * len(QUARTERS_OF.get(period.type, ("",)))
    kinds = {form: _of_kind(rng, months, size) for form in KINDS}
    whole = {c: sum(cells[c] for cells in kinds.values()) for c in SHARED}
    sums = _eligible(rng, kinds)
    whole |= sums
    taken = min(sums[20], sums[12])
    kinds["03/XLD"][26] = between(rng, 0, taken)
    denounced = _denunciations(rng, sums[20], kinds["03/XLD"][26])
    rest = {
        form: {c: between(rng, 0, 60 * months // size) for c in range(1, columns + 1)}
        for form, columns in OTHER_FORMS.items()
    }
    return {"01/XLD": whole, **kinds, "03/KQGQ": denounced, **rest}


def _of_kind(rng: Random, months: int, size: int) -> Cells:
    carried = [between(rng, 0, 40 // size) for _ in range(3)]
    received = [between(rng, 1, 120 * months // size) for _ in range(3)]
    parts = dict(enumerate(carried + received, 2))
    total = sum(parts.values())
    return {1: total, **parts, 8: total - between(rng, 0, total // 10)}


def _split(rng: Random, total: int, parts: int) -> list[int]:
    """A total in so many parts, none negative."""
    cuts = sorted(between(rng, 0, total) for _ in range(parts - 1))
    return [b - a for a, b in zip([0, *cuts], [*cuts, total], strict=True)]


def _eligible(rng: Random, kinds: dict[str, Cells]) -> Cells:
    """Columns 9 to 26 of 01/XLD."""
    by_kind = [cells[8] - between(rng, 0, cells[8] // 8) for cells in kinds.values()]
    within = [n - between(rng, 0, n // 4) for n in by_kind]
    total, inside = sum(by_kind), sum(within)
    outside = total - inside
    standing = dict(enumerate(_split(rng, total, 4), 14))
    sent_on = dict(enumerate(_split(rng, outside, 3), 23))
    return {
        9: total,
        10: total - between(rng, 0, total // 6),
        **dict(enumerate(by_kind, 11)),
        **standing,
        18: inside,
        **dict(enumerate(within, 19)),
        22: outside,
        **sent_on,
        26: between(rng, 0, outside),
    }


def _denunciations(rng: Random, petitions: int, cases: int) -> Cells:
    """03/KQGQ, from the petitions and the cases within competence."""
    carried = between(rng, 0, petitions // 5)
    resolved = between(rng, cases // 2, cases)
    first, again, ended, withdrawn = _split(rng, resolved, 4)
    right, wrong, both = _split(rng, resolved, 3)
    again_right = min(right, again)
    again_wrong = min(wrong, again - again_right)
    late = between(rng, 0, resolved // 5)
    handled, sent = between(rng, 0, resolved), between(rng, 0, resolved // 4)
    money = {column: between(rng, 0, 900) for column in (11, 13)}
    return {
        **{1: petitions, 2: carried, 3: petitions - carried},
        **{4: cases, 5: between(rng, 0, cases), 6: resolved, 7: first, 8: again},
        **{9: ended, 10: withdrawn, **money, 12: 0, 14: 0},
        **dict.fromkeys(range(15, 19), 0),
        **{19: handled, 20: between(rng, 0, handled), 21: sent // 2, 22: sent},
        **{23: between(rng, 0, sent), 24: right, 25: again_right, 26: wrong},
        **{27: again_wrong, 28: both, 29: again - again_right - again_wrong},
        **{30: resolved - late, 31: late},
    }
