"""Drift: columns and codes that change overnight, under each policy of a preset."""

from datetime import date

import polars as pl
import pytest

from config.preset import Preset
from expectations.check import check
from expectations.frames import ROW
from flows.engine.normalise import Normalised, Normaliser
from tests.golden.made import normaliser, one_field, preset, raw, read, record, said

FIELDS = {
    "received_date": "Ngày nhận",
    "kind": {"column": "Loại", "codes": {"KN": "khieu_nai"}},
    "signatories": "Số người",
}
POLICIES = ("report", "quarantine", "hold")
TODAY = date(2026, 11, 22)


def _preset(**keys: object) -> Preset:
    return preset([record("petition", FIELDS)], date_formats=["%d/%m/%Y"], **keys)


def _rows(size: int, **cells: str) -> dict[str, list[str | None]]:
    """That many good rows; `cells` takes the place of a column's cell in each."""
    good = {"Ngày nhận": "16/10/2023", "Loại": "KN", "Số người": "3"} | cells
    columns: dict[str, list[str | None]] = {n: [c] * size for n, c in good.items()}
    return {"id": [str(n) for n in range(size)], **columns}


def _read(policy: dict[str, str], *batches: dict[str, list[str | None]]) -> Normaliser:
    reader = normaliser(_preset(drift=policy))
    for rows in batches:
        reader.batch(raw(rows))
    return reader


def _held_rows(made: Preset, done: Normalised) -> list[int]:
    """The rows that check quarantines because of drift."""
    provided = normaliser(made).provided("petition")
    checked = check("petition", done.frames["petition"], done.findings, provided, TODAY)
    held = checked.quarantined.filter(pl.col("rules").list.contains("drift_held"))
    return held[ROW].to_list()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Số CMND/CCCD", "So CMND CCCD"),
        ("Số CMND/CCCD", "số  cmnd/cccd"),
        ("Số CMND/CCCD", "So\u0302\u0301 CMND/CCCD"),
        ("Đơn vị", "DON VI"),
        ("don_vi", "Đơn vị"),
        ("Hoà giải", "Hòa giải"),
    ],
)
def test_trap_25_two_headers_that_read_as_one_are_named_and_never_overwrite(
    one: str, other: str
) -> None:
    made = preset([record("petition", {"handler_org": one})])
    for columns in (["id", one, other], ["id", other, one]):
        assert set(normaliser(made).drift(columns).doubled) == {one, other}
    done = normaliser(made).batch(raw({"id": ["1"], one: ["A"], other: ["B"]}))
    assert done.frames["petition"]["handler_org"].to_list() == ["A"]


def test_trap_25_of_two_that_differ_in_blanks_neither_is_taken() -> None:
    made = preset([record("petition", {"handler_org": "Số đơn"})], optional=["Số đơn"])
    columns = ["id", " Số đơn", "Số  đơn"]
    assert normaliser(made).drift(columns).doubled == (" Số đơn", "Số  đơn")
    done = normaliser(made).batch(raw({name: ["1"] for name in columns}))
    assert done.frames["petition"]["handler_org"].to_list() == [None]


def test_a_twin_that_the_preset_names_is_no_fault() -> None:
    both = {"handler_org": "Số", "sender_name": "So"}
    made = preset([record("petition", both)])
    assert normaliser(made).drift(["id", "Số", "So"]).doubled == ()
    made = preset([record("petition", {"handler_org": "Số"})], ignored=["Sổ"])
    assert normaliser(made).drift(["id", "Số", "Sổ"]).doubled == ()
    # Two strangers that read alike are only unknown: nobody reads them.
    drift = normaliser(made).drift(["id", "Số", "Ghi chú", "ghi chu", "%", "#"])
    assert drift.doubled == ()
    assert drift.unknown == ("Ghi chú", "ghi chu", "%", "#")


