"""The whole path, CSV register to SQLite: records a second, CPU by step, peak memory.

    python -m benchmarks.path [RECORDS ...]     default: 10000 100000

Each size runs in a process of its own, beside a reference that does far less: read the
CSV and upsert it, without sealing, checks, history or audit. The peak is the process's.
Imports, paid once a process, are in no other figure.
"""

import json
import platform
import resource
import sqlite3
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from time import perf_counter, process_time

DEFAULT_SIZES = (10_000, 100_000)
STEPS = ("imports", "extract, stage", "normalise", "repeats", "check", "load", "report")
LIBRARIES = ("great-expectations", "polars", "pandas", "sqlalchemy", "cryptography")

Result = dict[str, float]


def run(part: str, count: int, folder: Path) -> Result:
    """What one part says of itself, run in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.path", part, str(count), str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: Result = json.loads(done.stdout)
    return result


def part_register(count: int, folder: Path) -> Result:
    """An installation whose one office has a register of that many rows."""
    from benchmarks.register import write
    from tests.small import install

    drop = install(folder).add_office("mau", office="deadline_s = 36000")
    began = process_time()
    write(drop / "so_don_thu_2026.csv", count)
    return {"cpu": process_time() - began}


def part_night(count: int, folder: Path) -> Result:
    """One night over the installation; a second one finds it unchanged."""
    began = process_time()
    from benchmarks.meter import Meter
    from connectors.national import ledger
    from expectations import gx_expectations  # noqa: F401 - seconds, counted apart
    from flows.engine import loading, night, office
    from tests.small import Installation

    imports = process_time() - began
    meter = Meter()
    for module, function, step in (
        (office, "read_source", "extract, stage"),
        (office, "prepare_all", "normalise"),
        (loading, "find_repeats", "repeats"),
        (loading, "missing_subjects", "repeats"),
        (loading, "check", "check"),
        (loading, "load", "load"),
        (loading, "assemble", "load"),
        (ledger, "known", "load"),
        (night, "finish", "report"),
    ):
        meter.wrap(module, function, step)
    wall, cpu = perf_counter(), process_time()
    outcome = night.run_night(Installation(folder).settings, night.NightRequest())
    wall, cpu = perf_counter() - wall, process_time() - cpu
    total = outcome.total
    assert outcome.verdict == "published", outcome.offices[0].error
    assert total.rows_read == count
    return {
        **meter.seconds,
        "imports": imports,
        "wall": wall,
        "cpu": cpu,
        "peak_mb": peak_mb(),
        "written": total.inserted,
        "unchanged": total.unchanged,
        "quarantined": total.quarantined,
        "findings": total.findings,
    }


def part_reference(count: int, folder: Path) -> Result:
    """The bare minimum: read the CSV whole, upsert its columns by their key."""
    import polars as pl

    wall, cpu = perf_counter(), process_time()
    register = next((folder / "drop" / "mau").glob("*.csv"))
    frame = pl.read_csv(register, separator=";", infer_schema=False)
    names = ", ".join(f'"{c}"' for c in frame.columns)
    marks = ", ".join("?" * frame.width)
    with sqlite3.connect(folder / "reference.db") as conn:
        conn.execute("PRAGMA journal_mode=WAL")
        conn.execute(f'CREATE TABLE don ({names}, PRIMARY KEY ("Số đơn"))')
        conn.executemany(f"INSERT OR REPLACE INTO don VALUES ({marks})", frame.rows())
    assert frame.height == count
    return {
        "wall": perf_counter() - wall,
        "cpu": process_time() - cpu,
        "peak_mb": peak_mb(),
    }


PARTS = {"register": part_register, "night": part_night, "reference": part_reference}


def peak_mb() -> float:
    """The greatest memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def measured(count: int) -> dict[str, Result]:
    """First night, unchanged night and reference over one register."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        run("register", count, folder)
        return {
            "first night": run("night", count, folder),
            "unchanged night": run("night", count, folder),
            "reference": run("reference", count, folder),
        }


def lines(count: int, results: dict[str, Result]) -> list[str]:
    """The table's lines of one size."""
    base = results["reference"]["cpu"]
    found = []
    for name, result in results.items():
        steps = [f"{result[s]:.1f}" if s in result else "" for s in STEPS]
        cells = [
            f"{count:,}",
            name,
            f"{result['wall']:.1f}",
            f"{count / result['wall']:,.0f}",
            f"{result['cpu']:.1f}",
            f"{result['cpu'] / base:.1f}",
            f"{result['peak_mb']:.0f}",
            *steps,
        ]
        found.append(f"| {' | '.join(cells)} |")
    return found


def main() -> None:
    """Measure each size and print a Markdown table."""
    sizes = [int(text.replace("_", "")) for text in sys.argv[1:]] or DEFAULT_SIZES
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    print(f"Python {platform.python_version()}, {libraries}, {platform.machine()}\n")
    head = ("records", "run", "wall s", "records/s", "CPU s", "x reference", "peak MB")
    print(f"| {' | '.join((*head, *STEPS))} |")
    print(f"|{'---:|' * (len(head) + len(STEPS))}", flush=True)
    for count in sizes:
        print("\n".join(lines(count, measured(count))), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in PARTS:
        answer = PARTS[sys.argv[1]](int(sys.argv[2]), Path(sys.argv[3]))
        print(json.dumps(answer))
    else:
        main()
