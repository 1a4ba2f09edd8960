"""Cells that hold two things: name and address, kind and number, number and date."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from expectations import records
from expectations.declaring import Field, Type
from flows.engine.discover import folding, headers, values
from flows.engine.discover.evidence import Seen

# How a header says that it stands over two things.
HEADER_SPLIT = re.compile(r"\s*/\s*|\s+[-–]\s+|\s*[,;&]\s*|\s+và\s+|\s*\n\s*", re.I)
# Separators inside a cell, the strictest first, as regular expressions.
SEPARATORS = (r" - ", r" – ", r"; ?", r"/ *", r", ?", r" *\n *")
ENOUGH = 0.7
# "Số, ngày quyết định": the number that goes with a date.
NUMBER_OF = {
    "doc_date": "doc_no",
    "decision_date": "decision_no",
    "acceptance_decision_date": "acceptance_decision_no",
    "conclusion_date": "conclusion_no",
    "report_date": "report_no",
    "answer_date": "answer_no",
    "object_doc_date": "object_doc_no",
    "accepted_date": "notice_no",
    "processed_date": "reply_no",
    "forwarded_date": "reply_no",
}
BARE_NUMBER = ("so", "so hieu", "so ky hieu", "ky hieu", "so vb", "no", "number")
DAY = r"([0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4})"


@dataclass(frozen=True, slots=True)
class Part:
    """A field read out of a part of a cell: group 1 of `extract`."""

    field: Field
    extract: str
    confidence: float
    why: str


def parts_of(record_type: str, one: Seen) -> list[Part]:
    """The fields in a column's cells when they hold several; empty when one."""
    named = _named_parts(record_type, one.name)
    if len(named) < 2:
        return _kind_and_number(record_type, one)
    first, last = named[0], named[-1]
    if Type.DATE in (first[0].type, last[0].type):
        return _number_and_date(one, first, last)
    if last[0].type is Type.INT:
        return _before_number(one, first, last)
    sign = _separator(one)
    if sign is None:
        return []
    why = f"header names two things; cells are cut at “{sign}”"
    return [
        Part(first[0], f"^(.*?){sign}", first[1] * 0.85, why),
        Part(last[0], f"^.*?{sign}(.*)$", last[1] * 0.85, why),
    ]


def _named_parts(record_type: str, header: str) -> list[tuple[Field, float]]:
    """The fields that the header's parts name, when each names one of its own."""
    texts = [text for text in HEADER_SPLIT.split(header) if text.strip()]
    if len(texts) < 2:
        return []
    found: dict[str, tuple[Field, float]] = {}
    declared = {f.name: f for f in records.BY_NAME[record_type].fields}
    for text in texts:
        for named in headers.named(text):
            kind, _, name = named.target.partition(".")
            if kind == record_type and name in declared and named.confidence >= 0.65:
                found.setdefault(name, (declared[name], named.confidence))
                break
    if len(found) == 1 and any(folding.plain(text) in BARE_NUMBER for text in texts):
        number = NUMBER_OF.get(next(iter(found)), "")
        if number in declared:
            found[number] = (declared[number], 0.85)
    return list(found.values())


def _separator(one: Seen) -> str | None:
    filled = [cell for cell in one.column.cells if cell.strip()]
    if not filled:
        return None
    for sign in SEPARATORS:
        hits = sum(bool(re.search(rf"\S{sign}\S", cell)) for cell in filled)
        if hits >= ENOUGH * len(filled):
            return sign
    return None


def _before_number(
    one: Seen,
    first: tuple[Field, float],
    last: tuple[Field, float],
) -> list[Part]:
    sign = _number_sign(one)
    if sign is None:
        return []
    why = f"a value and a number, cut at “{sign.strip()}”"
    return [
        Part(first[0], f"^(.*){sign}", first[1] * 0.95, why),
        Part(last[0], f"{sign} *([0-9]+)$", last[1] * 0.95, why),
    ]


def _number_sign(one: Seen) -> str | None:
    filled = [cell for cell in one.column.cells if cell.strip()]
    for sign in ("/", "-", ":", ",", ";"):
        pattern = re.compile(rf"^[^0-9].*{re.escape(sign)} *[0-9]+$")
        hits = sum(bool(pattern.match(cell)) for cell in filled)
        if filled and hits >= ENOUGH * len(filled):
            return sign
    return None


def _kind_and_number(record_type: str, one: Seen) -> list[Part]:
    """“Khiếu nại/ 12” under a header that names only one of the two."""
    sign = _number_sign(one)
    kind = records.BY_NAME[record_type].kind_field
    people = {"reception": "people_count", "petition": "signatories"}.get(record_type)
    if sign is None or not kind or people is None:
        return []
    field = records.BY_NAME[record_type].field(kind)
    heads = [cell.rpartition(sign)[0].strip() for cell in one.column.cells if cell]
    known = [h for h in heads if values.meaning(record_type, field, h) is not None]
    if len(known) < ENOUGH * len(heads):
        return []
    why = f"kind and number in one cell, cut at “{sign}”"
    return [
        Part(field, f"^(.*){sign}", 0.85, why),
        Part(
            records.BY_NAME[record_type].field(people),
            f"{sign} *([0-9]+)$",
            0.7,
            why,
        ),
    ]


def _number_and_date(
    one: Seen, first: tuple[Field, float], last: tuple[Field, float]
) -> list[Part]:
    filled = [cell for cell in one.column.cells if cell.strip()]
    both = re.compile(rf"\S.*\D{DAY}\s*$")
    hits = sum(bool(both.search(cell)) for cell in filled)
    if not filled or hits < ENOUGH * len(filled):
        return []
    number, day = (last, first) if first[0].type is Type.DATE else (first, last)
    if number[0].type is Type.DATE:
        return []
    why = "a number and a date in one cell"
    return [
        Part(number[0], r"^([^\s,;]+)", number[1] * 0.8, why),
        Part(day[0], rf"{DAY}\s*$", day[1] * 0.8, why),
    ]


def extracted(part: Part, cells: Sequence[str]) -> list[str]:
    """The part of each cell, as the preset would read it."""
    pattern = re.compile(part.extract)
    found = []
    for cell in cells:
        match = pattern.search(cell)
        found.append(match[1].strip() if match and match[1] else "")
    return found
