"""`kntc provinces discover`: a sample of any shape becomes a preset that reads it."""

import json
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P
from openpyxl.styles import Font

import connectors.legacy.codecs  # noqa: F401 - registers tcvn3 and vni
from config.kinds.files import FilesStreamMap
from config.products import load_preset
from config.settings import packaged_config
from connectors.errors import SourceError
from connectors.sources.peek.grid import Grid
from connectors.sources.peek.peeking import peek
from flows.demo import documents
from flows.demo.offices import OFFICES, clean_records, inventor_of
from flows.engine.discover import headers, layout
from flows.engine.discover.lexicon_files import read_rows
from flows.engine.discover.toml_text import text_of
from tests import discover_samples as samples
from tests.discovering import (
    csv_bytes,
    of_columns,
    pairs,
    proposed,
    read_back,
    register,
    right,
    unread,
)

Sheet = list[list[str]]
FILES = ("so_don_thu_csv", "so_don_thu_tinh", "so_tiep_cong_dan", "danh_muc_don_vi",
         "bao_cao_thong_ke")  # fmt: skip
UNSEEN = {
    "thu_hoi": (samples.recoveries(), samples.RECOVERIES, "recovery"),
    "vu_to_cao": (samples.denunciations(), samples.DENUNCIATIONS, "denunciation_case"),
    "export": (samples.complaints_in_english(), samples.COMPLAINTS, "complaint_case"),
    "van_ban": (samples.documents(), samples.DOCUMENTS, "decision"),
    "tiep": (samples.receptions(), samples.RECEPTIONS, "reception"),
}


def cp1258(sheet: Sheet) -> bytes:
    """cp1258 holds letters and tones apart, as Windows writes it."""
    text = csv_bytes(sheet, "utf-8", ";").decode()
    out = []
    for char in unicodedata.normalize("NFC", text):
        try:
            out.append(char.encode("cp1258"))
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", char)
            tones = [c for c in parts if c in "\u0300\u0301\u0303\u0309\u0323"]
            base = "".join(c for c in parts if c not in tones)
            whole = unicodedata.normalize("NFC", base) + "".join(tones)
            out.append(whole.encode("cp1258"))
    return b"".join(out)


def xlsx(path: Path, sheet: Sheet, *merges: str, font: str | None = None) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in sheet:
        page.append([cell or None for cell in row])
    for merge in merges:
        page.merge_cells(merge)
    if font is not None:
        for cells in page.iter_rows():
            for cell in cells:
                cell.font = Font(name=font)
    book.save(path)
    return path


def xls(path: Path, sheet: Sheet, font: str = "Arial") -> Path:
    book = xlwt.Workbook()
    page = book.add_sheet("So don")
    style = xlwt.easyxf(f"font: name {font}")
    for r, row in enumerate(sheet):
        for c, cell in enumerate(row):
            page.write(r, c, cell, style)
    book.save(str(path))
    return path


def ods(path: Path, sheet: Sheet) -> Path:
    book = OpenDocumentSpreadsheet()
    page = Table(name="Sổ đơn")
    for row in sheet:
        line = TableRow()
        for cell in row:
            held = TableCell(valuetype="string")
            held.addElement(P(text=cell))
            line.addElement(held)
        page.addElement(line)
    book.spreadsheet.addElement(page)
    book.save(str(path))
    return path


def plainly(got: dict[str, set[str]]) -> dict[str, set[str]]:
    """Column names without the number that an index row puts below them."""
    return {column.split(" / (")[0]: fields for column, fields in got.items()}


# The products that are packaged, as the sample estate writes them.


@pytest.mark.parametrize("product", FILES)
def test_a_packaged_product_is_proposed_as_a_person_wrote_it(
    product: str, tmp_path: Path
) -> None:
    proposal, preset = proposed(register(tmp_path, product, 250))
    by_hand = load_preset(packaged_config(), product)
    expected = of_columns(by_hand, [line.column for line in proposal.columns])
    assert len(right(expected, pairs(preset))) >= 0.9 * len(expected)
    records = by_hand.streams[0].records
    assert preset.streams[0].records[0].type == records[0].type
    assert preset.date_formats == by_hand.date_formats
    first = by_hand.streams[0]
    assert isinstance(first, FilesStreamMap)
    assert preset.streams[0].skip_rows == first.skip_rows
    assert preset.streams[0].header_rows == first.header_rows


