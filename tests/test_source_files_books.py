"""XLS, ODS and pages of HTML as programs really write them, and what is none."""

import io
import json
import random
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import polars as pl
import pytest
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TableCellProperties, TextProperties
from odf.table import CoveredTableCell, Table, TableCell, TableColumn, TableRow
from odf.text import P, S

from connectors.errors import SourceError
from connectors.sources.base import FilesStream
from expectations.frames import FONTS, LOCATOR
from tests import hand_made as made
from tests.test_source_files_xlsx import frame_of, values

XLS = FilesStream("*.xls", "xls")
ODS = FilesStream("*.ods", "ods")
MOMENT = datetime(2026, 1, 31, 8, 9, 10)  # noqa: DTZ001 - a workbook has no zone


def xls_style(number: str = "General", font: str = "Arial") -> xlwt.XFStyle:
    style = xlwt.XFStyle()
    style.num_format_str, style.font.name = number, font
    return style


@pytest.mark.parametrize("is_1904", [False, True])
def test_cells_of_xls(tmp_path: Path, is_1904: bool) -> None:
    book = xlwt.Workbook()
    book.dates_1904 = is_1904
    sheet = book.add_sheet("Sổ")
    rows: list[tuple[object, xlwt.XFStyle]] = [
        (12345678901, xls_style()),
        (0.1 + 0.2, xls_style()),
        (1090012345, xls_style("000000000000")),
        (True, xls_style()),
        (date(2016, 2, 29), xls_style("DD/MM/YYYY")),
        (MOMENT, xls_style("DD/MM/YYYY HH:MM:SS")),
        (time(8, 30), xls_style("HH:MM")),
        (" Đơn ", xls_style()),
    ]
    sheet.write(0, 0, "a")
    for at, (value, style) in enumerate(rows, start=1):
        if is_1904 and isinstance(value, date):
            # xlwt itself counts from 1900 always.
            days = (value.date() if isinstance(value, datetime) else value).toordinal()
            shift = days - date(1904, 1, 1).toordinal()
            hours = (8 * 3600 + 9 * 60 + 10) / 86400 if value is MOMENT else 0
            value = shift + hours
        sheet.write(at, 0, value, style)
    book.save(str(tmp_path / "so.xls"))
    assert frame_of(tmp_path, XLS)["a"].to_list() == [
        "12345678901",
        "0.3",
        "001090012345",
        "true",
        "2016-02-29",
        "2026-01-31 08:09:10",
        "08:30:00" if not is_1904 else "1904-01-01 08:30:00",
        " Đơn ",
    ]


def test_fonts_merged_headers_and_sheets_of_xls(tmp_path: Path) -> None:
    book = xlwt.Workbook(encoding="latin-1")
    sheet = book.add_sheet("Q1")
    abc, vni = xls_style(font=".VnTime"), xls_style(font="VNI-Times")
    sheet.write_merge(0, 0, 0, 1, "Ng­êi göi", abc)
    sheet.write(1, 0, "Tªn", abc)
    sheet.write(1, 1, "Ñòa chæ", vni)
    sheet.write(2, 0, "NguyÔn", abc)
    sheet.write(2, 1, "xaõ", vni)
    plain = xlwt.Font()
    old = xlwt.Font()
    plain.name, old.name = "Arial", ".VnTime"
    sheet.write_rich_text(3, 0, [("NguyÔn", old), (" 1", plain)])
    book.add_sheet("Sheet2")  # Excel's blank ones
    book.add_sheet("Sheet3")
    book.save(str(tmp_path / "so.xls"))
    frame = frame_of(tmp_path, FilesStream("*.xls", "xls", header_rows=2))
    assert frame.columns[:2] == ["Người gửi / Tên", "Người gửi / Địa chỉ"]
    assert values(frame) == [("NguyÔn", "xaõ"), ("NguyÔn 1", None)]
    assert [json.loads(f) for f in frame[FONTS]] == [
        {"Người gửi / Tên": "tcvn3", "Người gửi / Địa chỉ": "vni"},
        {"Người gửi / Tên": "tcvn3"},
    ]


