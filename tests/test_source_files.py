"""Drop folders: CSV and workbooks as offices really leave them."""

import csv
import io
import os
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.errors import KntcError, SourceError, TransientError
from connectors.sources.base import (
    Deadline,
    FilesAt,
    FilesStream,
    RawBatch,
    SourceSpec,
    Stream,
)
from connectors.sources.files import delimited
from connectors.sources.files.reader import FilesSource
from expectations.frames import LOCATOR, RAW, REJECT, ROW

CSV = FilesStream("*.csv", "csv")
XLSX = FilesStream("*.xlsx", "xlsx")


def batches_of(
    folder: Path, read: FilesStream, batch_rows: int = 20_000, max_mib: int = 64
) -> Iterator[RawBatch]:
    at = FilesAt(folder, max_mib)
    spec = SourceSpec("quang_tri", "qt_tep", "files", at, (), batch_rows=batch_rows)
    stream = Stream("don", read)
    return FilesSource(spec).extract(stream, None, None, Deadline.after(60))


def frame_of(folder: Path, read: FilesStream = CSV) -> pl.DataFrame:
    return pl.concat([b.frame for b in batches_of(folder, read)])


def values(frame: pl.DataFrame) -> list[tuple[str | None, ...]]:
    return frame.select(pl.exclude(ROW, LOCATOR, REJECT, RAW)).rows()


def write(folder: Path, text: str | bytes, encoding: str = "utf-8") -> None:
    body = text if isinstance(text, bytes) else text.encode(encoding)
    (folder / "don.csv").write_bytes(body)


def save(folder: Path, rows: list[list[object]], *merges: str) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Sổ đơn"
    for row in rows:
        sheet.append(row)
    for merge in merges:
        sheet.merge_cells(merge)
    path = folder / "so_don.xlsx"
    book.save(path)
    return path


def test_cells_stay_as_written(tmp_path: Path) -> None:
    write(tmp_path, ' Số đơn ,Tên,Ghi chú\n007, An ,""\n1e5,"a,b","x ""y""\nz"\n')
    frame = frame_of(tmp_path)
    assert frame.columns == ["Số đơn", "Tên", "Ghi chú", ROW, LOCATOR, REJECT, RAW]
    assert values(frame) == [("007", " An ", None), ("1e5", "a,b", 'x "y"\nz')]
    assert frame[LOCATOR].to_list() == ["don.csv!L2", "don.csv!L3"]
    assert frame[ROW].to_list() == [0, 1]
    assert frame[REJECT].null_count() == 2


def test_a_row_with_the_wrong_number_of_cells_is_rejected_alone(tmp_path: Path) -> None:
    write(tmp_path, "a,b,c\n1,2,3\n4,5\n\n6,7,8,9\n10,11,12\n")
    frame = frame_of(tmp_path)
    assert values(frame) == [
        ("1", "2", "3"),
        (None, None, None),
        (None, None, None),
        ("10", "11", "12"),
    ]
    assert frame[REJECT].to_list() == [
        None,
        "2 cells, header has 3",
        "4 cells, header has 3",
        None,
    ]
    assert [loc.rpartition("L")[2] for loc in frame[LOCATOR]] == ["2", "3", "5", "6"]


@pytest.mark.parametrize("fault", ['x,"never closed,z', 'x,"closed"then text,z'])
def test_a_stray_quote_costs_one_row(tmp_path: Path, fault: str) -> None:
    good = "".join(f'{i},"ô {i}\nhai",c\n' for i in range(20))
    write(tmp_path, "a,b,c\n" + good + fault + "\n" + good)
    frame = frame_of(tmp_path)
    assert frame.height == 41
    rejected = frame.filter(pl.col(REJECT).is_not_null())
    assert rejected[LOCATOR].to_list() == ["don.csv!L42"]
    assert values(frame)[21:] == values(frame)[:20]


def test_a_quote_inside_an_unquoted_cell_is_text(tmp_path: Path) -> None:
    write(tmp_path, 'a,b\nống 5",x\n1,2\n')
    assert values(frame_of(tmp_path)) == [('ống 5"', "x"), ("1", "2")]


