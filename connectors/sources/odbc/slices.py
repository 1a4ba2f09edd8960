"""Rows of a driver that keeps whole results in memory: a slice of keys at a time."""

from collections.abc import Iterator

import pyodbc

from connectors.sources.odbc.asked import Asked, Execute, Piece, Value, from_version


def sliced(execute: Execute, wanted: Asked, size: int) -> Iterator[pyodbc.Cursor]:
    """Cursors that together give the rows of the query, in the order of its keys.

    Each holds about `size` rows, more where so many have the same key or none. They
    must be run in one snapshot, and each is read to its end before the next.
    """
    has_null = " OR ".join(f"{key} IS NULL" for key in wanted.keys)
    yield execute(wanted.where(Piece(_both(f"({has_null})", wanted))))
    last: tuple[Value, ...] | None = None
    while True:
        after = _after(wanted, last)
        end = _end(execute, wanted, after, size)
        if end is None:
            yield execute(wanted.where(after))
            return
        upto = from_version(wanted.keys, end, "<=")
        both = Piece(f"({after.sql}) AND ({upto.sql})", after.values + upto.values)
        yield execute(wanted.where(both))
        last = end


def _both(condition: str, wanted: Asked) -> str:
    if wanted.unplaced is None:
        return condition
    return f"({wanted.unplaced}) AND {condition}"


def _after(wanted: Asked, last: tuple[Value, ...] | None) -> Piece:
    parts = [" AND ".join(f"{key} IS NOT NULL" for key in wanted.keys)]
    values: tuple[Value, ...] = ()
    more = [wanted.placed]
    if last is not None:
        more.append(from_version(wanted.keys, last, ">"))
    for piece in more:
        if piece is not None:
            parts.append(f"({piece.sql})")
            values += piece.values
    return Piece(" AND ".join(parts), values)


def _end(
    execute: Execute, wanted: Asked, after: Piece, size: int
) -> tuple[Value, ...] | None:
    """The keys of the last row of the next slice; None when fewer rows are left."""
    keys = ", ".join(f"kntc.{key}" for key in wanted.keys)
    tail = f" LIMIT 1 OFFSET {size - 1}"
    row = execute(wanted.where(after, tail, keys)).fetchone()
    return None if row is None else tuple(row)
