"""Records of a closed system keep their identity, as records and when named."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.succession import Succession
from expectations.frames import FORMER_ID, FORMER_SYSTEM, RECORD_ID, SOURCE_ID
from expectations.records import record_id
from tests.golden.made import SYSTEM, normaliser, preset, raw, record, token

CLOSED = "quang_binh_kntc"
MOVED = Succession(CLOSED, (), "^QB-(.+)$", "$1")
CASE = record("complaint_case", {"petition_ids": "don", "first_case_id": "lan_dau"})


def frame_of(
    columns: dict[str, list[str | None]], *succession: Succession, **keys: object
) -> pl.DataFrame:
    made = preset([CASE | keys])
    reader = normaliser(made, *succession)
    return reader.batch(raw(columns)).frames["complaint_case"]


def test_a_key_that_moved_keeps_its_identity_and_its_present_key() -> None:
    keys: list[str | None] = ["QB-5", "5", None, "qb-5", "QB-"]
    nothing: list[str | None] = [None] * 5
    frame = frame_of({"id": keys, "don": nothing, "lan_dau": nothing}, MOVED)
    assert frame[SOURCE_ID].to_list() == keys
    assert frame[FORMER_SYSTEM].to_list() == [CLOSED, None, None, None, None]
    assert frame[FORMER_ID].to_list() == ["5", None, None, None, None]
    assert frame[RECORD_ID].to_list() == [
        record_id(CLOSED, "complaint_case", "5"),
        record_id(SYSTEM, "complaint_case", "5"),
        None,
        record_id(SYSTEM, "complaint_case", "qb-5"),
        record_id(SYSTEM, "complaint_case", "QB-"),
    ]


def test_a_reference_finds_the_old_identity_by_its_targets_type() -> None:
    only_cases = Succession(CLOSED, ("complaint_case",), "^QB-(.+)$", "$1")
    columns: dict[str, list[str | None]] = {
        "id": ["1", "2"],
        "don": ['["QB-7", "8"]', "QB-9"],
        "lan_dau": ["QB-5", "6"],
    }
    everything, cases = frame_of(columns, MOVED), frame_of(columns, only_cases)
    for frame in (everything, cases):
        assert frame["first_case_id"].to_list() == [
            record_id(CLOSED, "complaint_case", "5"),
            record_id(SYSTEM, "complaint_case", "6"),
        ]
    for frame, system, keys in (
        (everything, CLOSED, ["7", "9"]),
        (cases, SYSTEM, ["QB-7", "QB-9"]),
    ):
        first, last = frame["petition_ids"].to_list()
        assert first[0] == record_id(system, "petition", keys[0])
        assert first[1] == record_id(SYSTEM, "petition", "8")
        assert last == [record_id(system, "petition", keys[1])]
    assert everything[FORMER_SYSTEM].to_list() == [None, None]


def test_a_reference_and_its_record_meet() -> None:
    columns: dict[str, list[str | None]] = {
        "id": ["QB-1", "QB-2"],
        "don": [None, None],
        "lan_dau": [None, "QB-1"],
    }
    frame = frame_of(columns, MOVED)
    assert frame["first_case_id"][1] == frame[RECORD_ID][0]


def test_the_first_succession_that_fits_decides() -> None:
    other = Succession("khac_kntc", (), "^(?P<all>Q.*)$", "${all}")
    columns: dict[str, list[str | None]] = {"id": ["QB-5", "QX-5", "5"]}
    columns |= {"don": [None] * 3, "lan_dau": [None] * 3}
    frame = frame_of(columns, MOVED, other)
    assert frame[FORMER_SYSTEM].to_list() == [CLOSED, "khac_kntc", None]
    assert frame[FORMER_ID].to_list() == ["5", "QX-5", None]


@pytest.mark.parametrize("personal", [True, False])
def test_a_personal_old_key_is_stored_as_its_token(personal: bool) -> None:
    old = "Lò Thị Mẫu" if personal else "0" * 12
    columns: dict[str, list[str | None]] = {"id": [f"QB-{old}"]}
    columns |= {"don": [None], "lan_dau": [None]}
    frame = frame_of(columns, MOVED, personal_key=personal)
    shown = "token:" + token([old])[0]
    assert frame[FORMER_ID].to_list() == [shown]
    assert frame[RECORD_ID][0] == record_id(CLOSED, "complaint_case", shown)
    # The new key holds the old one, and is as personal.
    assert frame[SOURCE_ID][0] == "token:" + token([f"QB-{old}"])[0]


def test_a_row_set_aside_bears_the_old_identity() -> None:
    filters = [{"reason": "huỷ", "when": {"column": "tt", "equals": ["X"]}}]
    made = preset([record("petition", {})], filters=filters)
    reader = normaliser(made, MOVED)
    done = reader.batch(raw({"id": ["QB-5"], "tt": ["X"]}))
    old = record_id(CLOSED, "petition", "5")
    assert done.filtered.select(SOURCE_ID, RECORD_ID).rows() == [("QB-5", old)]
    assert done.withdrawn[RECORD_ID].to_list() == [old]


def test_a_pattern_must_fit_the_whole_key() -> None:
    loose = Succession(CLOSED, (), "QB-(.+?)", "$1")
    keys = pl.Series(["QB-55", "x QB-5", "QB-5\nx", None])
    assert loose.old_keys(keys).to_list() == ["55", None, None, None]


def test_a_file_of_keys_names_each_pair() -> None:
    pairs = Succession(CLOSED, pairs={"N1": "O1", "N2": "O2"})
    keys = pl.Series(["N2", "N3", None, "N1"])
    assert pairs.old_keys(keys).to_list() == ["O2", None, None, "O1"]
    assert "O1" not in repr(pairs)
    empty = pl.Series([], dtype=pl.String)
    assert pairs.old_keys(empty).dtype == MOVED.old_keys(empty).dtype == pl.String


@settings(deadline=None)
@given(st.lists(st.none() | st.text(max_size=8) | st.just("QB-1"), max_size=6))
def test_each_record_is_of_the_closed_system_or_of_this_one(
    keys: list[str | None],
) -> None:
    size = len(keys)
    columns: dict[str, list[str | None]] = {
        "id": keys,
        "don": [None] * size,
        "lan_dau": [None] * size,
    }
    frame = frame_of(columns, MOVED)
    for shown, system, old, made in frame.select(
        SOURCE_ID, FORMER_SYSTEM, FORMER_ID, RECORD_ID
    ).rows():
        assert (system is None) == (old is None)
        if shown is None:
            assert made is None
        else:
            named = record_id(system or SYSTEM, "complaint_case", old or shown)
            assert made == named
