"""Every kind and form that streams: ten times the rows take no more memory."""

import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from flows.demo.postgres import Cluster
from tests.conforming import KINDS, Row, Site

FEW, MANY = 120, 1200  # rows
WIDE = 6000  # characters of a cell; all: 14 MiB as Python keeps text
BATCH = 20
# Many times what a batch takes, half of what the rows are when they are kept.
FLAT_MIB = 4
# One process does the imports; a child of it reads each source, first the small one.
# The mark of the peak is set back between, or the imports' would hide a reading's. The
# pieces in which files are read are made small, so that small files have many.
PROGRAM = """
import json, os, pickle, sys
from connectors.sources.base import Deadline
from connectors.sources.files import delimited, sheets
from connectors.sources.registry import open_source
delimited.BLOCK_BYTES = delimited.PLAIN_BYTES = 1 << 17
sheets.FRAME_ROWS = 20
def peak():
    status = open("/proc/self/status").read()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
def read(spec):
    with open("/proc/self/clear_refs", "w") as marks:
        marks.write("5")
    rows = width = 0
    for batch in open_source(spec).extract(
        spec.streams[0], None, None, Deadline.after(120)
    ):
        rows += batch.frame.height
        width += int(batch.frame[:, 2].str.len_chars().sum())
        del batch
    return rows, width, peak()
for name, few, many in pickle.load(sys.stdin.buffer):
    if os.fork() == 0:
        read(few)
        before, after = read(few), read(many)
        print(json.dumps([name, *after[:2], after[2] - before[2]]), flush=True)
        os._exit(0)
    os.wait()
"""


def wide(count: int) -> list[Row]:
    """Rows of much text; few different ones, as a workbook keeps its texts once."""
    return [
        (f"{i:05d}", "Người Thử", f"{i % 20:02d}ộ" + "n" * (WIDE - 3), None)
        for i in range(count)
    ]


@pytest.fixture(scope="module")
def grown(
    cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, tuple[int, int, float]]]:
    """Of each kind that streams: rows, characters, and MiB over a small reading."""
    site = Site(cluster, tmp_path_factory.mktemp("memory"))
    with ExitStack() as stack:
        pairs = []
        for name, kind in KINDS.items():
            if kind.limits.is_streamed:
                few, many = (
                    stack.enter_context(kind.put(site, wide(n), BATCH))
                    for n in (FEW, MANY)
                )
                pairs.append((name, few, many))
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            input=pickle.dumps(pairs),
            check=True,
            capture_output=True,
            cwd=Path(__file__).parents[1],
        )
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        yield {name: (rows, width, mib) for name, rows, width, mib in lines}


@pytest.mark.parametrize(
    "name", [name for name, kind in KINDS.items() if kind.limits.is_streamed]
)
def test_ten_times_the_rows_take_no_more_memory(
    name: str, grown: dict[str, tuple[int, int, float]]
) -> None:
    rows, width, mib = grown[name]
    assert (rows, width) == (MANY, MANY * WIDE)
    assert mib < FLAT_MIB


def test_what_does_not_stream_says_so() -> None:
    whole = {name for name, kind in KINDS.items() if not kind.limits.is_streamed}
    assert whole == {"xls", "html", "rest-none"}
