"""Faults of cases: complaints, denunciations, reflections."""

from collections.abc import Callable

from flows.demo.breaking import (
    UNREADABLE_DATE,
    Plant,
    new_complaint,
    new_denunciation,
    new_reflection,
    orphan,
)
from flows.demo.distorting import (
    concluded_after,
    decided_after,
    named,
    put,
    puts,
    refused_without_ground,
    same,
    shift,
    suspended_early,
    third_extension,
)
from flows.demo.fault import (
    CALENDAR_FROM,
    LAW_OF_2018,
    USUAL,
    D,
    F,
    Fault,
    K,
    N,
    Q,
)
from flows.demo.inventing import Values
from flows.demo.products import (
    CASES,
)

NAMED_DENOUNCER = named("denouncer_name")


def accused(change: Callable[[Values], Values]) -> Plant:
    """Write the denunciation anew, then change it."""
    return new_denunciation(lambda _, values: change(values))


CASE_FAULTS = (
    Fault(
        "event_date_complaint",
        K,
        "event_date",
        Q,
        CASES,
        new_complaint(5, put("received_date", UNREADABLE_DATE)),
    ),
    Fault(
        "order_complaint",
        K,
        "23",
        Q,
        CASES,
        new_complaint(5, decided_after(-2)),
    ),
    Fault("suspended_early", K, "25", Q, CASES, new_complaint(5, suspended_early)),
    Fault("late", K, "21", F, CASES, new_complaint(24, same), CALENDAR_FROM, USUAL),
    Fault("no_ground", K, "22", F, CASES, new_complaint(5, refused_without_ground)),
    Fault(
        "decided_late",
        K,
        "24",
        F,
        CASES,
        new_complaint(5, decided_after(61)),
        CALENDAR_FROM,
        USUAL,
    ),
    Fault("no_number", K, "31", F, CASES, new_complaint(5, put("decision_no", None))),
    Fault(
        "complaint_orphan",
        K,
        "parent_missing",
        F,
        CASES,
        orphan("first_case_id", K, puts(instance=2)),
        fits=lambda values: values["instance"] == 1,
    ),
    Fault(
        "order_denunciation",
        D,
        "23",
        Q,
        CASES,
        accused(shift("conclusion_date", "accepted_date", -3)),
    ),
    Fault("denouncer_case", D, "43", Q, CASES, accused(NAMED_DENOUNCER)),
    Fault(
        "denouncer_published",
        D,
        "44",
        Q,
        CASES,
        accused(named("denouncer_name", "published_text")),
    ),
    Fault(
        "notified_late",
        D,
        "39",
        F,
        CASES,
        accused(shift("notified_date", "acceptance_decision_date", 24)),
        CALENDAR_FROM,
    ),
    Fault(
        "concluded_late",
        D,
        "40",
        F,
        CASES,
        new_denunciation(concluded_after(58)),
        CALENDAR_FROM,
        USUAL,
    ),
    Fault(
        "third_extension",
        D,
        "41",
        F,
        CASES,
        new_denunciation(third_extension),
        LAW_OF_2018,
    ),
    Fault(
        "anonymous_accepted",
        D,
        "42",
        F,
        CASES,
        accused(put("is_anonymous", True)),
        LAW_OF_2018,
    ),
)

REFLECTION_FAULTS = (
    Fault(
        "order_answer",
        N,
        "23",
        Q,
        CASES,
        new_reflection(shift("answer_date", "received_date", -2)),
    ),
    Fault(
        "no_answer_number",
        N,
        "46",
        F,
        CASES,
        new_reflection(put("answer_no", None)),
        share=USUAL,
    ),
    Fault(
        "answered_in_hand",
        N,
        "46",
        F,
        CASES,
        new_reflection(put("result", "dang_xu_ly")),
    ),
    Fault("no_handler", N, "mandatory", F, CASES, new_reflection(put("handler", None))),
)
