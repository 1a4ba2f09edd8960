"""Cells in the shapes of real registers: lost zeros, free-typed kinds, several people
in one cell, texts for a key; and checks of cells against each other."""

import re
from collections.abc import Mapping, Sequence

import pytest
from pydantic import ValidationError

from expectations.frames import LOCATOR, RECORD_ID, SOURCE_ID
from flows.engine.normalise import Normalised
from tests.golden.made import normaliser, one_field, preset, raw, read, record, said

PADS = [{"to": 9, "from": 8}, {"to": 12, "from": 10}]


def test_zeros_that_a_number_lost_are_restored_and_reported() -> None:
    texts = ["11111111111", "1111111111", "111111111111", "11111111", "111111111", "1"]
    source = {"column": "c", "pad": PADS}
    values, found = one_field("handler_org", [*texts, "O1111111111"], field_map=source)
    assert values == [
        "011111111111",
        "001111111111",
        "111111111111",
        "011111111",
        "111111111",  # the old number of nine is another kind
        "1",
        "O1111111111",
    ]
    assert found == [
        ("zeros_restored", "handler_org", f"{n} digits") for n in (11, 10, 8)
    ]


def test_the_first_of_several_pads_that_fits_decides() -> None:
    pads = [{"to": 5, "from": 1}, {"to": 9, "from": 3}]
    source = {"column": "c", "pad": pads}
    values, _ = one_field("handler_org", ["123", "123456"], field_map=source)
    assert values == ["00123", "000123456"]


def test_a_pad_is_short_for_two_lost_zeros_at_most() -> None:
    texts = ["1234567890", "123456789"]
    source = {"column": "c", "pad": 12}
    assert one_field("handler_org", texts, field_map=source)[0] == [
        "001234567890",
        "123456789",
    ]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"column": "c", "pad": {"to": 12, "from": 12}}, "smaller"),
        ({"column": "c", "pad": 1}, "greater than or equal to 2"),
        ({"column": "c", "replace": [["(", ""]]}, "regular expression"),
        ({"column": "c", "replace": [["(a)", "$2"]]}, "group"),
        ({"column": "c", "replace": [["a"]]}, "replace"),
        ({"column": "c", "codes_match": [["(", "x"]]}, "regular expression"),
        ({"column": "c", "codes_match": "kinds"}, "codes_match"),
    ],
)
def test_a_step_that_cannot_work_is_refused(source: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        preset([record("petition", {"handler_org": source})])


def test_a_pad_fits_texts_only_and_patterns_give_known_codes() -> None:
    with pytest.raises(ValidationError, match="pad does not fit"):
        preset([record("petition", {"signatories": {"column": "c", "pad": 5}})])
    kind = {"column": "c", "codes_match": [["^k", "khieu"]]}
    with pytest.raises(ValidationError, match="khieu"):
        preset([record("petition", {"kind": kind})])


def test_replacements_run_one_after_the_other_and_may_leave_nothing() -> None:
    source = {
        "column": "c",
        "replace": [[r"^\s*ĐT\s*:\s*", ""], ["[Oo]", "0"], [r"(\d{3})\.(\d)", "$1$2"]],
    }
    values, found = one_field(
        "handler_org", ["ĐT: 09O.1", "ĐT:", None, "x"], field_map=source
    )
    assert values == ["090" + "1", None, None, "x"]
    assert found == []


def test_a_replacement_tells_a_null_token_from_a_number() -> None:
    source = {"column": "c", "replace": [["^0$", ""]]}
    values, found = one_field("written_date", ["0", "2023-10-16"], field_map=source)
    assert values[0] is None
    assert found == []


def test_free_typed_kinds_find_their_code_by_the_first_pattern() -> None:
    source = {
        "column": "c",
        "codes": {"KN-TC": "to_cao"},
        "codes_match": [["^KN", "khieu_nai"], ["tố cáo", "to_cao"], ["hoà giải", ""]],
    }
    texts = ["KN số 5", "kn-tc", "Đơn TỐ  CÁO ông", "Tranh chấp", "HÒA giải xong"]
    values, found = one_field("kind", [*texts, None], field_map=source)
    assert values == ["khieu_nai", "to_cao", "to_cao", None, None, None]
    assert found == [("code_unknown", "kind", "text of 10 characters")]


def test_named_patterns_serve_several_fields_also_numbers_and_yes_or_no() -> None:
    named = {"lan": [["đầu|1", "1"], ["hai|2", "2"]], "co": [["^x", "true"]]}
    values, _ = one_field(
        "instance",
        ["Lần đầu", "lần HAI", "ba"],
        "complaint_case",
        {"column": "c", "codes_match": "lan"},
        codes_match=named,
    )
    assert values == [1, 2, None]
    values, _ = one_field(
        "is_complex",
        ["X (rất)", "không"],
        "complaint_case",
        {"column": "c", "codes_match": "co"},
        codes_match=named,
    )
    assert values == [True, None]


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ("Hoà giải", "Hòa giải"),
        ("Thúy", "THUÝ"),
        ("khỏe", "khoẻ"),
        ("Ủy quyền", "uỷ  quyền"),
        ("hoàn thành", "Hoa\u0300n tha\u0300nh"),
        ("toàn", "tòan"),
    ],
)
def test_where_the_tone_mark_stands_is_no_difference(
    declared: str, written: str
) -> None:
    for one, other in ((declared, written), (written, declared)):
        source = {"column": "c", "codes": {one: "khieu_nai"}}
        assert one_field("kind", [other], field_map=source)[0] == ["khieu_nai"]


