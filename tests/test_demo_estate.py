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
import unicodedata
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

from config.office import load_office, load_preset, office_stems
from config.settings import packaged_config
from connectors.errors import ConfigError
from flows.demo import estate

RECORDS = 600
FILES = {"so_don_thu_csv", "so_don_thu_tinh"}
TABLES = {
    "petition": "don",
    "complaint_case": "vu_khieu_nai",
    "denunciation_case": "vu_to_cao",
    "recovery": "thu_hoi",
}
LISTS = ("petitions", "complaints", "denunciations", "recoveries")


@dataclass(frozen=True, slots=True)
class Estate:
    """A prepared estate that runs."""

    folder: Path
    oracle: dict[str, Any]
    env: dict[str, str]

    def office(self, product: str) -> tuple[str, dict[str, Any]]:
        """The first office on that product, and what is expected of it."""
        offices = self.oracle["provinces"].items()
        return next((s, o) for s, o in offices if o["product"] == product)


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
        with estate.running(folder) as env:
            yield Estate(folder, oracle, env)


def _digest(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def _get(base_url: str, token: str, question: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"{base_url}/api/{question}", headers=headers)
    with urllib.request.urlopen(request) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def _api(running: Estate, stem: str, question: str) -> dict[str, Any]:
    name = f"KNTC_{stem.upper()}"
    return _get(running.env[f"{name}_URL"], running.env[f"{name}_TOKEN"], question)


@contextmanager
def _database(running: Estate, stem: str) -> Iterator[pyodbc.Cursor]:
    connection = pyodbc.connect(running.env[f"KNTC_{stem.upper()}_ODBC"])
    try:
        yield connection.cursor()
    finally:
        connection.close()


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    estate.prepare(tmp_path / "one", RECORDS)
    estate.prepare(tmp_path / "two", RECORDS)
    estate.prepare(tmp_path / "other", RECORDS, seed=7)
    one = _digest(tmp_path / "one")
    assert len(one) > 20
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
    with pytest.raises(ConfigError, match="expected 600 or more"):
        estate.prepare(tmp_path / "small", 10)


def test_half_made_data_are_made_anew(tmp_path: Path) -> None:
    estate.prepare(tmp_path, RECORDS)
    whole = _digest(tmp_path)
    (tmp_path / "estate.json").unlink()
    (tmp_path / "drop/vinh_long/so_don_thu_1999.csv").write_text("left over")
    estate.prepare(tmp_path, RECORDS)
    assert _digest(tmp_path) == whole


def test_records_add_up_and_rows_are_accounted_for(running: Estate) -> None:
    offices = running.oracle["provinces"].values()
    assert sum(sum(o["read"].values()) for o in offices) == RECORDS
    for office in offices:
        aside = office["rows_filtered"] + office["rows_rejected"]
        assert office["rows_read"] == office["rows_mapped"] + aside
        kept = sum(office["published"].values())
        held = len(office["quarantined"]) + office["duplicates"]
        assert office["rows_mapped"] == kept + held


def test_each_kind_of_fault_is_planted_three_times_at_least(running: Estate) -> None:
    lists = ("quarantined", "findings", "filtered", "duplicated")
    offices = running.oracle["provinces"].values()
    planted = Counter(p["fault"] for o in offices for name in lists for p in o[name])
    assert len(planted) > 15
    assert min(planted.values()) >= 3
    assert sum(o["rows_rejected"] for o in offices) >= 3


def test_the_csv_register_holds_what_the_oracle_says(running: Estate) -> None:
    stem, office = running.office("so_don_thu_csv")
    rows: list[list[str]] = []
    for path in sorted((running.folder / "drop" / stem).glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *body = csv.reader(file, delimiter=";")
        rows += body
    whole = [row for row in rows if len(row) == len(header)]
    assert len(rows) == office["rows_read"]
    assert len(rows) - len(whole) == office["rows_rejected"]
    aside = [row for row in whole if row[-1] in ("Hủy", "Nhập thử")]
    assert len(aside) == office["rows_filtered"]
    mapped = [tuple(row) for row in whole if row[-1] == "Hiệu lực"]
    assert len(mapped) == office["read"]["petition"]
    assert len(mapped) - len(set(mapped)) == office["duplicates"]
    blank = [p for p in office["quarantined"] if p["rule"] == "key_blank"]
    assert [row[0] for row in mapped].count("") == len(blank)


def test_the_workbooks_open_with_their_merged_header(running: Estate) -> None:
    stem, office = running.office("so_don_thu_tinh")
    count = 0
    for path in sorted((running.folder / "drop" / stem).glob("*.xlsx")):
        sheet = openpyxl.load_workbook(path)["Sheet1"]
        assert "B1:B2" in {str(area) for area in sheet.merged_cells.ranges}
        assert sheet["F1"].value == " Loại khiếu tố"
        assert sheet.max_row > 2
        count += sheet.max_row - 2
    assert count == office["rows_read"]


def test_the_databases_hold_what_the_oracle_says(running: Estate) -> None:
    for stem in ("quang_tri", "can_tho"):
        office = running.oracle["provinces"][stem]
        with _database(running, stem) as cursor:
            for record_type, table in TABLES.items():
                cursor.execute(f"SELECT count(*) FROM {table} WHERE trang_thai = '01'")
                assert cursor.fetchval() == office["read"][record_type]
            cursor.execute("SELECT count(*) FROM don WHERE trang_thai <> '01'")
            assert cursor.fetchval() == office["rows_filtered"]


def test_the_query_of_each_stream_gives_each_row_once(running: Estate) -> None:
    office = running.oracle["provinces"]["quang_tri"]
    streams = load_preset(packaged_config(), "qlkntc_sql").streams
    count = 0
    with _database(running, "quang_tri") as cursor:
        for stream in streams:
            query = getattr(stream, "query", "")
            count += len(cursor.execute(query).fetchall())
    assert len(streams) == len(TABLES)
    assert count == office["rows_read"]


def test_the_api_pages_give_each_document_once(running: Estate) -> None:
    for stem in ("lao_cai", "phu_tho"):
        office = running.oracle["provinces"][stem]
        found: list[dict[str, Any]] = []
        for name in LISTS:
            first = _api(running, stem, f"{name}?size=7")
            pages = range(2, first["total"] // 7 + 2)
            later = [_api(running, stem, f"{name}?size=7&page={n}") for n in pages]
            items = [item for page in (first, *later) for item in page["items"]]
            assert len(items) == first["total"]
            found += items
        assert len(found) == office["rows_read"]
        active = [item for item in found if item["status"] == "ACTIVE"]
        assert len(active) == office["rows_mapped"]


def test_the_api_splits_by_change_time_without_gap_or_overlap(running: Estate) -> None:
    whole = _api(running, "lao_cai", "petitions?size=1000")["items"]
    middle = whole[len(whole) // 2]["updatedAt"]
    for cut in (quote(middle), middle.replace("+", "%2B")):
        since = _api(running, "lao_cai", f"petitions?size=1000&updatedSince={cut}")
        until = _api(running, "lao_cai", f"petitions?size=1000&updatedUntil={cut}")
        assert since["items"][0]["updatedAt"] == middle
        assert until["items"] + since["items"] == whole


def test_the_api_caps_its_pages(running: Estate) -> None:
    assert _api(running, "phu_tho", "petitions?size=999999")["size"] == 1000


@pytest.mark.parametrize(
    ("token", "question", "status"),
    [
        (None, "petitions?page=0", 400),
        (None, "petitions?page=x", 400),
        (None, "petitions?updatedSince=2024-01-01T00:00:00", 400),
        (None, "nothing", 404),
        ("wrong", "petitions", 401),
        ("", "petitions", 401),
    ],
)
def test_the_api_refuses(
    running: Estate, token: str | None, question: str, status: int
) -> None:
    right = running.env["KNTC_PHU_THO_TOKEN"]
    given = right if token is None else token
    with pytest.raises(urllib.error.HTTPError) as refused:
        _get(running.env["KNTC_PHU_THO_URL"], given, question)
    assert refused.value.code == status
    refused.value.close()


def test_each_canary_stands_in_its_office_and_nowhere_else(running: Estate) -> None:
    canaries = running.oracle["canaries"]
    assert len(canaries) >= 30
    texts: dict[str, str] = {}
    for stem, office in running.oracle["provinces"].items():
        paths = list(running.folder.glob(f"*/{stem}/*.[cj]s*"))
        paths += running.folder.glob(f"sql/{stem}.sql")
        texts[stem] = "".join(path.read_text(encoding="utf-8") for path in paths)
        if office["product"] == "so_don_thu_tinh":
            texts[stem] = _cells(running.folder / "drop" / stem)
    for canary in canaries:
        values = (canary["name"], canary["id_number"])
        holders = {
            s for s, t in texts.items() if any(v and v in t for v in _parts(values))
        }
        assert holders == {canary["province"]}, canary["fault"]


def _parts(values: tuple[str, ...]) -> list[str]:
    # A ragged row cuts the name in two.
    name = values[0].rpartition(" ")
    return [*values, f"{name[0]};{name[2]}"]


def _cells(folder: Path) -> str:
    books = (openpyxl.load_workbook(path) for path in sorted(folder.glob("*.xlsx")))
    rows = (row for book in books for row in book["Sheet1"].iter_rows(values_only=True))
    return "\n".join(str(cell) for row in rows for cell in row if cell)


def test_clean_text_is_composed_and_planted_text_is_not(running: Estate) -> None:
    stem, office = running.office("kntc_rest")
    items = _api(running, stem, "petitions?size=1000")["items"]
    decomposed = {
        item["id"]
        for item in items
        if unicodedata.normalize("NFC", item["content"]) != item["content"]
    }
    planted = {
        p["source_id"] for p in office["findings"] if p["rule"] == "text_repaired"
    }
    assert decomposed == planted


def test_every_office_file_loads_with_the_environment_of_the_estate(
    running: Estate,
) -> None:
    stems = office_stems(packaged_config())
    assert set(running.oracle["provinces"]) <= set(stems)
    for stem, expected in running.oracle["provinces"].items():
        office = load_office(packaged_config(), stem, running.env)
        assert [s.preset.product for s in office.sources] == [expected["product"]]


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
with estate.running(Path(sys.argv[1])) as env:
    print(json.dumps(env), flush=True)
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


@pytest.fixture(scope="module")
def idle() -> Iterator[Path]:
    with _prepared() as folder:
        yield folder


def _is_listening(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", urlsplit(url).port or 0)) == 0


def test_an_interrupted_run_leaves_no_server_and_keeps_the_data(idle: Path) -> None:
    with _held(idle) as (process, env):
        database = f"http://127.0.0.1:{_server(idle)[3]}"
        assert _is_listening(database)
        assert _is_listening(env["KNTC_LAO_CAI_URL"])
        connection = pyodbc.connect(env["KNTC_QUANG_TRI_ODBC"], autocommit=True)
        connection.execute("DELETE FROM thu_hoi")
        connection.close()
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
    assert not _is_listening(database)
    assert not _is_listening(env["KNTC_LAO_CAI_URL"])
    assert not _is_listening(env["KNTC_PHU_THO_URL"])
    # The next start does not load the databases again.
    with estate.running(idle) as again:
        connection = pyodbc.connect(again["KNTC_QUANG_TRI_ODBC"])
        assert connection.execute("SELECT count(*) FROM thu_hoi").fetchval() == 0
        connection.close()


def test_a_killed_run_does_not_block_the_next(idle: Path) -> None:
    with _held(idle) as (process, env):
        killed = _server(idle)[0]
        process.kill()
        process.wait(timeout=60)
    with estate.running(idle) as again:
        assert _server(idle)[0] != killed
        connection = pyodbc.connect(again["KNTC_CAN_THO_ODBC"])
        assert connection.execute("SELECT count(*) FROM don").fetchval() > 0
        connection.close()
    # The APIs of the killed run see their standard input end.
    give_up_at = time.monotonic() + 60
    while _is_listening(env["KNTC_LAO_CAI_URL"]):
        assert time.monotonic() < give_up_at
        time.sleep(0.1)


def _server(folder: Path) -> list[str]:
    """The lines of the server's pid file: its pid first, its port fourth."""
    path = folder / "postgresql/cluster/postmaster.pid"
    return path.read_text(encoding="ascii").split("\n")
