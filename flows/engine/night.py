"""All offices of one night, without Prefect; the flow calls the same three steps."""

import secrets
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from time import monotonic
from zoneinfo import ZoneInfo

from config.office import (
    Office,
    load_office,
    office_stems,
    refuse_shared_systems,
)
from config.settings import Settings
from connectors.breaker import BREAKER
from connectors.errors import (
    ConfigError,
    HeldError,
    KntcError,
    SourceError,
    TargetError,
    TransientError,
)
from connectors.national import National, ledger, open_national
from connectors.seal import Sealer, identify_key
from connectors.sources.base import Deadline
from flows.engine import report
from flows.engine.context import Night
from flows.engine.office import run_sources
from flows.engine.outcome import Counts, NightOutcome, OfficeOutcome, Verdict
from flows.engine.places import Place, Places

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
# How long past its deadline an office may take to notice; then it is left behind.
GRACE_S = 5.0
# Of this process: offices of two nights share its processors too.
PLACES = Places()


@dataclass(frozen=True, slots=True)
class NightRequest:
    """What the operator asks for; no province means all; dates are local."""

    provinces: tuple[str, ...] = ()
    failed_only: bool = False
    since: date | None = None
    until: date | None = None
    dry_run: bool = False
    full: bool = False  # read every source whole


@dataclass(frozen=True, slots=True)
class NightPlan:
    """A run with its name, its local date and the offices it will carry."""

    run: str
    night_on: date
    stems: tuple[str, ...]
    request: NightRequest


def plan(settings: Settings, request: NightRequest) -> NightPlan:
    """Choose the offices and write the run into the ledger (not for a dry run).

    Raises ConfigError for a name that is no office, dates that are no window, a
    national database that cannot be used.
    """
    known = office_stems(settings.config_dir)
    _names_or_stop(request.provinces, known)
    if request.since and request.until and request.since >= request.until:
        raise ConfigError(
            f"since {request.since} is not before until {request.until}; since is "
            "inclusive, until exclusive"
        )
    if request.full and (request.since or request.until):
        raise ConfigError(
            "full reads all that a source has; since and until read a part of it: give "
            "one or the other"
        )
    BREAKER.forget()
    at = datetime.now(UTC)
    night_on = settings.night_on or at.astimezone(LOCAL).date()
    run = f"{at:%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
    key_id = identify_key(settings.keys.token).hex()
    with open_national(settings.national_url) as national:
        ledger.check_token_key(national, key_id)
        stems = tuple(
            s for s in known if not request.provinces or s in request.provinces
        )
        if request.failed_only:
            verdicts = ledger.last_verdicts(national)
            done = {Verdict.PUBLISHED, Verdict.SKIPPED}
            stems = tuple(s for s in stems if verdicts.get(s) not in done)
        if not request.dry_run:
            ledger.start_run(national, run, stems, night_on, key_id, at)
    return NightPlan(run, night_on, stems, request)


def _names_or_stop(asked: Sequence[str], known: Sequence[str]) -> None:
    for name in asked:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise ConfigError(
                f'there is no office "{name}"{hint} Known: {", ".join(known)}'
            )


def run_office(settings: Settings, plan: NightPlan, stem: str) -> OfficeOutcome:
    """Carry one office, when it is its turn, within its deadline; write its verdict.

    The work runs in a thread of its own, so that a source that swallows our calls
    holds nobody: past the deadline it is left behind, and cannot commit any more.
    """
    with PLACES.one(settings.offices_at_once) as place:
        return _carried(settings, plan, stem, place)


def _carried(
    settings: Settings, plan: NightPlan, stem: str, place: Place
) -> OfficeOutcome:
    started = monotonic()
    try:
        office = load_office(settings.config_dir, stem)
        refuse_shared_systems(settings.config_dir, office)
    except ConfigError as error:
        outcome = OfficeOutcome(stem, Verdict.MISCONFIGURED, error=str(error))
        with open_national(settings.national_url) as national:
            return _closed(national, plan, outcome, started)
    with open_national(settings.national_url) as national:
        night = _night(settings, plan, national)
        outcome = _bounded(night, office, place)
        outcome = replace(outcome, sights=night.sights.first())
        return _closed(national, plan, outcome, started)


def _night(settings: Settings, plan: NightPlan, national: National) -> Night:
    keys = settings.keys
    return Night(
        settings=settings,
        national=national,
        sealer=Sealer(keys.seal, keys.denouncer, keys.token),
        run=plan.run,
        night_on=plan.night_on,
        since=_midnight(plan.request.since),
        until=_midnight(plan.request.until),
        dry_run=plan.request.dry_run,
        now=lambda: datetime.now(UTC),
        full=plan.request.full,
    )


