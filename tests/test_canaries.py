"""No personal value in the clear anywhere: canaries, sought in every byte we leave.

The sample estate's canaries and some in rows that break the reader, the rules, the
database and a check. What a night prints, logs, stages, reports and stores is read
back whole; only the sources' own folder holds the values.
"""

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

import polars as pl
import pytest
from typer.testing import CliRunner

from config.settings import packaged_config
from connectors.errors import KntcError
from connectors.national import open_national, views
from connectors.seal import Sealer
from expectations import predicates
from flows.cli.app import app
from flows.demo import postgres
from flows.demo.people import CANARIES, Person
from flows.engine.night import NightRequest, run_night
from flows.engine.outcome import Verdict
from tests.demo import Estate, execute, query, running_estate
from tests.leaks import files_under, leaks
from tests.small import KEYS, Installation, csv_text, install, petition

ROOT = Path(__file__).parent.parent
RECORDS = 1_500
SEALER = Sealer(KEYS.seal, KEYS.denouncer, KEYS.token)
# The estate takes its canaries from the front.
OURS = CANARIES[-30:]
STOPPED = "CHAN-000001"  # the database refuses this record


def of(person: Person, number: int, **changes: str) -> dict[str, str]:
    """A row sent by a canary."""
    return petition(
        number,
        **{
            "Người viết đơn": person.name,
            "Địa chỉ": person.address,
            "Điện thoại": person.phone,
            "Số CCCD": person.id_number,
        }
        | changes,
    )


def values(people: Sequence[Person]) -> list[str]:
    return [v for p in people for v in (p.name, p.address, p.phone, p.id_number)]


def troubled_rows() -> list[dict[str, str]]:
    """A row for each way a value may leave by the rules."""
    p = iter(OURS)
    accused, twin = next(p), next(p)
    return [
        *(petition(n) for n in range(50, 60)),
        of(next(p), 1, **{"Loại đơn": "Khiếu nại"}),
        of(next(p), 2, **{"Loại đơn": "Tố cáo"}),
        of(accused, 3, **{"Loại đơn": "Tố cáo", "Nội dung": f"Tôi là {accused.name}"}),
        of(a := next(p), 4, **{"Loại đơn": a.name}),
        of(a := next(p), 5, **{"Ngày nhận": a.id_number}),
        of(next(p), 6, **{"Số đơn": ""}),
        of(next(p), 7, **{"Trạng thái": "Hủy"}),
        of(a := next(p), 8, **{"Nguồn đơn": a.phone, "Lĩnh vực": a.name}),
        of(a := next(p), 9, **{"Ngày xử lý": a.name, "Số người ký": a.id_number}),
        of(a := next(p), 10, **{"Nội dung": f"{a.name}\ufffd{a.address}"}),
        of(a := next(p), 11, **{"Người bị KNTC": a.name, "Nội dung": a.id_number}),
        of(twin, 12, **{"Nội dung": "một"}),
        of(next(p), 12, **{"Nội dung": "hai"}),
    ]


def broken_lines() -> bytes:
    """Lines that are no rows, each with a canary's values."""
    ragged, bytes_, quote, nul = (
        csv_text([of(person, 70 + n)]).splitlines()[1]
        for n, person in enumerate(OURS[20:24])
    )
    lines = [
        f"{ragged};{OURS[20].name}".encode(),
        bytes_.encode().replace("Lệ".encode(), b"\xff\xfe").replace(b"K", b"\xc3K"),
        f'"{quote}'.encode(),
        nul.replace("Có", "Có\x00", 1).encode(),
    ]
    return b"\r\n".join(lines) + b"\r\n"


def build(place: Installation) -> None:
    """Three offices: rows of every trouble, a record that is refused, secret keys."""
    systems = place.folder / "config" / "systems"
    text = (systems / "so_don_thu_csv.toml").read_text(encoding="utf-8")
    text = text.replace("so_don_thu_csv", "so_rieng", 1)
    key = 'key = ["Số đơn"]'
    assert key in text
    personal = text.replace(key, f"{key}\npersonal_key = true")
    (systems / "so_rieng.toml").write_text(personal, encoding="utf-8")
    for stem in ("nat", "chan", "rieng"):
        place.add_office(stem)
    place.write("nat", troubled_rows())
    path = place.folder / "drop" / "nat" / "so_don_thu_2026.csv"
    path.write_bytes(path.read_bytes() + broken_lines())
    stopped = of(OURS[24], 1, **{"Số đơn": STOPPED})
    place.write("chan", [*(petition(n) for n in range(2, 9)), stopped])
    office = place.folder / "config" / "provinces" / "rieng.toml"
    office.write_text(
        office.read_text("utf-8").replace('"so_don_thu_csv"', '"so_rieng"'), "utf-8"
    )
    rows = [of(person, n) for n, person in enumerate(OURS[25:29])]
    for row in rows:
        row["Số đơn"] = row["Số CCCD"]
    rows[1]["Loại đơn"] = "Không rõ"
    rows[2]["Trạng thái"] = "Hủy"
    place.write("rieng", rows)


