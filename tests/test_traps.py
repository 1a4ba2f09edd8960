"""The traps of the sources, as whole nights; and that each has a test of its name.

Traps: what went wrong in other tools (reference/traps.md). Those of one reader or of
normalise stand beside their tests; here are those that only a night can show.
"""

import ast
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from connectors.national import open_national
from connectors.national.verify import verify
from flows.demo.postgres import Cluster
from flows.engine.night import NightRequest, run_night
from flows.engine.outcome import NightOutcome, OfficeOutcome
from tests.demo import query
from tests.small import COLUMNS, Installation, csv_text, install, petition

TRAPS = (1, 2, 3, 4, 5, 6, 7, 18, 19, 25, 26, 29, 30, 31, 32, 33, 35)
MONDAY = date(2026, 3, 2)
CHANGED = "sua_luc"
Said = dict[str, str]


def test_each_of_the_traps_has_a_test_of_its_name() -> None:
    found = {
        int(match[1])
        for path in Path(__file__).parent.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and (match := re.fullmatch(r"test_trap_(\d\d)_\w+", node.name))
    }
    assert set(TRAPS) - found == set()


def night(
    place: Installation,
    verdict: str = "published",
    on: date = MONDAY,
    *,
    full: bool = False,
) -> NightOutcome:
    """A night of the one office, with that verdict."""
    settings = replace(place.settings, night_on=on)
    outcome = run_night(settings, NightRequest(full=full))
    assert [str(o.verdict) for o in outcome.offices] == [verdict], outcome.offices
    assert outcome.total.rows_balance()
    assert outcome.total.records_balance()
    return outcome


def keys(place: Installation, where: str = "deleted_at IS NULL") -> list[str]:
    """The keys of the petitions published."""
    sql = f"SELECT source_id FROM petition WHERE {where} ORDER BY source_id"
    return [str(key) for (key,) in query(place.settings.national_url, sql)]


def findings(place: Installation) -> set[str]:
    """The rules of which a finding stands."""
    sql = "SELECT DISTINCT rule FROM finding"
    return {str(rule) for (rule,) in query(place.settings.national_url, sql)}


def is_whole(place: Installation) -> bool:
    with open_national(place.settings.national_url) as national:
        return verify(national).ok


# An office whose register is a table with change times


@dataclass(frozen=True, slots=True)
class Table:
    """A PostgreSQL register, and how its office writes to it."""

    url: str

    def run(self, sql: str, rows: Sequence[Sequence[object]] = ()) -> None:
        with psycopg.connect(self.url) as conn, conn.cursor() as cursor:
            if rows:
                cursor.executemany(sql.encode(), rows)
            else:
                cursor.execute(sql.encode())

    def add(self, numbers: Sequence[int], at: datetime) -> None:
        """New petitions that say they were written then."""
        self.run(INSERT, [row(n, at) for n in numbers])


INSERT = f"INSERT INTO so VALUES ({', '.join(['%s'] * (len(COLUMNS) + 1))})"


def row(number: int, at: datetime) -> list[object]:
    return [*petition(number).values(), at]


def key(number: int) -> str:
    return petition(number)["Số đơn"]


