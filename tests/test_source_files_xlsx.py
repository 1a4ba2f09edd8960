"""XLSX as programs really write them: dates, numbers, lies, missing parts, fonts."""

import json
from datetime import date, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from connectors.errors import SourceError
from connectors.sources.base import Deadline, FilesAt, FilesStream, SourceSpec, Stream
from connectors.sources.files.reader import FilesSource
from expectations.frames import FONTS, LOCATOR, RAW, REJECT, ROW
from tests import hand_made as made

XLSX = FilesStream("*.xlsx", "xlsx")


def frame_of(folder: Path, read: FilesStream = XLSX) -> pl.DataFrame:
    spec = SourceSpec("quang_tri", "qt_tep", "files", FilesAt(folder), ())
    source = FilesSource(spec)
    stream = Stream("don", read)
    batches = source.extract(stream, None, None, Deadline.after(60))
    return pl.concat([b.frame for b in batches])


def values(frame: pl.DataFrame) -> list[tuple[str | None, ...]]:
    own = [ROW, LOCATOR, REJECT, RAW, FONTS]
    return frame.select(pl.exclude(own)).rows()


def column(folder: Path, *cells: str, **more: str | None) -> list[str | None]:
    """What the cells, below a header, are read as; blank rows are no rows."""
    body = made.rows([made.text("Cột")], *([cell] for cell in cells))
    made.book(folder / "so.xlsx", body, **more)
    return frame_of(folder)["Cột"].to_list()


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("><v>12345678901</v>", "12345678901"),
        ("><v>1.2345678901E10</v>", "12345678901"),
        ("><v>1.2345678901000000E+10</v>", "12345678901"),
        ("><v>1090012345678901</v>", "1090012345678901"),
        ("><v>1.2345678901234567E+19</v>", "12345678901234567000"),
        ("><v>0.30000000000000004</v>", "0.3"),
        ("><v>12.5</v>", "12.5"),
        ("><v>-7</v>", "-7"),
        ("><v>1E-7</v>", "0.0000001"),
        ("><v>1500.0</v>", "1500"),
        ('s="6"><v>1090012345</v>', "001090012345"),
        ('s="6"><v>12.5</v>', "12.5"),
        ('s="8"><v>15</v>', "15"),
        ('t="b"><v>1</v>', "true"),
        ('t="b"><v>0</v>', "false"),
        ('t="e"><v>#DIV/0!</v>', "#DIV/0!"),
        ('t="d" s="1"><v>2026-01-31T00:00:00</v>', "2026-01-31"),
        ('t="d" s="2"><v>2026-01-31T08:09:10</v>', "2026-01-31 08:09:10"),
        ('t="str"><f>A1</f><v>ô x_x000D_y</v>', "ô x\ry"),
        ("><f>A1+1</f><v>42</v>", "42"),
    ],
)
def test_a_cell_says_what_the_office_sees(
    tmp_path: Path, cell: str, expected: str
) -> None:
    assert column(tmp_path, cell) == [expected]


@pytest.mark.parametrize(
    ("serial", "style", "expected"),
    [
        ("45688", 1, "2025-01-31"),
        ("45688.5", 2, "2025-01-31 12:00:00"),
        ("45688.999999", 2, "2025-01-31 23:59:59.914"),
        ("45688.34027777778", 2, "2025-01-31 08:10:00"),
        ("1", 1, "1900-01-01"),
        ("59", 1, "1900-02-28"),
        ("60", 1, "1900-02-29"),  # Lotus's day, which no calendar has
        ("61", 1, "1900-03-01"),
        ("2958465", 1, "9999-12-31"),
        ("2958466", 1, "2958466"),
        ("-1", 1, "-1"),
        ("0.5", 2, "12:00:00"),
        ("1.5", 7, "36:00:00"),
    ],
)
def test_serial_dates_of_the_1900_epoch(
    tmp_path: Path, serial: str, style: int, expected: str
) -> None:
    assert column(tmp_path, f's="{style}"><v>{serial}</v>') == [expected]


