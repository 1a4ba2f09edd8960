"""Legal clocks by date of law, and the working-day calendar of codes/holidays.csv.

Day 1 is the day after the event; a last day that is a day off moves to the next working
day (Bộ luật Dân sự Arts. 147-148). A year without a calendar moves nothing and says so.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from expectations.frames import RECORD_ID
from expectations.records import BY_NAME

Unit = Literal["calendar", "working"]

CODES = Path(__file__).parent / "codes"
# The law amending reception, complaints and denunciations, in force from this day.
AMENDED_ON = date(2026, 7, 1)
PRE, FROM = "pre-20260701", "from-20260701"
NO_CALENDAR = "calendar missing"

PETITION_BASIS = "10 days from receipt: TTHC xử lý đơn (TT 05/2021)"
FIRST_BASIS = "Luật Khiếu nại Art. 28"
SECOND_BASIS = "Luật Khiếu nại Art. 37"
DENUNCIATION_BASIS = "Luật Tố cáo Art. 30"
RECEPTION_BASIS = "10 days from reception: Luật Tiếp công dân Art. 28"
# Luật Khiếu nại Art. 44; 45 in remote places, of which a decision says nothing.
EFFECTIVE_DAYS = 30
SETTLEMENTS = ("qd_giai_quyet_1", "qd_giai_quyet_2")


@cache
def holidays() -> pl.DataFrame:
    """Days off and swapped working days: date, kind (off | work), reference."""
    return pl.read_csv(CODES / "holidays.csv", try_parse_dates=True, comment_prefix="#")


@cache
def _working_days() -> np.ndarray:
    """Every working day of the years in the calendar, as days since 1970, sorted."""
    table = holidays()
    years = sorted(table["date"].dt.year())
    first, after = np.datetime64(f"{years[0]}"), np.datetime64(f"{years[-1] + 1}")
    days = np.arange(first, after, dtype="datetime64[D]")
    off = table.filter(kind="off")["date"].to_numpy().astype("datetime64[D]")
    work = table.filter(kind="work")["date"].to_numpy().astype("datetime64[D]")
    is_open = np.is_busday(days, holidays=off) | np.isin(days, work)
    return days[is_open].astype(np.int64)


def has_calendar(days: pl.Series) -> pl.Series:
    """True for dates in a year that the calendar covers; null stays null."""
    known = holidays()["date"].dt.year().unique()
    return (
        pl.select(
            pl.when(days.is_not_null()).then(days.dt.year().is_in(known.implode()))
        )
        .to_series()
        .alias("has_calendar")
    )


def _pick(days: pl.Series, side: Literal["left", "right"], step: int) -> pl.Series:
    """The working day `step` places after where each date stands among them."""
    working = _working_days()
    numbers = days.cast(pl.Int64).fill_null(0).to_numpy()
    index = np.searchsorted(working, numbers, side=side) + step
    found = working[np.clip(index, 0, len(working) - 1)]
    inside = pl.Series((index >= 0) & (index < len(working)))
    dates = pl.Series("day", found).cast(pl.Int32).cast(pl.Date)
    good = inside & has_calendar(days).fill_null(False)
    return pl.select(pl.when(good).then(dates)).to_series()


def roll(days: pl.Series) -> pl.Series:
    """The date itself or, on a day off, the next working day; null without calendar."""
    return _pick(days, "left", 0)


def due_after(start: pl.Series, days: int, unit: Unit) -> pl.Series:
    """The last day of a limit that begins the day after `start`.

    Null where `start` is null or the calendar does not cover the year (rule 70).
    """
    if unit == "working":
        return _pick(start, "right", days - 1)
    return roll(start.dt.offset_by(f"{days}d"))


def regime(days: pl.Expr) -> pl.Expr:
    """Which law governs an event of that date; null without a date."""
    return (
        pl.when(days >= AMENDED_ON)
        .then(pl.lit(FROM))
        .when(days.is_not_null())
        .then(pl.lit(PRE))
    )


def suspended_days(suspensions: pl.Expr) -> pl.Expr:
    """Days, both ends included, that the amending law takes out of a limit.

    Time before 01/7/2026 counts as ever, and an open suspension has no length yet.
    """
    item = pl.element().struct
    start = pl.max_horizontal(item.field("from"), pl.lit(AMENDED_ON))
    length = (item.field("to") - start).dt.total_days() + 1
    return suspensions.list.eval(length.clip(lower_bound=0)).list.sum().fill_null(0)


def _is_suspended(suspensions: pl.Expr) -> pl.Expr:
    item = pl.element().struct
    is_open = item.field("from").is_not_null() & item.field("to").is_null()
    return suspensions.list.eval(is_open).list.any().fill_null(False)


def complaint_days() -> pl.Expr:
    """The limit from acceptance: 30/45, remote 45/60; second 45/60, remote 60/70."""
    remote = pl.col("is_remote").fill_null(False)
    hard = pl.col("is_complex").fill_null(False)
    first = 30 + 15 * remote.cast(pl.Int64) + 15 * hard.cast(pl.Int64)
    second = pl.when(remote & hard).then(70).otherwise(first + 15)
    return (
        pl.when(pl.col("instance") == 1)
        .then(first)
        .when(pl.col("instance") == 2)
        .then(second)
    )


def denunciation_days() -> pl.Expr:
    """30 days from acceptance, 30 more for each of at most two extensions."""
    extensions = pl.col("extensions").list.len().fill_null(0).clip(upper_bound=2)
    return 30 + 30 * extensions.cast(pl.Int64)


def _complaint_basis() -> pl.Expr:
    article = (
        pl.when(pl.col("instance") == 2)
        .then(pl.lit(SECOND_BASIS))
        .otherwise(pl.lit(FIRST_BASIS))
    )
    is_assumed = pl.col("is_remote").is_null() | pl.col("is_complex").is_null()
    assumed = (
        pl.when(is_assumed)
        .then(pl.lit("; place or complexity unknown: ordinary limit"))
        .otherwise(pl.lit(""))
    )
    stopped = (
        pl.when(_is_suspended(pl.col("suspensions")))
        .then(pl.lit("; suspended: clock stopped"))
        .otherwise(pl.lit(""))
    )
    return article + assumed + stopped


@dataclass(frozen=True, slots=True)
class _Limit:
    """The date a limit starts from, its days (null: no clock), and the article."""

    start: str
    days: pl.Expr
    basis: pl.Expr


def _limit(record_type: str) -> _Limit | None:
    """The limit of a record type; None where the law sets none on the record itself."""
    match record_type:
        case "reception":
            # A reception keeps its result and not when it was told: only while it has
            # none is there something to wait for.
            days = pl.when(pl.col("result").is_null()).then(pl.lit(10, pl.Int64))
            basis = pl.when(pl.col("result").is_null()).then(pl.lit(RECEPTION_BASIS))
            return _Limit("reception_date", days, basis)
        case "petition":
            ten = pl.lit(10, pl.Int64)
            return _Limit("received_date", ten, pl.lit(PETITION_BASIS))
        case "complaint_case":
            suspensions = pl.col("suspensions")
            total = complaint_days() + suspended_days(suspensions)
            running = pl.when(~_is_suspended(suspensions)).then(total)
            return _Limit("accepted_date", running, _complaint_basis())
        case "denunciation_case":
            article = pl.lit(DENUNCIATION_BASIS)
            return _Limit("accepted_date", denunciation_days(), article)
    return None


def _due(record_type: str, frame: pl.DataFrame) -> pl.DataFrame:
    """due_date and due_basis of each row."""
    limit = _limit(record_type)
    if limit is None:
        # Literals alone would make one row.
        nothing = {
            "due_date": pl.lit(None, pl.Date),
            "due_basis": pl.lit(None, pl.String),
        }
        return frame.select(RECORD_ID, **nothing).drop(RECORD_ID)
    counted = frame.select(
        plain=pl.col(limit.start) + pl.duration(days=limit.days),
        basis=pl.when(pl.col(limit.start).is_not_null()).then(limit.basis),
    )
    rolled = roll(counted["plain"])
    is_uncharted = rolled.is_null() & counted["plain"].is_not_null()
    return counted.select(
        due_date=pl.coalesce(rolled, "plain"),
        due_basis=pl.when(is_uncharted)
        .then(pl.col("basis") + f"; {NO_CALENDAR}")
        .otherwise("basis"),
    )


def clocks(record_type: str, frame: pl.DataFrame) -> pl.DataFrame:
    """due_date, due_basis, legal_regime and effective_date by record_id, in order.

    No start date, no clock: due_date and due_basis are null. A suspended complaint has
    a basis and no date. Only a decision that settles a complaint takes effect.
    """
    event = BY_NAME[record_type].event_date
    settles = pl.col("doc_type").is_in(SETTLEMENTS)
    effective = pl.when(settles).then(
        pl.col("doc_date") + pl.duration(days=EFFECTIVE_DAYS)
    )
    return frame.select(
        RECORD_ID,
        *_due(record_type, frame),
        legal_regime=regime(pl.col(event)) if event else pl.lit(None, pl.String),
        effective_date=effective
        if record_type == "decision"
        else pl.lit(None, pl.Date),
    )