@dataclass(frozen=True, slots=True)
class Left:
    """Everything that a night and the commands after it left behind."""

    url: str
    home: Path
    texts: Mapping[str, bytes]
    values: list[str]


@pytest.fixture(scope="module")
def estate() -> Iterator[Estate]:
    with running_estate(RECORDS) as running:
        yield running


@pytest.fixture(scope="module")
def operated(
    estate: Estate,
    tmp_path_factory: pytest.TempPathFactory,
    cluster: postgres.Cluster,
) -> Left:
    """As the operator does: `kntc sync` as a process on PostgreSQL, then questions."""
    cluster.create_database("canaries")
    url = cluster.url("canaries")
    place = install(tmp_path_factory.mktemp("operated"), url)
    build(place)
    for path in (packaged_config() / "provinces").glob("*.toml"):
        (place.folder / "config" / "provinces" / path.name).write_bytes(
            path.read_bytes()
        )
    with open_national(url):
        pass
    execute(
        url,
        "ALTER TABLE petition ADD CONSTRAINT ck_petition_test "
        f"CHECK (source_id <> '{STOPPED}')",
    )
    env = os.environ | place.environment()
    done = subprocess.run(
        [sys.executable, "-m", "flows", "sync"],
        env=env,
        cwd=ROOT,
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert b"ck_petition_test" in done.stdout
    texts = {"sync stdout": done.stdout, "sync stderr": done.stderr}
    with mock.patch.dict(os.environ, env):
        texts |= asked(place)
    texts |= files_under(place.settings.home)
    texts["pg_dump"] = dumped(cluster, "canaries")
    texts["server.log"] = (cluster.folder / "server.log").read_bytes()
    assert b"ck_petition_test" in texts["server.log"]
    planted = [
        value
        for canary in estate.oracle["canaries"]
        for value in (canary[k] for k in ("name", "id_number", "phone", "address"))
    ]
    assert not set(planted) & set(values(OURS))
    assert len(planted) >= 120
    return Left(url, place.settings.home, texts, planted + values(OURS))


def asked(place: Installation) -> dict[str, bytes]:
    """What every command says, for people and for machines."""
    with open_national(place.settings.national_url) as national:
        items = views.quarantine_list(national, [])
    mine = [i for i in items if i.province in place.offices]
    assert len(mine) >= 8
    questions = [
        ["status"],
        ["quarantine", "list"],
        ["audit", "verify"],
        ["why", "D-000004", "--province", "nat"],
        ["why", "D-000007", "--province", "nat"],
        *(
            ["why", person.id_number, "--province", "rieng"]
            for person in OURS[25:29]
        ),
        *(["quarantine", "show", item.id] for item in [*mine, *items[:3]]),
    ]  # fmt: skip
    said = {}
    for question in questions:
        for options in ([], ["--json"]):
            result = CliRunner().invoke(app, [*question, *options])
            assert result.exit_code in (0, 1), result.output
            said[f"kntc {question} {options}"] = result.output.encode()
            if result.exception is not None:
                trace = "".join(traceback.format_exception(result.exception))
                said[f"kntc {question} trace"] = trace.encode()
    # The questions themselves name no place where an answer was found.
    return {f"command {n}": text for n, text in enumerate(said.values())}


def dumped(cluster: postgres.Cluster, database: str) -> bytes:
    """The whole database as text."""
    where = ["-h", "127.0.0.1", "-p", str(cluster.port), "-U", postgres.USER]
    program = str(cluster.programs / "pg_dump")
    return subprocess.run(
        [program, *where, database], capture_output=True, check=True
    ).stdout


@pytest.fixture(scope="module")
def trapped(tmp_path_factory: pytest.TempPathFactory) -> Left:
    """The small offices on SQLite, the database's message quoting a person."""
    place = install(tmp_path_factory.mktemp("trapped"))
    build(place)
    url = place.settings.national_url
    with open_national(url):
        pass
    execute(
        url,
        "CREATE TRIGGER test_stop BEFORE INSERT ON petition "
        f"WHEN NEW.source_id = '{STOPPED}' BEGIN "
        f"SELECT RAISE(ABORT, 'no {OURS[24].name} {OURS[24].id_number}'); END;",
    )
    outcome = run_night(place.settings, NightRequest())
    verdicts = {o.province: o.verdict for o in outcome.offices}
    assert verdicts == {
        "nat": Verdict.PUBLISHED,
        "chan": Verdict.FAILED,
        "rieng": Verdict.PUBLISHED,
    }, outcome.offices
    # The trigger's own text is ours: it must not be what is found.
    execute(url, "DROP TRIGGER test_stop; VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")
    texts = files_under(place.settings.home) | {"outcome": repr(outcome).encode()}
    return Left(url, place.settings.home, texts, values(OURS))


def test_the_search_finds_each_form_it_looks_for() -> None:
    person = OURS[0]
    escaped = json.dumps({"tên": person.name}).encode()
    texts = {
        "plain": f"lỗi ở {person.name}!".encode(),
        "wide": person.address.encode("utf-16-le"),
        "escaped": escaped,
        "dump": b"\\x00" + person.id_number.encode().hex().encode(),
        "clean": b"11 digits",
    }
    found = {leak.where for leak in leaks(texts, values([person]))}
    assert found == {"plain", "wide", "escaped", "dump"}


def test_the_sources_hold_the_canaries_that_are_sought(estate: Estate) -> None:
    """So that zero hits elsewhere mean something."""
    drop = files_under(estate.folder / "sources" / "drop")
    found = leaks(drop, [c["name"] for c in estate.oracle["canaries"]], enough=3)
    assert len(found) == 3


def test_a_canary_in_the_home_would_be_found(operated: Left) -> None:
    planted = operated.home / "reports" / "planted.txt"
    planted.write_text(f"… {OURS[3].name} …", encoding="utf-8")
    try:
        found = leaks(files_under(operated.home), operated.values)
    finally:
        planted.unlink()
    assert {leak.where for leak in found} == {str(planted)}


def test_nothing_an_operator_sees_or_keeps_holds_a_personal_value(
    operated: Left,
) -> None:
    kinds = {
        "staging": any("/staging/" in name for name in operated.texts),
        "reports": any("/reports/" in name for name in operated.texts),
        "dump": len(operated.texts["pg_dump"]) > 100_000,
    }
    assert all(kinds.values()), kinds
    assert leaks(operated.texts, operated.values) == []


def test_nothing_is_left_in_the_clear_when_sqlite_quotes_a_person(
    trapped: Left,
) -> None:
    assert any(name.endswith("national.db") for name in trapped.texts)
    assert leaks(trapped.texts, trapped.values) == []


@pytest.fixture
def exploding() -> Iterator[list[int]]:
    """Every predicate raises, quoting the rows it was given."""
    raised: list[int] = []

    def raise_rows(name: str, frame: pl.DataFrame, _: object) -> pl.DataFrame:
        raised.append(frame.height)
        everybody = " ".join(values(OURS))
        raise ValueError(f"{name}: {frame.rows()} {everybody}")

    with mock.patch.object(predicates, "faults", raise_rows):
        yield raised


def test_a_check_that_breaks_quotes_nobody_and_passes_nothing(
    tmp_path: Path,
    exploding: list[int],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    place = install(tmp_path)
    build(place)
    outcome = run_night(place.settings, NightRequest(provinces=("nat",)))
    assert exploding
    [office] = outcome.offices
    assert office.verdict is Verdict.FAILED
    assert "nat" in str(office.error)
    assert query(place.settings.national_url, "SELECT COUNT(*) FROM petition") == [(0,)]
    said = capfd.readouterr()
    texts = files_under(place.settings.home) | {
        "stdout": said.out.encode(),
        "stderr": said.err.encode(),
        "log": caplog.text.encode(),
        "outcome": repr(outcome).encode(),
    }
    assert leaks(texts, values(OURS)) == []


def test_a_denouncer_opens_from_one_envelope_under_one_key(operated: Left) -> None:
    rows = query(
        operated.url,
        "SELECT record_id, sealed, sealed_denouncer, 'denouncer_name' "
        "FROM denunciation_case UNION ALL "
        "SELECT record_id, sealed, sealed_denouncer, 'sender_name' "
        "FROM petition WHERE kind = 'to_cao'",
    )
    assert sum(denouncer is not None for _, _, denouncer, _ in rows) > 20
    others = replace(SEALER, denouncer_key=b"\x77" * 32)
    seen, secret = set(), ("denouncer_", "sender_")
    for record, sealed, denouncer, name in rows:
        if denouncer is not None:  # else nobody gave a name
            person = SEALER.open(bytes(denouncer), record).get(name)
            seen.add(person)
            with pytest.raises(KntcError, match="does not open"):
                others.open(bytes(denouncer), record)
        if sealed is not None:
            opened = SEALER.open(bytes(sealed), record)
            assert not [key for key in opened if key.startswith(secret)]
    assert seen & set(operated.values)


def test_held_and_rejected_rows_open_under_the_denouncers_key_alone(
    operated: Left,
) -> None:
    rows = query(
        operated.url,
        "SELECT id, sealed FROM quarantine WHERE province = 'nat' UNION ALL "
        "SELECT subject, sealed FROM finding "
        "WHERE province = 'nat' AND sealed IS NOT NULL",
    )
    assert len(rows) >= 8
    steward = replace(SEALER, denouncer_key=b"\x77" * 32)
    opened = b""
    for subject, sealed in rows:
        opened += SEALER.open_text(bytes(sealed), subject)
        with pytest.raises(KntcError, match="does not open"):
            steward.open_text(bytes(sealed), subject)
    assert OURS[0].name.encode() in opened
