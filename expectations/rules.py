"""RULES: every rule that one record can break by itself, in one list.

Rules that need other records (17, 18, 26-30, 36) or a clock (47-49) belong to reports.
"""

from expectations.rule import Rule
from expectations.rules_complaint import COMPLAINT_RULES
from expectations.rules_denunciation import DENUNCIATION_RULES
from expectations.rules_petition import PETITION_RULES
from expectations.rules_recovery import RECOVERY_RULES
from expectations.rules_reference import REFERENCE_RULES

RULES: tuple[Rule, ...] = (
    *PETITION_RULES,
    *COMPLAINT_RULES,
    *DENUNCIATION_RULES,
    *RECOVERY_RULES,
    *REFERENCE_RULES,
)

# What normalise found before any rule ran, in the steward's words.
NORMALISE_MESSAGES_VI = {
    "code_unknown": "Mã không có trong bảng mã đã khai báo.",
    "date_unreadable": "Không đọc được ngày theo định dạng đã khai báo.",
    "number_unreadable": "Không đọc được số.",
    "items_unreadable": "Không đọc được danh sách.",
    "extract_failed": "Không tách được thông tin theo mẫu đã khai báo.",
    "reference_unreadable": "Không đọc được mã của hồ sơ liên quan.",
    "text_repaired": "Văn bản gõ sai chuẩn Unicode đã được sửa; bản gốc được giữ lại.",
    "text_broken": "Văn bản bị lỗi phông chữ, không khôi phục được.",
}


def message_vi(rule_id: str, record_type: str) -> str | None:
    """What to tell the steward about a finding; None for an unknown rule."""
    for rule in RULES:
        if (rule.id, rule.record_type) == (rule_id, record_type):
            return rule.message_vi
    return NORMALISE_MESSAGES_VI.get(rule_id)