def test_undecodable_bytes_reject_their_row(tmp_path: Path) -> None:
    write(tmp_path, "a,b\n1,Đơn\n".encode() + b"2,\xd0\xff\n" + b"3,x\n")
    frame = frame_of(tmp_path)
    assert values(frame) == [("1", "Đơn"), (None, None), ("3", "x")]
    assert frame[REJECT][1] == "not utf-8"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1258"]
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_declared_encodings_are_read(
    tmp_path: Path, encoding: str, line_end: str
) -> None:
    # cp1258 holds tone marks as signs of their own.
    text = 'Số,Tên\n1,"Đơn"\n2,Trần\n'.replace("\n", line_end)
    if encoding == "cp1258":
        text = 'Sô,Tên\n1,"Đơn"\n2,Trâ\u0300n\n'.replace("\n", line_end)
    write(tmp_path, text, encoding)
    read = FilesStream("*.csv", "csv", encoding=encoding)
    frame = frame_of(tmp_path, read)
    assert frame.columns[1] == "Tên"
    expected = "Trâ\u0300n" if encoding == "cp1258" else "Trần"
    assert values(frame) == [("1", "Đơn"), ("2", expected)]


def test_utf16_declared_as_utf8_is_said(tmp_path: Path) -> None:
    write(tmp_path, "a,b\n1,2\n", "utf-16")
    with pytest.raises(SourceError, match="begins with the mark of UTF-16"):
        frame_of(tmp_path)


def test_a_byte_that_the_code_page_lacks_rejects_its_row(tmp_path: Path) -> None:
    write(tmp_path, b"a,b\n1,x\n2,\x8a\n")
    frame = frame_of(tmp_path, FilesStream("*.csv", "csv", encoding="cp1258"))
    assert values(frame) == [("1", "x"), (None, None)]
    assert frame[REJECT][1] == "not cp1258"


def test_half_a_utf16_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    write(tmp_path, "a,b\n1,2\n".encode("utf-16") + b"\x00")
    with pytest.raises(SourceError, match=r"don\.csv is not utf-16"):
        frame_of(tmp_path, FilesStream("*.csv", "csv", encoding="utf-16"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "tcvn3", "utf-16"])
@pytest.mark.parametrize(
    ("rows", "line"), [("a", 1), ("a,b\n1,2\n", 3), ("a,b\n" + "1,2\n" * 9, 11)]
)
def test_zero_bytes_where_rows_were_are_said_with_their_line(
    tmp_path: Path, encoding: str, rows: str, line: int
) -> None:
    """What a copy leaves that broke off: the right size, and zeros behind a point."""
    lost = b"\0" * 600
    write(tmp_path, rows.encode(encoding) + lost)
    read = FilesStream("*.csv", "csv", encoding=encoding)
    with pytest.raises(
        SourceError, match=rf"don\.csv.* zero bytes from line {line} on"
    ):
        frame_of(tmp_path, read)
    write(tmp_path, rows.encode(encoding) + lost + "5,6\n".encode(encoding)[-8:])
    with pytest.raises(SourceError, match="zero bytes"):
        frame_of(tmp_path, read)


def test_a_stray_zero_byte_is_the_trouble_of_its_cell(tmp_path: Path) -> None:
    write(tmp_path, b"a,b\n1,x\0y\n2,z\n")
    assert values(frame_of(tmp_path)) == [("1", "x\0y"), ("2", "z")]


def test_title_rows_two_header_rows_and_a_footer(tmp_path: Path) -> None:
    text = (
        "SỔ ĐƠN\n\nNgười gửi;Người gửi;Ngày\nTên;Địa chỉ;Ngày\nA;B;C\nTổng: 1\nX;Y;Z\n"
    )
    write(tmp_path, text)
    read = FilesStream(
        "*.csv", "csv", delimiter=";", skip_rows=2, header_rows=2, footer="^Tổng"
    )
    frame = frame_of(tmp_path, read)
    assert frame.columns[:3] == ["Người gửi / Tên", "Người gửi / Địa chỉ", "Ngày"]
    assert values(frame) == [("A", "B", "C")]
    assert frame[LOCATOR].to_list() == ["don.csv!L5"]


def test_headers_that_fold_to_one_name_are_an_error(tmp_path: Path) -> None:
    write(tmp_path, "Số đơn,x, số ĐƠN\n1,2,3\n")
    with pytest.raises(SourceError, match="columns 1 and 3 have the same name"):
        frame_of(tmp_path)


def test_a_blank_header_is_named_by_its_place(tmp_path: Path) -> None:
    write(tmp_path, "a,,c\n1,2,3\n")
    assert frame_of(tmp_path).columns[:3] == ["a", "column 2", "c"]


def test_an_empty_register_says_its_columns_and_an_empty_file_is_an_error(
    tmp_path: Path,
) -> None:
    write(tmp_path, "a,b\n")
    (batch,) = batches_of(tmp_path, CSV)
    assert batch.frame.columns[:2] == ["a", "b"]
    assert batch.frame.height == 0
    assert batch.frame.schema[ROW] == pl.UInt32()
    write(tmp_path, "")
    with pytest.raises(SourceError, match="no header"):
        frame_of(tmp_path)


