"""The sample estate against its oracle, counted without our readers."""

import csv
import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import openpyxl
import pyodbc
import pytest

from config.office import load_office, office_stems
from config.settings import packaged_config
from connectors.errors import ConfigError
from flows.demo import estate
from flows.demo.case_tables import TABLES
from flows.demo.offices import INSTALLATIONS, OFFICES
from flows.demo.products import CSV, MARIADB, REPORTS, REST, SQL, TCD, UNITS, XLSX

RECORDS = 1_500
DATABASES = {SQL: "quang_tri_qlkntc", MARIADB: "soc_trang_qlkntc"}


@dataclass(frozen=True, slots=True)
class Estate:
    """A prepared estate that runs."""

    folder: Path
    oracle: dict[str, Any]
    env: dict[str, str]

    def of(self, product: str) -> tuple[str, dict[str, Any]]:
        """The largest installation of that product, and what is expected of it."""
        found = [
            (one["rows_read"], system)
            for system, one in self.oracle["systems"].items()
            if one["product"] == product
        ]
        system = max(found)[1]
        return system, self.oracle["systems"][system]


@contextmanager
def _prepared() -> Iterator[Path]:
    # Not pytest's folder: the database server's user must be able to walk into it.
    folder = Path(tempfile.mkdtemp(prefix="kntc-estate-"))
    folder.chmod(0o755)
    try:
        estate.prepare(folder, RECORDS)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def running() -> Iterator[Estate]:
    with _prepared() as folder:
        oracle = json.loads((folder / "oracle.json").read_text(encoding="utf-8"))
        with estate.running(folder) as servers:
            yield Estate(folder, oracle, servers.environment())


