"""Rules for complaint cases (vụ việc khiếu nại): Luật Khiếu nại 2011, NĐ 124/2020."""

from datetime import date

from expectations import rules_common as common
from expectations import rules_person
from expectations.deadlines import AMENDED_ON
from expectations.records import COMPLAINT_CASE, REFUSAL_GROUNDS
from expectations.rule import Expect, Rule, Where
from expectations.rules_common import ordered, required, timely

C = "complaint_case"
OUTCOMES = COMPLAINT_CASE.field("outcome").codes
SETTLED = Where("outcome", "in", ("dung", "dung_mot_phan", "sai"))
ENDED = Where("outcome", "in", ("rut", "dinh_chi"))
FIRST, SECOND = Where("instance", "==", 1), Where("instance", "==", 2)
AMENDING = "Amending law in force 01/7/2026"
REFUSED = (Where("refused_date", "not null"),)
# A case that was refused, from the valid one that was settled.
REFUSAL: dict[str, object] = {
    "accepted_date": None,
    "dialogue_date": None,
    "decision_date": None,
    "decision_no": None,
    "decision_sent_date": None,
    "published_date": None,
    "outcome": None,
    "refused_date": date(2026, 7, 14),
    "refusal_ground": "het_thoi_hieu",
}


def _suspension(
    start: date, end: date | None, ground: str | None = "bất khả kháng"
) -> dict[str, object]:
    return {"from": start, "to": end, "ground": ground}


ACCEPTED = (
    timely(
        "21a",
        C,
        ("received_date", "accepted_date"),
        10,
        "calendar",
        "Luật Khiếu nại Arts. 27, 36",
        "V",
        "Thụ lý khiếu nại quá 10 ngày kể từ ngày nhận.",
        {"accepted_date": date(2026, 7, 17)},
    ),
    timely(
        "21b",
        C,
        ("received_date", "refused_date"),
        10,
        "calendar",
        "Luật Khiếu nại Arts. 27, 36",
        "V",
        "Trả lời không thụ lý quá 10 ngày kể từ ngày nhận.",
        REFUSAL | {"refused_date": date(2026, 7, 17)},
    ),
    required(
        "22a",
        C,
        ("refusal_ground", "notice_no"),
        REFUSED,
        "Luật Khiếu nại Arts. 11, 27",
        "V",
        "Không thụ lý phải thông báo bằng văn bản và ghi lý do theo Điều 11.",
        REFUSAL | {"refusal_ground": None},
    ),
    Rule(
        "22b",
        C,
        Expect(
            "ExpectColumnValuesToBeInSet",
            ("refusal_ground",),
            {"value_set": REFUSAL_GROUNDS},
        ),
        weight="E",
        because="Luật Khiếu nại Art. 11",
        certainty="V",
        message_vi="Lý do không thụ lý không thuộc Điều 11 Luật Khiếu nại.",
        broken_by=REFUSAL | {"refusal_ground": "ly_do_khac"},
    ),
    ordered(
        "23a",
        C,
        ("received_date", "accepted_date", "dialogue_date", "decision_date"),
        {"dialogue_date": date(2026, 7, 9)},
    ),
    ordered(
        "23b",
        C,
        ("decision_date", "decision_sent_date"),
        {"decision_sent_date": date(2026, 8, 4)},
    ),
    ordered(
        "23c",
        C,
        ("decision_date", "published_date"),
        {"published_date": date(2026, 8, 4)},
    ),
    ordered(
        "23d",
        C,
        ("received_date", "refused_date"),
        REFUSAL | {"refused_date": date(2026, 7, 5)},
    ),
    ordered(
        "23e",
        C,
        ("received_date", "withdrawn_date"),
        {"withdrawn_date": date(2026, 7, 5), "withdrawn_scope": "mot_phan"},
    ),
)

