"""Every rule passes the valid record and fails with what breaks it."""

from datetime import date

import polars as pl
import pytest

from expectations import describe, frames, identity
from expectations.check import check
from expectations.records import BY_NAME
from expectations.rule import Rule
from expectations.rules import NORMALISE_MESSAGES_VI, RULES, message_vi
from tests.valid_records import TODAY, VALUES, many, provided, valid

NO_FINDINGS = frames.empty(frames.FINDINGS)


def _of(record_type: str) -> list[Rule]:
    return [rule for rule in RULES if rule.record_type == record_type]


def _numbered(rows: list[pl.DataFrame]) -> pl.DataFrame:
    whole = pl.concat(rows)
    keys = pl.Series([f"{i:032x}" for i in range(whole.height)])
    return whole.with_columns(
        pl.int_range(whole.height, dtype=pl.UInt32).alias(frames.ROW),
        pl.when(pl.col(frames.RECORD_ID).is_not_null())
        .then(keys)
        .alias(frames.RECORD_ID),
    )


def _found(record_type: str, frame: pl.DataFrame) -> dict[int, set[tuple[str, str]]]:
    """Row -> the (rule, field) pairs found there."""
    findings = check(
        record_type, frame, NO_FINDINGS, provided(record_type), TODAY
    ).findings
    rows: dict[int, set[tuple[str, str]]] = {i: set() for i in range(frame.height)}
    for row, rule, field in findings.select(frames.ROW, "rule", "field").iter_rows():
        rows[row].add((rule, field))
    return rows


@pytest.mark.parametrize("record_type", list(VALUES))
def test_a_rule_passes_the_valid_record_and_fails_what_breaks_it(
    record_type: str,
) -> None:
    rules = _of(record_type)
    assert rules
    broken = [valid(record_type, **rule.broken_by) for rule in rules]
    found = _found(record_type, _numbered([valid(record_type), *broken]))
    assert found[0] == set()
    for row, rule in enumerate(rules, start=1):
        ids = {id_ for id_, _ in found[row]}
        assert rule.id in ids, f"{rule.id} of {record_type} did not notice"
        assert ids - {rule.id} <= rule.also, f"{rule.id} of {record_type}"


@pytest.mark.parametrize("record_type", list(VALUES))
def test_what_a_rule_withholds_is_withheld_and_nothing_else(record_type: str) -> None:
    rules = _of(record_type)
    frame = _numbered([valid(record_type, **rule.broken_by) for rule in rules])
    checked = check(record_type, frame, NO_FINDINGS, provided(record_type), TODAY)
    withholding = {rule.id for rule in rules if rule.quarantines}
    expected = {
        row
        for row, rule in enumerate(rules)
        if rule.quarantines or rule.id in {"2a", "2b", "60b"}  # these break 23a, 60d
    }
    assert set(checked.quarantined[frames.ROW]) <= expected
    assert {r for r in expected if rules[r].quarantines} <= set(
        checked.quarantined[frames.ROW]
    )
    assert set(checked.quarantined["rules"].explode()) <= withholding


def test_only_what_promise_p6_names_is_quarantined() -> None:
    allowed = ("key_blank", "event_date", "kind", "8", "23", "25", "60", "43", "44")
    for rule in RULES:
        number = rule.id.rstrip("abcdefgh")
        if rule.quarantines:
            assert rule.id in allowed or number in allowed or number == "58"
    assert {r.id for r in RULES if r.quarantines} >= {"43a", "43b", "44", "58", "60d"}


def test_rules_name_what_exists_and_speak_to_the_steward() -> None:
    assert len({(r.id, r.record_type) for r in RULES}) == len(RULES)
    numbers = {r.id.rstrip("abcdefgh") for r in RULES if r.id[0].isdigit()}
    assert len(numbers) >= 30
    for rule in RULES:
        columns = set(frames.schema(rule.record_type))
        assert set(rule.fields) <= columns, rule.id
        assert rule.message_vi.endswith(".")
        assert rule.because
        assert message_vi(rule.id, rule.record_type) == rule.message_vi
        for group in rule.groups:
            assert set(group) <= set(rule.expectation.columns), rule.id
    assert message_vi("code_unknown", "petition") in NORMALISE_MESSAGES_VI.values()
    assert message_vi("no such rule", "petition") is None


@pytest.mark.parametrize("record_type", list(VALUES))
def test_each_mandatory_field_is_named_once_when_empty(record_type: str) -> None:
    # These have a rule of their own: three withhold or are numbered, one is the date.
    own = {"kind", "eligible", "within_competence", BY_NAME[record_type].event_date}
    fields = [
        f.name
        for f in BY_NAME[record_type].fields
        if f.need == "M" and f.name not in own
    ]
    found = _found(
        record_type, _numbered([valid(record_type, **{f: None}) for f in fields])
    )
    for row, field in enumerate(fields):
        named = [pair for pair in found[row] if pair[1] == field]
        assert named == [("mandatory", field)]


