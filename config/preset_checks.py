"""Faults of a preset that one table alone cannot show: fields against declarations."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import polars as pl

from config.columns import heads, is_inside, origin_columns
from config.folding import folded_codes, folded_pattern
from config.formats import date_faults
from expectations import records
from expectations.records import Type

if TYPE_CHECKING:
    from config.field_map import FieldMap, Pair, Pivot
    from config.preset import RecordMap, StreamBase

Named = Mapping[str, Mapping[str, str]]
Patterns = Mapping[str, "tuple[Pair, ...]"]

NUMBERS = (Type.INT, Type.AMOUNT_VND)
REFERENCES = (Type.REFERENCE, Type.REFERENCES)
MAX_SCALE = 1_000_000_000  # triệu and tỷ đồng; more would leave the range of a sum
TEXTS = (Type.TEXT, Type.CODE, Type.REFERENCE)
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


def record_faults(
    mapping: "RecordMap", named: Named, patterns: Patterns
) -> Iterator[str]:
    """What is wrong with one record mapping, each with its place."""
    for name, field_map in mapping.fields.items():
        field = records.BY_NAME[mapping.type].field(name)
        for fault in field_faults(field, field_map, named, patterns):
            yield f"{mapping.type}.{name}: {fault}"
        many = len(field.refers_to) > 1 and field_map.refers_to is None
        if many and "case_type" not in mapping.fields:
            yield f"{mapping.type}.{name}: give refers_to, or map case_type"


def field_faults(
    field: records.Field, field_map: "FieldMap", named: Named, patterns: Patterns
) -> Iterator[str]:
    """What a field's declaration does not allow its map to say."""
    yield from _misplaced(field, field_map)
    unknown = list(_unknown_names(field_map, named, patterns))
    yield from unknown
    if unknown:
        return
    codes, matched = codes_of(field_map, named), patterns_of(field_map, patterns)
    if codes is not None:
        yield from _caught(lambda: folded_codes(codes))
    if codes is not None or matched or field_map.marks:
        given = {*(codes or field_map.marks).values(), *(code for _, code in matched)}
        allowed = BOOLS if field.type is Type.BOOL else field.codes
        strange = sorted({c for c in given if c} - set(allowed))
        if allowed and strange:
            yield f"codes give {strange}, which are not of this field ({allowed})"
    elif field.codes and (field_map.constant or field.codes[0]) not in field.codes:
        yield f"constant is not of this field's codes {field.codes}"
    subfields = {f.name: f for f in field.items}
    for name, item in field_map.items.items():
        if name not in subfields:
            yield f"has no item field {name}"
            continue
        for fault in field_faults(subfields[name], item, named, patterns):
            yield f"items.{name}: {fault}"


def _unknown_names(
    field_map: "FieldMap", named: Named, patterns: Patterns
) -> Iterator[str]:
    codes, matched = field_map.codes, field_map.codes_match
    if isinstance(codes, str) and codes not in named:
        yield f"there is no [codes.{codes}] (known: {', '.join(named)})"
    if isinstance(matched, str) and matched not in patterns:
        yield f"[codes_match] has no {matched} (known: {', '.join(patterns)})"


def blank_faults(stream: "StreamBase", named: Named) -> Iterator[str]:
    """Blank cells that are given a code, though the column itself may be absent."""
    for mapping in stream.records:
        for name, field_map in mapping.fields.items():
            codes = codes_of(field_map, named) or {}
            columns = origin_columns(field_map)
            loose = [
                c
                for c in columns
                if c in stream.optional or is_inside(c, heads(stream))
            ]
            if "" in codes and loose:
                yield (
                    f"{stream.name}: {mapping.type}.{name}: codes say what a blank "
                    f"cell means, but {loose} may be absent"
                )


def codes_of(field_map: "FieldMap", named: Named) -> Mapping[str, str] | None:
    """The code map that applies to a field, if the preset gives one."""
    if isinstance(field_map.codes, str):
        return named[field_map.codes]
    return field_map.codes


def patterns_of(field_map: "FieldMap", named: Patterns) -> tuple["Pair", ...]:
    """The patterns of codes that apply to a field; none where the preset gives none."""
    if isinstance(field_map.codes_match, str):
        return named[field_map.codes_match]
    return field_map.codes_match


def _misplaced(field: records.Field, field_map: "FieldMap") -> Iterator[str]:
    kind = field.type
    allowed = {
        "formats": kind is Type.DATE,
        "scale": kind in NUMBERS,
        "decimal": kind in NUMBERS,
        "items": kind is Type.ITEMS,
        "pivot": kind is Type.ITEMS,
        "refers_to": kind in REFERENCES,
        "pad": kind in TEXTS,
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
    for pattern, replacement in field_map.replace:
        yield from template_faults(pattern, replacement)
    if not isinstance(field_map.codes_match, str):
        yield from code_pattern_faults(field_map.codes_match)
    yield from date_faults(field_map.formats, partial=True)
    if field_map.part is not None and (not field_map.split or field_map.part < 0):
        yield "part counts from 0 and needs split"
    if field_map.constant is not None and not field_map.constant.strip():
        yield "constant is blank; a field without a source is not_provided"
    shaping = ("replace", "extract", "split", "pad", "codes", "codes_match")
    shaped = [name for name in shaping if getattr(field_map, name)]
    if field_map.marks and shaped:
        yield f"marks are codes already: no {', '.join(shaped)}"
    if field_map.marks and not all(field_map.marks.values()):
        yield "marks gives a column no code; leave that column out and ignore it"
    if field_map.pivot is not None and shaped:
        yield f"pivot takes each column as it is: no {', '.join(shaped)}"
    if field_map.join is not None and not field_map.columns:
        yield "join needs columns"
    if field_map.scale is not None and not 1 <= field_map.scale <= MAX_SCALE:
        yield f"scale must lie between 1 and {MAX_SCALE}"


def code_pattern_faults(patterns: Iterable["Pair"]) -> Iterator[str]:
    """Patterns of codes that are no regular expressions."""
    for pattern, _ in patterns:
        yield from _caught(lambda p=pattern: regex_groups(folded_pattern(p)))  # type: ignore[misc]


_TEMPLATE = re.compile(r"\$(?:(\$)|\{([^}]*)\}|([0-9A-Za-z_]+)|)")


def template_faults(pattern: str, replace: str) -> Iterator[str]:
    """What is wrong with a pattern, and references of its replacement to groups that
    it does not have."""
    wrong = list(_caught(lambda: regex_groups(pattern)))
    yield from wrong
    if wrong:
        return
    groups = regex_groups(pattern)
    named = set(re.findall(r"\(\?P?<(\w+)>", pattern))
    for escaped, braced, bare in _TEMPLATE.findall(replace):
        name = braced or bare
        if escaped or name in named:
            continue
        if not name.isdigit() or int(name) > groups:
            yield (
                f"replace refers to group ${name}, but pattern has {groups}; write "
                "$1, or ${1} before a letter or digit, and $$ for the sign itself"
            )


def _caught(check: Callable[[], object]) -> Iterator[str]:
    try:
        check()
    except ValueError as error:
        yield str(error)
