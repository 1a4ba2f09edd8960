"""The living records of an installation: those that its people still work on.

Kept in a file beside the estate, so that a night need not know the whole estate.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TypeAlias

from flows.demo.expecting import REFERENCES
from flows.demo.inventing import Record, Value
from flows.demo.planting import Row

Group: TypeAlias = list[Record]  # a petition (or what stands alone) and all below it
Past: TypeAlias = tuple[int, Record]  # the night and the record as it was then

LIVING = 300
# Where a record hangs: by the field that names what it belongs to.
_BELONGS = {
    "complaint_case": "petition_ids",
    "denunciation_case": "petition_ids",
    "recommendation_reflection": "petition_ids",
    "decision": "case_id",
    "enforcement": "decision_id",
    "recovery": "case_id",
}
_NUMBER = re.compile(r"^(.*?)(\d+)$")


@dataclass(slots=True)
class Living:
    """Clean recent records in groups, and what earlier nights left to do.

    `numbers`: the last number given after each beginning of a key. `named`: keys that
    records outside their group point to. `broken`: how a faulty row must read once it
    is mended. `awaited`: parents that arrive one night after their children.
    """

    night: int = 1
    groups: list[Group] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    broken: list[Past] = field(default_factory=list)
    awaited: list[Record] = field(default_factory=list)
    deleted: list[Past] = field(default_factory=list)
    cancelled: list[Past] = field(default_factory=list)

    def new_key(self, key: str) -> str:
        """A key that nobody has, of the same beginning."""
        found = _NUMBER.match(key)
        head, digits = found.groups() if found else (f"{key}-", "000")
        self.numbers[head] = self.numbers.get(head, 0) + 1
        return f"{head}{self.numbers[head]:0{len(digits)}d}"


def first_living(rows: Sequence[Row], is_file: bool) -> Living:
    """The newest clean groups, and the numbers and references of all rows.

    Of a register only the newest file is still written.
    """
    living = Living()
    counts = Counter(row.record.key for row in rows)
    for row in rows:
        found = _NUMBER.match(row.record.key)
        if found:
            head, number = found[1], int(found[2])
            living.numbers[head] = max(number, living.numbers.get(head, 0))
    years = [row.record.updated_at.year for row in rows if is_file]
    chosen, year = 0, max(years, default=0)
    for group in _newest(rows, counts, year):
        living.groups.append(group)
        chosen += len(group)
        if chosen >= max(LIVING, len(rows) // 100):
            break
    inside = {r.key: place for place, g in enumerate(living.groups) for r in g}
    for row in rows:
        mine = inside.get(row.record.key)
        for key in references(row.record):
            if key in inside and inside[key] != mine:
                living.named.add(key)
    return living


def _newest(rows: Sequence[Row], counts: Counter[str], year: int) -> Iterator[Group]:
    groups = grouped([row.record for row in rows])
    bad = {row.record.key for row in rows if row.fault is not None}

    def is_good(group: Group) -> bool:
        return all(
            r.key not in bad
            and counts[r.key] == 1
            and r.key
            and r.status == "active"
            and r.updated_at.year >= year
            for r in group
        )

    good = [group for group in groups if is_good(group)]
    good.sort(key=lambda g: (max(r.updated_at for r in g), g[0].key), reverse=True)
    yield from good


def grouped(records: Iterable[Record]) -> list[Group]:
    """Records by what they belong to; the top of each group first."""
    listed = list(records)
    by_key = {record.key: record for record in listed}
    groups: dict[str, Group] = {}
    for record in listed:
        top = record
        for _ in range(4):
            above = by_key.get(belongs_to(top))
            if above is None or above is top:
                break
            top = above
        groups.setdefault(top.key, []).append(record)
    for key, group in groups.items():
        group.sort(key=lambda r: (r.key != key, _DEPTH.get(r.type, 0)))
    return list(groups.values())


_DEPTH = {"decision": 2, "recovery": 2, "enforcement": 3}


def belongs_to(record: Record) -> str:
    """The key of what a record belongs to; "" when it stands alone."""
    name = _BELONGS.get(record.type)
    value = record.values.get(name) if name else None
    first = value[0] if isinstance(value, list) and value else value
    return first if isinstance(first, str) else ""


def references(record: Record) -> Iterator[str]:
    """The keys that a record names."""
    for name in REFERENCES:
        value = record.values.get(name)
        for key in value if isinstance(value, list) else [value]:
            if isinstance(key, str):
                yield key


def renamed(record: Record, names: dict[str, str]) -> Record:
    """The record with its own key and those it names changed."""
    values = dict(record.values)
    for name in REFERENCES:
        value = values.get(name)
        if isinstance(value, list):
            values[name] = [names.get(str(key), str(key)) for key in value]
        elif isinstance(value, str):
            values[name] = names.get(value, value)
    return replace(record, key=names.get(record.key, record.key), values=values)


def save(path: Path, living: Living) -> None:
    """Write the file anew."""
    pasts = {
        name: [[night, _coded(r)] for night, r in getattr(living, name)]
        for name in ("broken", "deleted", "cancelled")
    }
    text = {
        "night": living.night,
        "groups": [[_coded(r) for r in group] for group in living.groups],
        "numbers": living.numbers,
        "named": sorted(living.named),
        "awaited": [_coded(r) for r in living.awaited],
        **pasts,
    }
    path.parent.mkdir(exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(text, ensure_ascii=False), encoding="utf-8")
    fresh.replace(path)


def load(path: Path) -> Living:
    """Read the file of an installation."""
    text = json.loads(path.read_text(encoding="utf-8"))
    broken, deleted, cancelled = (
        [(int(night), _decoded(r)) for night, r in text[name]]
        for name in ("broken", "deleted", "cancelled")
    )
    return Living(
        text["night"],
        [[_decoded(r) for r in group] for group in text["groups"]],
        text["numbers"],
        set(text["named"]),
        broken,
        [_decoded(r) for r in text["awaited"]],
        deleted,
        cancelled,
    )


def _coded(r: Record) -> list[object]:
    values = {name: _plain(value) for name, value in r.values.items()}
    return [r.type, r.key, values, r.updated_at.isoformat(), r.linked, r.status]


def _plain(value: Value) -> object:
    if isinstance(value, date):
        return {"on": value.isoformat()}
    if isinstance(value, list):
        return [
            {n: _plain(v) for n, v in item.items()} if isinstance(item, dict) else item
            for item in value
        ]
    return value


def _decoded(parts: Sequence[object]) -> Record:
    type_, key, values, at, linked, status = parts
    assert isinstance(values, dict)
    read = {str(name): _value(value) for name, value in values.items()}
    when = datetime.fromisoformat(str(at))
    return Record(str(type_), str(key), read, when, bool(linked), str(status))


def _value(value: object) -> Value:
    if isinstance(value, dict):
        return date.fromisoformat(value["on"])
    if isinstance(value, list):
        return [  # type: ignore[return-value]
            {n: _value(v) for n, v in item.items()} if isinstance(item, dict) else item
            for item in value
        ]
    assert value is None or isinstance(value, str | int)
    return value
