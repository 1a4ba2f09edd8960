"""The product with a JSON API: dossiers that nest, receptions that do not.

A dossier is a petition with what grew out of it: `complaint`, `denunciation` and
`reflection` (an object or null), `decisions`, each with its `enforcement`, and
`recoveries`. A case that joins several petitions stands under the first and names all
of them in `petitionIds`. What hangs on something that this system does not hold stands
under a head with `recordStatus` ELSEWHERE: a dossier with a number of its own
(`KHAC-...`) and no petition, a decision of which only the `id` is said.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TypeAlias

from flows.demo.breaking import UNREADABLE_DATE
from flows.demo.case_tables import TABLES
from flows.demo.changing import Change
from flows.demo.codes import SHOUTED, coded
from flows.demo.inventing import Record, Value

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"
Object: TypeAlias = dict[str, Json]

SLOTS = {
    "complaint_case": "complaint",
    "denunciation_case": "denunciation",
    "recommendation_reflection": "reflection",
}
LISTS = {"decision": "decisions", "recovery": "recoveries"}
ORDER = ("reception", "petition", *SLOTS, "decision", "enforcement", "recovery")
ELSEWHERE = "ELSEWHERE"
OFFSET = "+07:00"


@dataclass(frozen=True, slots=True)
class Shelf:
    """All documents, and which of them holds a record."""

    dossiers: list[Object] = field(default_factory=list)
    receptions: list[Object] = field(default_factory=list)
    holders: dict[tuple[str, str], Object] = field(default_factory=dict)
    dossier_ids: dict[str, Object] = field(default_factory=dict)


def shelved(records: Iterable[Record]) -> Shelf:
    """The documents of those records, whatever their order."""
    shelf = Shelf()
    for record in sorted(records, key=lambda record: ORDER.index(record.type)):
        _put(shelf, record)
    return shelf


def changed(shelf: Shelf, change: Change) -> Object | None:
    """The document that now reads otherwise; None when the record was nowhere."""
    record = change.record
    holder = shelf.holders.get((record.type, record.key))
    if change.kind == "deleted":
        return None if holder is None else _take_out(holder, record)
    if change.kind in ("new", "late") or holder is None:
        return _put(shelf, record)
    return _replace(holder, record)


def _put(shelf: Shelf, record: Record) -> Object:
    made = _object(record)
    if record.type == "reception":
        document = made
        shelf.receptions.append(made)
    elif record.type == "petition":
        document = _petition_dossier(shelf, made)
    else:
        document = _nest(shelf, record, made)
    document["updatedAt"] = _latest(document)
    shelf.holders.setdefault((record.type, record.key), document)
    return document


def _nest(shelf: Shelf, record: Record, made: Object) -> Object:
    """The dossier in which the object stands from now on."""
    found = shelf.holders.get(_above(record))
    if record.type in SLOTS:
        slot = SLOTS[record.type]
        if found is None or found[slot] is not None:
            found = _bare(shelf, record)
        found[slot] = made
    elif record.type == "enforcement":
        if found is None or (decision := _free(found, record)) is None:
            found = _bare(shelf, record)
            key = _key(record.values.get("decision_id"))
            decision = _elsewhere(key)
            _listed(found, "decisions").append(decision)
        decision["enforcement"] = made
    else:
        found = found or _bare(shelf, record)
        _listed(found, LISTS[record.type]).append(made)
    return found


def _above(record: Record) -> tuple[str, str]:
    """The record under which this one stands."""
    values = record.values
    if record.type in SLOTS:
        keys = _keys(values.get("petition_ids"))
        return "petition", keys[0] if keys else ""
    if record.type == "enforcement":
        return "decision", _key(values.get("decision_id"))
    return str(values.get("case_type")), _key(values.get("case_id"))


def _free(dossier: Object, record: Record) -> Object | None:
    key = _key(record.values.get("decision_id"))
    for decision in _objects(dossier, "decisions"):
        if decision["id"] == key and decision["enforcement"] is None:
            return decision
    return None


def _petition_dossier(shelf: Shelf, petition: Object) -> Object:
    known = shelf.dossier_ids.get(str(petition["id"]))
    if known is not None and known["recordStatus"] == ELSEWHERE:
        known.update(petition)  # what hung on it was here before it
        known.pop("deleted", None)
        return known
    return _shelve(shelf, _dossier(petition))


def _shelve(shelf: Shelf, dossier: Object) -> Object:
    shelf.dossiers.append(dossier)
    shelf.dossier_ids.setdefault(str(dossier["id"]), dossier)
    return dossier


def _dossier(petition: Object) -> Object:
    return {
        **petition,
        **dict.fromkeys(SLOTS.values()),
        **{name: list[Json]() for name in LISTS.values()},
    }


def _bare(shelf: Shelf, record: Record) -> Object:
    """A dossier without a petition for a record whose parent is not here."""
    head = _elsewhere(f"KHAC-{record.key}")
    nothing: Object = dict.fromkeys(_names("petition"))
    return _shelve(shelf, _dossier({**head, **nothing, "updatedAt": ""}))


def _replace(holder: Object, record: Record) -> Object:
    """The document with the record as it reads now."""
    made = _object(record)
    if record.type in ("reception", "petition"):
        holder.update(made)
    elif record.type in SLOTS:
        holder[SLOTS[record.type]] = made
    else:
        place = _place(holder, record)
        kept = {"enforcement": place.get("enforcement")} if _is_decision(place) else {}
        place.update(made | kept)
    holder["updatedAt"] = _latest(holder)
    return holder


def _take_out(holder: Object, record: Record) -> Object:
    """The document without the record; a mark when nothing is left of it."""
    if record.type in SLOTS:
        holder[SLOTS[record.type]] = None
    elif record.type in ("reception", "petition"):
        nothing: Object = dict.fromkeys(_names(record.type))
        holder.update(nothing | {"recordStatus": ELSEWHERE})
    elif record.type == "enforcement":
        for decision in _objects(holder, "decisions"):
            below = decision["enforcement"]
            if isinstance(below, dict) and below["id"] == record.key:
                decision["enforcement"] = None
    else:
        place, listed = _place(holder, record), _listed(holder, LISTS[record.type])
        listed.remove(place)
        if place.get("enforcement") is not None:
            listed.append(
                _elsewhere(record.key) | {"enforcement": place["enforcement"]}
            )
    if holder["recordStatus"] == ELSEWHERE and not _parts(holder):
        holder["deleted"] = True
    return holder


def _elsewhere(key: str) -> Object:
    return {"id": key, "recordStatus": ELSEWHERE}


def _is_decision(made: Object) -> bool:
    return "enforcement" in made


def _place(holder: Object, record: Record) -> Object:
    """The object of a record in a list of its dossier."""
    if record.type == "enforcement":
        found = [
            below
            for decision in _objects(holder, "decisions")
            if isinstance(below := decision["enforcement"], dict)
        ]
    else:
        found = _objects(holder, LISTS[record.type])
    return next(one for one in found if one["id"] == record.key)


def _parts(document: Object) -> list[Object]:
    found = [document[s] for s in SLOTS.values() if s in document]
    lists = [_objects(document, name) for name in LISTS.values() if name in document]
    parts = [part for part in found if isinstance(part, dict)]
    parts += [one for listed in lists for one in listed]
    return parts


def _latest(document: Object) -> str:
    """When the document or anything in it last changed."""
    parts = _parts(document)
    below = [p["enforcement"] for p in parts if p.get("enforcement")]
    inside = [p for p in below if isinstance(p, dict)]
    held = (document, *parts, *inside)
    return max(str(one.get("updatedAt") or "") for one in held)


def _object(record: Record) -> Object:
    values, type_ = record.values, record.type
    made: Object = {"id": record.key}
    for name, key in _names(type_).items():
        made[name] = _json(type_, key, values.get(key))
    made["recordStatus"] = SHOUTED["status"][record.status]
    made["updatedAt"] = record.updated_at.isoformat() + OFFSET
    if type_ == "decision":
        made["enforcement"] = None
    return made


@cache
def _names(record_type: str) -> dict[str, str]:
    """Key of the document -> our field, in order; every document has all of them."""
    table = TABLES[record_type]
    fields = [*filter(None, table.party), *(c.field for c in table.columns)]
    if record_type == "enforcement":
        fields.remove("decision_id")  # it stands inside its decision
    return {_camel(name): name for name in fields}


def _json(record_type: str, name: str, value: Value) -> Json:
    if name == "petition_ids":
        return [*_keys(value)]
    if value == UNREADABLE_DATE:
        return "2021-13-45"
    if isinstance(value, list):
        return [_item(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return coded(SHOUTED, record_type, name, value)
    return value


def _item(item: object) -> Json:
    if not isinstance(item, dict):
        return str(item)
    return {_camel(name): _json("", name, part) for name, part in item.items()}


def _keys(value: Value) -> list[str]:
    if isinstance(value, list):
        return [str(key) for key in value]
    return [str(value)] if value else []


def _key(value: Value) -> str:
    return str(value or "")


def _listed(document: Object, name: str) -> list[Json]:
    listed = document[name]
    assert isinstance(listed, list)
    return listed


def _objects(document: Object, name: str) -> list[Object]:
    return [one for one in _listed(document, name) if isinstance(one, dict)]


@cache
def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def held_by(dossier: Object) -> list[tuple[str, str]]:
    """Type and number of each record that a dossier holds."""
    found = [("petition", dossier)] if dossier["recordStatus"] != ELSEWHERE else []
    for record_type, name in SLOTS.items():
        if isinstance(part := dossier[name], dict):
            found.append((record_type, part))
    for record_type, name in LISTS.items():
        found += [(record_type, part) for part in _objects(dossier, name)]
    decisions = _objects(dossier, "decisions")
    below = [part for d in decisions if isinstance(part := d["enforcement"], dict)]
    found += [("enforcement", part) for part in below]
    return [
        (record_type, str(part["id"]))
        for record_type, part in found
        if part["recordStatus"] != ELSEWHERE
    ]
