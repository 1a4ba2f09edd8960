"""The sample estate against its oracle, counted without our readers."""

import csv
import json
import os
import subprocess
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


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    folder = tmp_path_factory.mktemp("estate")
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)  # the database server runs as another user
    estate.prepare(folder, RECORDS)
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


def test_the_servers_are_gone_afterwards_and_the_data_stay(tmp_path: Path) -> None:
    for parent in (tmp_path, *tmp_path.parents[:2]):
        parent.chmod(0o755)
    estate.prepare(tmp_path, RECORDS)
    with pytest.raises(KeyboardInterrupt), estate.running(tmp_path) as env:
        ports = [str(urlsplit(env[f"KNTC_{s}_URL"]).port) for s in ("LAO_CAI", "PHU_THO")]
        pid = _server_pid(tmp_path)
        with pyodbc.connect(env["KNTC_QUANG_TRI_ODBC"], autocommit=True) as connection:
            connection.execute("DELETE FROM thu_hoi")
        raise KeyboardInterrupt
    assert not Path(f"/proc/{pid}").exists()
    listening = subprocess.run(
        ["/bin/cat", "/proc/net/tcp"], capture_output=True, text=True, check=True
    ).stdout
    for port in ports:
        assert f"0100007F:{int(port):04X} 00000000:0000 0A" not in listening
    # The next start does not load the databases again.
    with estate.running(tmp_path) as env:
        connection = pyodbc.connect(env["KNTC_QUANG_TRI_ODBC"])
        assert connection.execute("SELECT count(*) FROM thu_hoi").fetchval() == 0
        connection.close()


def _server_pid(folder: Path) -> int:
    text = (folder / "postgresql/cluster/postmaster.pid").read_text(encoding="ascii")
    pid = int(text.split("\n")[0])
    os.kill(pid, 0)
    return pid
