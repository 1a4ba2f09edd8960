"""`kntc provinces agencies`: the agency names of an office that nobody has declared."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from flows.cli.output import ERR, EXIT_NOT_ALL, OUT, Json, emit, known

if TYPE_CHECKING:
    import polars as pl

# The keys of --json (design.md section 5): a change needs a line in CHANGELOG.
AGENCY = ("org_code", "records", "spellings")
UNMATCHED = ("spelling", "records", "fields", "nearest", "org_code", "score")


def agencies(
    province: Annotated[
        str, typer.Option("--province", metavar="P", help="The office's stem.")
    ],
    json_: Json = False,
) -> None:
    """List the agency names of an office that stand for no declared agency.

    With the number of records and the nearest declared name, a suggestion to copy into
    agencies/<stem>.toml. Exit code 1 while there are any.
    """
    import polars as pl

    from expectations.agencies import shown, suggest

    matched, declared = _matched(province)
    by_code = _by_code(matched)
    open_ = _unmatched(matched)
    hits = suggest(open_["spelling"].to_list(), declared)
    open_ = open_.with_columns(spelling=shown(pl.col("spelling")))
    rows = [
        dict(zip(UNMATCHED, (*line, *(hit or (None, None, None))), strict=True))
        for line, hit in zip(open_.iter_rows(), hits, strict=True)
    ]
    if json_:
        emit({"province": province, "agencies": by_code.to_dicts(), "unmatched": rows})
    else:
        _print(rows)
        ERR.print(
            f"{by_code['spellings'].sum():,} spellings of {by_code.height:,} agencies "
            f"matched, {len(rows):,} not",
            highlight=False,
        )
    if rows:
        raise typer.Exit(EXIT_NOT_ALL)


def _matched(province: str) -> "tuple[pl.DataFrame, pl.DataFrame]":
    """The office's spellings with what each stands for, and every declared name."""
    import polars as pl

    from config.agencies import load_agencies
    from config.office import load_table, office_stems
    from config.settings import load_settings
    from connectors.national import agencies as stored
    from connectors.national import open_national
    from expectations.agencies import match

    settings = load_settings()
    known(office_stems(settings.config_dir), [province])
    office = load_table(settings.config_dir, province)
    aliases = load_agencies(settings.config_dir, province)
    systems = [source.system for source in office.sources]
    with open_national(settings.national_url) as national:
        found = stored.spellings(national, systems)
        units = stored.units(national)
    return match(found, aliases, units), pl.concat([aliases, units])


def _by_code(matched: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    return (
        matched.filter(pl.col("org_code").is_not_null())
        .group_by("org_code")
        .agg(pl.col("records").sum(), spellings=pl.col("spelling").n_unique())
        .sort("org_code")
    )


def _unmatched(matched: "pl.DataFrame") -> "pl.DataFrame":
    """Spelling, records, fields: the commonest first."""
    import polars as pl

    return (
        matched.filter(pl.col("org_code").is_null())
        .group_by("spelling")
        .agg(pl.col("records").sum(), fields=pl.col("field").unique().sort())
        .sort(["records", "spelling"], descending=[True, False])
    )


def _print(rows: list[dict[str, object]]) -> None:
    table = Table()
    table.add_column("spelling", overflow="fold")
    table.add_column("records", justify="right")
    table.add_column("nearest declared name", overflow="fold")
    table.add_column("org_code")
    table.add_column("of 100", justify="right")
    for row in rows:
        cells = (
            row[k] for k in ("spelling", "records", "nearest", "org_code", "score")
        )
        # Text: what stands in square brackets is no markup.
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in cells))
    OUT.print(table)
