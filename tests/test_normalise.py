"""Normalise: each part of the preset language, and the finding of each fault."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from expectations.frames import CURSOR, FINDINGS, SET_ASIDE, schema
from expectations.records import record_id
from tests.golden.made import (
    SYSTEM,
    normaliser,
    one_field,
    preset,
    raw,
    read,
    record,
    said,
    token,
)

MADE_UP_ID = "0" * 12


def test_frames_have_exactly_the_declared_columns() -> None:
    made = preset([record("recovery", {"fund": "c"}), record("petition", {})])
    for values in (["bhxh"], []):
        done = read(made, {"c": values})
        assert list(done.frames) == ["recovery", "petition"]
        for name, frame in done.frames.items():
            assert frame.schema == pl.Schema(schema(name))
        assert done.findings.schema == pl.Schema(FINDINGS)
        assert done.filtered.schema == done.rejected.schema == pl.Schema(SET_ASIDE)


def test_text_is_trimmed_and_put_into_nfc_and_says_so() -> None:
    values, found = one_field(
        "handler_org", [" BHXH\u00a0huyện  A ", "Ha\u0300 Nội", "a\u200bb", "  ", None]
    )
    assert values == ["BHXH huyện  A", "Hà Nội", "ab", None, None]
    assert found == [
        ("text_repaired", "handler_org", "text of 6 characters"),
        ("text_repaired", "handler_org", "text of 2 characters"),
    ]


@pytest.mark.parametrize("broken", ["a\ufffdb", "a\x00b", "a\x80b", "a\x9fb"])
def test_broken_text_is_kept_and_reported(broken: str) -> None:
    values, found = one_field("handler_org", [broken, "sound"])
    assert values == [broken, "sound"]
    assert found == [("text_broken", "handler_org", "text of 3 characters")]


def test_the_soft_hyphen_stays_because_tcvn3_writes_it_for_a_letter() -> None:
    assert one_field("handler_org", ["nh\u00ad"]) == (["nh\u00ad"], [])


def test_null_tokens_are_compared_after_trimming_and_say_nothing() -> None:
    values, found = one_field(
        "received_date",
        [" 01/01/1753 ", "16/10/2023", ""],
        date_formats=["%d/%m/%Y"],
        null_tokens=["01/01/1753"],
    )
    assert values == [None, date(2023, 10, 16), None]
    assert found == []


def test_a_code_is_known_or_reported() -> None:
    values, found = one_field(
        "kind",
        ["khiếu  NẠI ", "Tố cáo", "07", "Tranh chấp", None, "kiêng"],
        field_map={"column": "c", "codes": "kinds"},
        codes={"kinds": {"Khiếu nại": "khieu_nai", " tố cáo": "to_cao", "Kiêng": ""}},
    )
    assert values == ["khieu_nai", "to_cao", None, None, None, None]
    assert found == [
        ("code_unknown", "kind", "code 07"),
        ("code_unknown", "kind", "text of 10 characters"),
    ]


def test_a_code_field_without_a_map_takes_the_declared_codes() -> None:
    values, found = one_field("fund", ["bhxh", "BHYT", "abcde"], "recovery")
    assert values == ["bhxh", "bhyt", None]
    assert found == [("code_unknown", "fund", "text of 5 characters")]


def test_a_number_field_with_codes_takes_only_those() -> None:
    values, found = one_field("instance", ["1", "02", "3", "x"], "complaint_case")
    assert values == [1, 2, None, None]
    assert [rule for rule, _, _ in found] == ["number_unreadable", "code_unknown"]
    mapped = {"column": "c", "codes": {"lần đầu": "1", "lần hai": "2"}}
    values, _ = one_field("instance", ["Lần hai"], "complaint_case", mapped)
    assert values == [2]


def test_dates_take_the_formats_in_order_then_iso() -> None:
    texts = ["16/10/2023", "16.10.2023", "2023-10-16T00:00:00", "2023-10-16"]
    texts += ["2023-10-16 00:00:00.000", "2023-10-15T20:00:00Z"]
    values, found = one_field(
        "received_date", texts, date_formats=["%d/%m/%Y", "%d.%m.%Y"]
    )
    assert values == [date(2023, 10, 16)] * 6
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2023",
        "10/16/2023",
        "16/10/23",
        "16/10/2023x",
        "16/10/12023",
        "45215",
        "01/01/1899",
        "2023-10-16T25:00:00",
        "0001-01-01",
        "9999-12-31",
    ],
)
def test_an_impossible_or_unreadable_date_is_null_and_reported(text: str) -> None:
    values, found = one_field("received_date", [text], date_formats=["%d/%m/%Y"])
    assert values == [None]
    assert [rule for rule, _, _ in found] == ["date_unreadable"]
    assert text not in found[0][2]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.234.567", 1_234_567),
        ("1,234,567 đ", 1_234_567),
        ("1 234 567 đồng", 1_234_567),
        ("1500000.0000", 1_500_000),
        ("-5", -5),
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", None),
        ("1500.000", None),
        ("1,5", None),
        ("1.23.456", None),
        ("1e5", None),
        ("", None),
    ],
)
def test_numbers_are_whole_and_fit_or_are_reported(
    text: str, amount: int | None
) -> None:
    values, found = one_field("amount_wrong", [text], "recovery")
    assert values == [amount]
    assert len(found) == (amount is None and text != "")


@pytest.mark.parametrize(
    ("decimal", "amounts"),
    [
        # "1.250" million may be a thousand millions or one and a quarter
        (None, [None, 1_500_000, None]),
        (",", [1_250_000_000, 1_500_000, 1_000]),
        (".", [1_250_000, None, None]),
    ],
)
def test_units_are_scaled_exactly(decimal: str | None, amounts: list[object]) -> None:
    keys = {"column": "c", "scale": 1_000_000}
    keys |= {"decimal": decimal} if decimal else {}
    values, _ = one_field("amount_wrong", ["1.250", "1,5", "0,001"], "recovery", keys)
    assert values == amounts


def test_bools_have_words_or_a_code_map() -> None:
    texts = ["Có", "không", "1", "0", "TRUE", "false", "có lẽ", None]
    values, found = one_field("is_anonymous", texts)
    assert values == [True, False, True, False, True, False, None, None]
    assert found == [("code_unknown", "is_anonymous", "text of 5 characters")]
    mapped = {"column": "c", "codes": {"x": "true", "-": "false"}}
    assert one_field("is_anonymous", ["X", "-"], field_map=mapped)[0] == [True, False]


def test_several_columns_are_joined_or_the_first_non_empty_is_taken() -> None:
    texts = ["x", None, None]
    columns: dict[str, list[str | None]] = {"a": texts, "b": ["y", "z", " "]}
    first = {"columns": ["a", "b"]}
    joined = {"columns": ["a", "b"], "join": ", "}
    made = preset([record("petition", {"handler_org": first, "reply_no": joined})])
    frame = read(made, columns).frames["petition"]
    assert frame["handler_org"].to_list() == ["x", "z", None]
    assert frame["reply_no"].to_list() == ["x, y", "z", None]


def test_a_composite_cell_is_taken_apart() -> None:
    kinds = {"khiếu nại": "khieu_nai"}
    made = preset(
        [
            record(
                "petition",
                {
                    "kind": {"column": "c", "extract": "^(.*?)/", "codes": kinds},
                    "signatories": {"column": "c", "split": "/", "part": 1},
                },
            )
        ]
    )
    done = read(made, {"c": ["Khiếu nại/ 12", "Khiếu nại", "Khiếu nại/"]})
    frame = done.frames["petition"]
    assert frame["kind"].to_list() == ["khieu_nai", None, "khieu_nai"]
    assert frame["signatories"].to_list() == [12, None, None]
    assert said(done) == [
        ("extract_failed", "kind", "text of 9 characters"),
        ("extract_failed", "signatories", "text of 9 characters"),
    ]


def test_items_are_read_field_by_field() -> None:
    source = {"column": "c", "items": {"asked_on": "hoi", "body": "co_quan"}}
    texts = [
        '[{"hoi": "2024-01-02", "co_quan": " Sở A "}, {"hoi": "?", "khac": 1}]',
        "[]",
        None,
        "[1]",
        "{",
        '[{"co_quan": "\\ud800"}]',
        "[" * 3000,
    ]
    values, found = one_field("consultation", texts, "complaint_case", source)
    nothing = {"asked_on": None, "body": None, "due_on": None, "answered_on": None}
    first = nothing | {"asked_on": date(2024, 1, 2), "body": "Sở A"}
    assert values == [[first, nothing], [], None, None, None, None, None]
    assert found[0] == (
        "date_unreadable",
        "consultation.asked_on",
        "text of 1 characters",
    )
    assert [rule for rule, _, _ in found[1:]] == ["items_unreadable"] * 4


def test_a_fault_in_an_item_stands_at_its_row() -> None:
    source = {"column": "c", "items": {"asked_on": "hoi"}}
    made = preset([record("complaint_case", {"consultation": source})])
    done = read(made, {"c": ["[]", '[{"hoi": "2024-01-02"}, {"hoi": "x"}]']})
    assert done.findings["kntc:row"].to_list() == [1]


def test_references_are_functions_of_the_source_alone() -> None:
    ids = [record_id(SYSTEM, "petition", n) for n in ("a", "b")]
    texts = ["a; b;a", "", "b"]
    split = {"column": "c", "split": ";"}
    values, _ = one_field("petition_ids", texts, "complaint_case", split)
    assert values == [ids, None, [ids[1]]]
    texts = ['["a", "b"]', "a", "[]", '["a"', '[{"a": 1}]']
    values, found = one_field("petition_ids", texts, "complaint_case")
    assert values == [ids, [ids[0]], [], None, None]
    assert [rule for rule, _, _ in found] == ["reference_unreadable"] * 2


def test_a_reference_follows_the_case_type_of_its_record() -> None:
    made = preset([record("recovery", {"case_type": "loai", "case_id": "vu"})])
    types = ["petition", "denunciation_case", None]
    done = read(made, {"loai": types, "vu": ["1", "1", "1"]})
    assert done.frames["recovery"]["case_id"].to_list() == [
        record_id(SYSTEM, "petition", "1"),
        record_id(SYSTEM, "denunciation_case", "1"),
        None,
    ]
    assert said(done) == [("reference_unreadable", "case_id", "1 digits")]


def test_a_key_of_several_columns_is_blank_when_one_part_is() -> None:
    made = preset([record("petition", {}, key=["so", "co_quan"])])
    done = read(made, {"so": ["12", "12", None], "co_quan": ["A", " ", "A"]})
    frame = done.frames["petition"]
    assert frame["source_id"].to_list() == ["12|A", None, None]
    assert frame["record_id"][0] == record_id(SYSTEM, "petition", "12|A")
    assert frame["record_id"][1:].to_list() == [None, None]
    assert said(done) == [("key_blank", "source_id", "blank")] * 2


@pytest.mark.parametrize("personal", [True, False])
def test_a_personal_key_is_stored_as_its_token(personal: bool) -> None:
    key = MADE_UP_ID if not personal else "Lò Thị Mẫu"
    made = preset([record("petition", {}, personal_key=personal)])
    done = normaliser(made).batch(raw({"id": [key]}))
    frame = done.frames["petition"]
    shown = "token:" + token([key])[0]
    assert frame["source_id"].to_list() == [shown]
    # Made from the token: from the plain number anyone could try them all.
    assert frame["record_id"].to_list() == [record_id(SYSTEM, "petition", shown)]


def test_a_citizen_number_inside_a_composed_key_is_hidden_too() -> None:
    made = preset([record("petition", {}, key=["so", "cccd"])])
    done = read(made, {"so": ["7"], "cccd": [MADE_UP_ID]})
    assert MADE_UP_ID not in str(done.frames["petition"]["source_id"].to_list())


def test_set_aside_rows_name_their_record_without_a_personal_key() -> None:
    filters = [{"reason": "nháp", "when": {"column": "tt", "equals": ["Nháp"]}}]
    made = preset([record("petition", {}, personal_key=True)], filters=filters)
    done = read(made, {"tt": [" Nháp ", "nháp"]})
    shown = "token:" + token(["0"])[0]
    would_be = record_id(SYSTEM, "petition", shown)
    assert done.filtered.rows() == [
        (0, "so.csv:2", "nháp", "petition", shown, would_be)
    ]
    assert done.withdrawn.rows() == [(0, "so.csv:2", "petition", would_be)]
    assert done.rows_mapped == 1


def test_each_row_is_mapped_filtered_or_rejected() -> None:
    when = {"column": "loai", "equals": ["D"]}
    filters = [
        {"reason": "tổng cộng", "when": {"column": "loai", "matches": "^Tổng"}},
        {"reason": "trống", "when": {"column": "loai", "is_blank": True}},
    ]
    made = preset([record("petition", {}, when=when)], filters=filters)
    done = read(
        made,
        {"loai": ["D", "Tổng cộng", None, "khác", None]},
        reject=[None, None, None, None, "too few cells"],
    )
    assert done.rows_mapped == 1
    assert done.filtered["reason"].to_list() == ["tổng cộng", "trống"]
    assert done.rejected["reason"].to_list() == [
        "no record mapping applies",
        "too few cells",
    ]


def test_one_row_may_give_several_records_and_types_by_value() -> None:
    made = preset(
        [
            record("petition", {"kind": {"constant": "khieu_nai"}}),
            record(
                "recovery",
                {"case_type": {"constant": "petition"}, "case_id": "id"},
                when={"column": "tien", "is_blank": False},
            ),
            record(
                "denunciation_case", {}, when={"column": "tien", "not_equals": ["1"]}
            ),
        ]
    )
    done = read(made, {"tien": ["1", None]})
    heights = {name: frame.height for name, frame in done.frames.items()}
    assert heights == {"petition": 2, "recovery": 1, "denunciation_case": 1}
    assert done.rows_mapped == 2
    petition, recovery = done.frames["petition"], done.frames["recovery"]
    assert recovery["case_id"][0] == petition["record_id"][0]


def test_merged_cells_are_filled_down_across_batches_but_not_across_files() -> None:
    made = preset([record("petition", {"handler_org": "c"})], fill_down=["c"])
    reader = normaliser(made)

    def orgs(values: list[str | None], file: str) -> list[str | None]:
        ids = [str(n) for n in range(len(values))]
        done = reader.batch(raw({"id": ids, "c": values}, file=file))
        return done.frames["petition"]["handler_org"].to_list()

    assert orgs([None, "A", None], "1.csv") == [None, "A", "A"]
    assert orgs([], "1.csv") == []
    assert orgs([None, "B"], "1.csv") == ["A", "B"]
    assert orgs([None], "2.csv") == [None]
    again = normaliser(made).batch(raw({"id": ["1"], "c": [None]}))
    assert again.frames["petition"]["handler_org"].to_list() == [None]


def test_the_cursor_is_aware_utc() -> None:
    made = preset(
        [record("petition", {})], cursor="sua", time_formats=["%d/%m/%Y %H:%M:%S"]
    )
    texts = ["16/10/2023 07:00:00", "2023-10-16T07:00:00+07:00", "2023-10-16", None]
    texts += ["2023-10-16 07:00:00.1234569", "hôm qua"]
    done = read(made, {"sua": texts})
    midnight = datetime(2023, 10, 16, tzinfo=UTC)
    assert done.frames["petition"][CURSOR].to_list() == [
        midnight,
        midnight,
        datetime(2023, 10, 15, 17, tzinfo=UTC),
        None,
        midnight.replace(microsecond=123456),
        None,
    ]
    assert said(done) == [("date_unreadable", "cursor", "text of 7 characters")]


def test_drift_names_missing_and_unknown_columns() -> None:
    filters = [{"reason": "x", "when": {"column": "tt", "equals": ["N"]}}]
    made = preset(
        [record("petition", {"handler_org": "Cơ quan", "reply_no": "Số VB"})],
        filters=filters,
        optional=["Số VB"],
        ignored=["STT"],
        cursor="sua",
    )
    reader = normaliser(made)
    drift = reader.drift(["STT", "id", " Cơ  quan", "Mới", "kntc:row"])
    assert drift.missing == ("tt", "sua")
    assert drift.unknown == ("Mới",)
    assert reader.provided("petition") == {"handler_org", "reply_no"}
    assert ("petition", "kind") in reader.not_provided


def test_two_headers_that_read_the_same_match_neither() -> None:
    reader = normaliser(preset([record("petition", {"handler_org": "Cơ quan"})]))
    drift = reader.drift(["id", "Cơ quan ", " Cơ quan"])
    assert drift.missing == ("Cơ quan",)
    assert drift.unknown == ("Cơ quan ", " Cơ quan")
    assert reader.drift(["id", "Cơ quan", " Cơ quan"]).unknown == (" Cơ quan",)


def test_a_header_with_a_blank_or_decomposed_still_matches() -> None:
    made = preset([record("petition", {"handler_org": "Cơ quan xử lý"})])
    columns = {" Cơ quan xu\u031b\u0309 lý": ["A"]}
    assert normaliser(made).drift(["id", *columns]).missing == ()
    assert read(made, columns).frames["petition"]["handler_org"].to_list() == ["A"]


def test_findings_name_the_record_and_its_place() -> None:
    made = preset([record("petition", {"received_date": "c"})])
    done = read(made, {"c": ["2024-01-01", "sáng nay"]})
    row = done.findings.row(0, named=True)
    assert row == {
        "kntc:row": 1,
        "kntc:locator": "so.csv:3",
        "record_type": "petition",
        "record_id": record_id(SYSTEM, "petition", "1"),
        "rule": "date_unreadable",
        "field": "received_date",
        "shape": "text of 8 characters",
    }


PIVOT = {"pivot": {"key": "col", "value": "value", "columns": ["2", "1", "10"]}}


def test_a_pivot_makes_items_of_columns_that_are_not_blank() -> None:
    made = preset([record("periodic_report", {"cells": PIVOT})])
    columns: dict[str, list[str | None]] = {
        "1": ["7", None, "1.234", "x\u200b"],
        "2": [" 12 ", "", "0", "một"],
        "10": [None, " ", "1,5", "3"],
    }
    done = read(made, columns)
    assert done.frames["periodic_report"]["cells"].to_list() == [
        [{"col": "2", "value": 12}, {"col": "1", "value": 7}],
        None,
        [
            {"col": "2", "value": 0},
            {"col": "1", "value": 1234},
            {"col": "10", "value": None},
        ],
        [
            {"col": "2", "value": None},
            {"col": "1", "value": None},
            {"col": "10", "value": 3},
        ],
    ]
    assert said(done) == [
        ("text_repaired", "cells.value", "text of 1 characters"),
        ("number_unreadable", "cells.value", "text of 3 characters"),
        ("number_unreadable", "cells.value", "text of 3 characters"),
        ("number_unreadable", "cells.value", "text of 1 characters"),
    ]
    assert done.findings["kntc:row"].to_list() == [3, 2, 3, 3]


def test_a_pivot_of_no_rows_or_of_blank_ones_is_no_list() -> None:
    made = preset([record("periodic_report", {"cells": PIVOT})])
    for size in (0, 3):
        columns: dict[str, list[str | None]] = {
            n: [None] * size for n in ["1", "2", "10"]
        }
        frame = read(made, columns).frames["periodic_report"]
        assert frame.schema == pl.Schema(schema("periodic_report"))
        assert frame["cells"].to_list() == [None] * size
    drift = normaliser(made).drift(["id", "1", "2", "khác"])
    assert (drift.missing, drift.unknown) == (("10",), ("khác",))
