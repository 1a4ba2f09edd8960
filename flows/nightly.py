"""The Prefect flow of one night: each office a task; thin over flows.engine.night.

The ledger in the national database is the truth about what was published; Prefect
shows it and triggers. Parameters are stems and dates, never a personal value.
"""

import logging
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, cast
from zoneinfo import ZoneInfo

from prefect import Task, flow, get_run_logger, tags, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.events.worker import EventsWorker
from prefect.futures import PrefectFuture, as_completed
from prefect.states import Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import Field

from config.office import office_stems
from config.settings import load_settings, packaged_config
from connectors.errors import ConfigError, KntcError
from flows import artifacts
from flows.engine import night as engine
from flows.engine.accepting import accept_held
from flows.engine.outcome import NightOutcome, NightVerdict, OfficeOutcome, Verdict
from flows.engine.report import office_name
from flows.engine.report.words import equations

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
# Places are given by flows.engine.places; here a thread is needed also by an office
# that waits for its next try (Prefect sleeps in it).
THREADS = 512
RETRIES = 2
SEND_S = 10.0
RETRY_DELAY_S = 300.0  # an office's server that restarts is back by then
# Any: its declared kind of future is not the one that `flow` asks for.
RUNNER: Any = ThreadPoolTaskRunner(max_workers=THREADS)
PUBLISHED_OR_SKIPPED = (Verdict.PUBLISHED, Verdict.SKIPPED)

OfficeDone = Callable[[OfficeOutcome], None]


def _ignore(_: OfficeOutcome) -> None:
    return None


# Who wants to hear of each office at once (the command line's progress). Not a
# parameter of the flow: parameters are stored.
_on_done: ContextVar[OfficeDone] = ContextVar("on_done", default=_ignore)


def _choices(schema: dict[str, Any]) -> None:
    """Put the known offices into the parameter form; `engine.plan` checks the names."""
    folder = Path(os.environ.get("KNTC_CONFIG_DIR") or packaged_config())
    # Without office files the run itself says so; importing this must not fail.
    with suppress(ConfigError):
        schema["enum"] = office_stems(folder)


Stem = Annotated[str, Field(json_schema_extra=_choices)]


def _night_name() -> str:
    return f"{datetime.now(UTC).astimezone(LOCAL).date()} night"


def _may_pass(_task: Task[Any, Any], _run: TaskRun, state: State[Any]) -> bool:
    outcome = state.data
    return isinstance(outcome, OfficeOutcome) and outcome.retryable


@task(
    name="office",
    # The stem: the UI's timeline drops the letters of Vietnamese.
    task_run_name="{stem} incremental",
    retries=RETRIES,
    retry_condition_fn=_may_pass,
    persist_result=False,
    cache_policy=NO_CACHE,
)
def office(stem: str, plan: engine.NightPlan) -> State[OfficeOutcome]:
    """Carry one office; Failed with the reason when it is not published."""
    logger, settings = get_run_logger(), load_settings()
    logger.info("%s: %s", stem, office_name(settings, stem))
    outcome = engine.run_office(settings, plan, stem)
    for equation in equations(outcome.counts):
        logger.info("%s: %s", stem, equation.text())
    logger.info("%s: %s in %.1f s", stem, outcome.verdict, outcome.seconds)
    if outcome.verdict in PUBLISHED_OR_SKIPPED:
        return Completed(message=str(outcome.verdict), data=outcome)
    return Failed(message=f"{outcome.verdict}: {outcome.error}", data=outcome)


