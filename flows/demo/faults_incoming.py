"""Faults of what comes in: petitions and receptions."""

from collections.abc import Callable
from datetime import date
from unicodedata import normalize

from flows.demo.breaking import (
    UNKNOWN_CODE,
    UNREADABLE_DATE,
    Plant,
    blank_key,
    new_petition,
    new_reception,
    orphan,
    unchanged,
)
from flows.demo.clock import AMENDED_ON
from flows.demo.distorting import (
    both,
    named,
    put,
    puts,
    rewrite,
    same,
    shift,
    without_destination,
)
from flows.demo.fault import (
    CALENDAR_FROM,
    COMMON,
    TT05_ON,
    USUAL,
    F,
    Fault,
    P,
    Q,
    V,
)
from flows.demo.inventing import Values, ineligible
from flows.demo.legacy import decoded_twice, tcvn3
from flows.demo.products import (
    CASES,
    CSV,
    PETITIONS,
    RECEPTIONS,
    TCD,
    WIDE,
    XLSX,
)

KNPA = "kien_nghi_phan_anh"
REGISTERS = (CSV, XLSX)  # typed by hand, some of them for twenty years
NAMED_SENDER = named("sender_name")
PLAIN = new_petition(KNPA, "thu_ly", same)
VISIT = new_reception(same)


def _knpa(*changes: Callable[[Values], Values]) -> Plant:
    return new_petition(KNPA, "thu_ly", both(*changes))


PETITION_FAULTS = (
    Fault("key_blank", P, "key_blank", Q, PETITIONS, blank_key(PLAIN), share=USUAL),
    Fault("key_conflict", P, "key_conflict", Q, (CSV, XLSX), unchanged),
    Fault("duplicate", P, "", "duplicate", PETITIONS, unchanged, share=COMMON),
    Fault(
        "event_date_petition",
        P,
        "event_date",
        Q,
        PETITIONS,
        _knpa(put("received_date", UNREADABLE_DATE)),
        share=USUAL,
    ),
    Fault(
        "kind", P, "kind", Q, PETITIONS, _knpa(put("kind", UNKNOWN_CODE)), share=USUAL
    ),
    Fault(
        "denouncer_petition",
        P,
        "43",
        Q,
        WIDE,
        new_petition("to_cao", "thu_ly", NAMED_SENDER),
        share=USUAL,
    ),
    Fault(
        "broken_text",
        P,
        "58",
        Q,
        PETITIONS,
        _knpa(rewrite("content", lambda t: t[:9] + "\ufffd" + t[9:])),
    ),
    Fault(
        "decomposed",
        P,
        "text_repaired",
        F,
        PETITIONS,
        _knpa(rewrite("content", lambda t: normalize("NFD", t))),
        share=COMMON,
    ),
    Fault(
        "old_font",
        P,
        "text_repaired",
        F,
        REGISTERS,
        _knpa(rewrite("content", tcvn3)),
        share=USUAL,
    ),
    Fault(
        "decoded_twice",
        P,
        "text_repaired",
        F,
        REGISTERS,
        _knpa(rewrite("content", decoded_twice)),
    ),
    Fault(
        "code",
        P,
        "code_unknown",
        F,
        PETITIONS,
        _knpa(put("source", UNKNOWN_CODE)),
        share=COMMON,
    ),
    Fault(
        "destination",
        P,
        "15",
        F,
        WIDE,
        new_petition(KNPA, "chuyen", without_destination),
        share=USUAL,
    ),
    Fault(
        "no_reason",
        P,
        "13",
        F,
        WIDE,
        new_petition(KNPA, "thu_ly", lambda v: ineligible(v, None)),
        TT05_ON,
        USUAL,
    ),
    Fault(
        "processed_late",
        P,
        "19",
        F,
        WIDE,
        _knpa(shift("processed_date", "received_date", 23)),
        CALENDAR_FROM,
        COMMON,
    ),
    Fault(
        "old_phone",
        P,
        "57",
        F,
        WIDE,
        _knpa(put("sender_contact", "01689123456")),
        # Who calls one of before the ten-digit plan was told the new one until then.
        date(2019, 7, 1),
        USUAL,
    ),
    Fault(
        "id_digits",
        P,
        "54",
        F,
        WIDE,
        _knpa(put("sender_id_number", "04509001234")),
        share=USUAL,
    ),
    Fault(
        "placeholder",
        P,
        "59",
        F,
        WIDE,
        _knpa(put("written_date", date(1900, 1, 1))),
    ),
    Fault("petition_orphan", P, "parent_missing", F, CASES, orphan("duplicate_of", P)),
)

VISIT_FAULTS = (
    Fault("key_blank_visit", V, "key_blank", Q, (TCD,), blank_key(VISIT)),
    Fault("key_conflict_visit", V, "key_conflict", Q, (TCD,), unchanged),
    Fault("duplicate_visit", V, "", "duplicate", RECEPTIONS, unchanged),
    Fault(
        "event_date_visit",
        V,
        "event_date",
        Q,
        RECEPTIONS,
        new_reception(put("reception_date", UNREADABLE_DATE)),
    ),
    Fault(
        "visit_in_future",
        V,
        "2",
        F,
        RECEPTIONS,
        new_reception(put("reception_date", date(2062, 3, 1))),
        AMENDED_ON,
    ),
    Fault(
        "denouncer_visit",
        V,
        "43",
        Q,
        RECEPTIONS,
        new_reception(both(put("petition_kind", "to_cao"), named("citizen_name"))),
    ),
    Fault(
        "code_visit",
        V,
        "code_unknown",
        F,
        CASES,
        new_reception(put("reception_type", UNKNOWN_CODE)),
    ),
    Fault(
        "online_early",
        V,
        "3",
        F,
        CASES,
        new_reception(puts(channel="truc_tuyen", reception_date=date(2025, 3, 4))),
    ),
    Fault(
        "no_papers",
        V,
        "4",
        F,
        RECEPTIONS,
        new_reception(puts(id_type=None, id_number=None)),
        AMENDED_ON,
    ),
    Fault("group_miscounted", V, "5", F, CASES, new_reception(put("people_count", 12))),
    Fault(
        "clerk_for_head",
        V,
        "7",
        F,
        CASES,
        new_reception(put("reception_type", "dinh_ky")),
    ),
)
