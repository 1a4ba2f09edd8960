"""Columns that hold JSON: names inside them, one record for each of their objects."""

import json
from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from config.preset import Preset
from expectations.frames import FINDINGS, LOCATOR, ROW, schema
from expectations.records import record_id
from flows.engine.normalise import Normalised
from tests.golden.made import SYSTEM, normaliser, preset, raw, read, record, said

DECISION = record(
    "decision",
    {
        "case_type": {"constant": "complaint_case"},
        "case_id": "id",
        "doc_no": "decisions.docNo",
        "doc_date": "decisions.date",
    },
    key=["id", "decisions.no"],
    each="decisions",
)
PETITION = record("petition", {"kind": {"constant": "khieu_nai"}})
ENFORCEMENT = record(
    "enforcement",
    {"decision_id": "decisions.no", "responsible_org": "decisions.enforcement.org"},
    key=["decisions.enforcement.no"],
    each="decisions.enforcement",
)


def dossiers(*records: object, **keys: object) -> Preset:
    """A preset of dossiers with a nested column `decisions`, and perhaps others."""
    return preset(records or (PETITION, DECISION), nested=["decisions"], **keys)


def cells(*values: object) -> dict[str, Sequence[str | None]]:
    """A column `decisions` of those values as JSON; text and None as they are."""
    texts = [v if v is None or isinstance(v, str) else json.dumps(v) for v in values]
    return {"decisions": texts}


def heights(done: Normalised) -> dict[str, int]:
    return {name: frame.height for name, frame in done.frames.items()}


def test_each_item_of_a_list_gives_a_record_with_names_of_both() -> None:
    two = [
        {"no": "1", "docNo": " 12/QĐ ", "date": "2026-01-02"},
        {"no": 2, "docNo": "13/QĐ", "date": "hôm qua"},
    ]
    done = read(dossiers(), cells(two, [], None, {"no": "1", "docNo": "7"}))
    frame = done.frames["decision"]
    assert frame["source_id"].to_list() == ["0|1", "0|2", "3|1"]
    assert frame["doc_no"].to_list() == ["12/QĐ", "13/QĐ", "7"]
    case = [record_id(SYSTEM, "complaint_case", key) for key in ("0", "0", "3")]
    assert frame["case_id"].to_list() == case
    assert frame[ROW].to_list() == [0, 0, 3]
    assert frame[LOCATOR].to_list() == [
        "so.csv:2 decisions[1]",
        "so.csv:2 decisions[2]",
        "so.csv:5 decisions",
    ]
    assert heights(done) == {"petition": 4, "decision": 3}
    assert done.rows_mapped == 4
    (finding,) = done.findings.rows(named=True)
    assert finding["field"] == "doc_date"
    assert finding[LOCATOR] == "so.csv:2 decisions[2]"
    assert finding["record_id"] == record_id(SYSTEM, "decision", "0|2")


def test_an_object_inside_an_item_gives_a_record_where_it_stands() -> None:
    two = [
        {"no": "1", "enforcement": {"no": "a", "org": "A"}},
        {"no": "2", "enforcement": None},
        {"no": "3"},
        {"no": "4", "enforcement": [{"no": "b"}, {"no": "c"}]},
    ]
    done = read(dossiers(PETITION, DECISION, ENFORCEMENT), cells(two))
    frame = done.frames["enforcement"]
    assert frame["source_id"].to_list() == ["a", "b", "c"]
    assert frame["responsible_org"].to_list() == ["A", None, None]
    parents = [record_id(SYSTEM, "decision", key) for key in ("1", "4", "4")]
    assert frame["decision_id"].to_list() == parents
    assert frame[LOCATOR].to_list() == [
        "so.csv:2 decisions[1].enforcement",
        "so.csv:2 decisions[4].enforcement[1]",
        "so.csv:2 decisions[4].enforcement[2]",
    ]


