"""Lists inside a cell, as JSON text: the one place where cells are read one by one.

Few columns hold them (suspensions, extensions, consultations), and only Python's
reader refuses a bad list without refusing its whole column.
"""

import json
from collections.abc import Iterable
from typing import TypeAlias

import polars as pl

Item: TypeAlias = dict[str, str | None]


def json_lists(text: pl.Series) -> pl.Series:
    """Lists of texts; null where the text is not a JSON list of scalars."""
    return pl.Series([_scalars(t) for t in text], dtype=pl.List(pl.String))


def json_items(text: pl.Series) -> tuple[pl.Series, pl.Series, list[Item]]:
    """Which cells hold a list of objects; each object's cell; the objects."""
    found = [None if t is None else _objects(t) for t in text]
    good = pl.Series([items is not None for items in found], dtype=pl.Boolean)
    rows = [row for row, items in enumerate(found) for _ in items or ()]
    return (
        good,
        pl.Series(rows, dtype=pl.UInt32),
        [item for items in found for item in items or ()],
    )


def _list(text: str) -> list[object] | None:
    try:
        # Numbers stay as they are written: no rounding, no limit of digits.
        read = json.loads(text, parse_int=str, parse_float=str)
        # A lone surrogate is legal in JSON and not in any database.
        json.dumps(read, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, list) else None


def _scalars(text: str) -> list[str | None] | None:
    values = _list(text)
    if values is None or any(isinstance(v, dict | list) for v in values):
        return None
    return _texts(values)


def _objects(text: str) -> list[Item] | None:
    values = _list(text)
    if values is None:
        return None
    items = [v for v in values if isinstance(v, dict)]
    if len(items) < len(values):
        return None
    return [dict(zip(map(str, i), _texts(i.values()), strict=True)) for i in items]


def _texts(values: Iterable[object]) -> list[str | None]:
    return [v if isinstance(v, str) or v is None else _text(v) for v in values]


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
