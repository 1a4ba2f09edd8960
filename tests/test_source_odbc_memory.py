"""Trap 30: much wide text, little memory, on every engine."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from flows.demo.postgres import Cluster
from tests.odbc_reading import ENGINES, make

ROWS = 30_000
WIDE = 4000  # characters of three bytes each: 360 MB in all
LETTER = "ế"
SOURCE = {
    "postgres": f"SELECT i AS id, repeat('{LETTER}', {{wide}}) AS chu"
    " FROM generate_series(1, {rows}) i",
    "mariadb": f"SELECT seq AS id, repeat('{LETTER}', {{wide}}) AS chu"
    " FROM seq_1_to_{rows}",
    "sqlite": "WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g"
    " WHERE i < {rows}) SELECT i AS id,"
    f" replace(printf('%.{{wide}}c', 'x'), 'x', '{LETTER}') AS chu FROM g",
}
# In a process of its own, for its peak; a first small read brings in all imports.
PROGRAM = """
import json, sys
from connectors.sources.base import OdbcStream
from tests.odbc_reading import reading
connection, small, large = sys.argv[1:]
def peak():
    # Not getrusage: its peak begins with the one of the process that forked this one.
    return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1024
def read(query):
    stream = OdbcStream(query, version=("id",))
    rows = width = 0
    for batch in reading(connection, stream, batch_rows=1000, seconds=300):
        rows += batch.frame.height
        width += int(batch.frame["chu"].str.len_chars().sum())
    return rows, width
read(small)
before = peak()
rows, width = read(large)
print(json.dumps([rows, width, peak() - before]))
"""


@pytest.mark.parametrize("name", ENGINES)
def test_trap_30_wide_text_is_read_in_bounded_memory(
    name: str, cluster: Cluster, tmp_path: Path
) -> None:
    engine = make(name, cluster, tmp_path)
    small, large = (SOURCE[name].format(rows=n, wide=WIDE) for n in (1000, ROWS))
    command = [sys.executable, "-c", PROGRAM, engine.connection, small, large]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    rows, width, grown_mib = json.loads(done.stdout)
    assert (rows, width) == (ROWS, ROWS * WIDE)
    assert grown_mib < 100
