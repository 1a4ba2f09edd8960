"""Clean complaints of the sample estate.

A case is written to its end and then cut: what lies after the inventor's `until` has
not happened yet.
"""

from datetime import date, timedelta

from flows.demo.clock import AMENDED_ON, MERGED_ON, worked
from flows.demo.inventing import Item, Values, days, known
from flows.demo.people import Inventor, Person, Spot, between, pick
from flows.demo.texts import matter

GROUNDS = (
    *("khong_chu_ky", "het_thoi_hieu", "het_thoi_hieu", "khong_lien_quan_truc_tiep"),
    *("khong_du_nang_luc", "dai_dien_khong_hop_phap", "toa_an_da_thu_ly"),
)
CONSULTED = ("Sở Nội vụ", "BHXH Việt Nam", "Sở Y tế", "Thanh tra tỉnh", "Sở Tài chính")
WAITING = (
    "chờ kết quả giám định",
    "chờ xác minh tại đơn vị cũ",
    "người khiếu nại ốm nặng",
)


def complaint(
    inventor: Inventor,
    received: date,
    person: Person,
    accept_after: int | None = None,
    spot: Spot | None = None,
) -> Values:
    """A first complaint: refused (seldom), withdrawn, ended, decided or still open.

    `accept_after` plants the days to acceptance, where the law allows 10, and an end
    by decision.
    """
    rng, where = inventor.rng, spot or inventor.spot()
    planted = accept_after is not None
    accepted = worked(
        received + timedelta(accept_after or between(rng, 1, 8)), received
    )
    values = _complained(inventor, received, person, where)
    fate = 1.0 if planted else rng.random()
    if accepted > inventor.until:
        return values
    if fate < 0.05:
        return values | _refusal(inventor, accepted)
    number = inventor.number("TB", accepted.year)
    values |= {"accepted_date": accepted, "notice_no": f"{number}/TB-BHXH"}
    if values["is_complex"]:
        values |= _hard(inventor, accepted, where)
    if fate < 0.11:
        return values | _ended(inventor, accepted, "rut" if fate < 0.09 else "dinh_chi")
    return (
        values | _suspension(inventor, accepted) | _decision(inventor, accepted, where)
    )


def _complained(
    inventor: Inventor, received: date, person: Person, where: Spot
) -> Values:
    rng = inventor.rng
    against = inventor.respondent(received, where)
    objects = ("quyet_dinh_bhxh", "quyet_dinh_bhxh", "hanh_vi_hc", "quyet_dinh_hc")
    return {
        "received_date": received,
        "instance": 1,
        "first_case_id": None,
        "complainant_name": person.name,
        "complainant_address": person.address,
        "complainant_id_number": person.id_number,
        "representative": None,
        "sender_kind": "ca_nhan" if rng.random() < 0.95 else "tap_the",
        "respondent_name": against.name,
        "respondent_address": against.address,
        "respondent_org": against.org,
        "object_type": pick(rng, objects),
        "object_doc_no": f"{between(rng, 10, 4000)}/QĐ-BHXH",
        "object_doc_date": received - days(rng, 5, 80),
        "content": matter(inventor, "khieu_nai", received, where)[1],
        "accepted_date": None,
        "notice_no": None,
        "refused_date": None,
        "refusal_ground": None,
        "is_remote": where.area.region in "NY" and rng.random() < 0.4,
        "is_complex": rng.random() < 0.12,
        "suspensions": [],
        "dialogue_date": None,
        "dialogue_attended": None,
        "dialogue_held_by": None,
        "head_reception_id": None,
        "withdrawn_date": None,
        "withdrawn_scope": None,
        "outcome": None,
        "decision_no": None,
        "decision_date": None,
        "decision_sent_date": None,
        "published_date": None,
        "decision_id": None,
        "settled_by": f"Giám đốc {against.org}",
        "lawsuit_date": None,
        "lawsuit_court": None,
        "skipped_level": rng.random() < 0.03,
        "is_prolonged": False,
        "escalated_on": None,
        "escalated_to": None,
        "consultation": [],
    }


def _refusal(inventor: Inventor, refused: date) -> Values:
    return {
        "refused_date": refused,
        "refusal_ground": pick(inventor.rng, GROUNDS),
        "notice_no": f"{inventor.number('TB', refused.year)}/TB-BHXH",
    }


def _hard(inventor: Inventor, accepted: date, where: Spot) -> Values:
    """What complex cases need: another body's view, the superior's word (CV 3476)."""
    rng = inventor.rng
    values: Values = {}
    if rng.random() < 0.6:
        values["consultation"] = [consultation(inventor, accepted, where)]
    escalated = worked(accepted + days(rng, 5, 15), accepted)
    if rng.random() < 0.3 and escalated <= inventor.until:
        values |= {"escalated_on": escalated, "escalated_to": "BHXH Việt Nam"}
    return values


