"""The product with a JSON API: its documents on disk, and each night's changes.

A file a list and a night (`dossiers-01.jsonl`), a line a document. A later file holds
whole new documents, or `{"id": ..., "deleted": true}`.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from flows.demo.changing import Change
from flows.demo.dossiers import ORDER, Object, Shelf, changed, held_by, shelved
from flows.demo.inventing import Record

DOSSIERS, RECEPTIONS = "dossiers", "receptions"


def write_json(folder: Path, records: Iterable[Record]) -> None:
    """An installation's documents, a file a list, a line a document."""
    shelf = shelved(records)
    _write(folder / f"{DOSSIERS}-01.jsonl", shelf.dossiers)
    _write(folder / f"{RECEPTIONS}-01.jsonl", shelf.receptions)


def document_count(records: Iterable[Record]) -> int:
    """How many documents hold those records: rows, as the API counts them."""
    shelf = shelved(records)
    return len(shelf.dossiers) + len(shelf.receptions)


def write_json_changes(folder: Path, night: int, changes: Sequence[Change]) -> None:
    """A night's changes: the documents concerned, whole; of deleted ones the id."""
    shelf = _read(folder, night)
    touched: dict[str, dict[int, Object]] = {DOSSIERS: {}, RECEPTIONS: {}}
    order = [*changes]
    order.sort(key=lambda change: ORDER.index(change.record.type))
    for change in order:
        name = RECEPTIONS if change.record.type == "reception" else DOSSIERS
        document = changed(shelf, change)
        if document is not None:
            touched[name][id(document)] = document
    for name, documents in touched.items():
        _write(folder / f"{name}-{night:02d}.jsonl", documents.values())


def _read(folder: Path, night: int) -> Shelf:
    """The documents as they stood before that night."""
    shelf = Shelf(
        _current(folder, DOSSIERS, night), _current(folder, RECEPTIONS, night)
    )
    for document in shelf.receptions:
        shelf.holders.setdefault(("reception", str(document["id"])), document)
    for document in shelf.dossiers:
        shelf.dossier_ids.setdefault(str(document["id"]), document)
        for record in held_by(document):
            shelf.holders.setdefault(record, document)
    return shelf


def _current(folder: Path, name: str, night: int) -> list[Object]:
    held: list[Object] = []
    paths = [folder / f"{name}-{before:02d}.jsonl" for before in range(1, night)]
    for path in filter(Path.exists, paths):
        lines = path.read_text(encoding="utf-8").split("\n")[:-1]
        found: list[Object] = [json.loads(line) for line in lines]
        ids = {one["id"] for one in found} - {""}
        held = [one for one in held if one["id"] not in ids] if held else held
        held += [one for one in found if not one.get("deleted")]
    return held


def _write(path: Path, documents: Iterable[Object]) -> None:
    """All of the file or nothing: a server may read the folder at any time."""
    making = path.with_suffix(".making")
    with making.open("w", encoding="utf-8") as file:
        for document in documents:
            shown = _mark(document) if document.get("deleted") else document
            file.write(json.dumps(shown, ensure_ascii=False) + "\n")
    making.replace(path)


def _mark(document: Object) -> Object:
    return {"id": document["id"], "deleted": True}
