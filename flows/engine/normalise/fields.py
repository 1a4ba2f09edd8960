"""One field of a record out of its columns: origin, cutting, then its type."""

from collections.abc import Callable, Sequence

import polars as pl

from config.folding import folded
from config.preset import FieldMap, Pad
from expectations.records import Type
from flows.engine.normalise.cells import Cells
from flows.engine.normalise.items import read_items, read_pivot
from flows.engine.normalise.keys import read_reference, read_references
from flows.engine.normalise.numbers import read_numbers
from flows.engine.normalise.plans import FieldPlan
from flows.engine.normalise.readings import Fault, Reading, faults_at, unread
from flows.engine.normalise.text import Cleaned, shape, tidy
from flows.engine.normalise.times import read_dates


def read_field(plan: FieldPlan, cells: Cells, types: pl.Series) -> Reading:
    """The field's values with all its faults; `types` are the rows' case types."""
    if plan.source.pivot is not None:
        return read_pivot(plan, cells, types, read_field)
    if plan.source.marks:
        return _read_marks(plan, cells, types)
    text, faults = _origin(plan.source, cells)
    given = len(text) - text.null_count()
    text, cut = _cut(plan, text)
    read = _READERS[plan.field.type](plan, text, types)
    return Reading(read.value, (*faults, *cut, *read.faults), given)


def text_faults(columns: list[Cleaned], text: pl.Series) -> tuple[Fault, ...]:
    """What cleaning changed, or could not mend, in the columns behind `text`."""
    repaired = [c.repaired for c in columns if c.repaired is not None]
    broken = [c.broken for c in columns if c.broken is not None]
    return (*_repaired(repaired, text), *_broken(broken, text))


def _repaired(ways: list[pl.Series], text: pl.Series) -> tuple[Fault, ...]:
    """Where the text was repaired, and which encoding it was in, if an old one."""
    if not ways:
        return ()
    frame = pl.DataFrame([way.alias(str(n)) for n, way in enumerate(ways)])
    way = frame.select(pl.max_horizontal(pl.all())).to_series()
    rows = way.is_not_null().arg_true()
    told = shape(text.gather(rows))
    way = way.gather(rows)
    return (Fault("text_repaired", rows, told.zip_with(way == "", way + ", " + told)),)


def _broken(marks: list[pl.Series], text: pl.Series) -> tuple[Fault, ...]:
    if not marks:
        return ()
    frame = pl.DataFrame([mark.alias(str(n)) for n, mark in enumerate(marks)])
    hit = frame.select(pl.any_horizontal(pl.all())).to_series()
    return faults_at("text_broken", hit, text)


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
    if source.replace:
        for pattern, replacement in source.replace:
            text = text.str.replace_all(pattern, replacement)
        text = tidy(text, plan.null_tokens)
    if source.extract is not None:
        read = unread("extract_failed", text, text.str.extract(source.extract, 1))
        text, faults = tidy(read.value, plan.null_tokens), read.faults
    if source.split and source.part is not None:
        parts = text.str.split(source.split)
        part = parts.list.get(source.part, null_on_oob=True)
        read = unread("extract_failed", text, part)
        text, faults = tidy(part, plan.null_tokens), (*faults, *read.faults)
    if source.pad:
        text, restored = _pad(source.pad, text)
        faults = (*faults, *restored)
    return text, faults


def _pad(pads: Sequence[Pad], text: pl.Series) -> tuple[pl.Series, tuple[Fault, ...]]:
    """Digits that lost leading zeros, filled up; the first pad that fits decides."""
    padded = text
    for pad in reversed(pads):
        short = f"^[0-9]{{{pad.least},{pad.to - 1}}}$"
        hit = text.str.contains(short).fill_null(False)
        if hit.any():
            padded = text.str.zfill(pad.to).zip_with(hit, padded)
    return padded, faults_at("zeros_restored", (padded != text).fill_null(False), text)


def _read_code(plan: FieldPlan, text: pl.Series, _: pl.Series) -> Reading:
    if plan.codes is None and not plan.patterns:
        return Reading(text)
    values = folded(text)
    codes = values.replace_strict(
        list(plan.codes or ()),
        list((plan.codes or {}).values()),
        default=None,
        return_dtype=pl.String,
    )
    if plan.codes and "" in plan.codes:
        codes = codes.set(text.is_null(), plan.codes[""])
    for pattern, code in plan.patterns:
        fits = codes.is_null() & values.str.contains(pattern).fill_null(False)
        if fits.any():
            codes = codes.set(fits, code)
    read = unread("code_unknown", text, codes, is_code=True)
    # "" is a value the preset knows and has no code for.
    return Reading(codes.set((codes == "").fill_null(False), None), read.faults)


def _read_marks(plan: FieldPlan, cells: Cells, types: pl.Series) -> Reading:
    """The code of the one column that holds something; of several nobody is chosen."""
    marked = pl.DataFrame(
        [cells.text(name).is_not_null().alias(name) for name in plan.source.marks]
    )
    count = marked.select(pl.sum_horizontal(pl.all())).to_series()
    text = marked.select(
        pl.coalesce(
            pl.when(pl.col(name)).then(pl.lit(code))
            for name, code in plan.source.marks.items()
        )
    ).to_series()
    several = count > 1
    rows = several.arg_true()
    shape = count.gather(rows).cast(pl.String) + " marks"
    faults = (Fault("marks_unclear", rows, shape),) if len(rows) else ()
    columns = [cells.columns[name] for name in plan.source.marks]
    read = _READERS[plan.field.type](plan, text.set(several, None), types)
    told = text_faults(columns, text)
    return Reading(read.value, (*told, *faults, *read.faults), int((count > 0).sum()))


def _read_bool(plan: FieldPlan, text: pl.Series, types: pl.Series) -> Reading:
    read = _read_code(plan, text, types)
    return Reading(read.value == "true", read.faults)


def _read_number(plan: FieldPlan, text: pl.Series, types: pl.Series) -> Reading:
    source = plan.source
    if source.codes is not None or source.codes_match:
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
    return read_dates(text, plan.formats, plan.zone, plan.years_from)


def _read_one(plan: FieldPlan, text: pl.Series, types: pl.Series) -> Reading:
    return read_reference(text, plan.naming, _targets(plan), types)


def _read_many(plan: FieldPlan, text: pl.Series, _: pl.Series) -> Reading:
    split = plan.source.split if plan.source.part is None else None
    return read_references(text, plan.naming, _targets(plan)[0], split)


def _targets(plan: FieldPlan) -> tuple[str, ...]:
    named = plan.source.refers_to
    return (named,) if named else plan.field.refers_to


def _read_items(plan: FieldPlan, text: pl.Series, types: pl.Series) -> Reading:
    return read_items(plan, text, types, read_field)


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
