"""The night's report: true numbers, no network, nothing personal, whole or absent."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import artifacts
from flows.engine import report
from flows.engine.night import NightPlan, NightRequest
from flows.engine.outcome import Counts, NightOutcome, OfficeOutcome, Verdict
from flows.engine.report.page import night_page
from flows.engine.report.standing import Outlier, Volume
from flows.engine.report.words import (
    VERDICTS,
    equations,
    next_step,
    number,
    verdict_text,
    wrong_first,
)
from flows.engine.volume import Band, Side

PLAN = NightPlan("run-1", date(2026, 11, 22), ("ha_tinh", "quang_tri"), NightRequest())
COUNTS = Counts(
    rows_read=1234, rows_mapped=1230, rows_filtered=3, rows_rejected=1, read=1230,
    inserted=1200, updated=10, unchanged=10, quarantined=6, duplicates=4, findings=30,
)  # fmt: skip
OUTCOME = NightOutcome(
    "run-1",
    (
        OfficeOutcome("ha_tinh", Verdict.PUBLISHED, COUNTS, 75.0),
        OfficeOutcome("quang_tri", Verdict.HELD, error='0 rows <expected> "900"'),
    ),
)
OFFICES = {
    "ha_tinh": report.OfficeReport(
        "ha_tinh",
        "BHXH tỉnh Hà Tĩnh",
        (("12", 20), ("7", 10)),
        (("23", 6),),
        2,
        6,
        Volume(
            1234,
            Band(1300, 4000),
            30,
            (Outlier("ha_tinh_so", 10, Band(50, 400), Side.LOW),),
        ),
    ),
    "quang_tri": report.OfficeReport(
        "quang_tri",
        "BHXH tỉnh Quảng Trị",
        published_at=datetime(2026, 11, 20, 1, 5, tzinfo=UTC),
        age_hours=51.2,
    ),
}


class Page(HTMLParser):
    """Text, attributes and balance of a page, read by the standard library alone."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.words)


def test_page_and_json_carry_the_same_night(tmp_path: Path) -> None:
    path = report.write_night(tmp_path, PLAN, OUTCOME, OFFICES)
    assert path == tmp_path / "2026-11-22-run-1" / "night.html"
    machine = json.loads(path.with_name("night.json").read_text(encoding="utf-8"))
    assert machine["verdict"] == "partial"
    assert machine["total"]["read"] == 1230
    assert machine["provinces"][1]["error"] == '0 rows <expected> "900"'
    assert machine["rules"]["ha_tinh"]["findings"] == {"12": 20, "7": 10}
    page = Page(path.read_text(encoding="utf-8"))
    for expected in (
        "Đêm 22/11/2026",
        "cập nhật một phần",
        "1/2 cơ quan đã cập nhật",
        "BHXH tỉnh Hà Tĩnh",
        "tạm giữ",
        '0 rows <expected> "900"',
        "Dòng: đã đọc 1.234 = đã ánh xạ 1.230 + đã lọc 3 + bị loại 1",
        "Quy tắc 12: 20",
        "Quy tắc 23: 6",
        "1,2 phút",
    ):
        assert expected in page.text, expected


def test_the_page_tells_first_what_needs_a_person_and_what_to_do() -> None:
    text = Page(night_page(PLAN.night_on, OUTCOME, OFFICES)).text
    assert text.index("BHXH tỉnh Quảng Trị") < text.index("BHXH tỉnh Hà Tĩnh")
    assert "‖ tạm giữ: 1" in text
    assert "kntc accept --province quang_tri" in text
    assert "Thông báo:" in text
    assert "20/11 08:05, 51 giờ trước" in text


@pytest.mark.parametrize("verdict", [*Verdict])
def test_every_verdict_has_its_words(verdict: Verdict) -> None:
    office = OfficeOutcome("ha_tinh", verdict, error="said")
    assert VERDICTS[verdict] in verdict_text(verdict)
    assert wrong_first([office]) == [office]
    is_wrong = verdict not in (Verdict.PUBLISHED, Verdict.SKIPPED)
    assert ("kntc sync --province ha_tinh" in next_step(office)) is is_wrong


def test_volumes_stand_beside_their_band_with_a_mark_outside() -> None:
    text = Page(night_page(PLAN.night_on, OUTCOME, OFFICES)).text
    assert "1.300–4.000 ▼ thấp" in " ".join(text.split())
    assert "ha_tinh_so: 10 dòng, ngưỡng 50–400" in " ".join(text.split())


