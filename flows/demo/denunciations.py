"""Clean denunciations of the sample estate, written to their end and then cut."""

from datetime import date, timedelta

from flows.demo.cases import consultation
from flows.demo.clock import worked
from flows.demo.inventing import Item, Values, days, known
from flows.demo.people import Inventor, Person, Spot, between, pick
from flows.demo.texts import matter


def denunciation(
    inventor: Inventor,
    received: date,
    person: Person,
    spot: Spot | None = None,
    is_planted: bool = False,
) -> Values:
    """A denunciation: concluded in its time, withdrawn (seldom) or still open.

    One that is planted comes to a conclusion.
    """
    rng, where = inventor.rng, spot or inventor.spot()
    accepted = worked(received + days(rng, 1, 6), received)
    allowed = (0, 0, 0, 0, 0, 0, 0, 1, 1, 2)[between(rng, 0, 9)]
    values = _denounced(inventor, received, person, where)
    if accepted > inventor.until:
        return values
    number = inventor.number("QĐ", accepted.year)
    values |= {
        "accepted_date": accepted,
        "acceptance_decision_no": f"{number}/QĐ-BHXH",
        "acceptance_decision_date": accepted,
        "notified_date": known(
            worked(accepted + days(rng, 0, 3), accepted), inventor.until
        ),
        "is_complex": allowed >= 1,
        "is_specially_complex": allowed == 2,
    }
    if allowed and rng.random() < 0.4:
        values["consultation"] = [consultation(inventor, accepted, where)]
    if not is_planted and rng.random() < 0.04:
        return values | {"outcome": pick(rng, ("rut", "dinh_chi"))}
    extensions = [
        extension(inventor, accepted, no)
        for no in range(1, allowed + 1)
        if _extended_on(accepted, no) <= inventor.until
    ]
    conclusion = _conclusion(inventor, accepted, allowed)
    return values | {"extensions": extensions} | conclusion


def _denounced(
    inventor: Inventor, received: date, person: Person, where: Spot
) -> Values:
    rng = inventor.rng
    accused = inventor.respondent(received, where)
    return {
        "received_date": received,
        "denouncer_name": person.name,
        "denouncer_address": person.address,
        "denouncer_contact": person.phone,
        "denouncer_id_number": person.id_number,
        "sender_kind": "ca_nhan",
        "denounced_name": accused.name,
        "denounced_position": accused.position,
        "denounced_org": accused.org,
        "act_type": pick(rng, ("cong_vu", "cong_vu", "quan_ly_nha_nuoc")),
        "content": matter(inventor, "to_cao", received, where)[1],
        "is_anonymous": False,
        "check_multi_place": rng.random() < 0.1,
        "accepted_date": None,
        "acceptance_decision_no": None,
        "acceptance_decision_date": None,
        "notified_date": None,
        "extensions": [],
        "is_complex": False,
        "is_specially_complex": False,
        "is_continued": rng.random() < 0.1,
        "outcome": None,
        "conclusion_no": None,
        "conclusion_date": None,
        "hc_persons": None,
        "hc_officials": None,
        "transferred_cases": None,
        "transferred_persons": None,
        "transferred_officials": None,
        "money_recover": None,
        "land_recover": None,
        "money_return": None,
        "protection_applied": rng.random() < 0.03,
        "published_date": None,
        "published_text": None,
        "dialogue_held_by": None,
        "head_reception_id": None,
        "skipped_level": rng.random() < 0.05,
        "is_prolonged": False,
        "escalated_on": None,
        "escalated_to": None,
        "consultation": [],
    }


def _extended_on(accepted: date, no: int) -> date:
    return worked(accepted + timedelta(30 * no - 5), accepted)


def extension(inventor: Inventor, accepted: date, no: int) -> Item:
    """The `no`-th extension, decided before the time before it ran out."""
    on = _extended_on(accepted, no)
    number = inventor.number("QĐ", on.year)
    return {"no": no, "decision_no": f"{number}/QĐ-BHXH", "date": on}


def _conclusion(inventor: Inventor, accepted: date, extended: int) -> Values:
    rng, until = inventor.rng, inventor.until
    concluded = accepted + days(rng, 12, 28) + timedelta(30 * extended)
    concluded = worked(concluded, accepted)
    if concluded > until:
        return {}
    outcome = pick(rng, ("dung", "sai", "co_dung_co_sai"))
    punished = 0 if outcome == "sai" else between(rng, 0, 3)
    transferred = int(punished > 0 and rng.random() < 0.1)
    published = known(worked(concluded + days(rng, 1, 5), concluded), until)
    text = "Công khai kết luận nội dung tố cáo tại trụ sở" if published else None
    return {
        "outcome": outcome,
        "conclusion_no": f"{inventor.number('KL', concluded.year)}/KL-BHXH",
        "conclusion_date": concluded,
        "hc_persons": punished,
        "hc_officials": between(rng, 0, punished),
        "transferred_cases": transferred,
        "transferred_persons": transferred * punished,
        "transferred_officials": 0,
        "money_recover": 0 if outcome == "sai" else between(rng, 0, 40) * 1_000_000,
        "land_recover": 0,
        "money_return": 0,
        "published_date": published,
        "published_text": text,
    }
