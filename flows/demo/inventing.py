"""Clean records of the sample estate, in the national field names.

Every duty that a rule looks at is kept: a fault is planted on purpose (faults.py) or
not there at all.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TypeAlias

from flows.demo.people import Inventor, Person
from flows.demo.texts import matter

Scalar: TypeAlias = str | int | bool | date | None
Value: TypeAlias = Scalar | list[dict[str, Scalar]]
Values: TypeAlias = dict[str, Value]

FIRST_DAY = date(2016, 1, 4)
LAST_CLOSED = date(2026, 8, 10)  # late enough to be closed by the last day
OPEN_FROM = date(2026, 10, 24)  # recent enough not to be late yet
LAST_DAY = date(2026, 11, 8)
NOTHING_AFTER = date(2026, 11, 15)
# Suspension exists since the amending law came into force.
SUSPENSION_FROM = date(2026, 7, 1)

RESULTS = {
    "khieu_nai": ("thu_ly", "tra_lai_huong_dan", "don_rut", "xep_luu"),
    "to_cao": ("thu_ly", "chuyen", "xep_luu"),
    "kien_nghi_phan_anh": ("thu_ly", "chuyen", "tra_lai_huong_dan", "don_doc"),
    "nhieu_noi_dung": ("thu_ly", "tra_lai_huong_dan"),
}
OUTSIDE = ("chuyen", "don_doc")
SOURCES = ("truc_tiep", "buu_chinh", "tcd", "co_quan_chuyen", "dai_bieu_qh", "hop_thu")
DESTINATIONS = (
    ("hanh_chinh", "UBND xã {}"),
    ("to_tung_thi_hanh_an", "Công an xã {}"),
    ("to_chuc_ct_xh", "Liên đoàn Lao động xã {}"),
    ("don_vi_sn_dnnn", "Bệnh viện đa khoa {}"),
)


@dataclass(frozen=True, slots=True)
class Record:
    """A record as the office knows it; `linked` when another record points to it."""

    type: str
    key: str
    values: Values
    updated_at: datetime  # local, as the offices keep it
    linked: bool = False
    status: str = "active"


def days(rng: Random, low: int, high: int) -> timedelta:
    """A random number of days, both ends included."""
    return timedelta(rng.randint(low, high))


def any_day(rng: Random, is_open_share: float = 0.03) -> date:
    """A day of receipt: some recent ones, the rest spread over the years."""
    if rng.random() < is_open_share:
        return OPEN_FROM + days(rng, 0, (LAST_DAY - OPEN_FROM).days)
    return FIRST_DAY + days(rng, 0, (LAST_CLOSED - FIRST_DAY).days)


def changed_at(rng: Random, values: Values) -> datetime:
    """The office's change time: office hours of the record's last day."""
    last = max(v for v in values.values() if isinstance(v, date))
    seconds = rng.randint(8 * 3600, 17 * 3600)
    return datetime.combine(last, time()) + timedelta(seconds=seconds)


def sender(person: Person) -> Values:
    """The four sender fields of a petition."""
    return {
        "sender_name": person.name,
        "sender_address": person.address,
        "sender_contact": person.phone,
        "sender_id_number": person.id_number,
    }


def petition(
    inventor: Inventor,
    received: date,
    kind: str,
    result: str,
    person: Person | None = None,
) -> Values:
    """An eligible petition; `result` decides the competence."""
    rng = inventor.rng
    area, content = matter(inventor, kind, received)
    processed = received + days(rng, 0, 8)
    accused = inventor.respondent(received)
    values: Values = {
        "received_date": received,
        "written_date": received - days(rng, 0, 12),
        "source": rng.choice(SOURCES),
        "kind": kind,
        "field_area": area,
        **sender(person or inventor.person(received)),
        "sender_kind": "ca_nhan",
        "respondent_name": accused.name,
        "respondent_org": accused.org,
        "content": content,
        "is_anonymous": False,
        "has_signature": True,
        "language_ok": True,
        "signatories": 1 if rng.random() < 0.9 else rng.randint(2, 4),
        "eligible": True,
        "ineligible_reason": None,
        "within_competence": result not in OUTSIDE,
        "processing_result": result,
        "on_admin_regulation": False,
        "processed_date": processed,
        "handler_org": accused.org,
    }
    return values | _answer(inventor, result, processed)


def _answer(inventor: Inventor, result: str, processed: date) -> Values:
    written = result not in ("thu_ly", "xep_luu")
    number = inventor.number("CV", processed.year) if written else 0
    values: Values = {
        "forwarded_to_class": None,
        "forwarded_to": None,
        "forwarded_date": None,
        "reply_no": f"{number}/CV-BHXH" if written else None,
    }
    if result == "chuyen":
        level, name = inventor.rng.choice(DESTINATIONS)
        values["forwarded_to_class"] = level
        values["forwarded_to"] = name.format(inventor.place())
        values["forwarded_date"] = processed
    return values


def ineligible(values: Values, reason: str | None) -> Values:
    """The same petition, filed or sent back as not eligible (TT 05/2021 Art. 6)."""
    return values | {
        "eligible": False,
        "ineligible_reason": reason,
        "within_competence": True,
        "processing_result": "xep_luu",
        "forwarded_to_class": None,
        "forwarded_to": None,
        "forwarded_date": None,
        "reply_no": None,
    }


def anonymous(values: Values) -> Values:
    """The same petition without a sender: it is filed, not taken up."""
    nobody: Values = dict.fromkeys(
        ("sender_name", "sender_address", "sender_contact", "sender_id_number")
    )
    filed = ineligible(values, "thieu_dieu_kien")
    unsigned: Values = {"is_anonymous": True, "has_signature": False}
    return filed | nobody | unsigned | {"sender_kind": None}


def any_petition(inventor: Inventor, received: date, can_forward: bool) -> Values:
    """A petition of any kind, result and standing."""
    rng = inventor.rng
    kinds = ["khieu_nai", "to_cao", "kien_nghi_phan_anh", "nhieu_noi_dung"]
    kind = rng.choices(kinds, (20, 12, 65, 3))[0]
    results = [r for r in RESULTS[kind] if can_forward or r not in OUTSIDE]
    values = petition(inventor, received, kind, rng.choice(results))
    fate = rng.random()
    if fate < 0.04:
        return anonymous(values)
    if fate < 0.10:
        reasons = ("gui_nhieu_noi", "da_huong_dan", "rach_nat")
        return ineligible(values, rng.choice(reasons))
    return values


def record(inventor: Inventor, type_: str, code: str, values: Values) -> Record:
    """The values under the next key of their year, such as `QT-D2024-00031`."""
    received = values.get("received_date") or values.get("period_to")
    assert isinstance(received, date)
    letter = code.rpartition("-")[2]
    key = f"{code}{received.year}-{inventor.number(letter, received.year):05d}"
    return Record(type_, key, values, changed_at(inventor.rng, values))


def link(target: Record) -> Record:
    """The same record, marked as one that others point to."""
    return replace(target, linked=True)
