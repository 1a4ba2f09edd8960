"""Rules for organisation units (đơn vị BHXH): QĐ 20/2020, QĐ 19/2025, CV 1521.

A unit may be announced before it begins: `valid_from` has no bounds.
"""

from datetime import date

from expectations import rules_common as common
from expectations.rule import Expect, Rule
from expectations.rules_common import ordered

O = "org_unit"  # noqa: E741

ORG_UNIT_RULES: tuple[Rule, ...] = (
    *common.every(O, "name"),
    common.has_event_date(O, "valid_from"),
    ordered("23a", O, ("valid_from", "valid_to"), {"valid_to": date(2025, 6, 30)}),
    Rule(
        "52",
        O,
        Expect("province_valid", ("province_code", "code_scheme", "valid_from")),
        weight="E",
        because="QĐ 124/2004/QĐ-TTg; QĐ 19/2025/QĐ-TTg from 01/7/2025",
        certainty="V",
        message_vi="Mã tỉnh hoặc bảng mã tỉnh không đúng vào ngày đơn vị có hiệu lực.",
        broken_by={"province_code": "44", "code_scheme": None},
        groups=(("province_code",), ("valid_from",)),
    ),
    Rule(
        "53",
        O,
        Expect("unit_named_in_time", ("name", "level", "valid_from", "valid_to")),
        weight="W",
        because="QĐ 2286/QĐ-BTC, CV 1521/BHXH-TCCB: BHXH cơ sở from 01/7/2025",
        certainty="V",
        message_vi="Tên đơn vị không đúng thời kỳ (BHXH huyện, BHXH cơ sở).",
        broken_by={"name": "BHXH huyện Vườn Xoài"},
        groups=(("name",), ("valid_from",), ("valid_to",)),
    ),
    common.placeholder("59", O, "valid_from", "valid_to", also=frozenset({"52", "53"})),
)
