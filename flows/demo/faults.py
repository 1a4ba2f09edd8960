"""The faults planted in the sample estate: what is done to a record, what must follow.

The rule names are what the law sheet calls them; nothing is taken from the checks.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal
from unicodedata import normalize

from flows.demo.cases import complaint, denunciation, extension
from flows.demo.inventing import (
    LAST_CLOSED,
    Record,
    Value,
    Values,
    changed_at,
    ineligible,
    petition,
    record,
)
from flows.demo.people import Inventor, Person

# Stand for what each product writes in its own way (products.py).
UNKNOWN_CODE = "!unknown"
UNREADABLE_DATE = "!unreadable"

Outcome = Literal[
    "quarantined", "published", "filtered", "rejected", "duplicate", "clean"
]
Plant = Callable[[Inventor, Record, Person], Record]

CSV, XLSX = "so_don_thu_csv", "so_don_thu_tinh"
SQL, REST = "qlkntc_sql", "kntc_rest"
ALL = (CSV, XLSX, SQL, REST)
WIDE = (CSV, SQL, REST)  # products that keep more than a register's ten columns
CASES = (SQL, REST)
WITHOUT_CURSOR = (CSV, XLSX)


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault. `plant` gets a record that nobody refers to, received on
    `since` or later: before, the broken duty did not exist."""

    name: str
    type: str
    rule: str
    outcome: Outcome
    products: tuple[str, ...]
    plant: Plant
    since: date = date.min


def _petition(kind: str, result: str, change: Callable[[Values], Values]) -> Plant:
    def plant(inventor: Inventor, old: Record, person: Person) -> Record:
        values = petition(inventor, _closed(old), kind, result, person)
        return _renewed(inventor, old, change(values))

    return plant


def _complaint(accept_after: int, change: Callable[[Values], Values]) -> Plant:
    def plant(inventor: Inventor, old: Record, person: Person) -> Record:
        fresh = complaint(inventor, _closed(old), person, accept_after)
        values = fresh | {"petition_ids": old.values["petition_ids"]}
        return _renewed(inventor, old, change(values))

    return plant


def _denunciation(change: Callable[[Inventor, Values], Values]) -> Plant:
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


def _same(values: Values) -> Values:
    return values


def _set(field: str, value: Value) -> Callable[[Values], Values]:
    return lambda values: values | {field: value}


def _text(field: str, change: Callable[[str], str]) -> Callable[[Values], Values]:
    return lambda values: values | {field: change(str(values[field]))}


def _day(field: str, other: str, days: int) -> Callable[[Values], Values]:
    def change(values: Values) -> Values:
        on = values[other]
        assert isinstance(on, date)
        return values | {field: on + timedelta(days)}

    return change


def _named(name_field: str) -> Callable[[Values], Values]:
    def change(values: Values) -> Values:
        text = f"{values['content']}. Người tố cáo là {values[name_field]}"
        return values | {"content": text}

    return change


def _without_destination(values: Values) -> Values:
    fields = ("forwarded_to_class", "forwarded_to", "forwarded_date")
    return values | dict.fromkeys(fields)


def _third_extension(inventor: Inventor, values: Values) -> Values:
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


def _recovered_too_much(inventor: Inventor, old: Record, person: Person) -> Record:
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


def _blank_key(inventor: Inventor, old: Record, person: Person) -> Record:
    plant = _petition("kien_nghi_phan_anh", "thu_ly", _same)
    return replace(plant(inventor, old, person), key="")


def _cancelled(inventor: Inventor, old: Record, person: Person) -> Record:
    plant = _petition("kien_nghi_phan_anh", "thu_ly", _same)
    status = inventor.rng.choice(("cancelled", "test"))
    code = old.key.rpartition("-")[0].rstrip("0123456789")
    fresh = record(inventor, old.type, code, old.values)
    return replace(plant(inventor, fresh, person), status=status)


def _ragged(inventor: Inventor, old: Record, person: Person) -> Record:
    return replace(_cancelled(inventor, old, person), status="ragged")


