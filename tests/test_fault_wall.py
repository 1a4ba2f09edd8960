"""One office's trouble is its own: the others are published, in time, every time.

Offices whose server is dead, silent, dripping or talks nonsense, and offices whose
file is broken, in one night with three sound ones; then all are mended.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import psycopg
import pytest

from flows.demo import postgres
from flows.engine.night import NightRequest, run_night
from flows.engine.outcome import NightOutcome, NightVerdict, OfficeOutcome, Verdict
from tests.demo import query
from tests.http_server import Answer, Asked, as_json, serving
from tests.proxies import proxying
from tests.small import COLUMNS, Installation, install, petition

ROOT = Path(__file__).parent.parent
DEADLINE_S = 3.0
BOUND_S = 5 * DEADLINE_S
ROWS = 12
SECRET = "KNTC_TEST_WALL_SECRET"  # a variable's name
SECRET_VALUE = "Bearer-of-the-wall"

# What each broken office's message must hold besides the office's own name.
SAYS: dict[str, tuple[Verdict, tuple[str, ...]]] = {
    "odbc_dead": (Verdict.FAILED, ("08001",)),
    "odbc_silent": (Verdict.FAILED, ("don",)),
    "odbc_stalls": (Verdict.FAILED, ("don",)),
    "rest_dead": (Verdict.FAILED, ("127.0.0.1", "no answer")),
    "rest_silent": (Verdict.FAILED, ("127.0.0.1",)),
    "rest_drips": (Verdict.FAILED, ("don",)),
    "rest_html": (Verdict.FAILED, ("JSON",)),
    "rest_other": (Verdict.FAILED, ("items",)),
    "rest_500": (Verdict.FAILED, ("HTTP 500",)),
    "file_torn": (Verdict.MISCONFIGURED, ("file_torn.toml", "not TOML")),
    "file_key": (Verdict.MISCONFIGURED, ("file_key.toml", "timeout_minutes")),
    "file_secret": (Verdict.MISCONFIGURED, ("file_secret.toml", "KNTC_TEST_NOT_SET")),
}
# What to do, in whatever words.
ADVICE = re.compile(r"kntc sync --failed|mend |check |ask |see docs/|is not set")
SOUND = ("sound_csv", "sound_odbc", "sound_rest")


@dataclass(slots=True)
class Wall:
    """The installation, and what its offices need to be broken or mended."""

    place: Installation
    database: str
    cluster: postgres.Cluster
    server: str
    is_mended: bool = False

    def decide(self, asked: Asked) -> Answer:
        """The REST server's answer; the first folder of the path is the office."""
        office = asked.path.split("/")[1]
        if self.is_mended or office == "sound_rest":
            items = [petition(n) for n in range(ROWS)]
            return as_json({"items": items if asked.query["page"] == "1" else []})
        return {
            "rest_drips": Answer(b'{"items": [' + b" " * 4000, drip_s=1.0),
            "rest_html": Answer(b"<html><p>Sign in</p></html>"),
            "rest_other": as_json({"data": [petition(1)]}),
            "rest_500": Answer(b"{}", status=500),
        }[office]

    def odbc(self, port: int) -> str:
        """The connection string by way of that port."""
        plain = self.cluster.odbc(self.database)
        return plain.replace(f"Port={self.cluster.port}", f"Port={port}")

    def write_office(self, stem: str, product: str, lines: str, top: str = "") -> None:
        """An office file whose time is short."""
        path = self.place.folder / "config" / "provinces" / f"{stem}.toml"
        short = stem in SAYS and not self.is_mended
        deadline = f"deadline_s = {DEADLINE_S}\n" if short else ""
        path.write_text(
            f'name = "Bảo hiểm xã hội {stem}"\nprovince_code = "44"\n'
            f'code_scheme = "QD19-2025"\n{deadline}{top}\n[[sources]]\n'
            f'system = "{stem}_so"\nproduct = "{product}"\nattempts = 2\n{lines}\n',
            encoding="utf-8",
        )

    def rest(self, stem: str, base_url: str) -> None:
        """An office with an API."""
        lines = f'[sources.rest]\nbase_url = "{base_url}"\ntoken_env = "{SECRET}"'
        self.write_office(stem, "so_rest", lines)

    def sql(self, stem: str, port: int) -> None:
        """An office with a database."""
        name = f"KNTC_TEST_{stem.upper()}"
        os.environ[name] = self.odbc(port)
        self.write_office(stem, "so_odbc", f'[sources.odbc]\nconnection_env = "{name}"')