def test_two_spellings_of_one_code_value_may_not_mean_two_codes() -> None:
    source = {"column": "c", "codes": {"hoà": "khieu_nai", "Hòa": "to_cao"}}
    with pytest.raises(ValidationError, match="two codes"):
        preset([record("petition", {"kind": source})])


def _people(
    names: list[str | None], ids: list[str | None], pattern: str = ";"
) -> Normalised:
    made = preset(
        [
            record(
                "petition",
                {"sender_name": "nguoi.ten", "sender_id_number": "nguoi.cccd"},
                key=["id", "nguoi.number"],
                each="nguoi",
            ),
            record("reception", {"org_code": "id"}),
        ],
        lists=[{"name": "nguoi", "columns": ["ten", "cccd"], "pattern": pattern}],
    )
    return read(made, {"ten": names, "cccd": ids})


def test_each_piece_of_a_cell_is_a_record_beside_the_rows_own() -> None:
    done = _people(["A; B;\n C ;", None, "D"], ["1;2\n3", None, None], "[;\n]+")
    frame = done.frames["petition"]
    assert frame.select(SOURCE_ID, "sender_name", "sender_id_number").rows() == [
        ("0|1", "A", "1"),
        ("0|2", "B", "2"),
        ("0|3", "C", "3"),
        ("2|1", "D", None),
    ]
    assert said(done) == []
    assert frame[LOCATOR].to_list()[0] == "so.csv:2 nguoi[1]"
    assert done.frames["reception"].height == 3
    assert (done.rows_mapped, done.rejected.height) == (3, 0)


def test_pieces_that_cannot_be_paired_are_reported_and_never_guessed() -> None:
    done = _people(["A; B", "C;D"], ["1;2;3", "4;5"])
    frame = done.frames["petition"]
    assert frame.select("sender_name", "sender_id_number").rows() == [
        ("A", None),
        ("B", None),
        ("C", "4"),
        ("D", "5"),
    ]
    assert said(done) == [("items_unreadable", "nguoi.cccd", "text of 5 characters")]


def test_a_gap_at_the_beginning_keeps_the_others_in_step() -> None:
    done = _people(["; B", "A"], ["1;2", " "])
    assert done.frames["petition"].select("sender_name", "sender_id_number").rows() == [
        (None, "1"),
        ("B", "2"),
        ("A", None),
    ]


def test_a_gap_in_one_column_keeps_the_others_in_step() -> None:
    done = _people(["A;;B"], ["1;;3"])
    frame = done.frames["petition"]
    assert frame.select(SOURCE_ID, "sender_name", "sender_id_number").rows() == [
        ("0|1", "A", "1"),
        ("0|3", "B", "3"),
    ]


def test_a_repaired_cell_says_so_of_each_of_its_pieces() -> None:
    done = _people(["Ha\u0300; B"], [None])
    assert done.frames["petition"]["sender_name"].to_list() == ["Hà", "B"]
    rules = done.findings.filter(record_type="petition")["rule"].to_list()
    assert rules == ["text_repaired", "text_repaired"]


@pytest.mark.parametrize(
    ("keys", "fields", "message"),
    [
        ({"key": ["id", "nguoi.number"]}, {}, "need each"),
        ({"each": "nguoi"}, {"sender_name": "nguoi.tuoi"}, "has no tuoi"),
        ({"each": "nguoi"}, {"sender_name": "nguoi"}, "no column"),
        ({}, {}, "no name reaches"),
    ],
)
def test_a_list_that_is_named_wrongly_is_refused(
    keys: dict[str, object], fields: dict[str, object], message: str
) -> None:
    lists = [{"name": "nguoi", "columns": ["ten"], "pattern": ";"}]
    with pytest.raises(ValidationError, match=message):
        preset([record("petition", fields, **keys)], lists=lists)


def test_a_list_cut_by_nothing_is_refused() -> None:
    lists = [{"name": "nguoi", "columns": ["ten"], "pattern": ";*"}]
    with pytest.raises(ValidationError, match="fits nothing"):
        preset([record("petition", {}, each="nguoi")], lists=lists)


