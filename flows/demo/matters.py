"""An installation's clean records: matters in order of time, each with its papers."""

from collections.abc import Callable
from datetime import date, timedelta

from flows.demo.archive import MOST_PER_MATTER, Archive, place_of
from flows.demo.cases import complaint, second_complaint
from flows.demo.clock import FIRST_DAY, sorted_days
from flows.demo.denunciations import denunciation
from flows.demo.filing import SMALL, add_case, add_papers
from flows.demo.inventing import (
    RESULTS,
    Record,
    Values,
    any_petition,
    link,
    petition,
)
from flows.demo.people import Inventor, Person, Spot, pick
from flows.demo.products import CASES, REST, TCD, XLSX
from flows.demo.receptions import (
    periodic_days,
    reception,
    reflection,
    with_petition,
)

# What comes in at an office that keeps cases, per hundred.
MIX = (
    42 * ("petition",)
    + 22 * ("visit",)
    + 15 * ("reflection",)
    + 10 * ("complaint",)
    + 6 * ("visit_with_petition",)
    + 5 * ("denunciation",)
)
# A small installation has more of what is rare, so that there is some of it.
SMALL_MIX = (
    25 * ("petition",)
    + 20 * ("visit",)
    + 14 * ("reflection",)
    + 19 * ("complaint",)
    + 5 * ("visit_with_petition",)
    + 14 * ("denunciation",)
)
# Records that come of one of them on average; lower would make more than the quota.
PER_MATTER = 1.95
# Of the visits, those on the head's monthly day; and at most one in each month.
PERIODIC = 0.04


def fill(archive: Archive, quota: int) -> list[Record]:
    """Exactly `quota` records without a fault."""
    archive.quota = quota
    if archive.product in CASES:
        _with_cases(archive, quota)
    elif archive.product == TCD:
        _fill_register(archive, quota)
    left = quota - len(archive.records)
    # A register of ten columns has none for the destination (rule 15).
    is_wide = archive.product != XLSX
    for on in sorted_days(archive.inventor.rng, left, archive.inventor.until):
        add_petition(archive, on, is_wide)
    return archive.records


def _fill_register(archive: Archive, quota: int) -> None:
    inventor = archive.inventor
    for on in sorted_days(inventor.rng, quota, inventor.until):
        spot = inventor.spot()
        values = reception(inventor, on, spot=spot)
        archive.add("reception", spot, on, values)


def _with_cases(archive: Archive, quota: int) -> None:
    rng, until = archive.inventor.rng, archive.inventor.until
    mix = SMALL_MIX if quota < SMALL else MIX
    per_matter = PER_MATTER * (1.4 if quota < SMALL else 1)
    count = int(quota / per_matter)
    days = sorted_days(rng, count, until)
    months = periodic_days(FIRST_DAY, until)
    monthly = months[-max(1, min(len(months), int(quota * PERIODIC))) :]
    found = [(on, "periodic") for on in monthly] + [(on, pick(rng, mix)) for on in days]
    for on, kind in sorted(found):
        if len(archive.records) + MOST_PER_MATTER > quota:
            break
        MATTERS[kind](archive, on)


def add_petition(archive: Archive, on: date, is_wide: bool = True) -> None:
    """A petition by itself; a few are copies of the one before, filed as such."""
    inventor = archive.inventor
    spot = inventor.spot()
    values = any_petition(inventor, on, is_wide, spot)
    copied = archive.records[-1] if archive.records else None
    if (
        values["ineligible_reason"] == "gui_nhieu_noi"
        and archive.product in CASES
        and copied is not None
        and copied.type == "petition"
    ):
        archive.records[-1] = link(copied)
        values["duplicate_of"] = copied.key
    archive.add("petition", spot, on, values)


def add_visit(archive: Archive, on: date) -> None:
    """A visit that left no petition."""
    spot = archive.inventor.spot()
    values = reception(archive.inventor, on, spot=spot)
    archive.add("reception", spot, on, values)


def add_periodic(archive: Archive, on: date) -> None:
    """A visit on the head's monthly day."""
    spot = archive.inventor.spot()
    values = reception(archive.inventor, on, is_periodic=True, spot=spot)
    if values["host_role"] == "nguoi_dung_dau":
        archive.heads.append(len(archive.records))
    archive.add("reception", spot, on, values)


def add_visit_with_petition(archive: Archive, on: date) -> None:
    """A visit at which a petition was handed over."""
    inventor = archive.inventor
    spot = inventor.spot()
    kind = pick(inventor.rng, ("khieu_nai", "to_cao", "kien_nghi_phan_anh"))
    values = petition(
        inventor, on, kind, pick(inventor.rng, RESULTS[kind]), spot=spot
    ) | {"source": "tcd"}
    made = archive.add("petition", spot, on, values, is_linked=True)
    visit = with_petition(inventor, made.key, values)
    archive.add("reception", spot, on, visit)


