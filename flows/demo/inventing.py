"""Clean records of the sample estate, in the national field names: the petition.

Every duty that a rule looks at is kept: a fault is planted on purpose (faults.py) or
not there at all.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TypeAlias

from flows.demo.clock import FIRST_DAY, worked
from flows.demo.people import Inventor, Person, Spot, between, pick
from flows.demo.texts import business, matter, session

Scalar: TypeAlias = str | int | bool | date | None
Item: TypeAlias = dict[str, Scalar]
Value: TypeAlias = Scalar | list[str] | list[Item]
Values: TypeAlias = dict[str, Value]

# How the keys of each type begin after the installation's own code.
LETTERS = {
    "reception": "TD",
    "petition": "D",
    "complaint_case": "KN",
    "denunciation_case": "TC",
    "recommendation_reflection": "PA",
    "decision": "VB",
    "enforcement": "TT",
    "recovery": "TH",
    "periodic_report": "BC",
    "org_unit": "DV",
}

RESULTS = {
    "khieu_nai": ("thu_ly", "tra_lai_huong_dan", "don_rut", "xep_luu"),
    "to_cao": ("thu_ly", "chuyen", "xep_luu"),
    "kien_nghi_phan_anh": ("thu_ly", "chuyen", "tra_lai_huong_dan", "don_doc"),
    "nhieu_noi_dung": ("thu_ly", "tra_lai_huong_dan"),
}
OUTSIDE = ("chuyen", "don_doc")
SOURCES = (
    *("truc_tiep", "truc_tiep", "truc_tiep", "buu_chinh", "buu_chinh", "buu_chinh"),
    *("tcd", "tcd", "co_quan_chuyen", "hop_thu", "cong_dien_tu", "cong_dien_tu"),
)
# CV 1151 §3: what deputies and voters hand on.
OF_DEPUTIES = ("dai_bieu_qh", "doan_dai_bieu_qh", "cu_tri")
DESTINATIONS = (
    ("hanh_chinh", "UBND xã {}"),
    ("hanh_chinh", "Sở Nội vụ"),
    ("to_tung_thi_hanh_an", "Công an xã {}"),
    ("to_chuc_ct_xh", "Liên đoàn Lao động xã {}"),
    ("don_vi_sn_dnnn", "Bệnh viện đa khoa {}"),
)
KINDS = (
    *(20 * ("khieu_nai",) + 12 * ("to_cao",) + 3 * ("nhieu_noi_dung",)),
    *(65 * ("kien_nghi_phan_anh",)),
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
    return timedelta(between(rng, low, high))


def changed_at(rng: Random, values: Values, on: date = FIRST_DAY) -> datetime:
    """The office's change time: office hours of its last day, `on` or later."""
    last = max((v for v in values.values() if isinstance(v, date)), default=on)
    last = max(last, on)
    seconds = between(rng, 8 * 3600, 17 * 3600)
    return datetime.combine(last, time()) + timedelta(seconds=seconds)


def known(day: date, until: date) -> date | None:
    """The day, or None when it has not come yet."""
    return day if day <= until else None


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
    spot: Spot | None = None,
) -> Values:
    """An eligible petition; `result` decides the competence."""
    rng, where = inventor.rng, spot or inventor.spot()
    area, content = matter(inventor, kind, received, where)
    processed = worked(received + days(rng, 0, 8), received)
    processed = min(processed, max(inventor.until, received))
    accused = inventor.respondent(received, where)
    values: Values = {
        "received_date": received,
        "written_date": received - days(rng, 0, 12),
        "source": pick(rng, SOURCES),
        "na_session": None,
        "kind": kind,
        "field_area": area,
        **sender(person or inventor.person(received, where)),
        "sender_kind": "ca_nhan",
        "respondent_name": accused.name,
        "respondent_org": accused.org,
        "content": content,
        "is_anonymous": False,
        "has_signature": True,
        "language_ok": True,
        "signatories": 1,
        "eligible": True,
        "ineligible_reason": None,
        "within_competence": result not in OUTSIDE,
        "processing_result": result,
        **_answer(inventor, result, processed, where),
        "duplicate_of": None,
        "on_admin_regulation": False,
        "processed_date": processed,
        "handler_org": accused.org,
        "skipped_level": rng.random() < 0.03,
        "is_prolonged": False,
    }
    if rng.random() < 0.1:
        values |= _together(rng)
    return values


def _together(rng: Random) -> Values:
    """Several sign: a family, or a workforce."""
    if rng.random() < 0.6:
        return {"signatories": between(rng, 2, 4)}
    return {"signatories": between(rng, 5, 60), "sender_kind": "tap_the"}


def _answer(inventor: Inventor, result: str, processed: date, where: Spot) -> Values:
    written = result not in ("thu_ly", "xep_luu")
    number = inventor.number("CV", processed.year) if written else 0
    values: Values = {
        "forwarded_to_class": None,
        "forwarded_to": None,
        "forwarded_date": None,
        "reply_no": f"{number}/CV-BHXH" if written else None,
    }
    if result == "chuyen":
        level, name = pick(inventor.rng, DESTINATIONS)
        values["forwarded_to_class"] = level
        values["forwarded_to"] = name.format(where.commune)
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


def handed_on(rng: Random, received: date) -> Values:
    """Through whom deputies' and voters' petitions came, and at which session."""
    return {"source": pick(rng, OF_DEPUTIES), "na_session": session(received)}


def of_business(inventor: Inventor) -> Values:
    """A business as the sender; no person's papers."""
    return {
        "sender_name": business(inventor),
        "sender_id_number": None,
        "sender_kind": "doanh_nghiep",
        "signatories": 1,
    }


def any_petition(
    inventor: Inventor, received: date, can_forward: bool, spot: Spot | None = None
) -> Values:
    """A petition of any kind, result and standing."""
    rng = inventor.rng
    kind = pick(rng, KINDS)
    result = pick(rng, RESULTS[kind])
    if not can_forward and result in OUTSIDE:
        result = "tra_lai_huong_dan"
    values = petition(inventor, received, kind, result, None, spot)
    fate = rng.random()
    if fate < 0.04:
        return anonymous(values)
    if fate < 0.10:
        reasons = ("gui_nhieu_noi", "da_huong_dan", "rach_nat")
        return ineligible(values, pick(rng, reasons))
    if kind == "kien_nghi_phan_anh":
        return values | _of_reflections(inventor, received, result, fate)
    return values


def _of_reflections(
    inventor: Inventor, received: date, result: str, fate: float
) -> Values:
    if fate < 0.18:
        return handed_on(inventor.rng, received)
    if fate < 0.24:
        return of_business(inventor)
    # NĐ 20/2008 governs these: they are guided or sent on, never taken up.
    if fate < 0.28 and result in ("chuyen", "tra_lai_huong_dan"):
        return {"on_admin_regulation": True}
    return {}


def new_key(inventor: Inventor, code: str, type_: str, year: int) -> str:
    """The next key of that type in that year, such as `QT-D2024-00031`."""
    head = f"{code}-{LETTERS[type_]}"
    return f"{head}{year}-{inventor.number(head, year):05d}"


def record(inventor: Inventor, type_: str, code: str, values: Values) -> Record:
    """The values under the next key of their first day's year; `code` is the
    installation's."""
    first = next(v for v in values.values() if isinstance(v, date))
    key = new_key(inventor, code, type_, first.year)
    return Record(type_, key, values, changed_at(inventor.rng, values))


def link(target: Record) -> Record:
    """The same record, marked as one that others point to."""
    return replace(target, linked=True)
