"""The sample estate on this machine: made once, run as servers, moved on by nights."""

import fcntl
import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from connectors.errors import ConfigError
from flows.demo import oracle, registers
from flows.demo.clock import night_on
from flows.demo.expecting import entry
from flows.demo.living import first_living, load, save
from flows.demo.nights import changes_of
from flows.demo.offices import (
    INSTALLATIONS,
    DemoOffice,
    Installation,
    clean_records,
    inventor_of,
    quotas,
)
from flows.demo.people import CANARIES, Person
from flows.demo.planted import Json, canaries, planted
from flows.demo.planting import allotment, plant
from flows.demo.postgres import free_port
from flows.demo.products import FILES
from flows.demo.systems import SYSTEMS, Databases, apis, databases
from flows.demo.troubles import trouble

FORMAT = 3  # raise it when the same parameters give other data
# Fewer leave no room for three of each fault beside clean cases.
FEWEST = 1_500
SEED = 20260101
MADE = ("drop", "sql", "rest", "kept", "living", "oracle", "postgresql", "mariadb")
RAN = "ran"  # the last night that ended
# Below so many records a second process costs more than it saves.
WORTH_PROCESSES = 5_000
PROCESSES = 2
KEPT_CANARIES = 30


def prepare(folder: Path, records: int, seed: int = SEED) -> None:
    """Make the estate's data in the folder; does nothing when it is there already.

    `records` counts what the installations' rows become; filtered and rejected rows
    come on top. Raises ConfigError when the folder holds another estate.
    """
    if records < FEWEST:
        raise ConfigError(f"an estate of {records} records: expected {FEWEST} or more")
    wanted = {"format": FORMAT, "records": records, "seed": seed}
    if _marker(folder).exists():
        found = _read_marker(folder)
        if {name: found[name] for name in wanted} != wanted:
            raise ConfigError(
                f"{folder} holds the estate {found}, expected {wanted}; "
                "give another folder or remove this one"
            )
        return
    _make(folder, records, seed)
    _write_marker(folder, wanted | {"night": 1})


def night(folder: Path) -> int:
    """The night that the estate's disks are ready for."""
    return _read_marker(folder)["night"]


def next_night(folder: Path) -> int:
    """The night to run next: the one after the last that ended."""
    ran = folder / RAN
    return int(ran.read_text(encoding="ascii")) + 1 if ran.exists() else 1


def note_run(folder: Path, number: int) -> None:
    """That night ended, whatever its verdict."""
    (folder / RAN).write_text(str(number), encoding="ascii")


def advance(folder: Path, number: int) -> None:
    """Make the changes that night finds: all of them once, whatever happened before.

    Raises ConfigError when nights would be left out.
    """
    marker = _read_marker(folder)
    if number <= marker["night"]:
        return
    if number != marker["night"] + 1:
        raise ConfigError(
            f"the estate stands before night {marker['night']}, asked for {number}; "
            "nights come one by one"
        )
    sizes = quotas(marker["records"])
    for office, one in INSTALLATIONS:
        _advance(folder, office, one, number, sizes[one.system], marker["seed"])
    _write_marker(folder, marker | {"night": number})


def _advance(
    folder: Path,
    office: DemoOffice,
    installation: Installation,
    number: int,
    size: int,
    seed: int,
) -> None:
    path = _living(folder, installation)
    living = load(path)
    if living.night >= number:
        return  # done before somebody was interrupted
    changes = changes_of(office, installation, living, number, size, seed)
    if installation.product in FILES:
        is_drifted = trouble(installation.system, number) == "held"
        registers.apply(folder, installation, changes, is_drifted)
    else:
        SYSTEMS[installation.product].apply(folder, installation, number, changes)
    product = installation.product
    lines = ((c.kind, entry(product, c.record, c.fault)) for c in changes)
    oracle.write_night(folder, installation.system, number, lines)
    save(path, living)


