"""The six offices of the sample estate and the clean records of one office."""

from dataclasses import dataclass
from datetime import date

from flows.demo.cases import complaint, denunciation, recovery, second_complaint
from flows.demo.faults import CASES, CSV, REST, SQL, XLSX
from flows.demo.inventing import (
    Record,
    any_day,
    any_petition,
    link,
    petition,
    record,
)
from flows.demo.people import Inventor, Person

# A recovery's period reaches three years back; nothing is older than 2016.
RECOVERY_FROM = date(2019, 1, 1)
# A first decision later than this leaves no time to settle the second complaint.
SECOND_UNTIL = date(2026, 6, 1)


@dataclass(frozen=True, slots=True)
class DemoOffice:
    """One office: its file's stem, its product and its share of the records."""

    stem: str
    product: str
    code: str
    province: str
    id_prefix: str
    percent: int


OFFICES = (
    DemoOffice("can_tho", SQL, "CT", "thành phố Cần Thơ", "092", 15),
    DemoOffice("ha_tinh", XLSX, "HT", "tỉnh Hà Tĩnh", "042", 15),
    DemoOffice("lao_cai", REST, "LC", "tỉnh Lào Cai", "015", 15),
    DemoOffice("phu_tho", REST, "PT", "tỉnh Phú Thọ", "025", 15),
    DemoOffice("quang_tri", SQL, "QT", "tỉnh Quảng Trị", "045", 20),
    DemoOffice("vinh_long", CSV, "VL", "tỉnh Vĩnh Long", "086", 20),
)


def clean_records(inventor: Inventor, office: DemoOffice, quota: int) -> list[Record]:
    """Exactly `quota` records without a fault; petitions only where a product has
    nothing else."""
    if office.product not in CASES:
        return _petitions(inventor, office, quota)
    complaints, linked = _complaints(inventor, office, quota // 5)
    denunciations, more = _denunciations(inventor, office, quota // 10)
    recoveries = _recoveries(inventor, office, complaints, denunciations, quota // 7)
    cases = [*complaints, *denunciations, *recoveries, *linked, *more]
    return [*_petitions(inventor, office, quota - len(cases)), *cases]


def _petitions(inventor: Inventor, office: DemoOffice, quota: int) -> list[Record]:
    # A register of ten columns has none for the destination (rule 15), nor the mixed
    # kind.
    wide = office.product != XLSX
    days = (any_day(inventor.rng) for _ in range(quota))
    values = (any_petition(inventor, day, wide) for day in days)
    return [record(inventor, "petition", f"{office.code}-D", v) for v in values]


def _accepted_petition(
    inventor: Inventor, office: DemoOffice, kind: str, case: Record, person: Person
) -> Record:
    received = case.values["received_date"]
    assert isinstance(received, date)
    done = case.values.get("accepted_date")
    result = "thu_ly" if done else "tra_lai_huong_dan"
    values = petition(inventor, received, kind, result, person)
    if done:
        values["processed_date"] = done
    return link(record(inventor, "petition", f"{office.code}-D", values))


def _complaints(
    inventor: Inventor, office: DemoOffice, quota: int
) -> tuple[list[Record], list[Record]]:
    cases: list[Record] = []
    petitions: list[Record] = []
    firsts: list[int] = []  # places of first cases that may be complained of again
    rng = inventor.rng
    for place in range(quota):
        received = any_day(rng)
        person = inventor.person(received)
        if firsts and rng.random() < 0.06:
            first = firsts.pop()
            cases[first] = link(cases[first])
            values = second_complaint(inventor, cases[first], person)
        else:
            values = complaint(inventor, received, person)
            decided = values.get("decision_date")
            if isinstance(decided, date) and decided < SECOND_UNTIL:
                firsts.append(place)
        case = record(inventor, "complaint_case", f"{office.code}-KN", values)
        origin = _accepted_petition(inventor, office, "khieu_nai", case, person)
        case.values["petition_ids"] = origin.key
        cases.append(case)
        petitions.append(origin)
    return cases, petitions


def _denunciations(
    inventor: Inventor, office: DemoOffice, quota: int
) -> tuple[list[Record], list[Record]]:
    cases: list[Record] = []
    petitions: list[Record] = []
    for _ in range(quota):
        received = any_day(inventor.rng)
        person = inventor.person(received)
        values = denunciation(inventor, received, person)
        case = record(inventor, "denunciation_case", f"{office.code}-TC", values)
        origin = _accepted_petition(inventor, office, "to_cao", case, person)
        case.values["petition_ids"] = origin.key
        cases.append(case)
        petitions.append(origin)
    return cases, petitions


def _recoveries(
    inventor: Inventor,
    office: DemoOffice,
    complaints: list[Record],
    denunciations: list[Record],
    quota: int,
) -> list[Record]:
    # The later two thirds of the cases stay free for planted faults.
    places = [
        (cases, place)
        for cases in (complaints, denunciations)
        for place in range((len(cases) + 2) // 3)
        if _is_recent_enough(cases[place])
    ]
    made = []
    for _ in range(quota if places else 0):
        cases, place = inventor.rng.choice(places)
        cases[place] = link(cases[place])
        values = recovery(inventor, cases[place])
        made.append(record(inventor, "recovery", f"{office.code}-TH", values))
    return made


def _is_recent_enough(case: Record) -> bool:
    received = case.values["received_date"]
    assert isinstance(received, date)
    return received >= RECOVERY_FROM and bool(case.values.get("outcome"))
