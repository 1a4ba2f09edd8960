"""How an office works on a record: decided, processed, paid back. No fault is made."""

from collections.abc import Callable
from datetime import date
from random import Random
from typing import TypeAlias

from flows.demo.forms import XLSX_RESULTS
from flows.demo.inventing import Record, Values, days

Amend: TypeAlias = Callable[[Random, Values, date], Values]


def amended(rng: Random, record: Record, on: date) -> Values:
    """The record's values after somebody worked on it that day."""
    return record.values | _AMENDS[record.type](rng, record.values, on)


def _reception(rng: Random, _: Values, __: date) -> Values:
    return {"previous_resolver": f"BHXH cơ sở {rng.randint(1, 40)}"}


def _petition(rng: Random, values: Values, _: date) -> Values:
    received = values["received_date"]
    assert isinstance(received, date)
    # A register without a date of writing shows the other change.
    result = str(values["processing_result"])
    shown = XLSX_RESULTS.get(result, result)
    other = "tra_lai_huong_dan" if shown == "xep_luu" else "xep_luu"
    changed: Values = {"written_date": received - days(rng, 13, 30)}
    if values["eligible"] and result in ("xep_luu", "tra_lai_huong_dan"):
        changed["processing_result"] = other
        changed["reply_no"] = None if other == "xep_luu" else _number(rng, "CV")
    return changed


def _complaint(rng: Random, values: Values, on: date) -> Values:
    if values.get("decision_date"):
        return {"published_date": on}
    if not values.get("accepted_date") or values.get("withdrawn_date"):
        return {"is_remote": not values["is_remote"]}
    return {
        "outcome": rng.choice(("dung", "dung_mot_phan", "sai")),
        "decision_no": _number(rng, "QĐ"),
        "decision_date": on,
        "decision_sent_date": on,
    }


def _denunciation(rng: Random, values: Values, on: date) -> Values:
    if values.get("conclusion_date"):
        return {"published_date": on}
    if not values.get("accepted_date") or values.get("outcome"):
        return {"is_continued": not values["is_continued"]}
    return {
        "outcome": rng.choice(("dung", "sai", "co_dung_co_sai")),
        "conclusion_no": _number(rng, "KL"),
        "conclusion_date": on,
    }


def _reflection(rng: Random, values: Values, on: date) -> Values:
    if values["result"] == "dang_xu_ly":
        answer: Values = {"answer_no": _number(rng, "CV"), "answer_date": on}
        return answer | {"result": "da_tra_loi"}
    return {"is_prolonged": not values.get("is_prolonged")}


def _decision(_: Random, __: Values, on: date) -> Values:
    return {"published_date": on, "publication_form": "niêm yết tại trụ sở"}


def _enforcement(_: Random, values: Values, on: date) -> Values:
    if values["status"] in ("chua", "dang") and values.get("start_date"):
        return {"status": "xong", "completed_date": on}
    handled = values.get("persons_handled")
    return {"persons_handled": (handled if isinstance(handled, int) else 0) + 1}


def _recovery(rng: Random, values: Values, on: date) -> Values:
    wrong, before = values["amount_wrong"], values["amount_recovered"]
    assert isinstance(wrong, int)
    assert isinstance(before, int)
    left = wrong - before
    if left <= 0:
        return {"measure": f"đã thu đủ, đối chiếu lần {rng.randint(1, 99)}"}
    paid = left if left < 1_000_000 else left // 2
    return {
        "amount_recovered": before + paid,
        "remaining": left - paid,
        "last_recovery_date": on,
    }


def _unit(rng: Random, _: Values, __: date) -> Values:
    return {"legal_document": _number(rng, "QĐ")}


def _report(rng: Random, _: Values, __: date) -> Values:
    return {"report_no": _number(rng, "BC")}


def _number(rng: Random, kind: str) -> str:
    # Above the running numbers of the year.
    return f"{rng.randint(20_000, 99_999)}/{kind}-BHXH"


_AMENDS: dict[str, Amend] = {
    "reception": _reception,
    "petition": _petition,
    "complaint_case": _complaint,
    "denunciation_case": _denunciation,
    "recommendation_reflection": _reflection,
    "decision": _decision,
    "enforcement": _enforcement,
    "recovery": _recovery,
    "org_unit": _unit,
    "periodic_report": _report,
}
