"""Which columns a stream reads, and the names inside columns that hold JSON."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.field_map import FieldMap
    from config.preset import RecordMap, StreamBase


def is_inside(name: str, nested: Sequence[str]) -> bool:
    """Whether the name reaches into one of the nested columns, by a dotted path."""
    head, dot, _ = name.partition(".")
    return bool(dot) and head in nested


def used_columns(stream: "StreamBase") -> list[str]:
    """Each column that the stream reads, once, in order; a nested one as a whole."""
    names = used_names(stream)
    columns = [
        name.partition(".")[0] if is_inside(name, stream.nested) else name
        for name in names
    ]
    return list(dict.fromkeys([*columns, *stream.nested]))


def used_names(stream: "StreamBase") -> list[str]:
    """Each name that filters, keys, cursors, fields or `each` use, once, in order."""
    names = [f.when.column for f in stream.filters]
    for mapping in stream.records:
        names += [*names_of(mapping, stream), *([mapping.each] if mapping.each else [])]
    return list(dict.fromkeys(names))


def names_of(mapping: "RecordMap", stream: "StreamBase") -> list[str]:
    """Each name that one record mapping reads, once, in order."""
    names = [mapping.when.column] if mapping.when else []
    names += [*mapping.key, *mapped_columns(mapping)]
    names += [mapping.cursor or stream.cursor or ""]
    return [name for name in dict.fromkeys(names) if name]


def mapped_columns(mapping: "RecordMap") -> list[str]:
    """The columns the fields of a mapping are read from."""
    return [
        column
        for field_map in mapping.fields.values()
        for column in origin_columns(field_map)
    ]


def origin_columns(field_map: "FieldMap") -> tuple[str, ...]:
    """The columns that one field is read from; none of a constant."""
    if field_map.pivot is not None:
        return field_map.pivot.columns
    return (field_map.column,) if field_map.column else field_map.columns
