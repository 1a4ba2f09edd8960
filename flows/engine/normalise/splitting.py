"""Lists inside cells (`Nguyễn A; Trần B`): their pieces as objects of a row."""

import polars as pl

from config.stream import SplitList
from flows.engine.normalise.cells import Cells, gathered
from flows.engine.normalise.inside import Inside, Level
from flows.engine.normalise.text import Cleaned, tidy

NUMBER = "number"  # which piece of its cell a piece is, from 1
_BETWEEN = "\x1f"


def split_cells(inside: Inside, lists: tuple[SplitList, ...]) -> None:
    """Put the pieces of each list where names of the batch are read.

    A column that has another number of pieces than the list's first one cannot be
    paired with it: it gives nothing, and is noted as unread.
    """
    for said in lists:
        pieces = _pieces(said, inside.cells)
        count = pieces.select(
            pl.coalesce(pl.col(name).list.len() for name in said.columns).fill_null(0)
        ).to_series()
        for name in said.columns:
            strange = (pieces[name].list.len() != count).fill_null(False)
            texts = inside.cells.text(name)
            for row in strange.arg_true():
                inside.unread.setdefault((row, f"{said.name}.{name}"), texts[row])
        _put(inside, said, _side_by_side(said, pieces, count))


def _pieces(said: SplitList, cells: Cells) -> pl.DataFrame:
    """The texts of each column's cells; blanks at the end are no pieces."""
    frame = pl.DataFrame([cells.text(name).alias(name) for name in said.columns])
    cut = pl.all().str.replace_all(said.pattern, _BETWEEN)
    return frame.select(
        cut.str.strip_chars_end(f"{_BETWEEN} \t\r\n")
        .replace("", None)
        .str.split(_BETWEEN)
    )


def _side_by_side(
    said: SplitList, pieces: pl.DataFrame, count: pl.Series
) -> pl.DataFrame:
    """A line a piece: its row, its number, and its text in each column."""
    nothing = pl.lit(None, pl.String).repeat_by("count")
    lists = (
        pl.when(pl.col(name).list.len() == pl.col("count"))
        .then(name)
        .otherwise(nothing)
        .alias(f"text:{name}")
        for name in said.columns
    )
    rows = pieces.with_columns(
        count.alias("count"), pl.int_range(pl.len(), dtype=pl.UInt32).alias("row")
    ).filter(pl.col("count") > 0)
    flat = rows.select(
        "row", pl.int_ranges(1, pl.col("count") + 1).alias(NUMBER), *lists
    )
    return flat.explode([name for name in flat.columns if name != "row"])


def _put(inside: Inside, said: SplitList, flat: pl.DataFrame) -> None:
    texts = {
        name: tidy(flat[f"text:{name}"], inside.null_tokens).alias(name)
        for name in said.columns
    }
    some = pl.DataFrame([*texts.values()]).select(
        pl.any_horizontal(pl.all().is_not_null())
    )
    there = some.to_series().arg_true()
    rows = flat["row"].gather(there)
    number = flat[NUMBER].gather(there).cast(pl.String)
    labels = (said.name + "[" + number + "]").to_list()
    columns = {NUMBER: Cleaned(number)}
    for name, text in texts.items():
        marks = gathered(inside.cells.columns[name], rows)
        columns[name] = Cleaned(text.gather(there), marks.repaired, marks.broken)
    inside.put(said.name, Level([{}] * len(rows), rows, rows, labels), columns)
