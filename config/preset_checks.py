"""Faults of a preset that one table alone cannot show: fields against declarations."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from expectations import records
from expectations.records import Type

if TYPE_CHECKING:
    from config.field_map import FieldMap, Pivot
    from config.preset import RecordMap

Named = Mapping[str, Mapping[str, str]]

NUMBERS = (Type.INT, Type.AMOUNT_VND)
REFERENCES = (Type.REFERENCE, Type.REFERENCES)
MAX_SCALE = 1_000_000_000  # triệu and tỷ đồng; more would leave the range of a sum
A_DAY = date(2023, 12, 31)
A_TIME = datetime(2023, 12, 31, 17, 45, tzinfo=UTC)
BOOLS = ("true", "false")


def regex_groups(pattern: str) -> int:
    """How many groups the pattern has; ValueError when it is no regular expression.

    Asked of Polars, whose dialect (no look-around) is the one that will run.
    """
    try:
        pl.Series([""]).str.contains(pattern)
        probe = pl.select(pl.lit("").str.extract_groups(pattern).alias("groups"))
    except pl.exceptions.ComputeError:
        raise ValueError(f"not a regular expression: {pattern}") from None
    dtype = probe.schema["groups"]
    return len(dtype.fields) if isinstance(dtype, pl.Struct) else 0


def format_faults(formats: Iterable[str], sample: date) -> Iterator[str]:
    """Formats that do not give the sample back, such as one without a year."""
    reader = "to_datetime" if isinstance(sample, datetime) else "to_date"
    for form in formats:
        try:
            text = pl.Series([sample]).dt.to_string(form)
            read = getattr(text.str, reader)(form, strict=False)[0]
        except pl.exceptions.PolarsError:
            read = None
        if not str(read).startswith(str(A_DAY)):
            yield f"not a strptime format that can be read back: {form}"


def folded(text: pl.Series) -> pl.Series:
    """Clean code texts as they are compared: lower case, single blanks inside."""
    if text.str.contains(r"\s\s|[^\S ]").any():
        text = text.str.replace_all(r"\s+", " ")
    return text.str.to_lowercase()


def folded_codes(codes: Mapping[str, str]) -> dict[str, str]:
    """The map with folded source values; ValueError when two of them collide."""
    return dict(_folded_codes(tuple(codes.items())))


@lru_cache(maxsize=4096)
def _folded_codes(codes: tuple[tuple[str, str], ...]) -> dict[str, str]:
    table: dict[str, str] = {}
    sources = pl.Series([source for source, _ in codes], dtype=pl.String)
    values = folded(sources.str.normalize("NFC").str.strip_chars())
    for value, (_, code) in zip(values.to_list(), codes, strict=True):
        if table.setdefault(value, code) != code:
            raise ValueError(f'codes: "{value}" stands for two codes')
    return table


def record_faults(mapping: "RecordMap", named: Named) -> Iterator[str]:
    """What is wrong with one record mapping, each with its place."""
    for name, field_map in mapping.fields.items():
        field = records.BY_NAME[mapping.type].field(name)
        for fault in field_faults(field, field_map, named):
            yield f"{mapping.type}.{name}: {fault}"
        many = len(field.refers_to) > 1 and field_map.refers_to is None
        if many and "case_type" not in mapping.fields:
            yield f"{mapping.type}.{name}: give refers_to, or map case_type"


def field_faults(
    field: records.Field, field_map: "FieldMap", named: Named
) -> Iterator[str]:
    """What a field's declaration does not allow its map to say."""
    yield from _misplaced(field, field_map)
    if isinstance(field_map.codes, str) and field_map.codes not in named:
        yield f"there is no [codes.{field_map.codes}] (known: {', '.join(named)})"
        return
    codes = codes_of(field_map, named)
    if codes is not None:
        yield from _caught(lambda: folded_codes(codes))
        allowed = BOOLS if field.type is Type.BOOL else field.codes
        strange = sorted({c for c in codes.values() if c} - set(allowed))
        if allowed and strange:
            yield f"codes give {strange}, which are not of this field ({allowed})"
    elif field.codes and (field_map.constant or field.codes[0]) not in field.codes:
        yield f"constant is not of this field's codes {field.codes}"
    subfields = {f.name: f for f in field.items}
    for name, item in field_map.items.items():
        if name not in subfields:
            yield f"has no item field {name}"
            continue
        for fault in field_faults(subfields[name], item, named):
            yield f"items.{name}: {fault}"


def codes_of(field_map: "FieldMap", named: Named) -> Mapping[str, str] | None:
    """The code map that applies to a field, if the preset gives one."""
    if isinstance(field_map.codes, str):
        return named[field_map.codes]
    return field_map.codes


def _misplaced(field: records.Field, field_map: "FieldMap") -> Iterator[str]:
    kind = field.type
    allowed = {
        "formats": kind is Type.DATE,
        "scale": kind in NUMBERS,
        "decimal": kind in NUMBERS,
        "items": kind is Type.ITEMS,
        "pivot": kind is Type.ITEMS,
        "refers_to": kind in REFERENCES,
    }
    for key, fits in allowed.items():
        if getattr(field_map, key) and not fits:
            yield f"{key} does not fit a field of type {kind}"
    if kind is Type.ITEMS and bool(field_map.items) == bool(field_map.pivot):
        yield "give items = {our item field = source key}, or pivot, not both"
    if field_map.pivot is not None and kind is Type.ITEMS:
        yield from _pivot_faults(field, field_map.pivot)
    if field_map.refers_to and field_map.refers_to not in field.refers_to:
        yield f"refers_to must be one of {field.refers_to}"
    if field_map.split and field_map.part is None and kind is not Type.REFERENCES:
        yield "split without part fits references only"


def _pivot_faults(field: records.Field, pivot: "Pivot") -> Iterator[str]:
    names = [item.name for item in field.items]
    for said, name in (("key", pivot.key), ("value", pivot.value)):
        if name not in names:
            yield f"pivot.{said} must be one of {names}"
    if pivot.key == pivot.value:
        yield "pivot.key and pivot.value must differ"
    for item in field.items:
        if item.name == pivot.key and item.type is not Type.TEXT:
            yield f"pivot.key takes a column's name, which {item.name} cannot hold"
    if len(set(pivot.columns)) < len(pivot.columns):
        yield "pivot.columns names a column twice"


def pattern_faults(field_map: "FieldMap") -> Iterator[str]:
    """What is wrong with a field map whatever its field is."""
    if field_map.extract is not None:
        pattern = field_map.extract
        groups = list(_caught(lambda: regex_groups(pattern)))
        yield from groups
        if not groups and regex_groups(pattern) < 1:
            yield "extract needs a group: put brackets round the part to keep"
    yield from format_faults(field_map.formats, A_DAY)
    if field_map.part is not None and (not field_map.split or field_map.part < 0):
        yield "part counts from 0 and needs split"
    if field_map.constant is not None and not field_map.constant.strip():
        yield "constant is blank; a field without a source is not_provided"
    shaping = (field_map.extract, field_map.split, field_map.codes)
    if field_map.pivot is not None and any(shaping):
        yield "pivot takes each column as it is: no extract, split or codes"
    if field_map.join is not None and not field_map.columns:
        yield "join needs columns"
    if field_map.scale is not None and not 1 <= field_map.scale <= MAX_SCALE:
        yield f"scale must lie between 1 and {MAX_SCALE}"


def _caught(check: Callable[[], object]) -> Iterator[str]:
    try:
        check()
    except ValueError as error:
        yield str(error)