def test_a_damaged_xls_is_an_error_that_names_it(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    for at in range(200):
        sheet.write(at, 0, f"dòng {at}")
    book.save(str(tmp_path / "so.xls"))
    whole = (tmp_path / "so.xls").read_bytes()
    for end in range(600, len(whole) - 2000, 1100):
        (tmp_path / "so.xls").write_bytes(whole[:end])
        with pytest.raises(SourceError, match=r"so\.xls is not a whole"):
            frame_of(tmp_path, XLS)


@pytest.mark.parametrize("seed", range(40))
def test_garbage_in_an_xls_is_an_error_or_rows_never_another_exception(
    tmp_path: Path, seed: int
) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    for at in range(50):
        sheet.write(at, 0, f"dòng {at}", xls_style(font=".VnTime"))
        sheet.write(at, 1, at, xls_style("DD/MM/YYYY"))
    book.save(str(tmp_path / "so.xls"))
    body = bytearray((tmp_path / "so.xls").read_bytes())
    for step in range(20):
        at = (seed * 7919 + step * 104729) % len(body)
        body[at] = (body[at] + seed + step * 37 + 1) % 256
    (tmp_path / "so.xls").write_bytes(body)
    try:
        frame_of(tmp_path, XLS)
    except SourceError as error:
        assert "so.xls" in str(error)  # noqa: PT017 - either is right


def ods(folder: Path, *rows: list[TableCell], book: OpenDocumentSpreadsheet) -> None:
    table = Table(name="Sổ")
    for row in rows:
        line = TableRow()
        for cell in row:
            line.addElement(cell)
        table.addElement(line)
    book.spreadsheet.addElement(table)
    book.save(str(folder / "so.ods"))


def said(text: str, **more: object) -> TableCell:
    cell = TableCell(valuetype="string", **more)
    cell.addElement(P(text=text))
    return cell


def test_cells_of_ods(tmp_path: Path) -> None:
    spaced = TableCell(valuetype="string")
    line = P(text="a")
    line.addElement(S(c=3))
    line.addText("b")
    spaced.addElement(line)
    padded = TableCell(valuetype="float", value="1090012345")
    padded.addElement(P(text="001090012345"))
    cells = [
        said("Cột"),
        TableCell(valuetype="float", value="1.2345678901E10"),
        TableCell(valuetype="float", value="0.30000000000000004"),
        padded,
        TableCell(valuetype="date", datevalue="2016-02-29"),
        TableCell(valuetype="date", datevalue="2026-01-31T08:09:10"),
        TableCell(valuetype="time", timevalue="PT08H30M00S"),
        TableCell(valuetype="boolean", booleanvalue="true"),
        TableCell(valuetype="percentage", value="0.5"),
        said("#N/A", formula="of:=NA()"),
        TableCell(formula="of:=[.A1]"),
        spaced,
    ]
    ods(tmp_path, *([cell] for cell in cells), book=OpenDocumentSpreadsheet())
    assert frame_of(tmp_path, ODS)["Cột"].to_list() == [
        "12345678901",
        "0.3",
        "001090012345",
        "2016-02-29",
        "2026-01-31 08:09:10",
        "08:30:00",
        "true",
        "0.5",
        "#N/A",
        "#UNCACHED!",
        "a   b",
    ]


def test_repeated_cells_and_rows_of_ods_are_all_there_and_blank_ones_are_not(
    tmp_path: Path,
) -> None:
    table = Table(name="Sổ")
    table.addElement(TableColumn(numbercolumnsrepeated=1024))
    for cells, repeated in (
        ([said("a"), said("b"), said("c")], 1),
        ([said("x", numbercolumnsrepeated=2), said("y")], 2),
        ([TableCell(numbercolumnsrepeated=1024)], 3),
        ([said("z"), TableCell(numbercolumnsrepeated=1023)], 1),
        ([TableCell(numbercolumnsrepeated=1024)], 1048000),
    ):
        row = TableRow(numberrowsrepeated=repeated)
        for cell in cells:
            row.addElement(cell)
        table.addElement(row)
    book = OpenDocumentSpreadsheet()
    book.spreadsheet.addElement(table)
    book.save(str(tmp_path / "so.ods"))
    frame = frame_of(tmp_path, ODS)
    assert values(frame) == [("x", "x", "y"), ("x", "x", "y"), ("z", None, None)]
    assert frame[LOCATOR].to_list() == [f"so.ods!Sổ!R{n}" for n in (2, 3, 7)]


def test_a_row_of_ods_that_comes_a_million_times_is_a_bomb(tmp_path: Path) -> None:
    table = Table(name="Sổ")
    for text, repeated in (("a", 1), ("x", 1048575)):
        row = TableRow(numberrowsrepeated=repeated)
        row.addElement(said(text))
        table.addElement(row)
    book = OpenDocumentSpreadsheet()
    book.spreadsheet.addElement(table)
    book.save(str(tmp_path / "so.ods"))
    with pytest.raises(SourceError, match="row 2 is said to come 1048575 times"):
        frame_of(tmp_path, ODS)


def test_fonts_and_merged_headers_of_ods(tmp_path: Path) -> None:
    book = OpenDocumentSpreadsheet()
    abc = Style(name="abc", family="table-cell")
    abc.addElement(TextProperties(fontfamily=".VnTime"))
    child = Style(name="child", family="table-cell", parentstylename=abc)
    child.addElement(TableCellProperties(backgroundcolor="#ffffff"))
    book.styles.addElement(abc)
    book.automaticstyles.addElement(child)
    ods(
        tmp_path,
        [
            said("Ng­êi göi", stylename=child, numbercolumnsspanned=2),
            CoveredTableCell(),
        ],
        [said("Tªn", stylename=abc), said("Nơi")],
        [said("NguyÔn", stylename=child), said("Huế")],
        book=book,
    )
    frame = frame_of(tmp_path, FilesStream("*.ods", "ods", header_rows=2))
    assert frame.columns[:2] == ["Người gửi / Tên", "Người gửi / Nơi"]
    assert frame[FONTS].to_list() == ['{"Người gửi / Tên": "tcvn3"}']


ASP_NET = """<meta http-equiv="Content-Type" content="text/html; charset={}">
<div><table border='1'><tr><td colspan=3><b>SỔ ĐƠN</b></td></tr>
<tr><th rowspan="2">Số</th><th colspan="2">Người&nbsp;gửi</th></tr>
<tr><th>Tên</th><th>Địa
 chỉ</th></tr>
<tr><td>007<td style='font-family:.VnTime'>NguyÔn<td>thôn 1<br>xã&amp;huyện</tr>
<tr><td>&nbsp;</td><td></td><td> </td></tr>
<tr><td>8</td><td rowspan=2>A</td><td>B</td></tr><tr><td>9</td><td>C</td></tr>
</table></div>"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_page_of_html_called_xls_is_read(tmp_path: Path, encoding: str) -> None:
    page = ASP_NET.format("utf-8").encode(encoding)
    (tmp_path / "so.xls").write_bytes(page)
    read = FilesStream("*.xls", "xls", skip_rows=1, header_rows=2)
    frame = frame_of(tmp_path, read)
    assert frame.columns[:3] == ["Số", "Người gửi / Tên", "Người gửi / Địa chỉ"]
    assert values(frame) == [
        ("007", "NguyÔn", "thôn 1\nxã&huyện"),
        ("8", "A", "B"),
        ("9", None, "C"),
    ]
    assert frame[FONTS][0] == '{"Người gửi / Tên": "tcvn3"}'
    assert frame[LOCATOR][0] == "so.xls!table 1!R4"


def test_an_xlsx_called_xls_is_read_for_what_it_is(tmp_path: Path) -> None:
    made.book(tmp_path / "so.xls", made.rows([made.text("a")], [made.text("1")]))
    assert values(frame_of(tmp_path, XLS)) == [("1",)]


def encrypted() -> bytes:
    """An OLE file as Excel makes of a workbook with a password, as far as it is told:
    its directory names the stream."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(2000)
        + ("EncryptedPackage".encode("utf-16-le") + bytes(2000))
    )