def test_conditions_may_ask_of_several_columns() -> None:
    both = {"column": "a", "equals": ["x"], "also": {"column": "b", "is_blank": True}}
    made = preset(
        [record("petition", {}, when=both)],
        filters=[{"reason": "y", "when": {"column": "a", "equals": ["y"]}}],
    )
    done = read(made, {"a": ["x", "x", "y", None], "b": [None, "1", None, None]})
    assert done.frames["petition"].height == 1
    assert (done.filtered.height, done.rejected.height) == (1, 2)
    blank = {"column": "a", "equals": ["x"], "also": {"column": "b", "equals": [""]}}
    with pytest.raises(ValidationError, match="null token"):
        preset([record("petition", {}, when=blank)])


LONG = "Tôi tên là Nguyễn Văn Mẫu, xin hỏi về việc chưa nhận được tiền " * 5


def test_a_key_of_long_texts_is_bounded_and_shows_no_text() -> None:
    made = preset([record("petition", {}, key=["ngay", "hoi"])])
    done = read(made, {"ngay": ["22/02/2023"] * 3, "hoi": [LONG, LONG + "?", "ngắn"]})
    keys = done.frames["petition"][SOURCE_ID].to_list()
    assert [re.fullmatch("token:[0-9a-f]{32}", key or "") is not None for key in keys]
    assert keys[2] == "22/02/2023|ngắn"
    assert len({*keys}) == 3
    assert done.frames["petition"][RECORD_ID].n_unique() == 3


def test_a_key_of_long_texts_is_the_same_however_its_lines_are_broken() -> None:
    made = preset([record("petition", {}, key=["ngay", "hoi"])])
    texts = [LONG, LONG.replace(" ", "\r\n"), LONG.replace(" ", "  ") + " "]
    done = read(made, {"ngay": ["1"] * 3, "hoi": texts})
    assert done.frames["petition"][RECORD_ID].n_unique() == 1


def test_a_key_with_a_blank_text_is_no_key() -> None:
    made = preset([record("petition", {}, key=["ngay", "hoi"])])
    done = read(made, {"ngay": ["1", None, " "], "hoi": [None, LONG, LONG]})
    assert done.frames["petition"][RECORD_ID].to_list() == [None] * 3
    assert [rule for rule, _, _ in said(done)] == ["key_blank"] * 3


def _checked(check: Mapping[str, object], **columns: Sequence[str | None]) -> list[int]:
    """The rows that break the check."""
    made = preset([record("petition", {})], checks=[{"name": "thu", **check}])
    done = read(made, columns)
    rows = done.findings.filter(rule="computed_check")
    assert set(rows["shape"]) <= {"thu"}
    assert rows["field"].null_count() == rows.height
    return rows["kntc:row"].to_list()


def test_a_sum_must_be_its_total() -> None:
    parts = {"a": ["1", "1.000", None, None, "x", "2"], "b": ["2", "1", "3", None, "1"]}
    total = {"t": ["3", "1.002", "3", "9", "5", None]}
    check: dict[str, object] = {"sum": ["a", "b"], "equals": "t"}
    assert _checked(check, a=parts["a"], b=[*parts["b"], None], t=total["t"]) == [1]


def test_a_sum_beyond_64_bits_is_still_a_sum() -> None:
    top = str(2**63 - 1)
    check: dict[str, object] = {"sum": ["a", "b"], "equals": "t"}
    assert _checked(check, a=[top], b=[top], t=["-2"]) == [0]


def test_columns_that_must_hold_the_same() -> None:
    a, b = ["x", "30/4/2023", None, "x"], ["y", "30/04/2023", "z", "x"]
    assert _checked({"same": ["a", "b"]}, a=a, b=b) == [0, 1]
    as_dates = {"same": ["a", "b"], "read_as": "date", "formats": ["%d/%m/%Y"]}
    assert _checked(as_dates, a=a, b=b) == []
    assert _checked(as_dates, a=["1/5/2023"], b=["2/5/2023"]) == [0]
    as_numbers = {"same": ["a", "b"], "read_as": "number"}
    assert _checked(as_numbers, a=["1.000", "1"], b=["1000", "2"]) == [1]


def test_dates_must_stand_in_their_order_blanks_left_out() -> None:
    check: dict[str, object] = {"ordered": ["a", "b", "c"], "formats": ["%d/%m/%Y"]}
    a = ["1/5/2023", "2/5/2023", "1/5/2023", None, "3/5/2023"]
    b = ["1/5/2023", "1/5/2023", None, None, None]
    c = ["2/5/2023", "3/5/2023", "30/4/2023", "1/1/2023", "không rõ"]
    assert _checked(check, a=a, b=b, c=c) == [1, 2]
    assert (
        _checked({"ordered": ["a", "b"], "read_as": "number"}, a=["9"], b=["10"]) == []
    )