@pytest.mark.parametrize("policy", POLICIES)
def test_trap_26_a_column_that_vanishes(policy: str) -> None:
    made = _preset(drift={"column_missing": policy})
    rows = _rows(3)
    del rows["Loại"]
    assert normaliser(made).drift(list(rows)).missing == ("Loại",)
    reader = normaliser(made)
    done = reader.batch(raw(rows))
    assert done.frames["petition"].height == 3
    told = [(notice.rule, notice.field) for notice in reader.notices]
    # What holds is the gate's; it has seen the columns before.
    assert told == ([] if policy == "hold" else [("column_missing", "Loại")])
    held = [0, 1, 2] if policy == "quarantine" else []
    assert _held_rows(made, done) == held
    shapes = [s for rule, _, s in said(done) if rule == "drift_held"]
    assert shapes == ["columns missing at the source: 'Loại'"] * len(held)


def test_a_batch_that_has_the_column_is_not_held_for_one_that_has_not() -> None:
    made = _preset(drift={"column_missing": "quarantine"})
    reader = normaliser(made)
    rows = _rows(2)
    assert _held_rows(made, reader.batch(raw(rows))) == []
    del rows["Loại"]
    assert _held_rows(made, reader.batch(raw(rows))) == [0, 1]


@pytest.mark.parametrize("policy", ["report", "hold"])
def test_trap_26_a_column_that_appears(policy: str) -> None:
    made = _preset(drift={"column_new": policy})
    reader = normaliser(made)
    assert reader.drift([*_rows(1), "Ghi chú"]).unknown == ("Ghi chú",)
    done = reader.batch(raw(_rows(2) | {"Ghi chú": ["x", "y"]}))
    assert done.frames["petition"].height == 2
    assert said(done) == []


def test_trap_26_a_column_that_is_renamed_is_missing_and_new() -> None:
    rows = _rows(1)
    rows["Phân loại"] = rows.pop("Loại")
    drift = normaliser(_preset()).drift(list(rows))
    assert (drift.missing, drift.unknown) == (("Loại",), ("Phân loại",))


def test_trap_26_columns_in_another_order_change_nothing() -> None:
    rows = _rows(3)
    turned = dict(reversed(rows.items()))
    one, other = (normaliser(_preset()).batch(raw(r)) for r in (rows, turned))
    assert one.frames["petition"].equals(other.frames["petition"])


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(
    ("column", "field", "cell"),
    [
        ("Ngày nhận", "received_date", "2023.10.16"),
        ("Số người", "signatories", "ba"),
        ("Loại", "kind", "Khiếu kiện"),
    ],
)
def test_trap_26_a_column_that_changes_its_type(
    policy: str, column: str, field: str, cell: str
) -> None:
    made = _preset(drift={"column_type": policy})
    reader = normaliser(made)
    batches = [reader.batch(raw(_rows(12, **{column: cell}))) for _ in range(2)]
    (notice,) = reader.notices
    assert (notice.rule, notice.record_type, notice.field) == (
        "column_type",
        "petition",
        field,
    )
    assert notice.shape == f"column '{column}': 24 of 24 values cannot be read"
    assert bool(reader.drifted) == (policy == "hold")
    for done in batches:
        assert _held_rows(made, done) == []
        said_late = reader.held_by_drift(done.findings)
        whole = pl.concat([done.findings, said_late])
        late = Normalised(
            done.frames, whole, done.filtered, done.rejected, 12, whole, whole
        )
        held = [*range(12)] if policy == "quarantine" else []
        assert _held_rows(made, late) == held


@pytest.mark.parametrize(
    ("bad", "good", "drifts"), [(19, 0, 0), (20, 0, 1), (20, 20, 0), (21, 20, 1)]
)
def test_a_column_has_changed_when_more_than_half_of_twenty_cells_are_unread(
    bad: int, good: int, drifts: int
) -> None:
    reader = _read({}, _rows(bad, **{"Ngày nhận": "x"}), _rows(good))
    assert len(reader.notices) == drifts