def test_lists_inside_lists_give_each_item_its_own_container() -> None:
    made = preset(
        [
            PETITION,
            record(
                "decision",
                {"doc_no": "cases.decisions.no", "signer_title": "cases.judge.title"},
                key=["id", "cases.id", "cases.decisions.no"],
                each="cases.decisions",
            ),
        ],
        nested=["cases"],
    )
    value = [
        {"id": "x", "judge": {"title": "A"}, "decisions": [{"no": 1}, {"no": 2}]},
        {"id": "y", "decisions": {"no": 1}},
        {"id": "z", "judge": {"title": "B"}, "decisions": []},
    ]
    frame = read(made, {"cases": [json.dumps(value)]}).frames["decision"]
    assert frame["source_id"].to_list() == ["0|x|1", "0|x|2", "0|y|1"]
    assert frame["signer_title"].to_list() == ["A", "A", None]


def test_names_reach_into_objects_of_the_rows_own_record() -> None:
    made = preset(
        [
            record(
                "petition",
                {"handler_org": "org.unit.name", "received_date": "org.date"},
                when={"column": "org.kind", "equals": ["P"]},
            )
        ],
        nested=["org"],
    )
    values = [
        {"kind": " P ", "unit": {"name": "A\u0300"}, "date": "2026-01-02"},
        {"kind": "P", "unit": None},
        {"kind": "Q"},
        {"kind": "P", "unit": []},
    ]
    done = read(made, {"org": [json.dumps(v, ensure_ascii=False) for v in values]})
    assert done.frames["petition"]["handler_org"].to_list() == ["À", None, None]
    assert done.rejected["reason"].to_list() == ["no record mapping applies"]
    assert said(done) == [("text_repaired", "handler_org", "text of 1 characters")]


def test_a_list_where_an_object_is_meant_is_said_and_nobody_is_chosen() -> None:
    made = preset([record("petition", {"handler_org": "units.name"})], nested=["units"])
    done = read(made, {"units": ['[{"name": "A"}, {"name": "B"}]', '[{"name": "A"}]']})
    assert done.frames["petition"]["handler_org"].to_list() == [None, None]
    assert [(rule, field) for rule, field, _ in said(done)] == [
        ("items_unreadable", "units")
    ] * 2


def test_a_condition_is_asked_of_each_item() -> None:
    one = DECISION | {"when": {"column": "decisions.state", "equals": ["ISSUED"]}}
    items = [{"no": "1", "state": "ISSUED"}, {"no": "2", "state": "DRAFT"}]
    done = read(dossiers(one), cells(items, items[1:], None))
    assert done.frames["decision"]["source_id"].to_list() == ["0|1"]
    assert done.rows_mapped == 1
    assert done.rejected[ROW].to_list() == [1, 2]
    assert set(done.rejected["reason"]) == {"no record mapping applies"}


def test_items_of_an_item_are_read_as_its_list() -> None:
    made = preset(
        [
            PETITION,
            record(
                "complaint_case",
                {
                    "suspensions": {
                        "column": "complaint.suspensions",
                        "items": {"from": "from", "ground": "ground"},
                    },
                    "petition_ids": "complaint.petitions",
                },
                key=["complaint.id"],
                each="complaint",
            ),
        ],
        nested=["complaint"],
    )
    value = {
        "id": 123456789012345678901234567890,
        "petitions": ["a", 7],
        "suspensions": [{"from": "2026-01-02", "ground": "x"}, {"from": None}],
    }
    done = read(made, {"complaint": [json.dumps(value), '{"id": 1.50}']})
    frame = done.frames["complaint_case"]
    assert frame["source_id"].to_list() == ["123456789012345678901234567890", "1.50"]
    assert [len(s) if s is not None else None for s in frame["suspensions"]] == [
        2,
        None,
    ]
    petitions = [record_id(SYSTEM, "petition", key) for key in ("a", "7")]
    assert frame["petition_ids"][0].to_list() == petitions
    assert done.findings.height == 0
    assert normaliser_unknown(made, {"complaint": [json.dumps(value)]}) == ()


