"""The product that is a database: its tables, and rows as PostgreSQL COPY data."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from flows.demo.breaking import UNREADABLE_DATE
from flows.demo.codes import NUMBERED
from flows.demo.inventing import Record, Value
from flows.demo.people import words
from flows.demo.planting import Row

# Column of the table -> our field. Persons stand in a table of their own.
TABLES: dict[str, tuple[str, dict[str, str]]] = {
    "petition": (
        "don",
        {
            "ngay_nhan": "received_date",
            "ngay_viet": "written_date",
            "nguon_don": "source",
            "loai_don": "kind",
            "linh_vuc": "field_area",
            "loai_chu_don": "sender_kind",
            "nguoi_bi_kntc": "respondent_name",
            "don_vi_bi_kntc": "respondent_org",
            "noi_dung": "content",
            "nac_danh": "is_anonymous",
            "co_chu_ky": "has_signature",
            "dung_ngon_ngu": "language_ok",
            "so_nguoi_ky": "signatories",
            "du_dieu_kien": "eligible",
            "ly_do": "ineligible_reason",
            "thuoc_tham_quyen": "within_competence",
            "ket_qua_xu_ly": "processing_result",
            "loai_noi_chuyen": "forwarded_to_class",
            "noi_chuyen": "forwarded_to",
            "ngay_chuyen": "forwarded_date",
            "so_van_ban": "reply_no",
            "quy_dinh_hc": "on_admin_regulation",
            "ngay_xu_ly": "processed_date",
            "co_quan_xu_ly": "handler_org",
        },
    ),
    "complaint_case": (
        "vu_khieu_nai",
        {
            "ma_don": "petition_ids",
            "lan_giai_quyet": "instance",
            "ma_vu_lan_dau": "first_case_id",
            "loai_chu_don": "sender_kind",
            "nguoi_bi_kn": "respondent_name",
            "dia_chi_bi_kn": "respondent_address",
            "don_vi_bi_kn": "respondent_org",
            "doi_tuong_kn": "object_type",
            "so_qd_bi_kn": "object_doc_no",
            "ngay_qd_bi_kn": "object_doc_date",
            "noi_dung": "content",
            "ngay_nhan": "received_date",
            "ngay_thu_ly": "accepted_date",
            "so_thong_bao": "notice_no",
            "ngay_khong_thu_ly": "refused_date",
            "ly_do_khong_thu_ly": "refusal_ground",
            "vung_sau_xa": "is_remote",
            "phuc_tap": "is_complex",
            "ngay_doi_thoai": "dialogue_date",
            "co_mat_doi_thoai": "dialogue_attended",
            "nguoi_doi_thoai": "dialogue_held_by",
            "ket_luan": "outcome",
            "so_quyet_dinh": "decision_no",
            "ngay_quyet_dinh": "decision_date",
            "ngay_gui_qd": "decision_sent_date",
            "ngay_cong_khai": "published_date",
            "nguoi_giai_quyet": "settled_by",
        },
    ),
    "denunciation_case": (
        "vu_to_cao",
        {
            "ma_don": "petition_ids",
            "loai_chu_don": "sender_kind",
            "nguoi_bi_tc": "denounced_name",
            "chuc_vu": "denounced_position",
            "don_vi_bi_tc": "denounced_org",
            "hanh_vi": "act_type",
            "noi_dung": "content",
            "nac_danh": "is_anonymous",
            "ngay_nhan": "received_date",
            "nhieu_noi": "check_multi_place",
            "ngay_thu_ly": "accepted_date",
            "so_qd_thu_ly": "acceptance_decision_no",
            "ngay_qd_thu_ly": "acceptance_decision_date",
            "ngay_thong_bao": "notified_date",
            "phuc_tap": "is_complex",
            "dac_biet_phuc_tap": "is_specially_complex",
            "to_cao_tiep": "is_continued",
            "ket_luan": "outcome",
            "so_ket_luan": "conclusion_no",
            "ngay_ket_luan": "conclusion_date",
            "so_nguoi_xu_ly": "hc_persons",
            "tien_thu_hoi": "money_recover",
            "ngay_cong_khai": "published_date",
            "noi_dung_cong_khai": "published_text",
        },
    ),
    "recovery": (
        "thu_hoi",
        {
            "loai_vu": "case_type",
            "ma_vu": "case_id",
            "quy": "fund",
            "loai_che_do": "benefit_type",
            "tu_ngay": "period_from",
            "den_ngay": "period_to",
            "so_tien_huong_sai": "amount_wrong",
            "so_qd": "decision_no",
            "da_thu_hoi": "amount_recovered",
            "con_phai_thu": "remaining",
            "kho_thu_hoi": "hard_to_recover",
            "ngay_thu_gan_nhat": "last_recovery_date",
            "nguoi_huong": "beneficiary_ref",
            "phat_hien_qua": "found_through",
            "bien_phap": "measure",
        },
    ),
}

PARTIES = {
    "petition": "sender",
    "complaint_case": "complainant",
    "denunciation_case": "denouncer",
}
PARTY_PARTS = ("name", "address", "contact", "id_number")


@dataclass(frozen=True, slots=True)
class _Load:
    """COPY lines a table, in the order of the tables."""

    lines: dict[str, list[str]]

    def add(self, table: str, values: Iterable[Value]) -> None:
        self.lines[table].append("\t".join(map(_copied, values)))


def write_sql(path: Path, rows: list[Row]) -> None:
    """The whole database of one office, as SQL for psql."""
    tables = ("doi_tuong", "gia_han", *(table for table, _ in TABLES.values()))
    load = _Load({table: [] for table in tables})
    for number, row in enumerate(rows, 1):
        _add(load, number, row.record)
    with path.open("w", encoding="utf-8") as file:
        file.write("BEGIN;\n" + _schema())
        for table, lines in load.lines.items():
            file.write(f"COPY {table} FROM stdin;\n")
            file.writelines(f"{line}\n" for line in lines)
            file.write("\\.\n")
        file.write("COMMIT;\n")


def _add(load: _Load, number: int, record: Record) -> None:
    table, columns = TABLES[record.type]
    values = record.values
    party = PARTIES.get(record.type)
    if party is not None:
        who = [values.get(f"{party}_{part}") for part in PARTY_PARTS]
        load.add("doi_tuong", [number, *who])
    cells = [_coded(field, values.get(field)) for field in columns.values()]
    status = NUMBERED["status"][record.status]
    changed = record.updated_at.isoformat(" ")
    # The case system writes a blank number as an empty text, not as NULL.
    load.add(table, [record.key, number if party else None, *cells, status, changed])
    extensions = values.get("extensions")
    for item in extensions if isinstance(extensions, list) else []:
        line = [record.key, item["no"], item["decision_no"], item["date"]]
        load.add("gia_han", line)


def _coded(field: str, value: Value) -> Value:
    if value == UNREADABLE_DATE:
        return None
    return NUMBERED[field].get(str(value), value) if field in NUMBERED else value


def _copied(value: Value) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, str):
        text = value.replace("\\", "\\\\").replace("\t", "\\t")
        return text.replace("\n", "\\n").replace("\r", "\\r")
    return str(value)


def _schema() -> str:
    people = "id bigint PRIMARY KEY, ho_ten text, dia_chi text, lien_he text"
    statements = [
        f"CREATE TABLE doi_tuong ({people}, so_giay_to text);",
        "CREATE TABLE gia_han (ma_vu text, lan int, so_qd text, ngay date);",
    ]
    # No primary key on the number: an old system, where numbers repeat.
    for table, columns in TABLES.values():
        typed = [f"{name} {_sql_type(name)}" for name in columns]
        own = [f"ma_{table} text", "chu_don_id bigint", *typed]
        tail = ["trang_thai text", "ngay_cap_nhat timestamp(0)"]
        statements.append(f"CREATE TABLE {table} ({', '.join([*own, *tail])});")
        statements.append(f"CREATE INDEX ON {table} (ngay_cap_nhat);")
    return "\n".join([*statements, "CREATE INDEX ON gia_han (ma_vu);", ""])


NUMBERS = ("so_nguoi_ky", "so_nguoi_xu_ly", "lan_giai_quyet")
AMOUNTS = ("tien_thu_hoi", "so_tien_huong_sai", "da_thu_hoi", "con_phai_thu")
FLAGS = words(
    "nac_danh co_chu_ky dung_ngon_ngu du_dieu_kien thuoc_tham_quyen quy_dinh_hc "
    "vung_sau_xa phuc_tap co_mat_doi_thoai nhieu_noi dac_biet_phuc_tap to_cao_tiep "
    "kho_thu_hoi"
)


def _sql_type(column: str) -> str:
    kinds: tuple[tuple[Callable[[str], bool], str], ...] = (
        (lambda c: c.startswith("ngay_") or c in ("tu_ngay", "den_ngay"), "date"),
        (lambda c: c in NUMBERS, "int"),
        (lambda c: c in AMOUNTS, "bigint"),
        (lambda c: c in FLAGS, "smallint"),
    )
    return next((sql for matches, sql in kinds if matches(column)), "text")
