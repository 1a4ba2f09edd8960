"""Writes a register of receptions on Mẫu số 03 as offices keep it; all rows made up.

Quirks: three title rows, a header of two rows with one cell over three columns, marks
`x` and `X`, nothing marked, two marks, a decomposed name, a cell without " - ", people
that are no number, a cancelled row, a trial row, a blank number, a row of blanks.
"""

import unicodedata
from pathlib import Path

from openpyxl import Workbook

TITLE = ("BẢO HIỂM XÃ HỘI VIỆT NAM", "SỔ TIẾP CÔNG DÂN", "(Mẫu số 03)")
HEADER = (
    "STT",
    "Ngày tiếp",
    "Họ tên - Địa chỉ",
    "CMND/Hộ chiếu",
    "Nội dung vụ việc",
    "Phân loại đơn/Số người",
    "Cơ quan đã giải quyết",
    "Hướng xử lý",
    None,
    None,
    "Theo dõi kết quả",
    "Ghi chú",
)
UNDER = ("Thụ lý để giải quyết", "Trả lại đơn và hướng dẫn", "Chuyển đơn")
MERGED = (*(f"{c}5:{c}6" for c in "ABCDEFGKL"), "H5:J5")
WHO = "Nguyễn Thị Mẫu - thôn 3, xã Thử Nghiệm, tỉnh Ví Dụ"
Row = tuple[str | None, ...]


def _row(
    number: str,
    marks: tuple[str | None, str | None, str | None] = ("x", None, None),
    who: str = WHO,
    kind: str = "Khiếu nại/ 1",
    on: str = "05/03/2026",
    told: str | None = None,
    note: str | None = "Tiếp lần đầu",
) -> Row:
    content = f"Khiếu nại mức hưởng lương hưu, hồ sơ số {number}"
    return (number, on, who, "001090000001", content, kind, None, *marks, told, note)


def rows() -> list[Row]:
    """The register's rows, in its order."""
    none = (None, None, None)
    return [
        _row("1/2026"),
        _row("2/2026", (None, "X", None), unicodedata.normalize("NFD", WHO)),
        _row("3/2026", (None, None, "x"), kind="Tố cáo/ 12", note="Tiếp nhiều lần"),
        _row("4/2026", none, told="Đã giải thích tại chỗ", kind="Nhiều nội dung/ 2"),
        _row("5/2026", none, told="Từ chối tiếp", on="31/02/2026"),
        _row("6/2026", none),
        _row("7/2026", ("x", "x", None)),
        _row("8/2026", who="Trần Văn Thử", kind="Tranh chấp/ nhiều"),
        _row("9/2026", note="Hủy"),
        _row("10/2026", note="Nhập thử"),
        _row(" "),
        (" ", None, "  ", *(None,) * 9),
    ]


def write(folder: Path) -> Path:
    """Write the workbook into the folder."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Sổ tiếp công dân"
    for line in TITLE:
        sheet.append([line])
    sheet.append([])
    sheet.append(HEADER)
    sheet.append([*(None,) * 7, *UNDER])
    for place in MERGED:
        sheet.merge_cells(place)
    for row in rows():
        sheet.append(row)
    path = folder / "so_tiep_cong_dan_2026.xlsx"
    book.save(path)
    return path
