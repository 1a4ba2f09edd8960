"""A query with its bounds, in the pieces from which statements are made."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import pyodbc

Value = datetime | date | str | int


@dataclass(frozen=True, slots=True)
class Query:
    """A statement with its bound values."""

    sql: str
    values: tuple[Value, ...] = ()


Execute = Callable[[Query], pyodbc.Cursor]


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of SQL with its bound values."""

    sql: str
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A preset's query with its bounds, not yet put together.

    `placed` holds for rows inside the bounds, `unplaced` for those that come always;
    without bounds both are None.
    """

    query: str
    selected: str = "*"
    keys: tuple[str, ...] = ()  # quoted; what the rows are ordered by
    placed: Piece | None = None
    unplaced: str | None = None

    def whole(self) -> Query:
        """One statement for all of it."""
        if not self.keys and self.selected == "*":
            return Query(self.query)
        if self.placed is None:
            return self.where(None)
        sql = f"({self.placed.sql}) OR {self.unplaced}"
        return self.where(Piece(sql, self.placed.values))

    def where(self, condition: Piece | None, tail: str = "", what: str = "") -> Query:
        """The rows for which that holds, in the order of the keys."""
        # The line end keeps a comment at the end of the query from eating the rest.
        sql = f"SELECT {what or self.selected} FROM (\n{self.query}\n) kntc"  # noqa: S608
        if condition is not None:
            sql += f" WHERE {condition.sql}"
        if self.keys:
            # Named in full: what is selected may be a text of the same name.
            sql += " ORDER BY " + ", ".join(f"kntc.{key}" for key in self.keys)
        return Query(sql + tail, () if condition is None else condition.values)


def quoted(name: str, quote: str) -> str:
    """A name that the engine takes as it is; without a quote it stays bare."""
    return quote + name.replace(quote, quote * 2) + quote if quote else name


def from_version(
    keys: tuple[str, ...], values: tuple[Value, ...], last: str = ">="
) -> Piece:
    """Keys not before the values, compared one after the other."""
    (key, *rest_keys), (value, *rest_values) = keys, values
    if not rest_keys:
        return Piece(f"{key} {last} ?", (value,))
    rest = from_version(tuple(rest_keys), tuple(rest_values), last)
    strict = last.rstrip("=")
    sql = f"({key} {strict} ?) OR ({key} = ? AND ({rest.sql}))"
    return Piece(sql, (value, value, *rest.values))
