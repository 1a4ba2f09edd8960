"""How each fault is made: functions from a record to the same record with a fault."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeAlias

from flows.demo.cases import complaint, denunciation, extension
from flows.demo.inventing import (
    LAST_CLOSED,
    Record,
    Value,
    Values,
    changed_at,
    petition,
    record,
)
from flows.demo.people import Inventor, Person

Plant: TypeAlias = Callable[[Inventor, Record, Person], Record]
Change: TypeAlias = Callable[[Values], Values]

# Stand for what each product writes in its own way.
UNKNOWN_CODE = "!unknown"
UNREADABLE_DATE = "!unreadable"


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
        fresh = denunciation(inventor, _closed(old), person)
        values = fresh | {"petition_ids": old.values["petition_ids"]}
        return _renewed(inventor, old, change(inventor, values))

    return plant


def _closed(old: Record) -> date:
    received = old.values["received_date"]
    assert isinstance(received, date)
    return min(received, LAST_CLOSED)


def _renewed(inventor: Inventor, old: Record, values: Values) -> Record:
    return replace(old, values=values, updated_at=changed_at(inventor.rng, values))


def same(values: Values) -> Values:
    """No change."""
    return values


def put(field: str, value: Value) -> Change:
    """Change one field to a value."""
    return lambda values: values | {field: value}


def rewrite(field: str, change: Callable[[str], str]) -> Change:
    """Change the text of one field."""
    return lambda values: values | {field: change(str(values[field]))}


def shift(field: str, other: str, days: int) -> Change:
    """Put a date so many days from another one."""

    def change(values: Values) -> Values:
        on = values[other]
        assert isinstance(on, date)
        return values | {field: on + timedelta(days)}

    return change


def named(name_field: str) -> Change:
    """Let the content name the person that the field holds."""

    def change(values: Values) -> Values:
        text = f"{values['content']}. Người tố cáo là {values[name_field]}"
        return values | {"content": text}

    return change


def without_destination(values: Values) -> Values:
    """Forwarded, nobody knows where (rule 15)."""
    fields = ("forwarded_to_class", "forwarded_to", "forwarded_date")
    return values | dict.fromkeys(fields)


def third_extension(inventor: Inventor, values: Values) -> Values:
    """Three extensions where the law knows two (rule 41), each in its time."""
    accepted = values["accepted_date"]
    assert isinstance(accepted, date)
    concluded = accepted + timedelta(88)
    return values | {
        "is_complex": True,
        "is_specially_complex": True,
        "extensions": [extension(inventor, accepted, no) for no in (1, 2, 3)],
        "conclusion_date": concluded,
        "published_date": concluded + timedelta(2),
    }


def recovered_too_much(inventor: Inventor, old: Record, person: Person) -> Record:
    """More came back than was wrongly enjoyed (rule 60)."""
    wrong, paid = old.values["amount_wrong"], old.values["period_to"]
    assert isinstance(wrong, int)
    values: Values = old.values | {
        "amount_recovered": wrong + 500_000,
        "remaining": 0,
        "hard_to_recover": False,
        "last_recovery_date": old.values["last_recovery_date"] or paid,
        "beneficiary_ref": person.id_number,
    }
    return _renewed(inventor, old, values)


def blank_key(inventor: Inventor, old: Record, person: Person) -> Record:
    """A petition without a number."""
    plant = new_petition("kien_nghi_phan_anh", "thu_ly", same)
    return replace(plant(inventor, old, person), key="")


def cancelled(inventor: Inventor, old: Record, person: Person) -> Record:
    """One more row that the office itself struck out or typed as a test."""
    plant = new_petition("kien_nghi_phan_anh", "thu_ly", same)
    status = inventor.rng.choice(("cancelled", "test"))
    code = old.key.rpartition("-")[0].rstrip("0123456789")
    fresh = record(inventor, old.type, code, old.values)
    return replace(plant(inventor, fresh, person), status=status)


def ragged(inventor: Inventor, old: Record, person: Person) -> Record:
    """One more row with a separator inside an unquoted cell."""
    return replace(cancelled(inventor, old, person), status="ragged")


def unchanged(_: Inventor, old: Record, __: Person) -> Record:
    """The record itself."""
    return old