def normaliser_unknown(
    made: Preset, *batches: dict[str, Sequence[str | None]]
) -> tuple[str, ...]:
    reader = normaliser(made)
    for columns in batches:
        ids = [str(n) for n in range(len(next(iter(columns.values()))))]
        reader.batch(raw({"id": ids, **columns}))
    return reader.unknown_nested


def test_keys_that_nobody_knows_are_named_once_over_all_batches() -> None:
    made = dossiers(
        PETITION, DECISION, ENFORCEMENT, ignored=["decisions.scan", "decisions.a.b"]
    )
    one = {"no": "1", "docNo": "2", "date": None, "scan": {"deep": 1}}
    more = one | {"enforcement": [{"no": 1, "org": 2, "new": {"x": 1}}], "Mới": [1]}
    more |= {"a": {"b": 1, "c": 2}}
    reached = normaliser_unknown(made, cells([one]), cells([], [one, more]), cells({}))
    # A key may be somebody's name: what is no plain name is not shown.
    assert reached == (
        "decisions.(key of 3 characters)",
        "decisions.a.c",
        "decisions.enforcement.new",
    )
    assert normaliser_unknown(made, cells([one])) == ()


def test_asking_whether_an_object_stands_there_does_not_make_its_keys_known() -> None:
    when = {"column": "complaint", "is_blank": False}
    inner = record("complaint_case", {}, key=["complaint.id"], when=when)
    made = preset([PETITION, inner], nested=["complaint"])
    value = json.dumps({"id": "1", "secret": "x"})
    assert normaliser_unknown(made, {"complaint": [value]}) == ("complaint.secret",)


def test_an_object_of_a_thousand_unknown_keys_does_not_flood_the_report() -> None:
    value = {f"k{n:04}": 1 for n in range(1000)}
    assert len(normaliser_unknown(dossiers(), cells([value]))) == 100


@pytest.mark.parametrize(
    ("value", "records"),
    [
        ("{", 0),
        ("[1]", 0),
        ("5", 0),
        ('"abc"', 0),
        ("false", 0),
        ("NaN", 0),
        ('[{"no": "1"}, 7]', 1),
        ('[{"no": "1"}, [{"no": "2"}]]', 1),
        ('{"no": "\\ud800"}', 0),
        ('{"no": "1", "no": "2"}', 0),
        ("[" * 99_999, 0),
        ("[" * 200 + "]" * 200, 0),
        ('[{"no": "1"}] x', 0),
    ],
)
def test_what_is_no_object_is_said_of_the_rows_own_record(
    value: str, records: int
) -> None:
    done = read(dossiers(DECISION, PETITION), cells([{"no": "1"}], value))
    assert heights(done) == {"decision": 1 + records, "petition": 2}
    (finding,) = done.findings.rows(named=True)
    assert finding["rule"] == "items_unreadable"
    assert finding["field"] == "decisions"
    assert finding["record_type"] == "petition"
    assert finding["record_id"] == record_id(SYSTEM, "petition", "1")
    assert finding[LOCATOR] == "so.csv:3"
    assert done.rows_mapped == 2


@pytest.mark.parametrize("value", [None, "", " ", "null", "[]", '""', "[null]", "N/A"])
def test_what_is_nothing_gives_no_record_and_no_finding(value: str | None) -> None:
    done = read(dossiers(null_tokens=["N/A"]), cells(value))
    assert heights(done) == {"petition": 1, "decision": 0}
    assert done.findings.height == 0


def test_an_empty_object_is_a_record_without_a_key() -> None:
    done = read(dossiers(), cells({}, [{}]))
    assert done.frames["decision"]["record_id"].to_list() == [None, None]
    assert [rule for rule, _, _ in said(done)] == ["key_blank"] * 2


def test_a_wrong_value_deep_inside_is_said_of_the_row_too() -> None:
    items = [{"no": "1", "enforcement": "x"}, {"no": "2", "enforcement": "yy"}]
    done = read(dossiers(PETITION, ENFORCEMENT), cells(items))
    assert done.frames["enforcement"].height == 0
    assert said(done) == [
        ("items_unreadable", "decisions.enforcement", "text of 1 characters")
    ]