def test_a_text_must_match_where_the_check_applies() -> None:
    check: dict[str, object] = {"column": "a", "matches": "^DT[0-9]+$"}
    assert _checked(check, a=["DT1", "TD1", None], b=["x", "x", "x"]) == [1]
    when = {"when": {"column": "b", "equals": ["y"]}}
    assert _checked(check | when, a=["TD1", "TD2"], b=["x", "y"]) == [1]


def test_a_broken_check_is_said_of_each_record_of_the_row_and_of_no_other() -> None:
    made = preset(
        [
            record("petition", {}),
            record("recovery", {}, when={"column": "a", "is_blank": False}),
        ],
        checks=[{"name": "thu", "same": ["a", "b"]}],
        filters=[{"reason": "r", "when": {"column": "a", "equals": ["nháp"]}}],
    )
    done = read(made, {"a": ["x", "nháp", None], "b": ["y", "y", "y"]})
    assert done.findings.select("record_type", "kntc:row").rows() == [
        ("petition", 0),
        ("recovery", 0),
    ]


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ({"sum": ["a"]}, "equals"),
        ({"equals": "t", "same": ["a", "b"]}, "equals"),
        ({"same": ["a"]}, "two columns"),
        ({"same": ["a", "b"], "ordered": ["a", "b"]}, "exactly one"),
        ({}, "exactly one"),
        ({"column": "a"}, "exactly one"),
        ({"matches": "a"}, "needs column"),
        ({"column": "a", "matches": "("}, "regular expression"),
        ({"sum": ["a"], "equals": "t", "read_as": "text"}, "cannot compare"),
        ({"same": ["a", "b"], "formats": ["%Y-%m-%d"]}, "formats fit"),
        ({"ordered": ["a", "b"], "formats": ["%H"]}, "strptime"),
        ({"ordered": ["a", "b"], "decimal": "."}, "decimal fits"),
        ({"name": "Tổng!", "same": ["a", "b"]}, "name"),
    ],
)
def test_a_check_that_cannot_be_made_is_refused(
    check: dict[str, object], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        preset([record("petition", {})], checks=[{"name": "thu", **check}])


def test_a_column_of_a_check_is_missed_when_it_is_gone() -> None:
    made = preset([record("petition", {})], checks=[{"name": "t", "same": ["a", "b"]}])
    assert normaliser(made).drift(["id", "a"]).missing == ("b",)
    done = normaliser(made).batch(raw({"id": ["1"], "a": ["x"]}))
    assert done.findings.is_empty()


def _marked(accepted: list[str | None], moved: list[str | None]) -> Normalised:
    marks = {"Thụ lý": "thu_ly", "Chuyển": "chuyen_don"}
    made = preset([record("reception", {"result": {"marks": marks}})])
    return read(made, {"Thụ lý": accepted, "Chuyển": moved})


def test_the_column_that_is_marked_gives_the_code() -> None:
    done = _marked(["x", None, " ", "X"], [None, "12/CV", None, "x"])
    assert done.frames["reception"]["result"].to_list() == [
        "thu_ly",
        "chuyen_don",
        None,
        None,
    ]
    assert said(done) == [("marks_unclear", "result", "2 marks")]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"marks": {"a": "chuyen"}}, "not of this field"),
        ({"marks": {"a": ""}}, "no code"),
        ({"marks": {"a": "thu_ly"}, "column": "b"}, "exactly one"),
        ({"marks": {"a": "thu_ly"}, "extract": "(x)"}, "no extract"),
    ],
)
def test_marks_that_give_no_code_of_the_field_are_refused(
    source: object, message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        preset([record("reception", {"result": source})])


def test_a_blank_cell_means_something_only_where_the_codes_say_so() -> None:
    source = {"column": "c", "codes": {"x": "true", "": "false"}}
    values, found = one_field(
        "is_complex", ["X", None, " ", "?"], "complaint_case", source
    )
    assert values == [True, False, False, None]
    assert found == [("code_unknown", "is_complex", "text of 1 characters")]
    bare = {"column": "c", "codes": {"x": "true"}}
    assert one_field("is_complex", [None], "complaint_case", bare)[0] == [None]


@pytest.mark.parametrize(
    "keys", [{"optional": ["c"]}, {"nested": ["c"]}], ids=["optional", "nested"]
)
def test_what_may_be_absent_cannot_say_anything_by_being_blank(
    keys: dict[str, object],
) -> None:
    column = "c.d" if "nested" in keys else "c"
    source = {"column": column, "codes": {"x": "true", "": "false"}}
    with pytest.raises(ValidationError, match="may be absent"):
        preset([record("complaint_case", {"is_complex": source})], **keys)
