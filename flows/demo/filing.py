"""Cases with the papers that belong to them: how they are filed."""

from datetime import date

from flows.demo.archive import Archive, link_last
from flows.demo.documents_of import (
    documents,
    enforcement,
    needs_enforcement,
    not_enforced,
    recovery,
)
from flows.demo.inventing import Record, Values
from flows.demo.people import Spot

# Whose papers were typed in; denunciations are kept under lock and key. A small
# installation types in fewer: faults are planted in cases that no paper points to.
DOCUMENTED = {"complaint_case": 0.7, "denunciation_case": 0.5}
SMALL = 1000


def _is_documented(archive: Archive, type_: str) -> bool:
    share = DOCUMENTED[type_] * (0.5 if archive.quota < SMALL else 1)
    return archive.inventor.rng.random() < share


def add_case(archive: Archive, type_: str, case: Values, spot: Spot) -> Record:
    """File a case and its papers; the case is linked when it has any."""
    on = case["received_date"]
    assert isinstance(on, date)
    is_documented = _is_documented(archive, type_)
    papers = documents(archive.inventor, type_, case, spot) if is_documented else []
    made = archive.add(type_, spot, on, case, is_linked=bool(papers))
    settled = _file_papers(archive, made, papers, spot)
    if settled and type_ == "complaint_case" and case["decision_date"]:
        case["decision_id"] = settled.key
        link_last(archive, settled)
    _maybe_recover(archive, made, settled, spot)
    return made


def add_papers(archive: Archive, made: Record, spot: Spot) -> None:
    """File the papers of a case that was filed before."""
    papers = documents(archive.inventor, made.type, made.values, spot)
    _file_papers(archive, made, papers, spot)


def _file_papers(
    archive: Archive, case: Record, papers: list[Values], spot: Spot
) -> Record | None:
    """File the documents with their enforcement; gives the last of them."""
    made = None
    chance = archive.inventor.rng.random()
    for values in papers:
        values |= {"case_type": case.type, "case_id": case.key}
        on = values["doc_date"]
        assert isinstance(on, date)
        done = _enforcement(archive, values, chance)
        made = archive.add("decision", spot, on, values, is_linked=bool(done))
        if done:
            done["decision_id"] = made.key
            archive.add("enforcement", spot, on, done)
    return made


def _enforcement(archive: Archive, document: Values, chance: float) -> Values | None:
    if needs_enforcement(document) and chance < 0.85:
        return enforcement(archive.inventor, document)
    if document["disposition"] == "giu_nguyen" and chance < 0.1:
        return not_enforced(document)
    return None


def _maybe_recover(
    archive: Archive, case: Record, settled: Record | None, spot: Spot
) -> None:
    """Half of the cases in which somebody was right bring money to light."""
    values, inventor = case.values, archive.inventor
    is_complaint = case.type == "complaint_case"
    decided = values["decision_date" if is_complaint else "conclusion_date"]
    is_right = values["outcome"] in ("dung", "dung_mot_phan", "co_dung_co_sai")
    if not isinstance(decided, date) or not is_right or inventor.rng.random() < 0.4:
        return
    number = values["decision_no" if is_complaint else "conclusion_no"]
    made = recovery(inventor, case.type, case.key, values, decided, str(number))
    if settled is not None:
        made["decision_id"] = settled.key
        link_last(archive, settled)
    link_last(archive, case)
    archive.add("recovery", spot, decided, made)