def add_reflection(archive: Archive, on: date) -> None:
    """A reflection with the petition it came in."""
    inventor = archive.inventor
    spot, person = _who(inventor, on)
    case = reflection(inventor, on, person, spot)
    result = "thu_ly" if case["competent"] else "chuyen"
    origin = petition(inventor, on, "kien_nghi_phan_anh", result, person, spot)
    shared = {name: case[name] for name in ("na_session", "sender_kind")}
    origin |= shared | {"source": case["channel"], "signatories": 1}
    filed = archive.add("petition", spot, on, origin, is_linked=True)
    case |= {"petition_ids": filed.key, "content": origin["content"]}
    has_answer = case["answer_no"] is not None
    is_documented = has_answer and inventor.rng.random() < 0.4
    made = archive.add("recommendation_reflection", spot, on, case, is_documented)
    if is_documented:
        add_papers(archive, made, spot)


def add_complaint(archive: Archive, on: date) -> None:
    """A complaint, some against the decision on an earlier one, with its papers."""
    inventor = archive.inventor
    place = _complained_again(archive, on) if inventor.rng.random() < 0.2 else None
    if place is None:
        spot, person = _who(inventor, on)
        case = complaint(inventor, on, person, spot=spot)
    else:
        first = archive.records[place] = link(archive.records[place])
        spot = inventor.spot()
        case = second_complaint(inventor, on, first.values, first.key, spot)
        person = _complainant(inventor, case)
    case["petition_ids"] = _petitions_of(archive, "khieu_nai", case, person, spot)
    if case["is_complex"]:
        case["head_reception_id"] = _heard_by_head(archive, on)
    made = add_case(archive, "complaint_case", case, spot)
    if made.values["decision_date"] and place is None:
        archive.firsts.append(place_of(archive, made))


def _who(inventor: Inventor, on: date) -> tuple[Spot, Person]:
    spot = inventor.spot()
    return spot, inventor.person(on, spot)


def _complainant(inventor: Inventor, case: Values) -> Person:
    name, address = str(case["complainant_name"]), str(case["complainant_address"])
    return Person(name, address, inventor.phone(), str(case["complainant_id_number"]))


def _complained_again(archive: Archive, on: date) -> int | None:
    """A first case decided 5 to 25 days ago that nobody complained of again yet."""
    for nth in range(len(archive.firsts) - 1, max(-1, len(archive.firsts) - 40), -1):
        decided = archive.records[archive.firsts[nth]].values["decision_date"]
        assert isinstance(decided, date)
        if timedelta(5) <= on - decided <= timedelta(25):
            return archive.firsts.pop(nth)
    return None


def _heard_by_head(archive: Archive, on: date) -> str | None:
    """The head's last reception, when it was in the two months before."""
    if not archive.heads:
        return None
    place = archive.heads[-1]
    heard = archive.records[place]
    held = heard.values["reception_date"]
    assert isinstance(held, date)
    if on - held > timedelta(60):
        return None
    archive.records[place] = link(heard)
    return heard.key


def add_denunciation(archive: Archive, on: date) -> None:
    """A denunciation with its papers."""
    inventor = archive.inventor
    spot, person = _who(inventor, on)
    case = denunciation(inventor, on, person, spot)
    case["petition_ids"] = _petitions_of(archive, "to_cao", case, person, spot)
    if case["is_complex"]:
        case["head_reception_id"] = _heard_by_head(archive, on)
    add_case(archive, "denunciation_case", case, spot)


def _petitions_of(
    archive: Archive, kind: str, case: Values, person: Person, spot: Spot
) -> str | list[str]:
    """File the petition of a case, seldom two of them; gives their keys."""
    inventor = archive.inventor
    on = case["received_date"]
    assert isinstance(on, date)
    # A document with a case inside has one petition at its top.
    twice = archive.product != REST and inventor.rng.random() < 0.05
    keys = []
    for _ in range(1 + twice):
        result = "tra_lai_huong_dan" if case.get("refused_date") else "thu_ly"
        values = petition(inventor, on, kind, result, person, spot)
        values |= _same_matter(kind, case)
        keys.append(archive.add("petition", spot, on, values, is_linked=True).key)
        case["content"] = values["content"]
    return keys if twice else keys[0]


def _same_matter(kind: str, case: Values) -> Values:
    party = "respondent" if kind == "khieu_nai" else "denounced"
    taken_up = case["accepted_date"] or case.get("refused_date")
    values: Values = {
        "respondent_name": case[f"{party}_name"],
        "respondent_org": case[f"{party}_org"],
        "handler_org": case[f"{party}_org"],
        "signatories": 1,
        "sender_kind": case["sender_kind"],
    }
    return values | ({"processed_date": taken_up} if taken_up else {})


MATTERS: dict[str, Callable[[Archive, date], None]] = {
    "petition": add_petition,
    "visit": add_visit,
    "periodic": add_periodic,
    "visit_with_petition": add_visit_with_petition,
    "reflection": add_reflection,
    "complaint": add_complaint,
    "denunciation": add_denunciation,
}