def _digest(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def _api(running: Estate, system: str, question: str, token: str = "") -> Any:
    name = f"KNTC_{system.upper()}"
    given = token or running.env[f"{name}_TOKEN"]
    address = f"{running.env[f'{name}_URL']}/api/{question}"
    headers = {"Authorization": f"Bearer {given}"}
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def _listed(running: Estate, system: str, name: str) -> list[dict[str, Any]]:
    """All of a list, page by page."""
    first = _api(running, system, f"{name}?size=7")
    pages = range(2, first["total"] // 7 + 2)
    later = [_api(running, system, f"{name}?size=7&page={n}") for n in pages]
    return [item for page in (first, *later) for item in page["items"]]


@contextmanager
def _database(running: Estate, system: str) -> Iterator[pyodbc.Cursor]:
    connection = pyodbc.connect(running.env[f"KNTC_{system.upper()}_ODBC"])
    try:
        yield connection.cursor()
    finally:
        connection.close()


def _csv_rows(running: Estate, system: str) -> list[list[str]]:
    """The rows of all its files below their headers."""
    rows: list[list[str]] = []
    for path in sorted((running.folder / "drop" / system).glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            _, *body = csv.reader(file, delimiter=";")
        rows += body
    assert rows
    return rows


def test_the_same_seed_gives_the_same_bytes_on_the_first_night_and_later(
    tmp_path: Path,
) -> None:
    for name in ("one", "two"):
        estate.prepare(tmp_path / name, RECORDS)
        estate.advance(tmp_path / name, 2)
    estate.prepare(tmp_path / "other", RECORDS, seed=7)
    one = _digest(tmp_path / "one")
    assert len(one) > 100
    assert one == _digest(tmp_path / "two")
    assert one != _digest(tmp_path / "other")


def test_preparing_again_writes_nothing(tmp_path: Path) -> None:
    estate.prepare(tmp_path, RECORDS)
    oracle = tmp_path / "oracle.json"
    oracle.write_text("kept", encoding="utf-8")
    estate.prepare(tmp_path, RECORDS)
    assert oracle.read_text(encoding="utf-8") == "kept"


def test_a_folder_with_another_estate_is_refused(tmp_path: Path) -> None:
    estate.prepare(tmp_path, RECORDS)
    with pytest.raises(ConfigError, match="holds the estate"):
        estate.prepare(tmp_path, RECORDS + 1)
    with pytest.raises(ConfigError, match="or more"):
        estate.prepare(tmp_path / "small", 10)


def test_half_made_data_are_made_anew(tmp_path: Path) -> None:
    estate.prepare(tmp_path, RECORDS)
    whole = _digest(tmp_path)
    (tmp_path / "estate.json").unlink()
    (tmp_path / "drop/vinh_long_so_don_thu/so_don_thu_1999.csv").write_text("left over")
    estate.prepare(tmp_path, RECORDS)
    assert _digest(tmp_path) == whole


def test_nights_come_one_by_one_and_each_is_made_once(tmp_path: Path) -> None:
    estate.prepare(tmp_path, RECORDS)
    with pytest.raises(ConfigError, match="one by one"):
        estate.advance(tmp_path, 3)
    estate.advance(tmp_path, 2)
    after = _digest(tmp_path)
    estate.advance(tmp_path, 2)
    assert _digest(tmp_path) == after


def test_a_night_that_was_interrupted_is_made_to_its_end(tmp_path: Path) -> None:
    estate.prepare(tmp_path / "whole", RECORDS)
    estate.prepare(tmp_path / "broken", RECORDS)
    before = (tmp_path / "broken/estate.json").read_bytes()
    for name in ("whole", "broken"):
        estate.advance(tmp_path / name, 2)
    # As if it had been killed after half of the installations.
    (tmp_path / "broken/estate.json").write_bytes(before)
    estate.advance(tmp_path / "broken", 2)
    assert _digest(tmp_path / "broken") == _digest(tmp_path / "whole")


def test_a_night_on_the_estate_is_noted_when_it_ended(tmp_path: Path) -> None:
    estate.prepare(tmp_path, RECORDS)
    assert estate.next_night(tmp_path) == 1
    estate.note_run(tmp_path, 1)
    assert estate.next_night(tmp_path) == 2


def test_records_add_up_and_rows_are_accounted_for(running: Estate) -> None:
    systems = running.oracle["systems"].values()
    read = sum(sum(one["read"].values()) for one in systems)
    assert read == RECORDS
    for one in systems:
        aside = one["rows_filtered"] + one["rows_rejected"]
        assert one["rows_read"] == one["rows_mapped"] + aside
        kept = sum(one["published"].values())
        held = len(one["quarantined"]) + one["duplicates"]
        assert one["rows_mapped"] == kept + held


def test_many_kinds_of_fault_are_planted(running: Estate) -> None:
    lists = ("quarantined", "findings", "filtered", "duplicated")
    systems = running.oracle["systems"].values()
    planted = Counter(
        p["fault"] for one in systems for name in lists for p in one[name]
    )
    assert len(planted) > 50
    assert sum(one["rows_rejected"] for one in systems) >= 3


def test_every_office_has_its_file_and_its_products(running: Estate) -> None:
    stems = office_stems(packaged_config())
    assert stems == sorted(office.stem for office in OFFICES)
    for office in OFFICES:
        loaded = load_office(packaged_config(), office.stem, running.env)
        found = {(s.spec.system, s.preset.product) for s in loaded.sources}
        assert found == {(i.system, i.product) for i in office.installations}


def test_the_csv_register_holds_what_the_oracle_says(running: Estate) -> None:
    system, one = running.of(CSV)
    rows = _csv_rows(running, system)
    usual = Counter(map(len, rows)).most_common(1)[0][0]
    whole = [row for row in rows if len(row) == usual]
    assert len(rows) == one["rows_read"]
    assert len(rows) - len(whole) == one["rows_rejected"]
    aside = [row for row in whole if row[-1] in ("Hủy", "Nhập thử")]
    assert len(aside) == one["rows_filtered"]
    mapped = [tuple(row) for row in whole if row[-1] == "Hiệu lực"]
    assert len(mapped) == one["read"]["petition"]
    assert len(mapped) - len(set(mapped)) == one["duplicates"]


@pytest.mark.parametrize("product", [UNITS, REPORTS])
def test_the_central_units_lists_hold_what_the_oracle_says(
    running: Estate, product: str
) -> None:
    system, one = running.of(product)
    rows = _csv_rows(running, system)
    assert len(rows) == one["rows_read"]
    assert len({len(row) for row in rows}) == 1


@pytest.mark.parametrize(
    ("product", "sheet_name", "top", "area", "header"),
    [
        (XLSX, "Sheet1", 2, "B1:B2", ("F1", " Loại khiếu tố")),
        (TCD, "Sổ tiếp công dân", 6, "H5:J5", ("J6", "Chuyển đơn")),
    ],
)
def test_the_workbooks_open_with_their_merged_header(
    running: Estate,
    product: str,
    sheet_name: str,
    top: int,
    area: str,
    header: tuple[str, str],
) -> None:
    system, one = running.of(product)
    count = 0
    for path in sorted((running.folder / "drop" / system).glob("*.xlsx")):
        sheet = openpyxl.load_workbook(path)[sheet_name]
        assert area in {str(merged) for merged in sheet.merged_cells.ranges}
        assert sheet[header[0]].value == header[1]
        assert sheet.max_row > top
        count += sheet.max_row - top
    assert count == one["rows_read"]


@pytest.mark.parametrize("product", DATABASES)
def test_the_databases_hold_what_the_oracle_says(running: Estate, product: str) -> None:
    system = DATABASES[product]
    one = running.oracle["systems"][system]
    struck = 0
    with _database(running, system) as cursor:
        for record_type, table in TABLES.items():
            valid = f"SELECT count(*) FROM {table.name} WHERE trang_thai = '01'"
            expected = one["read"].get(record_type, 0)
            assert cursor.execute(valid).fetchval() == expected
            others = f"SELECT count(*) FROM {table.name} WHERE trang_thai <> '01'"
            struck += cursor.execute(others).fetchval()
    assert struck == one["rows_filtered"]


def test_the_api_pages_give_each_document_once(running: Estate) -> None:
    system, one = running.of(REST)
    receptions = _listed(running, system, "receptions")
    dossiers = _listed(running, system, "dossiers")
    for items in (receptions, dossiers):
        assert [i["updatedAt"] for i in items] == sorted(i["updatedAt"] for i in items)
    active = [r for r in receptions if r["recordStatus"] == "ACTIVE"]
    assert len(active) == one["read"]["reception"]
    petitions = [d for d in dossiers if d["recordStatus"] == "ACTIVE"]
    assert len(petitions) == one["read"]["petition"]
    decisions = [d for dossier in dossiers for d in dossier["decisions"]]
    own = [d for d in decisions if d["recordStatus"] == "ACTIVE"]
    assert len(own) == one["read"]["decision"]


def test_the_api_splits_by_change_time_without_gap_or_overlap(running: Estate) -> None:
    system, _ = running.of(REST)
    whole = _api(running, system, "dossiers?size=1000")["items"]
    middle = whole[len(whole) // 2]["updatedAt"]
    for cut in (quote(middle), middle.replace("+", "%2B")):
        since = _api(running, system, f"dossiers?size=1000&updatedSince={cut}")
        until = _api(running, system, f"dossiers?size=1000&updatedUntil={cut}")
        assert since["items"][0]["updatedAt"] == middle
        assert until["items"] + since["items"] == whole


@pytest.mark.parametrize(
    ("token", "question", "status"),
    [
        ("", "dossiers?page=0", 400),
        ("", "dossiers?page=x", 400),
        ("", "dossiers?updatedSince=2024-01-01T00:00:00", 400),
        ("", "nothing", 404),
        ("wrong", "dossiers", 401),
    ],
)
def test_the_api_refuses(
    running: Estate, token: str, question: str, status: int
) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        _api(running, "lao_cai_kntc", question, token)
    assert refused.value.code == status
    refused.value.close()


def test_each_canary_stands_in_its_installation_and_nowhere_else(
    running: Estate,
) -> None:
    canaries, found = running.oracle["canaries"], 0
    texts = {one.system: _text(running.folder, one.system) for _, one in INSTALLATIONS}
    for canary in canaries:
        # A ragged row cuts the name in two; a recovery holds the number only.
        name = canary["name"].rpartition(" ")
        cut = f"{name[0]};{name[2]}"
        sought = (canary["name"], cut, canary["id_number"])
        holders = {s for s, text in texts.items() if any(v in text for v in sought)}
        # A fault that only alters a record leaves its people in it.
        assert holders <= {canary["system"]}, canary["fault"]
        found += len(holders)
    assert found >= 100


def _text(folder: Path, system: str) -> str:
    """All that stands on the installation's disk, as text."""
    paths = [
        p for kind in ("drop", "sql", "rest") for p in folder.glob(f"{kind}/{system}/*")
    ]
    assert paths
    return "\n".join(
        _cells(path) if path.suffix == ".xlsx" else path.read_text(encoding="utf-8")
        for path in paths
    )


def _cells(path: Path) -> str:
    [sheet] = openpyxl.load_workbook(path).worksheets
    rows = sheet.iter_rows(values_only=True)
    return "\n".join(str(cell) for row in rows for cell in row if cell)


def test_a_second_run_of_the_same_estate_is_refused(running: Estate) -> None:
    with (
        pytest.raises(ConfigError, match="runs already"),
        estate.running(running.folder),
    ):
        pass


HOLD = """
import json, sys, time
from pathlib import Path
from flows.demo import estate
with estate.running(Path(sys.argv[1])) as running:
    print(json.dumps(running.environment()), flush=True)
    time.sleep(600)
"""


@contextmanager
def _held(folder: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """Another process that runs the estate, and the environment it tells."""
    command = [sys.executable, "-c", HOLD, str(folder)]
    root = Path(estate.__file__).parents[2]
    with subprocess.Popen(
        command,
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def _ports(env: dict[str, str]) -> dict[str, int]:
    """Where the three kinds of server listen."""
    odbc = {
        product: dict(
            part.split("=", 1)
            for part in env[f"KNTC_{system.upper()}_ODBC"].split(";")
            if "=" in part
        )
        for product, system in DATABASES.items()
    }
    ports = {product: int(parts["Port"]) for product, parts in odbc.items()}
    return ports | {REST: urlsplit(env["KNTC_LAO_CAI_KNTC_URL"]).port or 0}


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_an_interrupted_or_killed_run_leaves_nothing_that_blocks_the_next() -> None:
    with _prepared() as folder:
        with _held(folder) as (process, env):
            ports = _ports(env)
            assert all(map(_is_listening, ports.values()))
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
        assert not any(map(_is_listening, ports.values()))
        with _held(folder) as (process, env):
            process.kill()
            process.wait(timeout=60)
        with estate.running(folder) as servers:
            again = servers.environment()
            with pyodbc.connect(again["KNTC_QUANG_TRI_QLKNTC_ODBC"]) as connection:
                count = connection.execute("SELECT count(*) FROM don").fetchval()
            assert count > 0
        # The APIs of the killed run see their standard input end.
        give_up_at = time.monotonic() + 60
        while _is_listening(_ports(env)[REST]):
            assert time.monotonic() < give_up_at
            time.sleep(0.1)
