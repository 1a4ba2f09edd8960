"""What no built-in expectation can say, as pure functions over a rule's columns.

Each returns a frame of Booleans, one column a field that may be to blame, true where it
is at fault. A null operand makes no fault, except where the rule is about presence.
"""

from collections.abc import Callable, Mapping
from datetime import date

import polars as pl

from expectations import (
    deadlines,
    identity,
    predicates_links,
    predicates_office,
    predicates_person,
)
from expectations.records import DENOUNCING_KINDS

Faults = Callable[..., pl.DataFrame]

# Characters that no repair brings back: U+FFFD, NUL, the C1 controls.
BROKEN_TEXT = "[\u0000\u0080-\u009f\ufffd]"


def all_present(frame: pl.DataFrame) -> pl.DataFrame:
    """Every column is filled; a blank text or an empty list is not."""
    return frame.select(_is_missing(frame, name) for name in frame.columns)


def any_present(frame: pl.DataFrame) -> pl.DataFrame:
    """At least one column is filled; the first bears the blame."""
    missing = pl.all_horizontal(_is_missing(frame, c) for c in frame.columns)
    return frame.select(missing.alias(frame.columns[0]))


# What no Vietnamese word holds: signs and capitals inside words typed in a TCVN3 font
# ("B¶o hiÓm"), letters of a VNI font ("Baûo hieåm"), UTF-8 decoded twice ("Nguyá»…n").
LEGACY_TEXT = (
    r"[a-z][µ¶·¸¹¨©ª«¬®¼½¾Æ-ÖØ-Þ]|[®¬][a-z]"
    r"|[aeouyAEOUY][ûåäöïëüø]"
    r"|á[º»][\x{80}-\x{BF}\x{152}-\x{192}\x{2010}-\x{2122}]|Ã[\x{A0}-\x{BF}]"
    r"|Æ[°¡]|Ä[‘\x{90}]"
)
LEGACY_SIGNS = 2  # one alone may be a foreign name or a unit


def _is_missing(frame: pl.DataFrame, name: str) -> pl.Expr:
    column = pl.col(name)
    if frame.schema[name] == pl.String:
        return column.is_null() | (column.str.strip_chars() == "")
    if isinstance(frame.schema[name], pl.List):
        return (column.list.len() == 0).fill_null(True)
    return column.is_null()


def text_readable(frame: pl.DataFrame) -> pl.DataFrame:
    """No character that a broken conversion leaves behind (rule 58)."""
    return frame.select(pl.all().str.contains(BROKEN_TEXT).fill_null(False))


def text_modern(frame: pl.DataFrame) -> pl.DataFrame:
    """No signs of an old font's encoding or of a double decoding (rule 58)."""
    signs = pl.all().str.count_matches(LEGACY_TEXT)
    return frame.select((signs >= LEGACY_SIGNS).fill_null(False))


def dates_in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """No date lies before an earlier step; steps without a date are passed over."""
    names = frame.columns
    return frame.select(
        (pl.col(name) < pl.max_horizontal(names[:i])).fill_null(False).alias(name)
        for i, name in enumerate(names)
        if i
    )


def none_before_first(frame: pl.DataFrame) -> pl.DataFrame:
    """No date lies before the first column's; a missing date is passed over."""
    first, *rest = frame.columns
    return frame.select((pl.col(c) < pl.col(first)).fill_null(False) for c in rest)


def not_negative(frame: pl.DataFrame) -> pl.DataFrame:
    """No number is below zero."""
    return frame.select((pl.all() < 0).fill_null(False))


def group_counted(frame: pl.DataFrame, threshold: int) -> pl.DataFrame:
    """At least one person came, and a group is as many as the threshold (rule 5)."""
    people, is_group = frame.columns
    counted = pl.col(people) >= threshold
    return frame.select(
        (pl.col(people) < 1).fill_null(False),
        (pl.col(is_group) != counted).fill_null(False),
    )


def date_bounded(
    frame: pl.DataFrame, first: str = "0001-01-01", last: str = "9999-12-31"
) -> pl.DataFrame:
    """The date is in the bounds; the built-in one maps date by date, in Python."""
    bounds = date.fromisoformat(first), date.fromisoformat(last)
    return frame.select((~pl.all().is_between(*bounds)).fill_null(False))


def within_days(
    frame: pl.DataFrame, days: int, unit: deadlines.Unit, after: int = 0
) -> pl.DataFrame:
    """The second date is in the limit that begins the day after the first.

    With `after`, the day after that many calendar days more.
    """
    start, end = frame.columns
    begun = frame[start].dt.offset_by(f"{after}d")
    due = deadlines.due_after(begun, days, unit)
    return (frame[end] > due).fill_null(False).alias(end).to_frame()


def settled_in_time(frame: pl.DataFrame) -> pl.DataFrame:
    """The decision is in the limit of Luật KN Arts. 28, 37, plus suspended days."""
    known = pl.col("is_remote").is_not_null() & pl.col("is_complex").is_not_null()
    suspended = deadlines.suspended_days(pl.col("suspensions"))
    days = pl.when(known).then(deadlines.complaint_days() + suspended)
    return _late(frame, days, "decision_date")


