"""A process that forks nights and kills them at a chosen point; run as a module.

It imports everything once and then only forks, because an import costs seconds and
there are hundreds of points. Commands come as JSON lines on standard input.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa

# Imported before the first fork, so that no child pays for them.
import expectations.gx_expectations
from config.settings import Settings, load_settings
from connectors.national import engines, open_national
from connectors.national.verify import verify
from connectors.seal import Sealer
from flows.engine.night import NightRequest, run_night

UNVERIFIED = 3


def _install(reach: Callable[[str], None]) -> None:
    """Call `reach` before each statement, COPY, fsync and rename, and after renames."""
    real_fsync, real_replace = os.fsync, Path.replace

    def statement(*arguments: Any) -> None:
        reach(f"sql {arguments[2][:60]}")

    def fsync(fd: Any) -> None:
        reach("fsync")
        real_fsync(fd)

    def rename(path: Path, target: Path) -> Path:
        reach(f"rename to {Path(target).name}")
        done = real_replace(path, target)
        reach(f"renamed to {Path(target).name}")
        return done

    sa.event.listen(sa.Engine, "before_cursor_execute", statement)
    sa.event.listen(sa.Engine, "commit", lambda _: reach("commit"))
    os.fsync = fsync
    Path.replace = rename  # type: ignore[method-assign,assignment]
    for name, strategy in engines.STRATEGIES.items():
        engines.STRATEGIES[name] = _copying(strategy, reach)


def _copying(
    strategy: engines.Strategy, reach: Callable[[str], None]
) -> engines.Strategy:
    real = strategy.bulk_insert

    def bulk_insert(conn: Any, table: Any, frame: Any) -> None:
        reach(f"bulk {table.name}")
        real(conn, table, frame)

    return replace(strategy, bulk_insert=bulk_insert)


def _night(settings: Settings, kill_at: int | None, log: Path) -> int:
    """Run one night; SIGKILL at the point of that number, else list all points."""
    numbers, names = count(), list[str]()

    def reach(name: str) -> None:
        if next(numbers) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        names.append(name)

    _install(reach)
    outcome = run_night(settings, NightRequest())
    log.write_text(json.dumps(names), encoding="utf-8")
    keys = settings.keys
    with open_national(settings.national_url) as national:
        found = verify(national, Sealer(keys.seal, keys.denouncer, keys.token))
    if not found.ok or any(o.error for o in outcome.offices):
        print(found.problems[:3], [o.error for o in outcome.offices], file=sys.stderr)
        return UNVERIFIED
    return 0


def main() -> None:
    """Serve commands {env, kill_at, log}; answer with the child's wait status."""
    assert expectations.gx_expectations
    for line in sys.stdin:
        command = json.loads(line)
        child = os.fork()
        if child == 0:
            settings = load_settings(command["env"])
            code = _night(settings, command["kill_at"], Path(command["log"]))
            sys.stderr.flush()
            os._exit(code)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
