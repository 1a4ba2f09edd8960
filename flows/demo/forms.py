"""The products that are files: what stands in the header and in the cells of each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flows.demo.breaking import UNREADABLE_DATE
from flows.demo.codes import LABELLED, coded
from flows.demo.inventing import Record, Value
from flows.demo.products import CSV, REPORTS, TCD, UNITS, XLSX

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
UNIT_COLUMNS = {
    "Mã định danh": "org_code",
    "Tên đơn vị": "name",
    "Cấp": "level",
    "Mã tỉnh": "province_code",
    "Bảng mã tỉnh": "code_scheme",
    "Đơn vị cấp trên": "parent",
    "Đơn vị tiền thân": "predecessor",
    "Văn bản": "legal_document",
    "Hiệu lực từ": "valid_from",
    "Hiệu lực đến": "valid_to",
}
REPORT_COLUMNS = {
    "Mã cơ quan": "org_code",
    "Biểu": "form_code",
    "Kỳ": "period_type",
    "Năm": "year",
    "Từ ngày": "period_from",
    "Đến ngày": "period_to",
    "Số báo cáo": "report_no",
    "Ngày báo cáo": "report_date",
    "Ngày được yêu cầu": "requested_at",
}
FORM_COLUMNS = tuple(str(n) for n in range(1, 33))  # the longest form has 32

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

# TT 04/2021/TT-TTCP, Mẫu số 03: twelve columns, three of them under one heading.
TCD_TITLE = (
    ("BẢO HIỂM XÃ HỘI VIỆT NAM",),
    ("SỔ TIẾP CÔNG DÂN",),
    ("(Mẫu số 03, Thông tư số 04/2021/TT-TTCP)",),
)
TCD_TOP = (
    "STT",
    "Ngày tiếp",
    "Họ tên - Địa chỉ",
    "CMND/Hộ chiếu",
    "Nội dung vụ việc",
    "Phân loại đơn/Số người",
    "Cơ quan đã giải quyết",
    "Hướng xử lý",
    "",
    "",
    "Theo dõi kết quả",
    "Ghi chú",
)
TCD_UNDER = (
    *("",) * 7,
    "Thụ lý để giải quyết",
    "Trả lại đơn và hướng dẫn",
    "Chuyển đơn",
)
TCD_MARKS = ("thu_ly", "tra_lai_huong_dan", "chuyen_don")
# What was settled on the spot is not marked: it is written down as the result.
TCD_SETTLED = {"giai_thich": "Đã giải thích tại chỗ", "tu_choi": "Từ chối tiếp"}
TCD_VISITS = {"first": "Tiếp lần đầu", "repeat": "Tiếp nhiều lần"}


@dataclass(frozen=True, slots=True)
class Form:
    """How a product lays out its register; one file a year, or one in all.

    `cells` are those after the running number where the form has one.
    """

    file: str
    head: tuple[tuple[str, ...], ...]
    cells: Callable[[Record], list[str]]
    merged: tuple[str, ...] = ()
    is_numbered: bool = False
    sheet: str = "Sheet1"
    is_yearly: bool = True


def written(record: Record, field: str) -> str:
    """A field as people type it."""
    return cell(record, field, record.values.get(field))


def cell(record: Record, field: str, value: Value) -> str:
    """A value as people type it into that field."""
    if value is None:
        return ""
    if value == UNREADABLE_DATE:
        return "31/02/2021"
    if isinstance(value, bool):
        return "Có" if value else "Không"
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, list):
        return "; ".join(str(item) for item in value)
    return coded(LABELLED, record.type, field, str(value))


def status(record: Record) -> str:
    """The status of a row; a ragged one looks valid."""
    return LABELLED["status"].get(record.status, LABELLED["status"]["active"])


def _csv_cells(record: Record) -> list[str]:
    cells = [written(record, field) for field in CSV_COLUMNS.values()]
    if record.status == "ragged":
        # Somebody typed a separator into the sender's name: one cell too many.
        name, _, rest = cells[5].rpartition(" ")
        cells[5:6] = [name, rest]
    return [record.key, *cells, status(record)]


def _xlsx_cells(record: Record) -> list[str]:
    values = record.values
    source, result = str(values["source"]), str(values["processing_result"])
    if not source.startswith("!") and source not in XLSX_SOURCES:
        source = "co_quan_chuyen"
    kind = str(values["kind"]).replace("nhieu_noi_dung", "khieu_nai")
    sender = [values["sender_name"], values["sender_address"]]
    return [
        record.key,
        cell(record, "source", source),
        ", ".join(str(part) for part in sender if part),
        written(record, "content"),
        cell(record, "kind", kind),
        written(record, "received_date"),
        written(record, "handler_org"),
        cell(record, "processing_result", XLSX_RESULTS.get(result, result)),
        NO_DATE,
    ]


def tcd_number(key: str) -> str:
    """The register's own number, such as 31/2024, of a key DB-T2024-00031."""
    head, _, number = key.rpartition("-")
    year = head[-4:]
    return f"{int(number)}/{year}" if number.isdigit() and year.isdigit() else key


