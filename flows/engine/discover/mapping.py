"""One field's entry in the preset: its column, and how the cells are read."""

import re
from collections.abc import Sequence
from dataclasses import replace

from expectations.declaring import Field, Type
from flows.engine.discover import coding, folding, values
from flows.engine.discover.dates import Dates, dates_of
from flows.engine.discover.proposal import Line, Toml
from flows.engine.discover.shapes import Profile

SCALES = (
    (re.compile(r"\b(?:trieu|trd|tr d|trđ|tr dong)\b"), 1_000_000),
    (re.compile(r"\b(?:nghin|ngan|ngd|1000d?|nghin dong)\b"), 1_000),
    (re.compile(r"\b(?:ty|ti) dong\b"), 1_000_000_000),
)
CLOCK = re.compile(r"[T ,]+(?=%[HI])")
ONLY_DAY = r"^([0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{1,4})"
BOOL_MAP = "co_khong"


def scale_of(header: str, titles: Sequence[str]) -> int | None:
    """What the numbers under a header count in: 1000000 for triệu đồng."""
    units = [header, *(t for t in titles if "tinh" in folding.plain(t))]
    for text in units:
        for pattern, scale in SCALES:
            if pattern.search(folding.plain(text)):
                return scale
    return None


def decimal_of(cells: Profile, is_workbook: bool) -> str | None:
    """The sign before fractions, as far as the cells prove one."""
    numbers = [value.replace(" ", "") for value in cells.counted]
    comma = any(re.search(r"\d,(?:\d{1,2}|\d{4,})$|\.\d{3},", n) for n in numbers)
    dot = any(re.search(r"\d\.(?:\d{1,2}|\d{4,})$|,\d{3}\.", n) for n in numbers)
    if is_workbook:
        return None if comma else "."
    if comma != dot:
        return "," if comma else "."
    return None


def day_formats(found: Dates) -> tuple[str, ...]:
    """The formats without their times: a date field has none."""
    return tuple(dict.fromkeys(CLOCK.split(form)[0] for form in found.formats))


def entry(
    field: Field,
    column: str,
    cells: Profile,
    usual: tuple[str, ...],
    scale: int | None,
    is_workbook: bool,
) -> dict[str, Toml]:
    """The field's table; `usual` are the preset's own date formats."""
    table: dict[str, Toml] = {"column": column}
    if field.type is Type.DATE:
        found = dates_of(cells)
        if found is not None:
            formats = day_formats(found)
            if found.has_time and formats:
                table["extract"] = ONLY_DAY
            if formats and formats != usual[: len(formats)]:
                table["formats"] = list(formats)
    elif field.type is Type.AMOUNT_VND:
        decimal = decimal_of(cells, is_workbook)
        if scale is not None:
            table["scale"] = scale
        if decimal is not None and (scale is not None or not is_workbook):
            table["decimal"] = decimal
    elif field.type is Type.REFERENCES:
        signs = [s for s in (";", ",", "|") if any(s in v for v in cells.counted)]
        if signs:
            table["split"] = signs[0]
    return table


def needs_codes(field: Field) -> bool:
    """True for a field whose values are mapped."""
    return bool(field.codes) or field.type is Type.BOOL


def codes_name(field: Field) -> str:
    """The name of its code map: one for all that take yes and no."""
    return BOOL_MAP if field.type is Type.BOOL else field.name


def coded(record_type: str, field: Field, cells: Profile) -> coding.CodeMap:
    """Its code map, values in old fonts as the normaliser will have repaired them."""
    return coding.code_map(record_type, field, values.repaired_counts(cells))


def merged(one: coding.CodeMap, other: coding.CodeMap) -> coding.CodeMap:
    """Two maps of fields that share one."""
    unknown = {v: n for v, n in one.unknown.items() if v not in other.known}
    unknown |= {v: n for v, n in other.unknown.items() if v not in one.known}
    return replace(
        one,
        known=one.known | other.known,
        unknown=unknown,
        hidden=one.hidden + other.hidden,
        share=min(one.share, other.share),
    )


def line(table: dict[str, Toml], comment: str) -> Line:
    """A table as TOML writes it: a bare string where it only names a column."""
    value = table["column"] if list(table) == ["column"] else table
    return Line(value, comment)
