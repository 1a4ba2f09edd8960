"""Forms of the periodic reports: numbers under numbered columns, a unit a row."""

import re
from collections.abc import Sequence

from expectations.records_office import FORMS
from flows.engine.discover import folding, shapes
from flows.engine.discover.evidence import Seen
from flows.engine.discover.layout import Table, told_apart

FEWEST = 4  # numbered columns of a form
NUMBERED = re.compile(r"^\(?([0-9]{1,3})\)?(?: ?=.*)?$")
# What stands in a form's title, levelled; the longest that fits decides.
TITLES = {
    "01/TCD": ("ket qua tiep cong dan",),
    "02/TCD": ("ket qua phan loai xu ly don qua tiep cong dan", "xu ly don qua tiep"),
    "01/XLD": ("ket qua xu ly don",),
    "02/XLD": ("ket qua xu ly don khieu nai", "xu ly don khieu nai"),
    "03/XLD": ("ket qua xu ly don to cao", "xu ly don to cao"),
    "04/XLD": ("ket qua xu ly don kien nghi phan anh", "xu ly don kien nghi"),
    "01/KQGQ": ("ket qua giai quyet khieu nai",),
    "02/KQGQ": ("ket qua thi hanh quyet dinh giai quyet khieu nai",
                "thi hanh quyet dinh giai quyet khieu nai"),
    "03/KQGQ": ("ket qua giai quyet to cao",),
    "04/KQGQ": ("ket qua thuc hien ket luan noi dung to cao",
                "thuc hien ket luan", "thi hanh ket luan"),
}  # fmt: skip


def form_columns(table: Table, titles: Sequence[str]) -> tuple[str, ...] | None:
    """Names for the columns of a blank form's kind: the numbers in its last header row.

    None when the header numbers no columns, or what it names are no numbers.
    """
    if not _is_counted(table, titles):
        return None
    names = [_number(column.name) for column in table.columns]
    if sum(name is not None for name in names) < FEWEST:
        return None
    given = [
        n or c.heading or c.name for n, c in zip(names, table.columns, strict=True)
    ]
    is_new = given != [column.name for column in table.columns]
    # A form of TT 01/2024 numbers one column like another: the second is told apart.
    return tuple(told_apart(given)[0]) if is_new else None


def _is_counted(table: Table, titles: Sequence[str]) -> bool:
    """True for a table of numbers, or a blank form that its title names."""
    filled = [one for c in table.columns if (one := shapes.profile(c.cells)).count]
    numbers = [one for one in filled if one.numbers > 0.9]
    if len(filled) < FEWEST:
        return form_code(titles) is not None
    return len(numbers) >= 0.7 * len(filled)


def _number(name: str) -> str | None:
    parts = name.split(" / ")
    match = NUMBERED.match(parts[-1])
    return match[1] if match else None


def numbered(columns: Sequence[Seen]) -> list[str]:
    """Columns whose whole name is a number: a report's cells side by side."""
    names = [one.name for one in columns if one.name.isdigit()]
    return names if len(names) >= FEWEST else []


def counts(columns: Sequence[Seen]) -> list[str]:
    """Columns of numbers that are no row numbers: what a table of counts holds."""
    return [
        one.name
        for one in columns
        if one.profile.numbers > 0.9 and folding.plain(one.name) not in ("stt", "tt")
    ]


def form_code(titles: Sequence[str]) -> tuple[str, str] | None:
    """The form that the titles name, and how it was found."""
    for title in titles:
        for code in FORMS:
            number, _, name = code.partition("/")
            # 01/TCD, TCD01, TCD-01
            if re.search(rf"{number}\W?{name}|{name}[\W_]?{number}", title, re.I):
                return code, "named in the title or the file's name"
    said = " ".join(folding.plain(title) for title in titles)
    hits = [(len(t), code) for code, ts in TITLES.items() for t in ts if t in said]
    return (max(hits)[1], "by the title's words") if hits else None
