"""An API's answer into a proposal: the list in it, its objects, how it pages."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypedDict

from connectors.errors import SourceError
from flows.engine.discover.levels import (
    FEWEST_FIELDS,
    Object,
    is_record,
    items_line,
    parts_of,
    titles_of,
)
from flows.engine.discover.proposal import Codes, ColumnLine, Line, Proposal, Toml
from flows.engine.discover.proposing import Sample, propose


class Apart(TypedDict):
    """Parts of a proposal under other names."""

    codes: dict[str, Codes]
    fields: dict[str, Line]


UNDECIDED = "undecided, ignored for now: objects inside the row"
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
    parts = parts_of(objects, "", (file_name,), wanted)
    stream = _stream(path, document)
    proposal = propose(
        Sample(
            parts.columns,
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
    return _with_nested(_with_below(proposal, proposal.record_type, parts.below))


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


def _with_below(
    proposal: Proposal, record_type: str, below: Mapping[str, list[Object]]
) -> Proposal:
    """The proposal with what stands below a record of that type: items of its fields,
    and a record mapping for each kind of object."""
    for path, held in below.items():
        found = items_line(record_type, path.rpartition(".")[2], held, path)
        if found is not None:
            proposal = _with_items(proposal, path, *found)
        else:
            proposal = _with_records(proposal, record_type, path, held)
    return proposal


def _with_nested(proposal: Proposal) -> Proposal:
    """The proposal with the columns that hold objects; one of which nothing is read is
    ignored as a whole."""
    ignored = _ignored(proposal)
    lines = [one.column for one in proposal.columns if one.column not in ignored]
    lines += [str(part.record["each"].value) + "." for part in proposal.more]
    heads = [name.partition(".")[0] for name in lines if "." in name]
    dotted = [one.column for one in proposal.columns if "." in one.column]
    tops = {name.partition(".")[0] for name in dotted} - {*heads}
    columns = [c for c in proposal.columns if c.column.partition(".")[0] not in tops]
    columns += [ColumnLine(top, "?", 0.0, UNDECIDED) for top in sorted(tops)]
    kept = [n.partition(".")[0] if n.partition(".")[0] in tops else n for n in ignored]
    stream = dict(proposal.stream)
    if kept:
        names: list[Toml] = [*dict.fromkeys(kept)]
        stream["ignored"] = Line(names, stream["ignored"].comment)
    if heads:
        nested: list[Toml] = [*dict.fromkeys(heads)]
        stream["nested"] = Line(nested, "objects and lists inside a row")
    return replace(proposal, stream=stream, columns=columns)


def _ignored(proposal: Proposal) -> list[str]:
    held = proposal.stream.get("ignored", Line([])).value
    return [str(name) for name in held] if isinstance(held, list) else []


def _with_records(
    proposal: Proposal, record_type: str, path: str, held: Sequence[Object]
) -> Proposal:
    """The proposal with the records that stand at a path, and below it, unless they
    are no more than the record they stand in."""
    parts = parts_of(held, path, titles_of(path))
    record = {"each": Line(path)}
    sample = Sample(parts.columns, titles_of(path), {}, {}, record=record)
    more = propose(sample) if parts.columns else None
    is_same = more is not None and more.record_type == record_type
    is_thin = len(proposal.fields) < FEWEST_FIELDS  # the row only holds the records
    if more is None or not is_record(more) or (is_same and not is_thin):
        return _ignoring(proposal, path, UNDECIDED)
    more = replace(more, **_apart(more, path.replace(".", "_")))
    below: dict[str, list[Object]] = {}
    for whole, things in parts.below.items():
        found = items_line(more.record_type, whole.rpartition(".")[2], things, whole)
        if found is None:
            below[whole] = things
        else:
            more = _with_items(more, whole, *found)
    return _with_below(_joined(proposal, more), more.record_type, below)


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
