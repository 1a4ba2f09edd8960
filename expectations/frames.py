"""Polars schemas that follow from the record declarations."""

import polars as pl

from expectations.records import BY_NAME, Field, Type

# Provenance columns of every batch; the colon keeps them apart from source columns.
ROW = "kntc:row"  # UInt32, position in the batch's raw frame, from 0
LOCATOR = "kntc:locator"  # where the row stands in its source, never a value
REJECT = "kntc:reject"  # why the reader could not take the row as a row, or null
RAW = "kntc:raw"  # the text of a rejected row, for its sealed keeping, else null
CURSOR = "kntc:cursor"  # the source's change time of the record, aware UTC, or null

RECORD_ID = "record_id"
SOURCE_ID = "source_id"

PROVENANCE: dict[str, pl.DataType] = {
    ROW: pl.UInt32(),
    LOCATOR: pl.String(),
    CURSOR: pl.Datetime("us", "UTC"),
    RECORD_ID: pl.String(),  # null when the key is blank
    SOURCE_ID: pl.String(),
}

# One line a fault: which rule, in which field, the shape of the fault, never the value.
FINDINGS: dict[str, pl.DataType] = {
    ROW: pl.UInt32(),
    LOCATOR: pl.String(),
    "record_type": pl.String(),
    RECORD_ID: pl.String(),
    "rule": pl.String(),
    "field": pl.String(),
    "shape": pl.String(),
}

# Rows set aside with a reason: filtered by the preset, or rejected by the reader.
SET_ASIDE: dict[str, pl.DataType] = {
    ROW: pl.UInt32(),
    LOCATOR: pl.String(),
    "reason": pl.String(),
    "record_type": pl.String(),  # of the mapping that would have applied, or null
    SOURCE_ID: pl.String(),  # when the key could be read, or null
}

_SCALARS: dict[Type, pl.DataType] = {
    Type.TEXT: pl.String(),
    Type.DATE: pl.Date(),
    Type.BOOL: pl.Boolean(),
    Type.INT: pl.Int64(),
    Type.AMOUNT_VND: pl.Int64(),
    Type.CODE: pl.String(),
    Type.REFERENCE: pl.String(),
    Type.REFERENCES: pl.List(pl.String()),
}


def dtype(field: Field) -> pl.DataType:
    """The Polars type of a field; nested items become List(Struct)."""
    if field.type is Type.ITEMS:
        return pl.List(pl.Struct({f.name: dtype(f) for f in field.items}))
    return _SCALARS[field.type]


def schema(record_type: str) -> dict[str, pl.DataType]:
    """Provenance columns first, then the record type's fields in declared order."""
    fields = BY_NAME[record_type].fields
    return PROVENANCE | {field.name: dtype(field) for field in fields}


def empty(columns: dict[str, pl.DataType]) -> pl.DataFrame:
    """A frame of those columns without rows."""
    return pl.DataFrame(schema=columns)
