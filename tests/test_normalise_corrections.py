"""Declared corrections: applied to what was read, reported, never silently expired."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from config.corrections import Correction, refuse_strange
from config.preset import Preset
from connectors.errors import ConfigError
from expectations.check import check
from expectations.frames import LOCATOR, ROW, SOURCE_ID
from flows.engine.normalise import Normalised, Normaliser
from tests.golden.made import normaliser, preset, raw, record

Rows = dict[str, list[str | None]]


def _correction(**keys: object) -> Correction:
    said = {
        "stream": "rows",
        "match": {"id": "2"},
        "set": {"ngay": "16/10/2023"},
        "expect": {"ngay": "16/10/2032"},
        "because": "năm gõ đảo hai chữ số",
        "reported_on": date(2026, 11, 1),
    }
    return Correction.model_validate(said | keys)


def _preset(**keys: object) -> Preset:
    fields = {"received_date": "ngay", "handler_org": "noi"}
    formats = {"date_formats": ["%d/%m/%Y"], "null_tokens": ["-"]}
    return preset([record("petition", fields)], **(formats | keys))


def _read(
    corrections: list[Correction], rows: Rows, **keys: object
) -> tuple[Normaliser, Normalised]:
    reader = normaliser(_preset(**keys), corrections=tuple(corrections))
    return reader, reader.batch(raw(rows))


ROWS: Rows = {
    "id": ["1", "2", "3"],
    "ngay": ["16/10/2032", "16/10/2032", "1/1/2023"],
    "noi": ["A", "B", "C"],
}


def test_a_correction_changes_its_cell_and_says_so_without_a_value() -> None:
    reader, done = _read([_correction()], ROWS)
    assert done.frames["petition"]["received_date"].to_list() == [
        date(2032, 10, 16),
        date(2023, 10, 16),
        date(2023, 1, 1),
    ]
    found = done.findings.select(ROW, "record_type", "rule", "field", "shape").rows()
    assert found == [(1, "petition", "corrected", None, "correction 1: 'ngay'")]
    (use,) = reader.corrections
    assert (use.applied, use.spent, use.differs, use.place) == (1, 0, 0, None)
    assert reader.notices == ()


def test_a_mended_source_makes_its_correction_spent() -> None:
    rows = ROWS | {"ngay": ["1/1/2023", " 16/10/2023", "1/1/2023"]}
    reader, done = _read([_correction()], rows)
    assert done.findings.is_empty()
    (use,) = reader.corrections
    assert (use.applied, use.spent, use.differs) == (0, 1, 0)
    (notice,) = reader.notices
    assert (notice.rule, notice.record_type) == ("correction_spent", None)
    assert notice.shape == "correction 1 ('ngay'): 1 rows already hold what it sets"


def test_a_cell_that_holds_something_else_again_is_left_alone_and_told() -> None:
    rows = ROWS | {"ngay": ["1/1/2023", "17/10/2032", "1/1/2023"]}
    reader, done = _read([_correction()], rows)
    assert done.frames["petition"]["received_date"].to_list()[1] == date(2032, 10, 17)
    assert done.findings.is_empty()
    (use,) = reader.corrections
    assert (use.applied, use.spent, use.differs) == (0, 0, 1)
    assert use.place == "so.csv:3"


def test_a_correction_without_its_row_is_used_nowhere() -> None:
    reader, _ = _read([_correction(match={"id": "9"})], ROWS)
    (use,) = reader.corrections
    assert (use.applied, use.spent, use.differs) == (0, 0, 0)
    assert use.label == "correction 1"


def test_uses_are_counted_over_all_batches_and_the_first_place_is_kept() -> None:
    reader = normaliser(_preset(), corrections=(_correction(),))
    for file, ngay in (("a.csv", "16/10/2032"), ("b.csv", "x"), ("c.csv", "y")):
        reader.batch(raw({"id": ["2"], "ngay": [ngay], "noi": ["A"]}, file=file))
    (use,) = reader.corrections
    assert (use.applied, use.differs, use.place) == (1, 2, "b.csv:2")


def test_cells_are_compared_after_cleaning() -> None:
    correction = _correction(
        match={"noi": "Ha\u0300 Nội "}, set={"ngay": "-"}, expect={"ngay": "?"}
    )
    rows = ROWS | {"noi": ["Hà\u00a0Nội", "B", "C"], "ngay": [" ? ", "?", "?"]}
    _, done = _read([correction], rows)
    assert done.frames["petition"]["received_date"].to_list() == [None] * 3
    rules = done.findings.select(ROW, "rule").rows()
    assert (0, "corrected") in rules
    assert [r for r in rules if r[1] == "date_unreadable"] == [
        (1, "date_unreadable"),
        (2, "date_unreadable"),
    ]


def test_a_blank_cell_can_be_filled_and_a_cell_can_be_blanked() -> None:
    fill = _correction(expect={"ngay": ""})
    blank = _correction(match={"id": "3"}, set={"noi": ""}, expect={"noi": "C"})
    reader, done = _read([fill, blank], ROWS | {"ngay": [None, " ", None]})
    frame = done.frames["petition"]
    assert frame["received_date"].to_list() == [None, date(2023, 10, 16), None]
    assert frame["handler_org"].to_list() == ["A", "B", None]
    assert [use.applied for use in reader.corrections] == [1, 1]


def test_a_row_half_mended_is_finished_and_a_row_half_strange_is_left() -> None:
    both = _correction(
        set={"ngay": "16/10/2023", "noi": "X"},
        expect={"ngay": "16/10/2032", "noi": "B"},
    )
    half = ROWS | {"ngay": ["", "16/10/2023", ""]}
    reader, done = _read([both], half)
    assert done.frames["petition"]["handler_org"].to_list() == ["A", "X", "C"]
    assert reader.corrections[0].applied == 1
    reader, done = _read([both], ROWS | {"noi": ["A", "Z", "C"]})
    assert done.frames["petition"]["received_date"].to_list()[1] == date(2032, 10, 16)
    assert reader.corrections[0].differs == 1


def test_a_correction_sees_merged_cells_and_the_corrections_before_it() -> None:
    first = _correction(match={"noi": "A", "id": "2"})
    second = _correction(
        match={"ngay": "16/10/2023"}, set={"noi": "Đ"}, expect={"noi": "A"}
    )
    rows = ROWS | {"noi": ["A", None, "C"]}
    _, done = _read([first, second], rows, fill_down=["noi"])
    assert done.frames["petition"]["handler_org"].to_list() == ["A", "Đ", "C"]


def test_what_is_filled_down_comes_from_the_source_and_not_from_a_correction() -> None:
    first = _correction(match={"id": "1"}, set={"noi": "Z"}, expect={"noi": "A"})
    rows = ROWS | {"noi": ["A", None, "C"]}
    _, done = _read([first], rows, fill_down=["noi"])
    assert done.frames["petition"]["handler_org"].to_list() == ["Z", "A", "C"]


def test_a_key_may_be_corrected_and_a_row_filtered_by_it() -> None:
    key = _correction(set={"id": "2b"}, expect={"id": "2"})
    draft = _correction(match={"id": "3"}, set={"noi": "nháp"}, expect={"noi": "C"})
    filters = [{"reason": "nháp", "when": {"column": "noi", "equals": ["nháp"]}}]
    reader, done = _read([key, draft], ROWS, filters=filters)
    assert done.frames["petition"][SOURCE_ID].to_list() == ["1", "2b"]
    assert done.filtered[ROW].to_list() == [2]
    assert [use.applied for use in reader.corrections] == [1, 1]


def test_a_corrected_cell_is_no_longer_broken_text() -> None:
    mend = _correction(set={"noi": "Đông Hà"}, expect={"noi": "\ufffdông Hà"})
    rows = ROWS | {"noi": ["A", "\ufffdông Hà", "\ufffd"]}
    _, done = _read([mend], rows)
    broken = done.findings.filter(rule="text_broken")
    assert broken[ROW].to_list() == [2]
    checked = check(
        "petition",
        done.frames["petition"],
        done.findings,
        frozenset({"received_date", "handler_org"}),
        date(2026, 11, 22),
    )
    of_text = checked.quarantined.filter(pl.col("rules").list.contains("58"))
    assert of_text[ROW].to_list() == [2]
    assert "corrected" in checked.findings["rule"].to_list()


def test_a_corrected_cell_is_no_longer_a_repaired_one() -> None:
    mend = _correction(set={"noi": "Đông Hà"}, expect={"noi": "Hà"})
    rows = ROWS | {"noi": ["Ha\u0300", "Ha\u0300", "C"]}
    _, done = _read([mend], rows)
    rules = done.findings.select(ROW, "rule").rows()
    assert rules == [(0, "text_repaired"), (1, "corrected")]


def test_every_record_of_a_corrected_row_says_so() -> None:
    made = preset([record("petition", {"handler_org": "noi"}), record("reception", {})])
    mend = _correction(set={"noi": "X"}, expect={"noi": "B"})
    done = normaliser(made, corrections=(mend,)).batch(raw(ROWS))
    found = done.findings.filter(rule="corrected")
    assert found["record_type"].to_list() == ["petition", "reception"]
    assert found[LOCATOR].to_list() == ["so.csv:3"] * 2


def test_a_row_that_the_reader_could_not_take_is_not_corrected() -> None:
    blank = _correction(match={"noi": "", "id": "2"}, expect={"ngay": ""})
    reader = normaliser(_preset(), corrections=(blank,))
    rows: Rows = {"id": ["2"], "ngay": [None], "noi": [None]}
    reader.batch(raw(rows, ["too few cells"]))
    assert reader.corrections[0].applied == 0


def test_an_ignored_column_may_tell_the_row() -> None:
    mend = _correction(match={"STT": "7"}, set={"noi": "X"}, expect={"noi": "B"})
    _, done = _read([mend], ROWS | {"STT": ["5", "7", "8"]}, ignored=["STT"])
    assert done.frames["petition"]["handler_org"].to_list() == ["A", "X", "C"]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"expect": {}}, "expect"),
        ({"expect": {"ngay": "16/10/2023 "}}, "the same"),
        ({"match": {}}, "match"),
        ({"match": {"id": " "}}, "blank cells only"),
        ({"set": {}, "expect": {}}, "set"),
        ({"because": " "}, "because"),
        ({"reported_on": "gestern"}, "reported_on"),
        ({"owner": "x"}, "owner"),
    ],
)
def test_a_correction_without_a_reason_or_an_end_is_refused(
    keys: dict[str, object], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        _correction(**keys)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"stream": "dong"}, "correction 2: stream dong"),
        ({"set": {"x": "1"}, "expect": {"x": "2"}}, "correction 2: sets .*'x'"),
        ({"match": {"x": "1"}}, "correction 2: matches .*'x'"),
        ({"set": {"STT": "1"}, "expect": {"STT": "2"}}, "correction 2: sets"),
    ],
)
def test_a_correction_of_unknown_columns_is_refused(
    keys: dict[str, object], message: str
) -> None:
    made = _preset(ignored=["STT"])
    refuse_strange("x", (_correction(),), made)
    with pytest.raises(ConfigError, match=message):
        refuse_strange("x", (_correction(), _correction(**keys)), made)


TEXTS = ["2", "16/10/2032", "16/10/2023", "", "-", "x", "\ufffd"]
CELL = st.none() | st.sampled_from(TEXTS)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=12))
def test_cells_that_no_correction_names_are_untouched(
    rows: list[tuple[str | None, str | None, str | None]],
) -> None:
    names = ("id", "ngay", "noi")
    columns = {n: [row[i] for row in rows] for i, n in enumerate(names)}
    bare = normaliser(_preset()).batch(raw(columns))
    reader, done = _read([_correction()], columns)
    assert done.rows_mapped == bare.rows_mapped == len(rows)
    before, after = bare.frames["petition"], done.frames["petition"]
    assert after.drop("received_date").equals(before.drop("received_date"))
    due = [r[0] == "2" and r[1] == "16/10/2032" for r in rows]
    for row, (was, now) in enumerate(
        zip(before["received_date"], after["received_date"], strict=True)
    ):
        assert now == (date(2023, 10, 16) if due[row] else was)
    (use,) = reader.corrections
    assert use.applied == sum(due)
    assert use.applied + use.spent + use.differs == sum(r[0] == "2" for r in rows)
