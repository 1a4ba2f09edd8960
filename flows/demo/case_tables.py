"""The tables of the case system: which column keeps which field, and its kind."""

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["text", "code", "date", "int", "money", "flag", "list"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; a `list` column stands in a table of its own."""

    name: str
    field: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Table:
    """One record type's table; its people stand in doi_tuong as `party`."""

    name: str
    columns: tuple[Column, ...]
    party: tuple[str, ...] = ()  # fields: name, address, contact, identity number

    @property
    def key(self) -> str:
        """The column with the number that people know a row by."""
        return f"ma_{self.name}"


@dataclass(frozen=True, slots=True)
class Child:
    """Rows below a row: one for each item of a list field, or for each reference."""

    name: str
    columns: tuple[Column, ...]


def _columns(text: str) -> tuple[Column, ...]:
    """A line a column: its name, its field, its kind (text when not said)."""
    made = []
    for line in filter(str.strip, text.splitlines()):
        name, field, *kind = line.split()
        found: Kind = next((k for k in KINDS if [k] == kind), "text")
        made.append(Column(name, field, found))
    return tuple(made)


def _party(field: str, *parts: str) -> tuple[str, ...]:
    return tuple(f"{field}_{part}" if part else "" for part in parts)


# What CV 1151 §2 and CV 3476 ask of each case.
_DISPATCHES = """
vuot_cap skipped_level flag
keo_dai is_prolonged flag
ngay_bao_cao escalated_on date
noi_bao_cao escalated_to
"""

RECEPTION = Table(
    "luot_tiep",
    _columns(
        """
        ma_don_vi org_code
        ngay_tiep reception_date date
        loai_tiep reception_type code
        hinh_thuc channel code
        nguoi_tiep host_role code
        loai_giay_to id_type code
        so_nguoi people_count int
        doan_dong_nguoi is_group flag
        lan_tiep visit_sequence code
        noi_dung content
        phan_loai petition_kind code
        huong_xu_ly result code
        noi_da_giai_quyet previous_resolver
        ma_don petition_id
        loai_chu_the sender_kind code
        """
    ),
    ("citizen_name", "citizen_address", "", "id_number"),
)
PETITION = Table(
    "don",
    _columns(
        """
        ma_don_vi org_code
        ngay_nhan received_date date
        ngay_viet written_date date
        nguon_don source code
        ky_hop na_session
        loai_don kind code
        linh_vuc field_area code
        loai_chu_don sender_kind code
        nguoi_bi_kntc respondent_name
        don_vi_bi_kntc respondent_org
        noi_dung content
        nac_danh is_anonymous flag
        co_chu_ky has_signature flag
        dung_ngon_ngu language_ok flag
        so_nguoi_ky signatories int
        du_dieu_kien eligible flag
        ly_do ineligible_reason code
        thuoc_tham_quyen within_competence flag
        ket_qua_xu_ly processing_result code
        loai_noi_chuyen forwarded_to_class code
        noi_chuyen forwarded_to
        ngay_chuyen forwarded_date date
        so_van_ban reply_no
        trung_don duplicate_of
        quy_dinh_hc on_admin_regulation flag
        ngay_xu_ly processed_date date
        co_quan_xu_ly handler_org
        vuot_cap skipped_level flag
        keo_dai is_prolonged flag
        """
    ),
    _party("sender", "name", "address", "contact", "id_number"),
)
COMPLAINT = Table(
    "vu_khieu_nai",
    _columns(
        """
        ma_don_vi org_code
        don petition_ids list
        lan_giai_quyet instance int
        ma_vu_lan_dau first_case_id
        nguoi_dai_dien representative
        loai_chu_don sender_kind code
        nguoi_bi_kn respondent_name
        dia_chi_bi_kn respondent_address
        don_vi_bi_kn respondent_org
        doi_tuong_kn object_type code
        so_qd_bi_kn object_doc_no
        ngay_qd_bi_kn object_doc_date date
        noi_dung content
        ngay_nhan received_date date
        ngay_thu_ly accepted_date date
        so_thong_bao notice_no
        ngay_khong_thu_ly refused_date date
        ly_do_khong_thu_ly refusal_ground code
        vung_sau_xa is_remote flag
        phuc_tap is_complex flag
        tam_dinh_chi suspensions list
        ngay_doi_thoai dialogue_date date
        co_mat_doi_thoai dialogue_attended flag
        nguoi_doi_thoai dialogue_held_by code
        ma_luot_tiep head_reception_id
        ngay_rut withdrawn_date date
        pham_vi_rut withdrawn_scope code
        ket_luan outcome code
        so_quyet_dinh decision_no
        ngay_quyet_dinh decision_date date
        ngay_gui_qd decision_sent_date date
        ngay_cong_khai published_date date
        ma_van_ban decision_id
        nguoi_giai_quyet settled_by
        ngay_khoi_kien lawsuit_date date
        toa_an lawsuit_court
        xin_y_kien consultation list
        """
        + _DISPATCHES
    ),
    _party("complainant", "name", "address", "", "id_number"),
)
DENUNCIATION = Table(
    "vu_to_cao",
    _columns(
        """
        ma_don_vi org_code
        don petition_ids list
        loai_chu_don sender_kind code
        nguoi_bi_tc denounced_name
        chuc_vu denounced_position
        don_vi_bi_tc denounced_org
        hanh_vi act_type code
        noi_dung content
        nac_danh is_anonymous flag
        ngay_nhan received_date date
        nhieu_noi check_multi_place flag
        ngay_thu_ly accepted_date date
        so_qd_thu_ly acceptance_decision_no
        ngay_qd_thu_ly acceptance_decision_date date
        ngay_thong_bao notified_date date
        gia_han extensions list
        phuc_tap is_complex flag
        dac_biet_phuc_tap is_specially_complex flag
        to_cao_tiep is_continued flag
        ket_luan outcome code
        so_ket_luan conclusion_no
        ngay_ket_luan conclusion_date date
        so_nguoi_xu_ly hc_persons int
        so_can_bo_xu_ly hc_officials int
        so_vu_chuyen transferred_cases int
        so_nguoi_chuyen transferred_persons int
        so_can_bo_chuyen transferred_officials int
        tien_thu_hoi money_recover money
        dat_thu_hoi land_recover int
        tien_tra_lai money_return money
        bao_ve protection_applied flag
        ngay_cong_khai published_date date
        noi_dung_cong_khai published_text
        nguoi_doi_thoai dialogue_held_by code
        ma_luot_tiep head_reception_id
        xin_y_kien consultation list
        """
        + _DISPATCHES
    ),
    _party("denouncer", "name", "address", "contact", "id_number"),
)
REFLECTION = Table(
    "kien_nghi",
    _columns(
        """
        ma_don_vi org_code
        don petition_ids list
        loai_chu_don sender_kind code
        ngay_nhan received_date date
        noi_dung content
        kenh channel code
        thuoc_tham_quyen competent flag
        noi_xu_ly handler
        ket_qua result code
        so_tra_loi answer_no
        ngay_tra_loi answer_date date
        nguon_goc origin code
        ky_hop na_session
        xin_y_kien consultation list
        """
        + _DISPATCHES
    ),
    _party("sender", "name", "address", "contact", ""),
)
DECISION = Table(
    "van_ban",
    _columns(
        """
        ma_don_vi org_code
        loai_vu case_type code
        ma_vu case_id
        so_ky_hieu doc_no
        ngay_van_ban doc_date date
        loai_van_ban doc_type code
        nguoi_ky signer
        chuc_vu_ky signer_title
        co_quan_ban_hanh issuing_org
        ngay_gui sent_date date
        ngay_cong_khai published_date date
        hinh_thuc_cong_khai publication_form
        xu_ly_qd disposition code
        tep file_ref
        ma_bam file_sha256
        """
    ),
)
ENFORCEMENT = Table(
    "thi_hanh",
    _columns(
        """
        ma_don_vi org_code
        ma_van_ban decision_id
        phai_thi_hanh required flag
        ngay_bat_dau start_date date
        han_thi_hanh due_date date
        co_quan_thi_hanh responsible_org
        tinh_trang status code
        ngay_hoan_thanh completed_date date
        tien_tra_lai returned_money money
        tien_nop_nn state_money money
        so_nguoi_xu_ly persons_handled int
        """
    ),
)
RECOVERY = Table(
    "thu_hoi",
    _columns(
        """
        ma_don_vi org_code
        loai_vu case_type code
        ma_vu case_id
        quy fund code
        loai_che_do benefit_type
        tu_ngay period_from date
        den_ngay period_to date
        so_tien_huong_sai amount_wrong money
        so_qd decision_no
        ma_van_ban decision_id
        da_thu_hoi amount_recovered money
        con_phai_thu remaining money
        kho_thu_hoi hard_to_recover flag
        ngay_thu_gan_nhat last_recovery_date date
        nguoi_huong beneficiary_ref
        phat_hien_qua found_through code
        bien_phap measure
        """
    ),
)

TABLES: dict[str, Table] = {
    "reception": RECEPTION,
    "petition": PETITION,
    "complaint_case": COMPLAINT,
    "denunciation_case": DENUNCIATION,
    "recommendation_reflection": REFLECTION,
    "decision": DECISION,
    "enforcement": ENFORCEMENT,
    "recovery": RECOVERY,
}

# Below a row by its id: a number that people give may stand on two rows.
CHILDREN: dict[str, Child] = {
    "petition_ids": Child("vu_don", _columns("ma_don petition_id")),
    "extensions": Child(
        "gia_han", _columns("lan no int\nso_qd decision_no\nngay date date")
    ),
    "suspensions": Child(
        "tam_dinh_chi",
        _columns("tu_ngay from date\nden_ngay to date\nly_do ground"),
    ),
    "consultation": Child(
        "xin_y_kien",
        _columns(
            "ngay_hoi asked_on date\nco_quan body\nhan_tra_loi due_on date\n"
            "ngay_tra_loi answered_on date"
        ),
    ),
}
# Rows of every table are told apart by ids of one sequence, so a child needs no type.
PEOPLE = "doi_tuong"
PEOPLE_COLUMNS = ("ho_ten", "dia_chi", "lien_he", "so_giay_to")
