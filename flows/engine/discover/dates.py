"""In which form a column's dates are written; what the values leave open is said."""

import re
from collections import Counter
from dataclasses import dataclass

from flows.engine.discover.shapes import Profile

NUMERIC = re.compile(r"^(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})(?:([T ,]+)(.+))?$")
WORDS = (
    (re.compile(r"^\d{1,2}-[A-Za-z]{3}-\d{4}$"), "%d-%b-%Y"),
    (re.compile(r"^\d{1,2}-[A-Za-z]{3}-\d{2}$"), "%d-%b-%y"),
    (re.compile(r"^\d{1,2} [A-Za-z]{3} \d{4}$"), "%d %b %Y"),
    (re.compile(r"^[A-Za-z]{3,} \d{1,2}, \d{4}$"), "%B %d, %Y"),
    (re.compile(r"^(?:.*, *)?ngày \d{1,2} tháng \w+ năm \d{4}[.,;]?$", re.I), "words"),
    (re.compile(r"^(?:19|20)\d{6}$"), "%Y%m%d"),
)  # fmt: skip
SERIAL = re.compile(r"^[2-5]\d{4}(?:\.\d+)?$")  # 20000 to 59999: 1954 to 2064
TIMES = (
    (re.compile(r"^\d{1,2}:\d{2}:\d{2} [AP]M$", re.I), "%I:%M:%S %p"),
    (re.compile(r"^\d{1,2}:\d{2} [AP]M$", re.I), "%I:%M %p"),
    (re.compile(r"^\d{1,2}:\d{2}:\d{2}\.\d+$"), "%H:%M:%S%.f"),
    (re.compile(r"^\d{1,2}:\d{2}:\d{2}$"), "%H:%M:%S"),
    (re.compile(r"^\d{1,2}:\d{2}$"), "%H:%M"),
)
ENOUGH = 0.6  # share of the cells that must be dates


@dataclass(frozen=True, slots=True)
class Dates:
    """Formats by how often they stand there; ISO needs none."""

    formats: tuple[str, ...]
    share: float  # of the cells that one of them reads
    notes: tuple[str, ...] = ()
    is_open: bool = False  # day or month first: the values do not say
    has_time: bool = False


def dates_of(profile: Profile) -> Dates | None:
    """The formats of a column, or None when it is no column of dates."""
    parts: Counter[tuple[str, str]] = Counter()  # order and time -> cells
    firsts: Counter[str] = Counter()  # what two-part orders the values prove
    odd = serial = 0
    for value, number in profile.counted.items():
        read = _form(value)
        if read is None:
            serial += number if SERIAL.match(value) else 0
            odd += number
            continue
        form, proof = read
        parts[form] += number
        firsts[proof] += number
    good = sum(parts.values())
    if not good or good / max(profile.count, 1) < ENOUGH:
        return _serials(serial, profile)
    month_first, notes, is_open = _order(firsts)
    formats = []
    for (order, time), _ in parts.most_common():
        text = order.replace("A", "%m" if month_first else "%d")
        text = text.replace("B", "%d" if month_first else "%m")
        if text != "%Y-%m-%d":  # ISO dates and times are always understood
            formats.append(f"{text}{time}")
    if odd:
        notes = (*notes, f"{odd} of {profile.count} cells are no dates")
    has_time = any(time for _, time in parts)
    kept = tuple(dict.fromkeys(formats))
    return Dates(kept, good / profile.count, notes, is_open, has_time)


def _serials(serial: int, profile: Profile) -> Dates | None:
    if not serial or serial / max(profile.count, 1) < ENOUGH:
        return None
    note = "Excel's serial numbers, counted from 1900"
    return Dates(("excel",), serial / profile.count, (note,))


def _order(firsts: Counter[str]) -> tuple[bool, tuple[str, ...], bool]:
    day, month, both = firsts["day"], firsts["month"], firsts["either"]
    if day and month:
        note = f"mixed: {day} cells prove day first, {month} month first"
        return month > day, (note,), True
    if day or month:
        proven = f"{'day' if day else 'month'} first, proven by {day or month} cells"
        return bool(month), (proven,), False
    if both:
        return False, ("day or month first? no value says; dd/mm taken",), True
    return False, (), False


def _form(value: str) -> tuple[tuple[str, str], str] | None:
    """Order and time of one date, and what it proves of the order."""
    match = NUMERIC.match(value)
    if match is None:
        return next((((f, ""), "") for p, f in WORDS if p.match(value)), None)
    first, sign, second, third, gap, time = match.groups()
    tail = _time(gap, time)
    if tail is None:
        return None
    if len(first) == 4 and len(third) <= 2:
        return (f"%Y{sign}%m{sign}%d", "" if sign == "-" else tail), ""
    if len(first) > 2 or len(third) not in (2, 4):
        return None
    a, b = int(first), int(second)
    if not (1 <= a <= 31 and 1 <= b <= 31) or (a > 12 and b > 12):
        return None
    year = "%Y" if len(third) == 4 else "%y"
    proof = "day" if a > 12 else "month" if b > 12 else "either"
    return (f"A{sign}B{sign}{year}", tail), proof


def _time(gap: str | None, time: str | None) -> str | None:
    if time is None:
        return ""
    for pattern, form in TIMES:
        if pattern.match(time):
            return f"{gap}{form}"
    # An offset or fraction after an ISO date is understood without a format.
    return "" if re.match(r"^\d{1,2}:\d{2}", time) else None
