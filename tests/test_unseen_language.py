"""What the preset language learnt from products that nobody had seen."""

import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from config.conditions import Section
from connectors.errors import SourceError
from connectors.sources.base import Deadline, FilesAt, FilesStream, SourceSpec, Stream
from connectors.sources.files.reader import FilesSource
from connectors.sources.peek.peeking import peek
from expectations.frames import LOCATOR, REJECT, ROW
from flows.engine.discover.discovering import discover
from flows.engine.discover.report_forms import form_code
from flows.engine.discover.toml_text import text_of
from flows.engine.normalise.cells import Carry, Cells, fill_down, under_sections
from flows.engine.normalise.text import Cleaned
from flows.engine.normalise.times import read_dates, read_instants

ZONE = "Asia/Ho_Chi_Minh"


def dates(texts: list[str], formats: list[str]) -> list[date | None]:
    return read_dates(pl.Series(texts), formats, ZONE).value.to_list()


def test_two_digits_of_a_year_are_left_to_the_format_that_has_two() -> None:
    texts = ["05/01/26", "05/01/2026"]
    day = date(2026, 1, 5)
    assert dates(texts, ["%d/%m/%Y", "%d/%m/%y"]) == [day, day]
    assert dates(texts, ["%d/%m/%y", "%d/%m/%Y"]) == [day, day]
    assert dates(texts, ["%d/%m/%Y"]) == [None, day]


def test_a_time_behind_a_day_is_no_harm() -> None:
    texts = ["05/01/2026 23:59:00", "05/01/2026", "05/01/2026 7:05 PM"]
    forms = ["%d/%m/%Y %H:%M:%S", "%d/%m/%Y", "%d/%m/%Y %I:%M %p"]
    assert dates(texts, forms) == [date(2026, 1, 5)] * 3


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("1767200400", "epoch"),
        ("1767200400.5", "epoch"),
        ("1767200400000", "epoch_ms"),
        ("/Date(1767200400000)/", "epoch_ms"),
        ("/Date(1767200400000+0700)/", "epoch_ms"),
    ],
)
def test_a_moment_as_a_number_is_the_day_it_was_there(text: str, form: str) -> None:
    assert dates([text], [form]) == [date(2026, 1, 1)]
    moment = read_instants(pl.Series([text]), [form], ZONE).value[0]
    assert moment.replace(microsecond=0) == datetime(2025, 12, 31, 17, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026", "1767200400000", "17672004000000000", "x"])
def test_a_year_or_the_wrong_unit_is_no_moment(text: str) -> None:
    reading = read_dates(pl.Series([text]), ["epoch"], ZONE)
    assert reading.value.to_list() == [None]
    assert [fault.rule for fault in reading.faults] == ["date_unreadable"]


def read_csv(folder: Path, text: str, read: FilesStream) -> pl.DataFrame:
    (folder / "so_2026_03.csv").write_text(text, encoding="utf-8")
    streams = (Stream("don", read),)
    spec = SourceSpec("t", "t", "files", FilesAt(folder), streams, 30, 1, 2)
    batches = FilesSource(spec).extract(streams[0], None, None, Deadline.after(30))
    return pl.concat([batch.frame for batch in batches])


TITLES = {
    "Từ": "Từ ngày ([0-9/]+)",
    "Tháng": "_([0-9]{2})[.]csv$",
    "Quý": "Quý ([IV]+)",
}
CSV = FilesStream("*.csv", "csv", header="^Số$", titles=TITLES)


def test_titles_above_the_header_and_the_files_name_are_columns(tmp_path: Path) -> None:
    text = 'Sổ đơn\n"Từ ngày 01/03/2026, đến ngày 31/03/2026"\nSố,Tên\n1,a\n2,b\n3,c\n'
    frame = read_csv(tmp_path, text, CSV)
    assert frame["Từ"].to_list() == ["01/03/2026"] * 3
    assert frame["Tháng"].to_list() == ["03"] * 3
    assert "Quý" not in frame.columns  # nowhere to be found: drift says it is missing
    assert frame["Tên"].to_list() == ["a", "b", "c"]


def test_a_title_never_overwrites_a_column_of_the_table(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="titles names a column"):
        read_csv(tmp_path, "x\nSố,tháng\n1,4\n", CSV)


def test_a_footer_is_found_however_its_tones_are_written(tmp_path: Path) -> None:
    read = FilesStream("*.csv", "csv", footer="^Cộng")
    frame = read_csv(tmp_path, "Số,Tên\n1,a\nC\u00f4\u0323ng: 1,\n", read)
    assert frame["Số"].to_list() == ["1"]


def test_blank_cells_beyond_the_header_are_none(tmp_path: Path) -> None:
    text = "Số,Tên\n1,a,\n2,b,, \n3,c,d\n4\n"
    frame = read_csv(tmp_path, text, FilesStream("*.csv", "csv"))
    assert frame["Tên"].to_list() == ["a", "b", None, None]
    told = ["3 cells, header has 2", "1 cells, header has 2"]
    assert frame[REJECT].to_list() == [None, None, *told]


def under(numbers: list[str | None], places: list[str], carry: Carry) -> pl.Series:
    section = Section(
        name="Nhóm", column="Số", pattern=r"^[IVX]+[.] *(.+)$", reason="nhóm"
    )
    place = pl.DataFrame({ROW: list(range(len(numbers))), LOCATOR: places})
    cells = Cells(place, {"Số": Cleaned(pl.Series(numbers, dtype=pl.String))})
    return fill_down(under_sections(cells, [section]), carry).text("Nhóm")


def test_a_heading_speaks_for_the_rows_below_it_over_batches_not_over_sheets() -> None:
    carry = Carry({"Nhóm": None})
    first = under(["9", "I. KN", "1"], ["a!S!R1", "a!S!R2", "a!S!R3"], carry)
    assert first.to_list() == [None, "KN", "KN"]
    second = under(["2", "II. TC", "3"], ["a!S!R4", "a!S!R5", "a!S!R6"], carry)
    assert second.to_list() == ["KN", "TC", "TC"]
    third = under(["4", None], ["b!S!R1", "b!S!R2"], carry)
    assert third.to_list() == [None, None]


def test_discover_takes_no_form_from_a_title_that_names_none() -> None:
    assert form_code(["THỐNG KÊ NHẬP LIỆU", "Từ ngày 15/03/2018"]) is None
    found = form_code(["Tổng hợp kết quả tiếp công dân"])
    assert found is not None
    assert found[0] == "01/TCD"


def test_discover_takes_no_day_in_words_for_a_signature(tmp_path: Path) -> None:
    rows = [
        f"Ngày {n:02} tháng 3 năm 2026;Khiếu nại;Nội dung {n}" for n in range(1, 29)
    ]
    path = tmp_path / "so.csv"
    text = "\n".join(["Ngày nhận;Loại đơn;Nội dung", *rows, "Người lập;;", ""])
    path.write_text(text, encoding="utf-8")
    toml = text_of(discover(peek(path)))
    assert 'date_formats = ["words"]' in toml
    assert "footer" not in toml or "gày" not in toml.split("footer")[1].split("\n")[0]


def test_the_register_of_an_archive_is_its_largest_table(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "so.zip", "w") as out:
        out.writestr("a ghi chu.txt", "doc truoc")
        out.writestr("so.csv", "Số đơn,Ngày nhận\n1,05/01/2026\n2,13/01/2026\n")
    assert peek(tmp_path / "so.zip").member == "so.csv"
