"""Periodic reports, and the organisation units that all records belong to."""

from expectations.declaring import Field, Need, RecordType, Type
from expectations.records_shared import ORG_CODE

T, N = Type, Need

FORMS = (
    "01/TCD",
    "02/TCD",
    "01/XLD",
    "02/XLD",
    "03/XLD",
    "04/XLD",
    "01/KQGQ",
    "02/KQGQ",
    "03/KQGQ",
    "04/KQGQ",
)

PERIODIC_REPORT = RecordType(
    "periodic_report",
    "báo cáo định kỳ",
    "NĐ 55/2022 Art. 6(6); TT 01/2024 Art. 3, 7",
    "period_to",
    (
        ORG_CODE,
        Field("form_code", "biểu", T.CODE, N.MANDATORY, codes=FORMS),
        Field(
            "period_type",
            "kỳ báo cáo",
            T.CODE,
            N.MANDATORY,
            codes=("quy_1", "quy_2", "quy_3", "quy_4", "6_thang", "9_thang", "nam"),
        ),
        Field("year", "năm", T.INT, N.MANDATORY),
        Field("period_from", "từ ngày", T.DATE, N.MANDATORY),
        Field("period_to", "đến ngày", T.DATE, N.MANDATORY),
        Field(
            "cells",
            "số liệu theo cột",
            T.ITEMS,
            N.MANDATORY,
            items=(Field("col", "cột"), Field("value", "giá trị", T.INT)),
            source="an item a column of the form; money in triệu đồng",
        ),
        Field("report_no", "số báo cáo", need=N.CONDITIONAL),
        Field("report_date", "ngày báo cáo", T.DATE, N.CONDITIONAL),
        Field(
            "requested_at",
            "ngày được yêu cầu",
            T.DATE,
            N.CONDITIONAL,
            source="NĐ 55/2022 Art. 8(3): 15 days",
        ),
    ),
)

ORG_UNIT = RecordType(
    "org_unit",
    "đơn vị BHXH",
    "QĐ 20/2020; QĐ 391/QĐ-BTC and QĐ 2286/QĐ-BTC of 2025",
    "valid_from",
    (
        Field("org_code", "mã định danh", need=N.MANDATORY, source="QĐ 20/2020"),
        Field("name", "tên trong thời kỳ", need=N.MANDATORY),
        Field(
            "level",
            "cấp",
            T.CODE,
            N.MANDATORY,
            codes=("trung_uong", "khu_vuc", "tinh", "huyen", "lien_huyen", "co_so"),
        ),
        Field("province_code", "mã tỉnh", need=N.CONDITIONAL),
        Field(
            "code_scheme",
            "bảng mã tỉnh",
            T.CODE,
            N.CONDITIONAL,
            codes=("GSO2004", "QD19-2025"),
        ),
        Field("parent", "đơn vị cấp trên", T.REFERENCE, refers_to=("org_unit",)),
        Field(
            "predecessor",
            "đơn vị tiền thân",
            T.REFERENCES,
            refers_to=("org_unit",),
            source="several when units were merged, one when it was renamed",
        ),
        Field("legal_document", "văn bản thành lập, sáp nhập, đổi tên"),
        Field("valid_from", "hiệu lực từ", T.DATE, N.MANDATORY),
        Field("valid_to", "hiệu lực đến", T.DATE, N.CONDITIONAL),
    ),
)
