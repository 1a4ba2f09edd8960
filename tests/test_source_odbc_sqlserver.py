"""What SQL Server will be asked and what is made of its answers; no server is met."""

import struct
from datetime import UTC, datetime, timedelta

import pyodbc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import SourceError, TransientError
from connectors.sources.odbc.bounds import bounded_query
from connectors.sources.odbc.dialect import Column, Session
from connectors.sources.odbc.engines import by_driver, with_keys
from connectors.sources.odbc.faults import reduced
from connectors.sources.odbc.spec import OdbcStream
from connectors.sources.odbc.sqlserver import FREETDS, MICROSOFT, OFFSET, offset_time
from tests.odbc_reading import ZONE

SINCE = datetime(2026, 1, 2, 0, 0, 0, 7_000, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=1)
READ = OdbcStream("SELECT id, CapNhat FROM dbo.Don;", "CapNhat", ZONE)
HEAD = "SELECT * FROM (\nSELECT id, CapNhat FROM dbo.Don\n) kntc WHERE "
DATETIME = Column("CapNhat", datetime, 23, 3)
DATETIME2 = Column("CapNhat", datetime, 27, 7)
DATETIMEOFFSET = Column("CapNhat", str, 34, 7)


def test_a_window_is_bound_as_text_that_the_server_casts() -> None:
    query = bounded_query(READ, SINCE, UNTIL, dialect=MICROSOFT, columns=(DATETIME2,))
    assert query.sql == HEAD + (
        '("CapNhat" >= CAST(? AS datetime2(7)) AND '
        '"CapNhat" < CAST(? AS datetime2(7))) OR "CapNhat" IS NULL '
        'ORDER BY kntc."CapNhat"'
    )
    assert query.values == (
        "2026-01-02T07:00:00.007000",
        "2026-01-03T07:00:00.007000",
    )


def test_a_datetime_is_asked_for_from_its_tick_before() -> None:
    # 6.667 ms is shown as .007; a bound of .007 itself would pass it over.
    query = bounded_query(READ, SINCE, None, dialect=MICROSOFT, columns=(DATETIME,))
    assert query.values == ("2026-01-02T07:00:00.003000",)


def test_trap_04_only_an_aware_column_is_asked_for_with_an_offset() -> None:
    # Error 241 is what a datetime makes of an offset.
    for column, text in (
        (DATETIME, "2026-01-02T07:00:00.003000"),
        (DATETIME2, "2026-01-02T07:00:00.007000"),
        (DATETIMEOFFSET, "2026-01-02T00:00:00.007000+00:00"),
    ):
        query = bounded_query(READ, SINCE, None, dialect=MICROSOFT, columns=(column,))
        assert query.values == (text,)
        assert ("datetimeoffset" in query.sql) == (column is DATETIMEOFFSET)


@given(st.integers(0, 86_400 * 10**7), st.sampled_from([DATETIME2, DATETIMEOFFSET]))
def test_trap_02_a_bound_is_never_later_than_the_row_it_was_taken_from(
    ticks: int, column: Column
) -> None:
    """Rows count 100 ns; what was read of one is a bound that includes it."""
    day = struct.pack("<Qihxx", ticks % (86_400 * 10**7), 46_022, 420)
    read = offset_time(day)
    query = bounded_query(READ, read, None, dialect=MICROSOFT, columns=(column,))
    bound = datetime.fromisoformat(str(query.values[0]))
    if bound.tzinfo is None:
        bound = (bound - timedelta(hours=7)).replace(tzinfo=UTC)
    micros = (bound - datetime(2026, 1, 2, tzinfo=UTC)) // timedelta(microseconds=1)
    assert micros * 10 <= ticks % (86_400 * 10**7) < micros * 10 + 10


def test_both_drivers_offsets_are_read_and_cut_not_rounded() -> None:
    theirs = struct.pack("<h5HI2h", 2026, 1, 2, 7, 0, 59, 999_999_900, 7, 0)
    ticks = 59 * 10**7 + 9_999_999
    freetds = struct.pack("<Qihxx", ticks, 46_022, 420)
    for value in (theirs, freetds):
        moment = offset_time(value)
        assert moment == datetime(2026, 1, 2, 0, 0, 59, 999_999, tzinfo=UTC)
        assert moment.utcoffset() == timedelta(hours=7)
    west = struct.pack("<h5HI2h", 2026, 1, 1, 19, 30, 0, 0, -4, -30)
    assert offset_time(west) == datetime(2026, 1, 2, tzinfo=UTC)


