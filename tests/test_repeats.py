"""One key more than once: duplicates, conflicts, and versions that a cursor orders."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations
from pathlib import Path
from unittest import mock

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.national import open_national
from connectors.national.verify import verify
from connectors.seal import Sealer
from flows.engine import repeats
from flows.engine.night import NightRequest, run_night
from flows.engine.outcome import Counts, NightVerdict
from flows.engine.repeats import KEYS as COLUMNS
from flows.engine.repeats import find_repeats
from tests.demo import query
from tests.small import COLUMNS as REGISTER
from tests.small import KEYS, Installation, install, petition

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
SEALER = Sealer(KEYS.seal, KEYS.denouncer, KEYS.token)

Entry = tuple[int, int, int | None]  # key, content, hour of its change
Place = tuple[int, int, int]  # key, batch, row

entries = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.integers(0, 2),
        st.none() | st.integers(0, 3),
    ),
    max_size=40,
)


def in_batches(rows: Sequence[Entry], cuts: Sequence[int]) -> list[list[Entry]]:
    """The rows, cut at those places."""
    ends = [0, *sorted(cut % (len(rows) + 1) for cut in cuts), len(rows)]
    return [list(rows[a:b]) for a, b in pairwise(ends)]


def frame(seq: int, rows: Sequence[Entry]) -> pl.DataFrame:
    columns = {
        "key": [key for key, _, _ in rows],
        "content": [content for _, content, _ in rows],
        "changed_at": [
            None if hour is None else MIDNIGHT + timedelta(hours=hour)
            for _, _, hour in rows
        ],
        "seq": [seq] * len(rows),
        "place": list(range(len(rows))),
        "source": [row[0] for row in rows],
        "version": [None] * len(rows),
    }
    return pl.DataFrame(columns, schema=COLUMNS)


def versioned(seq: int, rows: Sequence[Entry]) -> pl.DataFrame:
    """The same order, said by a version column and not by a time."""
    times = pl.col("changed_at").dt.epoch("s").cast(pl.String).str.zfill(20)
    return frame(seq, rows).with_columns(
        version=times, changed_at=pl.lit(None, pl.Datetime("us", "UTC"))
    )


def judged(batches: Sequence[Sequence[Entry]]) -> tuple[set[Place], set[Place]]:
    """The rule in plain words: which places are duplicates, which in conflict."""
    by_key: dict[int, list[tuple[float, int, int, int]]] = {}
    for seq, rows in enumerate(batches):
        for row, (key, content, hour) in enumerate(rows):
            at = float("inf") if hour is None else float(hour)
            by_key.setdefault(key, []).append((at, seq, row, content))
    duplicates: set[Place] = set()
    conflicts: set[Place] = set()
    for key, found in by_key.items():
        said_at: dict[float, set[int]] = {}
        for at, _, _, content in found:
            said_at.setdefault(at, set()).add(content)
        is_told_apart = float("inf") not in said_at and all(
            len(contents) == 1 for contents in said_at.values()
        )
        is_one = len({content for *_, content in found}) == 1
        seen: list[int] = []
        for _, seq, row, content in sorted(found):
            place = (key, seq, row)
            if is_one or is_told_apart:
                if seen[-1:] == [content]:
                    duplicates.add(place)
            elif content in seen:
                duplicates.add(place)
            else:
                conflicts.add(place)
            seen.append(content)
    return duplicates, conflicts


@settings(max_examples=150, deadline=None)
@given(
    entries,
    st.lists(st.integers(0, 99), max_size=4),
    st.sampled_from([1, 3, 999]),
    st.sampled_from([frame, versioned]),
)
def test_repeats_are_what_the_rule_says_however_the_rows_are_batched(
    rows: list[Entry],
    cuts: list[int],
    partition_keys: int,
    told: Callable[[int, Sequence[Entry]], pl.DataFrame],
) -> None:
    batches = in_batches(rows, cuts)
    keys = [told(seq, batch) for seq, batch in enumerate(batches)]
    with mock.patch.object(repeats, "PARTITION_KEYS", partition_keys):
        found = find_repeats(lambda: iter(keys), len(rows))
    expected = judged(batches)
    assert set(found.duplicates.rows()) == expected[0]
    assert set(found.conflicts.rows()) == expected[1]
    assert found.duplicates.height == len(expected[0])
    assert found.conflicts.height == len(expected[1])


def test_no_batch_at_all_has_no_repeat() -> None:
    found = find_repeats(lambda: iter(()), 0)
    assert (found.duplicates.height, found.conflicts.height) == (0, 0)


# The register with one more column: when the row was changed last.
CHANGED = "Ngày cập nhật"


def with_cursor(folder: Path, batch_rows: int) -> Installation:
    """An installation whose product tells when a row changed."""
    made = install(folder)
    systems = made.folder / "config" / "systems"
    text = (systems / "so_don_thu_csv.toml").read_text(encoding="utf-8")
    text = text.replace("so_don_thu_csv", "so_co_gio", 1)
    text = text.replace('delimiter = ";"', f'delimiter = ";"\ncursor = "{CHANGED}"', 1)
    (systems / "so_co_gio.toml").write_text(text, encoding="utf-8")
    made.add_office("mau", source=f"batch_rows = {batch_rows}")
    office = made.folder / "config" / "provinces" / "mau.toml"
    office.write_text(office.read_text("utf-8").replace("so_don_thu_csv", "so_co_gio"))
    return made


def write(place: Installation, rows: Sequence[tuple[dict[str, str], str]]) -> None:
    """The register in that order, each row with its change time."""
    lines = [";".join((*REGISTER, CHANGED))]
    lines += [";".join((*(row[c] for c in REGISTER), at)) for row, at in rows]
    path = place.folder / "drop" / "mau" / "so_don_thu_2026.csv"
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8-sig")


def version(org: str) -> dict[str, str]:
    return petition(7, **{"Cơ quan xử lý": org})


OLD = (version("BHXH huyện Cũ"), "2026-03-10T08:00:00+07:00")
NEW = (version("BHXH huyện Mới"), "2026-03-12T08:00:00+07:00")
BACK = (version("BHXH huyện Cũ"), "2026-03-14T08:00:00+07:00")
FILLER = [(petition(n), "2026-03-05T08:00:00+07:00") for n in range(20, 32)]


def night(place: Installation) -> Counts:
    outcome = run_night(place.settings, NightRequest())
    assert outcome.verdict is NightVerdict.PUBLISHED, outcome.offices
    assert outcome.total.records_balance()
    with open_national(place.settings.national_url) as national:
        found = verify(national, SEALER)
        assert found.ok, found.problems
    return outcome.total


def current(place: Installation) -> list[tuple[object, ...]]:
    return query(
        place.settings.national_url,
        "SELECT handler_org, version FROM petition WHERE source_id = 'D-000007'",
    )


def history(place: Installation) -> list[tuple[object, ...]]:
    return query(
        place.settings.national_url,
        "SELECT h.version, h.action FROM record_history h JOIN petition p "
        "ON p.record_id = h.record_id WHERE p.source_id = 'D-000007' ORDER BY 1",
    )


@pytest.mark.parametrize(
    "versions", list(permutations([OLD, NEW])), ids=["older first", "newer first"]
)
@pytest.mark.parametrize("apart", [False, True], ids=["one batch", "two batches"])
def test_two_versions_in_one_run_are_both_kept_and_the_later_is_in_force(
    tmp_path: Path,
    versions: tuple[tuple[dict[str, str], str], ...],
    apart: bool,
) -> None:
    """In either order, in one batch or in two."""
    place = with_cursor(tmp_path, 8)
    between = FILLER if apart else []
    write(place, [versions[0], *between, versions[1], *([] if apart else FILLER)])
    counts = night(place)
    assert (counts.read, counts.inserted, counts.updated) == (14, 13, 1)
    assert (counts.quarantined, counts.duplicates) == (0, 0)
    assert current(place) == [("BHXH huyện Mới", 2)]
    assert [v for v, _ in history(place)] == [1, 2]
    before = history(place)
    again = night(place)
    assert (again.inserted, again.updated, again.findings) == (0, 0, 0)
    assert current(place) == [("BHXH huyện Mới", 2)]
    assert history(place) == before


def test_a_content_that_comes_back_is_a_version_of_its_own(tmp_path: Path) -> None:
    place = with_cursor(tmp_path, 100)
    write(place, [OLD, NEW, BACK, *FILLER])
    assert (night(place).updated, current(place)) == (2, [("BHXH huyện Cũ", 3)])
    assert history(place) == [(1, "insert"), (2, "update"), (3, "update")]
    again = night(place)
    assert (again.inserted, again.updated, again.findings) == (0, 0, 0)
    assert current(place) == [("BHXH huyện Cũ", 3)]


def test_two_contents_of_one_moment_are_in_conflict(tmp_path: Path) -> None:
    place = with_cursor(tmp_path, 4)
    write(place, [OLD, *FILLER, (NEW[0], OLD[1])])
    counts = night(place)
    assert (counts.inserted, counts.quarantined) == (12, 2)
    assert current(place) == []
    write(place, [OLD, *FILLER, NEW])
    healed = night(place)
    assert (healed.inserted, healed.updated, healed.quarantined) == (1, 1, 0)
    assert current(place) == [("BHXH huyện Mới", 2)]


def test_a_source_whose_clock_was_ahead_once_is_still_believed(tmp_path: Path) -> None:
    place = with_cursor(tmp_path, 100)
    write(place, [(OLD[0], "2099-01-01T00:00:00+07:00"), *FILLER])
    night(place)
    write(place, [NEW, *FILLER])
    assert night(place).updated == 1
    assert current(place) == [("BHXH huyện Mới", 2)]
    assert night(place).unchanged == 13


def test_a_held_newer_version_stays_held_while_the_older_stands(tmp_path: Path) -> None:
    place = with_cursor(tmp_path, 8)
    faulty = (NEW[0] | {"Loại đơn": "?"}, NEW[1])
    write(place, [OLD, *FILLER, faulty])
    night(place)
    url = place.settings.national_url
    before = query(url, "SELECT id, state FROM quarantine")
    assert [state for _, state in before] == ["open"]
    assert night(place).findings == 0
    assert query(url, "SELECT id, state FROM quarantine") == before
