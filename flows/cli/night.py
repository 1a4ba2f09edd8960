"""One night from the command line: where it runs, its progress, what it prints."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.progress import TimeElapsedColumn as Elapsed
from rich.table import Table

from config.settings import Settings
from flows import serving
from flows.cli.output import ERR, EXIT_NOT_ALL, OUT, emit
from flows.engine.outcome import (
    Counts,
    NightOutcome,
    NightVerdict,
    OfficeOutcome,
    Verdict,
)
from flows.engine.report import night_json
from flows.engine.sights import Sight

if TYPE_CHECKING:
    from flows.engine.night import NightRequest

OfficeDone = Callable[[OfficeOutcome], None]
COLOURS: Mapping[str, str] = {"published": "green", "skipped": "yellow"}
GOOD = (Verdict.PUBLISHED, Verdict.SKIPPED)

NEXT_STEP: Mapping[Verdict, str] = {
    Verdict.HELD: "look at the source with its office; mended: kntc sync --province "
    "{stem}; right as it is: kntc accept --province {stem} --actor ... --reason ...",
    Verdict.FAILED: "when the cause is gone: kntc sync --province {stem}",
    Verdict.MISCONFIGURED: "mend provinces/{stem}.toml or its preset "
    "(kntc provinces check), then: kntc sync --province {stem}",
}


def run(settings: Settings, request: "NightRequest", offices: int) -> NightOutcome:
    """Run the night with a progress bar on stderr: as a Prefect flow when a server
    answers, so that the UI shows it, else with the engine alone."""
    api_url = serving.find_server(settings.home)
    if api_url is None:
        ERR.print(
            "no Prefect server is running; this night will not be in the UI "
            "(kntc serve)",
            highlight=False,
        )
    with _progress() as progress:
        bar = progress.add_task("offices", total=offices)

        def on_done(outcome: OfficeOutcome) -> None:
            progress.advance(bar)
            progress.console.print(
                f"{outcome.province}: {_verdict(outcome.verdict)}", highlight=False
            )

        if api_url is None:
            return _with_engine(settings, request, on_done)
        return _with_prefect(settings, api_url, request, on_done)


def carry(
    settings: Settings,
    request: "NightRequest",
    offices: int,
    told: Mapping[str, object] | None = None,
) -> None:
    """Run the night and print what became of it; raises typer.Exit unless all offices
    were published.

    `told`, for --json: what stands before the night's own keys; None prints for people.
    """
    outcome = run(settings, request, offices)
    if told is not None:
        emit({**told, **night_json(outcome)})
    else:
        _print(settings, request, outcome)
    if outcome.verdict is not NightVerdict.PUBLISHED:
        raise typer.Exit(EXIT_NOT_ALL)


def _print(settings: Settings, request: "NightRequest", outcome: NightOutcome) -> None:
    if request.dry_run:
        OUT.print("[bold]dry run: what would happen; nothing is loaded[/]")
    show(outcome)
    if request.dry_run:
        show_sights(outcome)
        OUT.print("dry run: nothing of this was loaded, no report was written")
    elif page := report_page(settings, outcome):
        OUT.print(f"report: {page}", highlight=False, soft_wrap=True)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Elapsed(),
        console=ERR,
        transient=True,
    )


def _with_engine(
    settings: Settings, request: "NightRequest", on_done: OfficeDone
) -> NightOutcome:
    from flows.engine import night

    return night.run_night(settings, request, on_done)


def _with_prefect(
    settings: Settings, api_url: str, request: "NightRequest", on_done: OfficeDone
) -> NightOutcome:
    # Prefect reads its settings when it is first imported.
    os.environ.update(serving.prefect_env(settings.home, api_url))
    from flows import nightly

    return nightly.run_here(request, on_done)


def show(outcome: NightOutcome) -> None:
    """The table of offices, both equations, the verdict and what to do next."""
    OUT.print(_table(outcome))
    for line in equations(outcome.total):
        OUT.print(line, highlight=False)
    for office in outcome.offices:
        if office.verdict not in GOOD:
            _show_fault(office)
    total = outcome.total
    if total.deleted or total.restored:
        OUT.print(f"marked deleted {total.deleted:,}, restored {total.restored:,}")
    if not outcome.offices:
        OUT.print("no office to run: all were published last time", highlight=False)
    published = sum(office.verdict is Verdict.PUBLISHED for office in outcome.offices)
    colour = "green" if outcome.verdict is NightVerdict.PUBLISHED else "red"
    OUT.print(
        f"[bold {colour}]{outcome.verdict}[/]: {published} of {len(outcome.offices)} "
        f"offices published (run {outcome.run})",
        highlight=False,
    )


MOST_SIGHTS = 15


def show_sights(outcome: NightOutcome) -> None:
    """What a dry run saw of each office: rules, how often, and the first place."""
    for office in outcome.offices:
        sights = _together(office.sights)
        if not sights:
            continue
        table = Table(title=f"{office.province}: what would be held or reported")
        for name in ("effect", "rule", "field"):
            table.add_column(name, no_wrap=True)
        table.add_column("count", justify="right")
        table.add_column("first place", overflow="fold")
        table.add_column("shape", overflow="fold")
        for sight in sights[:MOST_SIGHTS]:
            names = ".".join(filter(None, (sight.record_type, sight.field)))
            cells = (sight.effect, sight.rule, names, f"{sight.count:,}")
            more = (sight.place or "", sight.shape or "")
            table.add_row(*(escape(cell) for cell in (*cells, *more)))
        OUT.print(table)
        if (left := len(sights) - MOST_SIGHTS) > 0:
            OUT.print(f"and {left} more: --json lists them all", highlight=False)


# Said of nearly every field of a register in an old font, or of a poor product: one
# line each must do, or they bury the rest.
COMMON_RULES = ("text_repaired", "not_provided")


def _together(sights: Sequence[Sight]) -> list[Sight]:
    """The sights with all fields of a common rule as one."""
    found: dict[tuple[str, ...], list[Sight]] = {}
    for sight in sights:
        field = "" if sight.rule in COMMON_RULES else f"{sight.field}"
        key = (sight.effect, sight.rule, f"{sight.record_type}", field)
        found.setdefault(key, []).append(sight)
    return [
        some[0]
        if len(some) == 1
        else replace(
            some[0], field=f"({len(some)} fields)", count=sum(s.count for s in some)
        )
        for some in found.values()
    ]


def _show_fault(office: OfficeOutcome) -> None:
    step = NEXT_STEP[office.verdict].format(stem=office.province)
    OUT.print(
        f"{office.province} {_verdict(office.verdict)}: {escape(office.error or '')}",
        highlight=False,
        soft_wrap=True,
    )
    OUT.print(f"  next: {step}", highlight=False, soft_wrap=True)


# Wide enough for every column; a narrower terminal gets those that say most.
WIDE = 128
COLUMNS: Mapping[str, Callable[[Counts], int]] = {
    "rows": lambda counts: counts.rows_read,
    "records": lambda counts: counts.read,
    "inserted": lambda counts: counts.inserted,
    "updated": lambda counts: counts.updated,
    "unchanged": lambda counts: counts.unchanged,
    "quarantined": lambda counts: counts.quarantined,
    "duplicates": lambda counts: counts.duplicates,
    "findings": lambda counts: counts.findings,
}
NARROW = ("rows", "inserted", "updated", "quarantined", "findings")


def _table(outcome: NightOutcome) -> Table:
    names = tuple(COLUMNS) if OUT.width >= WIDE else NARROW
    table = Table()
    table.add_column("office", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for name in (*names, "seconds"):
        table.add_column(name, justify="right", no_wrap=True)
    for office in outcome.offices:
        table.add_row(
            office.province,
            _verdict(office.verdict),
            *(f"{COLUMNS[name](office.counts):,}" for name in names),
            f"{office.seconds:.1f}",
        )
    table.add_section()
    total = (f"{COLUMNS[name](outcome.total):,}" for name in names)
    table.add_row("total", "", *total, "")
    return table


def _verdict(verdict: Verdict) -> str:
    return f"[{COLOURS.get(verdict, 'red')}]{verdict}[/]"


def equations(counts: Counts) -> tuple[str, str]:
    """Both equations of promise P1 with their numbers and = or ≠."""
    rows = _sum(
        mapped=counts.rows_mapped,
        filtered=counts.rows_filtered,
        rejected=counts.rows_rejected,
    )
    found = _sum(
        inserted=counts.inserted,
        updated=counts.updated,
        unchanged=counts.unchanged,
        quarantined=counts.quarantined,
        duplicates=counts.duplicates,
    )
    return (
        f"rows:    read {counts.rows_read:,} {_sign(counts.rows_balance())} {rows}",
        f"records: read {counts.read:,} {_sign(counts.records_balance())} {found}",
    )


def _sum(**parts: int) -> str:
    return " + ".join(f"{name} {value:,}" for name, value in parts.items())


def _sign(holds: bool) -> str:
    return "=" if holds else "[bold red]≠[/]"


def report_page(settings: Settings, outcome: NightOutcome) -> Path | None:
    """The page that the night wrote, when it is there."""
    return next(settings.reports_dir.glob(f"*-{outcome.run}/night.html"), None)
