"""`kntc demo`: a sample estate on this machine, and nights on it."""

import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connectors.errors import ConfigError
from flows.cli.output import ERR, EXIT_NOT_ALL, OUT, Json, emit

if TYPE_CHECKING:
    from config.settings import Settings
    from flows.demo.estate import Running
    from flows.engine.outcome import NightOutcome

# A person waits for the demo; production waits minutes for a server to come back.
RETRY_DELAY_S = "2"
# The slowest that a large estate may be before an office is left behind.
RECORDS_A_SECOND = 500
RECORDS = 100_000
# In the estate's folder: which national database its nights filled.
TARGET = "target"


def demo(
    records: Annotated[
        int | None,
        typer.Option(
            help="Records of all offices together.",
            show_default="100000, or what the estate has",
        ),
    ] = None,
    nights: Annotated[int, typer.Option(min=1, help="Nights to run, in order.")] = 1,
    stay: Annotated[
        bool,
        typer.Option("--stay", help="Then keep the estate and the UI up until Ctrl-C."),
    ] = False,
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="The UI's port, with --stay.")
    ] = 4200,
    json_: Json = False,
) -> None:
    """Make a sample estate on this machine and run a night on it.

    Invented people, real servers, all under KNTC_HOME. Called again it runs the next
    night on the same estate, with what its people changed meanwhile. A night on which
    something is planned to fail ends partial. With --json each night is one line of
    JSON.
    """
    from config.settings import load_settings
    from flows import serving
    from flows.engine.outcome import NightVerdict

    with _estate(load_settings(), records) as (running, settings):
        with _server(settings):
            outcomes = [_night(running, json_) for _ in range(nights)]
        _say_where(settings, outcomes[-1])
        if stay:
            _stay(settings, port)
        elif serving.find_server(settings.home) is None:
            ERR.print("no server of the demo stays up")
    if any(o.verdict is not NightVerdict.PUBLISHED for o in outcomes):
        raise typer.Exit(EXIT_NOT_ALL)


