"""Hand-worked deadlines, with the article that gives each."""

from datetime import date

import polars as pl
import pytest

from expectations import deadlines
from tests.valid_records import VALUES, valid

D = date


def _due(record_type: str, **changes: object) -> tuple[object, str | None]:
    """The due date and its basis for the valid record, changed."""
    row = deadlines.clocks(record_type, valid(record_type, **changes)).row(
        0, named=True
    )
    return row["due_date"], row["due_basis"]


@pytest.mark.parametrize(
    ("received", "due"),
    [
        # TTHC xử lý đơn: 10 days from receipt; BLDS Arts. 147-148 for the last day.
        (D(2026, 7, 6), D(2026, 7, 16)),  # Thursday
        (D(2026, 7, 8), D(2026, 7, 20)),  # the 18th is a Saturday
        (D(2026, 4, 17), D(2026, 4, 28)),  # 27/4 is Hùng Kings' day, observed
        (D(2026, 4, 20), D(2026, 5, 4)),  # 30/4, 01/5, then a weekend
        (D(2026, 2, 6), D(2026, 2, 23)),  # Tết 16-20/02, then a weekend
        (D(2025, 12, 23), D(2026, 1, 5)),  # 02/01/2026 is off by the swap
        (D(2025, 12, 31), D(2026, 1, 10)),  # Saturday 10/01/2026 is worked
        (D(2026, 8, 12), D(2026, 8, 22)),  # Saturday 22/8/2026 is worked
        (D(2024, 4, 24), D(2024, 5, 4)),  # Saturday 04/5/2024 was worked
        (D(2026, 11, 14), D(2026, 11, 25)),  # 24/11: Vietnam Cultural Day from 2026
        (D(2025, 11, 14), D(2025, 11, 24)),  # but not in 2025
    ],
)
def test_a_petition_is_processed_in_ten_days(received: date, due: date) -> None:
    found, basis = _due("petition", received_date=received)
    assert (found, basis) == (due, deadlines.PETITION_BASIS)


@pytest.mark.parametrize(
    ("instance", "is_remote", "is_complex", "due", "article"),
    [
        # From acceptance on Friday 10/7/2026.
        (1, False, False, D(2026, 8, 10), "28"),  # 30: 09/8 is a Sunday
        (1, False, True, D(2026, 8, 24), "28"),  # 45
        (1, True, False, D(2026, 8, 24), "28"),  # 45
        (1, True, True, D(2026, 9, 8), "28"),  # 60
        (2, False, False, D(2026, 8, 24), "37"),  # 45
        (2, False, True, D(2026, 9, 8), "37"),  # 60
        (2, True, False, D(2026, 9, 8), "37"),  # 60
        (2, True, True, D(2026, 9, 18), "37"),  # 70
    ],
)
def test_a_complaint_is_settled_by_instance_place_and_complexity(
    instance: int, is_remote: bool, is_complex: bool, due: date, article: str
) -> None:
    found, basis = _due(
        "complaint_case", instance=instance, is_remote=is_remote, is_complex=is_complex
    )
    assert (found, basis) == (due, f"Luật Khiếu nại Art. {article}")


@pytest.mark.parametrize(
    ("spans", "due"),
    [
        # Amending law in force 01/7/2026: suspended time does not count. Both ends do.
        ([(D(2026, 7, 20), D(2026, 7, 29))], D(2026, 8, 19)),  # 30 + 10
        ([(D(2026, 7, 20), D(2026, 7, 20))], D(2026, 8, 10)),  # 30 + 1
        (
            [(D(2026, 7, 20), D(2026, 7, 24)), (D(2026, 8, 3), D(2026, 8, 7))],
            D(2026, 8, 19),
        ),
        ([(D(2026, 6, 20), D(2026, 6, 29))], D(2026, 8, 10)),  # before the law: counts
        ([(D(2026, 6, 22), D(2026, 7, 10))], D(2026, 8, 19)),  # only 01-10/7
        ([], D(2026, 8, 10)),
    ],
)
def test_suspended_days_are_added_from_the_first_of_july_2026(
    spans: list[tuple[date, date]], due: date
) -> None:
    items = [{"from": a, "to": b, "ground": "lý do"} for a, b in spans]
    assert _due("complaint_case", suspensions=items)[0] == due


def test_an_open_suspension_stops_the_clock_and_says_so() -> None:
    items = [{"from": D(2026, 7, 20), "to": None, "ground": "lý do"}]
    due, basis = _due("complaint_case", suspensions=items)
    assert due is None
    assert basis == "Luật Khiếu nại Art. 28; suspended: clock stopped"