def test_a_date_and_a_version_are_asked_for_in_plain_sql() -> None:
    dated = OdbcStream("SELECT 1", "Ngay", ZONE, "date")
    query = bounded_query(dated, SINCE, UNTIL, dialect=FREETDS)
    assert "CAST(? AS date)" in query.sql
    assert query.values == ("2026-01-02", "2026-01-04")
    pair = OdbcStream("SELECT 1", version=("nam", "so"))
    query = bounded_query(pair, (2026, 7), UNTIL, dialect=FREETDS)
    assert query.sql == (
        "SELECT * FROM (\nSELECT 1\n) kntc WHERE "
        '(("nam" > ?) OR ("nam" = ? AND ("so" >= ?))) OR "nam" IS NULL OR '
        '"so" IS NULL ORDER BY kntc."nam", kntc."so"'
    )
    assert query.values == (2026, 2026, 7)


class Recorder:
    """Stands for a connection and its cursor, and writes down what they are told."""

    def __init__(self, *, snapshots: int) -> None:
        self.said: list[str] = []
        self.converters: list[int] = []
        self.autocommit = True
        self.snapshots = snapshots

    def execute(self, sql: str) -> "Recorder":
        self.said.append(sql)
        return self

    def fetchone(self) -> tuple[int]:
        return (self.snapshots,)

    def add_output_converter(self, kind: int, _: object) -> None:
        self.converters.append(kind)


@pytest.mark.parametrize(
    ("snapshots", "level"), [(1, "SNAPSHOT"), (0, "READ COMMITTED")]
)
def test_the_session_waits_for_nobody_long_and_commits_nothing(
    snapshots: int, level: str
) -> None:
    told = Recorder(snapshots=snapshots)
    MICROSOFT.start(Session(told, told, READ, 12.5))
    assert told.said == [
        "SET NOCOUNT ON",
        "SET LOCK_TIMEOUT 12500",
        "SET DEADLOCK_PRIORITY LOW",
        "SET TEXTSIZE 2147483647",
        "SELECT snapshot_isolation_state FROM sys.databases WHERE name = DB_NAME()",
        f"SET TRANSACTION ISOLATION LEVEL {level}",
    ]
    assert told.autocommit is False
    assert told.converters == [OFFSET]


def test_varchar_of_a_legacy_system_is_taken_as_bytes_and_nvarchar_is_not() -> None:
    told = Recorder(snapshots=0)
    read = OdbcStream("SELECT 1", encoding="tcvn3")
    MICROSOFT.start(Session(told, told, read, 60))
    assert pyodbc.SQL_VARCHAR in told.converters
    assert pyodbc.SQL_WVARCHAR not in told.converters


def test_the_driver_is_known_by_its_name() -> None:
    for text, dialect in {
        "Driver={ODBC Driver 18 for SQL Server};Server=a,1433;": MICROSOFT,
        "DRIVER={SQL Server Native Client 11.0};Server=a": MICROSOFT,
        "Server=a;Driver=/opt/microsoft/lib64/libmsodbcsql-18.so": MICROSOFT,
        "driver=FreeTDS;server=a;port=1433": FREETDS,
        "Driver={FreeTDS for SQL Server};Server=a": FREETDS,
        "DSN=don_thu;UID=a": None,
        "Driver={Oracle 23};Server=sqlserver": None,
    }.items():
        assert by_driver(text) is dialect
    assert with_keys("Driver=FreeTDS;TDS_Version=7.2", FREETDS).endswith(
        ";APP=kntc-sync;ClientCharset=UTF-8;"
    )


MAKER = "[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]"


@pytest.mark.parametrize(
    ("state", "number", "kind", "says"),
    [
        ("40001", 1205, TransientError, "(1205)"),
        ("42000", 1222, TransientError, "SQLSTATE 53000 (1222)"),
        ("42000", 3960, TransientError, "(3960)"),
        ("HY000", 596, TransientError, "(596)"),
        ("08S01", 10054, TransientError, "(10054)"),
        ("HYT00", 0, TransientError, "SQLSTATE HYT00 (0)"),
        ("28000", 18456, SourceError, "user or password"),
        ("42000", 4060, SourceError, "no such database"),
        ("42S02", 208, SourceError, "mend the preset"),
        ("42000", 229, SourceError, "mend the preset"),
        ("22007", 241, SourceError, "(241)"),
    ],
)
@pytest.mark.parametrize("maker", [MAKER, "[FreeTDS][SQL Server]"])
def test_a_fault_is_classed_by_its_number_and_says_no_more(
    maker: str, state: str, number: int, kind: type[Exception], says: str
) -> None:
    text = f"[{state}] {maker}Canary (12) is no word. ({number}) (SQLExecDirectW)"
    error = reduced("quang_tri: query don", pyodbc.Error(state, text))
    assert type(error) is kind
    assert says in str(error)
    assert "Canary" not in str(error)


def test_a_certificate_that_nobody_trusts_is_not_tried_again() -> None:
    text = (
        "[08001] [Microsoft][ODBC Driver 18 for SQL Server]SSL Provider: "
        "[error:0A000086:certificate verify failed:self-signed] (-1) (SQLDriverConnect)"
    )
    error = reduced("quang_tri: query don", pyodbc.OperationalError("08001", text))
    assert type(error) is SourceError
    assert "certificate" in str(error)
