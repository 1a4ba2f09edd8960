"""Rows over ODBC from PostgreSQL: our reader, a bare fetchmany loop, and COPY.

    python -m benchmarks.odbc [ROWS ...]     default: 100000

Each runs in a process of its own over the same 20 columns, three times in turn; the
figures are the medians. The peak is the process's, imports included. "By cursor" is our
reader on a stream with a change time, by which the rows are then ordered.
"""

import json
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

DEFAULT_SIZES = (100_000,)
TURNS = 3
BATCH = 20_000
LIBRARIES = ("pyodbc", "polars", "psycopg")
QUERY = "SELECT * FROM don"
# What a case system keeps: keys, names, texts, codes, dates, times, numbers, blanks.
TABLE = """
CREATE TABLE don AS SELECT
  i AS id, 'HS-2026-' || i AS so_don, 'Nguyễn Văn Thử ' || i AS ho_ten,
  'Tổ ' || i % 40 || ', phường Mẫu' AS dia_chi, lpad(i::text, 12, '0') AS so_giay_to,
  repeat('Đề nghị xem xét lại mức hưởng. ', 1 + (i % 9)::int) AS noi_dung,
  date '2026-01-01' + (i % 300)::int AS ngay_nhan,
  date '2026-01-05' + (i % 300)::int AS ngay_xu_ly,
  timestamp '2026-01-01' + i * interval '1.5 s' AS cap_nhat,
  timestamp '2025-01-01' + i * interval '1 s' AS tao_luc,
  (i % 7)::text AS loai, (i % 5)::text AS nguon, (i % 3)::text AS trang_thai,
  i % 2 = 0 AS nac_danh, i % 11 = 0 AS trung, (i % 97)::int AS so_nguoi,
  (i * 1.25)::numeric(14, 2) AS so_tien, NULL::text AS ghi_chu,
  md5(i::text) AS ma_tep, (i % 63)::int AS tinh
FROM generate_series(1, {count}) i
"""

Result = dict[str, float]


def part_ours(odbc: str, _: str) -> int:
    """Rows through OdbcSource, as String columns."""
    return _ours(odbc, None)


def part_ordered(odbc: str, _: str) -> int:
    """The same, ordered by the change time."""
    return _ours(odbc, "cap_nhat")


def part_apart(odbc: str, _: str) -> int:
    """As a night reads: in a child, whose processor time and memory are not counted."""
    return _ours(odbc, None, apart=True)


def _ours(odbc: str, cursor: str | None, *, apart: bool = False) -> int:
    from connectors.sources.base import (
        Deadline,
        OdbcAt,
        OdbcStream,
        SourceSpec,
        Stream,
    )
    from connectors.sources.odbc.apart import OdbcApart
    from connectors.sources.odbc.reader import OdbcSource

    at = OdbcAt(lambda: odbc)
    spec = SourceSpec("mau", "mau_db", "odbc", at, (), batch_rows=BATCH)
    stream = Stream("don", OdbcStream(QUERY, cursor, "Asia/Ho_Chi_Minh"))
    source = OdbcApart(spec) if apart else OdbcSource(spec)
    batches = source.extract(stream, None, None, Deadline.after(36_000))
    return sum(batch.frame.height for batch in batches)


def part_bare(odbc: str, _: str) -> int:
    """A bare fetchmany loop over the driver's own declared cursor."""
    import pyodbc

    text = f"{odbc};UseDeclareFetch=1;Fetch={BATCH};BoolsAsChar=0;"
    cursor = pyodbc.connect(text, autocommit=True).cursor()
    cursor.execute(QUERY)
    count = 0
    while rows := cursor.fetchmany(BATCH):
        count += len(rows)
    return count


def part_copy(_: str, url: str) -> int:
    """COPY through psycopg, its lines counted."""
    import psycopg

    with (
        psycopg.connect(url.replace("+psycopg", "")) as conn,
        conn.cursor().copy("COPY don TO STDOUT") as copy,
    ):
        return sum(bytes(piece).count(b"\n") for piece in copy)


PARTS = {
    "COPY": part_copy,
    "bare fetchmany": part_bare,
    "our reader": part_ours,
    "our reader, by cursor": part_ordered,
    "our reader, in a child": part_apart,
}


def measured(name: str, odbc: str, url: str) -> Result:
    """Seconds and peak of one part, in this process."""
    from benchmarks.path import peak_mb

    wall, cpu = perf_counter(), process_time()
    rows = PARTS[name](odbc, url)
    spent = perf_counter() - wall
    used = process_time() - cpu
    return {"rows": rows, "wall": spent, "cpu": used, "peak_mb": peak_mb()}


def run(name: str, odbc: str, url: str) -> Result:
    """What one part says of itself, run in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.odbc", name, odbc, url]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: Result = json.loads(done.stdout)
    return result


def lines(count: int, folder: Path) -> list[str]:
    """The table's lines of one size."""
    from flows.demo import postgres

    folder.chmod(0o755)
    with postgres.running(folder, is_throw_away=True) as cluster:
        cluster.create_database("don")
        cluster.run(TABLE.format(count=count), "don")
        cluster.run("VACUUM ANALYZE don", "don")
        where = (cluster.odbc("don"), cluster.url("don"))
        turns = [{name: run(name, *where) for name in PARTS} for _ in range(TURNS)]
    assert all(part["rows"] == count for turn in turns for part in turn.values())
    middle = {
        name: {key: median(turn[name][key] for turn in turns) for key in turns[0][name]}
        for name in PARTS
    }
    return [_line(name, middle[name], middle["bare fetchmany"]) for name in PARTS]


def _line(name: str, got: Result, bare: Result) -> str:
    cells = [
        f"{got['rows']:,.0f}",
        name,
        f"{got['wall']:.2f}",
        f"{got['rows'] / got['wall']:,.0f}",
        f"{bare['wall'] / got['wall']:.2f}",
        f"{got['cpu']:.2f}",
        f"{bare['cpu'] / got['cpu']:.2f}",
        f"{got['peak_mb']:.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Measure each size and print a Markdown table."""
    sizes = [int(text.replace("_", "")) for text in sys.argv[1:]] or DEFAULT_SIZES
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    print(f"Python {platform.python_version()}, {libraries}, {platform.machine()}\n")
    head = ("rows", "read by", "wall s", "rows/s", "x bare", "CPU s", "x bare", "MB")
    print(f"| {' | '.join(head)} |")
    print(f"|{'---:|' * len(head)}", flush=True)
    for count in sizes:
        with tempfile.TemporaryDirectory() as place:
            print("\n".join(lines(count, Path(place))), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in PARTS:
        print(json.dumps(measured(*sys.argv[1:4])))
    else:
        main()