def test_ten_thousand_bad_rows_are_all_named_by_every_kind_of_expectation() -> None:
    rows, kinds = 10_000, set()
    for record_type in VALUES:
        # many() gives keys, so what a blank key breaks is tested elsewhere.
        rules = [rule for rule in _of(record_type) if rule.id != "key_blank"]
        first = {rule.expectation.name: rule for rule in reversed(rules)}
        new = [rule for name, rule in first.items() if name not in kinds]
        kinds |= set(first)
        frame = _numbered([many(record_type, rows, **r.broken_by) for r in new])
        frame = pl.concat([frame, many(record_type, 10).select(frame.columns)])
        counts = (
            check(record_type, frame, NO_FINDINGS, provided(record_type), TODAY)
            .findings.group_by("rule")
            .len()
        )
        named = dict(counts.iter_rows())
        for rule in new:
            assert named[rule.id] >= rows, rule.id
    assert kinds == {rule.expectation.name for rule in RULES}


def test_a_dated_rule_does_not_judge_what_happened_before_it() -> None:
    old, new = date(2020, 3, 2), date(2022, 3, 1)
    changes = {
        "eligible": False,
        "processing_result": "xep_luu",
        "processed_date": None,
    }
    frame = _numbered(
        [
            valid("petition", received_date=day, written_date=None, **changes)
            for day in (old, new)
        ]
    )
    found = _found("petition", frame)
    assert ("13a", "ineligible_reason") not in found[0]
    assert ("13a", "ineligible_reason") in found[1]


@pytest.mark.parametrize(
    "text",
    [
        "theo ông LÊ VĂN KHẾ NGỌT thì",
        "Le Van Khe Ngot",
        "lê  văn\nkhế-ngọt",
        "Le\u0302 Va\u0306n Khe\u0302\u0301 Ngo\u0323t",  # decomposed
        "số 045085000002",
        "CCCD 045 085 000 002",
        "gọi 0912000111",
        "gọi +84 912.000.111",
        "nhà ở 9 ngo Sim Tim, xa Quyt Ngot, tinh Quang Tri",
        "gửi Khe.Ngot@Example.vn",
    ],
)
def test_a_denouncer_is_found_however_it_is_spelled(text: str) -> None:
    contact = "0912 000 111; khe.ngot@example.vn"
    frame = valid("denunciation_case", content=text, denouncer_contact=contact)
    checked = check(
        "denunciation_case",
        frame,
        NO_FINDINGS,
        provided("denunciation_case"),
        TODAY,
    )
    assert checked.quarantined["rules"].to_list() == [["43b"]]
    assert checked.findings.select("rule", "field").rows() == [("43b", "content")]
    assert text not in str(checked.findings.rows())


@pytest.mark.parametrize(
    ("name", "address", "text"),
    [
        ("Một số công dân", None, "một số công dân phản ánh"),
        ("Nặc danh", None, "đơn nặc danh"),
        ("Hoa", None, "hoa quả"),
        ("Lê Văn Khế", None, "ông Lê Văn Khếu"),
        ("Lê Văn Khế", "tỉnh Quảng Trị", "BHXH tỉnh Quảng Trị chi trả"),
        ("Lê Văn Khế", "Thành phố Hồ Chí Minh", "tại thành phố Hồ Chí Minh"),
    ],
)
def test_what_names_nobody_withholds_nothing(
    name: str, address: str | None, text: str
) -> None:
    frame = pl.DataFrame(
        {"denouncer_name": [name], "denouncer_address": [address], "content": [text]},
        schema_overrides={"denouncer_address": pl.String},
    )
    persons = ["denouncer_name", "denouncer_address"]
    found = identity.found_in(frame, persons, ["content"])
    assert found["content"].to_list() == [False]


@pytest.mark.parametrize(
    ("kind", "is_withheld"),
    [
        ("to_cao", True),
        ("nhieu_noi_dung", True),
        (None, True),
        ("khieu_nai", False),
        ("kien_nghi_phan_anh", False),
    ],
)
def test_a_sender_is_secret_when_the_petition_may_denounce(
    kind: str | None, is_withheld: bool
) -> None:
    name = VALUES["petition"]["sender_name"]
    frame = valid("petition", kind=kind, content=f"{name} trình bày")
    rules = check(
        "petition", frame, NO_FINDINGS, provided("petition"), TODAY
    ).quarantined["rules"]
    assert ("43a" in rules.explode().to_list()) is is_withheld


@pytest.mark.parametrize(
    ("suspensions", "rules"),
    [
        ([(7, 15, 7, 20), (7, 21, 7, 25)], set()),
        ([(7, 21, 7, 25), (7, 15, 7, 20)], set()),
        ([(7, 15, 7, 20), (7, 20, 7, 25)], {"25b"}),
        ([(7, 15, 8, 20), (7, 16, 7, 17), (8, 1, 8, 2)], {"25b"}),
        ([(7, 20, 7, 15)], {"25b"}),
        ([(7, 15, None, None), (7, 20, 7, 21)], {"25b"}),
        ([(7, 15, None, None)], set()),
    ],
)
def test_suspensions_do_not_overlap_or_run_backwards(
    suspensions: list[tuple[int, int, int | None, int | None]], rules: set[str]
) -> None:
    items = [
        {
            "from": date(2026, a, b),
            "to": date(2026, c, d) if c and d else None,
            "ground": "lý do",
        }
        for a, b, c, d in suspensions
    ]
    frame = valid("complaint_case", suspensions=items)
    assert {id_ for id_, _ in _found("complaint_case", frame)[0]} == rules


@pytest.mark.parametrize("name", list(describe.PAGES))
def test_the_written_pages_are_current(name: str) -> None:
    written = (describe.DOCS / name).read_text(encoding="utf-8")
    assert written == describe.PAGES[name](), "run python -m expectations.describe"