@pytest.mark.parametrize(
    ("extensions", "due"),
    [
        # Luật Tố cáo Art. 30, from acceptance on Tuesday 14/7/2026.
        (0, D(2026, 8, 13)),  # 30
        (1, D(2026, 9, 14)),  # 60: 12/9 is a Saturday
        (2, D(2026, 10, 12)),  # 90
        (3, D(2026, 10, 12)),  # a third has no ground in law
    ],
)
def test_a_denunciation_is_settled_by_its_extensions(
    extensions: int, due: date
) -> None:
    items = [{"no": i, "decision_no": "1/QĐ", "date": None} for i in range(extensions)]
    found = _due("denunciation_case", extensions=items)
    assert found == (due, deadlines.DENUNCIATION_BASIS)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        (D(2026, 7, 6), 7, D(2026, 7, 15)),  # Luật Tố cáo Art. 24(1)
        (D(2026, 7, 6), 10, D(2026, 7, 20)),  # Luật Tố cáo Art. 24(1), several places
        (D(2026, 2, 13), 3, D(2026, 2, 25)),  # Luật Khiếu nại Art. 32, over Tết
        (D(2026, 7, 11), 5, D(2026, 7, 17)),  # Luật Tố cáo Art. 29(3), from a Saturday
        (D(2025, 4, 24), 2, D(2025, 4, 26)),  # Saturday 26/4/2025 was worked
        (D(2026, 1, 8), 2, D(2026, 1, 10)),  # Saturday 10/01/2026 is worked
    ],
)
def test_working_days_are_counted_on_the_official_calendar(
    start: date, days: int, due: date
) -> None:
    found = deadlines.due_after(pl.Series([start, None]), days, "working")
    assert found.to_list() == [due, None]


def test_a_year_without_calendar_moves_nothing_and_says_so() -> None:
    due, basis = _due("petition", received_date=D(2019, 7, 3))  # due on a Saturday
    assert due == D(2019, 7, 13)
    assert basis == f"{deadlines.PETITION_BASIS}; {deadlines.NO_CALENDAR}"
    late = pl.Series([D(2019, 7, 3), D(2027, 12, 28)])
    assert deadlines.due_after(late, 5, "working").null_count() == 2
    assert deadlines.due_after(late, 10, "calendar").null_count() == 2


def test_no_start_no_clock() -> None:
    assert _due("complaint_case", accepted_date=None) == (None, None)
    assert _due("petition", received_date=None) == (None, None)
    assert _due("complaint_case", instance=None)[0] is None
    assert _due("recovery") == (None, None)


def test_an_unknown_place_gets_the_ordinary_limit_and_says_so() -> None:
    due, basis = _due("complaint_case", is_remote=None)
    assert due == D(2026, 8, 10)
    assert basis is not None
    assert "unknown" in basis


@pytest.mark.parametrize(
    ("day", "regime"),
    [
        (D(2026, 6, 30), "pre-20260701"),
        (D(2026, 7, 1), "from-20260701"),
        (None, None),
    ],
)
def test_the_event_date_chooses_the_law(day: date | None, regime: str | None) -> None:
    clocks = deadlines.clocks("petition", valid("petition", received_date=day))
    assert clocks["legal_regime"].to_list() == [regime]
    names = ["record_id", "due_date", "due_basis", "legal_regime", "effective_date"]
    assert clocks.columns == names


@pytest.mark.parametrize("record_type", list(VALUES))
def test_every_record_type_has_the_same_columns_and_only_its_own_clocks(
    record_type: str,
) -> None:
    clocks = deadlines.clocks(record_type, valid(record_type))
    expected = {
        "record_id": pl.String,
        "due_date": pl.Date,
        "due_basis": pl.String,
        "legal_regime": pl.String,
        "effective_date": pl.Date,
    }
    assert clocks.schema == pl.Schema(expected)
    has_clock = {"petition", "complaint_case", "denunciation_case"}
    assert (clocks["due_date"].null_count() == 0) is (record_type in has_clock)
    assert (clocks["effective_date"].null_count() == 0) is (record_type == "decision")


def test_a_reception_waits_ten_days_for_its_result_and_no_longer() -> None:
    # Luật Tiếp công dân Art. 28: 30/7/2026 is a Thursday.
    waiting = _due("reception", result=None)
    assert waiting == (D(2026, 7, 30), deadlines.RECEPTION_BASIS)
    assert _due("reception") == (None, None)


@pytest.mark.parametrize(
    ("doc_type", "doc_date", "effective"),
    [
        # Luật Khiếu nại Art. 44: 30 days after issue, whatever day that is.
        ("qd_giai_quyet_1", D(2026, 8, 5), D(2026, 9, 4)),
        ("qd_giai_quyet_2", D(2026, 8, 6), D(2026, 9, 5)),  # a Saturday
        ("qd_giai_quyet_1", None, None),
        ("ket_luan_to_cao", D(2026, 8, 5), None),
        (None, D(2026, 8, 5), None),
    ],
)
def test_a_decision_that_settles_a_complaint_takes_effect(
    doc_type: str | None, doc_date: date | None, effective: date | None
) -> None:
    frame = valid("decision", doc_type=doc_type, doc_date=doc_date)
    assert deadlines.clocks("decision", frame)["effective_date"].to_list() == [
        effective
    ]


def test_a_report_and_a_unit_live_under_the_law_of_their_event() -> None:
    report = deadlines.clocks("periodic_report", valid("periodic_report"))
    assert report["legal_regime"].to_list() == ["pre-20260701"]
    decision = deadlines.clocks("decision", valid("decision"))
    assert decision["legal_regime"].to_list() == ["from-20260701"]
    enforcement = deadlines.clocks("enforcement", valid("enforcement"))
    assert enforcement["legal_regime"].to_list() == [None]


def test_the_calendar_covers_2022_to_2027_without_contradiction() -> None:
    table = deadlines.holidays()
    assert table["date"].is_unique().all()
    assert set(table["kind"]) == {"off", "work"}
    assert set(table["date"].dt.year()) == set(range(2022, 2028))
    worked = table.filter(kind="work")["date"]
    assert (worked.dt.weekday() >= 6).all()
