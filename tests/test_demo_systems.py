"""The sample case systems: each record comes back through its preset, each night."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pyodbc
import pytest

from config.office import Office, OfficeSource, load_office
from config.settings import packaged_config
from connectors.errors import TransientError
from connectors.sources.base import Deadline, OdbcAt, OdbcStream, Stream
from connectors.sources.registry import open_source
from expectations.records import BY_NAME, Type, record_id
from flows.demo import mariadb, systems
from flows.demo.breaking import UNKNOWN_CODE, UNREADABLE_DATE
from flows.demo.changing import Change
from flows.demo.inventing import Item, Record, Value, Values
from flows.demo.planting import Row
from flows.demo.postgres import free_port
from flows.demo.products import MARIADB, REST, SQL
from flows.engine.normalise import Normalised, Normaliser
from tests.golden.made import token

AT = datetime.fromisoformat("2026-09-10T08:30:05")  # local, as the offices keep it
DAY = date(2026, 8, 3)
KIND = {SQL: "odbc", MARIADB: "odbc", REST: "rest"}
PRODUCTS = tuple(KIND)
TYPES = (
    *("reception", "petition", "complaint_case", "denunciation_case"),
    *("recommendation_reflection", "decision", "enforcement", "recovery"),
)
# References of a whole row; the second complaint joins two petitions.
LINKS: dict[str, Values] = {
    "reception": {"petition_id": "D-1"},
    "petition": {"duplicate_of": "D-2"},
    "complaint_case": {
        "petition_ids": ["D-1", "D-2"],
        "first_case_id": "KN-9",
        "head_reception_id": "TD-1",
        "decision_id": "VB-1",
    },
    "denunciation_case": {"petition_ids": "D-1", "head_reception_id": "TD-1"},
    "recommendation_reflection": {"petition_ids": ["D-1"]},
    "decision": {"case_type": "complaint_case", "case_id": "KN-1"},
    "enforcement": {"decision_id": "VB-1"},
    "recovery": {
        "case_type": "denunciation_case",
        "case_id": "TC-1",
        "decision_id": "VB-1",
    },
}
LETTERS = dict(zip(TYPES, ("TD", "D", "KN", "TC", "PA", "VB", "TT", "TH"), strict=True))
TEXT = "Ông \"Tư\" nói: 'chi trả'\\n; 100%\tlần\nhai 😀 {}"
# Of a text with ộ, ớ, Ộ, Ớ or Ù MariaDB's driver drops the end, unless asked as here.
HARD = "Sở Nội vụ với Ộ, Ớ, Ù {}"


@dataclass(frozen=True, slots=True)
class Place:
    """An installation of these tests."""

    system: str
    product: str


@dataclass(frozen=True, slots=True)
class Estate:
    """The three products, running."""

    folder: Path
    places: dict[str, Place]
    servers: systems.Databases
    office: Office
    first: dict[str, list[Normalised]] = field(default_factory=dict)

    def source(self, product: str) -> OfficeSource:
        """The installation of that product."""
        return next(s for s in self.office.sources if s.preset.product == product)


def filled(record_type: str, number: int = 1, **changes: Value) -> Record:
    """A record with a value in every field; its key is the letters and the number."""
    declared = BY_NAME[record_type].fields
    values: Values = {f.name: _value(f.type, f.name, f.codes) for f in declared}
    for items in (f for f in declared if f.type is Type.ITEMS):
        parts = {i.name: _value(i.type, i.name, i.codes) for i in items.items}
        first = items.items[0].name
        last = dict.fromkeys(parts) | {first: parts[first]}
        both: list[Item] = [{**parts}, last]
        values[items.name] = both
    key = f"{LETTERS[record_type]}-{number}"
    return Record(record_type, key, values | LINKS[record_type] | changes, AT)


def _value(kind: Type, name: str, codes: tuple[str, ...]) -> str | int | bool | date:
    if kind is Type.DATE:
        return DAY - timedelta(len(name))
    if kind is Type.BOOL:
        return len(name) % 2 == 0
    if kind in (Type.INT, Type.AMOUNT_VND):
        return 2 if codes else 1_000_000_000 + len(name)
    if kind is Type.CODE:
        return codes[-1]
    return (
        TEXT.format(name) if name in ("content", "sender_name") else HARD.format(name)
    )


def bare(record_type: str, number: int) -> Record:
    """A record that says nothing but its key."""
    values: Values = {f.name: None for f in BY_NAME[record_type].fields}
    return Record(record_type, f"{LETTERS[record_type]}-{number}", values, AT)


def first_night() -> list[Record]:
    """Whole ones, empty ones, and ones whose parent is kept elsewhere."""
    made = [filled(record_type) for record_type in TYPES]
    made += [filled("petition", 2), filled("decision", 2), filled("recovery", 2)]
    made += [bare(record_type, 3) for record_type in TYPES]
    made += [
        filled("complaint_case", 4, petition_ids="D-404"),
        filled("complaint_case", 5, petition_ids="D-1"),
        filled("decision", 6, case_type="petition", case_id="D-404"),
        filled("enforcement", 6, decision_id="VB-404"),
        filled("recovery", 6, case_type="complaint_case", case_id="KN-4"),
        filled("petition", 8, received_date=UNREADABLE_DATE, kind=UNKNOWN_CODE),
        replace(filled("petition", 7), status="cancelled"),
        replace(filled("reception", 7), status="test"),
    ]
    return made


@contextmanager
def running_estate(records: list[Record]) -> Iterator[Estate]:
    """An estate with the records in each product's installation."""
    # Not pytest's folder: the servers' own users must be able to walk into it.
    folder = Path(tempfile.mkdtemp(prefix="kntc-sys-"))
    places = {p: Place(f"thu_{p.rpartition('_')[2]}", p) for p in PRODUCTS}
    try:
        for product, place in places.items():
            rows = [Row(record) for record in records]
            systems.SYSTEMS[product].write(folder, place, rows)
        with ExitStack() as stack:
            servers = stack.enter_context(systems.databases(folder, places.values()))
            api = stack.enter_context(systems.apis(folder, places.values()))
            env = {f"{s}_odbc": text for s, text in servers.odbc.items()}
            for system, (url, secret) in api.items():
                env |= {f"{system}_url": url, f"{system}_token": secret}
            yield Estate(folder, places, servers, _office(folder, places, env))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _office(folder: Path, places: dict[str, Place], env: dict[str, str]) -> Office:
    config = folder / "config"
    (config / "provinces").mkdir(parents=True)
    (config / "systems").symlink_to(packaged_config() / "systems")
    lines = ['name = "Thử"', 'province_code = "44"', 'code_scheme = "QD19-2025"']
    for product, place in places.items():
        lines += ["[[sources]]", f'system = "{place.system}"', f'product = "{product}"']
        lines += [f"[sources.{KIND[product]}]"]
        if product == REST:
            lines += [f'base_url_env = "{place.system}_url"']
            lines += [f'token_env = "{place.system}_token"']
        else:
            lines += [f'connection_env = "{place.system}_odbc"']
    (config / "provinces" / "thu.toml").write_text("\n".join(lines), encoding="utf-8")
    return load_office(config, "thu", env)