@pytest.mark.parametrize("product", FILES)
def test_the_proposal_reads_the_file_that_it_was_made_from(
    product: str, tmp_path: Path
) -> None:
    path = register(tmp_path, product, 250)
    proposal, preset = proposed(path, product=product)
    frame, done = read_back(path, preset)
    assert {line.column for line in proposal.columns} <= set(frame.columns)
    assert sum(one.rejected.height for one in done) <= 0.02 * frame.height
    assert sum(unread(done).values()) <= 0.02 * frame.height


def test_an_answer_of_the_api_gives_a_mapping_for_each_record_inside(
    tmp_path: Path,
) -> None:
    office, one = next(
        (office, one)
        for office in OFFICES
        for one in office.installations
        if one.product == "kntc_rest"
    )
    inventor = inventor_of(7, office, one)
    documents.write_json(tmp_path, clean_records(inventor, office, one, 300))
    path = next(tmp_path.glob("dossiers*"))
    items = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    answer = tmp_path / "dossiers.json"
    answer.write_text(json.dumps({"total": len(items), "items": items}), "utf-8")
    proposal, preset = proposed(answer)
    stream = preset.streams[0]
    assert (stream.items, stream.total, stream.cursor) == (
        "items",
        "total",
        "updatedAt",
    )
    by_hand = load_preset(packaged_config(), "kntc_rest")
    expected = of_columns(by_hand, [line.column for line in proposal.columns])
    assert len(right(expected, pairs(preset))) >= 0.9 * len(expected)
    assert {"petition", "complaint_case", "denunciation_case", "enforcement"} <= {
        mapping.type for mapping in stream.records
    }


# Registers in words of their own.


@pytest.mark.parametrize("name", UNSEEN)
def test_a_register_in_its_own_words_is_understood(name: str, tmp_path: Path) -> None:
    sheet, expected, record_type = UNSEEN[name]
    path = tmp_path / f"{name}.csv"
    path.write_bytes(csv_bytes(sheet))
    proposal, preset = proposed(path)
    assert proposal.record_type == record_type
    assert right(expected, pairs(preset)) == list(expected)
    frame, done = read_back(path, preset)
    assert frame.height == len(sheet) - 1
    assert unread(done) == {}


WRITERS: dict[str, Callable[[Path, Sheet], None]] = {
    "utf-8 with tabs": lambda p, s: _bytes(p, csv_bytes(s, "utf-8", "\t")),
    "utf-16 with tabs": lambda p, s: _bytes(p, csv_bytes(s, "utf-16", "\t")),
    "cp1258": lambda p, s: _bytes(p, cp1258(s)),
    "tcvn3": lambda p, s: _bytes(p, _tcvn3(s)),
    "vni": lambda p, s: _bytes(p, csv_bytes(s, "vni", "|")),
}


def _bytes(path: Path, raw: bytes) -> None:
    path.write_bytes(raw)


def _tcvn3(sheet: Sheet) -> bytes:
    # TCVN3 has no capitals with a tone; the font draws them.
    return csv_bytes(sheet, "utf-8", ";").decode().lower().encode("tcvn3", "replace")


@pytest.mark.parametrize("name", WRITERS)
def test_a_text_file_is_read_in_its_own_encoding(name: str, tmp_path: Path) -> None:
    path = tmp_path / "so_don_2024.csv"
    WRITERS[name](path, samples.petitions())
    _, preset = proposed(path)
    stream = preset.streams[0]
    assert stream.encoding.startswith(name.split(" ")[0])
    assert stream.footer is not None
    assert (stream.skip_rows, stream.header_rows) == (2, 3)
    got = {c.lower(): f for c, f in plainly(pairs(preset)).items()}
    expected = {c.lower().removeprefix("phân loại đơn / "): f
                for c, f in samples.PETITIONS.items()}  # fmt: skip
    assert len(right(expected, got)) == len(expected)
    kinds = [m.fields["kind"].constant for m in stream.records]
    assert kinds == ["khieu_nai", "to_cao", "kien_nghi_phan_anh"]
    frame, done = read_back(path, preset)
    assert frame.height == 40
    assert sum(one.rejected.height for one in done) == 0


