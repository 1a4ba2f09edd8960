"""What the columns of a result are called and hold, as the driver says it."""

import pyodbc

from connectors.errors import SourceError
from connectors.sources.odbc.dialect import Column


def described(where: str, cursor: pyodbc.Cursor) -> tuple[Column, ...]:
    """The columns; SourceError when there are none, or two of one name."""
    if cursor.description is None:
        raise SourceError(
            f"{where} gave no table; expected one SELECT. Mend the preset"
        )
    # A driver may give more characters than the name has, after a NUL.
    columns = tuple(
        Column(name.split("\0")[0], kind, size or 0, scale or 0)
        for name, kind, _, size, _, scale, _ in cursor.description
    )
    _check_columns(where, [column.name for column in columns])
    return columns


def _check_columns(where: str, columns: list[str]) -> None:
    doubled = sorted({c for c in columns if columns.count(c) > 1})
    if doubled:
        raise SourceError(
            f"{where}: several columns are named {', '.join(doubled)}; one would "
            "overwrite the other. Give each a name of its own with AS in the preset"
        )
