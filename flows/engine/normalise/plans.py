"""What a field's map means in its preset: codes, formats, its nested items."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from config.preset import FieldMap, Preset
from config.preset_checks import codes_of, folded_codes
from expectations.records import Field, Type
from flows.engine.normalise.keys import Naming

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
    subfields = {**source.items, **_pivoted(source)}
    items = tuple(
        plan_field(sub, subfields[sub.name], preset, naming, null_tokens)
        for sub in field.items
        if sub.name in subfields
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


def _pivoted(source: FieldMap) -> dict[str, FieldMap]:
    """The two item fields of a pivot, each out of a column of its own name."""
    if source.pivot is None:
        return {}
    names = (source.pivot.key, source.pivot.value)
    return {name: FieldMap(column=name) for name in names}
