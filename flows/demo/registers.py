"""The two products that are files: the CSV register and the XLSX register."""

import csv
import io
from datetime import date
from pathlib import Path

from flows.demo.breaking import UNREADABLE_DATE
from flows.demo.codes import LABELLED
from flows.demo.inventing import Value
from flows.demo.planting import Row
from flows.demo.workbook import workbook

# Header of the CSV register -> our field.
CSV_COLUMNS = {
    "Ngày nhận": "received_date",
    "Ngày viết đơn": "written_date",
    "Nguồn đơn": "source",
    "Loại đơn": "kind",
    "Lĩnh vực": "field_area",
    "Người viết đơn": "sender_name",
    "Địa chỉ": "sender_address",
    "Điện thoại": "sender_contact",
    "Số CCCD": "sender_id_number",
    "Đối tượng": "sender_kind",
    "Người bị KNTC": "respondent_name",
    "Đơn vị bị KNTC": "respondent_org",
    "Nội dung": "content",
    "Nặc danh": "is_anonymous",
    "Có chữ ký": "has_signature",
    "Đúng ngôn ngữ": "language_ok",
    "Số người ký": "signatories",
    "Đủ điều kiện": "eligible",
    "Lý do không đủ điều kiện": "ineligible_reason",
    "Thuộc thẩm quyền": "within_competence",
    "Kết quả xử lý": "processing_result",
    "Loại nơi chuyển": "forwarded_to_class",
    "Nơi chuyển": "forwarded_to",
    "Ngày chuyển": "forwarded_date",
    "Số văn bản": "reply_no",
    "Về quy định hành chính": "on_admin_regulation",
    "Ngày xử lý": "processed_date",
    "Cơ quan xử lý": "handler_org",
}

# The leading space stands in the real export, and so do its two header rows.
XLSX_HEADER = (
    "STT",
    "Số đơn",
    "Nguồn đơn đến",
    "Thông tin chủ đơn",
    "Nội dung đơn",
    " Loại khiếu tố",
    "Ngày nhận",
    "Cơ quan xử lý",
    "Hướng xử lý",
    "Hạn GQ",
)
XLSX_SOURCES = ("truc_tiep", "buu_chinh")
# The export has no word for a withdrawal, and its word for acceptance says only that
# somebody proposes it: the clean rows use neither.
XLSX_RESULTS = {"don_rut": "xep_luu", "thu_ly": "tra_lai_huong_dan"}
NO_DATE = "01/01/1753"  # the export's sign for "no date"


def write_csv(folder: Path, rows: list[Row]) -> None:
    """One file a year, separated by semicolons, as UTF-8 with a byte order mark."""
    for year, part in _by_year(rows).items():
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        writer.writerow(["Số đơn", *CSV_COLUMNS, "Trạng thái"])
        writer.writerows(_csv_row(row) for row in part)
        path = folder / f"so_don_thu_{year}.csv"
        path.write_bytes(text.getvalue().encode("utf-8-sig"))


def write_xlsx(folder: Path, rows: list[Row]) -> None:
    """One workbook a year with the header of the export that provinces use."""
    merged = [f"{chr(65 + n)}1:{chr(65 + n)}2" for n in range(len(XLSX_HEADER))]
    for year, part in _by_year(rows).items():
        body = [_xlsx_row(number, row) for number, row in enumerate(part, 1)]
        content = workbook("Sheet1", [XLSX_HEADER, (), *body], merged)
        (folder / f"so_don_thu_{year}.xlsx").write_bytes(content)


def _by_year(rows: list[Row]) -> dict[int, list[Row]]:
    years: dict[int, list[Row]] = {}
    for row in rows:
        years.setdefault(row.record.updated_at.year, []).append(row)
    return years


def _csv_row(row: Row) -> list[str]:
    record = row.record
    cells = [_cell(field, record.values[field]) for field in CSV_COLUMNS.values()]
    if record.status == "ragged":
        # Somebody typed a separator into the sender's name: one cell too many.
        name, _, rest = cells[5].rpartition(" ")
        return [record.key, *cells[:5], name, rest, *cells[6:], "Hiệu lực"]
    return [record.key, *cells, LABELLED["status"][record.status]]


def _xlsx_row(number: int, row: Row) -> list[str]:
    values = row.record.values
    source = str(values["source"])
    if not source.startswith("!") and source not in XLSX_SOURCES:
        source = "co_quan_chuyen"
    sender = [values["sender_name"], values["sender_address"]]
    result = str(values["processing_result"])
    return [
        str(number),
        row.record.key,
        _cell("source", source),
        ", ".join(str(part) for part in sender if part),
        _cell("content", values["content"]),
        _cell("kind", str(values["kind"]).replace("nhieu_noi_dung", "khieu_nai")),
        _cell("received_date", values["received_date"]),
        _cell("handler_org", values["handler_org"]),
        _cell("processing_result", XLSX_RESULTS.get(result, result)),
        NO_DATE,
    ]


def _cell(field: str, value: Value) -> str:
    if value is None:
        return ""
    if value == UNREADABLE_DATE:
        return "31/02/2021"
    if isinstance(value, bool):
        return "Có" if value else "Không"
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return LABELLED.get(field, {}).get(str(value), str(value))
