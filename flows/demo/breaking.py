"""How each fault is made: functions from a record to the same record with a fault."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TypeAlias

from flows.demo.cases import complaint
from flows.demo.denunciations import denunciation
from flows.demo.distorting import Change, same
from flows.demo.inventing import (
    LETTERS,
    Record,
    Values,
    changed_at,
    petition,
    record,
)
from flows.demo.people import Inventor, Person, pick
from flows.demo.receptions import reception, reflection

Plant: TypeAlias = Callable[[Inventor, Record, Person], Record]

# Stand for what each product writes in its own way.
UNKNOWN_CODE = "!unknown"
UNREADABLE_DATE = "!unreadable"
# Early enough to be settled, with every extension, before the estate's first night.
LAST_CLOSED = date(2026, 5, 29)
# The day that says when a record happened.
EVENTS = {
    "reception": "reception_date",
    "decision": "doc_date",
    "enforcement": "start_date",
    "recovery": "period_to",
    "periodic_report": "period_to",
    "org_unit": "valid_from",
}


def event_of(old: Record) -> date | None:
    """When the record happened, if it says so."""
    on = old.values.get(EVENTS.get(old.type, "received_date"))
    return on if isinstance(on, date) else None


def new_petition(kind: str, result: str, change: Change) -> Plant:
    """Write the petition anew with that kind and result, then change it."""

    def plant(inventor: Inventor, old: Record, person: Person) -> Record:
        values = petition(inventor, _closed(old), kind, result, person)
        return _renewed(inventor, old, change(values))

    return plant


def new_complaint(accept_after: int, change: Change) -> Plant:
    """Write the complaint anew, accepted after so many days, then change it."""

    def plant(inventor: Inventor, old: Record, person: Person) -> Record:
        fresh = complaint(inventor, _closed(old), person, accept_after)
        values = fresh | {"petition_ids": old.values["petition_ids"]}
        return _renewed(inventor, old, change(values))

    return plant


def new_denunciation(change: Callable[[Inventor, Values], Values]) -> Plant:
    """Write the denunciation anew, then change it."""

    def plant(inventor: Inventor, old: Record, person: Person) -> Record:
        fresh = denunciation(inventor, _closed(old), person, is_planted=True)
        values = fresh | {"petition_ids": old.values["petition_ids"]}
        return _renewed(inventor, old, change(inventor, values))

    return plant


def new_reflection(change: Change) -> Plant:
    """Write the reflection anew, answered, then change it."""

    def plant(inventor: Inventor, old: Record, person: Person) -> Record:
        fresh = reflection(inventor, _closed(old), person, is_planted=True)
        values = fresh | {"petition_ids": old.values["petition_ids"]}
        return _renewed(inventor, old, change(values))

    return plant


def new_reception(change: Change) -> Plant:
    """Write the visit of one citizen anew, then change it."""

    def plant(inventor: Inventor, old: Record, person: Person) -> Record:
        on = event_of(old)
        assert on is not None
        values = reception(inventor, on, person=person) | {
            "reception_type": "thuong_xuyen",
            "channel": "truc_tiep",
            "host_role": "can_bo_tcd",
            "people_count": 1,
            "is_group": False,
        }
        return _renewed(inventor, old, change(values), on)

    return plant


def altered(change: Change) -> Plant:
    """Change some values and leave the rest, the change time included."""

    def plant(_: Inventor, old: Record, person: Person) -> Record:
        values = old.values
        if "beneficiary_ref" in values:
            values = values | {"beneficiary_ref": person.id_number}
        return replace(old, values=change(values))

    return plant


def orphan(field: str, parent: str, more: Change | None = None) -> Plant:
    """Name a parent that nobody has (parent_missing)."""

    def plant(inventor: Inventor, old: Record, person: Person) -> Record:
        on = event_of(old)
        code = old.key.partition("-")[0]
        year = "" if parent == "org_unit" else f"{on.year if on else 2024}-"
        missing: Values = {field: f"{code}-{LETTERS[parent]}{year}99999"}
        change = more or same
        return altered(lambda v: change(v) | missing)(inventor, old, person)

    return plant


def _closed(old: Record) -> date:
    received = old.values["received_date"]
    assert isinstance(received, date)
    return min(received, LAST_CLOSED)


def _renewed(
    inventor: Inventor, old: Record, values: Values, on: date | None = None
) -> Record:
    # What is planted to lie in the future was not entered there.
    known = {
        name: v
        for name, v in values.items()
        if not isinstance(v, date) or v <= inventor.until
    }
    at = changed_at(inventor.rng, known, on or event_of(old) or LAST_CLOSED)
    return replace(old, values=values, updated_at=at)


def blank_key(plant: Plant) -> Plant:
    """A record without a number."""
    return lambda inventor, old, person: replace(plant(inventor, old, person), key="")


def cancelled(plant: Plant) -> Plant:
    """One more row that the office itself struck out or typed as a test."""

    def made(inventor: Inventor, old: Record, person: Person) -> Record:
        status = pick(inventor.rng, ("cancelled", "test"))
        fresh = record(inventor, old.type, old.key.partition("-")[0], old.values)
        return replace(plant(inventor, fresh, person), status=status)

    return made


def ragged(plant: Plant) -> Plant:
    """One more row with a separator inside an unquoted cell."""
    struck = cancelled(plant)
    return lambda *who: replace(struck(*who), status="ragged")


def unchanged(_: Inventor, old: Record, __: Person) -> Record:
    """The record itself."""
    return old
