"""Faults of papers and of the central lists: documents, money, units, reports."""

from collections.abc import Callable
from datetime import date

from flows.demo.breaking import (
    UNKNOWN_CODE,
    UNREADABLE_DATE,
    altered,
    orphan,
    unchanged,
)
from flows.demo.distorting import (
    both,
    cells,
    moved,
    paid_without_date,
    put,
    puts,
    recovered_too_much,
    remaining_wrong,
    rewrite,
    settles,
    shift,
)
from flows.demo.fault import (
    CALENDAR_FROM,
    USUAL,
    B,
    D,
    E,
    F,
    Fault,
    K,
    Q,
    R,
    U,
    W,
    is_past,
)
from flows.demo.inventing import Values
from flows.demo.products import (
    CASES,
    REPORTS,
    UNITS,
)


def _is_first_step(values: Values) -> bool:
    """A paper that settles nothing: it may be made to, or lie about its case."""
    is_first = values["doc_type"] in ("thong_bao_thu_ly", "qd_thu_ly_to_cao")
    return is_first and is_past(values["doc_date"])


def _is_settlement(values: Values) -> bool:
    """Carries out the decision on a complaint, and began."""
    return values["persons_handled"] is None and is_past(values["start_date"])


def _is_begun(values: Values) -> bool:
    return values["start_date"] is not None


def _has_form(form: str) -> Callable[[Values], bool]:
    return lambda values: values["form_code"] == form


DOCUMENT_FAULTS = (
    Fault(
        "order_decision", W, "23", Q, CASES, altered(shift("sent_date", "doc_date", -3))
    ),
    Fault(
        "sent_late",
        W,
        "32",
        F,
        CASES,
        altered(both(settles, shift("sent_date", "doc_date", 24))),
        CALENDAR_FROM,
        USUAL,
        _is_first_step,
    ),
    Fault(
        "no_disposition",
        W,
        "31",
        F,
        CASES,
        altered(both(settles, puts(disposition=None, sent_date=None))),
        fits=_is_first_step,
    ),
    Fault("no_signer", W, "mandatory", F, CASES, altered(put("signer", None))),
    Fault(
        "before_its_case",
        W,
        "23",
        F,
        CASES,
        altered(moved(-700, "doc_date", "sent_date", "published_date")),
        fits=_is_first_step,
    ),
    Fault(
        "decision_orphan",
        W,
        "parent_missing",
        F,
        CASES,
        orphan("case_id", K, put("case_type", K)),
    ),
    Fault(
        "begun_late",
        E,
        "36",
        F,
        CASES,
        altered(
            both(moved(70, "start_date"), puts(status="dang", completed_date=None))
        ),
        date(2022, 3, 1),
        fits=_is_settlement,
    ),
    Fault(
        "done_without_date",
        E,
        "36",
        F,
        CASES,
        altered(puts(status="xong", completed_date=None)),
        fits=_is_begun,
    ),
    Fault(
        "order_enforcement",
        E,
        "23",
        Q,
        CASES,
        altered(both(put("status", "xong"), shift("completed_date", "start_date", -4))),
        fits=_is_begun,
    ),
    Fault(
        "enforcement_orphan", E, "parent_missing", F, CASES, orphan("decision_id", W)
    ),
    Fault("recovered", R, "60", Q, CASES, altered(recovered_too_much)),
    Fault("remaining", R, "60", Q, CASES, altered(remaining_wrong)),
    Fault("paid_undated", R, "61", F, CASES, altered(paid_without_date)),
    Fault(
        "recovery_orphan",
        R,
        "parent_missing",
        F,
        CASES,
        orphan("case_id", D, put("case_type", D)),
    ),
)


CENTRAL_FAULTS = (
    Fault(
        "event_date_report",
        B,
        "event_date",
        Q,
        (REPORTS,),
        altered(put("period_to", UNREADABLE_DATE)),
    ),
    Fault(
        "code_report",
        B,
        "code_unknown",
        F,
        (REPORTS,),
        altered(put("period_type", UNKNOWN_CODE)),
    ),
    Fault(
        "petitions_do_not_add_up",
        B,
        "62",
        F,
        (REPORTS,),
        altered(cells(c1=3)),
        date(2021, 6, 1),
        fits=_has_form("01/XLD"),
    ),
    Fault(
        "results_do_not_add_up",
        B,
        "63",
        F,
        (REPORTS,),
        altered(cells(c1=2)),
        date(2021, 6, 1),
        fits=_has_form("03/KQGQ"),
    ),
    Fault(
        "part_exceeds_whole",
        B,
        "64",
        F,
        (REPORTS,),
        altered(cells(c20=5000)),
        date(2021, 6, 1),
        fits=_has_form("03/KQGQ"),
    ),
    Fault(
        "calendar_quarter",
        B,
        "65",
        F,
        (REPORTS,),
        altered(moved(1, "period_from")),
        date(2021, 6, 1),
    ),
    Fault("unit_code", U, "51", F, (UNITS,), altered(rewrite("org_code", str.lower))),
    Fault("unit_province", U, "52", F, (UNITS,), altered(put("province_code", "03"))),
    Fault(
        "unit_backwards",
        U,
        "23",
        Q,
        (UNITS,),
        altered(shift("valid_to", "valid_from", -40)),
    ),
    Fault(
        "unit_named_late",
        U,
        "53",
        F,
        (UNITS,),
        altered(puts(name="Bảo hiểm xã hội huyện Hồ Sen", level="huyen")),
    ),
    Fault("unit_orphan", U, "parent_missing", F, (UNITS,), orphan("parent", U)),
    Fault("duplicate_unit", U, "", "duplicate", (UNITS,), unchanged),
)
