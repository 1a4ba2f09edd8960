"""Fixtures every test may use: real servers."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.demo import postgres

# pytest-xdist says 80 in its workers; what we print must not depend on it.
os.environ.pop("COLUMNS", None)


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster]:
    """A private PostgreSQL server for this test process."""
    folder = Path(tempfile.mkdtemp(prefix="kntc-pg-"))
    folder.chmod(0o755)
    try:
        with postgres.running(folder) as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)
