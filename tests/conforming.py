"""Every kind of source and form under the conformance suite: an entry each, in KINDS.

A new kind or form is one line there: how rows are put behind it, how it is broken, and
what it cannot do (its Limits). Nothing else of the suite names a kind.
"""

import re
import sqlite3
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import (
    AbstractContextManager,
    closing,
    contextmanager,
    nullcontext,
    suppress,
)
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import TypeAlias

from connectors.sources.base import (
    FilesStream,
    OdbcAt,
    OdbcStream,
    RestAt,
    RestStream,
    SourceSpec,
    Stream,
)
from flows.demo.postgres import Cluster, free_port
from tests import file_forms, odbc_reading, rest_kinds
from tests.odbc_reading import ZONE, Engine

SECRET = "canary-secret-55120"
# One header of ASCII, one that every dialect has to quote.
COLUMNS = ("so_don", "nguoi_gui", "Nội dung đơn", "cap_nhat")

Row: TypeAlias = tuple[str | None, ...]
Open: TypeAlias = AbstractContextManager[SourceSpec]


@dataclass(slots=True)
class Site:
    """The servers and folders of one test process."""

    cluster: Cluster
    folder: Path
    numbers: Iterator[int] = field(default_factory=count)
    engines: dict[str, Engine] = field(default_factory=dict)

    def new_folder(self) -> Path:
        """An empty folder."""
        folder = self.folder / f"drop-{next(self.numbers)}"
        folder.mkdir()
        return folder

    def engine(self, name: str) -> Engine:
        """The one database of that engine; cases have a table each."""
        if name not in self.engines:
            made = odbc_reading.make(name, self.cluster, self.new_folder())
            if name == "mariadb":
                made.run(
                    f"CREATE USER IF NOT EXISTS conform@'%' IDENTIFIED BY '{SECRET}';"
                    " GRANT SELECT ON *.* TO conform@'%'"
                )
                made = replace(
                    made, connection=re.sub("Uid=[^;]+", "Uid=conform", made.connection)
                )
            self.engines[name] = made
        return self.engines[name]


def as_it_is(text: str) -> str | None:
    """What most forms keep of a text: all of it."""
    return text


