"""Rules for receptions (lượt tiếp công dân): NĐ 55/2022 Art. 6(1), Luật Tiếp công dân.

Rule 6, a reception by the head each month, needs all of a month: it is for reports.
"""

from datetime import date

from expectations import rules_common as common
from expectations import rules_person
from expectations.deadlines import AMENDED_ON
from expectations.records import FREE_TEXT
from expectations.rule import Expect, Rule, Where
from expectations.rules_common import required

R = "reception"
CITIZEN = ("citizen_name", "citizen_address", "id_number")
# Signatories from whom on a group is "đông người": usual practice, not in the law.
GROUP_FROM = 5
AMENDING = "Amending law in force 01/7/2026"

HELD = (
    required(
        "1",
        R,
        ("citizen_name", "citizen_address", "content", "result"),
        (),
        "NĐ 55/2022 Art. 6(1)",
        "V",
        "Lượt tiếp phải ghi họ tên, địa chỉ công dân, nội dung và kết quả tiếp.",
        {"result": None},
    ),
    Rule(
        "3",
        R,
        Expect(
            "ExpectColumnValuesToNotBeInSet",
            ("channel",),
            {"value_set": ("truc_tuyen",)},
        ),
        weight="W",
        because=AMENDING,
        certainty="V",
        message_vi="Tiếp công dân trực tuyến chỉ có từ 01/7/2026.",
        broken_by={"channel": "truc_tuyen", "reception_date": date(2026, 6, 30)},
        valid_to=AMENDED_ON,
    ),
    required(
        "4",
        R,
        ("id_type", "id_number"),
        (),
        AMENDING,
        "V",
        "Từ 01/7/2026 người đến trình bày phải xuất trình giấy tờ tuỳ thân.",
        {"id_number": None},
        AMENDED_ON,
        weight="W",
    ),
    Rule(
        "5",
        R,
        Expect(
            "group_counted", ("people_count", "is_group"), {"threshold": GROUP_FROM}
        ),
        weight="W",
        because=f"01/TCD: {GROUP_FROM} people or more are a group",
        certainty="M",
        message_vi="Số người không khớp với việc ghi đoàn đông người (từ 5 người).",
        broken_by={"people_count": 7},
    ),
    Rule(
        "7",
        R,
        Expect(
            "ExpectColumnValuesToBeInSet",
            ("host_role",),
            {"value_set": ("nguoi_dung_dau", "cap_pho_uy_quyen")},
        ),
        weight="W",
        because="Luật Tiếp công dân Art. 18(2): in person, or an authorised deputy",
        certainty="I",
        message_vi="Tiếp định kỳ phải do người đứng đầu, hoặc cấp phó được uỷ quyền.",
        broken_by={"reception_type": "dinh_ky", "host_role": "can_bo_tcd"},
        when=(Where("reception_type", "==", "dinh_ky"),),
    ),
    Rule(
        "43",
        R,
        Expect(
            "no_identity",
            (*FREE_TEXT[R], *CITIZEN, "petition_kind"),
            {"texts": FREE_TEXT[R], "kind": "petition_kind"},
        ),
        weight="E",
        because="Luật Tố cáo Arts. 8(3), 56",
        certainty="V",
        message_vi="Thông tin của người tố cáo xuất hiện trong trường không được phép.",
        broken_by={
            "petition_kind": "to_cao",
            "content": "Bà NGUYEN THI  MO CHUA trình bày sự việc",
        },
        action="quarantine",
        groups=(FREE_TEXT[R], CITIZEN),
    ),
)

RECEPTION_RULES: tuple[Rule, ...] = (
    *common.every(R, "people_count"),
    *common.dated(
        R,
        "reception_date",
        common.LAW_OF_2013,
        "Luật Tiếp công dân 2013: in force 01/7/2014",
    ),
    *HELD,
    *rules_person.id_number(R, "id_number", "id_type", "sender_kind"),
)