def encrypted_ods() -> bytes:
    out = io.BytesIO()
    manifest = (
        '<manifest:manifest xmlns:manifest="m"><manifest:file-entry>'
        "<manifest:encryption-data/></manifest:file-entry></manifest:manifest>"
    )
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("content.xml", b"\x01\x02")
        package.writestr("META-INF/manifest.xml", manifest)
    return out.getvalue()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"So\tTen\r\n1\tA\r\n", 'is delimited text.*set format = "csv"'),
        ("Số\tTên\r\n1\tA\r\n".encode("utf-16"), "is delimited text"),
        (b"%PDF-1.7 ...", "is a PDF"),
        (b"MIME-Version: 1.0\r\n", "is a single-file web page"),
        (b"Rar!\x1a\x07\x00", "is an archive other than ZIP"),
        (
            b'<?xml version="1.0"?><Workbook '
            b'xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "is an XML Spreadsheet 2003",
        ),
        (encrypted(), "is protected by a password"),
        (encrypted_ods(), "is protected by a password"),
        (b"\x00\x01\x02\x03", "is not a whole"),
        (b"<html><body>Phien lam viec da het</body></html>", "is not a whole"),
    ],
)
def test_what_is_no_workbook_is_named(
    tmp_path: Path, body: bytes, message: str
) -> None:
    (tmp_path / "so.xls").write_bytes(body)
    with pytest.raises(SourceError, match=rf"so\.xls {message}"):
        frame_of(tmp_path, XLS)