MERGES = ("A3:A4", "B3:B4", "C3:C4", "D3:D4", "E3:E4", "F3:F4", "G3:I3", "J3:J4",
          "K3:K4", "L3:L4")  # fmt: skip


def test_merged_headers_of_a_workbook_are_joined(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "so.xlsx", samples.petitions(), *MERGES)
    _, preset = proposed(path)
    got = plainly(pairs(preset))
    assert right(samples.PETITIONS, got) == list(samples.PETITIONS)
    whens = [m.when.column for m in preset.streams[0].records]
    assert whens[0] == "Phân loại đơn / KN / (7)"
    frame, done = read_back(path, preset)
    assert frame.height == 40
    assert not {"column_missing", "column_unknown"} & set(unread(done))


@pytest.mark.parametrize("form", ["xls", "ods"])
def test_old_and_open_workbooks_are_read(form: str, tmp_path: Path) -> None:
    sheet, expected, _ = UNSEEN["van_ban"]
    path = tmp_path / f"van_ban.{form}"
    (xls if form == "xls" else ods)(path, sheet)
    _, preset = proposed(path)
    assert preset.streams[0].format == form
    assert right(expected, pairs(preset)) == list(expected)
    frame, done = read_back(path, preset)
    assert frame.height == len(sheet) - 1
    assert unread(done) == {}


def test_a_web_page_that_is_called_xls_is_read(tmp_path: Path) -> None:
    sheet, expected, _ = UNSEEN["tiep"]
    rows = "".join(
        f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in sheet
    )
    path = tmp_path / "so_tiep.xls"
    page = f"<html><meta charset='utf-8'><table>{rows}</table></html>"
    path.write_bytes(page.encode())
    _, preset = proposed(path)
    assert right(expected, pairs(preset)) == list(expected)


def test_a_register_drawn_in_an_old_font_is_understood(tmp_path: Path) -> None:
    sheet, _, _ = UNSEEN["van_ban"]
    drawn = [
        [cell.lower().encode("tcvn3", "replace").decode("cp1252") for cell in row]
        for row in sheet
    ]
    path = xls(tmp_path / "van_ban.xls", drawn, ".VnTime")
    proposal, preset = proposed(path)
    fields = [f for line in proposal.columns if (f := line.proposed)]
    assert proposal.record_type == "decision"
    assert {"doc_type", "signer", "signer_title", "issuing_org"} <= set(fields)
    assert "thông báo thụ lý" in preset.codes["doc_type"]
    _, done = read_back(path, preset)
    assert not {"column_missing", "code_unknown"} & set(unread(done))


def test_a_file_inside_an_archive_is_found(tmp_path: Path) -> None:
    sheet, expected, _ = UNSEEN["tiep"]
    path = tmp_path / "thang_01_2024.zip"
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("doc_me.docx", b"nothing")
        parts.writestr("bao_cao/so_tiep_2024.csv", csv_bytes(sheet))
    _, preset = proposed(path)
    stream = preset.streams[0]
    assert (stream.glob, stream.format) == ("thang_*.zip", "csv")
    assert right(expected, pairs(preset)) == list(expected)
    frame, _ = read_back(path, preset)
    assert frame.height == len(sheet) - 1


