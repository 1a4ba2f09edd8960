"""What every kind of source promises, tried on each of them (tests.conforming)."""

import gc
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from connectors.errors import (
    ConfigError,
    DeadlineError,
    KntcError,
    SourceError,
    TransientError,
)
from connectors.sources import registry
from connectors.sources.base import (
    Deadline,
    FilesAt,
    FilesStream,
    RawBatch,
    Source,
    SourceSpec,
)
from connectors.sources.odbc import apart
from connectors.sources.registry import open_source
from expectations.frames import FONTS, LOCATOR, RAW, REJECT, ROW
from flows.demo.postgres import Cluster
from tests.conforming import COLUMNS, KINDS, SECRET, Kind, Row, Site, composed
from tests.conforming_texts import DECOMPOSED, LETTERS, ODD
from tests.file_forms import FORMS
from tests.odbc_reading import ENGINES
from tests.rest_kinds import KINDS as PAGINGS

ZONES = ("UTC", "Asia/Ho_Chi_Minh", "America/Los_Angeles")
START = datetime(2026, 1, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PERSON = "Ngô Thị Canary"  # in every row, and in no message
PLACE = [ROW, LOCATOR, REJECT, RAW]


def local(moment: datetime) -> str:
    """A change time as an office keeps it: naive, in its own zone."""
    here = (moment + timedelta(hours=7)).replace(tzinfo=None)
    return here.isoformat(timespec="microseconds")


def made(texts: list[str | None]) -> list[Row]:
    """A row a text, in change order, a minute apart; the key is the number."""
    return [
        (f"{i:05d}", f"{PERSON} {i}", text, local(START + i * MINUTE))
        for i, text in enumerate(texts)
    ]


def numbered(count: int) -> list[Row]:
    return made([f"Nội dung đơn số {i}" for i in range(count)])


@pytest.fixture(scope="session")
def site(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("conform")
    return Site(cluster, folder)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each kind and form in turn."""
    return KINDS[request.param]


def batches_of(
    spec: SourceSpec,
    since: datetime | None = None,
    until: datetime | None = None,
    seconds: float = 60,
    source: Source | None = None,
) -> list[RawBatch]:
    source = source or open_source(spec)
    deadline = Deadline.after(seconds)
    return list(source.extract(spec.streams[0], since, until, deadline))


def whole(batches: list[RawBatch]) -> pl.DataFrame:
    return pl.concat([batch.frame for batch in batches])


def rows_of(batches: list[RawBatch]) -> list[Row]:
    return cells(whole(batches)) if batches else []


def cells(frame: pl.DataFrame) -> list[Row]:
    """The rows; a driver may put a blank where ISO has its T."""
    moment = pl.nth(3).str.replace(" ", "T", literal=True)
    return frame.select(pl.nth(0, 1, 2), moment).rows()


def texts_of(batches: list[RawBatch]) -> list[str | None]:
    return whole(batches)[:, 2].to_list()


def by_key(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=repr)


# Rows: all, once, in order


@pytest.mark.parametrize("count", [0, 1, 6, 7, 8, 13, 14, 15, 21])
def test_every_row_comes_once_in_order_in_batches_of_their_size(
    site: Site, kind: Kind, count: int
) -> None:
    rows = numbered(count)
    with kind.put(site, rows, 7) as spec:
        batches = batches_of(spec)
    heights = [7] * (count // 7) + ([count % 7] if count % 7 else [])
    if not count and kind.limits.says_columns:
        heights = [0]
    assert [batch.frame.height for batch in batches] == heights
    assert rows_of(batches) == rows


def test_a_batch_is_what_raw_batch_says(site: Site, kind: Kind) -> None:
    with kind.put(site, numbered(20), 7) as spec:
        batches = batches_of(spec)
    for batch in batches:
        assert batch.stream == "don"
        assert batch.frame.columns[:8] == [*COLUMNS, *PLACE]
        assert batch.frame.columns[8:] in ([], [FONTS])
        schema = dict(batch.frame.schema)
        assert schema.pop(ROW) == pl.UInt32()
        assert set(schema.values()) == {pl.String()}
        assert batch.frame[ROW].to_list() == list(range(batch.frame.height))
    frame = whole(batches)
    assert frame[LOCATOR].null_count() == 0
    assert frame[LOCATOR].n_unique() == 20
    assert not any("Canary" in place for place in frame[LOCATOR])
    assert frame[REJECT].null_count() == frame[RAW].null_count() == 20


def test_a_list_without_rows_still_says_its_columns(site: Site, kind: Kind) -> None:
    with kind.put(site, [], 7) as spec:
        batches = batches_of(spec)
    assert len(batches) == kind.limits.says_columns
    for batch in batches:
        assert batch.frame.columns[:8] == [*COLUMNS, *PLACE]
        assert set(batch.frame.drop(ROW).schema.values()) == {pl.String()}
        assert batch.frame.schema[ROW] == pl.UInt32()


def test_rows_that_are_there_twice_come_twice(site: Site, kind: Kind) -> None:
    once = numbered(5)
    rows = [row for row in once for _ in range(2)] * 2
    rows.sort(key=lambda row: str(row[3]))
    with kind.put(site, rows, 3) as spec:
        assert rows_of(batches_of(spec)) == rows


def test_reading_twice_gives_equal_frames(site: Site, kind: Kind) -> None:
    with kind.put(site, numbered(20), 7) as spec:
        source = open_source(spec)
        readings = [batches_of(spec, source=source) for _ in range(2)]
        readings.append(batches_of(spec))
    assert readings[0] is not readings[1]
    for other in readings[1:]:
        for one, two in zip(readings[0], other, strict=True):
            assert one.frame.equals(two.frame, null_equal=True)
            assert one.files == two.files


# Bounds


def test_since_is_inclusive_and_until_exclusive(site: Site, kind: Kind) -> None:
    rows = numbered(30)
    since, until = START + 10 * MINUTE, START + 13 * MINUTE
    with kind.put(site, rows, 7) as spec:
        inside = rows_of(batches_of(spec, since, until))
        later = rows_of(batches_of(spec, until))
        earlier = rows_of(batches_of(spec, None, since))
        nothing = rows_of(batches_of(spec, START + 30 * MINUTE))
    if not kind.limits.has_cursor:
        assert inside == later == earlier == nothing == rows
        return
    assert inside == rows[10:13]
    assert later == rows[13:]
    assert earlier == rows[:10]
    assert nothing == []


@pytest.mark.parametrize("batch_rows", [1, 3, 100])
def test_a_reading_resumes_at_any_bound_and_loses_nothing(
    site: Site, kind: Kind, batch_rows: int
) -> None:
    """Rows of one moment on both sides of a batch's end, and a bound on each moment."""
    rows: list[Row] = [
        (f"{i:05d}", f"{PERSON} {i}", None, local(START + (i // 4) * MINUTE))
        for i in range(12)
    ]
    with kind.put(site, rows, batch_rows) as spec:
        for minute in range(4):
            bound = START + minute * MINUTE
            first = rows_of(batches_of(spec, None, bound))
            rest = rows_of(batches_of(spec, bound))
            if kind.limits.has_cursor:
                assert by_key([*first, *rest]) == by_key(rows)
                assert len(rest) == 12 - 4 * minute
            else:
                assert first == rest == rows


@cache
def nursery_in(zone: str) -> "apart._Nursery":
    """Where odbc readings of that zone are born; it takes TZ from us when it begins."""
    assert os.environ["TZ"] == zone
    return apart._Nursery()


@pytest.fixture
def in_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator["Zones"]:
    yield Zones(monkeypatch)
    monkeypatch.undo()
    time.tzset()


class Zones:
    """Moves the machine from zone to zone, and its readers with it."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch

    def __iter__(self) -> Iterator[str]:
        for zone in ZONES:
            self._patch.setenv("TZ", zone)
            time.tzset()
            self._patch.setattr(apart, "_NURSERY", nursery_in(zone))
            yield zone


def test_the_machines_zone_changes_no_row_and_no_bound(
    site: Site, kind: Kind, in_zone: Zones
) -> None:
    rows = numbered(30)
    since, until = START + 10 * MINUTE, START + 13 * MINUTE
    seen = []
    with kind.put(site, rows, 7) as spec:
        for _ in in_zone:
            seen.append(whole(batches_of(spec)))
            seen.append(whole(batches_of(spec, since, until)))
    assert cells(seen[0]) == rows
    for all_rows, window in zip(seen[::2], seen[1::2], strict=True):
        assert all_rows.equals(seen[0], null_equal=True)
        assert window.equals(seen[1], null_equal=True)


# Text


@pytest.mark.parametrize("form", ["composed", "decomposed"])
def test_every_vietnamese_letter_comes_whole(site: Site, kind: Kind, form: str) -> None:
    assert len(LETTERS) == 134
    letters = LETTERS if form == "composed" else DECOMPOSED
    kept = [letter for letter in letters if kind.limits.keeps(letter)]
    texts: list[str | None] = [f"a{letter}b" for letter in kept]
    texts.append("".join(kept))
    with kind.put(site, made(texts), 50) as spec:
        found = texts_of(batches_of(spec))
    assert [composed(text) for text in found] == [composed(text) for text in texts]
    is_whole = len(kept) == 134
    assert is_whole or "tone" in kind.limits.why


def test_odd_texts_come_as_they_stand(site: Site, kind: Kind) -> None:
    keeps = {name: kind.limits.keeps(text) for name, text in ODD.items()}
    sent = {name: ODD[name] for name, kept in keeps.items() if kept is not None}
    assert len(sent) >= 25
    with kind.put(site, made(list(sent.values())), 10) as spec:
        found = texts_of(batches_of(spec))
    came = dict(zip(sent, found, strict=True))
    empty = "" if kind.limits.has_empty_text else None
    assert came == {name: keeps[name] or empty for name in sent}


def test_an_empty_text_is_not_null_where_the_source_knows_both(
    site: Site, kind: Kind
) -> None:
    with kind.put(site, made(["", None, "x", None, ""]), 2) as spec:
        found = texts_of(batches_of(spec))
    empty = "" if kind.limits.has_empty_text else None
    assert found == [empty, None, "x", None, empty]


def test_what_is_no_row_is_rejected_in_its_place(site: Site, kind: Kind) -> None:
    rows = numbered(5)
    if kind.spoilt is None:
        assert not kind.limits.can_reject
        return
    with kind.spoilt(site, rows, 2) as spec:
        frame = whole(batches_of(spec))
    others = [row for at, row in enumerate(rows) if at != 2]
    assert frame[LOCATOR].n_unique() == 5
    assert [row for at, row in enumerate(cells(frame)) if at != 2] == others
    if not kind.limits.can_reject:
        assert cells(frame)[2] == rows[2]
        assert frame[:, 4].to_list() == [None, None, "thừa", None, None]
        return
    for column in (REJECT, RAW):
        assert frame[column].is_not_null().arg_true().to_list() == [2]
    assert cells(frame)[2] == (None,) * 4
    assert "00002" in frame[RAW][2]
    assert "Canary" not in frame[REJECT][2]


# Faults


def told(error: BaseException) -> str:
    """Everything that an error and those behind it say."""
    texts, behind = [], [error]
    while behind:
        one = behind.pop()
        texts += [str(one), repr(one), repr(one.args), *getattr(one, "__notes__", ())]
        behind += [e for e in (one.__cause__, one.__context__) if e is not None]
    return "\n".join(texts)


def says_nothing_secret(error: KntcError, spec: SourceSpec) -> None:
    for text in (told(error), repr(spec), repr(open_source(spec))):
        assert SECRET not in text
        assert "Canary" not in text
        assert "Nội dung đơn số" not in text


def test_what_is_not_there_is_a_source_error_that_names_the_office(
    site: Site, kind: Kind
) -> None:
    with kind.put(site, numbered(3), 7) as spec:
        wrong = kind.missing(spec)
        with pytest.raises(SourceError, match=r"^quang_tri: ") as caught:
            batches_of(wrong)
    assert not isinstance(caught.value, DeadlineError)
    says_nothing_secret(caught.value, wrong)


def test_what_does_not_answer_is_a_transient_error(site: Site, kind: Kind) -> None:
    with (
        kind.put(site, numbered(3), 7) as spec,
        kind.dead(spec) as dead,
        pytest.raises(TransientError, match=r"^quang_tri: ") as caught,
    ):
        batches_of(dead)
    says_nothing_secret(caught.value, dead)


def test_no_time_left_is_a_deadline_error(site: Site, kind: Kind) -> None:
    with kind.put(site, numbered(3), 7) as spec:
        with pytest.raises(DeadlineError, match="deadline has passed") as caught:
            batches_of(spec, seconds=0)
        says_nothing_secret(caught.value, spec)


def test_a_deadline_that_passes_half_way_ends_the_reading(
    site: Site, kind: Kind
) -> None:
    now = [0.0]
    with kind.put(site, numbered(400), 7) as spec:
        deadline = Deadline(60.0, clock=lambda: now[0])
        reading = open_source(spec).extract(spec.streams[0], None, None, deadline)
        assert next(reading).frame.height == 7
        now[0] = 61.0
        with pytest.raises(DeadlineError) as caught:
            list(reading)
        says_nothing_secret(caught.value, spec)


def test_nothing_is_opened_before_the_first_batch_is_asked_for(
    site: Site, kind: Kind
) -> None:
    with kind.put(site, numbered(3), 7) as spec, kind.dead(spec) as dead:
        for one in (kind.missing(spec), dead):
            open_source(one).extract(one.streams[0], None, None, Deadline.after(60))


def open_files() -> set[str]:
    """What this process holds open: paths, and sockets by their number."""
    found = set()
    for handle in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the handle that lists them
            found.add(str(handle.readlink()))
    return found


def settles(measure: Callable[[], object]) -> object:
    """What is measured, once it is nothing, or after ten seconds."""
    until = time.monotonic() + 10
    while (found := measure()) and time.monotonic() < until:
        gc.collect()
        time.sleep(0.02)
    return found


def test_a_reading_given_up_half_way_leaves_nothing_open(
    site: Site, kind: Kind
) -> None:
    with kind.put(site, numbered(60), 7) as spec:
        batches_of(spec)  # whatever is begun once, for good, is begun
        gc.collect()
        before = open_files()
        for _ in range(2):
            source = open_source(spec)
            reading = source.extract(spec.streams[0], None, None, Deadline.after(60))
            next(reading)
            del reading, source
        assert settles(lambda: open_files() - before) == set()
        assert settles(lambda: kind.sessions(site)) == 0
        assert settles(lambda: kind.holders(spec)) == 0


# The suite itself


def test_every_kind_is_registered_and_another_is_refused(tmp_path: Path) -> None:
    assert sorted(registry.KINDS) == ["files", "odbc", "rest"]
    at, read = FilesAt(tmp_path), FilesStream("*", "csv")
    spec = SourceSpec("quang_tri", "qt", "ftp", at, ())  # type: ignore[arg-type]
    assert read.format == "csv"
    with pytest.raises(ConfigError, match="known: files, odbc, rest"):
        open_source(spec)


def test_every_form_engine_and_paging_is_in_the_suite() -> None:
    assert len(KINDS) == len(FORMS) + len(ENGINES) + len(PAGINGS) >= 24
    assert all(kind.limits.why for name, kind in KINDS.items())
