"""Which dialect a connection speaks."""

import re

import pyodbc

from connectors.sources.odbc.dialect import Dialect
from connectors.sources.odbc.mariadb import DIALECT as MARIADB
from connectors.sources.odbc.postgres import DIALECT as POSTGRES
from connectors.sources.odbc.sqlite import DIALECT as SQLITE
from connectors.sources.odbc.sqlserver import FREETDS, MICROSOFT

# Tried in this order: FreeTDS is often registered as "FreeTDS SQL Server".
DIALECTS = (POSTGRES, MARIADB, SQLITE, FREETDS, MICROSOFT)
PLAIN = Dialect("another engine")
_DRIVER = re.compile(r"(?:^|;)\s*driver\s*=\s*(\{[^}]*\}|[^;]*)", re.IGNORECASE)


def by_driver(connection_string: str) -> Dialect | None:
    """The dialect of the driver that the string names; None for a DSN or another."""
    found = _DRIVER.search(connection_string)
    if found is None:
        return None
    return next((d for d in DIALECTS if d.drivers and d.drivers.search(found[1])), None)


def by_server(connection: pyodbc.Connection) -> Dialect:
    """The dialect of the server that answered."""
    name = connection.getinfo(pyodbc.SQL_DBMS_NAME)
    return next((d for d in DIALECTS if name in d.servers), PLAIN)


def with_keys(text: str, dialect: Dialect | None, **given: int) -> str:
    """The connection string with the dialect's keys, where it does not say its own."""
    if dialect is None:
        return text
    text = text.rstrip("; ")
    for key, value in dialect.keys.items():
        if not re.search(rf"(^|;)\s*{key}\s*=", text, re.IGNORECASE):
            text += f";{key}={value.format(**given)}"
    return text + ";"