SETTLEMENT = (
    Rule(
        "24",
        C,
        Expect(
            "settled_in_time",
            (
                "decision_date",
                "accepted_date",
                "instance",
                "is_remote",
                "is_complex",
                "suspensions",
            ),
        ),
        weight="W",
        because="Luật Khiếu nại Arts. 28, 37; suspended days by the amending law",
        certainty="V",
        message_vi="Giải quyết khiếu nại quá thời hạn.",
        broken_by={
            "decision_date": date(2026, 8, 11),
            "decision_sent_date": date(2026, 8, 12),
            "published_date": date(2026, 8, 13),
        },
        # A source that keeps no suspensions still has late cases.
        groups=(
            ("decision_date",),
            ("accepted_date",),
            ("instance",),
            ("is_remote",),
            ("is_complex",),
        ),
    ),
    Rule(
        "25a",
        C,
        Expect("suspensions_in_force", ("suspensions",)),
        weight="E",
        because=AMENDING,
        certainty="V",
        message_vi="Tạm đình chỉ chỉ có từ 01/7/2026.",
        broken_by={"suspensions": [_suspension(date(2026, 6, 1), date(2026, 6, 5))]},
        action="quarantine",
    ),
    Rule(
        "25b",
        C,
        Expect("suspensions_sound", ("suspensions",)),
        weight="E",
        because=AMENDING,
        certainty="I",
        message_vi="Các lần tạm đình chỉ chồng nhau hoặc kết thúc trước khi bắt đầu.",
        broken_by={
            "suspensions": [
                _suspension(date(2026, 7, 15), date(2026, 7, 20)),
                _suspension(date(2026, 7, 18), date(2026, 7, 25)),
            ]
        },
        action="quarantine",
    ),
    Rule(
        "25c",
        C,
        Expect("items_filled", ("suspensions",), {"needed": ("from", "ground")}),
        weight="E",
        because=AMENDING,
        certainty="V",
        message_vi="Tạm đình chỉ phải ghi ngày bắt đầu và lý do.",
        broken_by={
            "suspensions": [_suspension(date(2026, 7, 15), date(2026, 7, 20), None)]
        },
        is_presence=True,
    ),
    required(
        "26",
        C,
        ("first_case_id",),
        (SECOND,),
        "Luật Khiếu nại Art. 33",
        "V",
        "Vụ việc lần hai phải dẫn tới vụ việc lần đầu.",
        {"instance": 2},
    ),
    Rule(
        "31a",
        C,
        Expect("ExpectColumnValuesToBeInSet", ("outcome",), {"value_set": OUTCOMES}),
        weight="E",
        because="NĐ 124/2020 Art. 29",
        certainty="V",
        message_vi="Kết luận không thuộc danh mục.",
        broken_by={"outcome": "khac"},
    ),
    required(
        "31b",
        C,
        ("outcome",),
        (Where("decision_date", "not null"),),
        "Luật Khiếu nại Art. 31",
        "V",
        "Đã có quyết định giải quyết thì phải ghi kết luận.",
        {"outcome": None},
    ),
    required(
        "31c",
        C,
        ("decision_no", "decision_date"),
        (SETTLED,),
        "Luật Khiếu nại Art. 31",
        "V",
        "Vụ việc đã kết luận phải có số và ngày quyết định giải quyết.",
        {"decision_no": None},
    ),
    timely(
        "32a",
        C,
        ("decision_date", "decision_sent_date"),
        3,
        "working",
        "Luật Khiếu nại Art. 32",
        "M",
        "Gửi quyết định lần đầu quá 3 ngày làm việc.",
        {"decision_sent_date": date(2026, 8, 11)},
        when=(FIRST,),
    ),
    timely(
        "32b",
        C,
        ("decision_date", "decision_sent_date"),
        7,
        "calendar",
        "Luật Khiếu nại Art. 41",
        "M",
        "Gửi quyết định lần hai quá 7 ngày.",
        {
            "instance": 2,
            "first_case_id": "0" * 32,
            "decision_sent_date": date(2026, 8, 13),
        },
        when=(SECOND,),
    ),
    timely(
        "32c",
        C,
        ("decision_date", "published_date"),
        15,
        "calendar",
        "NĐ 124/2020 Art. 29",
        "V",
        "Công khai quyết định quá 15 ngày.",
        {"published_date": date(2026, 8, 21)},
    ),
    Rule(
        "34",
        C,
        Expect("date_bounded", ("withdrawn_date",), {"first": AMENDED_ON}),
        weight="W",
        because=AMENDING,
        certainty="V",
        message_vi="Rút một phần khiếu nại chỉ có từ 01/7/2026.",
        broken_by={
            "received_date": date(2026, 6, 29),
            "accepted_date": date(2026, 7, 9),
            "withdrawn_date": date(2026, 6, 30),
            "withdrawn_scope": "mot_phan",
        },
        when=(Where("withdrawn_scope", "==", "mot_phan"),),
    ),
    required(
        "35a",
        C,
        ("decision_no",),
        (ENDED,),
        "Luật Khiếu nại Art. 10",
        "V",
        "Đình chỉ hoặc rút khiếu nại phải có số văn bản.",
        {"outcome": "dinh_chi", "decision_no": None},
    ),
    Rule(
        "35b",
        C,
        Expect("any_present", ("decision_date", "withdrawn_date")),
        weight="E",
        because="Luật Khiếu nại Art. 10",
        certainty="V",
        message_vi="Đình chỉ hoặc rút khiếu nại phải ghi ngày.",
        broken_by={"outcome": "rut", "decision_date": None},
        when=(ENDED,),
        groups=(("decision_date", "withdrawn_date"),),
        is_presence=True,
    ),
)

COMPLAINT_RULES: tuple[Rule, ...] = (
    *common.every(C, "object_type"),
    *common.dated(C, "received_date"),
    *ACCEPTED,
    *SETTLEMENT,
    *rules_person.id_number(C, "complainant_id_number", sender="sender_kind"),
    common.placeholder("59", C, "object_doc_date"),
)