def test_files_come_by_name_and_keep_their_own_columns(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("a,c\n3,4\n")
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    (tmp_path / "~$a.csv").write_text("lock")
    (tmp_path / "c.csv.part").write_text("half")
    batches = list(batches_of(tmp_path, FilesStream("*.csv*", "csv")))
    assert [b.frame.columns[:2] for b in batches] == [["a", "b"], ["a", "c"]]


def test_no_folder_and_no_file_are_errors_without_the_path(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "gone"):
        with pytest.raises(SourceError) as caught:
            list(batches_of(folder, CSV))
        assert str(tmp_path) not in str(caught.value)


def test_a_file_that_grows_while_it_is_read_is_not_taken(tmp_path: Path) -> None:
    write(tmp_path, "a,b\n1,2\n3,4\n")
    batches = batches_of(tmp_path, CSV, batch_rows=1)
    next(batches)
    with (tmp_path / "don.csv").open("a") as more:
        more.write("5,6\n")
    with pytest.raises(TransientError, match="still being written"):
        list(batches)


def test_batches_have_the_size_asked_for(tmp_path: Path) -> None:
    write(tmp_path, "a,b\n" + "".join(f"{i},x\n" for i in range(250)))
    batches = list(batches_of(tmp_path, CSV, batch_rows=100))
    assert [b.frame.height for b in batches] == [100, 100, 50]
    assert batches[1].frame[ROW].to_list() == list(range(100))
    assert [v for b in batches for v in b.frame["a"]] == [str(i) for i in range(250)]


# No lone CR: the csv module's writer does not quote it and its reader refuses it.
signs = st.sampled_from(["a", "b", '"', "\n", "\r\n", ",", " ", "Đ", "\u0300"])
cells = st.lists(signs, max_size=5).map("".join)


@given(
    rows=st.lists(st.tuples(cells, cells, cells), max_size=12),
    line_end=st.sampled_from(["\n", "\r\n"]),
    block=st.integers(1, 40),
)
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_what_the_csv_module_wrote_comes_back(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rows: list[tuple[str, str, str]],
    line_end: str,
    block: int,
) -> None:
    monkeypatch.setattr(delimited, "BLOCK_BYTES", block)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=line_end)
    writer.writerows([("a", "b", "c"), *rows])
    write(tmp_path, out.getvalue())
    frame = frame_of(tmp_path)
    assert frame[REJECT].null_count() == frame.height
    filled = [row for row in rows if "".join(row).strip()]
    assert values(frame) == [tuple(c or None for c in row) for row in filled]


@given(
    body=st.text(st.sampled_from('ab"\n\r,Đ'), max_size=60),
    block=st.integers(1, 70),
)
@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_cut_of_the_blocks_changes_nothing_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, block: int
) -> None:
    tail = "\nz1,z2\n"  # a record of its own after any rubbish, unless quoted
    write(tmp_path, "h1,h2\n" + body + tail)
    monkeypatch.setattr(delimited, "BLOCK_BYTES", block)
    small = frame_of(tmp_path)
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 1 << 20)
    large = frame_of(tmp_path)
    assert small.equals(large)
    whole = large.filter(pl.col(REJECT).is_null())
    if '"' not in body:
        assert values(whole)[-1] == ("z1", "z2")
        lines = [
            line for line in body.split("\n") if line.removesuffix("\r").strip(",")
        ]
        assert large.height == len(lines) + 1


def test_a_sheet_is_read_as_text(tmp_path: Path) -> None:
    local = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - a workbook knows no zone
    rows: list[list[object]] = [
        ["Số", "Ngày", "Tiền", "Lúc", "Lỗi"],
        ["007", date(2026, 1, 2), 12, local, "#N/A"],
        [" a ", "02/01/2026", 12.5, None, True],
    ]
    save(tmp_path, rows)
    frame = frame_of(tmp_path, XLSX)
    assert values(frame) == [
        ("007", "2026-01-02", "12", "2026-01-02 03:04:05", "#N/A"),
        (" a ", "02/01/2026", "12.5", None, "true"),
    ]
    assert frame[LOCATOR].to_list() == [
        "so_don.xlsx!Sổ đơn!R2",
        "so_don.xlsx!Sổ đơn!R3",
    ]


