"""SIGKILL at every enumerated point of a night, then run again: the same database."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest

from flows.demo import postgres
from tests import linked
from tests.small import Installation, install, petition

# What must be equal after a kill and a re-run (promise P1).
EQUAL = (
    "SELECT record_id, content_hash, version, deleted_at IS NULL FROM petition",
    "SELECT subject, rules, content_hash FROM quarantine WHERE state = 'open'",
    "SELECT subject, state FROM quarantine WHERE state <> 'open'",
    "SELECT record_id, version, action, hash_before, hash_after FROM record_history",
    "SELECT source_system, stream, full_rows FROM watermark",
    "SELECT record_id, due_date, due_basis, legal_regime FROM derived",
    "SELECT subject, version, rule, field, shape, closed_batch_id IS NULL "
    "FROM finding WHERE version > 0",
    "SELECT record_id, content_hash, version, deleted_at IS NULL FROM complaint_case",
    "SELECT record_id, content_hash, version, deleted_at IS NULL FROM decision",
    "SELECT record_id, version, field, position, target_id FROM record_link",
)
SHARDS = 4
_names = count()

Rows = list[list[tuple[object, ...]]]


@dataclass(slots=True)
class Killer:
    """A night that can be run, killed and compared, on one engine."""

    place: Installation
    cluster: postgres.Cluster | None
    process: "subprocess.Popen[str]"

    def run(self, kill_at: int | None = None) -> int:
        """The exit code of a night killed at that point."""
        log = self.place.folder / "points.json"
        env = self.place.environment()
        command = {"env": env, "kill_at": kill_at, "log": str(log)}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def points(self) -> list[str]:
        """The names of the points of the last whole night."""
        text = (self.place.folder / "points.json").read_text(encoding="utf-8")
        return [str(name) for name in json.loads(text)]

    def save(self) -> None:
        """Keep the database as it is now."""
        if self.cluster is None:
            shutil.copyfile(self._file(), self._file().with_suffix(".base"))
        else:
            self._admin('CREATE DATABASE "{0}_base" TEMPLATE "{0}"')

    def restore(self) -> None:
        """Go back to what was saved."""
        if self.cluster is None:
            for path in self._file().parent.glob("national.db*"):
                path.unlink()
            shutil.copyfile(self._file().with_name("national.base"), self._file())
        else:
            self._admin('DROP DATABASE "{0}" WITH (FORCE)')
            self._admin('CREATE DATABASE "{0}" TEMPLATE "{0}_base"')

    def state(self) -> Rows:
        """All that must be equal."""
        if self.cluster is None:
            with closing(sqlite3.connect(self._file())) as conn:
                return [sorted(conn.execute(q).fetchall(), key=repr) for q in EQUAL]
        with psycopg.connect(self.place.url.replace("+psycopg", "")) as pg:
            return [sorted(pg.execute(q).fetchall(), key=repr) for q in EQUAL]

    def _file(self) -> Path:
        return Path(self.place.settings.national_url.removeprefix("sqlite:///"))

    def _admin(self, sql: str) -> None:
        assert self.cluster is not None
        name = self.place.url.rsplit("/", 1)[1]
        url = self.cluster.url("postgres").replace("+psycopg", "")
        with psycopg.connect(url, autocommit=True) as pg:
            pg.execute(sql.format(name).encode())


def first_night(place: Installation) -> None:
    rows = [petition(n) for n in range(60)]
    rows[5]["Loại đơn"] = "Không rõ"
    place.write("mau", [*rows, petition(90, **{"Số đơn": ""})])
    drop = place.folder / "drop" / "vu"
    linked.write(drop, "don", [linked.petition(n) for n in (1, 2, 3)])
    linked.write(drop, "vu", [linked.case(n) for n in (1, 2, 4)])
    linked.write(drop, "van_ban", [linked.decision(n) for n in (1, 2)])


def second_night(place: Installation) -> None:
    """Every way a line can go: new, changed, mended, held, twice, in conflict."""
    rows = [petition(n) for n in range(75)]
    rows[7]["Cơ quan xử lý"] = "BHXH huyện Khác"
    rows[8]["Loại đơn"] = "Không rõ"
    rows[9]["Trạng thái"] = "Hủy"
    del rows[11]
    rows[66]["Kết quả xử lý"] = "Chuyển đơn"
    rival = petition(3, **{"Số văn bản": "9/CV-BHXH"})
    twice = petition(4)
    place.write("mau", [*rows, rival, twice, petition(91, **{"Số đơn": ""})])
    # An orphan's parent arrives, another parent leaves; of the first office one leaves,
    # too, and stays unmarked because of the row whose key is blank.
    drop = place.folder / "drop" / "vu"
    linked.write(drop, "don", [linked.petition(n) for n in (1, 2, 3, 4)])
    linked.write(drop, "vu", [linked.case(n) for n in (1, 3, 4)])


@pytest.fixture(params=["sqlite", "postgresql"])
def killer(
    request: pytest.FixtureRequest, tmp_path: Path, cluster: postgres.Cluster
) -> Iterator[Killer]:
    """Night one is in, night two's register lies ready."""
    url, server = "", None
    if request.param == "postgresql":
        name = f"kill_{next(_names)}"
        cluster.create_database(name)
        url, server = cluster.url(name), cluster
    place = install(tmp_path, url)
    place.add_office("mau", source="batch_rows = 40")
    linked.add_office(place, "vu")
    first_night(place)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.killing"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    made = Killer(place, server, process)
    try:
        assert made.run() == 0
        made.save()
        second_night(place)
        yield made
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)


def broken_points(killer: Killer, chosen: slice) -> tuple[int, list[str]]:
    """How many points there are, and those after which a re-run is not equal."""
    assert killer.run() == 0
    expected, names = killer.state(), killer.points()
    broken = []
    for point, name in list(enumerate(names))[chosen]:
        killer.restore()
        killed = killer.run(point)
        again = killer.run()
        if killed != -signal.SIGKILL or again != 0 or killer.state() != expected:
            broken.append(f"{point} {name}: killed {killed}, again {again}")
    return len(names), broken


def test_a_night_killed_anywhere_and_run_again_is_whole(killer: Killer) -> None:
    """Every 37th point; `make test-kill` takes them all."""
    points, broken = broken_points(killer, slice(5, None, 37))
    assert points > 100
    assert broken == []


@pytest.mark.kill
@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_point(killer: Killer, shard: int) -> None:
    points, broken = broken_points(killer, slice(shard, None, SHARDS))
    print(f"{points} points, this shard took every {SHARDS}th from {shard}")
    assert broken == []