def test_a_row_without_a_record_of_its_own_is_rejected_or_says_it_inside() -> None:
    done = read(dossiers(DECISION), cells("{", None, '[{"no": "1"}, 7]'))
    assert done.rejected.select(ROW, "reason").rows() == [
        (0, "a nested column holds no JSON objects"),
        (1, "no record mapping applies"),
    ]
    assert done.rows_mapped == 1
    (finding,) = done.findings.rows(named=True)
    assert (finding["record_type"], finding["field"]) == ("decision", "decisions")


def test_a_filtered_row_names_all_records_that_it_would_have_given() -> None:
    filters = [{"reason": "huỷ", "when": {"column": "tt", "equals": ["X"]}}]
    made = dossiers(DECISION, PETITION, filters=filters)
    items = [{"no": "1"}, {"no": "2"}]
    done = read(made, {"tt": ["X", "Y"], **cells(items, items)})
    assert done.filtered.select("record_type", "source_id").rows() == [
        ("petition", "0")
    ]
    gone = [("decision", "0|1"), ("decision", "0|2"), ("petition", "0")]
    assert done.withdrawn.select("record_type", "record_id").rows() == [
        (kind, record_id(SYSTEM, kind, key)) for kind, key in gone
    ]
    assert heights(done) == {"decision": 2, "petition": 1}


def test_an_object_that_is_no_record_any_more_is_named_too() -> None:
    when = {"column": "decisions.state", "equals": ["ISSUED"]}
    made = dossiers(PETITION, DECISION | {"when": when})
    states = [("1", "ISSUED"), ("2", "CANCELLED"), ("1", "DRAFT"), (None, "DRAFT")]
    items = [{"no": no, "state": state} for no, state in states]
    done = read(made, cells(items), reject=[None])
    assert done.withdrawn.select("record_type", "record_id", LOCATOR).rows() == [
        ("decision", record_id(SYSTEM, "decision", "0|2"), "so.csv:2 decisions[2]")
    ]


def test_the_change_time_is_the_rows_or_the_items_own() -> None:
    own = DECISION | {"cursor": "decisions.at"}
    items = [{"no": "1", "at": "2026-02-03T00:00:00Z"}]
    for mapping, month in ((DECISION, 1), (own, 2)):
        made = dossiers(PETITION, mapping, cursor="sua")
        done = read(made, {"sua": ["2026-01-02T00:00:00Z"], **cells(items)})
        assert done.frames["decision"]["kntc:cursor"][0].month == month


def test_a_nested_column_may_be_absent_when_it_is_optional() -> None:
    reader = normaliser(dossiers(optional=["decisions"]))
    assert reader.drift(["id"]).missing == ()
    done = reader.batch(raw({"id": ["1"]}))
    assert heights(done) == {"petition": 1, "decision": 0}
    assert normaliser(dossiers()).drift(["id"]).missing == ("decisions",)


def test_a_batch_of_no_rows_has_the_declared_frames() -> None:
    done = read(dossiers(PETITION, DECISION, ENFORCEMENT), cells())
    assert done.findings.schema == pl.Schema(FINDINGS)
    for name, frame in done.frames.items():
        assert frame.schema == pl.Schema(schema(name))


def test_ten_thousand_rows_give_every_item_once() -> None:
    items = [{"no": str(n), "docNo": "x" * 40} for n in range(3)]
    done = read(dossiers(), cells(*[items[: n % 4] for n in range(10_000)]))
    assert done.frames["decision"].height == 2_500 * (0 + 1 + 2 + 3)
    assert done.frames["decision"]["source_id"].n_unique() == 15_000
    assert done.rows_mapped == 10_000


