"""`kntc status`: every office at a glance, what needs a person first."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import typer
from rich.console import JustifyMethod
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from flows.cli.output import (
    EXIT_NOT_ALL,
    OUT,
    Json,
    emit,
    shaped,
)

if TYPE_CHECKING:
    from flows.engine.report.standing import Standing, Volume

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")

# The keys of --json (design.md section 5): a change needs a line in CHANGELOG.
STATUS = (
    "province",
    "verdict",
    "published_at",
    "age_hours",
    "records",
    "quarantine_open",
)
MORE = ("state", "rows", "band_low", "band_high", "findings")

# What goes first where the terminal is too narrow for all columns.
LEAST_ASKED_FOR = ("published", "records")
TO_THE_LEFT = ("  state", "office", "published", "band")
REMARKS_SHOWN = 8  # under 36 offices, on a screen of 48 lines
UNBOUNDED = 1_000  # columns, to measure a table that nothing squeezes
HOURS_SHOWN = 100  # from here on an age is told in days
SHORT_FROM = 10_000  # ends of a band from here on are told in thousands

# The mark says it to those who see no colours: ! needs a person.
_WRONG = ("!", "bold red")
_LOOKS: Mapping[str, tuple[str, str]] = {
    "failed": _WRONG,
    "held": ("!", "magenta"),
    "misconfigured": _WRONG,
    "unfinished": _WRONG,
    "late": ("!", "yellow"),
    "never": ("!", "yellow"),
    "running": (".", "cyan"),
    "fresh": (" ", "green"),
}


def status(json_: Json = False) -> None:
    """Show every office at a glance: what needs a person first.

    Its state and age, the rows of its last reading beside their band, new findings,
    open quarantine, records. Exit code 1 unless all are published and fresh.
    """
    from config.office import office_stems
    from config.settings import load_settings
    from connectors.national import open_national, views
    from flows.engine.report import standing

    settings = load_settings()
    stems = office_stems(settings.config_dir)
    now = datetime.now(UTC)
    with open_national(settings.national_url) as national:
        found = views.office_status(national, stems, now, standing.READINGS)
    offices = [standing.standing(office, now) for office in found]
    if json_:
        emit({"provinces": [status_json(office) for office in offices]})
    else:
        _show(standing.in_order(offices), standing.summary(offices), now)
    if any(office.state != "fresh" for office in offices):
        raise typer.Exit(EXIT_NOT_ALL)


def status_json(office: "Standing") -> dict[str, object]:
    """One office of --json; `rows` null without a reading, the band while it has
    none."""
    volume = office.volume
    more = (
        str(office.state),
        volume.rows,
        volume.band and volume.band.low,
        volume.band and volume.band.high,
        volume.findings,
    )
    return shaped(office.status, *STATUS) | dict(zip(MORE, more, strict=True))


def _show(
    offices: Sequence["Standing"], summary: Sequence[tuple[str, int]], now: datetime
) -> None:
    counts = Text(", ").join(
        Text(f"{count} {state}", _LOOKS[state][1]) for state, count in summary
    )
    title = Text(f"{len(offices)} offices at {local_time(now)}: ", "bold")
    OUT.print(title + counts, soft_wrap=True)
    OUT.print(status_table(offices, OUT.width))
    remarks = _remarks(offices)
    for line in remarks[:REMARKS_SHOWN]:
        if OUT.is_terminal:
            OUT.print(line, no_wrap=True, overflow="ellipsis", crop=True)
        else:
            OUT.print(line, soft_wrap=True)
    if len(remarks) > REMARKS_SHOWN:
        OUT.print(f"and {len(remarks) - REMARKS_SHOWN} more in the night's report")


def status_table(offices: Sequence["Standing"], width: int) -> Table:
    """One line an office, never folded; without `LEAST_ASKED_FOR` where it is wider."""
    unbounded = OUT.options.update(width=UNBOUNDED)
    for dropped in range(len(LEAST_ASKED_FOR)):
        table = _table(offices, LEAST_ASKED_FOR[:dropped])
        if Measurement.get(OUT, unbounded, table).maximum <= width:
            return table
    return _table(offices, LEAST_ASKED_FOR)


def _table(offices: Sequence["Standing"], dropped: Sequence[str]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    lines = [_cells(office) for office in offices]
    for heading in [*lines[0]] if lines else []:
        if heading not in dropped:
            is_left = heading in TO_THE_LEFT
            justify: JustifyMethod = "left" if is_left else "right"
            table.add_column(heading, justify=justify, no_wrap=True)
    for cells in lines:
        table.add_row(*(cell for name, cell in cells.items() if name not in dropped))
    return table


def _cells(office: "Standing") -> dict[str, str | Text]:
    """What stands under each heading, in their order."""
    known, volume = office.status, office.volume
    mark, colour = _LOOKS[office.state]
    return {
        "  state": Text(f"{mark} {office.state}", colour),
        "office": known.province,
        "published": local_time(known.published_at),
        "age": _age(known.age_hours),
        "rows": "" if volume.rows is None else f"{volume.rows:,}",
        "band": _band(volume),
        "findings": f"{volume.findings:,}",
        "held": f"{known.quarantine_open:,}",
        "records": f"{known.records:,}",
    }


def _age(hours: float | None) -> str:
    if hours is None:
        return "never"
    return f"{hours:.1f} h" if hours < HOURS_SHOWN else f"{hours / 24:.0f} d"


def _band(volume: "Volume") -> Text:
    if volume.band is None:
        return Text("")
    text = Text(f"({_short(volume.band.low)}-{_short(volume.band.high)})")
    side = volume.side
    return text.append(f" {side}", "bold yellow") if side else text


def _short(rows: int) -> str:
    if rows < SHORT_FROM:
        return f"{rows:,}"
    if rows < 1_000_000:
        return f"{rows / 1_000:.0f}k"
    return f"{rows / 1_000_000:.1f}M"


def _remarks(offices: Sequence["Standing"]) -> list[Text]:
    """Under the table: why an office is not published, which installation is outside
    its band."""
    wrong = [
        Text.assemble((f"{o.status.province}: ", "bold"), _without_stem(o))
        for o in offices
        if o.status.error
    ]
    outside = [
        Text(
            f"{o.status.province}: {x.system} gave {x.rows:,} rows, its band is "
            f"{x.band.low:,} to {x.band.high:,}"
        )
        for o in offices
        for x in o.volume.outliers
    ]
    return [*wrong, *outside]


def _without_stem(office: "Standing") -> str:
    return (office.status.error or "").removeprefix(f"{office.status.province}: ")


def local_time(at: datetime | None) -> str:
    """To the minute, in local time; empty for none."""
    return "" if at is None else f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}"
