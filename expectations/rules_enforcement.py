"""Rules for enforcement (thi hành quyết định, kết luận): NĐ 124/2020 Art. 31.

What they are worth in time stands in rules_reference.py: the clock starts with the
decision.
"""

from datetime import date

from expectations import rules_common as common
from expectations.rule import Expect, Rule, Where
from expectations.rules_common import ordered, required

E = "enforcement"
AMOUNTS = ("returned_money", "state_money", "persons_handled")
FORM = "TT 01/2024 02/KQGQ, 04/KQGQ"

ENFORCEMENT_RULES: tuple[Rule, ...] = (
    *common.every(E, "responsible_org"),
    ordered(
        "23a", E, ("start_date", "completed_date"), {"completed_date": date(2026, 9, 7)}
    ),
    required(
        "36a",
        E,
        ("completed_date",),
        (Where("status", "==", "xong"),),
        FORM,
        "I",
        "Đã thi hành xong phải ghi ngày hoàn thành.",
        {"completed_date": None},
    ),
    Rule(
        "36b",
        E,
        Expect("ExpectColumnValuesToBeNull", ("completed_date",)),
        weight="W",
        because=FORM,
        certainty="I",
        message_vi="Đã có ngày hoàn thành mà tình trạng chưa ghi là xong.",
        broken_by={"status": "dang"},
        when=(Where("status", "in", ("chua", "dang", "khong_thi_hanh")),),
    ),
    required(
        "36c",
        E,
        ("start_date",),
        (Where("status", "in", ("dang", "xong")),),
        FORM,
        "I",
        "Đang hoặc đã thi hành phải ghi ngày bắt đầu.",
        {"start_date": None},
        weight="W",
    ),
    Rule(
        "36d",
        E,
        Expect("not_negative", AMOUNTS),
        weight="E",
        because=FORM,
        certainty="I",
        message_vi="Số tiền hoặc số người trong thi hành là số âm.",
        broken_by={"state_money": -1},
        groups=(AMOUNTS,),
    ),
    common.placeholder("59", E, "start_date", "due_date"),
)
