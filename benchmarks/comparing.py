"""The national tables beside the oracle's answer: a plain reader of SQLite.

Everything is read again from the file with SQL of its own; record ids are made anew
from their definition (docs/decisions/0004). Nothing of kntc-sync is asked.
"""

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.demo.expecting import LISTED, REFERENCES
from flows.demo.oracle import Holding, Place, orphans

TYPES = (
    "reception",
    "petition",
    "complaint_case",
    "denunciation_case",
    "recommendation_reflection",
    "decision",
    "enforcement",
    "recovery",
    "periodic_report",
    "org_unit",
)
# Cases of a closed system, migrated under keys with a prefix: they keep their ids.
SUCCESSION = {
    "quang_tri_qlkntc": ("quang_binh_kntc", "QB-"),
    "can_tho_qlkntc": ("hau_giang_kntc", "HG-"),
}
ENOUGH = 20  # differences of one installation that are told

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """What stands in the database of one installation."""

    records: dict[Place, Row]
    links: dict[tuple[str, int, str], list[str]]  # id, version, field -> targets
    quarantine: dict[Place, list[str]]
    orphans: set[tuple[Place, str]]


def differences(database: Path, system: str, held: Holding) -> list[str]:
    """What stands otherwise than the oracle says; a line each, without values."""
    said = []
    for line in _differences(_read(database, system), system, held):
        said.append(f"{system}: {line}")
        if len(said) == ENOUGH:
            break
    return said


def _differences(found: Found, system: str, held: Holding) -> Iterator[str]:
    for place in sorted(held.records.keys() - found.records.keys()):
        yield f"{place} is not there"
    for place in sorted(found.records.keys() - held.records.keys()):
        yield f"{place} should not be there"
    for place in sorted(held.records.keys() & found.records.keys()):
        row = found.records[place]
        if (row["deleted_at"] is not None) != (place in held.deleted):
            yield f"{place} deletion mark: expected {place in held.deleted}"
        if row["record_id"] != record_id(system, *place):
            yield f"{place} has another record_id"
        wanted = json.loads(held.records[place])
        wrong = [n for n, v in wanted.items() if not _agrees(found, system, row, n, v)]
        if wrong:
            yield f"{place} differs in {', '.join(wrong)}"
    for place in sorted(held.quarantine.keys() | found.quarantine.keys()):
        expected = held.quarantine.get(place, [])
        actual = found.quarantine.get(place, [])
        if expected != actual:
            yield f"{place} open quarantine {actual}, expected {expected}"
    expected_orphans = orphans(held)
    for place, name in sorted(expected_orphans - found.orphans):
        yield f"{place}: no open finding that {name} leads nowhere"
    for place, name in sorted(found.orphans - expected_orphans):
        yield f"{place}: an open finding that {name} leads nowhere"


def record_id(system: str, record_type: str, source_id: str) -> str:
    """SHA-256 over the parts, each after its length; 128 bits of it."""
    old, prefix = SUCCESSION.get(system, ("", ""))
    if prefix and source_id.startswith(prefix):
        system, source_id = old, source_id.removeprefix(prefix)
    parts = [part.encode() for part in (system, record_type, source_id)]
    whole = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hashlib.sha256(b"kntc-record-1" + whole).hexdigest()[:32]


def _agrees(found: Found, system: str, row: Row, name: str, expected: Any) -> bool:
    if name in LISTED:
        ids = [record_id(system, *target) for target in expected or []]
        key = (row["record_id"], row["version"], name)
        return found.links.get(key, []) == ids
    actual = row[name]
    if name in REFERENCES:
        return bool(actual == (record_id(system, *expected) if expected else None))
    if isinstance(expected, list) or (expected is None and actual == "[]"):
        return _items(json.loads(actual or "[]")) == _items(expected or [])
    if isinstance(expected, bool):
        return actual is not None and bool(actual) == expected
    return bool(actual == expected)


def _items(items: list[Row]) -> list[Row]:
    return [{n: v for n, v in item.items() if v is not None} for item in items]


def _read(database: Path, system: str) -> Found:
    records: dict[Place, Row] = {}
    links: dict[tuple[str, int, str], list[str]] = {}
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as conn:
        conn.row_factory = sqlite3.Row
        for table in TYPES:
            query = f"SELECT * FROM {table} WHERE source_system = ?"
            for row in conn.execute(query, (system,)):
                records[table, row["source_id"]] = _open(row)
            linked = (
                "SELECT l.record_id, l.version, l.field, l.target_id "
                f"FROM record_link l JOIN {table} r ON r.record_id = l.record_id "
                "AND r.version = l.version WHERE r.source_system = ? "
                "ORDER BY l.record_id, l.field, l.position"
            )
            for id_, version, field, target in conn.execute(linked, (system,)):
                links.setdefault((id_, version, field), []).append(target)
        places = {row["record_id"]: place for place, row in records.items()}
        quarantine = _quarantine(conn, system)
        return Found(records, links, quarantine, _orphans(conn, system, places))


def _open(row: sqlite3.Row) -> Row:
    return {
        name: row[name]
        for name in row.keys()  # noqa: SIM118 - a Row iterates over its values
        if not name.startswith("sealed")
    }


def _quarantine(conn: sqlite3.Connection, system: str) -> dict[Place, list[str]]:
    found: dict[Place, list[str]] = {}
    query = (
        "SELECT record_type, source_id, rules FROM quarantine "
        "WHERE source_system = ? AND state = 'open'"
    )
    for record_type, source_id, rules in conn.execute(query, (system,)):
        stems = sorted({rule_stem(rule) for rule in rules.split(",")})
        found.setdefault((record_type, source_id or ""), []).append(",".join(stems))
    return {place: sorted(rules) for place, rules in found.items()}


def rule_stem(rule: str) -> str:
    """Rule 23a is a part of rule 23."""
    return re.sub(r"^(\d+)[a-z]$", r"\1", rule)


def _orphans(
    conn: sqlite3.Connection, system: str, places: dict[str, Place]
) -> set[tuple[Place, str]]:
    query = (
        "SELECT subject, link FROM finding WHERE source_system = ? "
        "AND rule = 'parent_missing' AND closed_batch_id IS NULL"
    )
    found = set()
    for subject, link in conn.execute(query, (system,)):
        place = places.get(subject, ("unknown", str(subject)))
        found.add((place, link.partition(">")[0].partition(".")[2]))
    return found
