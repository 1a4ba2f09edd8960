"""`kntc provinces`: the offices this installation knows, and their faults."""

from typing import TYPE_CHECKING

import typer
from rich.table import Table

from connectors.errors import ConfigError
from flows.cli import agencies, discover
from flows.cli.output import ERR, EXIT_NOT_ALL, OUT, Json, emit

if TYPE_CHECKING:
    from pathlib import Path

app = typer.Typer(
    help="The offices: list them, check their files, find out about a new one."
)
app.command("discover")(discover.discover)
app.command("agencies")(agencies.agencies)


@app.command("list")
def list_offices(json_: Json = False) -> None:
    """List the offices: stem, name, sources, products, protocols."""
    rows = [_row(folder, stem) for folder, stem in _stems()]
    if json_:
        emit({"provinces": rows})
        return
    table = Table("stem", "name", "sources", "products", "protocols")
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    OUT.print(table)


@app.command()
def check(json_: Json = False) -> None:
    """Read each office file, its presets and secrets; say what is wrong with each."""
    faults = {stem: _fault(folder, stem) for folder, stem in _stems()}
    if json_:
        emit({"provinces": [{"province": s, "error": e} for s, e in faults.items()]})
    else:
        for stem, fault in faults.items():
            mark = "[green]ok[/]" if fault is None else "[red]broken[/]"
            OUT.print(f"{stem}: {mark}", highlight=False)
            if fault is not None:
                OUT.print(f"  {fault}", highlight=False, markup=False, soft_wrap=True)
    broken = sum(fault is not None for fault in faults.values())
    ERR.print(f"{len(faults)} offices, {broken} broken", highlight=False)
    if broken:
        raise typer.Exit(EXIT_NOT_ALL)


def _stems() -> "list[tuple[Path, str]]":
    """The config folder with each office in it, in the order of stems."""
    from config.office import office_stems
    from config.settings import load_settings

    folder = load_settings().config_dir
    return [(folder, stem) for stem in office_stems(folder)]


def _fault(folder: "Path", stem: str) -> str | None:
    from config.agencies import load_agencies
    from config.office import load_office, refuse_shared_systems

    try:
        load_agencies(folder, stem)
        refuse_shared_systems(folder, load_office(folder, stem))
    except ConfigError as error:
        return str(error)
    return None


def _row(folder: "Path", stem: str) -> dict[str, str | list[str]]:
    """One office without its secrets; empty lists when its files cannot be read."""
    from config.office import load_preset, load_table

    try:
        office = load_table(folder, stem)
        kinds = {s.product: load_preset(folder, s.product).kind for s in office.sources}
    except ConfigError:
        return _line(stem, "(broken: kntc provinces check)", [], [], [])
    return _line(
        stem,
        office.name,
        [source.system for source in office.sources],
        [source.product for source in office.sources],
        [kinds[source.product] for source in office.sources],
    )


def _line(
    stem: str,
    name: str,
    sources: list[str],
    products: list[str],
    protocols: list[str],
) -> dict[str, str | list[str]]:
    return {
        "province": stem,
        "name": name,
        "sources": sources,
        "products": products,
        "protocols": protocols,
    }


def _cell(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ", ".join(value)
