"""Rules for recoveries (thu hồi tiền hưởng sai): CV 1151/BHXH-TTKT §7."""

from datetime import date

from expectations import rules_common as common
from expectations.records import RECOVERY
from expectations.rule import Expect, Rule, Where
from expectations.rules_common import ordered, required

R = "recovery"
SECTION = "CV 1151/BHXH-TTKT §7"
MILLION = 1_000_000


def _amount(
    id_: str,
    expectation: Expect,
    message_vi: str,
    broken_by: dict[str, object],
    also: frozenset[str] = frozenset(),
) -> Rule:
    """Amounts that contradict each other (rule 60): the record is withheld."""
    return Rule(
        id_,
        R,
        expectation,
        weight="E",
        because=SECTION,
        certainty="V",
        message_vi=message_vi,
        broken_by=broken_by,
        action="quarantine",
        also=also,
    )


RECOVERY_RULES: tuple[Rule, ...] = (
    *common.every(R, "case_id"),
    ordered("23a", R, ("period_from", "period_to"), {"period_to": date(2024, 1, 1)}),
    Rule(
        "60a",
        R,
        Expect(
            "ExpectColumnValuesToBeInSet",
            ("fund",),
            {"value_set": RECOVERY.field("fund").codes},
        ),
        weight="E",
        because=SECTION,
        certainty="V",
        message_vi="Quỹ phải là BHXH, BHYT hoặc BHTN.",
        broken_by={"fund": "khac"},
    ),
    _amount(
        "60b",
        Expect("ExpectColumnValuesToBeBetween", ("amount_wrong",), {"min_value": 0}),
        "Số tiền hưởng sai là số âm.",
        {"amount_wrong": -MILLION, "amount_recovered": 0, "remaining": -MILLION},
        frozenset({"60d"}),
    ),
    _amount(
        "60c",
        Expect(
            "ExpectColumnValuesToBeBetween", ("amount_recovered",), {"min_value": 0}
        ),
        "Số tiền đã thu hồi là số âm.",
        {"amount_recovered": -MILLION, "remaining": 11 * MILLION},
    ),
    _amount(
        "60d",
        Expect(
            "ExpectColumnPairValuesAToBeGreaterThanB",
            ("amount_wrong", "amount_recovered"),
            {"or_equal": True},
        ),
        "Số tiền đã thu hồi lớn hơn số tiền hưởng sai.",
        {"amount_recovered": 11 * MILLION, "remaining": -MILLION},
    ),
    _amount(
        "60e",
        Expect("difference", ("amount_wrong", "amount_recovered", "remaining")),
        "Số còn phải thu không bằng số hưởng sai trừ số đã thu hồi.",
        {"remaining": 5 * MILLION},
    ),
    required(
        "61a",
        R,
        ("last_recovery_date",),
        (Where("amount_recovered", ">=", 1),),
        SECTION,
        "V",
        "Đã thu hồi tiền thì phải ghi ngày thu gần nhất.",
        {"last_recovery_date": None},
    ),
    Rule(
        "61b",
        R,
        Expect(
            "ExpectColumnPairValuesAToBeGreaterThanB",
            ("amount_wrong", "amount_recovered"),
            {"or_equal": False},
        ),
        weight="W",
        because=SECTION,
        certainty="V",
        message_vi="Chỉ ghi khó thu hồi khi còn tiền phải thu.",
        broken_by={
            "hard_to_recover": True,
            "amount_recovered": 10 * MILLION,
            "remaining": 0,
        },
        when=(Where("hard_to_recover", "==", True),),
    ),
)