@pytest.mark.parametrize(
    ("serial", "expected"), [("0", "1904-01-01"), ("44226", "2025-01-31")]
)
def test_serial_dates_of_the_1904_epoch(
    tmp_path: Path, serial: str, expected: str
) -> None:
    properties = '<workbookPr date1904="1"/>'
    cell = f's="1"><v>{serial}</v>'
    assert column(tmp_path, cell, properties=properties) == [expected]


@pytest.mark.parametrize("is_1904", [False, True])
def test_dates_of_both_epochs_that_openpyxl_wrote(
    tmp_path: Path, is_1904: bool
) -> None:
    book = openpyxl.Workbook()
    if is_1904:
        book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    assert sheet is not None
    moment = datetime(2026, 1, 31, 8, 9, 10)  # noqa: DTZ001 - a workbook has no zone
    sheet.append(["Ngày", "Lúc"])
    sheet.append([date(2016, 2, 29), moment])
    book.save(tmp_path / "so.xlsx")
    assert values(frame_of(tmp_path)) == [("2016-02-29", "2026-01-31 08:09:10")]


@pytest.mark.parametrize("cell", ["><f>B1</f>", "><f>B1</f><v></v>", "><f>B1</f><v/>"])
def test_a_formula_without_its_result_is_no_empty_cell(
    tmp_path: Path, cell: str
) -> None:
    assert column(tmp_path, cell) == ["#UNCACHED!"]