def test_a_workbook_called_csv_is_named(tmp_path: Path) -> None:
    made.book(tmp_path / "so.csv", made.rows([made.text("a")]))
    with pytest.raises(SourceError, match=r"so\.csv is an \.xlsx workbook"):
        frame_of(tmp_path, FilesStream("*.csv", "csv"))


def three_sheets(folder: Path) -> None:
    one, other = ([[made.text("a")], [made.text(n)]] for n in ("1", "2"))
    sheets = {
        "Quý 1": made.sheet(made.rows(*one)),
        "Danh mục": made.sheet(made.rows([made.text("b")], [made.text("x")])),
        "Quý 2": made.sheet(made.rows(*other)),
        "Quý 3": made.sheet(""),
    }
    found = made.parts(sheets)
    hidden = found["xl/workbook.xml"].replace(
        'sheetId="3"', 'sheetId="3" state="hidden"'
    )
    made.save(folder / "so.xlsx", found | {"xl/workbook.xml": hidden})


def test_a_pattern_takes_each_sheet_that_fits_and_skips_a_blank_one(
    tmp_path: Path,
) -> None:
    three_sheets(tmp_path)
    frame = frame_of(tmp_path, FilesStream("*.xlsx", "xlsx", sheet="quý *"))
    assert frame["a"].to_list() == ["1", "2"]
    assert frame[LOCATOR].to_list() == ["so.xlsx!Quý 1!R2", "so.xlsx!Quý 2!R2"]


def test_a_pattern_over_sheets_with_other_columns_gives_each_its_own(
    tmp_path: Path,
) -> None:
    three_sheets(tmp_path)
    with pytest.raises(pl.exceptions.ShapeError):
        frame_of(tmp_path, FilesStream("*.xlsx", "xlsx", sheet="*"))


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_the_header_is_found_under_titles_of_any_height(
    tmp_path: Path, ending: str
) -> None:
    for titles in (0, 1, 7):
        rows = [["SỔ THEO DÕI", ""]] * titles + [["Số  ĐƠN", "Tên"], ["1", "A"]]
        if ending == "xlsx":
            cells = [[made.text(c) for c in row] for row in rows]
            made.book(tmp_path / "so.xlsx", made.rows(*cells))
        else:
            text = "\n".join(",".join(row) for row in rows)
            (tmp_path / "so.csv").write_text(text, encoding="utf-8")
        read = FilesStream(
            f"*.{ending}",
            "xlsx" if ending == "xlsx" else "csv",
            header="(?i)^số đơn$",
        )
        frame = frame_of(tmp_path, read)
        assert frame.columns[:2] == ["Số ĐƠN", "Tên"]
        assert values(frame) == [("1", "A")]
        missing = FilesStream(read.glob, read.format, header="Không có")
        with pytest.raises(SourceError, match="no header; expected a row in which"):
            frame_of(tmp_path, missing)


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_a_file_without_a_header_takes_the_names_of_the_preset(
    tmp_path: Path, ending: str
) -> None:
    rows = [["Tiêu đề", ""], ["1", "A"], ["2", "B"]]
    if ending == "xlsx":
        cells = [[made.text(c) if c else "" for c in row] for row in rows]
        made.book(tmp_path / "so.xlsx", made.rows(*cells))
    else:
        text = "\n".join(",".join(row) for row in rows)
        (tmp_path / "so.csv").write_text(text, encoding="utf-8")
    read = FilesStream(
        f"*.{ending}",
        "xlsx" if ending == "xlsx" else "csv",
        skip_rows=1,
        header_rows=0,
        columns=("Số", "Tên"),
    )
    assert frame_of(tmp_path, read).columns[:2] == ["Số", "Tên"]
    assert values(frame_of(tmp_path, read)) == [("1", "A"), ("2", "B")]


