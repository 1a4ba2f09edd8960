"""What a field's map means in its preset: codes, formats, its nested items."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from config.folding import folded_codes, folded_pattern
from config.preset import FieldMap, Preset
from config.preset_checks import codes_of, patterns_of
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
    # (pattern, code) for values that `codes` does not hold, in order
    patterns: tuple[tuple[str, str], ...]
    formats: tuple[str, ...]
    years_from: int | None  # the first of the hundred years that %y may mean
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
        _patterns(source, preset),
        source.formats or preset.date_formats,
        preset.two_digit_years_from,
        preset.timezone,
        naming,
        null_tokens,
        items,
    )


def _codes(field: Field, source: FieldMap, preset: Preset) -> dict[str, str] | None:
    given = codes_of(source, preset.codes)
    if given is not None:
        return folded_codes(given)
    if source.codes_match:
        return None
    if field.type is Type.BOOL:
        return _BOOLS
    return folded_codes({c: c for c in field.codes}) or None


def _patterns(source: FieldMap, preset: Preset) -> tuple[tuple[str, str], ...]:
    given = patterns_of(source, preset.codes_match)
    return tuple((folded_pattern(pattern), code) for pattern, code in given)


def _pivoted(source: FieldMap) -> dict[str, FieldMap]:
    """The two item fields of a pivot, each out of a column of its own name."""
    if source.pivot is None:
        return {}
    names = (source.pivot.key, source.pivot.value)
    return {name: FieldMap(column=name) for name in names}
