"""Agency names as the records of an office have them; reads only, whole tables."""

from collections.abc import Sequence

import polars as pl
import sqlalchemy as sa

from connectors.national import National
from connectors.national.tables import RECORDS
from expectations.agencies import AGENCY_FIELDS, DECLARED, SPELLINGS
from expectations.records import BY_NAME


def spellings(national: National, systems: Sequence[str]) -> pl.DataFrame:
    """SPELLINGS of the living records of some installations, a line a day and field."""
    query = sa.union_all(
        *(
            _counted(record_type, field, systems)
            for record_type, fields in AGENCY_FIELDS.items()
            for field in fields
        )
    )
    with national.read() as conn:
        rows = [tuple(row) for row in conn.execute(query)]
    return pl.DataFrame(rows, schema=SPELLINGS, orient="row")


def _counted(
    record_type: str, field: str, systems: Sequence[str]
) -> sa.Select[tuple[str, str, object, int]]:
    table = RECORDS[record_type].c
    dated = BY_NAME[record_type].event_date
    event = table[dated] if dated else sa.null().cast(sa.Date)
    return (
        sa.select(
            table[field].label("spelling"),
            sa.literal(f"{record_type}.{field}").label("field"),
            event.label("event_on"),
            sa.func.count().label("records"),
        )
        .where(
            table.source_system.in_(systems),
            table.deleted_at.is_(None),
            table[field].is_not(None),
        )
        .group_by(table[field], *([event] if dated else ()))
    )


def units(national: National) -> pl.DataFrame:
    """DECLARED by the organisation units of every office that are in the database."""
    table = RECORDS["org_unit"].c
    query = (
        sa.select(table.org_code, table.name, table.valid_from, table.valid_to)
        .where(
            table.deleted_at.is_(None),
            table.org_code.is_not(None),
            table.name.is_not(None),
        )
        .distinct()
    )
    with national.read() as conn:
        rows = [tuple(row) for row in conn.execute(query)]
    return pl.DataFrame(rows, schema=DECLARED, orient="row")
