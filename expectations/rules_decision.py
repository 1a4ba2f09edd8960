"""Rules for decisions, conclusions and notices: Luật Khiếu nại 2011, NĐ 124/2020.

Rule 35, number and date of what ends a case, is `mandatory` and `event_date` here.
"""

from datetime import date

from expectations import rules_common as common
from expectations.deadlines import SETTLEMENTS
from expectations.rule import Rule, Where
from expectations.rules_common import ordered, required, timely

D = "decision"

DECISION_RULES: tuple[Rule, ...] = (
    *common.every(D, "signer"),
    *common.dated(D, "doc_date"),
    ordered(
        "23a",
        D,
        ("doc_date", "sent_date", "published_date"),
        {"sent_date": date(2026, 8, 4)},
        predicate="none_before_first",
    ),
    required(
        "31f",
        D,
        ("disposition",),
        (Where("doc_type", "in", SETTLEMENTS),),
        "Luật Khiếu nại Art. 31: keep, amend or cancel, or stop the act",
        "V",
        "Quyết định giải quyết khiếu nại phải ghi giữ nguyên, sửa, huỷ hay chấm dứt.",
        {"disposition": None},
    ),
    timely(
        "32a",
        D,
        ("doc_date", "sent_date"),
        3,
        "working",
        "Luật Khiếu nại Art. 32",
        "M",
        "Gửi quyết định lần đầu quá 3 ngày làm việc.",
        {"sent_date": date(2026, 8, 11)},
        when=(Where("doc_type", "==", "qd_giai_quyet_1"),),
    ),
    timely(
        "32b",
        D,
        ("doc_date", "sent_date"),
        7,
        "calendar",
        "Luật Khiếu nại Art. 41",
        "M",
        "Gửi quyết định lần hai quá 7 ngày.",
        {"doc_type": "qd_giai_quyet_2", "sent_date": date(2026, 8, 13)},
        when=(Where("doc_type", "==", "qd_giai_quyet_2"),),
    ),
    timely(
        "32c",
        D,
        ("doc_date", "published_date"),
        15,
        "calendar",
        "NĐ 124/2020 Art. 29",
        "V",
        "Công khai quyết định quá 15 ngày.",
        {"published_date": date(2026, 8, 21)},
        when=(Where("doc_type", "in", SETTLEMENTS),),
    ),
)
