"""Cells of nested columns into JSON values, each cell once a batch."""

import json
import re
from dataclasses import dataclass
from typing import TypeAlias

import polars as pl

from connectors.sources.rest.jsontext import Json, Number, canonical

# Deeper than any document, and far from the depth at which Python gives up.
MAX_DEPTH = 100
_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")


@dataclass(frozen=True, slots=True)
class Unread:
    """A cell that holds no JSON, or JSON that nobody may trust."""

    text: str


Cell: TypeAlias = "Json | Unread"


def read_json(text: pl.Series) -> list[Cell]:
    """The value of each cell; None of an empty one."""
    return [None if cell is None else _read(cell) for cell in text]


def _read(text: str) -> Cell:
    try:
        value: Json = _DECODER.decode(text)
        if text.count("{") + text.count("[") > MAX_DEPTH:
            _refuse_depth(value)
        if _HALF_PAIR.search(text):
            # A lone surrogate is legal in JSON and not in any database.
            canonical(value).encode()
    except (ValueError, RecursionError):
        return Unread(text)
    return value


def _refuse_depth(value: Json) -> None:
    layer = [value]
    for _ in range(MAX_DEPTH):
        layer = [inner for outer in layer for inner in _inner(outer)]
        if not layer:
            return
    raise ValueError("nested deeper than any document")


def _inner(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return [*value.values()]
    return [*value] if isinstance(value, list) else []


def _refuse(name: str) -> object:
    raise ValueError(name)  # NaN and Infinity are no JSON


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    held = dict(pairs)
    if len(held) < len(pairs):
        raise ValueError("a key stands twice: one of its values would be lost")
    return held


# Numbers stay as they are written: no rounding, no limit of digits.
_DECODER = json.JSONDecoder(
    parse_int=Number,
    parse_float=Number,
    parse_constant=_refuse,
    object_pairs_hook=_once,
)