def presets(systems: Path) -> None:
    """The CSV register's mapping, read from an API and from a database."""
    text = (systems / "so_don_thu_csv.toml").read_text(encoding="utf-8")
    read = 'glob = "so_don_thu_*.csv"\nformat = "csv"\ndelimiter = ";"\n'
    assert read in text
    for product, kind, lines in (
        ("so_rest", "rest", 'path = "petitions"\nitems = "items"\n'),
        ("so_odbc", "odbc", 'query = "SELECT * FROM so_don_thu"\n'),
    ):
        made = text.replace("so_don_thu_csv", product, 1).replace(read, lines)
        made = made.replace('kind = "files"', f'kind = "{kind}"', 1)
        (systems / f"{product}.toml").write_text(made, encoding="utf-8")


def fill(cluster: postgres.Cluster, database: str) -> None:
    cluster.create_database(database)
    names = ", ".join(f'"{name}" text' for name in COLUMNS)
    marks = ", ".join(["%s"] * len(COLUMNS))
    with psycopg.connect(cluster.url(database).replace("+psycopg", "")) as pg:
        pg.execute(f"CREATE TABLE so_don_thu ({names})".encode())
        rows = [[petition(n)[c] for c in COLUMNS] for n in range(ROWS)]
        with pg.cursor() as cursor:
            insert = f"INSERT INTO so_don_thu VALUES ({marks})"
            cursor.executemany(insert.encode(), rows)


@dataclass(frozen=True, slots=True)
class Seen:
    """The night with the broken offices, and the one after they were mended."""

    wall: Wall
    broken: NightOutcome
    seconds: float
    exit_code: int
    printed: dict[str, Any]
    said: str
    batches: dict[str, int]
    mended: NightOutcome
    batches_after: dict[str, int]

    def office(self, stem: str) -> OfficeOutcome:
        """The outcome of one office in the broken night."""
        return next(o for o in self.broken.offices if o.province == stem)


@pytest.fixture(scope="module")
def seen(
    tmp_path_factory: pytest.TempPathFactory, cluster: postgres.Cluster
) -> Iterator[Seen]:
    folder = tmp_path_factory.mktemp("wall")
    fill(cluster, "wall_source")
    cluster.create_database("wall_national")
    place = install(folder, cluster.url("wall_national"))
    presets(folder / "config" / "systems")
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, {SECRET: SECRET_VALUE}))
        wall = Wall(place, "wall_source", cluster, "")
        server = stack.enter_context(serving(wall.decide))
        wall.server = server.url
        silent = stack.enter_context(proxying(cluster.port, 0))
        # Enough for the log-in, not for the rows.
        stalls = stack.enter_context(proxying(cluster.port, 900))
        build_sound(wall)
        warm = run_night(place.settings, NightRequest())
        assert warm.verdict is NightVerdict.PUBLISHED, warm.offices
        place.write("sound_csv", [petition(n) for n in range(ROWS + 1)])
        build_broken(wall, silent.port, stalls.port)
        began = time.monotonic()
        every = len(SAYS) + len(SOUND)
        broken = run_night(place.settings, NightRequest(), workers=every)
        seconds = time.monotonic() - began
        assert silent.accepted >= 2
        assert stalls.accepted >= 1
        done = command_line(place, "rest_500", "file_torn", "sound_csv")
        batches = batches_of(place)
        mend(wall)
        mended = run_night(place.settings, NightRequest(failed_only=True))
        printed = json.loads(done.stdout)
        yield Seen(
            wall, broken, seconds, done.returncode, printed, done.stderr,
            batches, mended, batches_of(place),
        )  # fmt: skip


def build_sound(wall: Wall) -> None:
    wall.place.add_office("sound_csv")
    wall.place.write("sound_csv", [petition(n) for n in range(ROWS)])
    wall.sql("sound_odbc", wall.cluster.port)
    wall.rest("sound_rest", f"{wall.server}/sound_rest")


