"""How each product of the sample estate writes the codes."""

from flows.demo.breaking import UNKNOWN_CODE

# The order gives the two-digit codes of the case system.
CODES = {
    "kind": ("khieu_nai", "to_cao", "kien_nghi_phan_anh", "nhieu_noi_dung"),
    "source": (
        "truc_tiep",
        "buu_chinh",
        "tcd",
        "co_quan_chuyen",
        "dai_bieu_qh",
        "hop_thu",
    ),
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
    "refusal_ground": ("khong_chu_ky", "het_thoi_hieu", "khong_lien_quan_truc_tiep"),
    "dialogue_held_by": ("nguoi_dung_dau", "cap_pho"),
    "outcome": ("dung", "dung_mot_phan", "sai", "co_dung_co_sai"),
    "act_type": ("cong_vu", "quan_ly_nha_nuoc"),
    "fund": ("bhxh", "bhyt", "bhtn"),
    "found_through": ("khieu_nai", "to_cao", "kien_nghi", "phan_anh"),
    "case_type": ("petition", "complaint_case", "denunciation_case"),
    "status": ("active", "cancelled", "test"),
}

Codes = dict[str, dict[str, str]]

NUMBERED: Codes = {
    field: {code: f"{n:02d}" for n, code in enumerate(codes, 1)} | {UNKNOWN_CODE: "99"}
    for field, codes in CODES.items()
}

SHOUTED: Codes = {
    field: {code: code.upper() for code in codes} | {UNKNOWN_CODE: "OTHER_7"}
    for field, codes in CODES.items()
} | {
    "kind": {
        "khieu_nai": "COMPLAINT",
        "to_cao": "DENUNCIATION",
        "kien_nghi_phan_anh": "REFLECTION",
        "nhieu_noi_dung": "MIXED",
        UNKNOWN_CODE: "OTHER_7",
    },
}

LABELLED: Codes = {
    "kind": {
        "khieu_nai": "Khiếu nại",
        "to_cao": "Tố cáo",
        "kien_nghi_phan_anh": "Kiến nghị, phản ánh",
        "nhieu_noi_dung": "Nhiều nội dung",
        UNKNOWN_CODE: "Chưa phân loại lại",
    },
    "source": {
        "truc_tiep": "Trực tiếp",
        "buu_chinh": "Bưu chính",
        "tcd": "Tiếp công dân",
        "co_quan_chuyen": "Cơ quan khác chuyển tới",
        "dai_bieu_qh": "Đại biểu Quốc hội",
        "hop_thu": "Hộp thư",
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
    "sender_kind": {"ca_nhan": "Cá nhân"},
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
    "status": {"active": "Hiệu lực", "cancelled": "Hủy", "test": "Nhập thử"},
}
