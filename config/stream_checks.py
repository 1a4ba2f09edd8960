"""Faults of a stream: columns and names that contradict each other."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from config.columns import heads, is_inside, names_of, used_columns, used_names

if TYPE_CHECKING:
    from config.preset import StreamBase


def stream_faults(stream: "StreamBase") -> Iterator[str]:
    """What is wrong with one stream, each with its name."""
    for fault in (
        *_column_faults(stream),
        *_nested_faults(stream),
        *_list_faults(stream),
    ):
        yield f"{stream.name}: {fault}"


def _column_faults(stream: "StreamBase") -> Iterator[str]:
    used = {*used_columns(stream), *used_names(stream)}
    if both := sorted(used & set(stream.ignored)):
        yield f"both used and ignored: {both}"
    if idle := sorted({*stream.optional, *stream.fill_down} - used):
        yield f"optional or fill_down, but used nowhere: {idle}"
    for section in stream.sections:
        if section.name not in used:
            yield f"section {section.name} is used nowhere"
        if section.column in stream.fill_down:
            yield f"section {section.name}: its column cannot be filled down"


def _nested_faults(stream: "StreamBase") -> Iterator[str]:
    names, begins = used_names(stream), heads(stream)
    inside = [name for name in names if is_inside(name, begins)]
    for head in begins:
        eaches = (mapping.each for mapping in stream.records)
        if "." in head:
            yield f"nested names a column, not a path inside one: {head}"
        elif not any(n.startswith(f"{head}.") for n in inside) and head not in eaches:
            yield f"nested, but no name reaches into it: {head}"
    for name in [*inside, *(m.each for m in stream.records if m.each)]:
        if not all(name.split(".")):
            yield f"a part of the path is empty: {name}"
    for mapping in stream.records:
        if mapping.each and mapping.each.partition(".")[0] not in begins:
            yield f'each = "{mapping.each}" starts at no nested column and at no list'
    for column in _whole_only(stream):
        if is_inside(column, begins):
            yield (
                f"filters, checks, lists and fill_down see whole columns only: {column}"
            )
    if merged := sorted(set(stream.fill_down) & set(stream.nested)):
        yield f"a nested column cannot be filled down: {merged}"
    for cut in stream.ignored:
        if lost := [n for n in inside if n.startswith(f"{cut}.")]:
            yield f"{cut} is ignored, but used are {lost}"


def _whole_only(stream: "StreamBase") -> list[str]:
    """The columns named where no path may stand."""
    lists = [*(x.columns for x in stream.lists), *(c.columns for c in stream.checks)]
    columns = [name for f in stream.row_filters for name in f.when.columns]
    return [*columns, *stream.fill_down, *(name for some in lists for name in some)]


def _list_faults(stream: "StreamBase") -> Iterator[str]:
    names = [*heads(stream), *(check.name for check in stream.checks)]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        yield f"two lists or checks share one name: {twice}"
    for pieces in stream.lists:
        known = {"number", *pieces.columns}
        for name in used_names(stream):
            head, _, rest = name.partition(".")
            if head == pieces.name and rest and rest not in known:
                yield f"list {head} has no {rest} (it has: {', '.join(sorted(known))})"
            if name == pieces.name and not _is_each(stream, name):
                yield f"list {head} is no column: name one of its pieces, {head}.number"
        for mapping in stream.records:
            each = (mapping.each or "").partition(".")[0]
            reads = [
                n for n in names_of(mapping, stream) if is_inside(n, [pieces.name])
            ]
            if reads and each != pieces.name:
                yield f'{reads} need each = "{pieces.name}"'
        if both := sorted(set(pieces.columns) & {"number", *stream.nested}):
            yield f"list {pieces.name} cannot hold {both}"
        if dotted := [column for column in pieces.columns if "." in column]:
            yield f"list {pieces.name}: a dot in a header would be a path: {dotted}"


def _is_each(stream: "StreamBase", name: str) -> bool:
    read = (n for m in stream.records for n in names_of(m, stream))
    filtered = (n for f in stream.row_filters for n in f.when.columns)
    return name not in {*read, *filtered}


def null_token_faults(
    streams: Iterable["StreamBase"], tokens: set[str]
) -> Iterator[str]:
    """Conditions that can never hold, since a null token is read as blank."""
    for stream in streams:
        whens = [f.when for f in stream.row_filters]
        whens += [m.when for m in stream.records if m.when]
        whens += [c.when for c in stream.checks if c.when]
        for when in whens:
            if tokens & {*when.texts}:
                yield f"{stream.name}: {when.column}: a null token is blank: is_blank"
