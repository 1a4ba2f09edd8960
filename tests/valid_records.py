"""One valid synthetic record of each type, as a frame of one row."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from expectations import frames
from expectations.records import record_id

# The day on which tests look at the records.
TODAY = date(2026, 11, 22)

# Columns 1 to 26 of form 01/XLD: 1=2+..+7, 9=11+12+13=14+..+17=18+22.
CELLS_01_XLD = (
    *(9, 1, 2, 0, 3, 3, 0),
    *(9, 8, 7, 4, 2, 2, 3, 1, 3, 1),
    *(5, 3, 1, 1, 3, 1, 2, 0, 1),
)

VALUES: Mapping[str, Mapping[str, object]] = {
    "reception": {
        "org_code": "G24.44",
        "reception_date": date(2026, 7, 20),
        "reception_type": "thuong_xuyen",
        "channel": "truc_tiep",
        "host_role": "can_bo_tcd",
        "citizen_name": "Nguyễn Thị Mơ Chua",
        "citizen_address": "3 ngõ Bòn Bon, xã Quýt Ngọt, tỉnh Quảng Trị",
        "id_type": "cccd",
        "id_number": "045185000003",
        "people_count": 1,
        "is_group": False,
        "visit_sequence": "first",
        "content": "Hỏi về mức hưởng chế độ thai sản",
        "petition_kind": "khieu_nai",
        "result": "giai_thich",
        "previous_resolver": "BHXH cơ sở Vườn Xoài",
        "petition_id": record_id("nguon_mau", "petition", "1"),
        "sender_kind": "ca_nhan",
    },
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
    "recommendation_reflection": {
        "org_code": "G24.44",
        "petition_ids": [record_id("nguon_mau", "petition", "3")],
        "sender_name": "Hồ Văn Vú Sữa",
        "sender_address": "5 ngõ Sầu Riêng, xã Quýt Ngọt, tỉnh Quảng Trị",
        "sender_contact": "0912 000 333",
        "sender_kind": "ca_nhan",
        "received_date": date(2026, 7, 6),
        "content": "Đề nghị thêm điểm chi trả lương hưu",
        "channel": "cu_tri",
        "competent": True,
        "handler": "Phòng Chế độ BHXH",
        "result": "da_tra_loi",
        "answer_no": "90/BHXH-CĐ",
        "answer_date": date(2026, 7, 24),
        "origin": "cu_tri",
        "na_session": "kỳ họp thứ 2",
    },
    "decision": {
        "org_code": "G24.44",
        "case_type": "complaint_case",
        "case_id": record_id("nguon_mau", "complaint_case", "1"),
        "doc_no": "101/QĐ-BHXH",
        "doc_date": date(2026, 8, 5),
        "doc_type": "qd_giai_quyet_1",
        "signer": "Trương Văn Chôm Chôm",
        "signer_title": "Giám đốc",
        "issuing_org": "BHXH tỉnh Quảng Trị",
        "sent_date": date(2026, 8, 7),
        "published_date": date(2026, 8, 12),
        "publication_form": "niêm yết tại trụ sở",
        "disposition": "giu_nguyen",
    },
    "enforcement": {
        "org_code": "G24.44",
        "decision_id": record_id("nguon_mau", "decision", "1"),
        "required": True,
        "start_date": date(2026, 9, 8),
        "due_date": date(2026, 10, 8),
        "responsible_org": "BHXH cơ sở Vườn Xoài",
        "status": "xong",
        "completed_date": date(2026, 9, 30),
        "returned_money": 1_500_000,
        "state_money": 0,
        "persons_handled": 0,
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
    "periodic_report": {
        "org_code": "G24.44",
        "form_code": "01/XLD",
        "period_type": "quy_2",
        "year": 2026,
        "period_from": date(2026, 3, 15),
        "period_to": date(2026, 6, 14),
        "cells": [
            {"col": str(column), "value": value}
            for column, value in enumerate(CELLS_01_XLD, start=1)
        ],
        "report_no": "12/BC-BHXH",
        "report_date": date(2026, 6, 16),
        "requested_at": date(2026, 6, 10),
    },
    "org_unit": {
        "org_code": "G24.44.03",
        "name": "BHXH cơ sở Vườn Xoài",
        "level": "co_so",
        "province_code": "44",
        "code_scheme": "QD19-2025",
        "parent": record_id("nguon_mau", "org_unit", "2"),
        "predecessor": [record_id("nguon_mau", "org_unit", "3")],
        "legal_document": "QĐ 2286/QĐ-BTC",
        "valid_from": date(2025, 7, 1),
        "valid_to": None,
    },
}


# A child along these links is not the valid record as it stands.
LINKED_CHILDREN: Mapping[str, Mapping[str, object]] = {
    "complaint_case.first_case_id>complaint_case": {
        "instance": 2,
        "received_date": date(2026, 8, 20),
        "accepted_date": date(2026, 8, 28),
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


def valid_link(link: str, **changes: object) -> pl.DataFrame:
    """The valid child and the valid parent it names, one line of the link frame."""
    reference = frames.BY_LINK[link]
    child = dict(VALUES[reference.record_type]) | dict(LINKED_CHILDREN.get(link, {}))
    if reference.chosen_by:
        child[reference.chosen_by] = reference.target
    parent = {f"{reference.field}.{k}": v for k, v in VALUES[reference.target].items()}
    row: dict[str, object] = {
        frames.LOCATOR: "so_don.xlsx!Sheet1!R2",
        frames.RECORD_ID: record_id("nguon_mau", reference.record_type, "1"),
        f"{reference.field}.{frames.RECORD_ID}": "0" * 32,
    }
    schema = frames.schema(link)
    unknown = changes.keys() - schema.keys()
    assert not unknown, f"no such columns: {sorted(unknown)}"
    row |= child | parent | changes
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


def provided(name: str) -> frozenset[str]:
    """Every field of the type or link, as a preset that maps them all."""
    return frozenset(frames.schema(name)) - frozenset(frames.PROVENANCE)
