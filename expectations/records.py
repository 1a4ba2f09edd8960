"""The record types of the national database: pure declarations, the one source of
frames, tables and docs/records.md.

Field names follow NĐ 55/2022 Art. 6 as laid out in the project's domain sheet; the
dispatches' extra fields (CV 1151 §2, §3, §7; CV 3476) are marked with their source.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Type(StrEnum):
    """How a field is stored: Polars dtype in frames.py, SQL type in tables.py."""

    TEXT = "text"
    DATE = "date"
    BOOL = "bool"
    INT = "int"
    AMOUNT_VND = "amount_vnd"  # whole đồng
    CODE = "code"
    REFERENCE = "reference"  # the record_id of one other record
    REFERENCES = "references"  # record_ids; a link table in SQL
    ITEMS = "items"  # List(Struct); canonical JSON text in SQL


class Need(StrEnum):
    """M, C and O of the domain sheet."""

    MANDATORY = "M"
    CONDITIONAL = "C"
    OPTIONAL = "O"


class Privacy(StrEnum):
    """Which sealed envelope holds a field."""

    OPEN = "open"
    PERSONAL = "personal"
    DENOUNCER = "denouncer"
    # A sender's identity: the denouncer's envelope when the kind is a denunciation,
    # mixed or unknown, else the personal one (Luật Tố cáo Art. 8, 56).
    SENDER = "sender"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record type; `term` is the Vietnamese legal term."""

    name: str
    term: str
    type: Type = Type.TEXT
    need: Need = Need.OPTIONAL
    privacy: Privacy = Privacy.OPEN
    codes: tuple[str, ...] = ()
    items: tuple["Field", ...] = ()
    refers_to: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class RecordType:
    """A kind of record; `event_date` names the field whose date chooses the law."""

    name: str
    term: str
    law: str
    event_date: str | None
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field:
        """The field of that name; KeyError when there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(f"{self.name} has no field {name}")

    def having(self, *privacy: Privacy) -> tuple[Field, ...]:
        """The fields of those privacy classes, in declared order."""
        return tuple(f for f in self.fields if f.privacy in privacy)


T, N, P = Type, Need, Privacy

KINDS = ("khieu_nai", "to_cao", "kien_nghi_phan_anh", "nhieu_noi_dung")
# The kinds under which a sender counts as a denouncer; an unknown kind does too.
DENOUNCING_KINDS = ("to_cao", "nhieu_noi_dung")

# Luật Khiếu nại Art. 11, the twelve grounds of non-acceptance.
REFUSAL_GROUNDS = (
    "quyet_dinh_noi_bo",
    "cap_tren_voi_cap_duoi",
    "van_ban_quy_pham",
    "bi_mat_nha_nuoc",
    "khong_lien_quan_truc_tiep",
    "khong_du_nang_luc",
    "dai_dien_khong_hop_phap",
    "khong_chu_ky",
    "het_thoi_hieu",
    "da_co_quyet_dinh_lan_hai",
    "dinh_chi_qua_30_ngay",
    "toa_an_da_thu_ly",
)

ORG_CODE = Field("org_code", "mã định danh cơ quan", source="QĐ 20/2020")
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

PETITION = RecordType(
    "petition",
    "đơn",
    "NĐ 55/2022 Art. 6(2); TT 05/2021 Art. 6",
    "received_date",
    (
        ORG_CODE,
        Field("received_date", "ngày nhận", T.DATE, N.MANDATORY),
        Field("written_date", "ngày viết", T.DATE, N.CONDITIONAL),
        Field(
            "source",
            "nguồn đơn",
            T.CODE,
            N.MANDATORY,
            codes=(
                "truc_tiep",
                "buu_chinh",
                "tcd",
                "co_quan_chuyen",
                "dai_bieu_qh",
                "doan_dai_bieu_qh",
                "cu_tri",
                "cong_dien_tu",
                "hop_thu",
            ),
            source="CV 1151 §3 adds cu_tri, doan_dai_bieu_qh",
        ),
        Field("na_session", "kỳ họp Quốc hội", source="CV 1151 §3"),
        Field("kind", "loại đơn", T.CODE, N.MANDATORY, codes=KINDS),
        Field(
            "field_area",
            "lĩnh vực",
            T.CODE,
            N.MANDATORY,
            codes=("bhxh", "bhyt", "bhtn", "thu_no", "chi_tra", "can_bo", "khac"),
        ),
        Field("sender_name", "người viết đơn", need=N.CONDITIONAL, privacy=P.SENDER),
        Field("sender_address", "địa chỉ", need=N.CONDITIONAL, privacy=P.SENDER),
        Field("sender_contact", "liên hệ", need=N.CONDITIONAL, privacy=P.SENDER),
        Field("sender_id_number", "số giấy tờ", privacy=P.SENDER),
        SENDER_KIND,
        Field(
            "respondent_name",
            "người bị khiếu nại, bị tố cáo",
            need=N.CONDITIONAL,
            privacy=P.PERSONAL,
        ),
        Field("respondent_org", "cơ quan bị khiếu nại, bị tố cáo", need=N.CONDITIONAL),
        Field("content", "nội dung", need=N.CONDITIONAL, privacy=P.PERSONAL),
        Field("is_anonymous", "nặc danh", T.BOOL, N.MANDATORY),
        Field("has_signature", "chữ ký", T.BOOL, N.MANDATORY),
        Field("language_ok", "ngôn ngữ", T.BOOL, N.MANDATORY),
        Field("signatories", "số người đứng tên", T.INT, N.MANDATORY),
        Field("eligible", "đủ điều kiện xử lý", T.BOOL, N.MANDATORY),
        Field(
            "ineligible_reason",
            "lý do không đủ điều kiện",
            T.CODE,
            N.CONDITIONAL,
            codes=(
                "thieu_dieu_kien",
                "gui_nhieu_noi",
                "da_huong_dan",
                "trai_chu_truong",
                "rach_nat",
            ),
            source="TT 05/2021 Art. 6(2)(b)",
        ),
        Field("within_competence", "thuộc thẩm quyền", T.BOOL, N.MANDATORY),
        Field(
            "processing_result",
            "kết quả xử lý",
            T.CODE,
            N.MANDATORY,
            codes=(
                "thu_ly",
                "chuyen",
                "tra_lai_huong_dan",
                "don_rut",
                "xep_luu",
                "don_doc",
            ),
        ),
        Field(
            "forwarded_to_class",
            "loại nơi chuyển",
            T.CODE,
            N.CONDITIONAL,
            codes=(
                "qh_hdnd",
                "hanh_chinh",
                "to_tung_thi_hanh_an",
                "kiem_toan",
                "to_chuc_ct_xh",
                "don_vi_sn_dnnn",
                "khac",
            ),
        ),
        Field("forwarded_to", "nơi chuyển", need=N.CONDITIONAL),
        Field("forwarded_date", "ngày chuyển", T.DATE, N.CONDITIONAL),
        Field("reply_no", "số văn bản trả lời", need=N.CONDITIONAL),
        Field("duplicate_of", "trùng với đơn", T.REFERENCE, refers_to=("petition",)),
        Field(
            "on_admin_regulation",
            "KNPA về quy định hành chính",
            T.BOOL,
            N.MANDATORY,
            source="NĐ 20/2008",
        ),
        Field("processed_date", "ngày xử lý", T.DATE, N.MANDATORY),
        Field("handler_org", "cơ quan xử lý"),
        SKIPPED_LEVEL,
        IS_PROLONGED,
    ),
)

COMPLAINT_CASE = RecordType(
    "complaint_case",
    "vụ việc khiếu nại",
    "NĐ 55/2022 Art. 6(3); Luật Khiếu nại 2011",
    "received_date",
    (
        ORG_CODE,
        Field(
            "petition_ids", "đơn", T.REFERENCES, N.MANDATORY, refers_to=("petition",)
        ),
        Field("instance", "lần giải quyết", T.INT, N.MANDATORY, codes=("1", "2")),
        Field(
            "complainant_name",
            "người khiếu nại",
            need=N.MANDATORY,
            privacy=P.PERSONAL,
        ),
        Field("complainant_address", "địa chỉ", need=N.MANDATORY, privacy=P.PERSONAL),
        Field("complainant_id_number", "số giấy tờ", privacy=P.PERSONAL),
        Field("representative", "người đại diện", privacy=P.PERSONAL),
        SENDER_KIND,
        Field(
            "respondent_name",
            "người bị khiếu nại",
            need=N.MANDATORY,
            privacy=P.PERSONAL,
        ),
        Field(
            "respondent_address",
            "địa chỉ người bị khiếu nại",
            need=N.MANDATORY,
            privacy=P.PERSONAL,
        ),
        Field("respondent_org", "cơ quan bị khiếu nại", need=N.MANDATORY),
        Field(
            "object_type",
            "đối tượng khiếu nại",
            T.CODE,
            N.MANDATORY,
            codes=("quyet_dinh_hc", "hanh_vi_hc", "quyet_dinh_bhxh", "ky_luat"),
        ),
        Field("object_doc_no", "số quyết định bị khiếu nại"),
        Field("object_doc_date", "ngày quyết định bị khiếu nại", T.DATE),
        Field("content", "nội dung", privacy=P.PERSONAL, source="Luật KN Art. 31"),
        Field("received_date", "ngày nhận", T.DATE, N.MANDATORY),
        Field("accepted_date", "ngày thụ lý", T.DATE, N.CONDITIONAL),
        Field("notice_no", "số thông báo thụ lý", need=N.CONDITIONAL),
        Field("refused_date", "ngày không thụ lý", T.DATE, N.CONDITIONAL),
        Field(
            "refusal_ground",
            "lý do không thụ lý",
            T.CODE,
            N.CONDITIONAL,
            codes=REFUSAL_GROUNDS,
            source="Luật KN Art. 11",
        ),
        Field("is_remote", "vùng sâu, vùng xa", T.BOOL, N.MANDATORY),
        Field("is_complex", "phức tạp", T.BOOL, N.MANDATORY),
        Field(
            "suspensions",
            "tạm đình chỉ",
            T.ITEMS,
            N.CONDITIONAL,
            items=(
                Field("from", "từ ngày", T.DATE),
                Field("to", "đến ngày", T.DATE),
                Field("ground", "lý do"),
            ),
            source="amending law in force 01/7/2026",
        ),
        Field("dialogue_date", "ngày đối thoại", T.DATE, N.CONDITIONAL),
        Field("dialogue_attended", "có mặt đối thoại", T.BOOL, N.CONDITIONAL),
        DIALOGUE_HELD_BY,
        HEAD_RECEPTION,
        Field("withdrawn_date", "ngày rút", T.DATE, N.CONDITIONAL),
        Field(
            "withdrawn_scope",
            "phạm vi rút",
            T.CODE,
            N.CONDITIONAL,
            codes=("toan_bo", "mot_phan"),
        ),
        Field(
            "outcome",
            "kết luận",
            T.CODE,
            N.CONDITIONAL,
            codes=("dung", "dung_mot_phan", "sai", "dinh_chi", "rut"),
        ),
        Field("decision_no", "số quyết định", need=N.CONDITIONAL),
        Field("decision_date", "ngày quyết định", T.DATE, N.CONDITIONAL),
        Field("decision_sent_date", "ngày gửi quyết định", T.DATE, N.CONDITIONAL),
        Field("published_date", "ngày công khai", T.DATE, N.CONDITIONAL),
        Field(
            "decision_id",
            "quyết định",
            T.REFERENCE,
            N.CONDITIONAL,
            refers_to=("decision",),
        ),
        Field(
            "first_case_id",
            "vụ việc lần đầu",
            T.REFERENCE,
            N.CONDITIONAL,
            refers_to=("complaint_case",),
        ),
        Field("settled_by", "người giải quyết", need=N.CONDITIONAL),
        Field("lawsuit_date", "ngày khởi kiện", T.DATE),
        Field("lawsuit_court", "toà án"),
        SKIPPED_LEVEL,
        IS_PROLONGED,
        ESCALATED_ON,
        ESCALATED_TO,
        CONSULTATION,
    ),
)

DENUNCIATION_CASE = RecordType(
    "denunciation_case",
    "vụ việc tố cáo",
    "NĐ 55/2022 Art. 6(4); Luật Tố cáo 2018",
    "received_date",
    (
        ORG_CODE,
        Field("petition_ids", "đơn", T.REFERENCES, refers_to=("petition",)),
        Field(
            "denouncer_name",
            "người tố cáo",
            need=N.MANDATORY,
            privacy=P.DENOUNCER,
            source="stored as the token denouncer_ref beside its sealed column",
        ),
        Field("denouncer_address", "địa chỉ người tố cáo", privacy=P.DENOUNCER),
        Field("denouncer_contact", "liên hệ người tố cáo", privacy=P.DENOUNCER),
        Field("denouncer_id_number", "số giấy tờ", privacy=P.DENOUNCER),
        SENDER_KIND,
        Field(
            "denounced_name",
            "người bị tố cáo",
            need=N.MANDATORY,
            privacy=P.PERSONAL,
        ),
        Field("denounced_position", "chức vụ", need=N.MANDATORY, privacy=P.PERSONAL),
        Field("denounced_org", "đơn vị công tác", need=N.MANDATORY, privacy=P.PERSONAL),
        Field(
            "act_type",
            "hành vi bị tố cáo",
            T.CODE,
            N.MANDATORY,
            codes=("cong_vu", "quan_ly_nha_nuoc"),
        ),
        Field("content", "nội dung", privacy=P.PERSONAL, source="Luật TC Art. 29(2)"),
        Field("is_anonymous", "nặc danh", T.BOOL, source="Luật TC Art. 25"),
        Field("received_date", "ngày nhận", T.DATE, N.MANDATORY),
        Field("check_multi_place", "xác minh nhiều nơi", T.BOOL),
        Field("accepted_date", "ngày thụ lý", T.DATE, N.CONDITIONAL),
        Field("acceptance_decision_no", "số quyết định thụ lý", need=N.CONDITIONAL),
        Field(
            "acceptance_decision_date", "ngày quyết định thụ lý", T.DATE, N.CONDITIONAL
        ),
        Field("notified_date", "ngày thông báo", T.DATE, N.CONDITIONAL),
        Field(
            "extensions",
            "gia hạn",
            T.ITEMS,
            N.CONDITIONAL,
            items=(
                Field("no", "lần", T.INT),
                Field("decision_no", "số quyết định"),
                Field("date", "ngày", T.DATE),
            ),
            source="Luật TC Art. 30",
        ),
        Field("is_complex", "phức tạp", T.BOOL, N.MANDATORY),
        Field("is_specially_complex", "đặc biệt phức tạp", T.BOOL, N.MANDATORY),
        Field("is_continued", "tố cáo tiếp", T.BOOL, N.MANDATORY),
        Field(
            "outcome",
            "kết luận",
            T.CODE,
            N.CONDITIONAL,
            codes=("dung", "sai", "co_dung_co_sai", "dinh_chi", "rut"),
        ),
        Field("conclusion_no", "số kết luận", need=N.CONDITIONAL),
        Field("conclusion_date", "ngày kết luận", T.DATE, N.CONDITIONAL),
        Field("hc_persons", "số người bị xử lý hành chính", T.INT),
        Field("hc_officials", "số cán bộ bị xử lý hành chính", T.INT),
        Field("transferred_cases", "số vụ chuyển điều tra", T.INT),
        Field("transferred_persons", "số người chuyển điều tra", T.INT),
        Field("transferred_officials", "số cán bộ chuyển điều tra", T.INT),
        Field("money_recover", "tiền thu hồi cho Nhà nước", T.AMOUNT_VND),
        Field("land_recover", "đất thu hồi (m²)", T.INT),
        Field("money_return", "tiền trả lại", T.AMOUNT_VND),
        Field("protection_applied", "đã bảo vệ người tố cáo", T.BOOL),
        Field("published_date", "ngày công khai", T.DATE, N.CONDITIONAL),
        Field(
            "published_text",
            "nội dung công khai",
            privacy=P.PERSONAL,
            source="NĐ 31/2019 Art. 6(1)",
        ),
        DIALOGUE_HELD_BY,
        HEAD_RECEPTION,
        SKIPPED_LEVEL,
        IS_PROLONGED,
        ESCALATED_ON,
        ESCALATED_TO,
        CONSULTATION,
    ),
)

RECOVERY = RecordType(
    "recovery",
    "thu hồi tiền hưởng sai",
    "CV 1151/BHXH-TTKT §7",
    None,
    (
        ORG_CODE,
        Field(
            "case_type",
            "loại vụ việc",
            T.CODE,
            N.MANDATORY,
            codes=("petition", "complaint_case", "denunciation_case"),
        ),
        Field(
            "case_id",
            "vụ việc",
            T.REFERENCE,
            N.MANDATORY,
            refers_to=("petition", "complaint_case", "denunciation_case"),
        ),
        Field("fund", "quỹ", T.CODE, N.MANDATORY, codes=("bhxh", "bhyt", "bhtn")),
        Field("benefit_type", "loại chế độ"),
        Field("period_from", "hưởng sai từ ngày", T.DATE),
        Field("period_to", "hưởng sai đến ngày", T.DATE),
        Field("amount_wrong", "số tiền hưởng sai", T.AMOUNT_VND, N.MANDATORY),
        Field("decision_no", "số quyết định thu hồi", need=N.CONDITIONAL),
        Field(
            "decision_id",
            "quyết định",
            T.REFERENCE,
            N.CONDITIONAL,
            refers_to=("decision",),
        ),
        Field("amount_recovered", "đã thu hồi", T.AMOUNT_VND, N.MANDATORY),
        Field(
            "remaining",
            "còn phải thu",
            T.AMOUNT_VND,
            source="as the source states it; must equal wrong - recovered (rule 60)",
        ),
        Field("hard_to_recover", "khó thu hồi", T.BOOL, N.MANDATORY),
        Field("last_recovery_date", "ngày thu gần nhất", T.DATE, N.CONDITIONAL),
        Field("beneficiary_ref", "người hưởng", need=N.CONDITIONAL, privacy=P.PERSONAL),
        Field(
            "found_through",
            "phát hiện qua",
            T.CODE,
            codes=("khieu_nai", "to_cao", "kien_nghi", "phan_anh"),
            source="CV 1151 §7",
        ),
        Field("measure", "biện pháp thu hồi", source="CV 1151 §7"),
    ),
)

RECORD_TYPES: tuple[RecordType, ...] = (
    PETITION,
    COMPLAINT_CASE,
    DENUNCIATION_CASE,
    RECOVERY,
)
BY_NAME = {record_type.name: record_type for record_type in RECORD_TYPES}

# Free text in which a denouncer's identity may hide (rule 43).
FREE_TEXT = {
    "petition": ("content", "respondent_name", "respondent_org", "forwarded_to"),
    "complaint_case": ("content", "respondent_name", "respondent_org", "settled_by"),
    "denunciation_case": ("content", "denounced_name", "denounced_org"),
    "recovery": ("measure", "benefit_type"),
}


def record_ids(
    source_system: str, record_type: str, source_ids: Iterable[str]
) -> list[str]:
    """The permanent ids of records, in order: 32 hexadecimal digits each.

    SHA-256 over the length-prefixed UTF-8 of the three parts, cut to 128 bits. A
    reference needs no look-up because this is a function of the source alone.
    """
    head = hashlib.sha256(b"kntc-record-1")
    for part in (source_system.encode(), record_type.encode()):
        head.update(len(part).to_bytes(4, "big") + part)
    return [_finish(head.copy(), source_id.encode()) for source_id in source_ids]


def _finish(head: "hashlib._Hash", part: bytes) -> str:
    head.update(len(part).to_bytes(4, "big") + part)
    return head.hexdigest()[:32]


def record_id(source_system: str, record_type: str, source_id: str) -> str:
    """The permanent id of one record; see `record_ids`."""
    return record_ids(source_system, record_type, [source_id])[0]


# Keyed tokens that stand in the open where equality is needed: column -> field.
TOKENS: dict[str, dict[str, str]] = {
    "petition": {
        "sender_name_token": "sender_name",
        "sender_contact_token": "sender_contact",
        "sender_id_number_token": "sender_id_number",
    },
    "complaint_case": {
        "complainant_name_token": "complainant_name",
        "complainant_id_number_token": "complainant_id_number",
    },
    "denunciation_case": {"denouncer_ref": "denouncer_name"},
    "recovery": {"beneficiary_token": "beneficiary_ref"},
}