def test_merged_headers_titles_blank_rows_and_a_footer(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["SỔ THEO DÕI ĐƠN"],
        ["Số", "Người gửi", None, "Ngày nhận", None],
        [None, "Họ tên", " Địa chỉ", None, None],
        ["1", "A", "B", "C", None],
        [None, None, None, None, None],
        ["2", "D", "E", "F", "thừa"],
        ["Tổng cộng", None, None, None, None],
        ["3", "x", "y", "z", None],
    ]
    save(tmp_path, rows, "A1:D1", "A2:A3", "B2:C2", "D2:D3")
    read = FilesStream(
        "*.xlsx", "xlsx", skip_rows=1, header_rows=2, footer="^Tổng cộng"
    )
    frame = frame_of(tmp_path, read)
    assert frame.columns[:5] == [
        "Số",
        "Người gửi / Họ tên",
        "Người gửi / Địa chỉ",
        "Ngày nhận",
        "column 5",
    ]
    assert values(frame) == [("1", "A", "B", "C", None), ("2", "D", "E", "F", "thừa")]
    assert [loc.rpartition("!")[2] for loc in frame[LOCATOR]] == ["R4", "R6"]


def test_a_table_that_begins_at_another_cell_keeps_its_row_numbers(
    tmp_path: Path,
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["C4"], sheet["D4"], sheet["C5"], sheet["D5"] = "Người", None, "Tên", "Nơi"
    sheet["C6"], sheet["D6"] = "A", "B"
    sheet.merge_cells("C4:D4")
    book.save(tmp_path / "so_don.xlsx")
    frame = frame_of(
        tmp_path, FilesStream("*.xlsx", "xlsx", skip_rows=3, header_rows=2)
    )
    assert frame.columns[:2] == ["Người / Tên", "Người / Nơi"]
    assert values(frame) == [("A", "B")]
    assert frame[LOCATOR][0].endswith("!R6")


def test_several_sheets_need_a_name(tmp_path: Path) -> None:
    path = save(tmp_path, [["a"], ["1"]])
    book = openpyxl.load_workbook(path)
    book.create_sheet("Khác").append(["b"])
    book.save(path)
    with pytest.raises(SourceError, match=r"2 sheets with rows \(Sổ đơn, Khác\)"):
        frame_of(tmp_path, XLSX)
    with pytest.raises(SourceError, match="has no sheet Nope"):
        frame_of(tmp_path, FilesStream("*.xlsx", "xlsx", sheet="Nope"))
    frame = frame_of(tmp_path, FilesStream("*.xlsx", "xlsx", sheet="Sổ đơn"))
    assert values(frame) == [("1",)]


def test_a_damaged_workbook_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = save(tmp_path, [["a"], ["1"]])
    whole = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(whole)) as parts:
        names = [n for n in parts.namelist() if n != "xl/worksheets/sheet1.xml"]
        kept = {name: parts.read(name) for name in names}
    with zipfile.ZipFile(path, "w") as out:
        for name, part in kept.items():
            out.writestr(name, part)
    broken = [path.read_bytes(), whole[:500], b"", whole[:-200]]
    for body in broken:
        path.write_bytes(body)
        with pytest.raises(SourceError, match=r"so_don\.xlsx is not a whole"):
            frame_of(tmp_path, XLSX)


def test_a_workbook_over_the_cap_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = save(tmp_path, [["a"], ["1"]])
    with path.open("ab") as file:
        file.write(os.urandom(1100 << 10))
    with pytest.raises(SourceError, match="the limit is 1 MiB"):
        list(batches_of(tmp_path, XLSX, max_mib=1))


def test_a_sheet_without_rows_says_its_columns(tmp_path: Path) -> None:
    save(tmp_path, [["a", "b"]])
    (batch,) = batches_of(tmp_path, XLSX)
    assert batch.frame.columns[:2] == ["a", "b"]
    assert batch.frame.height == 0


@pytest.mark.parametrize("rows", [[], [[None, None]]])
def test_a_sheet_without_a_header_is_an_error(
    tmp_path: Path, rows: list[list[object]]
) -> None:
    save(tmp_path, rows)
    with pytest.raises(KntcError, match="no header"):
        frame_of(tmp_path, XLSX)


@pytest.mark.parametrize("below", [30, 31, 40_000])
def test_a_subtotal_that_the_footer_fits_loses_no_rows_silently(
    below: int, tmp_path: Path
) -> None:
    rows = ["a,b", "1,x", "Cộng,1", *(f"{n},y" for n in range(below))]
    (tmp_path / "so.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    read = FilesStream("*.csv", "csv", footer="^Cộng")
    if below <= 30:
        assert frame_of(tmp_path, read)["a"].to_list() == ["1"]
        return
    with pytest.raises(SourceError, match="more than 30 rows stand below"):
        frame_of(tmp_path, read)
