"""Case systems of the sample estate: their data on disk, and their servers.

How estate.py uses it, for installations of SQL, MARIADB and REST:

    writer = SYSTEMS[installation.product]
    writer.write(folder, installation, rows)                # the first estate
    writer.apply(folder, installation, night, changes)      # a later night's changes

    with databases(folder, all_of_them) as servers, apis(folder, all_of_them) as api:
        env[f"KNTC_{system.upper()}_ODBC"] = servers.odbc[system]
        env[f"KNTC_{system.upper()}_URL"], env[f"..._TOKEN"] = api[system]
        servers.take_up()    # after `apply`, when the servers are running

`databases` starts only the servers that the installations need, and runs every SQL file
that its database has not yet taken up. The APIs take up new files by themselves. Both
give other products' installations no server, so all of them may be passed.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from connectors.errors import ConfigError
from flows.demo import mariadb, postgres
from flows.demo.case_dialects import MARIADB as MARIADB_DIALECT
from flows.demo.case_dialects import POSTGRESQL, Dialect
from flows.demo.case_system import DONE, write_changes, write_sql
from flows.demo.changing import Change
from flows.demo.documents import write_json, write_json_changes
from flows.demo.planting import Row
from flows.demo.products import MARIADB, REST, SQL
from flows.demo.rest_server import TOKENS_VARIABLE

DIALECTS: dict[str, Dialect] = {SQL: POSTGRESQL, MARIADB: MARIADB_DIALECT}


class Installed(Protocol):
    """What is asked of an installation."""

    @property
    def system(self) -> str:
        """Its permanent name."""
        ...

    @property
    def product(self) -> str:
        """Which software it is."""
        ...


class Server(Protocol):
    """A database server of either kind."""

    def create_database(self, name: str) -> None:
        """Make an empty database when it is not there."""
        ...

    def run_sql_file(self, database: str, path: Path) -> None:
        """Run a file of SQL."""
        ...

    def run(self, sql: str, database: str = "") -> list[str]:
        """Run statements; the lines of what they give."""
        ...

    def odbc(self, database: str) -> str:
        """The connection string."""
        ...


@dataclass(frozen=True, slots=True)
class System:
    """How one product's installation gets its data."""

    write: Callable[[Path, Installed, Sequence[Row]], None]
    apply: Callable[[Path, Installed, int, Sequence[Change]], None]


def _write_sql(folder: Path, installation: Installed, rows: Sequence[Row]) -> None:
    target = _emptied(folder / "sql" / installation.system)
    dialect = DIALECTS[installation.product]
    write_sql(target / "night-01.sql", dialect, (row.record for row in rows))


def _apply_sql(
    folder: Path, installation: Installed, night: int, changes: Sequence[Change]
) -> None:
    target = folder / "sql" / installation.system / f"night-{night:02d}.sql"
    write_changes(target, DIALECTS[installation.product], night, changes)


def _write_rest(folder: Path, installation: Installed, rows: Sequence[Row]) -> None:
    target = _emptied(folder / "rest" / installation.system)
    write_json(target, (row.record for row in rows))


def _apply_rest(
    folder: Path, installation: Installed, night: int, changes: Sequence[Change]
) -> None:
    write_json_changes(folder / "rest" / installation.system, night, changes)


SYSTEMS = {
    SQL: System(_write_sql, _apply_sql),
    MARIADB: System(_write_sql, _apply_sql),
    REST: System(_write_rest, _apply_rest),
}


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@dataclass(frozen=True, slots=True)
class Databases:
    """The running servers; `odbc` is the connection string of each system."""

    folder: Path
    servers: dict[str, Server]  # by system
    odbc: dict[str, str]

    def take_up(self) -> None:
        """Run the SQL files that are not yet in their databases, night by night."""
        for system, server in self.servers.items():
            paths = sorted((self.folder / "sql" / system).glob("night-*.sql"))
            done = _taken_up(server, system)
            for path in paths:
                if path.name not in done:
                    server.run_sql_file(system, path)


def _taken_up(server: Server, system: str) -> set[str]:
    server.create_database(system)
    make = f"CREATE TABLE IF NOT EXISTS {DONE} (tep varchar(40))"
    return set(server.run(f"{make}; SELECT tep FROM {DONE}", system))  # noqa: S608


@contextmanager
def databases(folder: Path, installations: Iterable[Installed]) -> Iterator[Databases]:
    """Both kinds of server with all that was written for them; see above."""
    wanted: dict[str, list[str]] = {}
    for one in installations:
        wanted.setdefault(one.product, []).append(one.system)
    with ExitStack() as stack:
        servers: dict[str, Server] = {}
        if SQL in wanted:
            home = folder / "postgresql"
            postgres.stop_left_over(home)
            cluster = stack.enter_context(postgres.running(home, is_throw_away=True))
            servers |= dict.fromkeys(wanted[SQL], cluster)
        if MARIADB in wanted:
            server = stack.enter_context(mariadb.running(folder / "mariadb"))
            servers |= dict.fromkeys(wanted[MARIADB], server)
        odbc = {system: server.odbc(system) for system, server in servers.items()}
        running = Databases(folder, servers, odbc)
        running.take_up()
        yield running


@contextmanager
def apis(
    folder: Path, installations: Iterable[Installed]
) -> Iterator[dict[str, tuple[str, str]]]:
    """The running JSON APIs: base address and token of each system."""
    systems = [one.system for one in installations if one.product == REST]
    tokens = {system: secrets.token_hex(16) for system in systems}
    if not systems:
        yield {}
        return
    with _api(folder / "rest", tokens) as url:
        yield {system: (f"{url}/{system}", tokens[system]) for system in systems}


@contextmanager
def _api(data: Path, tokens: dict[str, str]) -> Iterator[str]:
    command = [sys.executable, "-m", "flows.demo.rest_server", "--data", str(data)]
    # A session of its own: Ctrl-C is ours to handle, the server ends with its stdin.
    child = subprocess.Popen(  # noqa: S603 - our own module
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {TOKENS_VARIABLE: json.dumps(tokens)},
        start_new_session=True,
    )
    try:
        assert child.stdout is not None
        port = child.stdout.readline().strip()
        if not port:
            raise ConfigError(f"the sample APIs of {data} did not start")
        yield f"http://127.0.0.1:{port}"
    finally:
        child.send_signal(signal.SIGTERM)
        child.communicate(timeout=30)
