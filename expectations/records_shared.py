"""Fields and codes that several record types share."""

from expectations.declaring import Field, Type

T = Type

KINDS = ("khieu_nai", "to_cao", "kien_nghi_phan_anh", "nhieu_noi_dung")
# The kinds under which a sender counts as a denouncer; an unknown kind does too.
DENOUNCING_KINDS = ("to_cao", "nhieu_noi_dung")

# Where a petition came from; CV 1151 §3 adds cu_tri and doan_dai_bieu_qh.
SOURCES = (
    "truc_tiep",
    "buu_chinh",
    "tcd",
    "co_quan_chuyen",
    "dai_bieu_qh",
    "doan_dai_bieu_qh",
    "cu_tri",
    "cong_dien_tu",
    "hop_thu",
)

ORG_CODE = Field("org_code", "mã định danh cơ quan", source="QĐ 20/2020")
NA_SESSION = Field("na_session", "kỳ họp Quốc hội", source="CV 1151 §3")
SKIPPED_LEVEL = Field("skipped_level", "vượt cấp", T.BOOL, source="CV 1151 §2")
IS_PROLONGED = Field("is_prolonged", "kéo dài", T.BOOL, source="CV 1151 §2")
SENDER_KIND = Field(
    "sender_kind",
    "loại chủ thể",
    T.CODE,
    codes=("ca_nhan", "tap_the", "doanh_nghiep", "co_quan"),
    source="CV 1151",
)
ESCALATED_ON = Field("escalated_on", "ngày báo cáo cấp trên", T.DATE, source="CV 3476")
ESCALATED_TO = Field("escalated_to", "cấp có thẩm quyền được báo cáo", source="CV 3476")
DIALOGUE_HELD_BY = Field(
    "dialogue_held_by",
    "người chủ trì đối thoại",
    T.CODE,
    codes=("nguoi_dung_dau", "cap_pho"),
    source="CV 1151 §2",
)
CONSULTATION = Field(
    "consultation",
    "xin ý kiến",
    T.ITEMS,
    items=(
        Field("asked_on", "ngày hỏi", T.DATE),
        Field("body", "cơ quan được hỏi"),
        Field("due_on", "hạn trả lời", T.DATE),
        Field("answered_on", "ngày trả lời", T.DATE),
    ),
    source="CV 3476",
)
HEAD_RECEPTION = Field(
    "head_reception_id",
    "lượt tiếp của người đứng đầu",
    T.REFERENCE,
    refers_to=("reception",),
    source="CV 1151 §2",
)
