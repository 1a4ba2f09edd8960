"""What the first night must come to, counted from what was planted.

Imports nothing of what it judges: neither the rules nor the normaliser.
"""

from collections import Counter
from typing import TypeAlias

from flows.demo.expecting import source_id
from flows.demo.offices import DemoOffice, Installation
from flows.demo.planting import Row

Json: TypeAlias = bool | int | str | list["Json"] | dict[str, "Json"] | None


def planted(
    office: DemoOffice, installation: Installation, rows: list[Row]
) -> dict[str, Json]:
    """Counts and planted faults of one installation.

    rows_read = rows_mapped + rows_filtered + rows_rejected; each mapped row is one
    record. A `source_id` of "" is a blank key.
    """
    by_outcome = Counter(_outcome(row) for row in rows)
    mapped = [r for r in rows if _outcome(r) not in ("filtered", "rejected")]
    doubled = [r for r in rows if _outcome(r) == "duplicate"]
    kept = [r for r in mapped if _outcome(r) not in ("quarantined", "duplicate")]
    product = installation.product
    return {
        "province": office.stem,
        "product": product,
        "rows_read": len(rows),
        "rows_mapped": len(mapped),
        "rows_filtered": by_outcome["filtered"],
        "rows_rejected": by_outcome["rejected"],
        "read": _by_type(mapped),
        "published": _by_type(kept),
        "duplicates": len(doubled),
        "quarantined": _listed(product, rows, "quarantined"),
        "findings": _listed(product, rows, "published"),
        "filtered": _listed(product, rows, "filtered"),
        "duplicated": _listed(product, rows, "duplicate"),
    }


def canaries(
    office: DemoOffice, installation: Installation, rows: list[Row]
) -> list[Json]:
    """The people whose names, numbers and addresses may appear only sealed."""
    return [
        {
            "province": office.stem,
            "system": installation.system,
            "fault": row.fault.name,
            "name": row.canary.name,
            "id_number": row.canary.id_number,
            "phone": row.canary.phone,
            "address": row.canary.address,
        }
        for row in rows
        if row.canary is not None and row.fault is not None
    ]


def _outcome(row: Row) -> str:
    return "clean" if row.fault is None else row.fault.outcome


def _by_type(rows: list[Row]) -> dict[str, Json]:
    return dict(sorted(Counter(row.record.type for row in rows).items()))


def _listed(product: str, rows: list[Row], outcome: str) -> list[Json]:
    return [
        {
            "record_type": row.record.type,
            "source_id": source_id(product, row.record),
            "rule": row.fault.rule,
            "fault": row.fault.name,
        }
        for row in rows
        if row.fault is not None and row.fault.outcome == outcome
    ]
