"""One field of a record out of its columns: origin, cutting, then its type."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from config.preset import FieldMap, Preset
from config.preset_checks import codes_of, folded, folded_codes
from expectations.frames import LOCATOR, ROW, dtype
from expectations.records import Field, Type
from flows.engine.normalise.cells import Cells
from flows.engine.normalise.keys import Naming, read_reference, read_references
from flows.engine.normalise.nested import json_items
from flows.engine.normalise.numbers import read_numbers
from flows.engine.normalise.readings import Fault, Reading, faults_at, unread
from flows.engine.normalise.text import Cleaned, clean
from flows.engine.normalise.times import read_dates

_BOOLS = {
    "true": "true",
    "1": "true",
    "có": "true",
    "false": "false",
    "0": "false",
    "không": "false",
}


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """A field, its map, and what the map's names stand for in this preset."""

    field: Field
    source: FieldMap
    codes: Mapping[str, str] | None
    formats: tuple[str, ...]
    zone: str
    naming: Naming
    null_tokens: pl.Series
    items: tuple["FieldPlan", ...] = ()


def plan_field(
    field: Field,
    source: FieldMap,
    preset: Preset,
    naming: Naming,
    null_tokens: pl.Series,
) -> FieldPlan:
    """The plan of a field; its nested items get theirs."""
    items = tuple(
        plan_field(sub, source.items[sub.name], preset, naming, null_tokens)
        for sub in field.items
        if sub.name in source.items
    )
    return FieldPlan(
        field,
        source,
        _codes(field, source, preset),
        source.formats or preset.date_formats,
        preset.timezone,
        naming,
        null_tokens,
        items,
    )


def _codes(field: Field, source: FieldMap, preset: Preset) -> dict[str, str] | None:
    given = codes_of(source, preset.codes)
    if given is not None:
        return folded_codes(given)
    if field.type is Type.BOOL:
        return _BOOLS
    return folded_codes({c: c for c in field.codes}) or None


def read_field(plan: FieldPlan, cells: Cells, types: pl.Series) -> Reading:
    """The field's values with all its faults; `types` are the rows' case types."""
    text, faults = _origin(plan.source, cells)
    text, cut = _cut(plan, text)
    read = _READERS[plan.field.type](plan, text, types)
    return Reading(read.value, (*faults, *cut, *read.faults))


def text_faults(columns: list[Cleaned], text: pl.Series) -> tuple[Fault, ...]:
    """What cleaning changed, or could not mend, in the columns behind `text`."""
    repaired = [c.repaired for c in columns if c.repaired is not None]
    broken = [c.broken for c in columns if c.broken is not None]
    return (
        *_marked("text_repaired", repaired, text),
        *_marked("text_broken", broken, text),
    )


def _marked(rule: str, marks: list[pl.Series], text: pl.Series) -> tuple[Fault, ...]:
    if not marks:
        return ()
    hit = pl.DataFrame([m.alias(str(n)) for n, m in enumerate(marks)])
    return faults_at(rule, hit.select(pl.any_horizontal(pl.all())).to_series(), text)


def _origin(source: FieldMap, cells: Cells) -> tuple[pl.Series, tuple[Fault, ...]]:
    if source.constant is not None:
        constant = pl.Series([source.constant]).str.normalize("NFC")
        return constant.new_from_index(0, len(cells)), ()
    names = [source.column] if source.column else [*source.columns]
    columns = [cells.columns[name] for name in names]
    texts = [column.text.alias(str(n)) for n, column in enumerate(columns)]
    frame = pl.DataFrame(texts)
    if source.join is None:
        text = frame.select(pl.coalesce(pl.all())).to_series()
    else:
        joined = pl.concat_str(pl.all(), separator=source.join, ignore_nulls=True)
        some = pl.any_horizontal(pl.all().is_not_null())
        text = frame.select(pl.when(some).then(joined)).to_series()
    return text, text_faults(columns, text)


