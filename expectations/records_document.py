"""Decisions, their enforcement, and money to be recovered."""

from expectations.declaring import Field, Need, Privacy, RecordType, Type
from expectations.records_shared import ORG_CODE

T, N, P = Type, Need, Privacy

# What a document may belong to.
CASES = (
    "petition",
    "complaint_case",
    "denunciation_case",
    "recommendation_reflection",
)

DECISION = RecordType(
    "decision",
    "quyết định, kết luận, văn bản",
    "NĐ 55/2022 Art. 6(3), 6(4); Luật Khiếu nại Art. 31, 44",
    "doc_date",
    (
        ORG_CODE,
        Field(
            "case_type",
            "loại vụ việc",
            T.CODE,
            codes=CASES,
            source="where the source keeps the link here",
        ),
        Field("case_id", "vụ việc", T.REFERENCE, refers_to=CASES),
        Field("doc_no", "số, ký hiệu", need=N.MANDATORY),
        Field("doc_date", "ngày văn bản", T.DATE, N.MANDATORY),
        Field(
            "doc_type",
            "loại văn bản",
            T.CODE,
            N.MANDATORY,
            codes=(
                "thong_bao_thu_ly",
                "tb_khong_thu_ly",
                "qd_giai_quyet_1",
                "qd_giai_quyet_2",
                "qd_thu_ly_to_cao",
                "qd_gia_han",
                "qd_tam_dinh_chi",
                "qd_dinh_chi",
                "ket_luan_to_cao",
                "qd_xu_ly",
                "van_ban_tra_loi",
            ),
        ),
        Field("signer", "người ký", need=N.MANDATORY),
        Field("signer_title", "chức vụ người ký", need=N.MANDATORY),
        Field("issuing_org", "cơ quan ban hành", need=N.MANDATORY),
        Field("sent_date", "ngày gửi", T.DATE, N.CONDITIONAL),
        Field("published_date", "ngày công khai", T.DATE, N.CONDITIONAL),
        Field("publication_form", "hình thức công khai", need=N.CONDITIONAL),
        Field(
            "disposition",
            "xử lý quyết định, hành vi bị khiếu nại",
            T.CODE,
            N.CONDITIONAL,
            codes=("giu_nguyen", "sua_mot_phan", "huy_toan_bo", "cham_dut_hanh_vi"),
        ),
        Field("file_ref", "tệp văn bản"),
        Field("file_sha256", "mã băm của tệp"),
    ),
)

ENFORCEMENT = RecordType(
    "enforcement",
    "thi hành quyết định, kết luận",
    "TT 01/2024 02/KQGQ, 04/KQGQ; NĐ 124/2020 Art. 31",
    None,
    (
        ORG_CODE,
        Field(
            "decision_id",
            "quyết định",
            T.REFERENCE,
            N.MANDATORY,
            refers_to=("decision",),
        ),
        Field("required", "phải thi hành", T.BOOL, N.MANDATORY),
        Field("start_date", "ngày bắt đầu", T.DATE, N.CONDITIONAL),
        Field("due_date", "hạn thi hành", T.DATE),
        Field("responsible_org", "cơ quan thi hành", need=N.MANDATORY),
        Field(
            "status",
            "tình trạng",
            T.CODE,
            N.MANDATORY,
            codes=("chua", "dang", "xong", "khong_thi_hanh"),
        ),
        Field("completed_date", "ngày hoàn thành", T.DATE, N.CONDITIONAL),
        Field("returned_money", "tiền trả lại", T.AMOUNT_VND),
        Field("state_money", "tiền thu cho Nhà nước", T.AMOUNT_VND),
        Field("persons_handled", "số người bị xử lý", T.INT),
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
            codes=CASES,
        ),
        Field(
            "case_id",
            "vụ việc",
            T.REFERENCE,
            N.MANDATORY,
            refers_to=CASES,
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
