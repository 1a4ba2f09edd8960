"""How each product of the sample estate writes the codes.

A field that means something else in another record type stands as `type.field`;
`coded` looks there first.
"""

from flows.demo.breaking import UNKNOWN_CODE

KIND = ("khieu_nai", "to_cao", "kien_nghi_phan_anh", "nhieu_noi_dung")
SOURCE = (
    "truc_tiep",
    "buu_chinh",
    "tcd",
    "co_quan_chuyen",
    "dai_bieu_qh",
    "hop_thu",
    "doan_dai_bieu_qh",
    "cu_tri",
    "cong_dien_tu",
)

# The order gives the two-digit codes of the case system.
CODES: dict[str, tuple[str, ...]] = {
    "kind": KIND,
    "petition_kind": KIND,
    "source": SOURCE,
    "field_area": ("bhxh", "bhyt", "bhtn", "thu_no", "chi_tra", "can_bo", "khac"),
    "sender_kind": ("ca_nhan", "tap_the", "doanh_nghiep", "co_quan"),
    "ineligible_reason": (
        "thieu_dieu_kien",
        "gui_nhieu_noi",
        "da_huong_dan",
        "trai_chu_truong",
        "rach_nat",
    ),
    "processing_result": (
        "thu_ly",
        "chuyen",
        "tra_lai_huong_dan",
        "don_rut",
        "xep_luu",
        "don_doc",
    ),
    "forwarded_to_class": (
        "qh_hdnd",
        "hanh_chinh",
        "to_tung_thi_hanh_an",
        "kiem_toan",
        "to_chuc_ct_xh",
        "don_vi_sn_dnnn",
        "khac",
    ),
    "object_type": ("quyet_dinh_hc", "hanh_vi_hc", "quyet_dinh_bhxh", "ky_luat"),
    "refusal_ground": (
        "khong_chu_ky",
        "het_thoi_hieu",
        "khong_lien_quan_truc_tiep",
        "quyet_dinh_noi_bo",
        "cap_tren_voi_cap_duoi",
        "van_ban_quy_pham",
        "bi_mat_nha_nuoc",
        "khong_du_nang_luc",
        "dai_dien_khong_hop_phap",
        "da_co_quyet_dinh_lan_hai",
        "dinh_chi_qua_30_ngay",
        "toa_an_da_thu_ly",
    ),
    "withdrawn_scope": ("toan_bo", "mot_phan"),
    "dialogue_held_by": ("nguoi_dung_dau", "cap_pho"),
    "outcome": ("dung", "dung_mot_phan", "sai", "co_dung_co_sai", "dinh_chi", "rut"),
    "act_type": ("cong_vu", "quan_ly_nha_nuoc"),
    "fund": ("bhxh", "bhyt", "bhtn"),
    "found_through": ("khieu_nai", "to_cao", "kien_nghi", "phan_anh"),
    "case_type": (
        "petition",
        "complaint_case",
        "denunciation_case",
        "recommendation_reflection",
    ),
    "reception_type": ("thuong_xuyen", "dinh_ky", "dot_xuat"),
    "reception.channel": ("truc_tiep", "truc_tuyen"),
    "host_role": ("nguoi_dung_dau", "cap_pho_uy_quyen", "can_bo_tcd"),
    "id_type": ("cccd", "cmnd", "ho_chieu", "khac"),
    "visit_sequence": ("first", "repeat"),
    "reception.result": (
        "thu_ly",
        "tra_lai_huong_dan",
        "chuyen_don",
        "giai_thich",
        "tu_choi",
    ),
    "recommendation_reflection.channel": SOURCE,
    "recommendation_reflection.result": ("da_tra_loi", "dang_xu_ly", "chuyen", "luu"),
    "origin": ("cong_dan", "dai_bieu_qh", "cu_tri", "co_quan_khac"),
    "doc_type": (
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
    "disposition": ("giu_nguyen", "sua_mot_phan", "huy_toan_bo", "cham_dut_hanh_vi"),
    "enforcement.status": ("chua", "dang", "xong", "khong_thi_hanh"),
    # Of the row, not of the matter.
    "status": ("active", "cancelled", "test"),
}

Codes = dict[str, dict[str, str]]

NUMBERED: Codes = {
    field: {code: f"{n:02d}" for n, code in enumerate(codes, 1)} | {UNKNOWN_CODE: "99"}
    for field, codes in CODES.items()
}

_SHOUTED_KIND = {
    "khieu_nai": "COMPLAINT",
    "to_cao": "DENUNCIATION",
    "kien_nghi_phan_anh": "REFLECTION",
    "nhieu_noi_dung": "MIXED",
    UNKNOWN_CODE: "OTHER_7",
}
SHOUTED: Codes = {
    field: {code: code.upper() for code in codes} | {UNKNOWN_CODE: "OTHER_7"}
    for field, codes in CODES.items()
} | {"kind": _SHOUTED_KIND, "petition_kind": _SHOUTED_KIND}

_LABELLED_KIND = {
    "khieu_nai": "Khiếu nại",
    "to_cao": "Tố cáo",
    "kien_nghi_phan_anh": "Kiến nghị, phản ánh",
    "nhieu_noi_dung": "Nhiều nội dung",
    UNKNOWN_CODE: "Chưa phân loại lại",
}
LABELLED: Codes = {
    "kind": _LABELLED_KIND,
    "petition_kind": _LABELLED_KIND,
    "source": {
        "truc_tiep": "Trực tiếp",
        "buu_chinh": "Bưu chính",
        "tcd": "Tiếp công dân",
        "co_quan_chuyen": "Cơ quan khác chuyển tới",
        "dai_bieu_qh": "Đại biểu Quốc hội",
        "hop_thu": "Hộp thư",
        "doan_dai_bieu_qh": "Đoàn đại biểu Quốc hội",
        "cu_tri": "Cử tri",
        "cong_dien_tu": "Cổng điện tử",
        UNKNOWN_CODE: "Máy fax",
    },
    "field_area": {
        "bhxh": "BHXH",
        "bhyt": "BHYT",
        "bhtn": "BHTN",
        "thu_no": "Thu, nợ",
        "chi_tra": "Chi trả",
        "can_bo": "Cán bộ",
        "khac": "Khác",
    },
    "sender_kind": {
        "ca_nhan": "Cá nhân",
        "tap_the": "Tập thể",
        "doanh_nghiep": "Doanh nghiệp",
        "co_quan": "Cơ quan",
    },
    "ineligible_reason": {
        "thieu_dieu_kien": "Thiếu điều kiện",
        "gui_nhieu_noi": "Gửi nhiều nơi",
        "da_huong_dan": "Đã hướng dẫn",
        "rach_nat": "Rách nát",
    },
    "processing_result": {
        "thu_ly": "Thụ lý",
        "chuyen": "Chuyển đơn",
        "tra_lai_huong_dan": "Hướng dẫn",
        "don_rut": "Rút đơn",
        "xep_luu": "Lưu đơn",
        "don_doc": "Ra văn bản đôn đốc",
    },
    "forwarded_to_class": {
        "hanh_chinh": "Cơ quan hành chính",
        "to_tung_thi_hanh_an": "Cơ quan tố tụng, thi hành án",
        "to_chuc_ct_xh": "Tổ chức chính trị - xã hội",
        "don_vi_sn_dnnn": "Đơn vị sự nghiệp, doanh nghiệp",
    },
    "reception_type": {
        "thuong_xuyen": "Thường xuyên",
        "dinh_ky": "Định kỳ",
        "dot_xuat": "Đột xuất",
        UNKNOWN_CODE: "Lưu động",
    },
    "reception.channel": {"truc_tiep": "Trực tiếp", "truc_tuyen": "Trực tuyến"},
    "host_role": {
        "nguoi_dung_dau": "Người đứng đầu",
        "cap_pho_uy_quyen": "Cấp phó được ủy quyền",
        "can_bo_tcd": "Cán bộ tiếp công dân",
    },
    "id_type": {
        "cccd": "CCCD",
        "cmnd": "CMND",
        "ho_chieu": "Hộ chiếu",
        "khac": "Khác",
    },
    "visit_sequence": {"first": "Lần đầu", "repeat": "Nhiều lần"},
    "level": {
        "trung_uong": "Trung ương",
        "khu_vuc": "Khu vực",
        "tinh": "Tỉnh",
        "huyen": "Huyện",
        "lien_huyen": "Liên huyện",
        "co_so": "Cơ sở",
        UNKNOWN_CODE: "Phòng giao dịch",
    },
    "code_scheme": {"GSO2004": "QĐ 124/2004", "QD19-2025": "QĐ 19/2025"},
    "period_type": {
        "quy_1": "Quý I",
        "quy_2": "Quý II",
        "quy_3": "Quý III",
        "quy_4": "Quý IV",
        "6_thang": "6 tháng",
        "9_thang": "9 tháng",
        "nam": "Năm",
        UNKNOWN_CODE: "Tháng",
    },
    "status": {"active": "Hiệu lực", "cancelled": "Hủy", "test": "Nhập thử"},
}


def coded(codes: Codes, record_type: str, field: str, value: str) -> str:
    """How the product writes that code of that field; itself where it has no codes."""
    known = codes.get(f"{record_type}.{field}") or codes.get(field, {})
    return known.get(value, value)