@flow(
    name="night",
    flow_run_name=_night_name,
    task_runner=RUNNER,
    persist_result=False,
)
def night(
    provinces: tuple[Stem, ...] = (),
    failed_only: bool = False,
    since: date | None = None,
    until: date | None = None,
    dry_run: bool = False,
    full: bool = False,
) -> State[NightOutcome]:
    """Carry the night's offices into the national database.

    Failed, with how many were published, unless all of them were. Raises ConfigError
    or TargetError, which stop the night. What follows is shown in the UI's form, to
    the operator.

    Args:
        provinces: Cơ quan cần chạy; để trống là tất cả.
        failed_only: Chỉ chạy lại các cơ quan lần gần nhất chưa cập nhật được.
        since: Đọc lại các thay đổi từ ngày này (tính cả ngày này).
        until: Đọc các thay đổi đến trước ngày này (không tính ngày này).
        dry_run: Chạy thử: đọc và kiểm tra, không ghi bản ghi nào.
        full: Đọc lại toàn bộ mọi nguồn, như mỗi tuần một lần.
    """
    settings = load_settings()
    request = engine.NightRequest(
        tuple(provinces), failed_only, since, until, dry_run, full
    )
    plan = engine.plan(settings, request)
    get_run_logger().info("run %s: %d offices", plan.run, len(plan.stems))
    outcomes = _outcomes(_start(plan))
    outcome = engine.finish(settings, plan, outcomes)
    artifacts.publish(settings, plan, outcome)
    return _state(outcome)


@flow(name="accept", flow_run_name="accept {province}", persist_result=False)
def accept(province: Stem, actor: str, reason: str) -> State[NightOutcome]:
    """Take a held office as it is, then read it again.

    Raises ConfigError or SourceError when there is nothing to accept.

    Args:
        province: Cơ quan đang bị tạm giữ.
        actor: Người chấp nhận (ghi vào nhật ký kiểm toán).
        reason: Lý do; không ghi tên công dân.
    """
    accept_held(load_settings(), province, actor, reason)
    state: Any = night(provinces=(province,), full=True, return_state=True)
    return cast(State[NightOutcome], state)


def _start(plan: engine.NightPlan) -> list[PrefectFuture[State[OfficeOutcome]]]:
    delay_s = float(os.environ.get("KNTC_RETRY_DELAY_S") or RETRY_DELAY_S)
    return [
        office.with_options(retry_delay_seconds=delay_s, tags=["office", stem]).submit(
            stem, plan
        )
        for stem in plan.stems
    ]


def _outcomes(
    futures: Sequence[PrefectFuture[State[OfficeOutcome]]],
) -> list[OfficeOutcome]:
    """Every office's outcome, in the order of completion; raises what stops the night
    after the others have ended."""
    found: list[OfficeOutcome] = []
    errors: list[BaseException] = []
    for future in as_completed(list(futures)):
        # Prefect unwraps a returned state, whatever the declared type says.
        result: object = future.result(raise_on_failure=False)
        if isinstance(result, OfficeOutcome):
            found.append(result)
            _on_done.get()(result)
        elif isinstance(result, BaseException):
            errors.append(result)
    if errors:
        raise errors[0]
    return found


def _state(outcome: NightOutcome) -> State[NightOutcome]:
    done = sum(o.verdict is Verdict.PUBLISHED for o in outcome.offices)
    message = f"{outcome.verdict}: {done} of {len(outcome.offices)} published"
    if outcome.verdict is NightVerdict.PUBLISHED:
        return Completed(message=message, data=outcome)
    return Failed(message=message, data=outcome)


def _send_what_waits() -> None:
    """Give the server the last log lines and task states: it may stop right after."""
    for name in ("prefect.flow_runs", "prefect.task_runs"):
        for handler in logging.getLogger(name).handlers:
            handler.flush()
    EventsWorker.drain_all(timeout=SEND_S)


def run_here(request: engine.NightRequest, on_done: OfficeDone) -> NightOutcome:
    """Run the night as a flow in this process against the server of PREFECT_API_URL.

    Raises what stops a night, and KntcError when Prefect itself fails.
    """
    token = _on_done.set(on_done)
    try:
        with tags("night", "by-hand"):
            state = night(
                provinces=request.provinces,
                failed_only=request.failed_only,
                since=request.since,
                until=request.until,
                dry_run=request.dry_run,
                full=request.full,
                return_state=True,
            )
    finally:
        _on_done.reset(token)
        _send_what_waits()
    result = state.result(raise_on_failure=False)
    if isinstance(result, NightOutcome):
        return result
    if isinstance(result, KntcError):
        raise result
    raise KntcError(
        f"the Prefect run ended as {state.name} ({type(result).__name__}) without a "
        "verdict; the ledger has what was published: kntc status"
    )
