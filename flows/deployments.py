"""What the Prefect UI can start: the nightly run and the re-run of failed offices.

`python -m flows.deployments` registers both and runs what is due; `kntc serve` starts
it beside the server. prefect.yaml holds the same two for a work pool with workers.
"""

from prefect import serve
from prefect.client.schemas.objects import (
    ConcurrencyLimitConfig,
    ConcurrencyLimitStrategy,
)
from prefect.deployments.runner import EntrypointType, RunnerDeployment
from prefect.schedules import Cron

from flows.nightly import night

NIGHT_CRON = "0 1 * * *"
TIMEZONE = "Asia/Ho_Chi_Minh"
# Two nights never overlap: a second one waits until the first has ended, and then
# finds little to do. Nothing that a person asked for is thrown away.
ONE_AT_A_TIME = ConcurrencyLimitConfig(
    limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE
)


def deployments() -> list[RunnerDeployment]:
    """Both deployments; the entrypoint is a module, so no path of this machine."""
    nightly = night.to_deployment(
        "night",
        schedule=Cron(NIGHT_CRON, timezone=TIMEZONE),
        description="Mỗi đêm lúc 01:00 (giờ Việt Nam): đọc mọi cơ quan BHXH tỉnh.",
        tags=["night"],
        concurrency_limit=ONE_AT_A_TIME,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    rerun = night.to_deployment(
        "rerun-failed",
        parameters={"failed_only": True},
        description="Chạy lại các cơ quan chưa cập nhật được ở lần chạy gần nhất.",
        tags=["rerun"],
        concurrency_limit=ONE_AT_A_TIME,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    return [nightly, rerun]


def main() -> None:
    """Register the deployments and run what is due, one night at a time.

    Schedules are not paused at the end: a night that fell into a restart starts, late,
    when the service is back.
    """
    serve(
        *deployments(), limit=1, pause_on_shutdown=False, print_starting_message=False
    )


if __name__ == "__main__":
    main()
