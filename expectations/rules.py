"""RULES: every rule that one record, or one link of it, can break, in one list.

What needs the siblings of a record or a clock belongs to reports: 6, 17, 18, 28, 30,
45, 47-49, 66, the rows that should be there (36), what several reports say (63-65).
"""

from expectations.rule import Rule
from expectations.rules_complaint import COMPLAINT_RULES
from expectations.rules_decision import DECISION_RULES
from expectations.rules_denunciation import DENUNCIATION_RULES
from expectations.rules_enforcement import ENFORCEMENT_RULES
from expectations.rules_org_unit import ORG_UNIT_RULES
from expectations.rules_petition import PETITION_RULES
from expectations.rules_reception import RECEPTION_RULES
from expectations.rules_recovery import RECOVERY_RULES
from expectations.rules_reference import REFERENCE_RULES
from expectations.rules_reflection import REFLECTION_RULES
from expectations.rules_report import REPORT_RULES

RULES: tuple[Rule, ...] = (
    *RECEPTION_RULES,
    *PETITION_RULES,
    *COMPLAINT_RULES,
    *DENUNCIATION_RULES,
    *REFLECTION_RULES,
    *DECISION_RULES,
    *ENFORCEMENT_RULES,
    *RECOVERY_RULES,
    *REPORT_RULES,
    *ORG_UNIT_RULES,
    *REFERENCE_RULES,
)

# What normalise found before any rule ran, in the steward's words.
NORMALISE_MESSAGES_VI = {
    "code_unknown": "Mã không có trong bảng mã đã khai báo.",
    "date_unreadable": "Không đọc được ngày theo định dạng đã khai báo.",
    "marks_unclear": "Nhiều cột cùng được đánh dấu; không rõ chọn cột nào.",
    "number_unreadable": "Không đọc được số.",
    "items_unreadable": "Không đọc được danh sách.",
    "extract_failed": "Không tách được thông tin theo mẫu đã khai báo.",
    "reference_unreadable": "Không đọc được mã của hồ sơ liên quan.",
    "text_repaired": "Văn bản gõ sai chuẩn Unicode đã được sửa; bản gốc được giữ lại.",
    "zeros_restored": "Số bị mất chữ số 0 ở đầu đã được bù; bản gốc được giữ lại.",
    "date_rounded": "Nguồn chỉ ghi tháng hoặc năm; tạm lấy ngày đầu tiên.",
    "computed_check": "Các ô của dòng không khớp nhau theo phép kiểm tra đã khai báo.",
    "text_broken": "Văn bản bị lỗi phông chữ, không khôi phục được.",
}


# What the path of a record finds by itself, where no rule is asked.
PATH_MESSAGES_VI = {
    "key_conflict": "Cùng một mã hồ sơ nhưng nội dung khác nhau.",
    "row_filtered": "Dòng không phải hồ sơ, được lọc theo khai báo.",
    "row_rejected": "Dòng không đọc được.",
    "column_unknown": "Cột mới ở nguồn, chưa khai báo.",
    "corrected": "Ô đã được sửa theo khai báo của đơn vị; bản gốc được giữ lại.",
    "correction_spent": "Nguồn đã sửa đúng; khai báo sửa này không còn cần thiết.",
    "correction_expired": "Khai báo sửa không còn khớp với nguồn; bỏ hoặc sửa lại.",
    "drift_held": "Nguồn đã đổi cấu trúc; hồ sơ được giữ lại theo khai báo.",
    "column_missing": "Nguồn thiếu cột đã khai báo.",
    "file_again": "Tệp đã nhận trước đây dưới tên khác; không đọc lại.",
    "column_type": "Phần lớn giá trị của cột không còn đọc được theo kiểu đã khai báo.",
    "not_provided": "Trường mà phần mềm nguồn không cung cấp (đã khai báo).",
    "volume_band": "Số dòng đọc được khác xa các đêm gần đây.",
    "deletion_postponed": "Có hồ sơ không còn ở nguồn, nhưng cũng có dòng không đọc "
    "được mã hồ sơ: sửa các dòng đó tại nguồn thì mới biết hồ sơ nào đã bị xoá.",
}


def message_vi(rule_id: str, record_type: str) -> str | None:
    """What to tell the steward about a finding; None for an unknown rule."""
    for rule in RULES:
        if (rule.id, rule.record_type) == (rule_id, record_type):
            return rule.message_vi
    return (NORMALISE_MESSAGES_VI | PATH_MESSAGES_VI).get(rule_id)