def _tcd_cells(record: Record) -> list[str]:
    values = record.values
    result = str(values["result"])
    who = f"{written(record, 'citizen_name')} - {written(record, 'citizen_address')}"
    kind = written(record, "petition_kind")
    visit = TCD_VISITS.get(str(values.get("visit_sequence")), "")
    return [
        tcd_number(record.key) if record.key else "",
        written(record, "reception_date"),
        who,
        written(record, "id_number"),
        written(record, "content"),
        f"{kind}/ {written(record, 'people_count')}",
        written(record, "previous_resolver"),
        *("x" if result == mark else "" for mark in TCD_MARKS),
        TCD_SETTLED.get(result, ""),
        visit if record.status == "active" else status(record),
    ]


def _unit_cells(record: Record) -> list[str]:
    cells = [written(record, field) for field in UNIT_COLUMNS.values()]
    return [record.key, *cells, status(record)]


def _report_cells(record: Record) -> list[str]:
    cells = [written(record, field) for field in REPORT_COLUMNS.values()]
    items = record.values.get("cells")
    listed = items if isinstance(items, list) else []
    given = {
        str(item["col"]): str(item["value"])
        for item in listed
        if isinstance(item, dict) and item["value"] is not None
    }
    columns = [given.get(column, "") for column in FORM_COLUMNS]
    return [record.key, *cells, *columns, status(record)]


_ACROSS = [f"{chr(65 + n)}1:{chr(65 + n)}2" for n in range(len(XLSX_HEADER))]
_TCD_ACROSS = [f"{c}5:{c}6" for c in "ABCDEFGKL"]

FORMS = {
    CSV: Form(
        "so_don_thu_{}.csv", (("Số đơn", *CSV_COLUMNS, "Trạng thái"),), _csv_cells
    ),
    XLSX: Form(
        "so_don_thu_{}.xlsx",
        (XLSX_HEADER, ()),
        _xlsx_cells,
        tuple(_ACROSS),
        is_numbered=True,
    ),
    TCD: Form(
        "so_tiep_cong_dan_{}.xlsx",
        (*TCD_TITLE, (), TCD_TOP, TCD_UNDER),
        _tcd_cells,
        (*_TCD_ACROSS, "H5:J5"),
        sheet="Sổ tiếp công dân",
    ),
    UNITS: Form(
        "danh_muc_don_vi.csv",
        (("Khóa", *UNIT_COLUMNS, "Trạng thái"),),
        _unit_cells,
        is_yearly=False,
    ),
    REPORTS: Form(
        "bao_cao_thong_ke_{}.csv",
        (("Khóa", *REPORT_COLUMNS, *FORM_COLUMNS, "Trạng thái"),),
        _report_cells,
    ),
}
