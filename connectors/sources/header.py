"""Column names out of a file's header rows."""

import unicodedata
from collections.abc import Sequence

from connectors.errors import SourceError


def column_names(place: str, rows: Sequence[Sequence[str | None]]) -> list[str]:
    """Column names out of the header's rows, joined with " / " from top to bottom.

    Outer blanks go, text becomes NFC, empty and repeated parts are left out; a blank
    header is "column N" (from 1). Raises SourceError when two names are one after
    folding: a value would overwrite another.
    """
    width = max((len(row) for row in rows), default=0)
    names = [_column_name(rows, column) for column in range(width)]
    seen: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        first = seen.setdefault(name.casefold(), position)
        if first != position:
            raise SourceError(
                f"{place}: columns {first} and {position} have the same name after "
                "blanks, letter case and Unicode form are levelled; each column needs "
                "a name of its own. Rename one in the file"
            )
    return names


def _column_name(rows: Sequence[Sequence[str | None]], column: int) -> str:
    parts: list[str] = []
    for row in rows:
        cell = row[column] if column < len(row) else None
        part = unicodedata.normalize("NFC", (cell or "").strip())
        if part and part not in parts:
            parts.append(part)
    return " / ".join(parts) or f"column {column + 1}"
