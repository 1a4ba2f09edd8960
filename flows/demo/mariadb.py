"""A throw-away MariaDB server in a folder, on loopback, stopped by its own PID."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from connectors.errors import ConfigError
from flows.demo.postgres import free_port, open_way_to

READER = "kntc_doc"  # what the offices give the national connection: SELECT only
WAIT_S = 60.0
USER = "nobody"
# Debian keeps the server's programs off the PATH of ordinary users.
PLACES = os.pathsep.join((os.defpath, "/usr/sbin", "/usr/local/sbin"))

# Nothing here must outlive a power cut, so nothing waits for the disk.
FAST = (
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-doublewrite=0",
    "--innodb-buffer-pool-dump-at-shutdown=0",
    "--innodb-buffer-pool-load-at-startup=0",
    "--innodb-fast-shutdown=1",
    "--performance-schema=OFF",
    "--skip-log-bin",
)
UTF8 = ("--character-set-server=utf8mb4", "--collation-server=utf8mb4_nopad_bin")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; databases are made on demand."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    def create_database(self, name: str) -> None:
        """Make an empty UTF-8 database when it is not there."""
        self.run(f"CREATE DATABASE IF NOT EXISTS `{name}`")

    def run_sql_file(self, database: str, path: Path) -> None:
        """Run a file of SQL through the client, stopping at a fault."""
        with path.open("rb") as file:
            self._client([database], file)

    def run(self, sql: str, database: str = "") -> list[str]:
        """Run statements; the lines of what they give."""
        where = [database] if database else []
        return self._client([*where, "-e", sql]).splitlines()

    def odbc(self, database: str) -> str:
        """The ODBC connection string (MariaDB Connector/ODBC), read only."""
        return (
            "Driver={MariaDB Unicode};Server=127.0.0.1;"
            f"Port={self.port};Database={database};Uid={READER};CHARSET=utf8mb4;"
        )

    def stop(self) -> None:
        """Stop the server and wait until it has ended."""
        self.process.terminate()
        try:
            self.process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _client(self, arguments: list[str], file: BinaryIO | None = None) -> str:
        where = ("-h127.0.0.1", f"-P{self.port}", "-uroot", "--protocol=tcp")
        said = ("-N", "-B", "--default-character-set=utf8mb4")
        return _checked(
            [_program("mariadb"), "--no-defaults", *where, *said, *arguments], file
        )


def start(folder: Path) -> Server:
    """Start the server in that folder, making its files when they are not there.

    As root it runs as `nobody` (the server's core package makes no user of its own),
    otherwise as whoever we are.
    """
    files = folder / "server"
    stop_left_over(files)
    if not (files / "mysql").is_dir():
        _install(folder, files)
    port = free_port()
    process = subprocess.Popen(  # noqa: S603 - the installed server
        [
            *(_program("mariadbd"), "--no-defaults", f"--datadir={files}"),
            f"--tmpdir={files}",
            *(*_as_user(), *FAST, *UTF8, "--skip-name-resolve"),
            *("--bind-address=127.0.0.1", f"--port={port}"),
            # Relative to the folder: a socket's path may have 107 characters only.
            *("--socket=server.sock", f"--pid-file={files / 'server.pid'}"),
            *("--innodb-log-file-size=32M", "--innodb-buffer-pool-size=256M"),
            *("--max-connections=100", f"--log-error={files / 'server.log'}"),
        ],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # A session of its own: Ctrl-C is ours to handle.
        start_new_session=True,
    )
    server = Server(files, port, process)
    try:
        _await(server)
        server.run(
            f"CREATE USER IF NOT EXISTS {READER}@127.0.0.1; "
            f"GRANT SELECT ON *.* TO {READER}@127.0.0.1"
        )
    except BaseException:
        server.stop()
        raise
    return server


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """A server for the length of a `with`."""
    server = start(folder)
    try:
        yield server
    finally:
        server.stop()


def stop_left_over(files: Path) -> None:
    """Stop the server that somebody who was killed left running on these files."""
    pid_file = files / "server.pid"
    if not pid_file.exists():
        return
    pid = pid_file.read_text(encoding="ascii").strip()
    command = Path(f"/proc/{pid}/cmdline")
    ends_at = time.monotonic() + WAIT_S
    # After a restart of the machine the number may be anybody's.
    while pid and _is_ours(command, files):
        with suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGTERM)
        if time.monotonic() > ends_at:
            raise ConfigError(
                f"MariaDB's process {pid} on {files} does not end; end it by hand"
            )
        time.sleep(0.05)


def _is_ours(command: Path, files: Path) -> bool:
    with suppress(OSError):
        return f"--datadir={files}\0".encode() in command.read_bytes()
    return False


def _install(folder: Path, files: Path) -> None:
    shutil.rmtree(files, ignore_errors=True)
    making = folder / "making"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True, mode=0o700)
    if os.geteuid() == 0:
        account = pwd.getpwnam(USER)
        os.chown(making, account.pw_uid, account.pw_gid)
        open_way_to(making)
    _checked(
        [
            *(_program("mariadb-install-db"), "--no-defaults", f"--datadir={making}"),
            # A server that starts removes what others left in a shared /tmp, and what
            # they still need.
            f"--tmpdir={making}",
            *(*_as_user(), *UTF8, "--skip-test-db", "--skip-name-resolve"),
            "--auth-root-authentication-method=normal",
            *("--innodb-log-file-size=4M", "--innodb-flush-method=nosync"),
        ]
    )
    # Renamed at the end: files half made are never taken for a server's.
    making.rename(files)


def _as_user() -> tuple[str, ...]:
    return (f"--user={USER}",) if os.geteuid() == 0 else ()


def _await(server: Server) -> None:
    ends_at = time.monotonic() + WAIT_S
    while server.process.poll() is None and time.monotonic() < ends_at:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", server.port), 1).close()
            return
        time.sleep(0.02)
    raise ConfigError(
        f"MariaDB did not start; see {server.folder / 'server.log'} and whether the "
        "disk is full"
    )


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path=PLACES)
    if found is None:
        raise ConfigError(
            f"MariaDB's program {name} is not installed; run `make system` "
            "(it installs Debian's mariadb-server)"
        )
    return found


def _checked(command: list[str], file: BinaryIO | None = None) -> str:
    done = subprocess.run(  # noqa: S603 - programs of the installed server
        command,
        cwd="/",
        stdin=subprocess.DEVNULL if file is None else file,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        program = Path(command[0]).name
        raise ConfigError(f"{program} failed: {done.stderr.strip()[-500:]}")
    return done.stdout
