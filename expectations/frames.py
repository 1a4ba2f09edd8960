"""Polars schemas that follow from the record declarations."""

import polars as pl

from expectations.records import BY_NAME, REFERENCES, Field, Privacy, Reference, Type

# Provenance columns of every batch; the colon keeps them apart from source columns.
ROW = "kntc:row"  # UInt32, position in the batch's raw frame, from 0
LOCATOR = "kntc:locator"  # where the row stands in its source, never a value
REJECT = "kntc:reject"  # why the reader could not take the row as a row, or null
RAW = "kntc:raw"  # the text of a rejected row, for its sealed keeping, else null
# Optional, of workbooks: null, or a JSON object column -> legacy encoding of the font
# that the row's cell is drawn in (tcvn3, tcvn3_capitals, vni): the only sure sign.
FONTS = "kntc:fonts"
CURSOR = "kntc:cursor"  # the source's change time of the record, aware UTC, or null
# The source's version of the record as text that sorts as the version does, or null.
VERSION = "kntc:version"
# The identity of a record that moved here from another system (succession), or null.
FORMER_SYSTEM = "kntc:former_system"
FORMER_ID = "kntc:former_id"

RECORD_ID = "record_id"
SOURCE_ID = "source_id"

PROVENANCE: dict[str, pl.DataType] = {
    ROW: pl.UInt32(),
    LOCATOR: pl.String(),
    CURSOR: pl.Datetime("us", "UTC"),
    VERSION: pl.String(),
    RECORD_ID: pl.String(),  # null when the key is blank
    SOURCE_ID: pl.String(),
    FORMER_SYSTEM: pl.String(),
    FORMER_ID: pl.String(),
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
    RECORD_ID: pl.String(),  # of that key, or null
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


def schema(name: str) -> dict[str, pl.DataType]:
    """The columns of a record type's frame, or of a link frame by `Reference.name`.

    Provenance columns first, then the record type's fields in declared order.
    """
    if name in BY_LINK:
        return link_schema(BY_LINK[name])
    fields = BY_NAME[name].fields
    return PROVENANCE | {field.name: dtype(field) for field in fields}


BY_LINK: dict[str, Reference] = {reference.name: reference for reference in REFERENCES}


def plain_fields(record_type: str) -> tuple[Field, ...]:
    """The fields of a record type that stand open in one column of its table."""
    lists = (Type.REFERENCES, Type.ITEMS)
    fields = BY_NAME[record_type].having(Privacy.OPEN)
    return tuple(f for f in fields if f.type not in lists)


def link_schema(reference: Reference) -> dict[str, pl.DataType]:
    """A line a child and parent: RECORD_ID and LOCATOR of the child, the child's plain
    fields, then the parent's as `<field>.<name>`.

    `<field>.record_id` is null where the parent is missing.
    """
    child = {f.name: dtype(f) for f in plain_fields(reference.record_type)}
    parent = {RECORD_ID: pl.String()} | {
        f.name: dtype(f) for f in plain_fields(reference.target)
    }
    prefixed = {f"{reference.field}.{name}": kind for name, kind in parent.items()}
    return {RECORD_ID: pl.String(), LOCATOR: pl.String()} | child | prefixed


def empty(columns: dict[str, pl.DataType]) -> pl.DataFrame:
    """A frame of those columns without rows."""
    return pl.DataFrame(schema=columns)
