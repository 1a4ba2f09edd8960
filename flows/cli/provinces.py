"""`kntc provinces`: the offices this installation knows, and their faults."""

from typing import TYPE_CHECKING

import typer
from rich.table import Table

from connectors.errors import ConfigError
from flows.cli.output import ERR, EXIT_NOT_ALL, OUT, Json, emit

if TYPE_CHECKING:
    from config.office import Office

app = typer.Typer(help="The offices: list them, check their files.")


@app.command("list")
def list_offices(json_: Json = False) -> None:
    """List the offices: stem, name, sources, products, protocols."""
    rows = [_row(stem, found) for stem, found in _offices().items()]
    if json_:
        emit({"provinces": rows})
        return
    table = Table("stem", "name", "sources", "products", "protocols")
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    OUT.print(table)


@app.command()
def check(json_: Json = False) -> None:
    """Read each office file and its presets; say what is wrong with each."""
    faults = {stem: _fault(found) for stem, found in _offices().items()}
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


def _offices() -> "dict[str, Office | ConfigError]":
    """Each office, or what is wrong with its file or presets, in the order of stems."""
    from config.office import load_office, office_stems
    from config.settings import load_settings

    def load(stem: str) -> "Office | ConfigError":
        try:
            return load_office(config_dir, stem)
        except ConfigError as error:
            return error

    config_dir = load_settings().config_dir
    return {stem: load(stem) for stem in office_stems(config_dir)}


def _fault(found: "Office | ConfigError") -> str | None:
    return str(found) if isinstance(found, ConfigError) else None


def _row(stem: str, found: "Office | ConfigError") -> dict[str, str | list[str]]:
    if isinstance(found, ConfigError):
        broken: list[str] = []
        return {
            "province": stem,
            "name": "(broken: kntc provinces check)",
            "sources": broken,
            "products": broken,
            "protocols": broken,
        }
    return {
        "province": stem,
        "name": found.table.name,
        "sources": [source.spec.system for source in found.sources],
        "products": [source.preset.product for source in found.sources],
        "protocols": [source.spec.kind for source in found.sources],
    }


def _cell(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ", ".join(value)
