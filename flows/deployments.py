"""What the Prefect UI can start: the night, failed offices again, a held one as it is.

`python -m flows.deployments` registers them and runs what is due; `kntc serve` starts
it beside the server. prefect.yaml holds the same for a work pool with workers.
"""

from typing import Any

from prefect import Flow, serve
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import (
    ConcurrencyLimitConfig,
    ConcurrencyLimitStrategy,
    StateType,
)
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron, Schedule
from prefect.states import Crashed
from prefect.types.entrypoint import EntrypointType

from flows.nightly import accept, night

NIGHT_CRON = "0 1 * * *"
TIMEZONE = "Asia/Ho_Chi_Minh"
# Two nights never overlap: a second one waits until the first has ended, and then
# finds little to do. Nothing that a person asked for is thrown away.
ONE_AT_A_TIME = ConcurrencyLimitConfig(
    limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE
)


def deployments() -> list[RunnerDeployment]:
    """All deployments."""
    return [
        _deployment(
            "night",
            "Mỗi đêm lúc 01:00 (giờ Việt Nam): đọc mọi cơ quan BHXH tỉnh.",
            schedule=Cron(NIGHT_CRON, timezone=TIMEZONE),
        ),
        _deployment(
            "rerun-failed",
            "Chạy lại các cơ quan chưa cập nhật được ở lần chạy gần nhất.",
            parameters={"failed_only": True},
        ),
        _deployment(
            "accept",
            "Chấp nhận một cơ quan đang bị tạm giữ như hiện có, rồi đọc lại.",
            of=accept,
        ),
    ]


def _deployment(
    name: str,
    description: str,
    schedule: Schedule | None = None,
    parameters: dict[str, Any] | None = None,
    of: Flow[..., Any] = night,
) -> RunnerDeployment:
    made = of.to_deployment(
        name,
        description=description,
        schedule=schedule,
        parameters=parameters,
        tags=[name],
        concurrency_limit=ONE_AT_A_TIME,
        # By the module's name, so that no path of this machine is stored.
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    assert isinstance(made, RunnerDeployment)  # a coroutine only inside a running loop
    return made


def end_what_died() -> int:
    """Mark runs that still say Running or Pending as crashed; how many there were.

    Only for the start: this is the one runner of its server, so whatever ran when the
    server stopped is dead, would stay Running for ever and hold the limit.
    """
    unfinished = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
    chosen = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=unfinished))
    )
    message = "kntc serve ended while this ran; what was published: kntc status"
    with get_client(sync_client=True) as client:
        found = client.read_flow_runs(flow_run_filter=chosen)
        for flow_run in found:
            client.set_flow_run_state(flow_run.id, Crashed(message=message), force=True)
    return len(found)


def main() -> None:
    """Register the deployments and run what is due, one night at a time.

    Schedules are not paused at the end: a night that fell into a restart starts, late,
    when the service is back.
    """
    end_what_died()
    serve(
        *deployments(), limit=1, pause_on_shutdown=False, print_starting_message=False
    )


if __name__ == "__main__":
    main()
