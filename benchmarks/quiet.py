"""Nights with little news over the whole estate: `python -m benchmarks.quiet`.

An empty night over 36 offices, and one with 20 changed rows in each installation: with
the engine alone and with Prefect, each in a process of its own; and where the CPU
seconds go. Seconds are of the machine it runs on: compare the lines with each other.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter, process_time

from flows import serving
from flows.demo import estate, nights
from flows.demo.clock import night_on

RECORDS = 20_000
CHANGED = 20
STEPS = ("configuration", "extract, stage", "normalise", "check", "load", "links")

Result = dict[str, float]


def part_engine() -> Result:
    """A night with the engine alone, four offices at a time as in production."""
    began = process_time()
    from config.settings import load_settings
    from flows.engine.night import NightRequest, run_night

    imports = process_time() - began
    wall, cpu = perf_counter(), process_time()
    outcome = run_night(load_settings(), NightRequest())
    assert outcome.verdict == "published", outcome
    return _result(wall, cpu, imports) | {
        "read": outcome.total.read,
        "updated": outcome.total.updated + outcome.total.inserted,
    }


def part_steps() -> Result:
    """The same, one office at a time, with the CPU seconds of each step."""
    from benchmarks.meter import Meter
    from config.settings import load_settings
    from flows.engine import links, loading, night, office

    meter = Meter()
    for module, function, step in (
        (night, "load_office", "configuration"),
        (night, "refuse_shared_systems", "configuration"),
        (office, "read_source", "extract, stage"),
        (office, "prepare_all", "normalise"),
        (office, "normalisers", "normalise"),
        (loading, "check", "check"),
        (links, "check_links", "check"),
        (loading, "load", "load"),
        (office, "look_at_links", "links"),
    ):
        meter.wrap(module, function, step)
    wall, cpu = perf_counter(), process_time()
    outcome = night.run_night(load_settings(), night.NightRequest(), workers=1)
    assert outcome.verdict == "published", outcome
    return _result(wall, cpu, 0.0) | meter.seconds


def part_prefect() -> Result:
    """The night as a Prefect flow, against the server that PREFECT_API_URL names."""
    began = process_time()
    from config.settings import load_settings
    from flows.cli import night
    from flows.engine.night import NightRequest

    imports = process_time() - began
    wall, cpu = perf_counter(), process_time()
    outcome = night.run(load_settings(), NightRequest(), 36)
    assert outcome.verdict == "published", outcome
    return _result(wall, cpu, imports)


PARTS = {"engine": part_engine, "steps": part_steps, "prefect": part_prefect}


def _result(wall: float, cpu: float, imports: float) -> Result:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    return {
        "wall": perf_counter() - wall,
        "cpu": process_time() - cpu + imports,
        "peak_mb": peak,
    }


def run(part: str, env: dict[str, str]) -> Result:
    """What one part says of itself, run in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.quiet", "--part", part],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | env,
    )
    result: Result = json.loads(done.stdout.splitlines()[-1])
    return result


def measure(records: int) -> None:
    """Make the estate, run its first nights, then the quiet ones."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        # The database servers' users must be able to walk into it.
        folder.chmod(0o755)
        sources, home = folder / "sources", folder / "home"
        sources.mkdir()
        home.mkdir()
        estate.prepare(sources, records)
        running = stack.enter_context(estate.running(sources))
        port = serving.free_port()
        stack.enter_context(serving.server(home, port))
        own = {"KNTC_HOME": str(home), "KNTC_RETRY_DELAY_S": "2"}
        seen = own | {"PREFECT_API_URL": serving.api_url(port)}

        def night(part: str) -> Result:
            where = seen if part == "prefect" else own
            return run(part, running.environment() | where)

        say("first night, engine", night("engine"))
        for part in ("engine", "prefect", "steps"):
            say(f"empty night, {part}", night(part))
        # Nights 2 and 3 have planned troubles and come as they come.
        for number in (2, 3):
            estate.advance(sources, number)
        nights.LEAST_CHANGED = CHANGED
        for number, part in enumerate(("engine", "prefect", "steps"), start=4):
            estate.advance(sources, number)
            name = f"{CHANGED} changed rows each ({night_on(number)}), {part}"
            say(name, night(part))


def say(name: str, result: Result) -> None:
    """One line of the table, and the steps below it."""
    known = ("read", "updated")
    told = "".join(f", {result[n]:.0f} {n}" for n in known if n in result)
    steps = ", ".join(f"{s} {result[s]:.1f}" for s in STEPS if s in result)
    line = (
        f"{name}: {result['wall']:.1f} s, CPU {result['cpu']:.1f} s, peak "
        f"{result['peak_mb']:.0f} MB{told}"
    )
    sys.stdout.write(f"{line}{f'; CPU s: {steps}' if steps else ''}\n")
    sys.stdout.flush()


def main() -> None:
    """Measure, or be one of the measured parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--part", choices=PARTS)
    given = parser.parse_args()
    if given.part:
        sys.stdout.write(json.dumps(PARTS[given.part]()) + "\n")
        return
    sys.stdout.write(f"Python {platform.python_version()}, {platform.machine()}\n")
    measure(given.records)


if __name__ == "__main__":
    main()