def test_a_band_of_an_older_reading_marks_nothing() -> None:
    """The office failed tonight: the ledger's last reading is not tonight's."""
    failed = OfficeOutcome("ha_tinh", Verdict.FAILED, error="gone")
    text = night_page(PLAN.night_on, NightOutcome("r", (failed,)), OFFICES)
    assert "1.300–4.000" in text
    assert "thấp" not in text


def test_a_first_night_has_no_last_time_and_no_band() -> None:
    held = OfficeOutcome("quang_tri", Verdict.HELD, error="0 rows")
    offices = {"quang_tri": report.OfficeReport("quang_tri", "BHXH tỉnh Quảng Trị")}
    text = night_page(PLAN.night_on, NightOutcome("r", (held,)), offices)
    assert "chưa lần nào" in text
    assert "None" not in text


def test_the_artifacts_say_the_same() -> None:
    table = artifacts.night_table(OUTCOME, OFFICES)
    assert [row["Kết quả"] for row in table] == ["‖ tạm giữ", "✓ đã cập nhật"]
    assert table[1]["Ngưỡng"] == "1.300–4.000 ▼ thấp"
    assert table[1]["Cách ly mới/đang giữ"] == "2/6"
    assert len(table[0]) <= 9
    text = artifacts.night_text(PLAN, OUTCOME)
    assert "(‖ tạm giữ: 1, ✓ đã cập nhật: 1)" in text
    held = artifacts.office_text(OUTCOME.offices[1], OFFICES["quang_tri"])
    assert held.index("hỏi lại cơ quan") < held.index("> 0 rows")
    assert "ha_tinh_so: 10 dòng" in artifacts.office_text(
        OUTCOME.offices[0], OFFICES["ha_tinh"]
    )


def test_page_needs_no_network_and_fits_a_phone() -> None:
    text = night_page(PLAN.night_on, OUTCOME, OFFICES)
    page = Page(text)
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert not {"src", "href"} & {name for name, _ in page.attributes}
    assert "url(" not in text
    assert "http" not in text
    assert ("name", "viewport") in page.attributes
    assert ("charset", "utf-8") in page.attributes
    assert ("lang", "vi") in page.attributes


def test_writing_again_replaces_and_leaves_no_half_file(tmp_path: Path) -> None:
    first = report.write_night(tmp_path, PLAN, OUTCOME, OFFICES)
    better = replace(OUTCOME, offices=OUTCOME.offices[:1])
    assert report.write_night(tmp_path, PLAN, better, OFFICES) == first
    assert sorted(p.name for p in first.parent.iterdir()) == [
        "night.html",
        "night.json",
    ]
    assert "đã cập nhật đầy đủ" in first.read_text(encoding="utf-8")


def test_a_write_that_fails_leaves_the_old_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = report.write_night(tmp_path, PLAN, OUTCOME, OFFICES)
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        report.write_night(tmp_path, PLAN, replace(OUTCOME, offices=()), OFFICES)
    assert path.read_bytes() == before


def test_a_broken_equation_is_shown_as_broken() -> None:
    wrong = OfficeOutcome("ha_tinh", Verdict.PUBLISHED, Counts(rows_read=5))
    text = night_page(PLAN.night_on, NightOutcome("run-1", (wrong,)), {})
    assert "Dòng: đã đọc 5 ≠ đã ánh xạ 0" in Page(text).text
    assert 'class="equation broken"' in text


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_a_name_or_an_error_holds_stays_text(name: str, error: str) -> None:
    office = OfficeOutcome("ha_tinh", Verdict.FAILED, error=error)
    offices = {"ha_tinh": report.OfficeReport("ha_tinh", name)}
    page = Page(night_page(PLAN.night_on, NightOutcome("r", (office,)), offices))
    empty = Page(
        night_page(
            PLAN.night_on,
            NightOutcome("r", (replace(office, error="x" if error else ""),)),
            {"ha_tinh": report.OfficeReport("ha_tinh", "x")},
        )
    )
    assert page.tags == empty.tags


@given(st.integers(min_value=0, max_value=10**12))
def test_numbers_read_the_vietnamese_way(value: int) -> None:
    text = number(value)
    assert int(text.replace(".", "")) == value
    assert re.fullmatch(r"\d{1,3}(\.\d{3})*", text)


@given(st.builds(Counts, *[st.integers(0, 5)] * 13))
def test_the_sign_of_an_equation_is_the_ledgers_own(counts: Counts) -> None:
    rows, found = equations(counts)
    assert (rows.sign == "=") == counts.rows_balance()
    assert (found.sign == "=") == counts.records_balance()