def concluded_in_time(frame: pl.DataFrame) -> pl.DataFrame:
    """The conclusion is in the limit of Luật TC Art. 30 with its extensions."""
    return _late(frame, deadlines.denunciation_days(), "conclusion_date")


def _late(frame: pl.DataFrame, days: pl.Expr, end: str) -> pl.DataFrame:
    plain = frame.select(pl.col("accepted_date") + pl.duration(days=days)).to_series()
    return (frame[end] > deadlines.roll(plain)).fill_null(False).alias(end).to_frame()


def difference(frame: pl.DataFrame) -> pl.DataFrame:
    """The third amount is the first less the second."""
    whole, part, rest = frame.columns
    fault = pl.col(whole) - pl.col(part) != pl.col(rest)
    return frame.select(fault.fill_null(False).alias(rest))


def suspensions_in_force(frame: pl.DataFrame) -> pl.DataFrame:
    """No suspension begins before the law that brought it."""
    early = pl.element().struct.field("from") < deadlines.AMENDED_ON
    return _any_item(frame, early)


def suspensions_sound(frame: pl.DataFrame) -> pl.DataFrame:
    """Each ends on or after its start, and none overlaps the next."""
    item = pl.element().struct
    backwards = item.field("to") < item.field("from")
    in_order = pl.element().sort_by(item.field("from"), nulls_last=True).struct
    # An end that is still open overlaps whatever begins later.
    end = in_order.field("to").fill_null(date.max).cum_max().shift(1)
    overlapping = (in_order.field("from") <= end) & end.is_not_null()
    return _any_item(frame, backwards.fill_null(False) | overlapping.fill_null(False))


def items_filled(frame: pl.DataFrame, needed: tuple[str, ...]) -> pl.DataFrame:
    """Every item of the list has the needed parts."""
    item = pl.element().struct
    return _any_item(frame, pl.any_horizontal(item.field(n).is_null() for n in needed))


def _any_item(frame: pl.DataFrame, fault: pl.Expr) -> pl.DataFrame:
    name = frame.columns[0]
    return frame.select(pl.col(name).list.eval(fault).list.any().fill_null(False))


def extensions_allowed(frame: pl.DataFrame) -> pl.DataFrame:
    """None normally, one when complex, two when specially complex (Luật TC Art. 30)."""
    allowed = (
        pl.when(pl.col("is_specially_complex"))
        .then(2)
        .when(pl.col("is_complex"))
        .then(1)
        .when(pl.col("is_complex").is_not_null())
        .then(0)
    )
    fault = pl.col("extensions").list.len() > allowed
    return frame.select(fault.fill_null(False).alias("extensions"))


def no_identity(
    frame: pl.DataFrame, texts: tuple[str, ...], kind: str = ""
) -> pl.DataFrame:
    """No text holds the name, address, number or contact of who denounces (rule 43).

    With `kind`, only rows of a denouncing or unknown kind count.
    """
    speaks = [c for c in frame.columns if c in texts]
    persons = [c for c in frame.columns if c not in texts and c != kind]
    secret = pl.repeat(True, frame.height, eager=True)
    if kind:
        secret = frame[kind].is_in(DENOUNCING_KINDS) | frame[kind].is_null()
    if not secret.any():
        nobody = pl.repeat(False, frame.height, eager=True)
        return pl.DataFrame([nobody.alias(c) for c in speaks])
    found = identity.found_in(frame.filter(secret), persons, speaks)
    return found.select(identity.scatter(secret, found[c]) for c in speaks)


PREDICATES: Mapping[str, Faults] = {
    f.__name__: f
    for f in (
        all_present,
        any_present,
        text_readable,
        text_modern,
        dates_in_order,
        none_before_first,
        not_negative,
        group_counted,
        date_bounded,
        within_days,
        settled_in_time,
        concluded_in_time,
        difference,
        suspensions_in_force,
        suspensions_sound,
        items_filled,
        extensions_allowed,
        no_identity,
        predicates_office.form_adds_up,
        predicates_office.cells_sound,
        predicates_office.period_bounds,
        predicates_office.province_valid,
        predicates_office.unit_named_in_time,
        predicates_person.id_shaped,
        predicates_person.id_whole,
        predicates_person.id_of_a_province,
        predicates_person.id_born_in_time,
        predicates_person.id_not_replaced,
        predicates_person.card_sound,
        predicates_person.tax_sound,
        predicates_person.phone_sound,
        predicates_person.phone_current,
        predicates_links.second_allowed,
        predicates_links.second_in_time,
        predicates_links.within_parent,
    )
}


def faults(
    name: str, frame: pl.DataFrame, arguments: Mapping[str, object]
) -> pl.DataFrame:
    """Where the predicate of that name fails, a column a field to blame."""
    return PREDICATES[name](frame, **arguments)
