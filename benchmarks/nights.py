"""Ten nights of the sample estate against its oracle: `python -m benchmarks.nights`.

After each night every installation's records, deletion marks, links, open quarantine
and open orphans are read from the national database (SQLite) and compared, in another
process. Ends with 1 when anything stands otherwise than it should.
"""

import argparse
import os
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from benchmarks.comparing import differences
from config.settings import Keys, Settings, packaged_config
from flows.demo import estate, oracle
from flows.demo.clock import night_on
from flows.demo.offices import INSTALLATIONS, Installation
from flows.demo.troubles import announced, trouble
from flows.engine.night import NightRequest, run_night
from flows.engine.outcome import NightOutcome

KEYS = Keys(b"1" * 32, b"2" * 32, b"3" * 32, b"4" * 32, b"5" * 32)
RETRY_DELAY_S = "1"
TOLD = 40  # differences of a night


def compared(
    folder: Path, database: Path, installation: Installation, nights: int
) -> list[str]:
    """The differences of one installation after so many nights."""
    system = installation.system
    known = [
        oracle.Night(n, trouble(system, n) or "published") for n in range(1, nights + 1)
    ]
    held = oracle.holding(folder, system, installation.product, known)
    return differences(database, system, held)


def compare_all(folder: Path, database: Path, nights: int) -> list[str]:
    """The differences of all installations after so many nights."""
    found = []
    for _, installation in INSTALLATIONS:
        found += compared(folder, database, installation, nights)
    return found


def settings_of(home: Path, night: int) -> Settings:
    """Settings over the packaged offices for that night of the estate."""
    home.mkdir(exist_ok=True)
    url = f"sqlite:///{home / 'national.db'}"
    return Settings(packaged_config(), home, url, KEYS, night_on(night))


@contextmanager
def folder_for(kept: Path | None) -> Iterator[Path]:
    """A folder for the estate: the one that was asked for, or one that goes again."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    # The database servers' users must be able to walk into it.
    folder = Path(tempfile.mkdtemp(prefix="kntc-nights-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, records: int, nights: int) -> bool:
    sources, home = folder / "sources", folder / "home"
    sources.mkdir(exist_ok=True)
    began = time.monotonic()
    estate.prepare(sources, records)
    _say(f"{records:,} records prepared in {time.monotonic() - began:.1f} s")
    is_right = True
    began = time.monotonic()
    with (
        ProcessPoolExecutor(1, get_context("spawn")) as other,
        estate.running(sources) as running,
    ):
        _say(f"servers up in {time.monotonic() - began:.1f} s")
        for night in range(1, nights + 1):
            began = time.monotonic()
            estate.advance(sources, night)
            os.environ.update(running.environment())
            made = time.monotonic() - began
            for said in announced(night):
                _say(said)
            began = time.monotonic()
            settings = settings_of(home, night)
            outcome = run_night(settings, NightRequest())
            took = time.monotonic() - began
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            database = home / "national.db"
            began = time.monotonic()
            found = other.submit(compare_all, sources, database, night).result()
            _say(
                f"night {night}: {_verdicts(outcome)}; {_counts(outcome)}; changes "
                f"made in {made:.1f} s, night {took:.1f} s, peak {peak} MiB; "
                f"{len(found)} differences (compared in "
                f"{time.monotonic() - began:.1f} s)"
            )
            _say_all(found)
            unplanned = list(_unplanned(outcome, night))
            _say_all(unplanned)
            is_right = is_right and not found and not unplanned
    return is_right


def _verdicts(outcome: NightOutcome) -> str:
    counts = Counter(str(office.verdict) for office in outcome.offices)
    return ", ".join(f"{n} {verdict}" for verdict, n in sorted(counts.items()))


def _counts(outcome: NightOutcome) -> str:
    names = ("read", "inserted", "updated", "quarantined", "deleted", "restored")
    return ", ".join(f"{getattr(outcome.total, n)} {n}" for n in names)


def _unplanned(outcome: NightOutcome, night: int) -> Iterator[str]:
    """Offices with another verdict than the one that was planned."""
    planned = {
        office.stem: trouble(one.system, night)
        for office, one in INSTALLATIONS
        if trouble(one.system, night)
    }
    for office in outcome.offices:
        if office.verdict != planned.get(office.province, "published"):
            yield f"{office.province}: {office.verdict}: {office.error}"


def _say_all(lines: Iterable[str]) -> None:
    for line in islice(lines, TOLD):
        _say(f"  {line}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Run the nights and end with 0 when all is as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--nights", type=int, default=10)
    parser.add_argument("--folder", type=Path, help="keep the estate and database here")
    given = parser.parse_args()
    os.environ.setdefault("KNTC_RETRY_DELAY_S", RETRY_DELAY_S)
    with folder_for(given.folder) as folder:
        sys.exit(0 if _run(folder.absolute(), given.records, given.nights) else 1)


if __name__ == "__main__":
    main()