@pytest.fixture(scope="module")
def estate() -> Iterator[Estate]:
    with running_estate(first_night()) as running:
        for product in PRODUCTS:
            running.first[product] = read(running, product)
        yield running


def read(
    estate: Estate, product: str, since: datetime | None = None
) -> list[Normalised]:
    """Everything that the product's preset makes of what its server says."""
    source = estate.source(product)
    done = []
    for stream in source.spec.streams:
        reader = Normaliser(source, stream.name, token)
        batches = open_source(source.spec).extract(
            stream, since, None, Deadline.after(60)
        )
        for raw in batches:
            drift = reader.drift(raw.frame.columns)
            assert (drift.missing, drift.unknown) == ((), ())
            done.append(reader.batch(raw))
    return done


def records_of(done: list[Normalised]) -> dict[tuple[str, str], dict[str, object]]:
    """Each record by type and key; no key comes twice."""
    found: dict[tuple[str, str], dict[str, object]] = {}
    for batch in done:
        for record_type, frame in batch.frames.items():
            for row in frame.to_dicts():
                assert (record_type, row["source_id"]) not in found
                found[record_type, row["source_id"]] = row
    return found


def expected(system: str, record: Record) -> dict[str, object]:
    """What must come back of a record."""
    told: dict[str, object] = {}
    for declared in BY_NAME[record.type].fields:
        value = record.values.get(declared.name)
        value = None if value in (UNREADABLE_DATE, UNKNOWN_CODE) else value
        if declared.type is Type.REFERENCE and isinstance(value, str):
            of_type = declared.refers_to[0]
            if len(declared.refers_to) > 1:
                of_type = str(record.values["case_type"])
            value = record_id(system, of_type, value)
        if declared.type is Type.REFERENCES and value:
            keys = value if isinstance(value, list) else [value]
            value = [record_id(system, "petition", str(key)) for key in keys]
        told[declared.name] = value
    return told


def compare(
    estate: Estate, product: str, done: list[Normalised], records: list[Record]
) -> None:
    found = records_of(done)
    wanted = {(r.type, r.key): r for r in records if r.status == "active"}
    assert sorted(found) == sorted(wanted)
    system = estate.places[product].system
    for key, record in wanted.items():
        row = {name: found[key][name] or None for name in expected(system, record)}
        shown = {n: v or None for n, v in expected(system, record).items()}
        assert row == shown, (product, key)
        flags = [f.name for f in BY_NAME[record.type].fields if f.type is Type.BOOL]
        assert [found[key][f] for f in flags] == [record.values[f] for f in flags]


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_record_comes_back_with_its_values(estate: Estate, product: str) -> None:
    compare(estate, product, estate.first[product], first_night())
    found = pl.concat(done.findings for done in estate.first[product])
    unread = [("petition", "date_unreadable", "received_date")]
    # A date column of PostgreSQL holds dates or nothing.
    assert sorted(found.select("record_type", "rule", "field").rows()) == [
        ("petition", "code_unknown", "kind"),
        *(unread if product != SQL else []),
    ]