def test_blank_cells_and_known_texts_without_a_code_say_nothing_of_the_type() -> None:
    blank = _rows(100, **{"Ngày nhận": " "})
    assert _read({}, blank, _rows(19, **{"Ngày nhận": "x"})).notices == ()
    fields = {"kind": {"column": "Loại", "codes": {"KN": "khieu_nai", "?": ""}}}
    reader = normaliser(preset([record("petition", fields)]))
    for cell in ["?"] * 30 + ["xyz"] * 25:
        reader.batch(raw({"id": ["1"], "Loại": [cell]}))
    assert reader.notices == ()


def test_a_cursor_that_changes_its_type_is_drift_too() -> None:
    made = preset([record("petition", {})], cursor="Sửa", drift={"column_type": "hold"})
    reader = normaliser(made)
    reader.batch(raw({"id": [str(n) for n in range(30)], "Sửa": ["hôm qua"] * 30}))
    assert [notice.field for notice in reader.notices] == ["cursor"]
    assert "'Sửa'" in reader.drifted[0]
    assert "hôm" not in reader.drifted[0]


@pytest.mark.parametrize("policy", POLICIES)
def test_trap_26_a_code_never_seen(policy: str) -> None:
    made = _preset(drift={"code_new": policy})
    reader = normaliser(made)
    rows = _rows(3) | {"Loại": ["KN", "Tranh chấp", "07"]}
    done = reader.batch(raw(rows))
    assert [s for rule, _, s in said(done) if rule == "code_unknown"] == [
        "text of 10 characters",
        "code 07",
    ]
    assert _held_rows(made, done) == ([1, 2] if policy == "quarantine" else [])
    reasons = reader.drifted
    assert len(reasons) == (policy == "hold")
    if reasons:
        assert reasons == (
            "stream rows: petition.kind: 2 cells hold codes that are in no code map",
        )


def test_nothing_is_held_while_nothing_drifts() -> None:
    policy = dict.fromkeys(("column_missing", "column_type", "code_new"), "quarantine")
    made = _preset(drift=policy)
    reader = normaliser(made)
    done = reader.batch(raw(_rows(30)))
    assert (said(done), reader.drifted, reader.notices) == ([], (), ())
    assert reader.held_by_drift(done.findings).is_empty()


def test_a_blank_key_is_held_for_itself_and_for_drift() -> None:
    """Trap 27: a row without a key is quarantined, never merged with another."""
    made = _preset(drift={"code_new": "quarantine"})
    rows = _rows(3) | {"id": [None, " ", "\u200b"], "Loại": ["x"] * 3}
    done = normaliser(made).batch(raw(rows))
    assert done.frames["petition"]["record_id"].to_list() == [None] * 3
    assert _held_rows(made, done) == [0, 1, 2]


def test_trap_27_rows_without_a_key_are_never_merged() -> None:
    values, found = one_field("handler_org", ["A", "B"])
    assert values == ["A", "B"]
    assert found == []
    done = read(preset([record("petition", {})]), {"id": [None, ""]})
    assert done.frames["petition"].height == 2
    assert [rule for rule, _, _ in said(done)] == ["key_blank", "key_blank"]


def test_faults_inside_a_list_do_not_make_its_column_another_type() -> None:
    items = {"column": "Hỏi", "items": {"asked_on": "a"}}
    made = preset([record("complaint_case", {"consultation": items})])
    reader = normaliser(made)
    ids: list[str | None] = [str(n) for n in range(25)]
    reader.batch(raw({"id": ids, "Hỏi": ['[{"a": "hôm qua"}]'] * 25}))
    assert _fields_told(reader) == []
    reader.batch(raw({"id": ids * 2, "Hỏi": ["hôm qua"] * 50}))
    assert _fields_told(reader) == ["consultation"]


def _fields_told(reader: Normaliser) -> list[str | None]:
    return [notice.field for notice in reader.notices]
