"""Normalise never raises on any text, loses no row, and shows no value in a finding."""

import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.preset import Preset
from expectations.frames import LOCATOR, ROW, schema
from expectations.records import BY_NAME, RECORD_TYPES, Type
from flows.engine import normalise
from tests.golden.made import normaliser, preset, raw, read, record

NASTY = [
    '[{"a": "1"}]',
    '["a", "b"]',
    "[]",
    "[[]]",
    "[null]",
    '{"a": 1}',
    '[{"a": 1e999, "a": {"b": [1]}}]',
    "2023-02-30",
    "2023-10-16T07:00:00.9999999Z",
    "9999-12-31T23:59:59-12:00",
    "-0",
    "9" * 40,
    "1.234,5",
    "Khiếu nại/ 12",
    "\x00",
    "\ufeff",
    "\u0301",
    "0" * 12,
    "petition",
    "",
    " ",
]
TEXT = st.none() | st.sampled_from(NASTY) | st.text(max_size=40)
NUMBERS = (Type.INT, Type.AMOUNT_VND)


def _every_field(record_type: str) -> dict[str, object]:
    """Each field of the type, by turns out of the two columns."""
    fields: dict[str, object] = {}
    for number, field in enumerate(BY_NAME[record_type].fields):
        source: dict[str, object] = {"column": "ab"[number % 2]}
        if field.type is Type.ITEMS:
            source["items"] = {sub.name: "a" for sub in field.items}
        if field.type is Type.REFERENCES:
            source["split"] = ";"
        if field.type in NUMBERS:
            source["scale"] = 1_000_000_000
        fields[field.name] = source
    return fields


def _whole_language() -> Preset:
    mappings = [
        record(t.name, _every_field(t.name), key=["a", "b"]) for t in RECORD_TYPES
    ]
    mappings[0]["when"] = {"column": "a", "matches": "1"}
    extract = {"column": "a", "extract": "(.*?)/", "split": "1", "part": 1}
    joined = {"columns": ["a", "b"], "join": "|"}
    mappings.append(record("petition", {"kind": extract, "signatories": joined}))
    mappings.append(record("petition", _shaped(), key=["id"]))
    pieces = {"sender_name": "pieces.a", "sender_id_number": "pieces.b"}
    key = ["id", "pieces.number"]
    mappings.append(record("petition", pieces, key=key, each="pieces"))
    both = {"column": "b", "equals": ["b"], "also": {"column": "a", "is_blank": True}}
    return preset(
        mappings,
        date_formats=["%d/%m/%Y", "%Y%m%d", "%d-%b-%y", "excel_1904", "words"],
        time_formats=["%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M:%S%z", "excel"],
        two_digit_years_from=1900,
        filters=[{"reason": "x", "when": both}],
        fill_down=["b"],
        cursor="a",
        lists=[{"name": "pieces", "columns": ["a", "b"], "pattern": "[;/1]"}],
        checks=CHECKS,
        drift=dict.fromkeys(
            ("column_missing", "column_type", "code_new"), "quarantine"
        ),
    )


CHECKS: list[dict[str, object]] = [
    {"name": "tong", "sum": ["a", "b"], "equals": "a"},
    {"name": "cung_so", "same": ["a", "b"], "read_as": "number"},
    {"name": "cung_ngay", "same": ["a", "b"], "read_as": "date"},
    {"name": "thu_tu", "ordered": ["a", "b"]},
    {"name": "mau", "column": "a", "matches": "^1"},
]


def _shaped() -> dict[str, object]:
    """Fields with the steps that change a text before it is read."""
    codes = {"column": "a", "codes_match": [["[0-9]", "khieu_nai"], [".", ""]]}
    replaced = {"column": "b", "replace": [["(.)1", "${1}"], ["", "x"]]}
    months = {"column": "a", "formats": ["%m/%Y", "%Y", "excel", "%d/%m/%y"]}
    padded = {"column": "a", "pad": [{"to": 9, "from": 8}, 12]}
    return {
        "kind": codes,
        "content": replaced,
        "written_date": months,
        "handler_org": padded,
    }


def _one_of_each_type() -> Preset:
    fields = _every_field("recovery") | {"case_id": "a"}
    items = _every_field("complaint_case")
    few = {n: items[n] for n in ("petition_ids", "consultation", "is_complex")}
    return preset(
        [
            record("recovery", fields, key=["a", "b"]),
            record("complaint_case", few),
            record("petition", _shaped()),
        ],
        fill_down=["b"],
        checks=CHECKS,
    )


# A batch has a fixed price for each mapped field, so one property bears them all.
WHOLE, SMALL = _whole_language(), _one_of_each_type()
NAMES = "|".join(str(check["name"]) for check in CHECKS)
SHAPE = re.compile(
    rf"^(\d+ digits|text of \d+ characters|code [0-9A-Za-z]{{1,4}}|blank|{NAMES})$"
)
Rows = list[tuple[str | None, str | None]]


def _columns(rows: Rows) -> dict[str, list[str | None]]:
    return {"a": [a for a, _ in rows], "b": [b for _, b in rows]}


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT), max_size=25))
def test_any_text_is_read_without_raising_or_losing_a_row(rows: Rows) -> None:
    done = read(WHOLE, _columns(rows))
    assert done.rows_mapped + done.filtered.height + done.rejected.height == len(rows)
    aside = {*done.filtered[ROW], *done.rejected[ROW]}
    mapped = {row for frame in done.frames.values() for row in frame[ROW]}
    assert aside.isdisjoint(mapped)
    assert aside | mapped == set(range(len(rows)))
    for name, frame in done.frames.items():
        assert frame.schema == pl.Schema(schema(name))
        frame.to_arrow()
        frame.rows()  # what Polars holds must be holdable elsewhere


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT), max_size=25))
def test_a_finding_tells_the_shape_only(rows: Rows) -> None:
    done = read(SMALL, _columns(rows))
    assert all(SHAPE.match(shape) for shape in done.findings["shape"])
    assert set(done.findings["rule"]) <= set(normalise.FAULTS)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT), min_size=2, max_size=8), st.integers(1, 7))
def test_where_batches_are_cut_changes_nothing(rows: Rows, cut: int) -> None:
    def records(parts: list[Rows]) -> list[str]:
        reader = normaliser(SMALL)
        found: list[str] = []
        for part in parts:
            ids: list[str | None] = [None] * len(part)
            frames = reader.batch(raw({"id": ids, **_columns(part)})).frames
            for frame in frames.values():
                found += map(repr, frame.drop(ROW, LOCATOR).rows())
        return sorted(found)

    assert records([rows]) == records([rows[:cut], rows[cut:]])


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=30))
def test_clean_text_cleans_to_itself(text: str) -> None:
    made = preset([record("petition", {"handler_org": "c"})])
    once = read(made, {"c": [text]}).frames["petition"]["handler_org"].to_list()
    again = read(made, {"c": once})
    assert again.frames["petition"]["handler_org"].to_list() == once
    assert "text_repaired" not in again.findings["rule"].to_list()


@pytest.mark.parametrize("name", ["prefect", "sqlalchemy", "random", "datetime.now"])
def test_normalise_is_pure(name: str) -> None:
    folder = Path(normalise.__file__).parent
    files = list(folder.glob("*.py"))
    assert len(files) > 5
    assert not [f.name for f in files if name in f.read_text(encoding="utf-8")]
