"""Faults of a stream: columns and names that contradict each other."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from config.columns import is_inside, used_columns, used_names

if TYPE_CHECKING:
    from config.preset import StreamBase


def stream_faults(stream: "StreamBase") -> Iterator[str]:
    """What is wrong with one stream, each with its name."""
    for fault in (*_column_faults(stream), *_nested_faults(stream)):
        yield f"{stream.name}: {fault}"


def _column_faults(stream: "StreamBase") -> Iterator[str]:
    used = {*used_columns(stream), *used_names(stream)}
    if both := sorted(used & set(stream.ignored)):
        yield f"both used and ignored: {both}"
    if idle := sorted({*stream.optional, *stream.fill_down} - used):
        yield f"optional or fill_down, but used nowhere: {idle}"


def _nested_faults(stream: "StreamBase") -> Iterator[str]:
    names = used_names(stream)
    inside = [name for name in names if is_inside(name, stream.nested)]
    for column in stream.nested:
        eaches = (mapping.each for mapping in stream.records)
        if "." in column:
            yield f"nested names a column, not a path inside one: {column}"
        elif not any(n.startswith(f"{column}.") for n in inside) and (
            column not in eaches
        ):
            yield f"nested, but no name reaches into it: {column}"
    for name in [*inside, *(m.each for m in stream.records if m.each)]:
        if not all(name.split(".")):
            yield f"a part of the path is empty: {name}"
    for mapping in stream.records:
        if mapping.each and mapping.each.partition(".")[0] not in stream.nested:
            yield f'each = "{mapping.each}" starts at no nested column'
    for column in [*(f.when.column for f in stream.filters), *stream.fill_down]:
        if is_inside(column, stream.nested):
            yield f"filters and fill_down see whole columns only: {column}"
    if merged := sorted(set(stream.fill_down) & set(stream.nested)):
        yield f"a nested column cannot be filled down: {merged}"
    for cut in stream.ignored:
        if lost := [n for n in inside if n.startswith(f"{cut}.")]:
            yield f"{cut} is ignored, but used are {lost}"


def null_token_faults(
    streams: Iterable["StreamBase"], tokens: set[str]
) -> Iterator[str]:
    """Conditions that can never hold, since a null token is read as blank."""
    for stream in streams:
        whens = [f.when for f in stream.filters]
        whens += [m.when for m in stream.records if m.when]
        for when in whens:
            if tokens & {*when.equals, *when.not_equals}:
                yield f"{stream.name}: {when.column}: a null token is blank: is_blank"
