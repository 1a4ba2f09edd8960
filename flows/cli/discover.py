"""`kntc provinces discover`: a sample file into a proposed preset."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from connectors.errors import ConfigError
from flows.cli.output import ERR, OUT, Json, emit

if TYPE_CHECKING:
    from flows.engine.discover.proposal import Proposal

SURE, LIKELY = 0.9, 0.7


def discover(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A sample: CSV or TSV of any encoding, XLSX, XLS, ODS, a ZIP of "
            "those, or a saved answer of an API (JSON).",
        ),
    ],
    product: Annotated[
        str | None, typer.Option(help="The product's name; else the file's.")
    ] = None,
    type_: Annotated[
        str | None,
        typer.Option("--type", help="What a row is, such as petition; else guessed."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Where to write the preset; else it is printed."),
    ] = None,
    json_: Json = False,
) -> None:
    """Look at a sample file and propose a preset; a person then decides.

    No cell of a column that may name a person is printed or written.
    """
    from connectors.sources.peek.peeking import peek
    from flows.engine.discover.discovering import discover as proposed
    from flows.engine.discover.toml_text import text_of

    _check(product, type_, out)
    proposal = proposed(peek(file), product or (out.stem if out else None), type_)
    text = text_of(proposal)
    table = _loaded(text)
    if out is not None:
        out.write_text(text, encoding="utf-8")
    if json_:
        emit({"preset": table, "toml": text, "columns": _columns(proposal)})
        return
    OUT.print(_shown(proposal))
    for note in proposal.notes:
        OUT.print(f"? {note}", highlight=False, markup=False, soft_wrap=True)
    if out is None:
        OUT.print(text, highlight=False, markup=False, soft_wrap=True)
        return
    ERR.print(
        f"{out}: written. Decide what is marked “?”, name it as product of an office "
        "file, then kntc provinces check and kntc sync --dry-run",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


def _check(product: str | None, type_: str | None, out: Path | None) -> None:
    from expectations import records

    if type_ is not None and type_ not in records.BY_NAME:
        known = ", ".join(records.BY_NAME)
        raise ConfigError(f"--type: there is no record type {type_} (known: {known})")
    if out is not None and out.exists():
        raise ConfigError(
            f"{out} is there already and may hold a person's decisions; give another "
            "--out, or move it away"
        )
    if out is not None and (out.suffix != ".toml" or not out.parent.is_dir()):
        raise ConfigError(
            f"--out {out}: expected a .toml file in a folder that is there"
        )
    if product is not None and out is not None and out.stem != product:
        raise ConfigError(
            f"--product {product} and --out {out.name}: the file's stem is the "
            "product's name; give both alike, or --out alone"
        )


def _loaded(text: str) -> dict[str, object]:
    """The proposal as TOML reads it, once it is known to be a preset that loads."""
    import tomllib

    from pydantic import TypeAdapter

    from config.preset import Preset
    from config.reading import validated

    table = tomllib.loads(text)
    validated("the proposal", table, TypeAdapter(Preset))
    return table


def _columns(proposal: "Proposal") -> list[dict[str, object]]:
    return [
        {
            "column": line.column,
            "proposed": line.proposed,
            "confidence": round(line.confidence, 2),
            "why": line.why,
        }
        for line in proposal.columns
    ]


def _shown(proposal: "Proposal") -> Table:
    from rich.markup import escape

    title = f"{proposal.record_type}, key {' | '.join(proposal.key.columns)}"
    table = Table("column", "proposed", "sure", "why", title=escape(title))
    for line in proposal.columns:
        is_field = line.proposed not in ("?", "ignored")
        table.add_row(
            escape(line.column),
            f"[{_colour(line.confidence)}]{escape(line.proposed)}[/]",
            f"{line.confidence:.2f}" if is_field else "",
            escape(line.why),
        )
    return table


def _colour(confidence: float) -> str:
    if confidence >= SURE:
        return "green"
    return "yellow" if confidence >= LIKELY else "red"