def consultation(inventor: Inventor, start: date, where: Spot) -> Item:
    """A question to another body after `start`, answered in time or not yet."""
    rng = inventor.rng
    asked = min(worked(start + days(rng, 1, 4), start), inventor.until)
    answered = worked(asked + days(rng, 2, 9), asked)
    bodies = (*CONSULTED, f"UBND {where.area.name}")
    if start >= MERGED_ON:
        bodies = (*CONSULTED, f"UBND {inventor.province}")
    return {
        "asked_on": asked,
        "body": pick(rng, bodies),
        "due_on": known(asked + timedelta(10), inventor.until),
        "answered_on": known(answered, inventor.until),
    }


def _ended(inventor: Inventor, accepted: date, outcome: str) -> Values:
    """Withdrawn as a whole or ended: a written decision, no conclusion (rule 35)."""
    rng = inventor.rng
    withdrawn = worked(accepted + days(rng, 2, 12), accepted)
    decided = worked(withdrawn + days(rng, 0, 3), withdrawn)
    if decided > inventor.until:
        return {}
    values: Values = {
        "outcome": outcome,
        "decision_no": f"{inventor.number('QĐ', decided.year)}/QĐ-BHXH",
        "decision_date": decided,
        "decision_sent_date": known(
            worked(decided + days(rng, 0, 2), decided), inventor.until
        ),
    }
    if outcome == "rut":
        values |= {"withdrawn_date": withdrawn, "withdrawn_scope": "toan_bo"}
    return values


def _suspension(inventor: Inventor, accepted: date) -> Values:
    first = accepted + timedelta(1)
    last = first + timedelta(1)
    is_possible = accepted >= AMENDED_ON and last <= inventor.until
    if not is_possible or inventor.rng.random() < 0.8:
        return {}
    item: Item = {"from": first, "to": last, "ground": pick(inventor.rng, WAITING)}
    return {"suspensions": [item]}


def _decision(inventor: Inventor, accepted: date, where: Spot) -> Values:
    rng, until = inventor.rng, inventor.until
    dialogue = worked(accepted + days(rng, 3, 10), accepted)
    decided = worked(dialogue + days(rng, 3, 15), dialogue)
    values: Values = {}
    if dialogue <= until:
        values = {
            "dialogue_date": dialogue,
            "dialogue_attended": rng.random() < 0.8,
            "dialogue_held_by": pick(rng, ("nguoi_dung_dau", "cap_pho")),
        }
    # Withdrawal in part came with the amending law.
    if dialogue >= AMENDED_ON and dialogue <= until and rng.random() < 0.05:
        values |= {"withdrawn_date": dialogue, "withdrawn_scope": "mot_phan"}
    if decided > until:
        return values
    sent = worked(decided + days(rng, 0, 3), decided)
    decision: Values = {
        "outcome": pick(rng, ("dung", "dung_mot_phan", "sai", "sai")),
        "decision_no": f"{inventor.number('QĐ', decided.year)}/QĐ-BHXH",
        "decision_date": decided,
        "decision_sent_date": known(sent, until),
        "published_date": known(worked(sent + days(rng, 1, 9), sent), until),
    }
    return values | decision | _lawsuit(inventor, decided, where)


def _lawsuit(inventor: Inventor, decided: date, where: Spot) -> Values:
    rng = inventor.rng
    on = worked(decided + days(rng, 10, 60), decided)
    if rng.random() > 0.02 or on > inventor.until:
        return {}
    old = f"Tòa án nhân dân {where.district.full}"
    new = f"Tòa án nhân dân khu vực {between(rng, 1, 9)}"
    return {"lawsuit_date": on, "lawsuit_court": new if on >= MERGED_ON else old}


def second_complaint(
    inventor: Inventor,
    received: date,
    first: Values,
    key: str,
    spot: Spot | None = None,
) -> Values:
    """A second complaint against the decision of the first case of that key, by the
    same person and to the superior; `received` is in time."""
    person = Person(
        str(first["complainant_name"]),
        str(first["complainant_address"]),
        "",
        str(first["complainant_id_number"]),
    )
    where = spot or inventor.spot()
    after = between(inventor.rng, 1, 8)
    values = complaint(inventor, received, person, after, where)
    return values | {
        "instance": 2,
        "first_case_id": key,
        "settled_by": f"Giám đốc {inventor.provincial_office(received, where)}",
    }
