"""A batch that the database refuses, and what the command line says of each night."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from connectors.national.engines import IN_TIME, connect
from flows.cli.app import app
from flows.demo import postgres
from flows.engine.night import NightRequest, run_night
from flows.engine.outcome import OfficeOutcome, Verdict
from tests.demo import query
from tests.proxies import Fault, always, misbehaving
from tests.small import Installation, install, petition

OTHERS = tuple(f"other{n}" for n in range(5))
POISONED = "poisoned"
BATCH_ROWS = 10
ROWS = 45  # five batches; the third is refused
CANARY = "Nguyễn Văn Thử 22"
POISON = (
    "CREATE TRIGGER poison BEFORE INSERT ON petition "
    f"WHEN NEW.source_system = '{POISONED}_so' AND (SELECT COUNT(*) FROM petition "
    f"WHERE source_system = '{POISONED}_so') >= {2 * BATCH_ROWS} "
    f"BEGIN SELECT RAISE(ABORT, 'value {CANARY} refused'); END"
)


def national(place: Installation, sql: str) -> None:
    """Do something to the national database behind the program's back."""
    with sqlite3.connect(place.settings.home / "national.db") as database:
        database.execute(sql)


def stored(place: Installation, stem: str) -> int:
    sql = f"SELECT COUNT(*) FROM petition WHERE source_system = '{stem}_so'"
    return int(str(query(place.settings.national_url, sql)[0][0]))


def rows(number: int) -> list[dict[str, str]]:
    return [petition(n) for n in range(number)]


@dataclass(frozen=True, slots=True)
class Nights:
    """Three nights: poisoned, poisoned still with more rows, and mended."""

    place: Installation
    nights: Sequence[dict[str, OfficeOutcome]]
    after_first: int  # records of the poisoned office after the first night


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    place = install(tmp_path_factory.mktemp("poison"))
    for stem in (*OTHERS, POISONED):
        place.add_office(stem, f"batch_rows = {BATCH_ROWS}")
        place.write(stem, rows(1))
    run_night(place.settings, NightRequest(provinces=OTHERS))  # makes the schema
    national(place, POISON)
    seen, after_first = [], 0
    for night, count in enumerate((ROWS, ROWS + 5, ROWS + 5)):
        for stem in (*OTHERS, POISONED):
            place.write(stem, rows(count))
        if night == 2:
            national(place, "DROP TRIGGER poison")
        outcome = run_night(place.settings, NightRequest())
        seen.append({office.province: office for office in outcome.offices})
        after_first = after_first or stored(place, POISONED)
    return Nights(place, seen, after_first)


def test_trap_11_a_poison_batch_blocks_no_other_office(nights: Nights) -> None:
    for night, new in ((0, ROWS - 1), (1, 5), (2, 0)):
        for stem in OTHERS:
            office = nights.nights[night][stem]
            assert office.verdict is Verdict.PUBLISHED, office
            assert office.counts.inserted == new


def test_trap_11_its_own_batches_before_it_are_kept(nights: Nights) -> None:
    """Each batch is a transaction; the watermark moved with none of them."""
    assert nights.after_first == 2 * BATCH_ROWS
    for night in (0, 1):
        office = nights.nights[night][POISONED]
        assert office.verdict is Verdict.FAILED, office
        assert office.counts.rows_balance()
        assert office.counts.records_balance()
    marks = "SELECT COUNT(*) FROM watermark WHERE source_system = 'poisoned_so'"
    first_night = nights.nights[0][POISONED].counts
    assert first_night.inserted == 2 * BATCH_ROWS
    assert int(str(query(nights.place.settings.national_url, marks)[0][0])) > 0


def test_trap_11_it_blocks_itself_no_more_tomorrow(nights: Nights) -> None:
    """What failed leaves nothing pending: the next night loads it all, also the new."""
    office = nights.nights[2][POISONED]
    assert office.verdict is Verdict.PUBLISHED, office
    assert stored(nights.place, POISONED) == ROWS + 5
    assert office.counts.read == ROWS + 5
    assert office.counts.inserted == ROWS + 5 - 2 * BATCH_ROWS
    assert office.counts.duplicates == 0


