"""Clean cases of the sample estate: complaints, denunciations and recoveries."""

from datetime import date, timedelta

from flows.demo.inventing import (
    LAST_CLOSED,
    NOTHING_AFTER,
    SUSPENSION_FROM,
    Record,
    Scalar,
    Values,
    days,
)
from flows.demo.people import Inventor, Person
from flows.demo.texts import matter


def complaint(
    inventor: Inventor, received: date, person: Person, accept_after: int | None = None
) -> Values:
    """A first complaint: open when it came lately, else decided or (seldom) refused.

    `accept_after` plants the days to acceptance; the law allows 10.
    """
    rng = inventor.rng
    against = inventor.respondent(received)
    accepted = received + timedelta(accept_after or rng.randint(1, 8))
    values: Values = {
        "instance": 1,
        "complainant_name": person.name,
        "complainant_address": person.address,
        "complainant_id_number": person.id_number,
        "sender_kind": "ca_nhan",
        "respondent_name": against.name,
        "respondent_address": against.address,
        "respondent_org": against.org,
        "object_type": rng.choice(("quyet_dinh_bhxh", "hanh_vi_hc", "quyet_dinh_hc")),
        "object_doc_no": f"{rng.randint(10, 4000)}/QĐ-BHXH",
        "object_doc_date": received - days(rng, 5, 80),
        "content": matter(inventor, "khieu_nai", received)[1],
        "received_date": received,
        "is_remote": rng.random() < 0.1,
        "is_complex": rng.random() < 0.1,
        "settled_by": f"Giám đốc {against.org}",
        "suspensions": [],
    }
    if accept_after is None and rng.random() < 0.05:
        return values | _refusal(inventor, accepted)
    number = inventor.number("TB", accepted.year)
    values |= {"accepted_date": accepted, "notice_no": f"{number}/TB-BHXH"}
    if received > LAST_CLOSED:
        return values
    return values | _suspension(inventor, accepted) | _decision(inventor, accepted)


def _refusal(inventor: Inventor, refused: date) -> Values:
    grounds = ("khong_chu_ky", "het_thoi_hieu", "khong_lien_quan_truc_tiep")
    return {
        "refused_date": refused,
        "refusal_ground": inventor.rng.choice(grounds),
        "notice_no": f"{inventor.number('TB', refused.year)}/TB-BHXH",
    }


def _suspension(inventor: Inventor, accepted: date) -> Values:
    if accepted < SUSPENSION_FROM or inventor.rng.random() < 0.5:
        return {}
    first = accepted + timedelta(1)
    item: dict[str, Scalar] = {
        "from": first,
        "to": first + timedelta(1),
        "ground": "chờ kết quả giám định",
    }
    return {"suspensions": [item]}


def _decision(inventor: Inventor, accepted: date) -> Values:
    rng = inventor.rng
    dialogue = accepted + days(rng, 3, 10)
    decided = dialogue + days(rng, 3, 15)
    sent = decided + days(rng, 0, 3)
    return {
        "dialogue_date": dialogue,
        "dialogue_attended": rng.random() < 0.8,
        "dialogue_held_by": rng.choice(("nguoi_dung_dau", "cap_pho")),
        "outcome": rng.choice(("dung", "dung_mot_phan", "sai")),
        "decision_no": f"{inventor.number('QĐ', decided.year)}/QĐ-BHXH",
        "decision_date": decided,
        "decision_sent_date": sent,
        "published_date": sent + days(rng, 1, 9),
    }


def second_complaint(inventor: Inventor, first: Record, person: Person) -> Values:
    """A second complaint against a first decision, in time and to the superior."""
    decided = first.values["decision_date"]
    assert isinstance(decided, date)
    received = decided + days(inventor.rng, 5, 25)
    values = complaint(inventor, received, person, inventor.rng.randint(1, 8))
    return values | {
        "instance": 2,
        "first_case_id": first.key,
        "settled_by": f"Giám đốc BHXH {inventor.province}",
    }


