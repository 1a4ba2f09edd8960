"""Each preset's golden sample as its source would give it: one reader, one answer.

A register is read as it stands; rows of a query stand in a table, those of a list
behind a server that pages as the preset says.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from config.office import OfficeSource
from connectors.sources.base import (
    Deadline,
    OdbcAt,
    OdbcStream,
    RestAt,
    RestStream,
    SourceSpec,
    Stream,
)
from connectors.sources.registry import open_source
from expectations.frames import LOCATOR, RAW, REJECT, ROW
from flows.demo.postgres import Cluster
from tests import odbc_reading
from tests.golden.snapshot import batches_of, folders, office_of
from tests.http_server import Answer, Asked, as_json, serving

# Which engine a product of that kind stands on.
ENGINE = {"qlkntc_sql": "postgres", "qlkntc_mariadb": "mariadb"}


def rows_in(golden: Path, stream: Stream) -> list[dict[str, object]]:
    text = (golden / "rows" / f"{stream.name}.json").read_text(encoding="utf-8")
    rows: list[dict[str, object]] = json.loads(text)
    return rows


@contextmanager
def standing(
    golden: Path, source: OfficeSource, cluster: Cluster, folder: Path
) -> Iterator[SourceSpec]:
    """The source with the sample behind it."""
    spec = source.spec
    if spec.kind == "files":
        yield spec
    elif spec.kind == "odbc":
        engine = odbc_reading.make(ENGINE[golden.name], cluster, folder)
        streams = tuple(table(golden, stream, engine) for stream in spec.streams)
        at = OdbcAt(partial(str, engine.connection))
        yield replace(spec, at=at, streams=streams)
    else:
        lists = {}
        for stream in spec.streams:
            assert isinstance(stream.read, RestStream)
            lists[stream.read.path] = rows_in(golden, stream)
        with serving(partial(page, lists)) as server:
            assert isinstance(spec.at, RestAt)
            yield replace(spec, at=replace(spec.at, base_url=server.url))


def table(golden: Path, stream: Stream, engine: odbc_reading.Engine) -> Stream:
    """The stream's rows as a table of text, asked for as they stand in the sample."""
    rows = rows_in(golden, stream)
    quote = "`" if engine.name == "mariadb" else '"'
    names = [f"{quote}{name}{quote}" for name in rows[0]]
    columns = ", ".join(f"{name} text" for name in names)
    values = ", ".join(
        f"({n}, {', '.join(literal(row[name], engine.name) for name in rows[0])})"
        for n, row in enumerate(rows)
    )
    engine.run(
        f"CREATE TABLE t_{stream.name} (thu_tu int, {columns}); "
        f"INSERT INTO t_{stream.name} VALUES {values};"
    )
    query = f"SELECT {', '.join(names)} FROM t_{stream.name} ORDER BY thu_tu"
    return Stream(stream.name, OdbcStream(query))


def literal(value: object, engine: str) -> str:
    if value is None:
        return "NULL"
    text = str(value).replace("'", "''")
    return (
        f"'{text}'" if engine == "postgres" else "'" + text.replace("\\", r"\\") + "'"
    )


def page(lists: dict[str, list[dict[str, object]]], asked: Asked) -> Answer:
    rows = lists[asked.path]
    size = int(asked.query["size"])
    start = (int(asked.query["page"]) - 1) * size
    return as_json({"items": rows[start : start + size], "total": len(rows)})


def read(spec: SourceSpec, stream: Stream, batch_rows: int) -> pl.DataFrame:
    source = open_source(replace(spec, batch_rows=batch_rows))
    found = source.extract(stream, None, None, Deadline.after(60))
    frames = [batch.frame for batch in found]
    assert all(0 <= frame.height <= batch_rows for frame in frames)
    return pl.concat(frames, how="diagonal").drop(ROW)


@pytest.mark.parametrize("golden", folders(), ids=lambda folder: folder.name)
def test_a_golden_sample_comes_through_the_reader_of_its_kind(
    golden: Path, tmp_path: Path, cluster: Cluster
) -> None:
    scratch = tmp_path / "office"
    scratch.mkdir()
    office = office_of(golden, scratch)
    for source in office.sources:
        with standing(golden, source, cluster, tmp_path) as spec:
            for stream, declared in zip(spec.streams, source.spec.streams, strict=True):
                said = pl.concat(
                    [b.frame for b in batches_of(golden, source, declared)]
                ).drop(ROW)
                assert said.height >= 5
                whole = read(spec, stream, 20_000)
                own = said.drop(LOCATOR, REJECT, RAW)
                assert whole.select(own.columns).equals(own, null_equal=True)
                assert whole[REJECT].to_list() == said[REJECT].to_list()
                for batch_rows in (1, 3):
                    again = read(spec, stream, batch_rows).select(whole.columns)
                    assert again.equals(whole, null_equal=True)


def test_every_packaged_preset_has_a_golden_sample() -> None:
    systems = Path(__file__).parents[1] / "config" / "systems"
    stems = {path.stem for path in systems.glob("*.toml")}
    assert stems == {folder.name for folder in folders()}