# Headers and dates.


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("Họ và tên người KN, TC", "petition.sender_name"),
        ("Ng. nhận", "petition.received_date"),
        ("NGAY TIEP NHAN DON", "petition.received_date"),
        ("ngayTiepNhan", "petition.received_date"),
        ("3. Ngày tiếp nhận đơn (*)", "petition.received_date"),
        ("Đ/c", "petition.sender_address"),
        ("S.Đ.T", "petition.sender_contact"),
        ("CMND/CCCD", "petition.sender_id_number"),
        ("ND đơn", "petition.content"),
        ("Cơ quan\ngiải quyết", "petition.handler_org"),
        ("ĐV bị KN", "complaint_case.respondent_org"),
        ("Người bị KN/TC", "petition.respondent_name"),
        ("HTXL", "petition.processing_result"),
        ("Toà án thụ lý", "complaint_case.lawsuit_court"),
        ("Số tiền hưởng sai (triệu đồng)", "recovery.amount_wrong"),
        ("Hä vµ tªn ng\xadêi khiÕu n¹i", "complaint_case.complainant_name"),
        ("Noäi dung ñôn", "petition.content"),
        ("Lỉnh vực", "petition.field_area"),
        ("Date received", "petition.received_date"),
        ("Consumer complaint narrative", "petition.content"),
    ],
)
def test_a_header_is_known_however_it_is_written(header: str, target: str) -> None:
    found = headers.named(header)
    best = found[0].confidence
    assert target in {n.target for n in found if n.confidence >= best - 0.15}


