"""Dates that offices write: serial numbers, words, two digits of a year, no day."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from config.formats import completed, date_faults
from expectations.frames import CURSOR
from flows.engine.normalise.times import read_dates, read_instants
from tests.golden.made import one_field, preset, read, record

ZONE = "Asia/Ho_Chi_Minh"


def _dates(
    texts: list[str], *formats: str, years_from: int | None = None
) -> list[object]:
    made = {"column": "c", "formats": list(formats)}
    keys: dict[str, object] = {"two_digit_years_from": years_from}
    return one_field("written_date", texts, "petition", made, **keys)[0]


def test_serial_numbers_count_from_1900_with_the_day_that_never_was() -> None:
    texts = ["1", "59", "60", "61", "45215", "45215.5", "45215,75", "0", "2958465"]
    values, found = one_field(
        "written_date", texts, field_map={"column": "c", "formats": ["excel"]}
    )
    assert values == [
        date(1900, 1, 1),
        date(1900, 2, 28),
        None,
        date(1900, 3, 1),
        date(2023, 10, 16),
        date(2023, 10, 16),
        date(2023, 10, 16),
        None,
        None,  # 9999-12-31 cannot be held everywhere
    ]
    assert [rule for rule, _, _ in found] == ["date_unreadable"] * 3


def test_serial_numbers_of_old_macintosh_files_count_from_1904() -> None:
    texts = ["0", "60", "43753", "43753.25", "-1", "9999999"]
    expected = [date(1904, 1, 1), date(1904, 3, 1), *[date(2023, 10, 16)] * 2]
    assert _dates(texts, "excel_1904") == [*expected, None, None]


@pytest.mark.parametrize("form", ["excel", "excel_1904"])
def test_a_year_that_somebody_typed_is_no_serial_number(form: str) -> None:
    assert _dates(["1900", "2023", "2100", "2023.0"], form) == [None] * 4
    assert None not in _dates(["1899", "2101", "2023.5"], form)


@settings(max_examples=50, deadline=None)
@given(st.dates(date(1904, 1, 2), date(9999, 12, 30)), st.floats(0, 0.999))
def test_both_epochs_give_the_day_that_a_workbook_shows(day: date, part: float) -> None:
    epochs = {"excel": date(1899, 12, 30), "excel_1904": date(1904, 1, 1)}
    for form, start in epochs.items():
        serial = (day - start).days
        if serial > 60 and not 1900 <= serial <= 2100:
            text = pl.Series([str(serial), f"{serial + part:.10f}"])
            assert read_dates(text, [form], ZONE).value.to_list() == [day, day]


def test_a_serial_time_is_that_of_the_zone_to_the_millisecond() -> None:
    text = pl.Series(["45215.5", "45215.9999999999", "45215", "60.5"])
    at = datetime(2023, 10, 15, 17, tzinfo=UTC)
    assert read_instants(text, ["excel"], ZONE).value.to_list() == [
        at + timedelta(hours=12),
        at + timedelta(hours=24),
        at,
        None,
    ]


def test_a_cursor_of_serial_numbers_is_a_change_time() -> None:
    made = preset([record("petition", {})], cursor="c", time_formats=["excel"])
    frame = read(made, {"c": ["45215.25"]}).frames["petition"]
    assert frame[CURSOR].to_list() == [datetime(2023, 10, 15, 23, tzinfo=UTC)]


@pytest.mark.parametrize(
    "text",
    [
        "ngày 05 tháng 3 năm 2026",
        "NGÀY 05 THÁNG 3 NĂM 2026",
        "Ngày 5 tháng 03 năm 2026.",
        "5 tháng 3 năm 2026",
        "ngày 5 tháng ba, năm 2026",
        "Đông Hà, ngày  05  tháng  3  năm  2026",
        "Quận 1, TP. HCM, ngày 05 tháng 3 năm 2026",
        "Thứ năm, ngày 5 tháng Ba năm 2026",
        "nga\u0300y 5 tha\u0301ng 3 na\u0306m 2026",
    ],
)
def test_a_date_in_words_is_read(text: str) -> None:
    assert _dates([text], "words") == [date(2026, 3, 5)]


def test_months_in_words_are_those_of_the_solar_year() -> None:
    names = ["một", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười"]
    names += ["mười một", "mười hai"]
    texts = [f"ngày 7 tháng {name} năm 2025" for name in names]
    assert _dates(texts, "words") == [date(2025, n, 7) for n in range(1, 13)]
    strange = ["ngày 7 tháng giêng năm 2025", "ngày 7 tháng chạp năm 2025"]
    strange += ["ngày 31 tháng 2 năm 2026", "ngày ... tháng ... năm 2026", "năm 2026"]
    strange += ["ngày 5 tháng 3 năm 20266", "ngày 115 tháng 3 năm 2026"]
    assert _dates(strange, "words") == [None] * 7


def test_two_digits_of_a_year_lie_in_the_window_that_the_preset_says() -> None:
    texts = ["16/10/23", "1/2/29", "1/2/30", "31/12/99", "29/02/00", "29/2/04"]
    assert _dates(texts, "%d/%m/%y", years_from=1930) == [
        date(2023, 10, 16),
        date(2029, 2, 1),
        date(1930, 2, 1),
        date(1999, 12, 31),
        date(2000, 2, 29),
        date(2004, 2, 29),
    ]
    assert _dates(["29/02/00", "1/2/30"], "%d/%m/%y", years_from=1900) == [
        None,  # 1900 was no leap year
        date(1930, 2, 1),
    ]
    assert _dates(["1/2/68", "1/2/69"], "%d/%m/%y")[0] == date(2068, 2, 1)
    both = ("%d/%m/%y", "%d/%m/%Y")
    assert _dates(["1/2/68", "1/2/1949"], *both, years_from=1950) == [
        date(1968, 2, 1),
        date(1949, 2, 1),  # said with four digits: no window
    ]


def test_a_month_or_year_alone_is_its_first_day_only_when_the_field_says_so() -> None:
    source = {"column": "c", "formats": ["%d/%m/%Y", "%m/%Y", "%Y"]}
    values, found = one_field(
        "written_date", ["16/10/2023", "10/2023", "2023", "13/2023"], field_map=source
    )
    assert values == [date(2023, 10, 16), date(2023, 10, 1), date(2023, 1, 1), None]
    assert found == [
        ("date_rounded", "written_date", "text of 7 characters"),
        ("date_rounded", "written_date", "4 digits"),
        ("date_unreadable", "written_date", "text of 7 characters"),
    ]
    with pytest.raises(ValidationError, match="says no day"):
        preset([record("petition", {})], date_formats=["%Y"])


@pytest.mark.parametrize("form", ["%d/%m", "%H:%M", "dd/mm/yyyy", "", "%q", "words2"])
def test_what_reads_no_date_is_no_format(form: str) -> None:
    assert completed(form) is None
    assert list(date_faults([form], partial=True))


def test_words_are_no_format_of_times() -> None:
    with pytest.raises(ValidationError, match="strptime"):
        preset([record("petition", {})], time_formats=["words"])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("0123456789.,/ngàytháămTHÁNG ", max_size=30), max_size=8))
def test_no_text_is_too_strange_for_a_format(texts: list[str]) -> None:
    text = pl.Series(texts, dtype=pl.String)
    formats = ["excel", "excel_1904", "words", "%d/%m/%y", "%m/%Y", "%Y"]
    read = read_dates(text, formats, ZONE, 1900)
    assert len(read.value) == len(text)
    read.value.to_list()
    assert len(read_instants(text, ["excel"], ZONE).value) == len(text)
