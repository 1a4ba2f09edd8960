"""The query of a preset, asked for what changed since."""

from datetime import datetime, timedelta
from datetime import time as clock_time

from connectors.sources.base import Bound
from connectors.sources.odbc.asked import Asked, Piece, Query, from_version, quoted
from connectors.sources.odbc.dialect import Column, Dialect, Moment
from connectors.sources.odbc.spec import OdbcStream


def asked(
    read: OdbcStream,
    since: Bound | None,
    until: datetime | None,
    *,
    dialect: Dialect,
    quote: str = '"',
    columns: tuple[Column, ...] = (),
) -> Asked:
    """The query with its bounds, the first included and the last not.

    Rows that cannot be placed (no change time, no version) come every time: nobody
    could say when they changed. `columns` as described by the driver, when known.
    """
    by_name = {column.name: column for column in columns}
    names = read.version or ((read.cursor,) if read.cursor else ())
    keys = tuple(quoted(name, quote) for name in names)
    if read.version:
        placed = None if since is None else from_version(keys, _version(read, since))
    else:
        placed = _between(read, keys, since, until, dialect, by_name)
    unplaced = " OR ".join(
        f"{key} IS NULL" if read.version else dialect.is_unplaced(key) for key in keys
    )
    selected = [dialect.selected(quoted(c.name, quote), c) for c in columns]
    is_plain = not any(selected)
    return Asked(
        read.query.strip().removesuffix(";"),
        "*"
        if is_plain
        else ", ".join(
            own or quoted(c.name, quote)
            for own, c in zip(selected, columns, strict=True)
        ),
        keys,
        placed,
        unplaced if placed is not None else None,
    )


def bounded_query(
    read: OdbcStream,
    since: Bound | None,
    until: datetime | None,
    *,
    dialect: Dialect,
    quote: str = '"',
    columns: tuple[Column, ...] = (),
) -> Query:
    """The one statement that reads what changed; see `asked`."""
    return asked(
        read, since, until, dialect=dialect, quote=quote, columns=columns
    ).whole()


def _version(read: OdbcStream, since: Bound) -> tuple[int, ...]:
    assert isinstance(since, tuple)
    assert len(since) == len(read.version)
    return since


def _between(
    read: OdbcStream,
    keys: tuple[str, ...],
    since: Bound | None,
    until: datetime | None,
    dialect: Dialect,
    columns: dict[str, Column],
) -> Piece | None:
    if read.cursor is None:
        return None
    moments = [
        Moment(bound, read.cursor_zone, is_lower)
        for bound, is_lower in ((since, True), (until, False))
        if isinstance(bound, datetime)
    ]
    described = columns.get(read.cursor)
    pieces = [_one_bound(read, keys[0], m, dialect, described) for m in moments]
    if not pieces:
        return None
    values = tuple(value for piece in pieces for value in piece.values)
    return Piece(" AND ".join(piece.sql for piece in pieces), values)


def _one_bound(
    read: OdbcStream,
    key: str,
    moment: Moment,
    dialect: Dialect,
    described: Column | None,
) -> Piece:
    if read.cursor_type == "timestamp":
        return dialect.compared(key, moment, described)
    # A day that has begun inside the window belongs to it whole: rows of a day that
    # come later the same day are read again the next time.
    day = moment.local.date()
    if not moment.is_lower and moment.local.time() > clock_time.min:
        day += timedelta(days=1)
    return dialect.on_day(key, moment.sign, day)
