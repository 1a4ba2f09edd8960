"""What a column's cells look like: dates, numbers, marks, numbers of people."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

DATE = re.compile(
    r"^\s*(?:\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})|\d{4}[/.-]\d{1,2}[/.-]\d{1,2})"
    r"(?:[T ,]+\d{1,2}[:h]\d{2}.*)?\s*$"
)
NUMBER = re.compile(
    r"^[+-]?\d{1,3}(?:[.,  ]\d{3})*(?:[.,]\d+)?$|^[+-]?\d+(?:[.,]\d+)?$"
)
MARK = re.compile(r"^[xX✓✔√☑vV*+●•■]$")
PHONE = re.compile(r"^(?:\+?84|0)[ .-]?(?:\d[ .-]?){8,10}$")
ID = re.compile(r"^(?:\d{9}|\d{10}|\d{12}|\d{13}|[A-Z]{2}\d{13}|[A-Z]\d{7,8})$")
EMAIL = re.compile(r"^\S+@\S+\.\S+$")
LONG_DIGITS = re.compile(r"\d[\d .-]{6,}\d")
# Surnames that are no other word, however they are written; and all common ones.
SURE_NAMES = (
    "nguyễn trần lê phạm hoàng huỳnh phan võ đặng bùi ngô dương đinh trịnh trương "
    "nguyen tran pham huynh bui ngo hoang le"
)
SURNAMES = (
    f"{SURE_NAMES} vũ đỗ hồ lý đoàn mai lưu cao hà tạ chu châu lâm vương tô tống "
    "thái quách lò vi lương vu do ho ly doan luu ta lam vuong to tong thai lo luong "
    "phan vo dang dinh"
)
PERSON = re.compile(
    rf"(?i:(?:^|\b(?:ông|bà|anh|chị|cụ)\s+)(?:{'|'.join(SURE_NAMES.split())})"
    r"(?:\s+\w+){1,5}$)"
    rf"|^(?i:{'|'.join(SURNAMES.split())})(?-i:\s+[^\W\d_a-zà-ỹ]\w*){{2,5}}$"
    r"|^\w+\s+(?i:thị|văn|thi|van)\s+\w+(?:\s+\w+)?$"
)
HONORIFIC = re.compile(r"^(?:ông|bà|anh|chị|cụ|ong|ba|mr|mrs|ms)[\s.:]", re.IGNORECASE)
NULLS = (
    "n/a", "na", "-", "--", "---", "null", "none", "nan", "#n/a", "không có", "ko có",
    "01/01/1753", "01/01/1900", "1/1/1900", "01/01/0001", "1753-01-01", "1900-01-01",
    "0001-01-01", "1753-01-01 00:00:00", "1900-01-01 00:00:00", "0001-01-01 00:00:00",
    "0000-00-00", "0000-00-00 00:00:00", "00/00/0000", "(null)", "(trống)", "trống",
    "…", "...", ".", "/", "?", "\\n", "chưa có", "không rõ",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Profile:
    """Shares are of the cells that are neither blank nor a known sign for nothing."""

    count: int  # such cells
    blank: int
    distinct: int
    longest: int
    mean_length: float
    dates: float
    numbers: float
    marks: float
    phones: float
    ids: float
    emails: float
    people: float
    nulls: tuple[str, ...]  # signs for nothing, as they are written
    counted: Counter[str]


def level(cell: str) -> str:
    """A header cell without the differences that nobody sees, as the reader does it."""
    return unicodedata.normalize("NFC", " ".join(cell.split()))


def is_data(cell: str) -> bool:
    """True for a cell that no header is: a date, a phone, a person's number."""
    text = cell.strip()
    return bool(
        DATE.match(text) or PHONE.match(text) or ID.match(text) or EMAIL.match(text)
    )


def profile(cells: Sequence[str]) -> Profile:
    """What the cells of one column look like."""
    trimmed = [" ".join(cell.split()) for cell in cells]
    nulls = tuple(sorted({c for c in trimmed if c.lower() in NULLS}))
    values = [c for c in trimmed if c and c not in nulls]
    counted = Counter(values)
    count = len(values)

    def share(pattern: re.Pattern[str]) -> float:
        hits = sum(n for value, n in counted.items() if pattern.search(value))
        return hits / count if count else 0.0

    return Profile(
        count,
        len(trimmed) - count,
        len(counted),
        max(map(len, values), default=0),
        sum(map(len, values)) / count if count else 0.0,
        share(DATE),
        share(NUMBER),
        share(MARK),
        share(PHONE),
        share(ID),
        share(EMAIL),
        share(PERSON) if count else 0.0,
        nulls,
        counted,
    )


def looks_personal(value: str) -> bool:
    """True for a value that may name or number a person; it is never printed."""
    return bool(
        LONG_DIGITS.search(value)
        or EMAIL.search(value)
        or PERSON.search(value)
        or HONORIFIC.match(value)
        or _is_titled(value)
        or len(value) > 60
    )


def _is_titled(value: str) -> bool:
    """Two words or more, each with a capital and more: how names are written."""
    words = value.split()
    titled = [w for w in words if w[0].isupper() and (w[1:].islower() or not w[1:])]
    return len(words) >= 2 and len(titled) == len(words)