def test_a_formula_that_openpyxl_wrote_is_said(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Số"])
    sheet.append(["=1+1"])
    book.save(tmp_path / "so.xlsx")
    assert values(frame_of(tmp_path)) == [("#UNCACHED!",)]


def test_a_formula_whose_result_is_empty_is_empty(tmp_path: Path) -> None:
    cells = ('t="str"><f>B1</f><v></v>', text_cell("x"))
    assert column(tmp_path, *cells) == ["x"]


def text_cell(value: str) -> str:
    return made.text(value)


def test_rich_text_is_joined_and_phonetic_guides_are_left_out(tmp_path: Path) -> None:
    shared = (
        "<si><r><t>Đơn </t></r><r><rPr><b/></rPr><t>số 1</t></r>"
        '<rPh sb="0" eb="2"><t>đọc</t></rPh><phoneticPr fontId="1"/></si>'
        '<si><t xml:space="preserve"> giữ </t></si>'
    )
    inline = 't="inlineStr"><is><r><t>a</t></r><r><t>b</t></r><rPh><t>c</t></rPh></is>'
    cells = ('t="s"><v>0</v>', 't="s"><v>1</v>', inline)
    assert column(tmp_path, *cells, shared=shared) == ["Đơn số 1", " giữ ", "ab"]


@pytest.mark.parametrize("dimension", ["A1", "A1:XFD1048576", "B7:B8", "nonsense"])
def test_a_dimension_that_lies_changes_nothing(tmp_path: Path, dimension: str) -> None:
    body = made.rows([text_cell("a")], *([text_cell(str(i))] for i in range(1000)))
    xml = made.sheet(body, before=f'<dimension ref="{dimension}"/>')
    made.save(tmp_path / "so.xlsx", made.parts({"Sổ": xml}))
    assert frame_of(tmp_path)["a"].to_list() == [str(i) for i in range(1000)]


def test_a_stray_cell_at_the_far_end_costs_no_memory(tmp_path: Path) -> None:
    far = f'<row r="1048576"><c r="XFD1048576" {text_cell("x")}</c></row>'
    body = made.rows([text_cell("a")], [text_cell("1")]) + far
    made.book(tmp_path / "so.xlsx", body)
    frame = frame_of(tmp_path)
    assert frame.columns[:2] == ["a", "column 16384"]
    assert values(frame) == [("1", None), (None, "x")]
    assert frame[LOCATOR].to_list() == ["so.xlsx!Sổ!R2", "so.xlsx!Sổ!R1048576"]


def test_cells_and_rows_that_do_not_say_their_place(tmp_path: Path) -> None:
    body = (
        f"<row><c {text_cell('a')}</c><c {text_cell('b')}</c></row>"
        "<row><c/><c><v>2</v></c><c><v>3</v></c></row>"
    )
    made.book(tmp_path / "so.xlsx", body)
    frame = frame_of(tmp_path)
    assert frame.columns[:3] == ["a", "b", "column 3"]
    assert values(frame) == [(None, "2", "3")]


def test_a_column_of_styles_alone_and_a_title_aside_are_no_columns(
    tmp_path: Path,
) -> None:
    body = (
        f'<row r="1"><c r="F1" {text_cell("Mẫu số 01")}</c></row>'
        f'<row r="2"><c r="A2" {text_cell("a")}</c><c r="B2" {text_cell("b")}</c></row>'
        '<row r="3"><c r="A3"><v>1</v></c><c r="D3" s="1"/><c r="E3" s="1"></c></row>'
        f'<row r="4"><c r="A4" {text_cell("Tổng")}</c><c r="F4"><v>9</v></c></row>'
    )
    made.book(tmp_path / "so.xlsx", body)
    read = FilesStream("*.xlsx", "xlsx", skip_rows=1, footer="^Tổng")
    frame = frame_of(tmp_path, read)
    assert frame.columns[:3] == ["a", "b", ROW]
    assert values(frame) == [("1", None)]


@pytest.mark.parametrize(
    "part",
    [
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/worksheets/sheet1.xml",
        "xl/styles.xml",
        "xl/sharedStrings.xml",
    ],
)
def test_a_missing_part_is_said_and_nothing_is_guessed(
    tmp_path: Path, part: str
) -> None:
    body = made.rows(['t="s"><v>0</v>'], ['s="1"><v>45000</v>'])
    found = made.parts({"Sổ": made.sheet(body)}, shared="<si><t>Ngày</t></si>")
    made.save(tmp_path / "so.xlsx", found)
    assert frame_of(tmp_path)["Ngày"].to_list() == ["2023-03-15"]
    del found[part]
    made.save(tmp_path / "so.xlsx", found)
    with pytest.raises(SourceError, match=r"so\.xlsx is not a whole \.xlsx workbook"):
        frame_of(tmp_path)


def test_a_string_that_the_table_lacks_is_damage(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is not a whole"):
        column(tmp_path, 't="s"><v>7</v>', shared="<si><t>a</t></si>")


def test_strict_ooxml_and_prefixed_names(tmp_path: Path) -> None:
    body = made.rows(['t="s"><v>0</v>'], ['s="1" t="d"><v>2026-01-31</v>'])
    found = made.parts(
        {"Sổ": made.sheet(body, name=made.STRICT)},
        shared="<si><t>Ngày</t></si>",
        name=made.STRICT,
        office=made.STRICT_OFFICE,
    )
    made.save(tmp_path / "so.xlsx", found)
    assert frame_of(tmp_path)["Ngày"].to_list() == ["2026-01-31"]
    for part in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"):
        xml = found[part].replace("<?xml", "\0").replace("</", "\1")
        xml = xml.replace("<", "<x:").replace("\1", "</x:").replace("\0", "<?xml")
        found[part] = xml.replace("xmlns=", "xmlns:x=")
    made.save(tmp_path / "so.xlsx", found)
    assert frame_of(tmp_path)["Ngày"].to_list() == ["2026-01-31"]


def test_part_names_in_other_case_and_with_backslashes_are_found(
    tmp_path: Path,
) -> None:
    found = made.parts(
        {"Sổ": made.sheet(made.rows(['t="s"><v>0</v>'], ["><v>1</v>"]))},
        shared="<si><t>a</t></si>",
    )
    renamed = {
        name.replace("sharedStrings.xml", "SharedStrings.xml").replace("/", "\\"): xml
        for name, xml in found.items()
    }
    made.save(tmp_path / "so.xlsx", renamed)
    assert values(frame_of(tmp_path)) == [("1",)]


def test_entities_are_refused(tmp_path: Path) -> None:
    entities = "".join(
        f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "x" * 100}">' for i in range(9)
    )
    body = made.sheet(made.rows([text_cell("a")], [text_cell("&e8;")]))
    xml = body.replace("?>", f"?><!DOCTYPE worksheet [{entities}]>", 1)
    made.save(tmp_path / "so.xlsx", made.parts({"Sổ": xml}))
    with pytest.raises(SourceError, match="declares XML entities"):
        frame_of(tmp_path)


def fonts(folder: Path, *lines: list[str], shared: str | None = None) -> pl.DataFrame:
    made.book(folder / "so.xlsx", made.rows(*lines), shared=shared)
    return frame_of(folder)


def test_the_font_of_a_cell_is_told_and_its_text_left_alone(tmp_path: Path) -> None:
    frame = fonts(
        tmp_path,
        [text_cell("a"), text_cell("b"), text_cell("c")],
        ['s="3" ' + text_cell("NguyÔn"), text_cell("Nguyễn"), ""],
        ["", 's="4" ' + text_cell("nguyÔn"), 's="5" ' + text_cell("Nguyeãn")],
        [text_cell("x"), "", ""],
    )
    assert [json.loads(f) if f else None for f in frame[FONTS]] == [
        {"a": "tcvn3"},
        {"b": "tcvn3_capitals", "c": "vni"},
        None,
    ]
    assert frame["a"][0] == "NguyÔn"


def test_a_header_in_a_legacy_font_is_named_as_it_is_drawn(tmp_path: Path) -> None:
    frame = fonts(
        tmp_path,
        [
            's="3" ' + text_cell("Sè ®¬n"),
            's="5" ' + text_cell("Ngaøy nhaän"),
            's="4" ' + text_cell("stt"),
            's="3" ' + text_cell("Nội dung"),  # Unicode pasted into such a cell
        ],
        ["><v>1</v>", "><v>2</v>", "><v>3</v>", "><v>4</v>"],
    )
    assert frame.columns[:4] == ["Số đơn", "Ngày nhận", "STT", "Nội dung"]


def test_header_and_footer_patterns_read_what_the_font_draws(tmp_path: Path) -> None:
    body = made.rows(
        ['s="3" ' + text_cell("Sæ theo dâi")],
        ['s="3" ' + text_cell("Sè ®¬n")],
        ["><v>1</v>"],
        ['s="3" ' + text_cell("Tæng céng")],
        ["><v>2</v>"],
    )
    made.book(tmp_path / "so.xlsx", body)
    read = FilesStream("*.xlsx", "xlsx", header="^Số đơn$", footer="^Tổng cộng")
    frame = frame_of(tmp_path, read)
    assert frame["Số đơn"].to_list() == ["1"]


def test_the_fonts_of_runs_decide_where_they_agree(tmp_path: Path) -> None:
    run = '<r><rPr><rFont val="{}"/></rPr><t>{}</t></r>'
    shared = "".join(
        f"<si>{''.join(run.format(font, text) for font, text in runs)}</si>"
        for runs in (
            [(".VnTime", "NguyÔn"), ("Arial", " 15 ")],
            [(".VnTime", "NguyÔn"), ("Arial", "Nguyễn")],
            [("Arial", "Nguyễn")],
        )
    )
    shared += "<si><r><t>NguyÔn</t></r></si>"
    frame = fonts(
        tmp_path,
        [text_cell("a")],
        ['t="s"><v>0</v>'],
        ['t="s"><v>1</v>'],
        ['s="3" t="s"><v>2</v>'],
        ['s="3" t="s"><v>3</v>'],
        shared=shared,
    )
    assert frame[FONTS].to_list() == ['{"a": "tcvn3"}', None, None, '{"a": "tcvn3"}']


def test_a_register_without_legacy_fonts_has_no_fonts_column(tmp_path: Path) -> None:
    body = made.rows([text_cell("a")], ["><v>1</v>"])
    made.book(tmp_path / "so.xlsx", body, styles=None)
    assert FONTS not in frame_of(tmp_path).columns
