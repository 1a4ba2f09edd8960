"""Clean papers of a case: decisions, their enforcement, money to be recovered."""

from datetime import date, timedelta
from random import Random

from flows.demo.clock import worked
from flows.demo.inventing import Item, Values, days, known
from flows.demo.people import Inventor, Spot, between, pick
from flows.demo.texts import BENEFITS, MEASURES

TITLES = ("Giám đốc", "Giám đốc", "Phó Giám đốc", "KT. Giám đốc, Phó Giám đốc")
FORMS = (
    "niêm yết tại trụ sở",
    "đăng trang thông tin điện tử",
    "công bố tại cuộc họp",
    "niêm yết tại trụ sở và nơi tiếp công dân",
)
DISPOSITIONS = {
    "dung": ("huy_toan_bo", "cham_dut_hanh_vi"),
    "dung_mot_phan": ("sua_mot_phan",),
    "sai": ("giu_nguyen",),
}
# Luật Khiếu nại Art. 44: a decision takes effect 30 days after its issue.
EFFECT = timedelta(30)
FOUND_THROUGH = {
    "complaint_case": ("khieu_nai",),
    "denunciation_case": ("to_cao",),
    "recommendation_reflection": ("kien_nghi", "phan_anh"),
}


def documents(inventor: Inventor, type_: str, case: Values, spot: Spot) -> list[Values]:
    """The documents of a case, the one that settles it last."""
    if type_ == "complaint_case":
        return _of_complaint(inventor, case, spot)
    if type_ == "denunciation_case":
        return _of_denunciation(inventor, case, spot)
    if case["answer_no"] is None:
        return []
    return [_paper(inventor, case, "answer", "van_ban_tra_loi", spot)]


def _of_complaint(inventor: Inventor, case: Values, spot: Spot) -> list[Values]:
    if case["refused_date"]:
        return [_paper(inventor, case, "refused", "tb_khong_thu_ly", spot)]
    if not case["accepted_date"]:
        return []
    papers = [_paper(inventor, case, "accepted", "thong_bao_thu_ly", spot)]
    stops = case["suspensions"]
    for stop in stops if isinstance(stops, list) else ():
        assert isinstance(stop, dict)
        papers.append(
            _paper(
                inventor,
                _numbered(inventor, stop, "from"),
                "stop",
                "qd_tam_dinh_chi",
                spot,
            )
        )
    if not case["decision_date"]:
        return papers
    if case["outcome"] in ("rut", "dinh_chi"):
        return [*papers, _paper(inventor, case, "decision", "qd_dinh_chi", spot)]
    kind = f"qd_giai_quyet_{case['instance']}"
    decided = _paper(inventor, case, "decision", kind, spot) | _published(
        inventor, case
    )
    disposition = pick(inventor.rng, DISPOSITIONS[str(case["outcome"])])
    sent: Values = {"sent_date": case["decision_sent_date"]}
    return [*papers, decided | sent | {"disposition": disposition}]


def _numbered(inventor: Inventor, item: Item, field: str) -> Values:
    """What a decision of its own needs: the number and the day of an item."""
    on = item[field]
    assert isinstance(on, date)
    number = item.get("decision_no") or f"{inventor.number('QĐ', on.year)}/QĐ-BHXH"
    return {"stop_no": number, "stop_date": on}


def _of_denunciation(inventor: Inventor, case: Values, spot: Spot) -> list[Values]:
    if not case["accepted_date"]:
        return []
    papers = [_paper(inventor, case, "acceptance_decision", "qd_thu_ly_to_cao", spot)]
    extensions = case["extensions"]
    for item in extensions if isinstance(extensions, list) else ():
        assert isinstance(item, dict)
        papers.append(
            _paper(
                inventor, _numbered(inventor, item, "date"), "stop", "qd_gia_han", spot
            )
        )
    if case["conclusion_date"]:
        last = _paper(inventor, case, "conclusion", "ket_luan_to_cao", spot)
        papers.append(last | _published(inventor, case))
    return papers


NUMBERS = {
    "accepted": "notice_no",
    "refused": "notice_no",
}


