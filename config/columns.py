"""Which columns a stream reads, and the names inside columns that hold lists."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.field_map import FieldMap
    from config.preset import RecordMap, StreamBase


def is_inside(name: str, nested: Sequence[str]) -> bool:
    """Whether the name reaches into one of the nested columns, by a dotted path."""
    head, dot, _ = name.partition(".")
    return bool(dot) and head in nested


def heads(stream: "StreamBase") -> tuple[str, ...]:
    """What a dotted path may begin with: nested columns, and lists of pieces."""
    return (*stream.nested, *(pieces.name for pieces in stream.lists))


def used_columns(stream: "StreamBase") -> list[str]:
    """Each column that the stream reads, once, in order; a nested one as a whole."""
    begins, lists = heads(stream), {pieces.name for pieces in stream.lists}
    columns = [
        name.partition(".")[0] if is_inside(name, begins) else name
        for name in used_names(stream)
    ]
    columns = [name for name in columns if name not in lists]
    columns += [column for pieces in stream.lists for column in pieces.columns]
    columns += [column for check in stream.checks for column in check.columns]
    return list(dict.fromkeys([*columns, *stream.version, *stream.nested]))


def used_names(stream: "StreamBase") -> list[str]:
    """Each name that filters, keys, cursors, fields or `each` use, once, in order."""
    names = [name for f in stream.row_filters for name in f.when.columns]
    for mapping in stream.records:
        names += [*names_of(mapping, stream), *([mapping.each] if mapping.each else [])]
    return list(dict.fromkeys(names))


def names_of(mapping: "RecordMap", stream: "StreamBase") -> list[str]:
    """Each name that one record mapping reads, once, in order."""
    names = [*mapping.when.columns] if mapping.when else []
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
    if field_map.marks:
        return tuple(field_map.marks)
    return (field_map.column,) if field_map.column else field_map.columns