def test_the_message_names_the_batch_and_never_the_value(nights: Nights) -> None:
    for night in (0, 1):
        error = str(nights.nights[night][POISONED].error)
        for word in (POISONED, "batch 2", "kntc sync --failed"):
            assert word in error
        assert CANARY not in error
        assert "Nguyễn" not in error


@contextmanager
def environment(place: Installation) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PREFECT_API_URL", raising=False)
        for name, value in place.environment().items():
            patch.setenv(name, value)
        yield


def sync(place: Installation, *options: str) -> Result:
    with environment(place):
        return CliRunner().invoke(app, ["sync", "--json", *options])


@pytest.fixture
def place(tmp_path: Path) -> Installation:
    """Three offices with sound registers."""
    made = install(tmp_path)
    for stem in ("a", "b", "c"):
        made.add_office(stem)
        made.write(stem, rows(3))
    return made


def spoil_nothing(_: Installation) -> None:
    """All is well."""


def spoil_one_file(place: Installation) -> None:
    (place.folder / "drop" / "b" / "so_don_thu_2026.csv").unlink()


def spoil_one_office_file(place: Installation) -> None:
    (place.folder / "config" / "provinces" / "b.toml").write_text("[[", "utf-8")


def spoil_all(place: Installation) -> None:
    for stem in ("a", "b", "c"):
        (place.folder / "drop" / stem / "so_don_thu_2026.csv").unlink()


def empty_one(place: Installation) -> None:
    place.write("b", [])


def spoil_target(place: Installation) -> None:
    """The database takes the run, and refuses each record."""
    run_night(place.settings, NightRequest(dry_run=True))
    national(
        place,
        "CREATE TRIGGER refuse BEFORE INSERT ON batch BEGIN SELECT RAISE(ABORT, ''); "
        "END",
    )


MATRIX = {
    "all_published": (spoil_nothing, 0, "published", "published"),
    "a_file_is_missing": (spoil_one_file, 1, "partial", "failed"),
    "an_office_file_is_broken": (spoil_one_office_file, 1, "partial", "misconfigured"),
    "an_empty_register": (empty_one, 1, "partial", "held"),
    "nobody_can_be_read": (spoil_all, 1, "failed", "failed"),
    "the_target_refuses": (spoil_target, 1, "failed", "failed"),
}


@pytest.mark.parametrize("name", MATRIX)
def test_trap_20_the_exit_code_and_the_verdicts_say_what_happened(
    place: Installation, name: str
) -> None:
    """On the real engine; `b` is the office that is spoilt where one is."""
    spoil, code, verdict, office = MATRIX[name]
    spoil(place)
    result = sync(place)
    assert result.exit_code == code, result.output
    said = json.loads(result.stdout)
    assert said["verdict"] == verdict
    verdicts = {p["province"]: p["verdict"] for p in said["provinces"]}
    assert verdicts["b"] == office
    ledger = "SELECT province, verdict FROM run"
    found = dict(query(place.settings.national_url, ledger))
    assert found == {"": verdict, **verdicts}
    if code == 0:
        assert sync(place, "--failed").exit_code == 0


def test_trap_20_a_target_that_is_not_there_is_no_success(place: Installation) -> None:
    url = f"postgresql://kntc@127.0.0.1:{postgres.free_port()}/national"
    result = sync(Installation(place.folder, url))
    assert result.exit_code != 0
    assert "published" not in result.stdout
    assert "KNTC_NATIONAL_URL" in result.output
    assert "Traceback" not in result.output


def test_trap_20_a_target_that_swallows_the_line_does_not_hang_the_night(
    place: Installation,
) -> None:
    with misbehaving(1, always(Fault("black_hole"))) as proxy:
        url = f"postgresql://kntc@127.0.0.1:{proxy.port}/national?connect_timeout=2"
        result = sync(Installation(place.folder, url))
        assert proxy.accepted
    assert result.exit_code != 0
    assert "published" not in result.stdout
    assert "Traceback" not in result.output


def test_the_national_connection_is_bounded_unless_the_url_says_otherwise() -> None:
    engine = connect("postgresql://kntc@127.0.0.1:1/national?connect_timeout=3")
    assert engine.url.query["connect_timeout"] == "3"
    assert engine.url.query["tcp_user_timeout"] == IN_TIME["tcp_user_timeout"]