def _unchanged(_: Inventor, old: Record, __: Person) -> Record:
    return old


KNPA = "kien_nghi_phan_anh"
NAMED_SENDER, NAMED_DENOUNCER = _named("sender_name"), _named("denouncer_name")

# `duplicate` and `key_conflict` concern two rows: planting.py pairs them.
P, K, D, R = "petition", "complaint_case", "denunciation_case", "recovery"
FAULTS: tuple[Fault, ...] = (
    Fault("key_blank", P, "key_blank", "quarantined", ALL, _blank_key),
    Fault("key_conflict", P, "key_conflict", "quarantined", WITHOUT_CURSOR, _unchanged),
    Fault("duplicate", P, "", "duplicate", ALL, _unchanged),
    Fault(
        "event_date_petition",
        P,
        "event_date",
        "quarantined",
        ALL,
        _petition(KNPA, "thu_ly", _set("received_date", UNREADABLE_DATE)),
    ),
    Fault(
        "event_date_complaint",
        K,
        "event_date",
        "quarantined",
        CASES,
        _complaint(5, _set("received_date", UNREADABLE_DATE)),
    ),
    Fault(
        "kind",
        P,
        "kind",
        "quarantined",
        ALL,
        _petition(KNPA, "thu_ly", _set("kind", UNKNOWN_CODE)),
    ),
    Fault(
        "order_complaint",
        K,
        "23",
        "quarantined",
        CASES,
        _complaint(5, _day("decision_date", "accepted_date", -2)),
    ),
    Fault(
        "order_denunciation",
        D,
        "23",
        "quarantined",
        CASES,
        _denunciation(lambda _, v: _day("conclusion_date", "accepted_date", -3)(v)),
    ),
    Fault("recovered", R, "60", "quarantined", CASES, _recovered_too_much),
    Fault(
        "denouncer_petition",
        P,
        "43",
        "quarantined",
        WIDE,
        _petition("to_cao", "thu_ly", NAMED_SENDER),
    ),
    Fault(
        "denouncer_case",
        D,
        "43",
        "quarantined",
        CASES,
        _denunciation(lambda _, v: NAMED_DENOUNCER(v)),
    ),
    Fault(
        "broken_text",
        P,
        "58",
        "quarantined",
        ALL,
        _petition(KNPA, "thu_ly", _text("content", lambda t: t[:9] + "\ufffd" + t[9:])),
    ),
    Fault(
        "decomposed",
        P,
        "text_repaired",
        "published",
        ALL,
        _petition(KNPA, "thu_ly", _text("content", lambda t: normalize("NFD", t))),
    ),
    Fault(
        "code",
        P,
        "code_unknown",
        "published",
        ALL,
        _petition(KNPA, "thu_ly", _set("source", UNKNOWN_CODE)),
    ),
    Fault(
        "destination",
        P,
        "15",
        "published",
        WIDE,
        _petition(KNPA, "chuyen", _without_destination),
    ),
    Fault(
        "no_reason",
        P,
        "13",
        "published",
        WIDE,
        _petition(KNPA, "thu_ly", lambda v: ineligible(v, None)),
        since=date(2021, 11, 15),  # TT 05/2021
    ),
    Fault(
        "late",
        K,
        "21",
        "published",
        CASES,
        _complaint(24, _same),
        since=date(2022, 1, 1),  # days off are known from this year
    ),
    Fault(
        "third_extension",
        D,
        "41",
        "published",
        CASES,
        _denunciation(_third_extension),
        since=date(2019, 1, 1),  # Luật Tố cáo 2018
    ),
    # No fault at all: their people are canaries, one of each in every office.
    Fault("clean_petition", P, "", "clean", ALL, _petition("to_cao", "thu_ly", _same)),
    Fault("clean_complaint", K, "", "clean", CASES, _complaint(5, _same)),
    Fault("clean_denunciation", D, "", "clean", CASES, _denunciation(lambda _, v: v)),
    Fault("filtered", P, "", "filtered", WIDE, _cancelled),
    Fault("ragged", P, "", "rejected", (CSV,), _ragged),
)
