"""Clean receptions and reflections of the sample estate: what citizens bring."""

from datetime import date

from flows.demo.cases import consultation
from flows.demo.clock import AMENDED_ON, is_off, worked
from flows.demo.inventing import (
    OF_DEPUTIES,
    SOURCES,
    Values,
    days,
    sender,
)
from flows.demo.people import Inventor, Person, Spot, between, pick
from flows.demo.texts import matter, session

RESULTS = (
    *("thu_ly", "thu_ly", "tra_lai_huong_dan", "tra_lai_huong_dan"),
    *("giai_thich", "giai_thich", "chuyen_don", "tu_choi"),
)
# What a petition's processing result is when the visitor handed it over.
RESULT_OF_PETITION = {
    "thu_ly": "thu_ly",
    "chuyen": "chuyen_don",
    "tra_lai_huong_dan": "tra_lai_huong_dan",
    "don_rut": "giai_thich",
    "xep_luu": "giai_thich",
    "don_doc": "chuyen_don",
}
PETITION_KINDS = (
    *(25 * ("khieu_nai",) + 8 * ("to_cao",) + 2 * ("nhieu_noi_dung",)),
    *(65 * ("kien_nghi_phan_anh",)),
)
GROUP_FROM = 5  # people from whom on a visit is one of a group
PERIODIC_DAY = 15  # the head receives on this day of each month, or before it


def reception(
    inventor: Inventor,
    on: date,
    is_periodic: bool = False,
    person: Person | None = None,
    spot: Spot | None = None,
) -> Values:
    """A visit: at the desk, to the head on the monthly day, or of a crowd at once."""
    rng, where = inventor.rng, spot or inventor.spot()
    who = person or inventor.person(on, where)
    kind = pick(rng, PETITION_KINDS)
    chance = rng.random()
    is_urgent = not is_periodic and chance < 0.03
    people = _people(inventor, is_urgent, chance)
    is_online = on >= AMENDED_ON and people == 1 and rng.random() < 0.15
    is_group = people >= GROUP_FROM
    return {
        "reception_date": on,
        "reception_type": _type(is_periodic, is_urgent),
        "channel": "truc_tuyen" if is_online else "truc_tiep",
        "host_role": _host(inventor, is_periodic, is_urgent),
        "citizen_name": who.name,
        "citizen_address": who.address,
        **_papers(inventor, on, who),
        "people_count": people,
        "is_group": is_group,
        "visit_sequence": "first" if rng.random() < 0.8 else "repeat",
        "content": matter(inventor, kind, on, where)[1],
        "petition_kind": kind,
        "result": pick(rng, RESULTS),
        "previous_resolver": inventor.office(on, where) if rng.random() < 0.3 else None,
        "petition_id": None,
        "sender_kind": "tap_the" if is_group else "ca_nhan",
    }


def _people(inventor: Inventor, is_urgent: bool, chance: float) -> int:
    if is_urgent and chance < 0.02:
        return between(inventor.rng, GROUP_FROM, 45)
    return 1 if inventor.rng.random() < 0.9 else between(inventor.rng, 2, 4)


def _type(is_periodic: bool, is_urgent: bool) -> str:
    if is_periodic:
        return "dinh_ky"
    return "dot_xuat" if is_urgent else "thuong_xuyen"


def _host(inventor: Inventor, is_periodic: bool, is_urgent: bool) -> str:
    if is_periodic:
        # A deputy stands in only where the head gave authority.
        is_head = inventor.rng.random() < 0.95
        return "nguoi_dung_dau" if is_head else "cap_pho_uy_quyen"
    return "nguoi_dung_dau" if is_urgent else "can_bo_tcd"


def _papers(inventor: Inventor, on: date, who: Person) -> Values:
    # Since the amending law a visitor shows who they are.
    if on < AMENDED_ON and inventor.rng.random() < 0.25:
        return {"id_type": None, "id_number": None}
    kind = "cccd" if len(who.id_number) == 12 else "cmnd"
    return {"id_type": kind, "id_number": who.id_number}


def with_petition(inventor: Inventor, key: str, petition: Values) -> Values:
    """The visit at which a petition was handed over, on the day it was received."""
    on = petition["received_date"]
    assert isinstance(on, date)
    person = Person(
        str(petition["sender_name"]),
        str(petition["sender_address"]),
        str(petition["sender_contact"]),
        str(petition["sender_id_number"]),
    )
    return reception(inventor, on, person=person) | {
        "petition_kind": petition["kind"],
        "content": petition["content"],
        "result": RESULT_OF_PETITION[str(petition["processing_result"])],
        "petition_id": key,
    }


def periodic_days(first: date, last: date) -> list[date]:
    """The head's monthly days in that time, each a day at the office."""
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    fixed = (date(m // 12, m % 12 + 1, PERIODIC_DAY) for m in months)
    found = (worked(day, day.replace(day=1)) for day in fixed)
    return [day for day in found if first <= day <= last and not is_off(day)]


def reflection(
    inventor: Inventor,
    received: date,
    person: Person,
    spot: Spot | None = None,
    is_planted: bool = False,
) -> Values:
    """A recommendation or reflection: answered, passed on, filed or still in hand.

    One that is planted is answered.
    """
    rng, where = inventor.rng, spot or inventor.spot()
    fate = 1.0 if is_planted else rng.random()
    result = "chuyen" if fate < 0.12 else "luu" if fate < 0.2 else "da_tra_loi"
    answered = worked(received + days(rng, 2, 25), received)
    if result == "da_tra_loi" and answered > inventor.until:
        result = "dang_xu_ly"
    is_answered = result == "da_tra_loi"
    return {
        "received_date": received,
        **{name: v for name, v in sender(person).items() if name != "sender_id_number"},
        "sender_kind": "ca_nhan",
        "content": matter(inventor, "kien_nghi_phan_anh", received, where)[1],
        **_origin(inventor, received),
        "competent": result != "chuyen",
        "handler": inventor.office(received, where),
        "result": result,
        "answer_no": (
            f"{inventor.number('CV', answered.year)}/BHXH-CV" if is_answered else None
        ),
        "answer_date": answered if is_answered else None,
        "skipped_level": False,
        "is_prolonged": False,
        "escalated_on": None,
        "escalated_to": None,
        "consultation": (
            [consultation(inventor, received, where)] if rng.random() < 0.04 else []
        ),
    }


def _origin(inventor: Inventor, received: date) -> Values:
    """Who asked, by which channel, and for deputies and voters at which session."""
    rng = inventor.rng
    chance = rng.random()
    if chance < 0.12:
        channel = pick(rng, OF_DEPUTIES)
        origin = "cu_tri" if channel == "cu_tri" else "dai_bieu_qh"
        return {"channel": channel, "origin": origin, "na_session": session(received)}
    channel = pick(rng, SOURCES)
    origin = "co_quan_khac" if channel == "co_quan_chuyen" else "cong_dan"
    return {"channel": channel, "origin": origin, "na_session": None}