@contextmanager
def _estate(
    settings: "Settings", records: int | None
) -> Iterator[tuple["Running", "Settings"]]:
    """The running estate, and the settings that its environment gives."""
    from config.settings import load_settings, packaged_config
    from flows.demo import estate

    folder = settings.home / "estate"
    # The demo's offices are the packaged ones, whatever this shell is set up for.
    own = load_settings(os.environ | {"KNTC_CONFIG_DIR": str(packaged_config())})
    _refuse_real_records(own, settings, folder)
    size = records or _size(folder)
    ERR.print(f"sample estate of {size:,} records in {folder}", highlight=False)
    with ERR.status("preparing the estate"):
        estate.prepare(folder, size)
    (folder / TARGET).write_text(_fingerprint(own), encoding="ascii")
    with estate.running(folder) as running:
        os.environ["KNTC_CONFIG_DIR"] = str(own.config_dir)
        os.environ.setdefault("KNTC_RETRY_DELAY_S", RETRY_DELAY_S)
        least_s = str(size // RECORDS_A_SECOND)
        os.environ.setdefault("KNTC_LEAST_DEADLINE_S", least_s)
        os.environ.update(running.environment())
        yield running, load_settings()


def _size(folder: "Path") -> int:
    """The records of the estate that is there already, else the default."""
    marker = folder / "estate.json"
    if not marker.exists():
        return RECORDS
    return int(json.loads(marker.read_text(encoding="utf-8"))["records"])


def _fingerprint(settings: "Settings") -> str:
    return hashlib.sha256(settings.national_url.encode()).hexdigest()


def _refuse_real_records(own: "Settings", asked: "Settings", folder: "Path") -> None:
    """Invented people must never mix with real ones: the national database is one that
    this estate filled before, or an empty one."""
    from config.office import office_stems
    from connectors.national import open_national, views

    target = folder / TARGET
    if target.exists() and target.read_text(encoding="ascii") == _fingerprint(own):
        return
    stems = {*office_stems(own.config_dir), *office_stems(asked.config_dir)}
    with open_national(own.national_url) as national:
        offices = views.office_status(national, sorted(stems), datetime.now(UTC))
    full = [office.province for office in offices if office.records]
    if full:
        raise ConfigError(
            f"the national database holds records of {', '.join(full)} that no demo "
            "made; expected an empty one; give the demo its own home and no "
            "KNTC_NATIONAL_URL: KNTC_HOME=<empty folder> kntc demo"
        )


@contextmanager
def _server(settings: "Settings") -> Iterator[None]:
    """A Prefect server for the length of the nights, unless one already answers."""
    from flows import serving

    if serving.find_server(settings.home) is not None:
        yield
        return
    port = serving.free_port()
    before = os.environ.get("PREFECT_API_URL")
    with _started(settings, port):
        yield
    if before is None:
        os.environ.pop("PREFECT_API_URL", None)


@contextmanager
def _started(settings: "Settings", port: int) -> Iterator[None]:
    from flows import serving

    with ExitStack() as stack:
        try:
            with ERR.status("starting a Prefect server for the demo"):
                stack.enter_context(serving.server(settings.home, port))
            os.environ["PREFECT_API_URL"] = serving.api_url(port)
        except serving.ServingError as error:
            ERR.print(f"without Prefect: {error}", markup=False, highlight=False)
        yield


def _night(running: "Running", json_: bool) -> "NightOutcome":
    """The estate's next night; one that was interrupted is run again."""
    from config.office import office_stems
    from config.settings import load_settings
    from flows.cli import night
    from flows.demo import estate, troubles
    from flows.engine.night import NightRequest
    from flows.engine.report import night_json

    number = estate.next_night(running.folder)
    with ERR.status(f"preparing night {number}"):
        estate.advance(running.folder, number)
        os.environ.update(running.environment())
    settings = load_settings()
    ERR.print(f"night {number}, {settings.night_on}", highlight=False)
    for said in troubles.announced(number):
        ERR.print(said, highlight=False)
    began = time.monotonic()
    offices = len(office_stems(settings.config_dir))
    outcome = night.run(settings, NightRequest(), offices)
    estate.note_run(running.folder, number)
    if json_:
        emit(night_json(outcome))
    else:
        night.show(outcome)
        for said in troubles.announced(number):
            ERR.print(f"{said}. Next: {_program()} demo", highlight=False)
    ERR.print(
        f"{time.monotonic() - began:.1f} s; {_peak()}", highlight=False, markup=False
    )
    return outcome


def _peak() -> str:
    import resource

    own, child = (
        resource.getrusage(who).ru_maxrss // 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return f"peak memory {own} MiB, largest child process that ended {child} MiB"


def _say_where(settings: "Settings", outcome: "NightOutcome") -> None:
    from flows.cli import night

    # The URL may hold a password: only a file that we chose ourselves is shown.
    own = "" if os.environ.get("KNTC_NATIONAL_URL") else settings.home / "national.db"
    page = night.report_page(settings, outcome)
    ERR.print(f"national database: {own or 'KNTC_NATIONAL_URL'}", highlight=False)
    ERR.print(f"report: {page or settings.reports_dir}", highlight=False)
    ERR.print(
        f"the UI with these nights: {_program()} demo --stay, then "
        "http://127.0.0.1:4200",
        highlight=False,
    )


def _program() -> str:
    """How this program was called, so that the next command can be copied."""
    called = Path(sys.argv[0])
    if called.name != "kntc":
        return "kntc"
    here = Path.cwd()
    near = called.absolute().is_relative_to(here) and shutil.which("kntc") is None
    return str(called.absolute().relative_to(here)) if near else "kntc"


def _stay(settings: "Settings", port: int) -> None:
    from flows import serving

    ERR.print("starting the UI; Ctrl-C stops it and the estate")
    serving.serve(
        settings.home,
        port,
        lambda url: OUT.print(f"UI: {serving.ui_url(url)}", highlight=False),
    )