@pytest.mark.parametrize(
    ("keys", "mapping", "said_"),
    [
        ({"nested": ["decisions.x"]}, DECISION, "not a path"),
        ({"nested": ["other"]}, DECISION, "starts at no nested column"),
        ({"nested": ["decisions", "idle"]}, DECISION, "no name reaches into it: idle"),
        ({"nested": ["decisions"]}, DECISION | {"each": "decisions."}, "empty"),
        ({"nested": ["decisions"], "fill_down": ["decisions"]}, DECISION, "filled"),
        (
            {"nested": ["decisions"], "fill_down": ["decisions.no"]},
            DECISION,
            "whole columns only",
        ),
        (
            {"nested": ["decisions"], "ignored": ["decisions.no"]},
            DECISION,
            "both used and ignored",
        ),
        ({"nested": ["decisions"], "ignored": ["decisions"]}, DECISION, "both used"),
        (
            {"nested": ["decisions"], "ignored": ["decisions.enforcement"]},
            ENFORCEMENT,
            "ignored",
        ),
        (
            {
                "nested": ["decisions"],
                "filters": [
                    {"reason": "x", "when": {"column": "decisions.no", "equals": ["1"]}}
                ],
            },
            DECISION,
            "whole columns only",
        ),
    ],
)
def test_a_stream_that_misuses_nested_columns_is_refused(
    keys: dict[str, object], mapping: object, said_: str
) -> None:
    with pytest.raises(ValidationError, match=said_):
        preset([mapping], **keys)


def test_a_dot_in_a_header_is_no_path_without_nested() -> None:
    made = preset([record("petition", {"handler_org": "Cơ quan. Nơi nhận"})])
    done = read(made, {"Cơ quan. Nơi nhận": ["A"]})
    assert done.frames["petition"]["handler_org"].to_list() == ["A"]


SCALAR = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
KEYS = st.sampled_from(["no", "docNo", "date", "enforcement", "khác", "a.b", ""])
OBJECT = st.dictionaries(KEYS, SCALAR, max_size=4)
ITEM = st.builds(
    lambda item, inner: item | {"enforcement": inner} if inner != 0 else item,
    OBJECT,
    st.just(0) | st.none() | OBJECT | st.lists(OBJECT, max_size=2),
)
LISTS = st.none() | ITEM | st.lists(ITEM, max_size=4)


def _objects(value: object) -> int:
    if isinstance(value, dict):
        return 1
    if isinstance(value, list):
        return sum(isinstance(item, dict) for item in value)
    return 0


def _items(value: object) -> list[dict[str, object]]:
    some = value if isinstance(value, list) else [value]
    return [item for item in some if isinstance(item, dict)]


@settings(max_examples=60, deadline=None)
@given(st.lists(LISTS, max_size=6))
def test_every_item_of_every_list_gives_exactly_one_record(
    values: list[object],
) -> None:
    made = dossiers(DECISION, ENFORCEMENT)
    done = read(made, cells(*[None if v is None else v for v in values]))
    expected = [row for row, value in enumerate(values) for _ in range(_objects(value))]
    assert done.frames["decision"][ROW].to_list() == expected
    inner = sum(_objects(item.get("enforcement")) for v in values for item in _items(v))
    assert done.frames["enforcement"].height == inner
    places = pl.concat(frame.select(LOCATOR) for frame in done.frames.values())
    assert places[LOCATOR].n_unique() == places.height
    assert done.rows_mapped == len(set(expected))
    assert done.rows_mapped + done.rejected.height == len(values)


ANY = st.recursive(
    SCALAR | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ANY.map(json.dumps) | st.text(max_size=12), max_size=6))
def test_any_json_is_read_without_raising_or_losing_a_row(texts: list[str]) -> None:
    done = read(dossiers(PETITION, DECISION, ENFORCEMENT), cells(*texts))
    assert done.rows_mapped == len(texts)
    assert done.frames["petition"].height == len(texts)
    for frame in done.frames.values():
        frame.rows()
    rows = done.findings.filter(rule="items_unreadable")
    assert rows.filter(record_type="petition").height == rows.height