@pytest.fixture
def table(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Installation, Table]]:
    """The installation and the register; three days of overlap, no full reading."""
    name = f"trap_{abs(hash(tmp_path)) % 10**8}"
    cluster.create_database(name)
    found = Table(cluster.url(name).replace("+psycopg", ""))
    columns = ", ".join(f'"{c}" text' for c in COLUMNS)
    found.run(f"CREATE TABLE so ({columns}, {CHANGED} timestamp)")
    place = install(tmp_path)
    systems = tmp_path / "config" / "systems"
    text = (systems / "so_don_thu_csv.toml").read_text(encoding="utf-8")
    read = 'glob = "so_don_thu_*.csv"\nformat = "csv"\ndelimiter = ";"\n'
    assert read in text
    lines = f'query = "SELECT * FROM so"\ncursor = "{CHANGED}"\n'
    made = text.replace("so_don_thu_csv", "so_bang", 1).replace(read, lines)
    made = made.replace('kind = "files"', 'kind = "odbc"', 1)
    (systems / "so_bang.toml").write_text(made, encoding="utf-8")
    (tmp_path / "config" / "provinces" / "thu.toml").write_text(
        'name = "BHXH tỉnh Thử"\nprovince_code = "44"\ncode_scheme = "QD19-2025"\n'
        '[[sources]]\nsystem = "thu_bang"\nproduct = "so_bang"\nfull_every_days = 366\n'
        '[sources.odbc]\nconnection_env = "KNTC_TRAP"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("KNTC_TRAP", cluster.odbc(name))
    yield place, found
    place.settings.home.joinpath("national.db").unlink()


NOON = datetime(2026, 3, 2, 12)  # noqa: DTZ001 - as the office keeps it
DAY = timedelta(days=1)


def test_trap_01_what_is_committed_late_is_there_the_next_night(
    table: tuple[Installation, Table],
) -> None:
    """Rows older than the mark, of a transaction that was open while we read."""
    place, register = table
    register.add(range(30), NOON)
    night(place)
    with psycopg.connect(register.url) as late:
        with late.cursor() as cursor:
            cursor.executemany(
                INSERT.encode(), [row(n, NOON + DAY) for n in range(100, 120)]
            )
        register.add(range(30, 40), NOON + 2 * DAY)
        assert night(place).total.inserted == 10
        late.commit()
    assert night(place).total.inserted == 20
    # Later than the overlap it is the whole reading that finds it.
    register.add(range(200, 205), NOON - 9 * DAY)
    assert night(place).total.inserted == 0
    assert night(place, full=True).total.inserted == 5
    assert len(keys(place)) == 65


def test_trap_01_a_writer_that_never_rests_loses_nothing(
    table: tuple[Installation, Table],
) -> None:
    place, register = table
    register.add(range(50), NOON)
    is_over, written = threading.Event(), list(range(50))

    def write() -> None:
        number = 1000
        while not is_over.is_set():
            with psycopg.connect(register.url) as conn:
                # The time of the transaction's beginning, as now() is.
                at = NOON + timedelta(seconds=number)
                conn.execute(INSERT.encode(), row(number, at))
                is_over.wait(0.005)
            written.append(number)
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(3):
            night(place)
    finally:
        is_over.set()
        writer.join()
    assert len(written) > 60
    night(place)
    assert keys(place) == sorted(key(n) for n in written)


def test_trap_06_what_is_changed_while_we_read_is_never_passed_over(
    table: tuple[Installation, Table],
) -> None:
    place, register = table
    register.add(range(300), NOON)
    is_over, changes = threading.Event(), [0]

    def change() -> None:
        while not is_over.is_set():
            changes[0] += 1
            number, at = changes[0] * 7 % 300, NOON + timedelta(seconds=changes[0])
            register.run(
                f"UPDATE so SET {CHANGED} = '{at}', \"Nội dung\" = "
                f"'Kiến nghị sửa lần {changes[0]}, hồ sơ số HS-{number}' "
                f"WHERE \"Số đơn\" = '{key(number)}'"
            )

    updater = threading.Thread(target=change)
    updater.start()
    try:
        for _ in range(3):
            night(place)
    finally:
        is_over.set()
        updater.join()
    assert changes[0] > 20
    night(place)
    # The comparison of all keys finds nothing missed, nothing changed unseen.
    total = night(place, full=True).total
    assert (total.read, total.unchanged) == (300, 300)
    assert (total.inserted, total.updated, total.deleted) == (0, 0, 0)
    assert len(keys(place)) == 300


def test_trap_18_a_reading_without_rows_is_no_success(tmp_path: Path) -> None:
    place = install(tmp_path)
    place.add_office("thu")
    place.write("thu", [])
    error = night(place, "held").offices[0].error
    assert "0 rows" in str(error)
    place.write("thu", [petition(n) for n in range(30)])
    night(place)
    place.write("thu", [])
    night(place, "held")
    assert len(keys(place)) == 30


def test_trap_18_a_quiet_working_day_is_told(
    table: tuple[Installation, Table],
) -> None:
    place, register = table
    office = place.folder / "config" / "provinces" / "thu.toml"
    text = office.read_text(encoding="utf-8")
    office.write_text(
        text.replace("full_every", "overlap_days = 0\nfull_every"), encoding="utf-8"
    )
    summer = 70 * DAY  # the weeks after Tết are a season of their own
    register.add(range(1000, 1030), NOON + summer - DAY)
    night(place, on=MONDAY + summer - DAY)
    for day in range(6):
        register.add(range(day * 30, day * 30 + 30), NOON + summer + day * DAY)
        night(place, on=MONDAY + summer + day * DAY)
    assert "volume_band" not in findings(place)
    register.run("DELETE FROM so")
    total = night(place, on=MONDAY + summer + 8 * DAY).total
    assert total.read == 0
    assert "volume_band" in findings(place)
    assert len(keys(place)) == 210


def test_trap_19_every_line_of_a_register_is_accounted_for(tmp_path: Path) -> None:
    """Good, cancelled, broken, doubled and faulty rows: each is in its column."""
    place = install(tmp_path)
    drop = place.add_office("thu")
    good = [petition(n) for n in range(40)]
    cancelled = [petition(n, **{"Trạng thái": "Hủy"}) for n in range(50, 53)]
    faulty = [petition(n, **{"Ngày nhận": "hôm qua"}) for n in range(60, 64)]
    doubled = [petition(0), petition(1)]
    conflict = [petition(70), petition(70, **{"Nội dung": "Kiến nghị khác, số HS-70"})]
    text = csv_text([*good, *cancelled, *faulty, *doubled, *conflict])
    broken = "".join(f"{line};thừa;thừa\r\n" for line in text.splitlines()[1:6])
    file = drop / "so_don_thu_2026.csv"
    file.write_text(text + broken, encoding="utf-8-sig")
    total = night(place).total
    assert total.rows_read == len(text.splitlines()) - 1 + 5 == 56
    assert (total.rows_filtered, total.rows_rejected) == (3, 5)
    assert (total.inserted, total.quarantined, total.duplicates) == (40, 6, 2)
    assert len(keys(place)) == total.inserted
    sql = "SELECT sum(rows_read), sum(rows_rejected), sum(inserted) FROM batch"
    assert query(place.settings.national_url, sql) == [(56, 5, 40)]
    assert is_whole(place)


def test_trap_19_a_file_that_cannot_be_read_is_not_passed_over(
    tmp_path: Path,
) -> None:
    place = install(tmp_path)
    drop = place.add_office("thu")
    place.write("thu", [petition(n) for n in range(30)])
    (drop / "so_don_thu_2027.csv").write_bytes(b"PK\x03\x04 no register")
    error = night(place, "failed").offices[0].error
    assert "so_don_thu_2027.csv" in str(error)
    assert keys(place) == []


DRIFTS = ("add", "drop", "rename", "retype", "code", "order")
POLICIES = ("report", "quarantine", "hold")


@dataclass(frozen=True, slots=True)
class Drifted:
    """Two nights of an office for each drift and policy, between which it drifted."""

    place: Installation
    told: dict[str, tuple[str, str, int]]
    outcomes: dict[str, OfficeOutcome]


@pytest.fixture(scope="module")
def drifted(tmp_path_factory: pytest.TempPathFactory) -> Drifted:
    place, told = install(tmp_path_factory.mktemp("drift")), {}
    stems = {f"{d}_{p}": (d, p) for d in DRIFTS for p in POLICIES}
    for stem, (_, policy) in stems.items():
        # A new column has no rows to quarantine: there the policies are two.
        new = "report" if policy == "quarantine" else policy
        place.add_office(
            stem,
            f'[sources.preset.drift]\ncolumn_new = "{new}"\n'
            f'column_missing = "{policy}"\ncolumn_type = "{policy}"\n'
            f'code_new = "{policy}"\n',
        )
        place.write(stem, [petition(n) for n in range(30)])
    first = run_night(place.settings, NightRequest())
    assert {str(o.verdict) for o in first.offices} == {"published"}
    for stem, (drift, _) in stems.items():
        told[stem] = write_drifted(place.folder / "drop" / stem, drift)
    second = run_night(place.settings, NightRequest())
    return Drifted(place, told, {o.province: o for o in second.offices})


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("drift", DRIFTS)
def test_trap_26_what_a_night_makes_of_a_changed_register(
    drifted: Drifted, drift: str, policy: str
) -> None:
    stem = f"{drift}_{policy}"
    rule, name, touched = drifted.told[stem]
    outcome, total = drifted.outcomes[stem], drifted.outcomes[stem].counts
    url = drifted.place.settings.national_url
    left = f"FROM petition WHERE deleted_at IS NULL AND source_system = '{stem}_so'"
    assert query(url, f"SELECT count(*) {left}") == [(30,)]
    if policy == "hold" and rule:
        assert str(outcome.verdict) == "held"
        assert name in str(outcome.error)
        assert "Nguyễn Văn Thử" not in str(outcome.error)
        assert total.read == 0
        return
    # Over half of an office's records in quarantine is no success (gate).
    is_much = policy == "quarantine" and touched > 15
    assert str(outcome.verdict) == ("held" if is_much else "published"), outcome.error
    assert total.rows_balance()
    assert total.records_balance()
    assert (total.read, total.deleted) == (30, 0)
    assert total.quarantined == (touched if policy == "quarantine" else 0)
    assert total.unchanged == 30 or drift not in ("add", "order")
    sql = f"SELECT DISTINCT rule FROM finding WHERE province = '{stem}'"
    assert not rule or (rule,) in query(url, sql)


def test_trap_26_drift_leaves_the_chain_whole(drifted: Drifted) -> None:
    assert len(drifted.outcomes) == len(DRIFTS) * len(POLICIES)
    assert is_whole(drifted.place)


def write_drifted(drop: Path, drift: str) -> tuple[str, str, int]:
    """The register changed so: the rule that tells it, of which column, and how many
    rows it touches when they are to be quarantined."""
    rows = [petition(n) for n in range(30)]
    lost = "Lĩnh vực"
    columns, said = list(COLUMNS), ("", "", 0)
    if drift == "add":
        columns.append("Ghi chú")
        rows = [row | {"Ghi chú": "x"} for row in rows]
        said = ("column_unknown", "Ghi chú", 0)
    elif drift == "drop":
        columns.remove(lost)
        said = ("column_missing", lost, 30)
    elif drift == "rename":
        columns[columns.index(lost)] = "Mảng việc"
        rows = [row | {"Mảng việc": row[lost]} for row in rows]
        said = ("column_missing", lost, 30)
    elif drift == "retype":
        rows = [row | {"Số người ký": "một người"} for row in rows]
        said = ("column_type", "signatories", 30)
    elif drift == "code":
        rows[4] = rows[4] | {lost: "Việc mới"}
        said = ("code_unknown", "field_area", 1)
    else:
        columns.reverse()
    lines = [";".join(columns)]
    lines += [";".join(f'"{row[column]}"' for column in columns) for row in rows]
    file = drop / "so_don_thu_2026.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return said


def test_trap_29_what_came_and_went_between_two_nights_leaves_nothing(
    tmp_path: Path,
) -> None:
    place = install(tmp_path)
    place.add_office("thu")
    place.write("thu", [petition(n) for n in range(40)])
    night(place)
    # 40 came and went; 41 came, 3 went; 4 went and came back.
    place.write("thu", [petition(n) for n in (*range(3), *range(4, 40), 41)])
    total = night(place).total
    assert (total.inserted, total.deleted, total.unchanged) == (1, 1, 39)
    assert keys(place, "deleted_at IS NOT NULL") == [key(3)]
    assert key(40) not in keys(place, "1 = 1")
    assert is_whole(place)


def test_trap_29_a_night_of_deletions_alone_is_seen(tmp_path: Path) -> None:
    place = install(tmp_path)
    place.add_office("thu")
    place.write("thu", [petition(n) for n in range(40)])
    night(place)
    place.write("thu", [petition(n) for n in range(35)])
    total = night(place).total
    assert (total.read, total.unchanged, total.deleted) == (35, 35, 5)
    assert keys(place, "deleted_at IS NOT NULL") == [key(n) for n in range(35, 40)]
    assert is_whole(place)


def test_trap_29_an_outage_that_looks_like_deletions_is_refused(
    tmp_path: Path,
) -> None:
    place = install(tmp_path)
    drop = place.add_office("thu")
    place.write("thu", [petition(n) for n in range(40)])
    night(place)
    for left in (0, 5):
        place.write("thu", [petition(n) for n in range(left)])
        night(place, "held")
    (drop / "so_don_thu_2026.csv").unlink()
    night(place, "failed")
    assert len(keys(place)) == 40


def test_trap_29_a_table_that_loses_rows_is_compared_whole(
    table: tuple[Installation, Table],
) -> None:
    """No change time tells of a row that is gone: the whole reading does."""
    place, register = table
    register.add(range(40), NOON)
    night(place)
    register.run(f"DELETE FROM so WHERE \"Số đơn\" = '{key(7)}'")
    register.add([50], NOON + DAY)
    total = night(place).total
    assert (total.inserted, total.deleted) == (1, 0)
    total = night(place, full=True).total
    assert (total.inserted, total.deleted, total.read) == (0, 1, 40)
    register.run("DELETE FROM so WHERE \"Số đơn\" > 'D-000003'")
    night(place, "held", full=True)
    register.run("DROP TABLE so")
    night(place, "failed", full=True)
    assert len(keys(place)) == 40
