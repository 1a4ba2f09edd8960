"""An API's answer into a proposal: the list in it, its objects, how it pages."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias, TypedDict

from connectors.errors import SourceError
from expectations import records
from expectations.declaring import Type
from flows.engine.discover import folding, headers
from flows.engine.discover.evidence import Seen, seen
from flows.engine.discover.layout import Column
from flows.engine.discover.proposal import Codes, ColumnLine, Line, Proposal, Toml
from flows.engine.discover.proposing import Sample, propose

Object: TypeAlias = Mapping[str, object]


class Apart(TypedDict):
    """Parts of a proposal under other names."""

    codes: dict[str, Codes]
    fields: dict[str, Line]


FEWEST_FIELDS = 3  # an object inside with fewer fields of ours is no record
TOTALS = (
    "total",
    "totalCount",
    "total_count",
    "totalRecords",
    "totalElements",
    "count",
)
NEXTS = ("nextCursor", "next_cursor", "cursor", "nextPageToken", "next")
SINCE = "updatedSince"


def propose_answer(
    file_name: str, document: object, product: str, wanted: str | None
) -> Proposal:
    """The REST preset that an answer suggests; raises SourceError."""
    path, objects = _objects(document)
    if not objects:
        raise SourceError(
            f"{file_name} is JSON without a list of objects; save an answer that holds "
            "some records"
        )
    inside = _inside(objects)
    stream = _stream(path, document)
    proposal = propose(
        Sample(
            tuple(_columns(objects, "", inside)),
            (file_name,),
            {
                "product": Line(product, "the name of this file, without .toml"),
                "title": Line(product),
                "kind": Line("rest"),
            },
            stream,
            notes=(
                "path, auth and the paging's parameters are guesses: ask the maker",
            ),
        ),
        wanted,
    )
    return _with_inside(proposal, inside)


def _objects(document: object, path: str = "") -> tuple[str, list[Object]]:
    """The longest list of objects in the answer, and its dotted path."""
    if isinstance(document, list):
        return path, [item for item in document if isinstance(item, dict)]
    best: tuple[str, list[Object]] = (path, [])
    if isinstance(document, dict) and path.count(".") < 3:
        for name, value in document.items():
            if isinstance(value, list | dict):
                found = _objects(value, f"{path}.{name}" if path else str(name))
                best = max(best, found, key=lambda f: len(f[1]))
    return best


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


def _columns(
    objects: Sequence[Object], prefix: str, without: Mapping[str, object]
) -> Iterator[Seen]:
    names = dict.fromkeys(name for one in objects for name in one)
    for name in names:
        if name in without:
            continue
        cells = [_text(one.get(name)) for one in objects]
        label = f"{prefix}{name}"
        found = seen(Column(name, cells, heading=name, lower=name))
        yield replace(found, column=replace(found.column, name=label))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return "; ".join(value)
    return json.dumps(value, ensure_ascii=False)


def _stream(path: str, document: object) -> dict[str, Line]:
    stream = {
        "name": Line("danh_sach"),
        "path": Line("/api/danh-sach", "? the list's path below the API's address"),
        "items": Line(path, "where the list stands in the answer"),
    }
    top = document if isinstance(document, dict) else {}
    for name in TOTALS:
        if isinstance(top.get(name), int):
            stream["total"] = Line(name, "how many there are in all")
            break
    for name in NEXTS:
        if name in top and not isinstance(top[name], list):
            stream["paging"] = Line("cursor", "? the answer names what comes next")
            stream["next"] = Line(name)
            break
    return stream


def _with_inside(proposal: Proposal, inside: Mapping[str, list[Object]]) -> Proposal:
    """The proposal with a record mapping for each kind of object inside the rows."""
    for name, held in inside.items():
        found = items_line(proposal.record_type, name, held, name)
        if found is not None:
            proposal = _with_items(proposal, name, *found)
        else:
            proposal = _with_records(proposal, name, held)
    eaches = [str(part.record["each"].value) for part in proposal.more]
    nested: list[Toml] = [*dict.fromkeys(each.partition(".")[0] for each in eaches)]
    if not nested:
        return proposal
    line = Line(nested, "objects and lists inside a row")
    return replace(proposal, stream=proposal.stream | {"nested": line})


def _with_records(proposal: Proposal, path: str, held: Sequence[Object]) -> Proposal:
    """The proposal with the records that stand at a path, and below it."""
    deeper = _inside(held)
    columns = tuple(_columns(held, f"{path}.", deeper))
    record = {"each": Line(path)}
    sample = Sample(columns, (path.replace(".", " "),), {}, {}, record=record)
    more = propose(sample) if columns else None
    if more is None or len(more.fields) < FEWEST_FIELDS:
        why = "undecided, ignored for now: objects inside the row"
        return _ignoring(proposal, path, why)
    more = replace(more, **_apart(more, path.replace(".", "_")))
    below: dict[str, list[Object]] = {}
    for name, things in deeper.items():
        found = items_line(more.record_type, name, things, f"{path}.{name}")
        if found is None:
            below[f"{path}.{name}"] = things
        else:
            more = _with_items(more, f"{path}.{name}", *found)
    proposal = _joined(proposal, more)
    for name, things in below.items():
        proposal = _with_records(proposal, name, things)
    return proposal


def _with_items(proposal: Proposal, column: str, field: str, line: Line) -> Proposal:
    told = ColumnLine(column, field, 0.9, "a list of items")
    return replace(
        proposal,
        fields=proposal.fields | {field: line},
        columns=[*proposal.columns, told],
        not_provided=[pair for pair in proposal.not_provided if pair[0] != field],
    )


def _ignoring(proposal: Proposal, name: str, why: str) -> Proposal:
    held = proposal.stream.get("ignored", Line([])).value
    names: list[Toml] = [*held, name] if isinstance(held, list) else [name]
    line = Line(names, "read by nobody; see the notes below")
    return replace(
        proposal,
        stream=proposal.stream | {"ignored": line},
        columns=[*proposal.columns, ColumnLine(name, "?", 0.0, why)],
    )


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


def _apart(more: Proposal, path: str) -> Apart:
    """Code maps under names of their own: one list may mean another thing here."""
    renamed = {name: f"{path}_{name}" for name in more.codes}

    def named(line: Line) -> Line:
        value = line.value
        if isinstance(value, dict) and value.get("codes") in renamed:
            return Line(value | {"codes": renamed[str(value["codes"])]}, line.comment)
        return line

    return {
        "codes": {renamed[name]: codes for name, codes in more.codes.items()},
        "fields": {name: named(line) for name, line in more.fields.items()},
    }


def _joined(proposal: Proposal, more: Proposal) -> Proposal:
    stream = dict(proposal.stream)
    ignored = more.stream.get("ignored")
    if ignored is not None and isinstance(ignored.value, list):
        held = stream.get("ignored", Line([])).value
        names: list[Toml] = [*(held if isinstance(held, list) else []), *ignored.value]
        stream["ignored"] = Line(names, ignored.comment)
    cursor = more.stream.get("cursor")
    record = more.record | ({"cursor": cursor} if cursor else {})
    return replace(
        proposal,
        stream=stream,
        codes=proposal.codes | more.codes,
        columns=[*proposal.columns, *more.columns],
        more=[*proposal.more, replace(more, record=record)],
        notes=[*proposal.notes, *more.notes],
    )