def build_broken(wall: Wall, silent: int, stalls: int) -> None:
    wall.sql("odbc_dead", postgres.free_port())
    wall.sql("odbc_silent", silent)
    wall.sql("odbc_stalls", stalls)
    wall.rest("rest_dead", f"http://127.0.0.1:{postgres.free_port()}")
    wall.rest("rest_silent", f"http://127.0.0.1:{silent}")
    for stem in ("rest_drips", "rest_html", "rest_other", "rest_500"):
        wall.rest(stem, f"{wall.server}/{stem}")
    for stem in ("file_torn", "file_key", "file_secret"):
        wall.rest(stem, f"{wall.server}/{stem}")
    provinces = wall.place.folder / "config" / "provinces"
    torn, key, secret = (
        provinces / f"{stem}.toml" for stem in ("file_torn", "file_key", "file_secret")
    )
    torn.write_text(torn.read_text(encoding="utf-8") + "\n[[sources\n", "utf-8")
    key.write_text("timeout_minutes = 3\n" + key.read_text(encoding="utf-8"), "utf-8")
    text = secret.read_text(encoding="utf-8").replace(SECRET, "KNTC_TEST_NOT_SET")
    secret.write_text(text, encoding="utf-8")


def mend(wall: Wall) -> None:
    wall.is_mended = True
    for stem in SAYS:
        if stem.startswith("odbc"):
            wall.sql(stem, wall.cluster.port)
        else:
            wall.rest(stem, f"{wall.server}/{stem}")


def batches_of(place: Installation) -> dict[str, int]:
    sql = "SELECT province, COUNT(*) FROM batch GROUP BY province"
    return {str(a): int(b) for a, b in query(place.settings.national_url, sql)}


def command_line(
    place: Installation, *stems: str
) -> "subprocess.CompletedProcess[str]":
    options = [option for stem in stems for option in ("--province", stem)]
    return subprocess.run(
        [sys.executable, "-m", "flows", "sync", "--json", *options],
        env=os.environ | place.environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_sound_offices_are_published(seen: Seen) -> None:
    for stem in SOUND:
        assert seen.office(stem).verdict is Verdict.PUBLISHED, seen.office(stem)
        assert seen.office(stem).counts.read >= ROWS
    assert seen.office("sound_csv").counts.inserted == 1
    assert seen.broken.verdict is NightVerdict.PARTIAL


@pytest.mark.parametrize("stem", SAYS)
def test_a_broken_office_says_what_where_and_what_to_do(seen: Seen, stem: str) -> None:
    outcome = seen.office(stem)
    verdict, words = SAYS[stem]
    assert outcome.verdict is verdict, outcome
    error = str(outcome.error)
    for word in (stem, *words):
        assert word in error, error
    assert ADVICE.search(error), error
    assert "unforeseen" not in error
    assert SECRET_VALUE not in error
    assert "Uid=" not in error
    assert outcome.counts.read == 0


def test_nobody_waits_for_the_slow_ones(seen: Seen) -> None:
    """Three seconds each; bounded at five times that, the sound offices included."""
    slow = {o.province: o.seconds for o in seen.broken.offices if o.province in SAYS}
    assert max(slow.values()) < BOUND_S, slow
    assert seen.seconds < BOUND_S


def test_the_command_line_says_so_with_its_exit_code(seen: Seen) -> None:
    assert seen.exit_code == 1, seen.said
    verdicts = {p["province"]: p["verdict"] for p in seen.printed["provinces"]}
    assert verdicts == {
        "rest_500": "failed",
        "file_torn": "misconfigured",
        "sound_csv": "published",
    }
    assert seen.printed["verdict"] == "partial"


def test_after_mending_only_what_failed_is_touched(seen: Seen) -> None:
    assert {o.province for o in seen.mended.offices} == set(SAYS)
    assert seen.mended.verdict is NightVerdict.PUBLISHED, seen.mended.offices
    for office in seen.mended.offices:
        assert office.counts.inserted == ROWS, office
    for stem in SOUND:
        assert seen.batches_after[stem] == seen.batches[stem]
    assert set(seen.batches) == set(SOUND)
    again = run_night(seen.wall.place.settings, NightRequest(failed_only=True))
    assert again.offices == ()
