"""One valid synthetic record of each type, as a frame of one row."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from expectations import frames
from expectations.records import record_id

# The day on which tests look at the records.
TODAY = date(2026, 11, 22)

VALUES: Mapping[str, Mapping[str, object]] = {
    "petition": {
        "org_code": "G24.44",
        "received_date": date(2026, 7, 6),
        "written_date": date(2026, 7, 4),
        "source": "buu_chinh",
        "kind": "khieu_nai",
        "field_area": "bhxh",
        "sender_name": "Trần Thị Thu Bưởi",
        "sender_address": "12 ngõ Cam Sành, xã Quýt Ngọt, tỉnh Quảng Trị",
        "sender_contact": "0912 000 222",
        "sender_id_number": "045185000001",
        "sender_kind": "ca_nhan",
        "respondent_name": "Phạm Văn Mận",
        "respondent_org": "BHXH cơ sở Vườn Xoài",
        "content": "Đề nghị xem lại mức hưởng chế độ ốm đau tháng 5 năm 2026",
        "is_anonymous": False,
        "has_signature": True,
        "language_ok": True,
        "signatories": 1,
        "eligible": True,
        "within_competence": True,
        "processing_result": "thu_ly",
        "on_admin_regulation": False,
        "processed_date": date(2026, 7, 10),
    },
    "complaint_case": {
        "org_code": "G24.44",
        "petition_ids": [record_id("nguon_mau", "petition", "1")],
        "instance": 1,
        "complainant_name": "Trần Thị Thu Bưởi",
        "complainant_address": "12 ngõ Cam Sành, xã Quýt Ngọt, tỉnh Quảng Trị",
        "complainant_id_number": "045185000001",
        "respondent_name": "Phạm Văn Mận",
        "respondent_address": "1 đường Chanh Leo, xã Quýt Ngọt, tỉnh Quảng Trị",
        "respondent_org": "BHXH cơ sở Vườn Xoài",
        "object_type": "quyet_dinh_bhxh",
        "object_doc_no": "77/QĐ-BHXH",
        "object_doc_date": date(2026, 6, 1),
        "content": "Mức hưởng chế độ ốm đau",
        "received_date": date(2026, 7, 6),
        "accepted_date": date(2026, 7, 10),
        "notice_no": "5/TB-BHXH",
        "is_remote": False,
        "is_complex": False,
        "dialogue_date": date(2026, 7, 20),
        "dialogue_attended": True,
        "dialogue_held_by": "nguoi_dung_dau",
        "outcome": "sai",
        "decision_no": "101/QĐ-BHXH",
        "decision_date": date(2026, 8, 5),
        "decision_sent_date": date(2026, 8, 7),
        "published_date": date(2026, 8, 12),
        "settled_by": "Giám đốc BHXH tỉnh",
    },
    "denunciation_case": {
        "org_code": "G24.44",
        "petition_ids": [record_id("nguon_mau", "petition", "2")],
        "denouncer_name": "Lê Văn Khế Ngọt",
        "denouncer_address": "9 ngõ Sim Tím, xã Quýt Ngọt, tỉnh Quảng Trị",
        "denouncer_contact": "0912 000 111",
        "denouncer_id_number": "045085000002",
        "denounced_name": "Đỗ Văn Ổi",
        "denounced_position": "chuyên viên",
        "denounced_org": "BHXH cơ sở Vườn Xoài",
        "act_type": "cong_vu",
        "content": "Gây khó khăn khi tiếp nhận hồ sơ hưởng chế độ",
        "is_anonymous": False,
        "received_date": date(2026, 7, 6),
        "check_multi_place": False,
        "accepted_date": date(2026, 7, 14),
        "acceptance_decision_no": "8/QĐ-BHXH",
        "acceptance_decision_date": date(2026, 7, 14),
        "notified_date": date(2026, 7, 17),
        "extensions": [],
        "is_complex": False,
        "is_specially_complex": False,
        "is_continued": False,
        "outcome": "co_dung_co_sai",
        "conclusion_no": "3/KL-BHXH",
        "conclusion_date": date(2026, 8, 10),
        "published_date": date(2026, 8, 14),
        "published_text": "Kết luận: nội dung tố cáo có đúng có sai",
    },
    "recovery": {
        "org_code": "G24.44",
        "case_type": "complaint_case",
        "case_id": record_id("nguon_mau", "complaint_case", "1"),
        "fund": "bhxh",
        "benefit_type": "ốm đau",
        "period_from": date(2024, 3, 1),
        "period_to": date(2025, 3, 1),
        "amount_wrong": 10_000_000,
        "decision_no": "55/QĐ-BHXH",
        "amount_recovered": 4_000_000,
        "remaining": 6_000_000,
        "hard_to_recover": False,
        "last_recovery_date": date(2026, 9, 1),
        "beneficiary_ref": "Vũ Thị Na",
        "found_through": "khieu_nai",
        "measure": "trừ vào lương hưu hằng tháng",
    },
}


def valid(record_type: str, **changes: object) -> pl.DataFrame:
    """The valid record with the changes applied, one row of the type's schema."""
    key = {
        frames.ROW: 0,
        frames.LOCATOR: "so_don.xlsx!Sheet1!R2",
        frames.RECORD_ID: record_id("nguon_mau", record_type, "1"),
        frames.SOURCE_ID: "1",
    }
    row = key | dict(VALUES[record_type]) | changes
    schema = frames.schema(record_type)
    unknown = row.keys() - schema.keys()
    assert not unknown, f"no such columns: {sorted(unknown)}"
    return pl.DataFrame(
        {name: [row.get(name)] for name in schema}, schema=schema, strict=True
    )


def many(record_type: str, rows: int, **changes: object) -> pl.DataFrame:
    """The valid record, changed, as that many records with keys of their own."""
    one = valid(record_type, **changes)
    keys = [f"{i:032x}" for i in range(rows)]
    return one[[0] * rows].with_columns(
        pl.int_range(rows, dtype=pl.UInt32).alias(frames.ROW),
        pl.Series(frames.RECORD_ID, keys),
    )


def provided(record_type: str) -> frozenset[str]:
    """Every field of the type, as a preset that maps them all."""
    return frozenset(frames.schema(record_type)) - frozenset(frames.PROVENANCE)