def _paper(
    inventor: Inventor, case: Values, step: str, doc_type: str, spot: Spot
) -> Values:
    """One document: the case's fields `<step>_no` and `<step>_date` say which."""
    rng = inventor.rng
    on = case[f"{step}_date"]
    assert isinstance(on, date)
    is_second = case.get("instance") == 2
    org = inventor.provincial_office if is_second else inventor.office
    has_file = rng.random() < 0.3
    return {
        "doc_date": on,
        "doc_no": case[NUMBERS.get(step, f"{step}_no")],
        "doc_type": doc_type,
        "signer": inventor.official(spot),
        "signer_title": pick(rng, TITLES),
        "issuing_org": org(on, spot),
        "sent_date": known(worked(on + days(rng, 0, 2), on), inventor.until),
        "published_date": None,
        "publication_form": None,
        "disposition": None,
        "file_ref": f"vb/{on.year}/{rng.getrandbits(48):012x}.pdf"
        if has_file
        else None,
        "file_sha256": f"{rng.getrandbits(256):064x}" if has_file else None,
    }


def _published(inventor: Inventor, case: Values) -> Values:
    on = case["published_date"]
    form = pick(inventor.rng, FORMS) if on else None
    return {"published_date": on, "publication_form": form}


def needs_enforcement(document: Values) -> bool:
    """A decision that changes something, or a conclusion on the acts of people."""
    changes = document["disposition"] in ("huy_toan_bo", "sua_mot_phan")
    return changes or document["doc_type"] == "ket_luan_to_cao"


def enforcement(inventor: Inventor, document: Values) -> Values:
    """How a decision is carried out: not begun, under way or done."""
    rng, until = inventor.rng, inventor.until
    issued = document["doc_date"]
    assert isinstance(issued, date)
    is_conclusion = document["doc_type"] == "ket_luan_to_cao"
    effect = issued if is_conclusion else issued + EFFECT
    started = worked(effect + days(rng, 0, 4), issued)
    done = worked(started + days(rng, 7, 50), started)
    begun = known(started, until)
    ended = known(done, until) if rng.random() < 0.93 else None
    status = "xong" if ended else "dang" if begun else "chua"
    return {
        "start_date": begun,
        "due_date": known(started + timedelta(30), until),
        "required": True,
        "responsible_org": document["issuing_org"],
        "status": status,
        "completed_date": ended,
        "returned_money": between(rng, 0, 300) * 100_000 if ended else 0,
        "state_money": 0,
        # 04/KQGQ counts people, 02/KQGQ does not.
        "persons_handled": between(rng, 0, 2) if is_conclusion else None,
    }


def not_enforced(document: Values) -> Values:
    """A decision that leaves all as it was: nothing to carry out."""
    return {
        "start_date": None,
        "due_date": None,
        "required": False,
        "responsible_org": document["issuing_org"],
        "status": "khong_thi_hanh",
        "completed_date": None,
        "returned_money": 0,
        "state_money": 0,
        "persons_handled": None,
    }


def recovery(
    inventor: Inventor, type_: str, key: str, case: Values, decided: date, number: str
) -> Values:
    """Money wrongly enjoyed that a case brought to light, some of it paid back under
    the decision of that day and number."""
    rng = inventor.rng
    received = case["received_date"]
    assert isinstance(received, date)
    wrong = between(rng, 8, 900) * 100_000
    paid_on = worked(decided + days(rng, 10, 150), decided)
    is_paid = paid_on <= inventor.until
    recovered = _paid(rng, wrong) if is_paid else 0
    ended = received - days(rng, 30, 300)
    return {
        "period_to": ended,
        "period_from": ended - days(rng, 60, 700),
        "case_type": type_,
        "case_id": key,
        "fund": pick(rng, ("bhxh", "bhxh", "bhyt", "bhtn")),
        "benefit_type": pick(rng, BENEFITS),
        "amount_wrong": wrong,
        "decision_no": number,
        "decision_id": None,
        "amount_recovered": recovered,
        "remaining": wrong - recovered,
        "hard_to_recover": recovered < wrong and rng.random() < 0.1,
        "last_recovery_date": paid_on if recovered else None,
        "beneficiary_ref": f"{int(rng.random() * 10**9):010d}",
        "found_through": pick(rng, FOUND_THROUGH[type_]),
        "measure": pick(rng, MEASURES),
    }


def _paid(rng: Random, wrong: int) -> int:
    chance = rng.random()
    return 0 if chance < 0.3 else wrong if chance < 0.7 else wrong // 200_000 * 100_000
