"""The sample estate for tests: prepared, running, and SQL over what a night left."""

import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import psycopg

from config.settings import Settings, packaged_config
from flows.demo import estate
from flows.demo.clock import night_on
from tests.small import KEYS

RECORD_TABLES = (
    "reception",
    "petition",
    "complaint_case",
    "denunciation_case",
    "recommendation_reflection",
    "decision",
    "enforcement",
    "recovery",
    "periodic_report",
    "org_unit",
)


@dataclass(frozen=True, slots=True)
class Estate:
    """A running estate; `env` is what its office files need, `home` is beside it."""

    folder: Path
    oracle: dict[str, Any]
    running: estate.Running
    env: dict[str, str]

    @property
    def sources(self) -> Path:
        """The folder of the provincial systems."""
        return self.folder / "sources"

    def settings(self, url: str = "", night: int = 1) -> Settings:
        """Settings over the packaged offices; SQLite unless a URL is given."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        url = url or f"sqlite:///{home / 'national.db'}"
        return Settings(packaged_config(), home, url, KEYS, night_on(night))

    def advance(self, night: int) -> None:
        """Make the next night's changes; the environment follows."""
        estate.advance(self.sources, night)
        os.environ.update(self.running.environment())


@contextmanager
def running_estate(records: int) -> Iterator[Estate]:
    """An estate of its own for the length of a `with`; the environment names it."""
    # Not pytest's folder: the database server's user must be able to walk into it.
    folder = Path(tempfile.mkdtemp(prefix="kntc-night-"))
    folder.chmod(0o755)
    try:
        sources = folder / "sources"
        sources.mkdir()
        estate.prepare(sources, records)
        oracle = json.loads((sources / "oracle.json").read_text(encoding="utf-8"))
        with estate.running(sources) as running:
            env = running.environment() | {"KNTC_RETRY_DELAY_S": "1"}
            with mock.patch.dict(os.environ, env):
                yield Estate(folder, oracle, running, env)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def query(url: str, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a SELECT, past everything of ours."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as conn:
            return conn.execute(sql).fetchall()
    with psycopg.connect(url.replace("+psycopg", "")) as pg:
        return pg.execute(sql.encode()).fetchall()


def execute(url: str, sql: str) -> None:
    """Run statements and commit."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as conn:
            conn.executescript(sql)
        return
    with psycopg.connect(url.replace("+psycopg", "")) as pg:
        pg.execute(sql.encode())


def everything(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """What two nights over one estate must share, whatever the engine."""
    wanted = {
        name: f"SELECT record_id, source_id, content_hash, version FROM {name}"
        for name in RECORD_TABLES
    } | {
        "quarantine": "SELECT subject, record_type, source_id, rules, content_hash, "
        "locator, state FROM quarantine",
        "finding": "SELECT subject, record_type, version, rule, field, shape, locator, "
        "link FROM finding",
        "history": "SELECT record_id, version, action, hash_before, hash_after "
        "FROM record_history",
        "link": "SELECT record_id, version, field, position, target_id "
        "FROM record_link",
        "derived": "SELECT record_id, record_type, CAST(due_date AS TEXT), due_basis, "
        "legal_regime, province_code, code_scheme FROM derived",
    }
    return {name: sorted(query(url, sql), key=repr) for name, sql in wanted.items()}
