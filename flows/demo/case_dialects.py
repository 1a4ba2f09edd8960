"""How the case system's rows are written for PostgreSQL and for MariaDB."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from flows.demo.breaking import UNREADABLE_DATE
from flows.demo.case_tables import Column, Kind

Cell: TypeAlias = str | int | date | None

KEY_LENGTH = 60
AT_ONCE = 400  # rows of one INSERT


@dataclass(frozen=True, slots=True)
class Dialect:
    """One database's ways.

    `no_dates` are the columns in which it writes a sign of its own for no date;
    `rows` makes the statement that adds rows of written cells.
    """

    types: dict[Kind, str]
    moment: str
    begin: str
    no_dates: frozenset[str]
    no_date: str | None
    unreadable: str | None
    quoted: Callable[[str], str]
    cell: Callable[[Cell], str]
    separator: str
    rows: Callable[[str, Sequence[str], list[str]], Iterator[str]]

    def dated(self, column: Column, value: Cell) -> Cell:
        """A date as its column can hold it."""
        if value == UNREADABLE_DATE:
            return self.unreadable
        if value is None and column.name in self.no_dates:
            return self.no_date
        return value


def _copied(value: Cell) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, str):
        text = value.replace("\\", "\\\\").replace("\t", "\\t")
        return text.replace("\n", "\\n").replace("\r", "\\r")
    return str(value)


def _copy(table: str, columns: Sequence[str], rows: list[str]) -> Iterator[str]:
    yield f"COPY {table} ({', '.join(columns)}) FROM stdin;\n"
    yield from (f"{row}\n" for row in rows)
    yield "\\.\n"


def _doubled(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _escaped(text: str) -> str:
    safe = text.replace("\\", "\\\\").replace("'", "''")
    return "'" + safe.replace("\n", "\\n").replace("\r", "\\r") + "'"


def _literal(value: Cell) -> str:
    if value is None:
        return "NULL"
    return _escaped(value) if isinstance(value, str) else _of_other(value)


def _of_other(value: int | date) -> str:
    return f"'{value}'" if isinstance(value, date) else str(value)


def _insert(table: str, columns: Sequence[str], rows: list[str]) -> Iterator[str]:
    for start in range(0, len(rows), AT_ONCE):
        values = "),\n(".join(rows[start : start + AT_ONCE])
        yield f"INSERT INTO {table} ({', '.join(columns)}) VALUES\n({values});\n"


_TYPES: dict[Kind, str] = {
    "text": "text",
    "code": "varchar(40)",
    "date": "date",
    "int": "int",
    "money": "bigint",
}

POSTGRESQL = Dialect(
    types=_TYPES | {"flag": "smallint"},
    moment="timestamp(0)",
    begin="SET client_min_messages = warning;\nBEGIN;\n",
    no_dates=frozenset(),
    no_date=None,
    unreadable=None,  # its date column holds dates only
    quoted=_doubled,
    cell=_copied,
    separator="\t",
    rows=_copy,
)

# Made in the days of PHP and MyISAM: NOT NULL date columns, so that no date is
# 0000-00-00 there, and a month nobody knew is 00.
MARIADB = Dialect(
    types=_TYPES | {"flag": "tinyint(1)"},
    moment="datetime(6)",
    begin="SET NAMES utf8mb4;\nSTART TRANSACTION;\n",
    no_dates=frozenset(
        (
            "ngay_viet",
            "ngay_chuyen",
            "ngay_khong_thu_ly",
            "ngay_cong_khai",
            "ngay_rut",
            "ngay_hoan_thanh",
            "ngay_thu_gan_nhat",
            "ngay_tra_loi",
            "den_ngay",
        )
    ),
    no_date="0000-00-00",
    unreadable="2021-00-00",
    quoted=_escaped,
    cell=_literal,
    separator=",",
    rows=_insert,
)