def denunciation(inventor: Inventor, received: date, person: Person) -> Values:
    """A denunciation: open when it came lately, else concluded in its time."""
    rng = inventor.rng
    accused = inventor.respondent(received)
    accepted = received + days(rng, 1, 6)
    allowed = rng.choices((0, 1, 2), (80, 15, 5))[0]
    values: Values = {
        "denouncer_name": person.name,
        "denouncer_address": person.address,
        "denouncer_contact": person.phone,
        "denouncer_id_number": person.id_number,
        "sender_kind": "ca_nhan",
        "denounced_name": accused.name,
        "denounced_position": accused.position,
        "denounced_org": accused.org,
        "act_type": rng.choice(("cong_vu", "quan_ly_nha_nuoc")),
        "content": matter(inventor, "to_cao", received)[1],
        "is_anonymous": False,
        "received_date": received,
        "check_multi_place": rng.random() < 0.1,
        "accepted_date": accepted,
        "acceptance_decision_no": (f"{inventor.number('QĐ', accepted.year)}/QĐ-BHXH"),
        "acceptance_decision_date": accepted,
        "notified_date": accepted + days(rng, 0, 3),
        "is_complex": allowed >= 1,
        "is_specially_complex": allowed == 2,
        "is_continued": rng.random() < 0.1,
        "extensions": [],
    }
    if received > LAST_CLOSED:
        return values
    extensions = [extension(inventor, accepted, no) for no in range(1, allowed + 1)]
    return (
        values | {"extensions": extensions} | _conclusion(inventor, accepted, allowed)
    )


def extension(inventor: Inventor, accepted: date, no: int) -> dict[str, Scalar]:
    """The `no`-th extension, decided before the time before it ran out."""
    on = accepted + timedelta(30 * no - 5)
    number = inventor.number("QĐ", on.year)
    return {"no": no, "decision_no": f"{number}/QĐ-BHXH", "date": on}


def _conclusion(inventor: Inventor, accepted: date, extended: int) -> Values:
    rng = inventor.rng
    concluded = accepted + days(rng, 12, 28) + timedelta(30 * extended)
    return {
        "outcome": rng.choice(("dung", "sai", "co_dung_co_sai")),
        "conclusion_no": f"{inventor.number('KL', concluded.year)}/KL-BHXH",
        "conclusion_date": concluded,
        "hc_persons": rng.randint(0, 3),
        "money_recover": rng.randint(0, 40) * 1_000_000,
        "published_date": concluded + days(rng, 1, 5),
        "published_text": "Công khai kết luận nội dung tố cáo tại trụ sở",
    }


def recovery(inventor: Inventor, case: Record) -> Values:
    """Money wrongly enjoyed that a case brought to light, some of it paid back."""
    rng = inventor.rng
    received = case.values["received_date"]
    assert isinstance(received, date)
    wrong = rng.randint(8, 900) * 100_000
    recovered = rng.choice((0, wrong // 200_000 * 100_000, wrong))
    paid_on = min(received + days(rng, 60, 200), NOTHING_AFTER)
    is_complaint = case.type == "complaint_case"
    return {
        "case_type": case.type,
        "case_id": case.key,
        "fund": rng.choice(("bhxh", "bhyt", "bhtn")),
        "benefit_type": rng.choice(("hưu trí", "ốm đau", "thai sản", "thất nghiệp")),
        "period_from": received - days(rng, 400, 900),
        "period_to": received - days(rng, 30, 300),
        "amount_wrong": wrong,
        "decision_no": f"{inventor.number('QĐ', received.year)}/QĐ-BHXH",
        "amount_recovered": recovered,
        "remaining": wrong - recovered,
        "hard_to_recover": recovered < wrong and rng.random() < 0.1,
        "last_recovery_date": paid_on if recovered else None,
        "beneficiary_ref": f"{rng.randrange(10**9):010d}",
        "found_through": "khieu_nai" if is_complaint else "to_cao",
        "measure": "thu hồi qua chi trả hằng tháng",
    }
