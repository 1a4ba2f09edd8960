"""What the odbc kind is told: a connection, and a query."""

from dataclasses import dataclass, field
from typing import Literal

from connectors.sources.secret import Secret


@dataclass(frozen=True, slots=True)
class OdbcStream:
    """A query; the reader wraps it to ask for what changed since."""

    query: str
    cursor: str | None = None  # column of the query's result
    cursor_zone: str | None = None  # zone of naive times; None: UTC
    # date: the column is a date, so a bound is widened to the whole local day
    cursor_type: Literal["timestamp", "date"] = "timestamp"
    # Integer columns that only grow (a row version; year and number), compared in
    # this order; used for the bounds instead of `cursor`.
    version: tuple[str, ...] = ()
    # Encoding of bytes that the driver hands over as they are (VARCHAR of a legacy
    # system): cp1258, tcvn3, vni; None: the driver's own Unicode.
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class OdbcAt:
    """An ODBC connection string, secret."""

    connection: Secret = field(repr=False)
