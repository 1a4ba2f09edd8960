"""Names of columns whole, where MariaDB's driver cuts their end off.

Connector/ODBC 3.1.15 counts U+1Dxx (ộ, ớ) and the sign after it as one, and a name
comes shorter by as many (`Nội dung đơ`). The server says them whole, as text, when it
is asked to explain the query.
"""

import re
from collections.abc import Iterator
from contextlib import suppress

import pyodbc

# A quoted name, a quoted text, a bracket, a word, or one sign of something else.
_TOKEN = re.compile(r"`(?:[^`]|``)*`|'(?:[^'\\]|''|\\.)*'|[()]|\w+|\W", re.DOTALL)


def explained(cursor: pyodbc.Cursor, query: str) -> list[str]:
    """The names of a query's columns as the server says them; empty where it does not
    (views may be explained by nobody but their owner)."""
    with suppress(pyodbc.Error):
        whole = query.strip().removesuffix(";")
        asked = f"SELECT * FROM (\n{whole}\n) kntc LIMIT 0"  # noqa: S608 - the preset's
        cursor.execute(f"EXPLAIN EXTENDED {asked}")
        for _, code, text in cursor.execute("SHOW WARNINGS").fetchall():
            if int(code) == 1003:  # the statement as the server understood it
                # Bytes where the preset asks for a legacy encoding; names are UTF-8.
                is_raw = isinstance(text, bytes)
                return list(_names(text.decode("utf-8", "replace") if is_raw else text))
    return []


def _names(statement: str) -> Iterator[str]:
    """What stands after AS in the list of the outermost SELECT."""
    depth, before, is_list = 0, "", False
    for found in _TOKEN.finditer(statement):
        token = found[0]
        if token.isspace():
            continue
        depth += (token == "(") - (token == ")")  # noqa: S105 - brackets
        if depth == 0 and token == "from" and is_list:  # noqa: S105
            return
        is_list = is_list or (depth == 0 and token == "select")  # noqa: S105
        if depth == 0 and is_list and before == "AS" and token[0] == "`":
            yield token[1:-1].replace("``", "`")
        before = token


def mended(told: list[str], whole: list[str]) -> list[str]:
    """The driver's names, each as the server has it where it is the beginning of that;
    as they are when the two lists do not belong together."""
    is_same = len(told) == len(whole) and all(
        full.startswith(name) for name, full in zip(told, whole, strict=True)
    )
    return whole if is_same else told
