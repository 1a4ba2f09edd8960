"""The canonical text of a record's values: what is hashed, sealed and verified.

A value is written `name=LENGTH:value,` with its length in UTF-8 bytes (a netstring
with a name), absent values are left out, fields stand in declared order. The form is
unambiguous, and a field added later leaves the hash of old records as it was.
"""

import re

import polars as pl

from expectations.records import Field, Type

_PART = re.compile(rb"([a-z_0-9]+)=(\d+):")


def value_text(field: Field) -> pl.Expr:
    """A field's value as canonical text: ISO dates, true/false, decimal, JSON."""
    column = pl.col(field.name)
    if field.type is Type.DATE:
        return column.dt.to_string("%Y-%m-%d")
    if field.type in (Type.ITEMS, Type.REFERENCES):
        return json_text(column)
    return column.cast(pl.String)


def json_text(column: pl.Expr) -> pl.Expr:
    """A list column as compact JSON, items' fields in declared order; [] is null."""
    wrapped = pl.struct(column.alias("v")).struct.json_encode()
    inner = wrapped.str.slice(5).str.head(-1)
    return pl.when(column.list.len() > 0).then(inner)


def netstring(name: str, text: pl.Expr) -> pl.Expr:
    """`name=LENGTH:value,` or the empty string where the text is null."""
    parts = [pl.lit(f"{name}="), text.str.len_bytes().cast(pl.String), pl.lit(":")]
    return pl.concat_str([*parts, text, pl.lit(",")]).fill_null("")


def netstrings(fields: tuple[Field, ...]) -> pl.Expr:
    """All fields of a record in one canonical text."""
    if not fields:
        return pl.lit("")
    return pl.concat_str([netstring(f.name, value_text(f)) for f in fields])


def read_netstrings(text: bytes) -> dict[str, str]:
    """The values back from their canonical text; ValueError when it is not one."""
    values: dict[str, str] = {}
    at = 0
    while at < len(text):
        head = _PART.match(text, at)
        if head is None:
            raise ValueError(f"not canonical at byte {at}")
        end = head.end() + int(head.group(2))
        if text[end : end + 1] != b",":
            raise ValueError(f"not canonical at byte {end}")
        values[head.group(1).decode()] = text[head.end() : end].decode()
        at = end + 1
    return values
