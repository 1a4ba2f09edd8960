"""The faults planted in the sample estate: what is done to a record, what must follow.

The rule names are what the law sheet calls them; nothing is taken from the checks.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from unicodedata import normalize

from flows.demo.breaking import (
    UNKNOWN_CODE,
    UNREADABLE_DATE,
    Plant,
    blank_key,
    cancelled,
    named,
    new_complaint,
    new_denunciation,
    new_petition,
    put,
    ragged,
    recovered_too_much,
    rewrite,
    same,
    shift,
    third_extension,
    unchanged,
    without_destination,
)
from flows.demo.inventing import ineligible

Outcome = Literal[
    "quarantined", "published", "filtered", "rejected", "duplicate", "clean"
]

CSV, XLSX = "so_don_thu_csv", "so_don_thu_tinh"
SQL, REST = "qlkntc_sql", "kntc_rest"
ALL = (CSV, XLSX, SQL, REST)
WIDE = (CSV, SQL, REST)  # products that keep more than a register's ten columns
CASES = (SQL, REST)
WITHOUT_CURSOR = (CSV, XLSX)


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault. `plant` gets a record that nobody refers to, received on
    `since` or later: before, the broken duty did not exist."""

    name: str
    type: str
    rule: str
    outcome: Outcome
    products: tuple[str, ...]
    plant: Plant
    since: date = date.min


KNPA = "kien_nghi_phan_anh"
NAMED_SENDER, NAMED_DENOUNCER = named("sender_name"), named("denouncer_name")

# `duplicate` and `key_conflict` concern two rows: planting.py pairs them.
P, K, D, R = "petition", "complaint_case", "denunciation_case", "recovery"
FAULTS: tuple[Fault, ...] = (
    Fault("key_blank", P, "key_blank", "quarantined", ALL, blank_key),
    Fault("key_conflict", P, "key_conflict", "quarantined", WITHOUT_CURSOR, unchanged),
    Fault("duplicate", P, "", "duplicate", ALL, unchanged),
    Fault(
        "event_date_petition",
        P,
        "event_date",
        "quarantined",
        ALL,
        new_petition(KNPA, "thu_ly", put("received_date", UNREADABLE_DATE)),
    ),
    Fault(
        "event_date_complaint",
        K,
        "event_date",
        "quarantined",
        CASES,
        new_complaint(5, put("received_date", UNREADABLE_DATE)),
    ),
    Fault(
        "kind",
        P,
        "kind",
        "quarantined",
        ALL,
        new_petition(KNPA, "thu_ly", put("kind", UNKNOWN_CODE)),
    ),
    Fault(
        "order_complaint",
        K,
        "23",
        "quarantined",
        CASES,
        new_complaint(5, shift("decision_date", "accepted_date", -2)),
    ),
    Fault(
        "order_denunciation",
        D,
        "23",
        "quarantined",
        CASES,
        new_denunciation(lambda _, v: shift("conclusion_date", "accepted_date", -3)(v)),
    ),
    Fault("recovered", R, "60", "quarantined", CASES, recovered_too_much),
    Fault(
        "denouncer_petition",
        P,
        "43",
        "quarantined",
        WIDE,
        new_petition("to_cao", "thu_ly", NAMED_SENDER),
    ),
    Fault(
        "denouncer_case",
        D,
        "43",
        "quarantined",
        CASES,
        new_denunciation(lambda _, v: NAMED_DENOUNCER(v)),
    ),
    Fault(
        "broken_text",
        P,
        "58",
        "quarantined",
        ALL,
        new_petition(
            KNPA, "thu_ly", rewrite("content", lambda t: t[:9] + "\ufffd" + t[9:])
        ),
    ),
    Fault(
        "decomposed",
        P,
        "text_repaired",
        "published",
        ALL,
        new_petition(KNPA, "thu_ly", rewrite("content", lambda t: normalize("NFD", t))),
    ),
    Fault(
        "code",
        P,
        "code_unknown",
        "published",
        ALL,
        new_petition(KNPA, "thu_ly", put("source", UNKNOWN_CODE)),
    ),
    Fault(
        "destination",
        P,
        "15",
        "published",
        WIDE,
        new_petition(KNPA, "chuyen", without_destination),
    ),
    Fault(
        "no_reason",
        P,
        "13",
        "published",
        WIDE,
        new_petition(KNPA, "thu_ly", lambda v: ineligible(v, None)),
        since=date(2021, 11, 15),  # TT 05/2021
    ),
    Fault(
        "late",
        K,
        "21",
        "published",
        CASES,
        new_complaint(24, same),
        since=date(2022, 1, 1),  # days off are known from this year
    ),
    Fault(
        "third_extension",
        D,
        "41",
        "published",
        CASES,
        new_denunciation(third_extension),
        since=date(2019, 1, 1),  # Luật Tố cáo 2018
    ),
    # No fault at all: their people are canaries, one of each in every office.
    Fault(
        "clean_petition", P, "", "clean", ALL, new_petition("to_cao", "thu_ly", same)
    ),
    Fault("clean_complaint", K, "", "clean", CASES, new_complaint(5, same)),
    Fault(
        "clean_denunciation", D, "", "clean", CASES, new_denunciation(lambda _, v: v)
    ),
    Fault("filtered", P, "", "filtered", WIDE, cancelled),
    Fault("ragged", P, "", "rejected", (CSV,), ragged),
)