def test_a_header_merged_to_the_last_row_names_one_column(tmp_path: Path) -> None:
    body = made.rows(
        [made.text("Số"), made.text("Ghi chú")], [made.text("1"), made.text("x")]
    )
    xml = made.sheet(body, after='<mergeCells><mergeCell ref="B1:XFD1"/></mergeCells>')
    made.save(tmp_path / "so.xlsx", made.parts({"Sổ": xml}))
    frame = frame_of(tmp_path)
    assert frame.columns[:3] == ["Số", "Ghi chú", "kntc:row"]


XML = made.sheet(
    made.rows(
        [made.text("Số"), 't="s"><v>0</v>', 's="3" ' + made.text("®¬n")],
        ["><v>12.5</v>", 't="s"><v>1</v>', 's="1"><v>45000</v>'],
        ["><f>A1</f><v>3</v>", 't="e"><v>#N/A</v>', 't="b"><v>1</v>'],
    ),
    after='<mergeCells><mergeCell ref="A1:A1"/></mergeCells>',
)
SHARED = (
    '<si><t>b</t></si><si><r><rPr><rFont val=".VnTime"/></rPr><t>NguyÔn</t></r></si>'
)


def hostile(base: dict[str, str], seed: int) -> dict[str, str | bytes]:
    """The parts with some signs, digits and marks changed."""
    chance = random.Random(seed)
    found: dict[str, str | bytes] = {}
    for name, part in base.items():
        body = bytearray(part.encode())
        for _ in range(chance.choice((0, 0, 1, 3))):
            at = chance.randrange(len(body) + 1)
            body[at : at + chance.choice((0, 1, 5))] = chance.choice(
                (
                    b"",
                    b"9999999999",
                    b"-1",
                    b"&#0;",
                    b"<",
                    b'"',
                    b"\xff",
                    b"A",
                    b"_xD800_",
                )
            )
        found[name] = bytes(body)
    return found


@pytest.mark.parametrize("seeds", [range(n, n + 100) for n in range(0, 600, 100)])
def test_whatever_stands_in_the_parts_ends_in_rows_or_an_error_that_names_the_file(
    tmp_path: Path, seeds: range
) -> None:
    base = made.parts({"Sổ": XML}, shared=SHARED)
    made.save(tmp_path / "so.xlsx", base)
    assert frame_of(tmp_path).columns[:3] == ["Số", "b", "đơn"]
    for seed in seeds:
        made.save(tmp_path / "so.xlsx", hostile(base, seed))
        try:
            frame_of(tmp_path, FilesStream("*.xlsx", "xlsx", sheet="*"))
        except SourceError as error:
            assert "so.xlsx" in str(error)  # noqa: PT017 - either is right


@pytest.mark.parametrize("seeds", [range(n, n + 100) for n in range(0, 300, 100)])
def test_whatever_stands_in_an_ods_or_a_page_ends_in_rows_or_an_error(
    tmp_path: Path, seeds: range
) -> None:
    cells = [said("a", numbercolumnsrepeated=2), TableCell(valuetype="date")]
    ods(tmp_path, cells, [said("b"), said("c")], book=OpenDocumentSpreadsheet())
    with zipfile.ZipFile(tmp_path / "so.ods") as package:
        base = {name: package.read(name).decode() for name in package.namelist()}
    kept = {name: part for name, part in base.items() if part}
    for seed in seeds:
        made.save(tmp_path / "so.ods", hostile(kept, seed))
        page = hostile({"so.xls": ASP_NET.format("utf-8")}, seed)["so.xls"]
        assert isinstance(page, bytes)
        (tmp_path / "so.xls").write_bytes(page)
        for read in (ODS, XLS):
            try:
                frame_of(tmp_path, read)
            except SourceError as error:
                assert read.glob[1:] in str(error)  # noqa: PT017
