"""The product that is a database: an installation's rows, and a night's changes, as SQL
for PostgreSQL or MariaDB."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.demo.breaking import UNREADABLE_DATE
from flows.demo.case_dialects import KEY_LENGTH, Cell, Dialect
from flows.demo.case_tables import (
    CHILDREN,
    PEOPLE,
    PEOPLE_COLUMNS,
    TABLES,
    Child,
    Column,
    Table,
)
from flows.demo.changing import Change
from flows.demo.codes import NUMBERED, coded
from flows.demo.inventing import Record, Value

# Which files this database has taken up; written with their rows, so never half.
DONE = "tep_da_nap"
NIGHTS_APART = 10**9  # ids of one night stay below this
KEYS_AT_ONCE = 300


@dataclass(frozen=True, slots=True)
class _Load:
    """Written rows by table."""

    dialect: Dialect
    rows: dict[str, list[str]]

    def add(self, table: str, cells: Iterable[Cell]) -> None:
        dialect = self.dialect
        row = dialect.separator.join(map(dialect.cell, cells))
        self.rows.setdefault(table, []).append(row)


def write_sql(path: Path, dialect: Dialect, records: Iterable[Record]) -> None:
    """The whole database of one installation; run again, it begins anew."""
    load = _loaded(dialect, 1, records)
    with path.open("w", encoding="utf-8") as file:
        file.write(_schema(dialect))
        file.write(dialect.begin)
        file.writelines(_added(load))
        file.write(_done(dialect, path))


def write_changes(
    path: Path, dialect: Dialect, night: int, changes: Sequence[Change]
) -> None:
    """A night's changes as one transaction: what changed is written anew."""
    gone = [c.record for c in changes if c.kind not in ("new", "late")]
    kept = [c.record for c in changes if c.kind != "deleted"]
    load = _loaded(dialect, night * NIGHTS_APART, kept)
    with path.open("w", encoding="utf-8") as file:
        file.write(dialect.begin)
        file.writelines(_deleted(dialect, gone))
        file.writelines(_added(load))
        file.write(_done(dialect, path))


def _done(dialect: Dialect, path: Path) -> str:
    name = dialect.quoted(path.name)
    return f"INSERT INTO {DONE} VALUES ({name});\nCOMMIT;\n"  # noqa: S608


def _loaded(dialect: Dialect, first: int, records: Iterable[Record]) -> _Load:
    load = _Load(dialect, {})
    for number, record in enumerate(records, first):
        _add(load, number, record)
    return load


def _added(load: _Load) -> Iterator[str]:
    columns = _column_names()
    for table, rows in load.rows.items():
        yield from load.dialect.rows(table, columns[table], rows)


def _add(load: _Load, number: int, record: Record) -> None:
    table, values = TABLES[record.type], record.values
    party = [_text(values.get(field)) for field in table.party]
    has_party = any(party)
    if has_party:
        load.add(PEOPLE, [number, *party])
    cells = [
        _cell(load.dialect, record.type, column, values.get(column.field))
        for column in table.columns
        if column.kind != "list"
    ]
    status = NUMBERED["status"][record.status]
    changed = record.updated_at.isoformat(" ")
    who = number if has_party else None
    load.add(table.name, [number, record.key, who, *cells, status, changed])
    for column in table.columns:
        if column.kind == "list":
            _add_children(load, number, column.field, values.get(column.field))


def _add_children(load: _Load, number: int, field: str, value: Value) -> None:
    child = CHILDREN[field]
    items = value if isinstance(value, list) else [value] if value else []
    for place, item in enumerate(items, 1):
        parts = item if isinstance(item, dict) else {child.columns[0].field: item}
        cells = [
            _cell(load.dialect, "", column, parts.get(column.field))
            for column in child.columns
        ]
        load.add(child.name, [number, place, *cells])


def _cell(dialect: Dialect, record_type: str, column: Column, value: Value) -> Cell:
    if column.kind == "date" or value == UNREADABLE_DATE:
        assert not isinstance(value, list)
        return dialect.dated(column, value)
    if column.kind == "code" and isinstance(value, str):
        return coded(NUMBERED, record_type, column.field, value)
    if isinstance(value, bool):
        return int(value)
    assert not isinstance(value, list)
    # This system writes a blank number as an empty text, not as NULL.
    return value


def _text(value: Value) -> Cell:
    assert not isinstance(value, list)
    return value


def _deleted(dialect: Dialect, records: Iterable[Record]) -> Iterator[str]:
    keys: dict[str, list[str]] = {}
    for record in records:
        keys.setdefault(record.type, []).append(dialect.quoted(record.key))
    for record_type, found in keys.items():
        table = TABLES[record_type]
        for start in range(0, len(found), KEYS_AT_ONCE):
            listed = ", ".join(found[start : start + KEYS_AT_ONCE])
            yield from _without(table, f"{table.key} IN ({listed})")


def _without(table: Table, where: str) -> Iterator[str]:
    ids = f"SELECT id FROM {table.name} WHERE {where}"  # noqa: S608 - quoted keys
    for column in table.columns:
        if column.kind == "list":
            child = CHILDREN[column.field].name
            yield f"DELETE FROM {child} WHERE vu_id IN ({ids});\n"  # noqa: S608
    yield f"DELETE FROM {PEOPLE} WHERE id IN ({ids});\n"  # noqa: S608
    yield f"DELETE FROM {table.name} WHERE {where};\n"  # noqa: S608


def _column_names() -> dict[str, list[str]]:
    names = {PEOPLE: ["id", *PEOPLE_COLUMNS]}
    for child in CHILDREN.values():
        names[child.name] = ["vu_id", "thu_tu", *(c.name for c in child.columns)]
    for table in TABLES.values():
        own = [c.name for c in table.columns if c.kind != "list"]
        head = ["id", table.key, "chu_don_id"]
        names[table.name] = [*head, *own, "trang_thai", "ngay_cap_nhat"]
    return names


def _schema(dialect: Dialect) -> str:
    key = f"varchar({KEY_LENGTH})"
    people = ", ".join(f"{name} text" for name in PEOPLE_COLUMNS)
    made = [
        *_table(DONE, "tep varchar(40)"),
        *_table(PEOPLE, f"id bigint PRIMARY KEY, {people}"),
    ]
    for child in CHILDREN.values():
        made += _child_table(dialect, child)
    for table in TABLES.values():
        typed = _typed(dialect, table.columns)
        # The number is no primary key: in an old system numbers repeat.
        head = f"id bigint PRIMARY KEY, {table.key} {key}, chu_don_id bigint"
        tail = f"trang_thai varchar(10), ngay_cap_nhat {dialect.moment}"
        made += _table(table.name, f"{head}, {typed}, {tail}")
        for column in (table.key, "ngay_cap_nhat"):
            name = f"{table.name}_{column}"
            made.append(f"CREATE INDEX {name} ON {table.name} ({column});")
    return "\n".join([*made, ""])


def _child_table(dialect: Dialect, child: Child) -> list[str]:
    typed = _typed(dialect, child.columns)
    made = _table(child.name, f"vu_id bigint, thu_tu int, {typed}")
    index = f"CREATE INDEX {child.name}_vu ON {child.name} (vu_id);"
    return [*made, index]


def _typed(dialect: Dialect, columns: Iterable[Column]) -> str:
    return ", ".join(
        f"{column.name} {dialect.types[column.kind]}"
        for column in columns
        if column.kind != "list"
    )


def _table(name: str, columns: str) -> list[str]:
    return [f"DROP TABLE IF EXISTS {name};", f"CREATE TABLE {name} ({columns});"]