def _cut(plan: FieldPlan, text: pl.Series) -> tuple[pl.Series, tuple[Fault, ...]]:
    source = plan.source
    faults: tuple[Fault, ...] = ()
    if source.extract is not None:
        read = unread("extract_failed", text, text.str.extract(source.extract, 1))
        text, faults = clean(read.value, plan.null_tokens).text, read.faults
    if source.split and source.part is not None:
        parts = text.str.split(source.split)
        part = parts.list.get(source.part, null_on_oob=True)
        read = unread("extract_failed", text, part)
        text, faults = clean(part, plan.null_tokens).text, (*faults, *read.faults)
    return text, faults


def _read_code(plan: FieldPlan, text: pl.Series, _: pl.Series) -> Reading:
    if plan.codes is None:
        return Reading(text)
    values = folded(text)
    codes = values.replace_strict(
        list(plan.codes),
        list(plan.codes.values()),
        default=None,
        return_dtype=pl.String,
    )
    read = unread("code_unknown", text, codes, is_code=True)
    # "" is a value the preset knows and has no code for.
    return Reading(codes.set((codes == "").fill_null(False), None), read.faults)


def _read_bool(plan: FieldPlan, text: pl.Series, types: pl.Series) -> Reading:
    read = _read_code(plan, text, types)
    return Reading(read.value == "true", read.faults)


def _read_number(plan: FieldPlan, text: pl.Series, types: pl.Series) -> Reading:
    source = plan.source
    if source.codes is not None:
        read = _read_code(plan, text, types)
        return Reading(read.value.cast(pl.Int64, strict=False), read.faults)
    read = read_numbers(text, source.scale or 1, source.decimal)
    if not plan.field.codes:
        return read
    allowed = pl.Series([int(code) for code in plan.field.codes])
    strange = ~read.value.is_in(allowed.implode()).fill_null(True)
    unknown = faults_at("code_unknown", strange, text, is_code=True)
    return Reading(read.value.set(strange, None), (*read.faults, *unknown))


def _read_date(plan: FieldPlan, text: pl.Series, _: pl.Series) -> Reading:
    return read_dates(text, plan.formats, plan.zone)


def _read_one(plan: FieldPlan, text: pl.Series, types: pl.Series) -> Reading:
    return read_reference(text, plan.naming, _targets(plan), types)


def _read_many(plan: FieldPlan, text: pl.Series, _: pl.Series) -> Reading:
    split = plan.source.split if plan.source.part is None else None
    return read_references(text, plan.naming, _targets(plan)[0], split)


def _targets(plan: FieldPlan) -> tuple[str, ...]:
    named = plan.source.refers_to
    return (named,) if named else plan.field.refers_to


def _read_items(plan: FieldPlan, text: pl.Series, types: pl.Series) -> Reading:
    good, rows, objects = json_items(text)
    keys = dict.fromkeys(k for sub in plan.items for k in _source_keys(sub.source))
    cells = Cells(
        pl.DataFrame({ROW: rows, LOCATOR: rows.cast(pl.String)}),
        {k: clean(_values(objects, k), plan.null_tokens) for k in keys},
    )
    read = {sub.field.name: read_field(sub, cells, types) for sub in plan.items}
    faults = [
        Fault(fault.rule, rows.gather(fault.rows), fault.shape, name)
        for name, reading in read.items()
        for fault in reading.faults
    ]
    value = _listed(plan.field, good, rows, read)
    lost = unread("items_unreadable", text, value)
    return Reading(value, (*faults, *lost.faults))


def _source_keys(source: FieldMap) -> tuple[str, ...]:
    return (source.column,) if source.column else source.columns


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


_READERS: dict[Type, Callable[[FieldPlan, pl.Series, pl.Series], Reading]] = {
    Type.TEXT: _read_code,  # codes only when the preset gives a map
    Type.CODE: _read_code,
    Type.BOOL: _read_bool,
    Type.INT: _read_number,
    Type.AMOUNT_VND: _read_number,
    Type.DATE: _read_date,
    Type.REFERENCE: _read_one,
    Type.REFERENCES: _read_many,
    Type.ITEMS: _read_items,
}
