"""Prefect's server and runner as child processes: found, started, waited for, stopped.

Imports nothing of Prefect: the processes are its own, this file owns their lives.
Everything listens on the loopback address only.
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from connectors.errors import KntcError

HOST = "127.0.0.1"
# A new database takes 17 s on a quiet machine, 45 s on a busy one (measured).
START_TIMEOUT_S = 120.0
# The runner waits for its flow runs to report themselves crashed.
STOP_TIMEOUT_S = 20.0
POLL_S = 0.25


class ServingError(KntcError):
    """The server or the runner did not start, or ended by itself."""


def find_server(home: Path, env: Mapping[str, str] = os.environ) -> str | None:
    """The API address of a Prefect server that answers, else None.

    PREFECT_API_URL decides when it is set; else what `kntc serve` wrote.
    """
    url = env.get("PREFECT_API_URL") or _served_url(home)
    return url if url and is_healthy(url) else None


def _served_url(home: Path) -> str | None:
    try:
        return str(json.loads(_state_file(home).read_text(encoding="utf-8"))["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _state_file(home: Path) -> Path:
    return home / "serve.json"


def is_healthy(api_url: str, timeout_s: float = 3.0) -> bool:
    """True when the server at this API address says that it is well."""
    loopback = urllib.request.ProxyHandler({}) if HOST in api_url else None
    opener = urllib.request.build_opener(*([loopback] if loopback else []))
    try:
        with opener.open(f"{api_url.rstrip('/')}/health", timeout=timeout_s) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False


def prefect_env(home: Path, api_url: str) -> dict[str, str]:
    """The environment of Prefect's processes: quiet, local, telling nobody."""
    # Loopback traffic must not take the way through a proxy of this site.
    no_proxy = ",".join(filter(None, [os.environ.get("NO_PROXY"), HOST, "localhost"]))
    return {
        "PREFECT_API_URL": api_url,
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        # Our own lines tell the verdicts; the UI keeps every line of the log.
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
        # Old nights go too, not only old events (PrefectHQ/prefect#16906).
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
    }


def free_port() -> int:
    """A loopback port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def check_port(port: int) -> None:
    """Raise ServingError when the port cannot be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise ServingError(
                f"port {port} on {HOST} cannot be used ({error.strerror}); expected a "
                "free port; stop the program that holds it or give another with --port"
            ) from None


@contextmanager
def server(
    home: Path, port: int, timeout_s: float = START_TIMEOUT_S
) -> Iterator["subprocess.Popen[bytes]"]:
    """A Prefect server on this port that answers; stopped at the end.

    Raises ServingError when the port is taken or the server does not answer in time.
    """
    check_port(port)
    command = ["prefect", "server", "start", "--host", HOST, "--port", str(port)]
    env = prefect_env(home, api_url(port))
    with _child(home, "server", command, env) as process:
        _wait_healthy(process, home, api_url(port), timeout_s)
        yield process


def api_url(port: int) -> str:
    """The API address of a server started here."""
    return f"http://{HOST}:{port}/api"


def ui_url(api: str) -> str:
    """The UI's address of the server at this API address."""
    return api.removesuffix("/").removesuffix("/api")


def _wait_healthy(
    process: "subprocess.Popen[bytes]", home: Path, url: str, timeout_s: float
) -> None:
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        if process.poll() is not None:
            raise ServingError(
                f"the Prefect server ended with code {process.returncode} before it "
                f"answered; see {_log_file(home, 'server')}"
            )
        if is_healthy(url):
            return
        time.sleep(POLL_S)
    raise ServingError(
        f"the Prefect server did not answer within {timeout_s:.0f} s; "
        f"see {_log_file(home, 'server')}"
    )


def _log_file(home: Path, name: str) -> Path:
    return home / "prefect" / f"{name}.log"


# Loaded before the fork: between fork and exec nothing may take a lock.
_libc = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    """Ask Linux to end this child with its parent, even a killed one."""
    prctl = getattr(_libc, "prctl", None)
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def _child(
    home: Path, name: str, module: Sequence[str], env: Mapping[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    """`python -m module...` in a session of its own, so that Ctrl-C reaches us alone
    and we stop the children in order; its output goes to a log file."""
    log = _log_file(home, name)
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
            [sys.executable, "-m", *module],
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
    try:
        yield process
    finally:
        _stop(process)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End the child and whatever it started; kill what does not end in time."""
    _signal_group(process.pid, signal.SIGTERM)
    until = time.monotonic() + STOP_TIMEOUT_S
    while _group_lives(process) and time.monotonic() < until:
        time.sleep(0.05)
    _signal_group(process.pid, signal.SIGKILL)
    process.wait()


def _group_lives(process: "subprocess.Popen[bytes]") -> bool:
    process.poll()  # reaps it, else it stays as a zombie and the group with it
    return _signal_group(process.pid, 0)


def _signal_group(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def serve(home: Path, port: int, say: Callable[[str], None]) -> None:
    """Server, UI, schedule and runner until SIGTERM or SIGINT; then stops them all.

    Raises ServingError when one cannot start or ends by itself. Call it from the main
    thread: it sets signal handlers.
    """
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    url = api_url(port)
    with server(home, port) as served, _runner(home, url) as runner:
        _write_state(home, url)
        try:
            say(url)
            _watch(home, stop, {"server": served, "runner": runner})
        finally:
            _state_file(home).unlink(missing_ok=True)


@contextmanager
def _runner(home: Path, url: str) -> Iterator["subprocess.Popen[bytes]"]:
    module = ["flows.deployments"]
    with _child(home, "runner", module, prefect_env(home, url)) as process:
        yield process


def _write_state(home: Path, url: str) -> None:
    state = _state_file(home)
    temporary = state.with_name(f".{state.name}.{os.getpid()}")
    temporary.write_text(json.dumps({"url": url, "pid": os.getpid()}), encoding="utf-8")
    temporary.replace(state)


def _watch(
    home: Path, stop: Event, children: Mapping[str, "subprocess.Popen[bytes]"]
) -> None:
    while not stop.wait(POLL_S):
        for name, process in children.items():
            if process.poll() is not None:
                raise ServingError(
                    f"the Prefect {name} ended by itself with code "
                    f"{process.returncode}; see {_log_file(home, name)}; "
                    "start kntc serve again"
                )
