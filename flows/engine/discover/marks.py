"""Columns that stand side by side and are ticked with an x: one field in several."""

from collections.abc import Sequence
from dataclasses import dataclass

from expectations.declaring import Field, Type
from flows.engine.discover import values
from flows.engine.discover.evidence import Seen


@dataclass(frozen=True, slots=True)
class MarkGroup:
    """A field whose value is the column that is ticked: column -> our code."""

    field: Field
    codes: dict[str, str]
    confidence: float


def mark_group(record_type: str, columns: Sequence[Seen]) -> MarkGroup | None:
    """The ticked columns of a sheet; of several groups the largest."""
    ticked = [one for one in columns if _is_ticked(one)]
    best: MarkGroup | None = None
    for field in values.code_fields(record_type):
        if field.type is Type.BOOL:
            continue
        for group in _neighbours(ticked):
            found = _group(record_type, field, group)
            if found is None:
                continue
            key = (len(found.codes), found.confidence)
            if best is None or key > (len(best.codes), best.confidence):
                best = found
    return best


def _is_ticked(one: Seen) -> bool:
    cells = one.profile
    return cells.marks >= 0.9 if cells.count else bool(one.column.heading)


def _neighbours(ticked: Sequence[Seen]) -> list[list[Seen]]:
    """Columns under one heading; and all, where no merged cell tells (CSV)."""
    groups: dict[str, list[Seen]] = {}
    for one in ticked:
        is_under = one.column.heading != one.column.lower
        groups.setdefault(one.column.heading if is_under else "", []).append(one)
    return [group for group in (*groups.values(), list(ticked)) if len(group) > 1]


def _group(record_type: str, field: Field, group: Sequence[Seen]) -> MarkGroup | None:
    codes: dict[str, str] = {}
    sure = []
    for one in group:
        found = values.meaning(record_type, field, one.column.lower)
        if found is not None and found[0] not in codes.values():
            codes[one.name] = found[0]
            sure.append(found[1])
    if len(codes) < 2 or not any(one.profile.count for one in group):
        return None
    target = f"{record_type}.{field.name}"
    named = [n.confidence for one in group for n in one.named if n.target == target]
    confidence = min(sure) * (0.95 if named else 0.75)
    return MarkGroup(field, codes, round(confidence + 0.001 * len(named), 3))