@pytest.mark.parametrize("product", PRODUCTS)
def test_cancelled_rows_and_tests_are_filtered(estate: Estate, product: str) -> None:
    aside = pl.concat(done.filtered for done in estate.first[product])
    assert sorted(aside["source_id"].to_list()) == ["D-7", "TD-7"]
    assert sum(done.rejected.height for done in estate.first[product]) == 0


def raw_of(
    estate: Estate, stream: Stream, until: datetime | None = None
) -> pl.DataFrame:
    """What MariaDB's reader says of a stream."""
    spec = estate.source(MARIADB).spec
    source = open_source(replace(spec, streams=(stream,)))
    batches = source.extract(stream, None, until, Deadline.after(60))
    return pl.concat(batch.frame for batch in batches)


def test_no_date_is_said_in_two_ways_by_mariadb(estate: Estate) -> None:
    stream = estate.source(MARIADB).spec.streams[1]
    frame = raw_of(estate, stream).filter(pl.col("ma_don") == "D-3")
    assert frame["ngay_chuyen"].to_list() == ["0000-00-00"]
    assert frame["ngay_xu_ly"].to_list() == [None]


def test_a_window_on_mariadb_is_exact_to_the_microsecond(estate: Estate) -> None:
    query = "SELECT CAST('2026-09-01 00:00:00.000500' AS datetime(6)) AS luc"
    stream = Stream("luc", OdbcStream(query, "luc", "UTC"))
    moment = datetime(2026, 9, 1, 0, 0, 0, 500, tzinfo=UTC)
    assert raw_of(estate, stream, moment).height == 0
    assert raw_of(estate, stream, moment + timedelta(microseconds=1)).height == 1


def test_the_offices_login_may_only_read(estate: Estate) -> None:
    connection = pyodbc.connect(estate.servers.odbc["thu_mariadb"], autocommit=True)
    try:
        with pytest.raises(pyodbc.Error, match="denied"):
            connection.execute("DELETE FROM don")
    finally:
        connection.close()


def test_a_mariadb_that_is_not_there_is_worth_another_try(estate: Estate) -> None:
    spec = estate.source(MARIADB).spec
    nobody = f"Driver={{MariaDB Unicode}};Server=127.0.0.1;Port={free_port()};Uid=x;"
    gone = replace(spec, at=OdbcAt(lambda: nobody), attempts=1)
    with pytest.raises(TransientError, match=r"08S01 \(2002\)"):
        list(open_source(gone).extract(spec.streams[0], None, None, Deadline.after(60)))


def test_a_server_left_running_is_stopped_before_the_next() -> None:
    folder = Path(tempfile.mkdtemp(prefix="kntc-left-"))
    try:
        left = mariadb.start(folder)
        left.create_database("a_b")
        with mariadb.running(folder) as server:
            assert left.process.wait(60) == 0
            assert "a_b" in server.run("SHOW DATABASES")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def second_night() -> tuple[list[Change], list[Record]]:
    """A night's changes, and the records that are there after it."""
    later = AT + timedelta(days=4)
    early = AT - timedelta(days=900)
    renamed = filled("petition", 2, handler_org="BHXH cơ sở Mẫu", forwarded_date=None)
    extended = filled("denunciation_case", 1, extensions=[])
    joined = filled("complaint_case", 4, petition_ids=["D-2", "D-404", "D-9"])
    ended = filled("enforcement", 1, returned_money=7, completed_date=None)
    changed = [replace(r, updated_at=later) for r in (renamed, extended, joined, ended)]
    new = [
        replace(filled("petition", 9), updated_at=later),
        replace(filled("reception", 9), updated_at=later),
        replace(filled("recovery", 9, case_id="TC-1"), updated_at=later),
    ]
    late = replace(filled("decision", 9, case_id="KN-5"), updated_at=early)
    struck = replace(filled("reception", 1), status="cancelled", updated_at=later)
    gone = [
        filled("recovery", 2),
        bare("petition", 3),
        filled("recommendation_reflection"),
    ]
    changes = [Change("changed", record) for record in changed]
    changes += [Change("deleted", record) for record in gone]
    changes += [Change("new", record) for record in new]
    changes += [Change("late", late), Change("cancelled", struck)]
    out = {(r.type, r.key) for r in (*changed, *gone, struck)}
    kept = [r for r in first_night() if (r.type, r.key) not in out]
    return changes, [*kept, *changed, *new, late]


def test_a_night_s_changes_reach_running_servers_once(estate: Estate) -> None:
    changes, after = second_night()
    for product, place in estate.places.items():
        systems.SYSTEMS[product].apply(estate.folder, place, 2, changes)
    estate.servers.take_up()
    estate.servers.take_up()
    for product in PRODUCTS:
        compare(estate, product, read(estate, product), after)
        since = (AT + timedelta(days=1)).replace(tzinfo=UTC)
        found = records_of(read(estate, product, since))
        assert {("petition", "D-2"), ("petition", "D-9")} <= set(found)
        # What a dossier holds comes with it, whenever it changed.
        assert ("decision", "VB-9") not in found or product == REST