def _make(folder: Path, records: int, seed: int) -> None:
    for name in MADE:
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / RAN).unlink(missing_ok=True)
    for name in ("drop", "sql", "rest"):
        (folder / name).mkdir(parents=True)
    dealt, sizes = allotment(records), quotas(records)
    # The same number for each; the tests keep the last ones for themselves.
    each = (len(CANARIES) - KEPT_CANARIES) // len(INSTALLATIONS)
    tasks = []
    for number, (office, one) in enumerate(INSTALLATIONS):
        people = CANARIES[number * each : (number + 1) * each]
        tasks.append((office, one, sizes[one.system], dealt[one.system], people))
    tasks.sort(key=lambda task: -task[2])  # the longest first
    make = partial(_make_one, folder, seed)
    if records < WORTH_PROCESSES:
        made = [make(task) for task in tasks]
    else:
        # Not forked: whoever calls may run threads.
        with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
            made = list(pool.map(make, tasks))
    systems = {
        task[1].system: said for task, (said, _) in zip(tasks, made, strict=True)
    }
    answer = {
        "systems": dict(sorted(systems.items())),
        "canaries": [one for _, found in made for one in found],
    }
    text = json.dumps(answer, ensure_ascii=False, indent=1)
    (folder / "oracle.json").write_text(text, encoding="utf-8")


Task = tuple[DemoOffice, Installation, int, dict[str, int], tuple[Person, ...]]


def _make_one(
    folder: Path, seed: int, task: Task
) -> tuple[dict[str, Json], list[Json]]:
    """One installation's data; the oracle's word on its first night, its canaries."""
    office, one, size, wanted, people = task
    inventor = inventor_of(seed, office, one)
    clean = clean_records(inventor, office, one, size)
    rows = plant(inventor, clean, wanted, iter(people))
    if one.product in FILES:
        registers.write(folder, one, rows)
    else:
        SYSTEMS[one.product].write(folder, one, rows)
    base = (entry(one.product, row.record, row.fault) for row in rows)
    oracle.write_base(folder, one.system, base)
    save(_living(folder, one), first_living(rows, one.product in FILES))
    return planted(office, one, rows), canaries(office, one, rows)


@dataclass(frozen=True, slots=True)
class Running:
    """The estate's running servers."""

    folder: Path
    databases: Databases
    apis: dict[str, tuple[str, str]]

    def environment(self) -> dict[str, str]:
        """What the office files need tonight; the databases are brought up to date."""
        number = night(self.folder)
        self.databases.take_up()
        env = {
            "KNTC_DROP": str(self.folder / "drop"),
            "KNTC_NIGHT_ON": night_on(number).isoformat(),
        }
        for system, odbc in self.databases.odbc.items():
            env[f"KNTC_{system.upper()}_ODBC"] = odbc
        for system, (url, token) in self.apis.items():
            is_down = trouble(system, number) == "failed"
            # Nobody listens there: the connection is refused.
            there = f"http://127.0.0.1:{free_port()}" if is_down else url
            env[f"KNTC_{system.upper()}_URL"] = there
            env[f"KNTC_{system.upper()}_TOKEN"] = token
        return env


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    """Run the estate's servers.

    Raises ConfigError when the estate is not there or runs already.
    """
    if not _marker(folder).exists():
        raise ConfigError(f"{folder} holds no estate; prepare it first")
    installations = [one for _, one in INSTALLATIONS]
    with ExitStack() as stack:
        stack.enter_context(_only_one(folder))
        servers = stack.enter_context(databases(folder, installations))
        found = stack.enter_context(apis(folder, installations))
        yield Running(folder, servers, found)


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


def _marker(folder: Path) -> Path:
    return folder / "estate.json"


def _read_marker(folder: Path) -> dict[str, int]:
    found: dict[str, int] = json.loads(_marker(folder).read_text(encoding="utf-8"))
    return {"night": 1} | found


def _write_marker(folder: Path, marker: dict[str, int]) -> None:
    fresh = _marker(folder).with_suffix(".new")
    fresh.write_text(json.dumps(marker), encoding="utf-8")
    fresh.replace(_marker(folder))


def _living(folder: Path, installation: Installation) -> Path:
    return folder / "living" / f"{installation.system}.json"
