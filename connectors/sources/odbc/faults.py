"""A driver's error as one of ours: its SQLSTATE and number only."""

import re

import pyodbc

from connectors.errors import KntcError, SourceError, TransientError
from connectors.sources.odbc.engines import DIALECTS

# Connection lost, time-out, serialisation failure, deadlock, shutdown, no resources,
# and a statement that the server cancelled.
TRANSIENT = re.compile(r"^(08|HYT0[01]|40001|40P01|57P0|57014|53)")
# Of these: no connection, or it is lost (08004: the server answered and refused).
_LOST = re.compile(r"^(08(?!004)|HYT0[01])")
_CERTIFICATE = re.compile(r"certificate verify failed|SSL Provider", re.IGNORECASE)


def reduced(
    where: str, fault: pyodbc.Error, lost: type[TransientError] = TransientError
) -> KntcError:
    """Our error for a driver's, whose text may quote a row or the connection string.

    `lost` is the kind of one that found no server, or lost it.
    """
    state = str(fault.args[0]) if fault.args else ""
    state = state if re.fullmatch(r"[0-9A-Z]{5}", state) else "unknown"
    text = str(fault.args[-1]) if fault.args else ""
    # The driver's own number stands last; one before it may be quoted from a row.
    native = re.search(r"\((-?\d{1,9})\)[^()]*(?:\(SQL\w*\)[^()]*)?$", text)
    number = native[1] if native else ""
    for dialect in DIALECTS:
        if (found := dialect.state(state, text)) is not None:
            state, number = found[0], found[1] or number
            break
    code = f"SQLSTATE {state}" + (f" ({number})" if number else "")
    if _CERTIFICATE.search(text):
        return SourceError(
            f"{where}: the database's certificate is not trusted: {code}; name its "
            "authority in the connection string (docs/adding-an-office.md)"
        )
    if TRANSIENT.match(state):
        kind = lost if _LOST.match(state) else TransientError
        return kind(
            f"{where}: the database did not answer: {code}; mend it or the way to it, "
            "then kntc sync --failed"
        )
    return SourceError(f"{where}: the database refused: {code}; {_advice(state)}")


def _advice(state: str) -> str:
    if state.startswith("28"):
        return "user or password is wrong: mend the secret that the office file names"
    if state.startswith("3D"):
        return "there is no such database: mend the office's connection string"
    if state.startswith("42"):
        return "a table, column or right is missing: mend the preset's query"
    if state == "25006":
        return "the query writes, and the session is read only: mend the preset"
    if state.startswith("IM") or state == "01000":
        return "the ODBC driver is not installed or not named so in odbcinst.ini"
    return "ask the database's administrator with this code"
