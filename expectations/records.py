"""The record types of the national database: pure declarations, the one source of
frames, tables and docs/records.md.

Field names follow NĐ 55/2022 Art. 6 as laid out in the project's domain sheet; the
dispatches' extra fields (CV 1151 §2, §3, §7; CV 3476) are marked with their source.
The declarations stand in records_petition.py, records_case.py, records_document.py and
records_office.py.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from expectations.declaring import Field, Need, Privacy, RecordType, Type
from expectations.records_case import (
    COMPLAINT_CASE,
    DENUNCIATION_CASE,
    REFUSAL_GROUNDS,
)
from expectations.records_document import DECISION, ENFORCEMENT, RECOVERY
from expectations.records_office import FORMS, ORG_UNIT, PERIODIC_REPORT
from expectations.records_petition import (
    PETITION,
    RECEPTION,
    RECOMMENDATION_REFLECTION,
)
from expectations.records_shared import DENOUNCING_KINDS, KINDS, SOURCES

__all__ = [
    "BY_NAME",
    "COMPLAINT_CASE",
    "DECISION",
    "DENOUNCING_KINDS",
    "DENUNCIATION_CASE",
    "ENFORCEMENT",
    "FORMS",
    "FREE_TEXT",
    "KINDS",
    "ORG_UNIT",
    "PERIODIC_REPORT",
    "PETITION",
    "RECEPTION",
    "RECOMMENDATION_REFLECTION",
    "RECORD_TYPES",
    "RECOVERY",
    "REFERENCES",
    "REFUSAL_GROUNDS",
    "SOURCES",
    "TOKENS",
    "Field",
    "Need",
    "Privacy",
    "RecordType",
    "Reference",
    "Type",
    "record_id",
    "record_ids",
]

RECORD_TYPES: tuple[RecordType, ...] = (
    RECEPTION,
    PETITION,
    COMPLAINT_CASE,
    DENUNCIATION_CASE,
    RECOMMENDATION_REFLECTION,
    DECISION,
    ENFORCEMENT,
    RECOVERY,
    PERIODIC_REPORT,
    ORG_UNIT,
)
BY_NAME = {record_type.name: record_type for record_type in RECORD_TYPES}


@dataclass(frozen=True, slots=True)
class Reference:
    """One field of a record type that names records of another: child, field, parent.

    `chosen_by` is the field whose value must be the target's name where the field may
    point to several types, else "".
    """

    record_type: str
    field: str
    target: str
    chosen_by: str = ""

    @property
    def name(self) -> str:
        """How link frames and rules name it: `complaint_case.decision_id>decision`."""
        return f"{self.record_type}.{self.field}>{self.target}"


def _references() -> Iterator[Reference]:
    for declared in RECORD_TYPES:
        for field in declared.fields:
            chosen_by = "case_type" if len(field.refers_to) > 1 else ""
            for target in field.refers_to:
                yield Reference(declared.name, field.name, target, chosen_by)


# Every way in which one record may name another (frames.link_schema, rules_reference).
REFERENCES: tuple[Reference, ...] = tuple(_references())

# Free text in which a denouncer's identity may hide (rule 43).
FREE_TEXT = {
    "reception": ("content", "previous_resolver"),
    "petition": ("content", "respondent_name", "respondent_org", "forwarded_to"),
    "complaint_case": ("content", "respondent_name", "respondent_org", "settled_by"),
    "denunciation_case": ("content", "denounced_name", "denounced_org"),
    "recommendation_reflection": ("content", "handler"),
    "decision": ("signer_title", "issuing_org", "publication_form", "file_ref"),
    "enforcement": ("responsible_org",),
    "recovery": ("measure", "benefit_type"),
    "periodic_report": (),
    "org_unit": (),
}


def record_ids(
    source_system: str, record_type: str, source_ids: Iterable[str]
) -> list[str]:
    """The permanent ids of records, in order: 32 hexadecimal digits each.

    SHA-256 over the length-prefixed UTF-8 of the three parts, cut to 128 bits. A
    reference needs no look-up because this is a function of the source alone.
    """
    head = hashlib.sha256(b"kntc-record-1")
    for part in (source_system.encode(), record_type.encode()):
        head.update(len(part).to_bytes(4, "big") + part)
    return [_finish(head.copy(), source_id.encode()) for source_id in source_ids]


def _finish(head: "hashlib._Hash", part: bytes) -> str:
    head.update(len(part).to_bytes(4, "big") + part)
    return head.hexdigest()[:32]


def record_id(source_system: str, record_type: str, source_id: str) -> str:
    """The permanent id of one record; see `record_ids`."""
    return record_ids(source_system, record_type, [source_id])[0]


# Keyed tokens that stand in the open where equality is needed: column -> field.
TOKENS: dict[str, dict[str, str]] = {
    "reception": {
        "citizen_name_token": "citizen_name",
        "id_number_token": "id_number",
    },
    "petition": {
        "sender_name_token": "sender_name",
        "sender_contact_token": "sender_contact",
        "sender_id_number_token": "sender_id_number",
    },
    "complaint_case": {
        "complainant_name_token": "complainant_name",
        "complainant_id_number_token": "complainant_id_number",
    },
    "denunciation_case": {"denouncer_ref": "denouncer_name"},
    "recommendation_reflection": {
        "sender_name_token": "sender_name",
        "sender_contact_token": "sender_contact",
    },
    "decision": {},
    "enforcement": {},
    "recovery": {"beneficiary_token": "beneficiary_ref"},
    "periodic_report": {},
    "org_unit": {},
}
