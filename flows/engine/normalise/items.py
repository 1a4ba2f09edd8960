"""Lists of items out of one cell's JSON, or out of columns that stand side by side."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import polars as pl

from config.columns import origin_columns
from expectations.frames import LOCATOR, ROW, dtype
from expectations.records import Field
from flows.engine.normalise.cells import Cells, gathered
from flows.engine.normalise.nested import json_items
from flows.engine.normalise.plans import FieldPlan
from flows.engine.normalise.readings import Fault, Reading, unread
from flows.engine.normalise.text import Cleaned, clean

ReadField: TypeAlias = Callable[[FieldPlan, Cells, pl.Series], Reading]


def read_items(
    plan: FieldPlan, text: pl.Series, types: pl.Series, read_field: ReadField
) -> Reading:
    """Cells that hold a JSON list of objects, each item field by its own map."""
    good, rows, objects = json_items(text)
    keys = dict.fromkeys(k for sub in plan.items for k in origin_columns(sub.source))
    cells = Cells(
        pl.DataFrame({ROW: rows, LOCATOR: rows.cast(pl.String)}),
        {k: clean(_values(objects, k), plan.null_tokens) for k in keys},
    )
    read = {sub.field.name: read_field(sub, cells, types) for sub in plan.items}
    value = _listed(plan.field, good, rows, read)
    lost = unread("items_unreadable", text, value)
    return Reading(value, (*_inner_faults(rows, read), *lost.faults))


def read_pivot(
    plan: FieldPlan, cells: Cells, types: pl.Series, read_field: ReadField
) -> Reading:
    """An item for each column that is not blank; null where all of them are."""
    pivot = plan.source.pivot
    assert pivot is not None
    columns = [cells.columns[name] for name in pivot.columns]
    # Row by row, in the preset's order of columns.
    place = pl.int_range(len(cells) * len(columns), dtype=pl.UInt32, eager=True)
    order = place % len(columns) * len(cells) + place // len(columns)
    cell = _below(columns, order)
    place = place.filter(cell.text.is_not_null())
    rows = place // len(columns)
    names = pl.Series(pivot.columns).gather(place % len(columns))
    flat = Cells(
        pl.DataFrame({ROW: rows, LOCATOR: rows.cast(pl.String)}),
        {pivot.key: Cleaned(names), pivot.value: gathered(cell, place)},
    )
    read = {sub.field.name: read_field(sub, flat, types) for sub in plan.items}
    some = pl.repeat(False, len(cells), dtype=pl.Boolean, eager=True)
    value = _listed(plan.field, some.scatter(rows.unique(), True), rows, read)
    return Reading(value, _inner_faults(rows, read))


def _below(columns: list[Cleaned], order: pl.Series) -> Cleaned:
    """The columns below one another, then their cells in that order."""
    size = len(columns[0].text)
    texts, repaired, broken = (
        pl.concat(
            [
                pl.repeat(None, size, dtype=kind, eager=True) if part is None else part
                for part in (getattr(column, name) for column in columns)
            ]
        ).gather(order)
        for name, kind in (
            ("text", pl.String()),
            ("repaired", pl.String()),
            ("broken", pl.Boolean()),
        )
    )
    return Cleaned(texts, repaired, broken)


def _inner_faults(rows: pl.Series, read: Mapping[str, Reading]) -> tuple[Fault, ...]:
    """The faults of item fields, at the rows whose items they are."""
    return tuple(
        Fault(fault.rule, rows.gather(fault.rows), fault.shape, name)
        for name, reading in read.items()
        for fault in reading.faults
    )


def _values(objects: list[dict[str, str | None]], key: str) -> pl.Series:
    return pl.Series([item.get(key) for item in objects], dtype=pl.String)


def _listed(
    field: Field, good: pl.Series, rows: pl.Series, read: Mapping[str, Reading]
) -> pl.Series:
    """One list of structs a cell: null where unreadable, empty where it was []."""
    columns = {
        sub.name: read[sub.name].value
        if sub.name in read
        else pl.repeat(None, len(rows), dtype=dtype(sub), eager=True)
        for sub in field.items
    }
    flat = pl.DataFrame(columns).select(
        pl.lit(rows).alias("row"), pl.struct(pl.all()).alias("item")
    )
    lists = flat.group_by("row", maintain_order=True).agg("item")
    index = pl.DataFrame({"row": pl.arange(len(good), dtype=pl.UInt32, eager=True)})
    joined = index.join(lists, on="row", how="left", maintain_order="left")["item"]
    nothing = pl.Series([[]], dtype=dtype(field)).new_from_index(0, len(good))
    value = joined.cast(dtype(field)).zip_with(joined.is_not_null(), nothing)
    return pl.select(pl.when(good).then(value).alias(field.name)).to_series()