def _midnight(day: date | None) -> datetime | None:
    if day is None:
        return None
    return datetime.combine(day, time.min, LOCAL).astimezone(UTC)


def _bounded(night: Night, office: Office, place: Place) -> OfficeOutcome:
    """The office's outcome, or its failure when it is not back in time."""
    seconds = max(office.table.deadline_s, night.settings.least_deadline_s)
    deadline = Deadline.after(seconds)
    box: list[OfficeOutcome] = []

    def carry() -> None:
        place.begin()
        box.append(_attempt(night, office, deadline))

    worker = threading.Thread(
        target=carry,
        name=f"office-{office.stem}",
        daemon=True,
    )
    worker.start()
    worker.join(seconds + GRACE_S)
    if box:
        return box[0]
    return OfficeOutcome(
        office.stem,
        Verdict.FAILED,
        error=(
            f"{office.stem}: not done within {seconds:.0f} s "
            "(deadline_s); its source does not answer and was left behind. Mend it, "
            "then kntc sync --failed"
        ),
    )


def _attempt(night: Night, office: Office, deadline: Deadline) -> OfficeOutcome:
    """The one place where an office's failure becomes its verdict."""
    counts = Counts()
    try:
        counts = run_sources(night, office, deadline)
    except HeldError as error:
        return OfficeOutcome(office.stem, Verdict.HELD, error=str(error))
    except TransientError as error:
        return OfficeOutcome(
            office.stem, Verdict.FAILED, error=str(error), retryable=True
        )
    except (SourceError, TargetError, ConfigError) as error:
        return OfficeOutcome(office.stem, Verdict.FAILED, error=str(error))
    except Exception as error:  # noqa: BLE001 - the verdict of an unforeseen fault
        return OfficeOutcome(
            office.stem, Verdict.FAILED, error=_unforeseen(office, error)
        )
    return OfficeOutcome(office.stem, Verdict.PUBLISHED, counts)


def _unforeseen(office: Office, error: Exception) -> str:
    """Type and place only: the text of a foreign error may quote a value."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "unknown place"
    if trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "?")
        place = f"{name}:{trace.tb_lineno}"
    text = str(error) if isinstance(error, KntcError) else type(error).__name__
    return (
        f"{office.stem}: unforeseen fault {text} at {place}; nothing of the running "
        "batch was kept. Report it with this line"
    )


def _closed(
    national: National, plan: NightPlan, outcome: OfficeOutcome, started: float
) -> OfficeOutcome:
    """The outcome with its time and, but for a dry run, the ledger's own counts."""
    outcome = replace(outcome, seconds=round(monotonic() - started, 3))
    if plan.request.dry_run:
        return outcome
    counts = Counts(**ledger.run_counts(national, plan.run, outcome.province))
    ledger.end_run(
        national,
        plan.run,
        outcome.province,
        outcome.verdict,
        outcome.error,
        datetime.now(UTC),
    )
    return replace(outcome, counts=counts)


def finish(
    settings: Settings, plan: NightPlan, outcomes: Sequence[OfficeOutcome]
) -> NightOutcome:
    """The night's verdict into the ledger, and its report onto disk."""
    outcome = NightOutcome(plan.run, tuple(sorted(outcomes, key=lambda o: o.province)))
    if plan.request.dry_run:
        return outcome
    with open_national(settings.national_url) as national:
        ledger.end_run(national, plan.run, "", outcome.verdict, None, datetime.now(UTC))
    offices = report.collect(settings, outcome)
    report.write_night(settings.reports_dir, plan, outcome, offices)
    return outcome


def run_night(
    settings: Settings,
    request: NightRequest,
    on_done: Callable[[OfficeOutcome], None] = lambda _: None,
    workers: int | None = None,
) -> NightOutcome:
    """Plan, carry the offices side by side, at most `workers` at once, finish."""
    settings = replace(settings, offices_at_once=workers or settings.offices_at_once)
    night = plan(settings, request)
    outcomes = []
    # A thread each: who waits for a place or a source needs nothing else.
    threads = max(1, len(night.stems))
    with ThreadPoolExecutor(threads, thread_name_prefix="night") as pool:
        futures = [pool.submit(run_office, settings, night, s) for s in night.stems]
        for future in as_completed(futures):
            outcomes.append(future.result())
            on_done(outcomes[-1])
    return finish(settings, night, outcomes)
