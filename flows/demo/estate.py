"""Six provincial systems on this machine: made once, then run as processes."""

import fcntl
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

from connectors.errors import ConfigError
from flows.demo import postgres
from flows.demo.case_system import write_sql
from flows.demo.documents import write_json
from flows.demo.faults import CSV, REST, SQL, XLSX
from flows.demo.offices import OFFICES, DemoOffice, clean_records
from flows.demo.oracle import Json, canaries, expected
from flows.demo.people import CANARIES, Inventor
from flows.demo.planting import Row, allotment, plant
from flows.demo.registers import write_csv, write_xlsx
from flows.demo.rest_server import TOKEN_VARIABLE

FORMAT = 1  # raise it when the same parameters give other data
# Fewer leave no room for three of each fault beside clean cases.
FEWEST = 600


def prepare(folder: Path, records: int, seed: int = 20260101) -> None:
    """Make the estate's data in the folder; does nothing when it is there already.

    `records` counts what the offices' rows become; filtered and rejected rows come on
    top. Raises ConfigError when the folder holds another estate.
    """
    if records < FEWEST:
        raise ConfigError(f"an estate of {records} records: expected {FEWEST} or more")
    marker = folder / "estate.json"
    wanted = {"format": FORMAT, "records": records, "seed": seed}
    if marker.exists():
        found = json.loads(marker.read_text(encoding="utf-8"))
        if found != wanted:
            raise ConfigError(
                f"{folder} holds the estate {found}, expected {wanted}; "
                "give another folder or remove this one"
            )
        return
    _make(folder, records, seed)
    marker.write_text(json.dumps(wanted), encoding="utf-8")


def _make(folder: Path, records: int, seed: int) -> None:
    for name in ("drop", "sql", "rest"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)
    dealt = allotment(OFFICES, records)
    people = iter(CANARIES)
    provinces: dict[str, Json] = {}
    found: list[Json] = []
    left = records
    for office in OFFICES:
        last = office is OFFICES[-1]
        quota = left if last else records * office.percent // 100
        left -= quota
        rng = Random(f"{seed}/{office.stem}")  # noqa: S311 - invented people
        inventor = Inventor(rng, office.province, office.id_prefix)
        clean = clean_records(inventor, office, quota)
        rows = plant(inventor, clean, dealt[office.stem], people)
        _write(folder, office, rows)
        provinces[office.stem] = expected(office, rows)
        found += canaries(office, rows)
    answer = {"provinces": provinces, "canaries": found}
    text = json.dumps(answer, ensure_ascii=False, indent=1)
    (folder / "oracle.json").write_text(text, encoding="utf-8")


def _write(folder: Path, office: DemoOffice, rows: list[Row]) -> None:
    if office.product == SQL:
        write_sql(folder / "sql" / f"{office.stem}.sql", rows)
        return
    target = folder / ("rest" if office.product == REST else "drop") / office.stem
    target.mkdir()
    writers = {CSV: write_csv, XLSX: write_xlsx, REST: write_json}
    writers[office.product](target, rows)


@contextmanager
def running(folder: Path) -> Iterator[dict[str, str]]:
    """Run the estate's servers; gives the environment that the office files need.

    Raises ConfigError when the estate is not there or runs already.
    """
    if not (folder / "estate.json").exists():
        raise ConfigError(f"{folder} holds no estate; prepare it first")
    with ExitStack() as stack:
        stack.enter_context(_only_one(folder))
        env = {"KNTC_DROP": str(folder / "drop")}
        cluster = stack.enter_context(_databases(folder))
        for office in OFFICES:
            name = f"KNTC_{office.stem.upper()}"
            if office.product == SQL:
                env[f"{name}_ODBC"] = cluster.odbc(office.stem)
            if office.product == REST:
                token = secrets.token_hex(16)
                data = folder / "rest" / office.stem
                env[f"{name}_URL"] = stack.enter_context(_api(data, token))
                env[f"{name}_TOKEN"] = token
        yield env


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(
                f"the estate in {folder} runs already; wait until it ends"
            ) from None
        yield


@contextmanager
def _databases(folder: Path) -> Iterator[postgres.Cluster]:
    home, loaded = folder / "postgresql", folder / "postgresql" / "loaded"
    if not loaded.exists():
        shutil.rmtree(home, ignore_errors=True)
    _stop_left_over(home / "cluster")
    with postgres.running(home) as cluster:
        if not loaded.exists():
            for office in OFFICES:
                if office.product == SQL:
                    cluster.create_database(office.stem)
                    cluster.run_sql_file(
                        office.stem, folder / "sql" / f"{office.stem}.sql"
                    )
            loaded.touch()
        yield cluster


def _stop_left_over(cluster: Path) -> None:
    # Whoever ran the estate before was killed: the lock is free, so nobody uses it.
    pid_file = cluster / "postmaster.pid"
    if not pid_file.exists():
        return
    pid = pid_file.read_text(encoding="ascii").split("\n")[0]
    command = Path(f"/proc/{pid}/cmdline")
    # After a restart of the machine the number may be anybody's.
    if command.exists() and str(cluster).encode() in command.read_bytes():
        program = postgres.programs_folder() / "pg_ctl"
        stop = (str(program), "-D", str(cluster), "-m", "fast", "-w", "stop")
        postgres.run_as_server_user(*stop)


@contextmanager
def _api(data: Path, token: str) -> Iterator[str]:
    command = [sys.executable, "-m", "flows.demo.rest_server", "--data", str(data)]
    # A session of its own: Ctrl-C is ours to handle, the server ends with its stdin.
    child = subprocess.Popen(  # noqa: S603 - our own module
        [*command, "--port", "0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {TOKEN_VARIABLE: token},
        start_new_session=True,
    )
    try:
        assert child.stdout is not None
        port = child.stdout.readline().strip()
        if not port:
            raise ConfigError(f"the sample API of {data.name} did not start")
        yield f"http://127.0.0.1:{port}"
    finally:
        child.send_signal(signal.SIGTERM)
        child.communicate(timeout=30)
