"""A private PostgreSQL cluster in a folder, on loopback, stopped by its own PID."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors.errors import ConfigError

USER = "kntc"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server; databases are made on demand."""

    folder: Path
    port: int
    programs: Path

    def create_database(self, name: str) -> None:
        """Make an empty UTF-8 database when it is not there."""
        known = "SELECT datname FROM pg_database"
        if name in self.run(known):
            return
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, name)

    def run_sql_file(self, database: str, path: Path) -> None:
        """Run a file of SQL (COPY data included) through psql, stopping at a fault."""
        where = ("-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-d", database)
        quiet = ("-q", "-v", "ON_ERROR_STOP=1", "-f", str(path))
        self._run("psql", *where, *quiet)

    def run(self, sql: str, database: str = "postgres") -> list[str]:
        """Run statements; the lines of what they give."""
        where = ("-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-d", database)
        command = [str(self.programs / "psql"), *where, "-q", "-At", "-c", sql]
        return _checked(command, None, is_asked=True).splitlines()

    def url(self, database: str) -> str:
        """The SQLAlchemy URL (psycopg)."""
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{database}"

    def odbc(self, database: str) -> str:
        """The ODBC connection string (psqlodbc)."""
        return (
            "Driver={PostgreSQL Unicode};Server=127.0.0.1;"
            f"Port={self.port};Database={database};Uid={USER};"
        )

    def stop(self, mode: str = "fast") -> None:
        """Stop the server; `immediate` is what a power cut does."""
        control = self.programs / "pg_ctl"
        run_as_server_user(
            str(control), "-D", str(self.folder), "-m", mode, "-w", "stop"
        )

    def _run(self, program: str, *arguments: str) -> None:
        _checked([str(self.programs / program), *arguments], None)


def programs_folder() -> Path:
    """Where initdb and pg_ctl are; Debian keeps them off the PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(path.parts[-3]),
    )
    if not versions:
        raise ConfigError(
            "PostgreSQL's server programs are not installed; run `make system` "
            "(it installs Debian's postgresql)"
        )
    return versions[-1].parent


def start(folder: Path, *, is_throw_away: bool = False) -> Cluster:
    """Start the cluster in that folder, making it when it is not there.

    One to throw away does not wait for the disk: a power cut may take it. PostgreSQL
    refuses to run as root: as root it runs as Debian's user `postgres`.
    """
    programs = programs_folder()
    cluster = folder / "cluster"
    port = free_port()
    if not (cluster / "PG_VERSION").exists():
        folder.mkdir(parents=True, exist_ok=True)
        cluster.mkdir(mode=0o700, exist_ok=True)
        _own(cluster)
        run_as_server_user(
            str(programs / "initdb"),
            *("-D", str(cluster), "-U", USER, "-A", "trust"),
            *("-E", "UTF8", "--locale=C.UTF-8", "--no-sync"),
        )
    options = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' "
        "-c max_connections=100"
    )
    if is_throw_away:
        options += " -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
    log = cluster / "server.log"
    run_as_server_user(
        str(programs / "pg_ctl"),
        *("-D", str(cluster), "-l", str(log), "-w", "-t", "60"),
        *("-o", options, "start"),
    )
    return Cluster(cluster, port, programs)


@contextmanager
def running(folder: Path, *, is_throw_away: bool = False) -> Iterator[Cluster]:
    """A cluster for the length of a `with`."""
    cluster = start(folder, is_throw_away=is_throw_away)
    try:
        yield cluster
    finally:
        cluster.stop("fast")


def stop_left_over(folder: Path) -> None:
    """Stop the cluster that somebody who was killed left running in that folder."""
    cluster = folder / "cluster"
    pid_file = cluster / "postmaster.pid"
    if not pid_file.exists():
        return
    pid = pid_file.read_text(encoding="ascii").split("\n")[0]
    command = Path(f"/proc/{pid}/cmdline")
    # After a restart of the machine the number may be anybody's.
    if command.exists() and str(cluster).encode() in command.read_bytes():
        program = programs_folder() / "pg_ctl"
        stop = (str(program), "-D", str(cluster), "-m", "fast", "-w", "stop")
        run_as_server_user(*stop)


def free_port() -> int:
    """A loopback port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def run_as_server_user(*command: str) -> None:
    """Run one of the server's programs, as `postgres` when we are root."""
    _checked(list(command), _server_user())


def _server_user() -> str | None:
    return "postgres" if os.geteuid() == 0 else None


def _own(cluster: Path) -> None:
    user = _server_user()
    if user is None:
        return
    account = pwd.getpwnam(user)
    os.chown(cluster, account.pw_uid, account.pw_gid)
    open_way_to(cluster)


def open_way_to(folder: Path) -> None:
    """Let a server's own user walk down to its folder, where we may allow it."""
    for parent in folder.parents:
        if parent.stat().st_uid == os.geteuid() and not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o001)


def _checked(command: list[str], user: str | None, *, is_asked: bool = False) -> str:
    done = subprocess.run(  # noqa: S603 - programs of the installed server
        command,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        cwd="/",
        stdin=subprocess.DEVNULL,
        # The server that pg_ctl starts would hold a pipe open.
        stdout=subprocess.PIPE if is_asked else subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        program = Path(command[0]).name
        raise ConfigError(f"{program} failed: {done.stderr.strip()[-500:]}")
    return done.stdout or ""