@pytest.mark.parametrize(
    ("days", "formats", "said"),
    [
        (("25/01/2024", "03/02/2024"), ("%d/%m/%Y",), "day first"),
        (("01/25/2024", "03/02/2024"), ("%m/%d/%Y",), "month first"),
        (("01/02/2024", "03/02/2024"), ("%d/%m/%Y",), "no value says"),
        (("25.1.24", "3.2.24"), ("%d.%m.%y",), "day first"),
        (("25/01/2024", "25-02-2024"), ("%d/%m/%Y", "%d-%m-%Y"), "day first"),
        (("20240125", "20240203"), ("%Y%m%d",), ""),
        (("01/25/2024", "25/02/2024"), ("%d/%m/%Y",), "mixed"),
    ],
)
def test_the_values_say_how_dates_are_written(
    days: tuple[str, ...], formats: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    rows = [[f"D{n}", days[n % 2], "Nội dung mẫu"] for n in range(20)]
    path = tmp_path / "so.csv"
    path.write_bytes(csv_bytes([["Số đơn", "Ngày nhận", "Nội dung đơn"], *rows]))
    proposal, preset = proposed(path)
    assert preset.date_formats == formats
    line = next(c for c in proposal.columns if c.column == "Ngày nhận")
    assert said in line.why
    assert (line.confidence < 0.9) == (said in ("no value says", "mixed"))
    _, done = read_back(path, preset)
    assert said == "mixed" or unread(done) == {}


def test_a_time_beside_the_day_does_not_spoil_the_date(tmp_path: Path) -> None:
    rows = [[f"D{n}", f"{n + 10}/03/2024 08:{n:02d}", "Nội dung"] for n in range(15)]
    path = tmp_path / "so.csv"
    path.write_bytes(csv_bytes([["Mã đơn", "Ngày nhận", "Nội dung"], *rows]))
    _, preset = proposed(path)
    _, done = read_back(path, preset)
    assert unread(done) == {}
    assert done[0].frames["petition"]["received_date"].null_count() == 0


def test_money_in_millions_is_read_in_dong(tmp_path: Path) -> None:
    path = tmp_path / "thu_hoi.csv"
    path.write_bytes(csv_bytes(samples.recoveries()))
    _, preset = proposed(path)
    field = preset.streams[0].records[0].fields["amount_wrong"]
    assert (field.scale, field.decimal) == (1_000_000, ",")
    _, done = read_back(path, preset)
    whole = [row[7] for row in samples.recoveries()[1:]]
    expected = [int(text.replace(",", "")) * 100_000 for text in whole]
    assert done[0].frames["recovery"]["amount_wrong"].to_list() == expected


def test_a_key_that_repeats_is_composed(tmp_path: Path) -> None:
    rows = [
        [str(n % 10 + 1), f"Phòng {n // 10}", f"{n % 28 + 1:02d}/01/2024", "Mẫu"]
        for n in range(40)
    ]
    path = tmp_path / "so.csv"
    head = ["Số đơn", "Cơ quan xử lý", "Ngày nhận", "Nội dung đơn"]
    path.write_bytes(csv_bytes([head, *rows]))
    proposal, _ = proposed(path)
    assert proposal.key.columns == ("Số đơn", "Cơ quan xử lý")


def test_two_headers_of_one_name_are_told_apart(tmp_path: Path) -> None:
    rows = [[f"D{n}", "02/01/2024", "15/01/2024", "Mẫu"] for n in range(20)]
    path = tmp_path / "so.csv"
    path.write_bytes(csv_bytes([["Số đơn", "Ngày", "Ngày", "Nội dung"], *rows]))
    proposal, preset = proposed(path)
    assert preset.streams[0].columns == ("Số đơn", "Ngày", "Ngày (2)", "Nội dung")
    assert any("two columns" in note for note in proposal.notes)
    frame, _ = read_back(path, preset)
    assert frame.height == 20


def test_merged_cells_below_the_header_are_filled_down(tmp_path: Path) -> None:
    rows = [
        ["Phòng A" if n % 4 == 0 else "", f"D{n}", "15/01/2024", "Mẫu"]
        for n in range(12)
    ]
    head = ["Cơ quan xử lý", "Số đơn", "Ngày nhận", "Nội dung đơn"]
    path = xlsx(tmp_path / "so.xlsx", [head, *rows], "A2:A5", "A6:A9", "A10:A13")
    _, preset = proposed(path)
    assert preset.streams[0].fill_down == ("Cơ quan xử lý",)


def test_signs_for_nothing_become_null_tokens(tmp_path: Path) -> None:
    rows = [
        [f"D{n}", "15/01/2024", ("01/01/1753", "16/01/2024")[n % 2], ("-", "A")[n % 2]]
        for n in range(20)
    ]
    path = tmp_path / "so.csv"
    head = ["Số đơn", "Ngày nhận", "Ngày xử lý", "Số văn bản"]
    path.write_bytes(csv_bytes([head, *rows]))
    _, preset = proposed(path)
    assert {"01/01/1753", "-"} <= set(preset.null_tokens)


def test_cancelled_rows_are_filtered_with_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "van_ban.csv"
    path.write_bytes(csv_bytes(samples.documents()))
    _, preset = proposed(path)
    (found,) = preset.streams[0].filters
    assert found.when.column == "Trạng thái"
    assert found.when.equals == ("Đã hủy",)


# What is no table, and what must not be shown.


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("so.csv", b"", "is empty"),
        ("so.xls", b"<html><body><p>Loi he thong</p></body></html>", "no"),
        ("so.xls", b"<?xml version='1.0'?><Workbook></Workbook>", "no table"),
        ("so.pdf", b"%PDF-1.4 ...", "is a PDF"),
        ("so.xlsx", b"PK\x03\x04broken", "damaged"),
        ("so.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "whole workbook"),
        ("so.txt", "một dòng chữ\nmột dòng nữa\n".encode(), "without columns"),
        ("so.json", b'{"items": [', "neither JSON"),
        ("so.json", b'{"status": 0, "items": []}', "without a list"),
    ],
)
def test_what_is_no_table_is_said_clearly(
    name: str, raw: bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    with pytest.raises(SourceError, match=said):
        proposed(path)


CANARY = ("Nguyễn Thị Kín", "hồ văn lộ", "Y Blô Niê", "079123456789", "0987654321")


def _with_canaries(columns: list[str], where: int) -> Sheet:
    rows = []
    for n in range(60):
        row = [f"D{n}", "15/01/2024", "Khiếu nại", "Nội dung mẫu", "Trực tiếp"]
        row[where] = CANARY[n % len(CANARY)]
        rows.append(row)
    return [columns, *rows]


@pytest.mark.parametrize("where", [0, 2, 3, 4])
@pytest.mark.parametrize(
    "head",
    [
        ["Số đơn", "Ngày nhận", "Loại đơn", "Nội dung", "Nguồn đơn"],
        ["Mã", "Ngày nhận", "Trạng thái", "Họ và tên", "Người tiếp"],
        ["Khóa", "Ngày nhận", "Ghi chú", "Nội dung", "Lĩnh vực"],
    ],
)
def test_no_person_is_ever_shown(head: list[str], where: int, tmp_path: Path) -> None:
    path = tmp_path / "so.csv"
    path.write_bytes(csv_bytes(_with_canaries(head, where)))
    proposal, _ = proposed(path)
    shown = text_of(proposal) + repr(proposal.columns) + repr(proposal.notes)
    assert not [one for one in CANARY if one.lower() in shown.lower()]


def test_a_file_without_a_header_gives_no_cell_as_a_name(tmp_path: Path) -> None:
    path = tmp_path / "so.csv"
    path.write_bytes(csv_bytes(_with_canaries([], 3)[1:]))
    proposal, preset = proposed(path)
    assert preset.streams[0].columns[:2] == ("cột 1", "cột 2")
    shown = text_of(proposal)
    assert not [one for one in CANARY if one.lower() in shown.lower()]


def test_a_large_file_is_judged_by_its_first_rows(tmp_path: Path) -> None:
    path = tmp_path / "so.csv"
    with path.open("wb") as file:
        file.write("Số đơn,Ngày nhận,Nội dung đơn\r\n".encode())
        block = "".join(f"D{n},15/01/2024,{'mẫu ' * 20}\r\n" for n in range(1000))
        for _ in range(200):
            file.write(block.encode())
        file.write("Tổng cộng,,\r\n".encode())
    peeked = peek(path)
    assert len(peeked.grids[0].rows) == 5000
    _, preset = proposed(path)
    assert preset.streams[0].footer is not None


def test_every_name_in_the_list_leads_to_its_field() -> None:
    lost = []
    for targets, names in read_rows("headers.tsv"):
        wanted = {target.partition("*")[0] for target in targets.split()}
        for name in names.split("|"):
            if not wanted & {n.target for n in headers.named(name)}:
                lost.append(name)
    assert lost == []


def test_a_form_of_the_periodic_reports_gives_its_columns_by_number(
    tmp_path: Path,
) -> None:
    sheet = [
        ["TỔNG HỢP KẾT QUẢ XỬ LÝ ĐƠN", *[""] * 5],
        ["Đơn vị", "Tổng số đơn", "Kỳ trước", "Trong kỳ", "Đã xử lý", "Còn lại"],
        ["MS", "1=2+3", "2", "3", "4", "5"],
        ["BHXH huyện Một", "5", "2", "3", "4", "1"],
        ["BHXH huyện Hai", "7", "3", "4", "7", "0"],
    ]
    path = xlsx(tmp_path / "bieu.xlsx", sheet)
    _, preset = proposed(path)
    (mapping,) = preset.streams[0].records
    assert mapping.type == "periodic_report"
    assert mapping.fields["form_code"].constant == "01/XLD"
    assert mapping.fields["cells"].pivot.columns == ("1", "2", "3", "4", "5")
    frame, _ = read_back(path, preset)
    assert frame.height == 2
    assert frame["5"].to_list() == ["1", "0"]


def test_a_table_is_found_below_titles_of_any_height() -> None:
    titles: Sheet = [["BẢO HIỂM XÃ HỘI"], [""], ["SỔ ĐƠN"], ["Năm 2024", "", ""]]
    head = ["STT", "Ngày nhận", "Nội dung đơn", "Người gửi"]
    body = [["1", "02/01/2024", "mẫu", "A"], ["2", "03/01/2024", "mẫu", "B"]]
    for height in range(len(titles) + 1):
        rows = [*titles[:height], head, *body]
        table = layout.table_of(Grid(rows, []))
        assert table is not None
        assert (table.skip_rows, table.header_rows) == (height, 1)


def test_what_stands_below_the_footer_is_no_data(tmp_path: Path) -> None:
    sheet = samples.petitions()
    names = ["", "Người lập sổ", *[""] * 7, "Thủ trưởng đơn vị", "", ""]
    signed = ["", "Trần Thị Thử", *[""] * 7, "Phạm Thị Đặt", "", ""]
    below = [[""] * 12, names, signed]
    table = layout.table_of(Grid([*sheet, *below], []))
    assert table is not None
    assert table.row_count == 40
    assert not {"Người lập sổ", "Trần Thị Thử"} & set(table.columns[1].cells)
    path = tmp_path / "so.csv"
    path.write_bytes(csv_bytes([*sheet, *below]))
    proposal, preset = proposed(path)
    assert proposal.key.why == "40 distinct of 40 rows"
    frame, done = read_back(path, preset)
    assert frame.height == 40
    assert sum(one.rejected.height for one in done) == 0
