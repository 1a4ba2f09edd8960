"""What is asked of identity numbers and phones, as pure functions.

Faults as in predicates.py: a frame of Booleans, one column a field to blame. Nearly all
numbers are twelve plain digits: the others alone are looked at in full.
"""

import polars as pl

from expectations import identifiers as ids
from expectations.identifiers import Kind
from expectations.identity import scatter

# Papers with shapes of their own: of other states, of other kinds.
_OTHER_PAPERS = ("ho_chieu", "khac")
_OF_PAPER = {"cccd": (Kind.PERSONAL,), "cmnd": (Kind.CMND, Kind.PERSONAL)}
# Senders who are known by a tax number.
_PAYERS = ("doanh_nghiep", "co_quan")
_COMPACT = "kntc:number"  # beside the columns of a rule
_NUMBER = pl.col(_COMPACT)


def _judged(frame: pl.DataFrame, looked_at: pl.Expr, fault: pl.Expr) -> pl.DataFrame:
    """The fault of the chosen rows, which may speak of _NUMBER, the compact form.

    The first column bears the blame.
    """
    name = frame.columns[0]
    mask = frame.select(looked_at.fill_null(False)).to_series()
    number = ids.compact(pl.col(name)).alias(_COMPACT)
    chosen = frame.filter(mask).with_columns(number)
    found = chosen.select(fault.fill_null(False).alias(name)).to_series()
    return scatter(mask, found).alias(name).to_frame()


def _unusual(frame: pl.DataFrame) -> pl.Expr:
    return ~pl.col(frame.columns[0]).str.contains(r"^[0-9]{12}$")


def _personal(frame: pl.DataFrame) -> pl.Expr:
    return pl.col(frame.columns[0]).str.count_matches(r"\d") == 12


def _year(frame: pl.DataFrame) -> pl.Expr:
    return pl.col(frame.columns[1]).dt.year()


def id_shaped(frame: pl.DataFrame, paper: str = "") -> pl.DataFrame:
    """The number has a known shape, that of its paper when column `paper` states one.

    What only lost its leading zero is another rule's.
    """
    kind = ids.kind(_NUMBER)
    bad = kind.is_null()
    if paper:
        stated = pl.col(paper)
        bad = bad & ~stated.is_in(_OTHER_PAPERS).fill_null(False)
        for name, kinds in _OF_PAPER.items():
            is_other = ~kind.is_in(list(kinds)).fill_null(False)
            bad = pl.when(stated == name).then(is_other).otherwise(bad)
    lost = ids.lost_zero(_NUMBER, _year(frame)).fill_null(False)
    return _judged(frame, _unusual(frame), bad & ~lost)


def id_whole(frame: pl.DataFrame, paper: str = "") -> pl.DataFrame:
    """The number did not lose its leading zero on its way through a spreadsheet."""
    lost = ids.lost_zero(_NUMBER, _year(frame))
    if paper:
        lost &= ~pl.col(paper).is_in(_OTHER_PAPERS).fill_null(False)
    return _judged(frame, _unusual(frame), lost)


def id_of_a_province(frame: pl.DataFrame) -> pl.DataFrame:
    """A personal id begins with a province, else with a country or a slip."""
    fault = (ids.kind(_NUMBER) == Kind.PERSONAL) & ~ids.has_birthplace(_NUMBER)
    return _judged(frame, _personal(frame), fault)


def id_born_in_time(frame: pl.DataFrame) -> pl.DataFrame:
    """Who has the personal id was born by the event, at most 120 years before."""
    is_born = ids.is_born_by(_NUMBER, _year(frame))
    fault = (ids.kind(_NUMBER) == Kind.PERSONAL) & ~is_born
    return _judged(frame, _personal(frame), fault)


def id_not_replaced(frame: pl.DataFrame, sender: str = "") -> pl.DataFrame:
    """No BHXH number or health card stands where a personal id is due (rule 55).

    Ten digits of an enterprise, which column `sender` tells, are its tax number.
    """
    replaced = ids.kind(_NUMBER).is_in([Kind.BHXH, Kind.BHYT])
    return _judged(frame, _unusual(frame), replaced & ~_pays(sender))


def card_sound(frame: pl.DataFrame) -> pl.DataFrame:
    """A health card has a benefit of 1-5 and a province."""
    fault = (ids.kind(_NUMBER) == Kind.BHYT) & ~ids.is_card_sound(_NUMBER)
    return _judged(frame, _unusual(frame), fault)


def tax_sound(frame: pl.DataFrame, sender: str = "") -> pl.DataFrame:
    """The check digit of what can only be a tax number fits (rule 56)."""
    kind = ids.kind(_NUMBER)
    is_tax = (kind == Kind.MST) | ((kind == Kind.BHXH) & _pays(sender))
    return _judged(frame, _unusual(frame), is_tax & ~ids.is_tax_sound(_NUMBER))


def _pays(sender: str) -> pl.Expr:
    return pl.col(sender).is_in(_PAYERS).fill_null(False) if sender else pl.lit(False)


def phone_sound(frame: pl.DataFrame) -> pl.DataFrame:
    """A contact of digits alone is phone numbers, of today or of before 2019."""
    return frame.select((~ids.is_phone_sound(pl.all())).fill_null(False))


def phone_current(frame: pl.DataFrame) -> pl.DataFrame:
    """No phone is one of those that ended in 2019."""
    return frame.select(ids.has_old_phone(pl.all()).fill_null(False))
