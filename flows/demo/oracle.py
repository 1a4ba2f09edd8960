"""What the national database must hold after each night, from what was planted.

Imports nothing of what it judges: neither the rules, the normaliser nor the engine. It
keeps a file an installation (what stood on its disk on the first night) and one more a
night (what changed), and plays the nights over them.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from flows.demo.clock import night_on
from flows.demo.expecting import REFERENCES, Entry
from flows.demo.products import FILES, REST

Place: TypeAlias = tuple[str, str]  # record type, source id ("" when it is blank)

FULL_EVERY_DAYS = 7  # a cursor is not trusted for longer
OVERLAP = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row on the installation's disk; its open fields stay the text they are in the
    file, for there are many."""

    outcome: str
    rule: str
    at: str
    values: str


@dataclass(frozen=True, slots=True)
class Night:
    """What becomes of an installation's night, whatever its rows say."""

    number: int
    verdict: str = "published"  # or held, failed: nothing moves


@dataclass(slots=True)
class Holding:
    """What must stand in the database of one installation."""

    records: dict[Place, str] = field(default_factory=dict)  # open fields as JSON
    deleted: set[Place] = field(default_factory=set)
    # place -> the rules of its quarantined rows, one a row
    quarantine: dict[Place, list[str]] = field(default_factory=dict)

    @property
    def live(self) -> set[Place]:
        """The records without a deletion mark."""
        return self.records.keys() - self.deleted


@dataclass(slots=True)
class _Source:
    """What stands on the installation's disk, and how far it was read."""

    product: str
    rows: dict[Place, list[_Row]] = field(default_factory=dict)
    high: dict[str, str] = field(default_factory=dict)  # stream -> watermark
    full_on: dict[str, date] = field(default_factory=dict)

    def stream(self, type_: str) -> str:
        """A table has a stream of its own, nested documents share one."""
        is_nested = self.product == REST and type_ != "reception"
        return "dossiers" if is_nested else type_

    def change(self, kind: str, place: Place, row: _Row) -> None:
        """One line of a night's file."""
        if kind == "deleted":
            self.rows.pop(place, None)
        elif kind == "there":
            self.rows.setdefault(place, []).append(row)
        else:
            self.rows[place] = [row]


def write_base(folder: Path, system: str, entries: Iterable[Entry]) -> None:
    """What stands on an installation's disk on the first night."""
    _write(_path(folder, system, 1), (("there", entry) for entry in entries))


def write_night(
    folder: Path, system: str, night: int, changes: Iterable[tuple[str, Entry]]
) -> None:
    """What changed there before a later night: the change's kind and the row after."""
    _write(_path(folder, system, night), changes)


def holding(
    folder: Path, system: str, product: str, nights: Iterable[Night]
) -> Holding:
    """What the database must hold of the installation after those nights, in order."""
    source, held = _Source(product), Holding()
    for night in nights:
        for line in _read(_path(folder, system, night.number)):
            source.change(*line)
        if night.verdict == "published":
            _publish(source, held, night_on(night.number))
    return held


def standing(folder: Path, system: str, product: str, night: int) -> set[Place]:
    """The rows on the installation's disk on that night that give a record."""
    source = _Source(product)
    for number in range(1, night + 1):
        for line in _read(_path(folder, system, number)):
            source.change(*line)
    rows = source.rows.items()
    return {place for place, found in rows if found[0].outcome in CARRIED}


def _publish(source: _Source, held: Holding, on: date) -> None:
    streams: dict[str, list[Place]] = {}
    for place in source.rows:
        streams.setdefault(source.stream(place[0]), []).append(place)
    whole = {s for s in {*streams, *source.high} if _is_whole(source, s, on)}
    for stream in streams:
        _read_stream(source, held, stream, streams[stream], stream in whole)
    for stream in whole:
        source.full_on[stream] = on
    _mark(source, held, whole)


def _is_whole(source: _Source, stream: str, on: date) -> bool:
    last = source.full_on.get(stream)
    if source.product in FILES or last is None or not source.high.get(stream):
        return True
    return (on - last).days >= FULL_EVERY_DAYS


def _read_stream(
    source: _Source, held: Holding, stream: str, places: list[Place], is_whole: bool
) -> None:
    high = source.high.get(stream, "")
    since = ""
    if not is_whole:
        since = (datetime.fromisoformat(high) - OVERLAP).isoformat()
    for place in places:
        rows = [row for row in source.rows[place] if row.at >= since]
        if rows:
            _take(held, place, rows)
        high = max([high, *(r.at for r in rows if r.outcome in CARRIED)])
    source.high[stream] = high


CARRIED = ("published", "quarantined")  # rows that give a record move the watermark


def _take(held: Holding, place: Place, rows: list[_Row]) -> None:
    """The rows of one key, read together."""
    rules = [row.rule for row in rows if row.outcome == "quarantined"]
    good = [row for row in rows if row.outcome == "published"]
    if rules:
        held.quarantine[place] = sorted(rules)
    elif good:
        held.records[place] = good[-1].values
        held.deleted.discard(place)
        held.quarantine.pop(place, None)
    elif place in held.records and rows[0].outcome == "filtered":
        held.deleted.add(place)


def _mark(source: _Source, held: Holding, whole: set[str]) -> None:
    """What a whole reading lacks is marked deleted, and its quarantine closed."""
    gone = [
        place
        for place in (*held.records, *held.quarantine)
        if place not in source.rows and source.stream(place[0]) in whole
    ]
    held.deleted.update(place for place in gone if place in held.records)
    for place in gone:
        held.quarantine.pop(place, None)


def orphans(held: Holding) -> set[tuple[Place, str]]:
    """The places and fields whose finding "no such record" must be open.

    Keys of another installation are not known here: a reference leads nowhere unless
    the record stands in this one.
    """
    live = held.live
    found = set()
    for place in live:
        for name, value in json.loads(held.records[place]).items():
            if name in REFERENCES and any(t not in live for t in _targets(value)):
                found.add((place, name))
    return found


def _targets(value: object) -> Iterator[Place]:
    """References are written as [type, key] or as a list of such pairs."""
    if isinstance(value, list) and value:
        pairs = value if isinstance(value[0], list) else [value]
        for pair in pairs:
            if isinstance(pair, list) and len(pair) == 2:
                yield str(pair[0]), str(pair[1])


def _path(folder: Path, system: str, night: int) -> Path:
    return folder / "oracle" / f"{system}.{night}.jsonl"


def _write(path: Path, lines: Iterable[tuple[str, Entry]]) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for kind, e in lines:
            head = _text([kind, e.type, e.source_id, e.outcome, e.rule, e.at])
            file.write(f"{head}\t{_text(e.values)}\n")


def _read(path: Path) -> Iterator[tuple[str, Place, _Row]]:
    if not path.exists():
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            # In JSON a tab is written as an escape.
            head, _, values = line.rstrip("\n").partition("\t")
            kind, record_type, source_id, outcome, rule, at = json.loads(head)
            place = (record_type, source_id)
            yield kind, place, _Row(outcome, rule, at, values)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
