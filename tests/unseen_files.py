"""The drop folders of products that nobody here has seen."""

import html
import io
import unicodedata
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

import connectors.legacy.codecs  # noqa: F401 - registers tcvn3
from tests.file_forms import xlsx
from tests.unseen import Don

CP1258_MARKS = "\u0300\u0301\u0303\u0309\u0323"
Rows = Sequence[Sequence[str]]


def cp1258(text: str) -> bytes:
    """Vietnamese as Windows types it: a letter, and its tone behind it."""
    out = b""
    for letter in unicodedata.normalize("NFC", text):
        try:
            out += letter.encode("cp1258")
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", letter)
            tone = next(p for p in parts if p in CP1258_MARKS)
            body = unicodedata.normalize("NFC", parts.replace(tone, ""))
            out += (body + tone).encode("cp1258")
    return out


def tcvn3(text: str) -> str:
    """What an Excel of 2003 holds for a text in .VnTime: TCVN3 shown as Latin-1."""
    return text.encode("tcvn3").decode("latin-1")


def vntime(folder: Path, rows: list[Don]) -> None:
    """Titles, a merged header of two rows, a footer; days as bare numbers."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Sheet1")
    font = xlwt.Font()
    font.name = ".VnTime"
    style = xlwt.XFStyle()
    style.font = font

    def put(row: int, column: int, text: str) -> None:
        sheet.write(row, column, tcvn3(text), style)

    put(0, 0, "Bảo hiểm xã hội tỉnh Thử")
    put(1, 2, "Sổ theo dõi đơn năm 2026")
    merged = {0: "TT", 1: "Số đơn", 2: "Ngày nhận", 5: "Loại đơn", 6: "Nội dung"}
    merged[7] = "Đơn vị thụ lý"
    for column, text in merged.items():
        sheet.write_merge(3, 4, column, column, tcvn3(text), style)
    sheet.write_merge(3, 3, 3, 4, tcvn3("Người gửi"), style)
    put(4, 3, "Họ tên")
    put(4, 4, "Địa chỉ")
    names = {"khieu_nai": "Khiếu nại", "to_cao": "Tố cáo"}
    at = 5
    for at, row in enumerate(rows, start=5):
        sheet.write(at, 0, at - 4)
        sheet.write(at, 1, row.so)
        sheet.write(at, 2, (row.received - date(1899, 12, 30)).days)
        put(at, 3, row.name)
        put(at, 4, "thôn Thử, xã Mẫu")
        put(at, 5, names.get(row.kind, "Phản ánh"))
        put(at, 6, row.content)
        put(at, 7, row.unit)
    put(at + 1, 0, f"Tổng cộng: {len(rows)} đơn")
    put(at + 3, 5, "Người lập biểu")
    book.save(str(folder / "So_Don_2026.XLS"))


def zipped(folder: Path, rows: list[Don]) -> None:
    """A text a month in one archive; a total below each."""
    kinds = {"khieu_nai": "KN", "to_cao": "TC", "kien_nghi_phan_anh": "KN-PA"}
    months: dict[int, list[list[str]]] = {}
    for row in rows:
        lines = months.setdefault(row.received.month, [])
        day = f"{row.received:%d-%m-%y}"
        number = str(row.so)
        lines.append([number, day, kinds[row.kind], row.name, row.content, row.unit])
    header = ["Số", "Ngày nhận", "Loại", "Họ tên", "Nội dung", "Cơ quan xử lý"]
    with zipfile.ZipFile(folder / "don_2026.zip", "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("2026/ghi chu.txt", "khong phai so don")
        for month, lines in sorted(months.items()):
            text = "\r\n".join("\t".join(line) for line in [header, *lines])
            footer = f"\r\nCộng: {len(lines)}\t\t\t\t\t\r\n"
            out.writestr(f"2026/thang_{month:02}.txt", cp1258(text + footer))


def quarters(folder: Path, rows: list[Don]) -> None:
    """A sheet a quarter, one of them blank, numbered anew; all of it text."""
    book = OpenDocumentSpreadsheet()
    kinds = {"khieu_nai": "Khiếu  nại", "to_cao": "TỐ CÁO"}
    header = ["Số", "Ngày đến", "Loại đơn", "Người gửi", "Điện thoại", "Số người ký"]
    header += ["Trích yếu", "Bộ phận"]
    for number, roman in enumerate(("I", "II", "III", "IV")):
        table = Table(name=f"Quý {roman}")
        mine = [row for row in rows if (row.received.month - 1) // 3 == number]
        lines = [
            [
                str(row.so),
                f"{row.received:%d.%m.%Y}",
                kinds.get(row.kind, "phản ánh, kiến nghị"),
                row.name,
                f"91{row.so:03}.45.67",  # the zero in front is lost
                "1",
                row.content,
                row.unit,
            ]
            for row in mine
        ]
        for line in [["Sổ đơn"], header, *lines] if mine else []:
            out = TableRow()
            for text in line:
                cell = TableCell(valuetype="string")
                cell.addElement(P(text=text))
                out.addElement(cell)
            table.addElement(out)
        book.spreadsheet.addElement(table)
    notes = Table(name="Ghi chú")
    line, cell = TableRow(), TableCell(valuetype="string")
    cell.addElement(P(text="không phải sổ"))
    line.addElement(cell)
    notes.addElement(line)
    book.spreadsheet.addElement(notes)
    book.save(str(folder / "So don 2026.ods"))


def asp_net(folder: Path, rows: list[Don]) -> None:
    """A page of a GridView: styles, spans, hard blanks, a total."""
    code = {"khieu_nai": "1 - Khiếu nại", "to_cao": "2 - Tố cáo"}
    lines = [
        '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head>',
        '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">',
        "<style>.text{mso-number-format:\\@;}</style></head><body><div>",
        '<table cellspacing="0" rules="all" border="1" id="gvDon">',
        "<tr><td colspan=8><b>DANH SÁCH ĐƠN</b></td></tr><tr>",
        "<th rowspan=2>STT</th><th rowspan=2>M&#227; đơn</th>",
        "<th colspan=2>Thời gian</th><th rowspan=2>Loại</th>",
        "<th rowspan=2>Người gửi</th><th rowspan=2>Nội dung</th>",
        "<th rowspan=2>Đơn vị</th><th rowspan=2>Ký tên</th></tr>",
        "<tr><th>Ngày nhận</th><th>Ngày&nbsp;viết</th></tr>",
    ]
    for number, row in enumerate(rows, start=1):
        cells = [
            str(number),
            f"D{row.so:05}",
            f"{row.received:%d/%m/%Y} 08:15:00",
            "01/01/1900" if row.so % 2 else f"{row.received:%d/%m/%Y}",
            code.get(row.kind, "3 - Phản ánh"),
            row.name,
            row.content,
            row.unit,
            "x" if row.so % 3 else "\u00a0",
        ]
        body = [html.escape(c).replace("\u00a0", "&nbsp;") for c in cells]
        body[6] = body[6].replace(", ", ",<br/>")
        lines.append("<tr>" + "".join(f'<td class="text">{c}</td>' for c in body))
        lines.append("</tr>")
    lines.append(f"<tr><td colspan=8>Tổng số: {len(rows)}</td></tr></table>")
    page = "\r\n".join([*lines, "</div></body></html>"])
    (folder / "DanhSachDon_2026.xls").write_bytes(page.encode())


def by_hand(folder: Path, rows: list[Don]) -> None:
    """Kinds and days as they come to mind, a line above each month."""
    said = {
        "khieu_nai": ("KN", "K/nại", "Đơn khiếu nại lần đầu", "k.n"),
        "to_cao": ("Tố cáo (TC)", "TC", "t/c", "đơn tố giác"),
        "kien_nghi_phan_anh": ("KNPA", "Kiến nghị", "phản  ánh", "PA"),
    }
    lines = ["Ngày nhận;Người gửi;Điện thoại;Loại;Nội dung;Nơi xử lý;Ghi chú"]
    month = 0
    for row in rows:
        if row.received.month != month:
            month = row.received.month
            lines.append(f"Tháng {month:02}/2026;;;;;;")
        day = row.received
        days = (
            f"ngày {day.day} tháng {day.month} năm {day.year}",
            f"{day:%d/%m/%Y}",
            f"Ngày {day:%d} tháng {day:%m} năm {day:%Y}.",
            f"{day:%d/%m/%y}",
        )
        kind = said[row.kind][row.so % 4]
        name = row.name + (" (và 2 người)" if row.so % 5 == 0 else "")
        phone = f"'0912{row.so:06}" if row.so % 2 else ""
        cells = [days[row.so % 4], name, phone, kind, row.content, row.unit, "x"]
        lines.append(";".join(cells))
    text = "\r\n".join(lines) + "\r\n;;;;;;\r\n"
    (folder / "so tay.csv").write_bytes(text.encode("utf-8-sig"))


def grouped(folder: Path, rows: list[Don]) -> None:
    """Kinds above groups of rows; the year only in the title."""
    names = {"khieu_nai": "I. KHIẾU NẠI", "to_cao": "II. TỐ CÁO"}
    names["kien_nghi_phan_anh"] = "III. KIẾN NGHỊ, PHẢN ÁNH"
    header = ["Số đơn", "Ngày", "Tháng", "Họ và tên", "Nội dung", "Nơi giải quyết"]
    lines: list[list[str]] = []
    for kind, title in names.items():
        lines.append([title, "", "", "", "", ""])
        lines += [
            [
                str(row.so),
                str(row.received.day),
                str(row.received.month),
                row.name,
                row.content,
                row.unit,
            ]
            for row in rows
            if row.kind == kind
        ]
    lines.append([f"Cộng: {len(rows)} đơn", "", "", "", "", ""])
    xlsx(folder, ["SỔ THEO DÕI ĐƠN NĂM 2026"], [header, *lines])


def amounts(folder: Path, rows: list[Don]) -> None:
    """Millions with commas; what is left is what was wrong less what came back."""
    out = io.StringIO()
    out.write("Đơn vị tính: triệu đồng\r\n\r\n")
    header = ["Số vụ", "Quỹ", "Hưởng sai (trđ)", "Đã thu (trđ)", "Còn lại (trđ)"]
    out.write("\t".join([*header, "Khó thu", "Ngày thu gần nhất"]) + "\r\n")
    for row in rows:
        wrong = 1_250_500 + 1_000 * row.so
        back = 0 if row.so % 3 == 0 else 250_500 + row.version
        cells = [
            f"V{row.so}",
            ("BHXH", "BHYT", "BHTN")[row.so % 3],
            *(_millions(amount) for amount in (wrong, back, wrong - back)),
            "x" if row.so % 4 == 0 else "",
            f"{row.received:%d/%m/%Y}" if back else "-",
        ]
        out.write("\t".join(cells) + "\r\n")
    out.write("Tổng cộng\t\t\t\t\t\t\r\n")
    (folder / "thu_hoi.txt").write_bytes(out.getvalue().encode("utf-16"))


def _millions(dong: int) -> str:
    whole, part = divmod(dong, 1_000_000)
    text = f"{part:06}".rstrip("0")
    grouped = f"{whole:,}".replace(",", ".")
    return f"{grouped},{text}" if text else grouped


FILES: dict[str, Callable[[Path, list[Don]], None]] = {
    "don_xls_vntime": vntime,
    "don_zip_thang": zipped,
    "don_ods_quy": quarters,
    "don_xls_html": asp_net,
    "so_tay_csv": by_hand,
    "so_co_nhom": grouped,
    "thu_hoi_tsv": amounts,
}
