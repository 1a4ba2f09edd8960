"""Rules along a link: what a record's parent must be (design.md, References).

A missing parent is a warning, looked at again each night, never a quarantine.
"""

from expectations.records import BY_NAME, REFERENCES, Reference
from expectations.rule import PRESENT, Expect, Rule

PARENT_MISSING = "parent_missing"


def _missing(reference: Reference) -> Rule:
    term = BY_NAME[reference.target].term
    column = f"{reference.field}.record_id"
    return Rule(
        PARENT_MISSING,
        reference.record_type,
        Expect(PRESENT, (column,)),
        weight="W",
        because="NĐ 55/2022 Art. 4: complete; a child may arrive before its parent",
        certainty="I",
        message_vi=f"Chưa có hồ sơ liên quan ({term}) trong cơ sở dữ liệu.",
        broken_by={column: None},
        is_always_run=True,
        through=reference.name,
        shape="no such record",
    )


REFERENCE_RULES: tuple[Rule, ...] = tuple(_missing(r) for r in REFERENCES)