@dataclass(frozen=True, slots=True)
class Limits:
    """What a kind can do; each False, and each `keeps`, is a fact of the form itself.

    The suite asserts what a kind does instead, so no limit is a test left out.
    """

    has_cursor: bool = True  # else all rows come, whatever the bounds
    says_columns: bool = True  # of a list without rows; else it gives no batch
    has_empty_text: bool = True  # else an empty text is null
    # May hold a row that is none; else a cell too many is a column of its own.
    can_reject: bool = True
    is_streamed: bool = True  # else it is in memory whole, under a cap
    # What the form keeps of a text that is no row's key; None: it cannot hold it.
    keeps: Callable[[str], str | None] = as_it_is
    why: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind or form: rows put behind it, and two ways of breaking it.

    `spoilt` has one row that is none, at that place. `missing` asks for what is not
    there, `dead` is an installation that does not answer for now.
    """

    put: Callable[[Site, Sequence[Row], int], Open]  # rows, batch_rows
    spoilt: Callable[[Site, Sequence[Row], int], Open] | None
    missing: Callable[[SourceSpec], SourceSpec]
    dead: Callable[[SourceSpec], Open]
    limits: Limits = Limits()
    sessions: Callable[[Site], int] = lambda _: 0  # that readers hold at the server
    # Processes other than this that hold the source's file.
    holders: Callable[[SourceSpec], int] = lambda _: 0


def of_stream(spec: SourceSpec, read: object) -> SourceSpec:
    """The same installation under another preset."""
    assert isinstance(read, FilesStream | OdbcStream | RestStream)
    return replace(spec, streams=(Stream("don", read),))


# Files: a register in each form of tests.file_forms


def files_kind(form: str, limits: Limits) -> Kind:
    """A form of file."""

    def put(site: Site, rows: Sequence[Row], batch_rows: int) -> Open:
        texts = [[cell or "" for cell in row] for row in rows]
        folder = site.new_folder()
        spec = file_forms.spec_of(form, folder, COLUMNS, texts, batch_rows)
        return nullcontext(spec)

    def spoilt(site: Site, rows: Sequence[Row], at: int) -> Open:
        return put(site, [*rows[:at], (*rows[at], "thừa"), *rows[at + 1 :]], 100)

    def missing(spec: SourceSpec) -> SourceSpec:
        return of_stream(spec, replace(_files(spec), glob="*.gone"))

    def dead(spec: SourceSpec) -> Open:
        # It may still be written: what a dead share is to a folder, see fault wall.
        return nullcontext(of_stream(spec, replace(_files(spec), settle_s=3600.0)))

    return Kind(put, spoilt, missing, dead, limits)


def _files(spec: SourceSpec) -> FilesStream:
    read = spec.streams[0].read
    assert isinstance(read, FilesStream)
    return read


def legacy(encoding: str) -> Callable[[str], str | None]:
    """What an encoding of Vietnamese alone keeps: composed letters, or nothing."""

    def keeps(text: str) -> str | None:
        try:
            return text.encode(encoding).decode(encoding)
        except UnicodeEncodeError:
            return None

    return keeps


def of_html(text: str) -> str | None:
    """HTML folds white space, and knows no line end but its own."""
    lines = text.replace("\r\n", "\n").replace("\r", " ").split("\n")
    folded = (re.sub(r"[ \t\f]+", " ", line).strip(" ") for line in lines)
    return "\n".join(folded).strip("\n")


def of_xlsx(text: str) -> str | None:
    """XML has one line end, and _x000D_ is how a workbook writes another sign."""
    said = text.replace("\r\n", "\n")
    return re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), said)


def of_ods(text: str) -> str | None:
    """XML has one line end; our writer cuts paragraphs at \\n, so \\r is one more."""
    return text.replace("\r", "\n")


# ODBC: a table in each engine


def odbc_kind(name: str, limits: Limits) -> Kind:
    """An engine, through its driver."""

    def put(site: Site, rows: Sequence[Row], batch_rows: int) -> Open:
        return _table(site, name, rows, batch_rows)

    def missing(spec: SourceSpec) -> SourceSpec:
        return of_stream(spec, OdbcStream("SELECT * FROM gone"))

    def dead(spec: SourceSpec) -> Open:
        return _locked(spec) if name == "sqlite" else nullcontext(_nobody_there(spec))

    def sessions(site: Site) -> int:
        return _sessions(site, name)

    holders = _holders if name == "sqlite" else lambda _: 0
    return Kind(put, None, missing, dead, limits, sessions, holders)


def connection_of(spec: SourceSpec) -> str:
    """The connection string of an odbc source."""
    assert isinstance(spec.at, OdbcAt)
    return spec.at.connection()


@contextmanager
def _table(
    site: Site,
    name: str,
    rows: Sequence[Row],
    batch_rows: int,
) -> Iterator[SourceSpec]:
    engine = site.engine(name)
    table, quote = f"don_{next(site.numbers)}", "`" if name == "mariadb" else '"'
    quoted = f"{quote}{COLUMNS[2]}{quote}"
    text = "longtext" if name == "mariadb" else "text"
    columns = f"so_don {text}, nguoi_gui {text}, {quoted} {text}"
    _run(site, engine, f"CREATE TABLE {table} ({columns}, cap_nhat {engine.moment});")
    for start in range(0, len(rows), 500):
        values = ",\n".join(
            f"({','.join(_literal(name, cell) for cell in row)})"
            for row in rows[start : start + 500]
        )
        _run(site, engine, f"INSERT INTO {table} VALUES {values};")
    connection = f"{engine.connection}Pwd={SECRET};"
    query = f"SELECT * FROM {table} ORDER BY cap_nhat"
    yield SourceSpec(
        "quang_tri",
        "qt_db",
        "odbc",
        OdbcAt(partial(str, connection)),  # may travel to a process of its own
        (Stream("don", OdbcStream(query, "cap_nhat", ZONE)),),
        timeout_s=10,
        attempts=1,
        batch_rows=batch_rows,
    )
    engine.run(f"DROP TABLE {table}")


def _literal(engine: str, cell: str | None) -> str:
    """In hexadecimal, so that no client changes a character."""
    if cell is None:
        return "NULL"
    if re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+", cell):
        return f"'{cell}'"
    code = cell.encode().hex()
    return {
        "postgres": f"convert_from('\\x{code}', 'UTF8')",
        "mariadb": f"CONVERT(x'{code}' USING utf8mb4)",
        "sqlite": f"CAST(x'{code}' AS text)",
    }[engine]


def _run(site: Site, engine: Engine, sql: str) -> None:
    if engine.name != "mariadb" or len(sql) < 100_000:
        engine.run(sql)
        return
    # Its client takes no statement of that length on its command line.
    path = site.folder / "run.sql"
    path.write_text(sql, encoding="ascii")
    odbc_reading.server().run_sql_file(_database(engine), path)


def _database(engine: Engine) -> str:
    found = re.search("Database=([^;]+)", engine.connection)
    assert found is not None
    return found[1]


def _sessions(site: Site, name: str) -> int:
    if name == "sqlite":
        return 0
    database = _database(site.engine(name))
    if name == "postgres":
        asked = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}'"
        return int(site.cluster.run(asked)[0])
    asked = f"SELECT count(*) FROM information_schema.processlist WHERE db='{database}'"
    return int(odbc_reading.server().run(asked)[0])


def _holders(spec: SourceSpec) -> int:
    file = re.search("Database=([^;]+)", connection_of(spec))
    assert file is not None
    held = 0
    for handle in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):  # it has ended meanwhile
            held += str(handle.readlink()) == file[1]
    return held


def _nobody_there(spec: SourceSpec) -> SourceSpec:
    elsewhere = re.sub(r"Port=\d+", f"Port={free_port()}", connection_of(spec))
    return replace(spec, at=OdbcAt(partial(str, elsewhere)))


@contextmanager
def _locked(spec: SourceSpec) -> Iterator[SourceSpec]:
    """A SQLite file that its office is writing to, for longer than we wait."""
    file = re.search("Database=([^;]+)", connection_of(spec))
    assert file is not None
    with closing(sqlite3.connect(file[1], isolation_level=None)) as conn:
        conn.execute("BEGIN EXCLUSIVE")
        yield replace(spec, timeout_s=0.5)


# REST: a server for each way of paging


def rest_kind(paging: str, limits: Limits) -> Kind:
    """A way of paging."""

    @contextmanager
    def put(site: Site, rows: Sequence[Row], batch_rows: int) -> Iterator[SourceSpec]:
        del site
        items: list[rest_kinds.Row] = [
            dict(zip(COLUMNS, row, strict=True)) if len(row) > 1 else {} for row in rows
        ]
        with rest_kinds.rest_source(paging, items) as (spec, _):
            yield _told(spec, batch_rows)

    @contextmanager
    def spoilt(site: Site, rows: Sequence[Row], at: int) -> Iterator[SourceSpec]:
        del site
        items: list[object] = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
        items[at] = list(rows[at])
        with rest_kinds.rest_source(paging, items) as (spec, _):  # type: ignore[arg-type]
            yield _told(spec, 100)

    def missing(spec: SourceSpec) -> SourceSpec:
        read = spec.streams[0].read
        assert isinstance(read, RestStream)
        return of_stream(spec, replace(read, items="gone"))

    def dead(spec: SourceSpec) -> Open:
        at = RestAt(f"http://127.0.0.1:{free_port()}", partial(str, SECRET))
        return nullcontext(replace(spec, at=at))

    return Kind(put, spoilt, missing, dead, limits)


def _told(spec: SourceSpec, batch_rows: int) -> SourceSpec:
    assert isinstance(spec.at, RestAt)
    at = replace(spec.at, token=partial(str, SECRET))
    return replace(spec, at=at, batch_rows=batch_rows)


# What each kind and form cannot do: the one place where the suite is told.

_FILE = Limits(has_cursor=False, has_empty_text=False, why="a file is read whole")
_BOOK = replace(_FILE, can_reject=False, why="a file is read whole; a grid has columns")
_XLSX = replace(_BOOK, keeps=of_xlsx)
FORM_LIMITS: dict[str, Limits] = {
    "csv-tcvn3": replace(_FILE, keeps=legacy("tcvn3"), why="no capital with a tone"),
    "csv-vni": replace(_FILE, keeps=legacy("vni"), why="Vietnamese alone"),
    "xlsx": _XLSX,
    "xlsx-zip": _XLSX,
    "xls": replace(_BOOK, is_streamed=False, why="BIFF8 is no stream: in memory"),
    "ods": replace(_BOOK, keeps=of_ods),
    "html": replace(_BOOK, keeps=of_html, is_streamed=False, why="a page is one tree"),
}
_ENGINE = Limits(can_reject=False, why="a table's rows are rows")
_LIST = Limits(says_columns=False, why="a JSON list without items names no column")
PAGING_LIMITS: dict[str, Limits] = {
    "none": replace(_LIST, is_streamed=False, why="one answer is in memory whole"),
}
KINDS: dict[str, Kind] = {
    **{f: files_kind(f, FORM_LIMITS.get(f, _FILE)) for f in file_forms.FORMS},
    **{f"odbc-{name}": odbc_kind(name, _ENGINE) for name in odbc_reading.ENGINES},
    **{
        f"rest-{p}": rest_kind(p, PAGING_LIMITS.get(p, _LIST)) for p in rest_kinds.KINDS
    },
}


def composed(text: str | None) -> str | None:
    """A text in NFC; None stays."""
    return text if text is None else unicodedata.normalize("NFC", text)
