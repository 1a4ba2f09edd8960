"""One office at a glance: its state, and its volumes beside their band. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import polars as pl

from connectors.national.offices import OfficeStatus, Reading
from expectations.deadlines import roll
from flows.engine.outcome import Verdict
from flows.engine.volume import WEEKDAY_NIGHTS, Band, Side, band

# The last reading and those that its band comes from; last year's Tết is too far back
# for a morning's look.
READINGS = WEEKDAY_NIGHTS.days + 1
# A night a day, and two hours of slack: a night starts at the same hour but an office
# may be the last of it, and may be tried again.
FRESH = timedelta(hours=26)
# 36 offices, four at a time, half an hour each at most: a night that is still without
# a verdict after five hours has died.
LONGEST_NIGHT = timedelta(hours=5)


class State(StrEnum):
    """How an office stands now; in this order people look at them."""

    FAILED = "failed"
    HELD = "held"
    MISCONFIGURED = "misconfigured"
    UNFINISHED = "unfinished"  # its run died without a verdict
    LATE = "late"
    NEVER = "never"  # no run yet
    RUNNING = "running"
    FRESH = "fresh"


ORDER = tuple(State)
# What needs a person; the others are as they should be.
WRONG = frozenset({*ORDER} - {State.RUNNING, State.FRESH})
_NOT_DONE = (Verdict.FAILED, Verdict.HELD, Verdict.MISCONFIGURED)


@dataclass(frozen=True, slots=True)
class Outlier:
    """An installation whose last reading is outside its own band."""

    system: str
    rows: int
    band: Band
    side: Side


@dataclass(frozen=True, slots=True)
class Volume:
    """The last reading of an office: sums over its installations, and the mark of each.

    Sums add up with the night's other numbers, but hide one dead installation behind
    a large one: `outliers` judges each by its own band. `rows` None without a
    reading, `band` None while an installation has too few.
    """

    rows: int | None = None
    band: Band | None = None
    findings: int = 0
    outliers: tuple[Outlier, ...] = ()

    @property
    def side(self) -> Side | None:
        """The mark of the whole office: a low one outweighs a high one."""
        sides = {outlier.side for outlier in self.outliers}
        return Side.LOW if Side.LOW in sides else next(iter(sides), None)


NO_READING = Volume()


@dataclass(frozen=True, slots=True)
class Standing:
    """One office as `kntc status` shows it."""

    status: OfficeStatus
    state: State
    volume: Volume


def standing(status: OfficeStatus, now: datetime) -> Standing:
    """The office's state and volumes at that time."""
    return Standing(status, state(status, now), volume(status.readings))


def state(status: OfficeStatus, now: datetime) -> State:
    """How the office stands: the last run's verdict first, then its age."""
    if status.started_at is None:
        return State.NEVER
    if status.verdict is None:
        is_alive = now - status.started_at <= LONGEST_NIGHT
        return State.RUNNING if is_alive else State.UNFINISHED
    if status.verdict in _NOT_DONE:
        return State(status.verdict)
    at = status.published_at
    is_fresh = at is not None and now - at <= FRESH
    return State.FRESH if is_fresh else State.LATE


def volume(readings: Sequence[Reading]) -> Volume:
    """Rows, band and findings of an office's last reading of each installation."""
    if not readings:
        return NO_READING
    bands = [_band(reading) for reading in readings]
    known = [b for b in bands if b is not None]
    is_whole = len(known) == len(bands)
    return Volume(
        sum(reading.rows for reading in readings),
        Band(sum(b.low for b in known), sum(b.high for b in known))
        if is_whole
        else None,
        sum(reading.findings for reading in readings),
        tuple(_outliers(readings, bands)),
    )


def _band(reading: Reading) -> Band | None:
    """The band of a reading, as the gate draws it."""
    on = reading.night_on
    return None if on is None else band(reading.before, on)


def _outliers(
    readings: Sequence[Reading], bands: Sequence[Band | None]
) -> Iterable[Outlier]:
    for reading, known in zip(readings, bands, strict=True):
        side = known.side(reading.rows) if known is not None else None
        if known is not None and side is not None and _on_working_day(reading):
            yield Outlier(reading.system, reading.rows, known, side)


def _on_working_day(reading: Reading) -> bool:
    """On a holiday nobody writes into a register: few rows say nothing."""
    on = reading.night_on
    return on is None or roll(pl.Series([on], dtype=pl.Date))[0] == on


def in_order(offices: Iterable[Standing]) -> list[Standing]:
    """What needs a person first, then by stem."""
    return sorted(offices, key=lambda o: (ORDER.index(o.state), o.status.province))


def summary(offices: Iterable[Standing]) -> list[tuple[State, int]]:
    """How many offices are in each state that occurs, the good ones first."""
    counted = Counter(office.state for office in offices)
    return [(s, counted[s]) for s in (State.FRESH, *ORDER[:-1]) if counted[s]]
