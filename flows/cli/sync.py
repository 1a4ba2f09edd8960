"""`kntc sync`: run a night now."""

from datetime import date, datetime
from typing import Annotated

import typer

from connectors.errors import ConfigError
from flows.cli.output import Json, Provinces, known, warn_of_keys

DAY = ["%Y-%m-%d"]


def sync(
    province: Provinces = None,
    failed: Annotated[
        bool,
        typer.Option("--failed", help="Only the offices not published last time."),
    ] = False,
    since: Annotated[
        datetime | None,
        typer.Option(formats=DAY, help="Read changes from this local date on."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=DAY, help="Read changes before this local date."),
    ] = None,
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help="Read every source whole; finds what a cursor cannot (weekly anyway).",
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and check; load nothing.")
    ] = False,
    json_: Json = False,
) -> None:
    """Run a night now: all offices, or those named.

    It shows in the UI when `kntc serve` runs.
    """
    from config.office import office_stems
    from config.settings import load_settings
    from flows.cli import night
    from flows.engine.night import NightRequest

    settings = load_settings()
    warn_of_keys(settings)
    stems = office_stems(settings.config_dir)
    asked = known(stems, province or [])
    request = NightRequest(asked, failed, *_days(since, until), dry_run, full)
    night.carry(settings, request, len(asked or stems), {} if json_ else None)


def _days(
    since: datetime | None, until: datetime | None
) -> tuple[date | None, date | None]:
    days = (since and since.date(), until and until.date())
    if days[0] and days[1] and days[0] >= days[1]:
        raise ConfigError(
            f"--since {days[0]} is not before --until {days[1]}; --since is inclusive, "
            "--until exclusive: for one day give that day and the next"
        )
    return days
