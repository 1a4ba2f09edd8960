"""Version columns as text that sorts as the versions do."""

from collections.abc import Sequence

import polars as pl

from connectors.sources.base import Version
from flows.engine.normalise.cells import match

# Lifts every 64-bit integer above zero, so that digits sort as the numbers do.
_LIFT = 1 << 63
_DIGITS = 20


def versions_of(raw: pl.DataFrame, names: Sequence[str]) -> pl.Series | None:
    """The version of each raw row, null where a part is no integer; None without
    version columns."""
    if not names:
        return None
    found = match(raw.columns, names)
    if len(found) < len(names):
        return pl.repeat(None, raw.height, dtype=pl.String(), eager=True)
    lifted = [
        (pl.col(found[name]).cast(pl.Int64, strict=False).cast(pl.Int128) + _LIFT)
        .cast(pl.String)
        .str.zfill(_DIGITS)
        for name in names
    ]
    return raw.select(pl.concat_str(lifted, separator=",").alias("v")).to_series()


def version_of(text: str) -> Version:
    """The integers behind such a text."""
    return tuple(int(part) - _LIFT for part in text.split(","))
