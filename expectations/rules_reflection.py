"""Rules for recommendations and reflections (kiến nghị, phản ánh): NĐ 55 Art. 6(5)."""

from datetime import date

from expectations import rules_common as common
from expectations import rules_person
from expectations.rule import Expect, Rule, Where
from expectations.rules_common import ordered, required

K = "recommendation_reflection"
CLAUSE = "NĐ 55/2022 Art. 6(5)"

REFLECTION_RULES: tuple[Rule, ...] = (
    *common.every(K, "handler"),
    *common.dated(K, "received_date"),
    ordered(
        "23a", K, ("received_date", "answer_date"), {"answer_date": date(2026, 7, 5)}
    ),
    required(
        "46a",
        K,
        ("answer_no", "answer_date"),
        (Where("result", "==", "da_tra_loi"),),
        CLAUSE,
        "I",
        "Kiến nghị, phản ánh đã trả lời phải ghi số và ngày văn bản trả lời.",
        {"answer_no": None},
        weight="W",
    ),
    Rule(
        "46b",
        K,
        Expect(
            "ExpectColumnValuesToNotBeInSet",
            ("result",),
            {"value_set": ("dang_xu_ly",)},
        ),
        weight="W",
        because=CLAUSE,
        certainty="I",
        message_vi="Đã có ngày trả lời mà kết quả vẫn ghi đang xử lý.",
        broken_by={"result": "dang_xu_ly"},
        when=(Where("answer_date", "not null"),),
    ),
    *rules_person.phone(K, "sender_contact"),
)
