"""What every kind of source promises, tried on each kind with the same rows."""

import csv
import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from connectors.errors import ConfigError, DeadlineError, SourceError
from connectors.sources.base import (
    Deadline,
    FilesAt,
    FilesStream,
    OdbcAt,
    OdbcStream,
    RawBatch,
    RestAt,
    RestStream,
    SourceSpec,
    Stream,
)
from connectors.sources.registry import KINDS, open_source
from expectations.frames import LOCATOR, RAW, REJECT, ROW
from flows.demo.postgres import Cluster
from tests.http_server import Answer, Asked, as_json, serving

SECRET = "canary-secret-55120"
COLUMNS = ["so_don", "nguoi_gui", "noi_dung", "cap_nhat"]
ZONES = ["UTC", "Asia/Ho_Chi_Minh", "America/Los_Angeles"]
START = datetime(2026, 1, 2, tzinfo=UTC)

Row = tuple[str, str | None, str | None, str]
Make = Callable[[list[Row]], SourceSpec]


def synthetic(count: int) -> list[Row]:
    """Rows in change order, a minute apart, with every trap of Vietnamese text."""
    texts = (
        'Khiếu nại, về "chế độ" thai sản',
        "Đề nghị; trả lời\nhai dòng",
        "Tố cáo Hòa\u0300 Hoà",  # a stray decomposed mark beside a composed letter
        "  đầu và cuối có dấu cách  ",
        None,
        "'; DROP TABLE don; --",
    )
    rows: list[Row] = []
    for i in range(count):
        moment = START + timedelta(minutes=i)
        local = (moment + timedelta(hours=7)).replace(tzinfo=None)
        rows.append(
            (
                f"{i // 2:07d}" if i % 10 < 2 else f"0{i}/Đ",  # some keys come twice
                f"Người Thử {i}",
                texts[i % len(texts)],
                local.isoformat(timespec="microseconds"),
            )
        )
    return rows


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind under test; `make` puts rows behind it and says how to read them."""

    name: str
    make: Make
    has_cursor: bool


def spec_of(kind: str, at: FilesAt | OdbcAt | RestAt, read: object) -> SourceSpec:
    assert isinstance(read, FilesStream | OdbcStream | RestStream)
    return SourceSpec(
        "quang_tri",
        "qt_thu",
        kind,  # type: ignore[arg-type]
        at,
        (Stream("don", read),),
        timeout_s=10,
        attempts=1,
        batch_rows=100,
    )


def files_kind(folder: Path) -> Make:
    def make(rows: list[Row]) -> SourceSpec:
        with (folder / "don.csv").open("w", newline="", encoding="utf-8-sig") as file:
            csv.writer(file).writerows([COLUMNS, *rows])
        return spec_of("files", FilesAt(folder), FilesStream("*.csv", "csv"))

    return make


def odbc_kind(cluster: Cluster, folder: Path) -> Make:
    def make(rows: list[Row]) -> SourceSpec:
        name = f"conform_{uuid.uuid4().hex[:8]}"
        cluster.create_database(name)
        sql = folder / "rows.sql"
        text = json.dumps(rows, ensure_ascii=False).replace("'", "''")
        sql.write_text(
            "CREATE TABLE don (so_don text, nguoi_gui text, noi_dung text,"
            " cap_nhat timestamp); INSERT INTO don SELECT r->>0, r->>1, r->>2,"
            f" (r->>3)::timestamp FROM jsonb_array_elements('{text}') r;",
            encoding="utf-8",
        )
        cluster.run_sql_file(name, sql)
        connection = cluster.odbc(name) + f"Pwd={SECRET};"
        read = OdbcStream(
            "SELECT * FROM don ORDER BY cap_nhat", "cap_nhat", "Asia/Ho_Chi_Minh"
        )
        return spec_of("odbc", OdbcAt(lambda: connection), read)

    return make


def rest_answer(rows: list[Row], asked: Asked) -> Answer:
    def instant(text: str) -> datetime:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))

    kept = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    for name, wanted in (("since", True), ("until", False)):
        if name in asked.query:
            bound = instant(asked.query[name])
            kept = [
                r
                for r in kept
                if (instant(f"{r['cap_nhat']}+07:00") >= bound) is wanted
            ]
    start = int(asked.query["page"]) * 40
    return as_json({"items": kept[start : start + 40], "total": len(kept)})


@pytest.fixture(params=["files", "odbc", "rest"])
def kind(
    request: pytest.FixtureRequest, cluster: Cluster, tmp_path: Path
) -> Iterator[Kind]:
    """Each kind in turn, on a real folder, database or server."""
    if request.param == "files":
        yield Kind("files", files_kind(tmp_path), has_cursor=False)
    elif request.param == "odbc":
        yield Kind("odbc", odbc_kind(cluster, tmp_path), has_cursor=True)
    else:
        held: list[Row] = []
        with serving(lambda asked: rest_answer(held, asked)) as server:

            def make(rows: list[Row]) -> SourceSpec:
                held[:] = rows
                read = RestStream(
                    "/don",
                    "items",
                    first_page=0,
                    page_size=40,
                    total="total",
                    since_param="since",
                    until_param="until",
                )
                return spec_of("rest", RestAt(server.url, lambda: SECRET), read)

            yield Kind("rest", make, has_cursor=True)


@pytest.fixture(params=ZONES)
def machine_zone(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The zone of the machine we run on, which must not matter."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def read_all(
    spec: SourceSpec,
    since: datetime | None = None,
    until: datetime | None = None,
    seconds: float = 60,
) -> list[RawBatch]:
    source = open_source(spec)
    return list(source.extract(spec.streams[0], since, until, Deadline.after(seconds)))


def whole(batches: list[RawBatch]) -> pl.DataFrame:
    return pl.concat([batch.frame for batch in batches])


def test_the_same_rows_come_the_same_under_any_zone(
    kind: Kind, machine_zone: str
) -> None:
    rows = synthetic(250)
    frame = whole(read_all(kind.make(rows)))
    assert frame.select(COLUMNS).rows() == rows
    assert frame[REJECT].null_count() == 250


def test_batches_have_their_size_and_provenance(kind: Kind) -> None:
    batches = read_all(kind.make(synthetic(250)))
    assert [b.frame.height for b in batches] == [100, 100, 50]
    for batch in batches:
        assert batch.stream == "don"
        assert batch.frame.columns == [*COLUMNS, ROW, LOCATOR, REJECT, RAW]
        assert batch.frame[ROW].to_list() == list(range(batch.frame.height))
        assert batch.frame.schema[ROW] == pl.UInt32()
        texts = batch.frame.drop(ROW)
        assert set(texts.schema.values()) == {pl.String()}
    locators = whole(batches)[LOCATOR]
    assert locators.n_unique() == 250
    assert locators.null_count() == 0


def test_an_exact_multiple_of_the_batch_gives_no_empty_batch(kind: Kind) -> None:
    assert [b.frame.height for b in read_all(kind.make(synthetic(200)))] == [100, 100]


def test_a_stream_without_rows_is_an_empty_batch_or_none(kind: Kind) -> None:
    batches = read_all(kind.make([]))
    assert [b.frame.height for b in batches] == ([] if kind.name == "rest" else [0])
    for batch in batches:
        assert batch.frame.columns == [*COLUMNS, ROW, LOCATOR, REJECT, RAW]


def test_since_is_inclusive_and_until_exclusive(kind: Kind, machine_zone: str) -> None:
    rows = synthetic(120)
    since, until = START + timedelta(minutes=10), START + timedelta(minutes=13)
    frame = whole(read_all(kind.make(rows), since, until))
    expected = rows[10:13] if kind.has_cursor else rows
    assert frame.select(COLUMNS).rows() == expected


def test_no_time_left_is_a_deadline_error(kind: Kind) -> None:
    with pytest.raises(DeadlineError, match="deadline has passed"):
        read_all(kind.make(synthetic(3)), seconds=0)


def broken(spec: SourceSpec) -> SourceSpec:
    """The same installation with a preset that asks for what is not there."""
    read = spec.streams[0].read
    wrong: dict[type, Callable[[], FilesStream | OdbcStream | RestStream]] = {
        FilesStream: lambda: FilesStream("*.gone", "csv"),
        OdbcStream: lambda: OdbcStream("SELECT * FROM gone"),
        RestStream: lambda: RestStream("/don", "gone", first_page=0),
    }
    return replace(spec, streams=(Stream("don", wrong[type(read)]()),))


def test_what_no_retry_mends_is_a_source_error_that_names_the_office(
    kind: Kind,
) -> None:
    spec = kind.make(synthetic(3))
    with pytest.raises(SourceError, match=r"^quang_tri: ") as caught:
        read_all(broken(spec))
    for text in (str(caught.value), repr(caught.value), repr(spec)):
        assert SECRET not in text
        assert "Người Thử" not in text
    assert caught.value.__cause__ is None


def test_nothing_is_opened_before_the_first_batch_is_asked_for(kind: Kind) -> None:
    spec = broken(kind.make([]))
    open_source(spec).extract(spec.streams[0], None, None, Deadline.after(60))


def test_every_kind_is_registered_and_another_is_refused(tmp_path: Path) -> None:
    assert sorted(KINDS) == ["files", "odbc", "rest"]
    spec = spec_of("ftp", FilesAt(tmp_path), FilesStream("*", "csv"))
    with pytest.raises(ConfigError, match="known: files, odbc, rest"):
        open_source(spec)
