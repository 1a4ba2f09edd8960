"""What the cells of a workbook say, as text: numbers, serial dates, number formats."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Literal

DAY_MS = 86_400_000
LAST_SERIAL = 2_958_465  # 9999-12-31, the last day that Excel knows
# Excel counts a 29 February 1900 that never was (for Lotus 1-2-3): days before it
# begin a day later.
FALSE_LEAP_DAY = 60
EPOCH_1900, EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001
# What a double holds of a number as written: Excel shows no more.
DIGITS = 15
UNCACHED = "#UNCACHED!"

# The built-in formats that show dates; 27-36 and 50-58 are East Asian calendars.
BUILT_IN_DATES = {*range(14, 23), *range(27, 37), *range(50, 59)}
BUILT_IN_DURATIONS = {45, 46, 47}
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.')
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_BRACKETS = re.compile(r"\[[^\]]*\]")
_DATE_SIGNS = re.compile(r"[ymdhs]", re.IGNORECASE)
_PADDED = re.compile(r"^0{2,20}$")
_WHOLE = re.compile(r"^-?\d+$")
_MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0+)?)?Z?$")


@dataclass(frozen=True, slots=True)
class Shown:
    """How a number format shows its number: `pad` is its count of leading zeros."""

    kind: Literal["number", "date", "duration"] = "number"
    pad: int = 0


NUMBER, DATE, DURATION = Shown(), Shown("date"), Shown("duration")


@lru_cache(maxsize=4096)
def shown_by(code: int, text: str | None) -> Shown:
    """What a number format, by its number and its own text if any, makes of a number.

    A format of zeros alone (`000000000000`) is kept: it is how an office keeps the
    leading zero of a citizen's number in a numeric cell.
    """
    if text is None:
        built_in = DATE if code in BUILT_IN_DATES else NUMBER
        return DURATION if code in BUILT_IN_DURATIONS else built_in
    first = _QUOTED.sub("", text.split(";")[0])
    if _ELAPSED.search(first):
        return DURATION
    bare = _BRACKETS.sub("", first)
    if "general" not in bare.casefold() and _DATE_SIGNS.search(bare):
        return DATE
    return Shown(pad=len(first)) if _PADDED.match(first) else NUMBER


def number(raw: str | float, shown: Shown, is_1904: bool) -> str:
    """A numeric cell as text: digits without an exponent, or the day it is."""
    try:
        value = float(raw)
    except ValueError:
        return str(raw)
    if shown.kind == "date" and 0 <= value < LAST_SERIAL + 1:
        return _day(value, is_1904)
    if shown.kind == "duration" and abs(value) < LAST_SERIAL:
        return _elapsed(value)
    digits = _digits(raw, value)
    return digits.zfill(shown.pad) if shown.pad and digits.isdigit() else digits


def _digits(raw: str | float, value: float) -> str:
    """Whole numbers to their last digit, others to the 15 digits that Excel shows."""
    if isinstance(raw, str) and _WHOLE.match(raw):
        return raw
    if value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    try:
        exact = Decimal(raw if isinstance(raw, str) else repr(raw))
        if exact != exact.to_integral_value():
            exact = Decimal(f"{value:.{DIGITS}g}")
        text = f"{exact:f}"
    except (InvalidOperation, ValueError):
        return str(raw)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _day(value: float, is_1904: bool) -> str:
    """`2026-01-31`, `2026-01-31 08:00:00`, or `08:00:00` for a time without a day."""
    days, ms = divmod(round(value * DAY_MS), DAY_MS)
    if days == 0 and not is_1904:
        return _clock(ms) if ms else "00:00:00"
    if not is_1904 and days == FALSE_LEAP_DAY:
        day = "1900-02-29"  # said as it stands; no calendar has it
    else:
        early = not is_1904 and days < FALSE_LEAP_DAY
        epoch = EPOCH_1904 if is_1904 else EPOCH_1900
        try:
            day = (epoch + timedelta(days + early)).strftime("%Y-%m-%d").zfill(10)
        except OverflowError:
            return _digits(value, value)
    return f"{day} {_clock(ms)}" if ms else day


def _elapsed(value: float) -> str:
    ms = round(abs(value) * DAY_MS)
    return ("-" if value < 0 else "") + _clock(ms)


def _clock(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{ms:03}" if ms else text


def iso(text: str) -> str:
    """A date that a workbook wrote as ISO 8601, in the form of the others."""
    return _MIDNIGHT.sub("", text.strip()).replace("T", " ").removesuffix("Z")
