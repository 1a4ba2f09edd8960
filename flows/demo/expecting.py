"""What the national database must say of a row of the sample estate.

Written from the domain sheet, not from the checks: nothing of what it judges is
imported.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from unicodedata import normalize

from flows.demo.breaking import UNKNOWN_CODE, UNREADABLE_DATE
from flows.demo.case_tables import TABLES
from flows.demo.faults import Fault
from flows.demo.forms import (
    CSV_COLUMNS,
    REPORT_COLUMNS,
    UNIT_COLUMNS,
    XLSX_RESULTS,
    XLSX_SOURCES,
    tcd_number,
)
from flows.demo.inventing import Record, Value, Values
from flows.demo.products import CASES, CSV, REPORTS, TCD, UNITS, XLSX

# Sealed fields: nothing of them stands in the open.
_SENDER = "sender_name sender_address sender_contact sender_id_number"
SEALED = {
    "reception": "citizen_name citizen_address id_number content",
    "petition": f"{_SENDER} respondent_name content",
    "complaint_case": "complainant_name complainant_address complainant_id_number "
    "representative respondent_name respondent_address content",
    "denunciation_case": "denouncer_name denouncer_address denouncer_contact "
    "denouncer_id_number denounced_name denounced_position denounced_org content "
    "published_text",
    "recommendation_reflection": f"{_SENDER} content",
    "recovery": "beneficiary_ref",
}
# Fields that name other records of the installation, and of which type.
REFERENCES = {
    "petition_ids": "petition",
    "petition_id": "petition",
    "duplicate_of": "petition",
    "decision_id": "decision",
    "first_case_id": "complaint_case",
    "head_reception_id": "reception",
    "parent": "org_unit",
    "predecessor": "org_unit",
    "case_id": "",  # what `case_type` says
}
LISTED = ("petition_ids", "predecessor")  # several records
TCD_FIELDS = (
    "reception_date",
    "petition_kind",
    "people_count",
    "previous_resolver",
    "result",
    "visit_sequence",
)
XLSX_FIELDS = ("received_date", "source", "kind", "processing_result", "handler_org")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: what must become of it. `at` is its change time, local.

    `rule` is why it is quarantined. `values`: the open fields that the product keeps,
    dates as ISO texts, references as [type, key].
    """

    type: str
    source_id: str
    outcome: str
    rule: str
    at: str
    values: dict[str, object]


def entry(product: str, record: Record, fault: Fault | None) -> Entry:
    """What must become of a row."""
    outcome = "clean" if fault is None else fault.outcome
    rule = ""
    if record.status not in ("active", "ragged"):
        outcome = "filtered"
    elif fault is not None and outcome == "quarantined":
        rule = fault.rule
    return Entry(
        record.type,
        source_id(product, record),
        {"clean": "published", "duplicate": "published"}.get(outcome, outcome),
        rule,
        record.updated_at.isoformat(),
        open_values(product, record),
    )


def source_id(product: str, record: Record) -> str:
    """The key as the preset composes it; "" when it is blank."""
    if not record.key:
        return ""
    if product == XLSX:
        # Each agency numbers for itself in this register.
        return f"{record.key}|{_text(record.values['handler_org'])}"
    return tcd_number(record.key) if product == TCD else record.key


def open_values(product: str, record: Record) -> dict[str, object]:
    """The open fields that the product keeps, as they must be stored."""
    change = _READ_AS.get(product)
    values = change(record.values) if change else record.values
    sealed = SEALED.get(record.type, "").split()
    return {
        field: stored(values, field)
        for field in kept_fields(product, record.type)
        if field not in sealed
    }


def kept_fields(product: str, type_: str) -> tuple[str, ...]:
    """The fields of a record type that a product has a place for."""
    if product in CASES:
        return tuple(column.field for column in TABLES[type_].columns)
    return {
        CSV: tuple(CSV_COLUMNS.values()),
        XLSX: XLSX_FIELDS,
        TCD: TCD_FIELDS,
        UNITS: tuple(UNIT_COLUMNS.values()),
        REPORTS: (*REPORT_COLUMNS.values(), "cells"),
    }[product]


def stored(values: Values, field: str) -> object:
    """A value as JSON can hold it."""
    value = values.get(field)
    if field in REFERENCES and value:
        type_ = REFERENCES[field] or str(values["case_type"])
        if field not in LISTED:
            return [type_, _text(value)]
        keys = value if isinstance(value, list) else [value]
        return [[type_, _text(key)] for key in keys]
    if isinstance(value, list):
        return [_item(item) for item in value if isinstance(item, dict)]
    return _plain(value)


def _item(item: dict[str, str | int | bool | date | None]) -> dict[str, object]:
    return {name: _plain(part) for name, part in item.items()}


def _plain(value: Value) -> object:
    if value in (UNKNOWN_CODE, UNREADABLE_DATE):
        return None
    if isinstance(value, date):
        return value.isoformat()
    return (_text(value) or None) if isinstance(value, str) else value


def _text(value: object) -> str:
    """Stored text is composed and has no outer blanks."""
    return normalize("NFC", str(value)).strip()


def _xlsx(values: Values) -> Values:
    """The register knows fewer words than we do."""
    source, result = str(values["source"]), str(values["processing_result"])
    if source != UNKNOWN_CODE and source not in XLSX_SOURCES:
        source = "co_quan_chuyen"
    kind = str(values["kind"]).replace("nhieu_noi_dung", "khieu_nai")
    shown: Values = {"source": source, "kind": kind}
    return values | shown | {"processing_result": XLSX_RESULTS.get(result, result)}


_READ_AS: dict[str, Callable[[Values], Values]] = {XLSX: _xlsx}
