"""The levels of an answer: a row with its objects, and what may be records below."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from expectations import records
from expectations.declaring import Type
from flows.engine.discover import folding, headers
from flows.engine.discover.choosing import choose
from flows.engine.discover.evidence import Seen, seen
from flows.engine.discover.keys import is_key
from flows.engine.discover.layout import Column
from flows.engine.discover.proposal import Line, Proposal, Toml
from flows.engine.discover.proposing import Sample, propose

Object: TypeAlias = Mapping[str, object]
FEWEST_FIELDS = 3  # an object inside with fewer fields of ours is no record
SURE_KEY = 0.7
BELOW_TOP = 0.03  # between two names alike the row's own is meant


@dataclass(frozen=True, slots=True)
class Parts:
    """What one record reads, and the objects below it by path: what may be records."""

    columns: tuple[Seen, ...]
    below: dict[str, list[Object]]


def parts_of(
    objects: Sequence[Object],
    path: str,
    titles: Sequence[str],
    wanted: str | None = None,
) -> Parts:
    """The columns of a level; an object that is never a list gives dotted ones."""
    inside = _inside(objects)
    columns = [*_columns(objects, path, inside)]
    below, rows, flat = dict[str, list[Object]](), dict[str, list[Object]](), []
    for name, held in inside.items():
        whole = f"{path}.{name}" if path else name
        if any(isinstance(one.get(name), list) for one in objects):
            below[whole] = held
        else:
            rows[whole] = [_object(one.get(name)) for one in objects]
    subs = {
        whole: parts_of(held, whole, titles_of(whole)) for whole, held in rows.items()
    }
    for sub in subs.values():
        flat += [_moved_in(one) for one in sub.columns]
    choice, _ = choose(columns, titles, wanted)
    if len(choice.fits) < FEWEST_FIELDS:
        choice, _ = choose([*columns, *flat], titles, wanted)
    for whole, sub in subs.items():
        held = [one for one in rows[whole] if one]
        if _is_apart(choice.record_type, whole, held):
            below[whole] = held
        else:
            columns += [_moved_in(one) for one in sub.columns]
            below |= sub.below
    return Parts(tuple(columns), below)


def _inside(objects: Sequence[Object]) -> dict[str, list[Object]]:
    """Columns that hold objects or lists of them -> those objects."""
    found: dict[str, list[Object]] = {}
    for one in objects:
        for name, value in one.items():
            held = value if isinstance(value, list) else [value]
            dicts = [item for item in held if isinstance(item, dict)]
            if dicts and "." not in name:
                found.setdefault(name, []).extend(dicts)
    return found


def _object(value: object) -> Object:
    return value if isinstance(value, dict) else {}


def titles_of(path: str) -> tuple[str]:
    """What a path says, as a title of what stands there."""
    return (path.replace(".", " "),)


def _moved_in(one: Seen) -> Seen:
    """A column of an object as one of the row that the object stands in."""
    if one.is_inside:
        return one
    named = tuple(
        replace(n, confidence=round(n.confidence - BELOW_TOP, 3)) for n in one.named
    )
    return replace(one, named=named, is_inside=True)


def _is_apart(record_type: str, path: str, held: Sequence[Object]) -> bool:
    """True for objects that are items or records of another type, with a key of their
    own: a dossier's complaint, not its sender."""
    if items_line(record_type, path.rpartition(".")[2], held, path) is not None:
        return True
    columns = parts_of(held, path, titles_of(path)).columns
    keys = {one.name for one in columns if is_key(one) and not one.is_inside}
    if not keys:
        return False
    more = propose(Sample(columns, titles_of(path), {}, {}))
    is_sure = more.key.confidence >= SURE_KEY and bool(keys & {*more.key.columns})
    return is_sure and more.record_type != record_type and is_record(more)


def is_record(more: Proposal) -> bool:
    """True when enough of a type was found, the date that chooses its law too."""
    event = records.BY_NAME[more.record_type].event_date
    has_event = event is None or event in more.fields
    return has_event and len(more.fields) >= FEWEST_FIELDS


def _columns(
    objects: Sequence[Object], path: str, without: Mapping[str, object]
) -> Iterator[Seen]:
    names = dict.fromkeys(name for one in objects for name in one)
    for name in names:
        if name in without:
            continue
        cells = [_text(one.get(name)) for one in objects]
        found = seen(Column(name, cells, heading=name, lower=name))
        if path:
            label = f"{path}.{name}"
            said = headers.named_inside(path.rpartition(".")[2], name)
            column = replace(found.column, name=label)
            found = replace(found, column=column, named=said)
        yield found


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return "; ".join(value)
    return json.dumps(value, ensure_ascii=False)


def items_line(
    record_type: str, name: str, held: Sequence[Object], path: str
) -> tuple[str, Line] | None:
    """The field whose items a list of objects holds, and its entry."""
    keys = {folding.plain(k): k for one in held for k in one}
    for field in records.BY_NAME[record_type].fields:
        targets = {n.target for n in headers.named(name)}
        if field.type is not Type.ITEMS or f"{record_type}.{field.name}" not in targets:
            continue
        items: dict[str, Toml] = {}
        for item in field.items:
            for said in (item.name, item.term):
                if folding.plain(said) in keys:
                    items.setdefault(item.name, keys[folding.plain(said)])
        if items:
            return field.name, Line({"column": path, "items": items}, "a list of items")
    return None
