"""Writes a workbook of the shape and quirks of the real register; all rows made up.

Quirks: a merged header over two rows, one header that begins with a blank, numbers
that occur again at another agency, 01/01/1753 for "no date", decomposed Unicode,
kinds that the law does not know, an empty and an unreadable date.
"""

import unicodedata
from pathlib import Path

from openpyxl import Workbook

HEADER = (
    "STT",
    "Số đơn",
    "Nguồn đơn đến",
    "(đã bỏ thông tin chủ đơn)",
    "Nội dung đơn",
    " Loại khiếu tố",
    "Ngày nhận",
    "Cơ quan xử lý",
    "Hướng xử lý",
    "Hạn GQ",
)
NONE = "01/01/1753"
AGENCIES = ("BHXH huyện Mẫu A", "BHXH huyện Mẫu B", "Phòng Tổ chức")
Row = tuple[str | None, ...]


def _row(
    number: str,
    agency: str,
    kind: str = "Khiếu nại",
    received: str = "16/10/2023",
    result: str | None = "Chuyển đơn",
    source: str = "Bưu chính",
    due: str = NONE,
) -> Row:
    content = "Nội dung mẫu" if kind == "Tố cáo" else None
    return number, source, None, content, kind, received, agency, result, due


def rows() -> list[Row]:
    """The register's rows without STT, in its order."""
    a, b, c = AGENCIES
    decomposed = unicodedata.normalize("NFD", a)
    return [
        _row("DT001", a),
        _row("DT001", b, "Tố cáo", result="Đề xuất thụ lý", source="Trực tiếp"),
        _row("DT002", decomposed, "Kiến nghị, phản ánh", result="Hướng dẫn"),
        _row("DT003", c, " Tố cáo ", "05/01/2000", "Lưu đơn", due="26/01/2024"),
        _row("DT004", c, "Tranh chấp", result="Ra văn bản đôn đốc"),
        _row("DT005", c, "Dân nguyện, dân sự", result=None),
        _row("DT006", b, received=NONE, result="Trả đơn"),
        _row("DT007", b, received="31/02/2023", source="Cơ quan khác chuyển tới"),
        _row("DT008", a, result="Gửi văn bản thông báo"),
        _row(" ", a),
    ]


def write(folder: Path) -> Path:
    """Write the workbook into the folder."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Sheet1"
    sheet.append(HEADER)
    sheet.append([None] * len(HEADER))
    for column in range(1, len(HEADER) + 1):
        sheet.merge_cells(
            start_row=1, end_row=2, start_column=column, end_column=column
        )
    for number, row in enumerate(rows(), start=1):
        sheet.append([str(number), *row])
    path = folder / "ChiTietDonThu_mau.xlsx"
    book.save(path)
    return path
