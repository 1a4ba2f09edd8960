"""Rules for denunciation cases (vụ việc tố cáo): Luật Tố cáo 2018, NĐ 31/2019."""

from datetime import date

from expectations import rules_common as common
from expectations import rules_person
from expectations.records import DENUNCIATION_CASE, FREE_TEXT
from expectations.rule import Expect, Rule, Where
from expectations.rules_common import ordered, required, timely

D = "denunciation_case"
# Luật Tố cáo 25/2018/QH14 is in force from this day.
LAW_OF_2018 = date(2019, 1, 1)
OUTCOMES = DENUNCIATION_CASE.field("outcome").codes
ACCEPTED = (Where("accepted_date", "not null"),)
CONCLUDED = (Where("outcome", "in", ("dung", "sai", "co_dung_co_sai")),)
DENOUNCER = (
    "denouncer_name",
    "denouncer_address",
    "denouncer_contact",
    "denouncer_id_number",
)


def _extension(no: int, decision_no: str | None = "12/QĐ-GH") -> dict[str, object]:
    return {"no": no, "decision_no": decision_no, "date": date(2026, 8, 10)}


PROCEDURE = (
    ordered(
        "23a",
        D,
        ("received_date", "accepted_date", "conclusion_date", "published_date"),
        {"published_date": date(2026, 8, 9)},
    ),
    ordered(
        "23b",
        D,
        ("received_date", "acceptance_decision_date", "notified_date"),
        {"notified_date": date(2026, 7, 13)},
    ),
    Rule(
        "31d",
        D,
        Expect("ExpectColumnValuesToBeInSet", ("outcome",), {"value_set": OUTCOMES}),
        weight="E",
        because="03/KQGQ: đúng, sai, có đúng có sai; đình chỉ, rút",
        certainty="V",
        message_vi="Kết luận tố cáo không thuộc danh mục.",
        broken_by={"outcome": "khac"},
    ),
    required(
        "31e",
        D,
        ("conclusion_no", "conclusion_date"),
        CONCLUDED,
        "Luật Tố cáo Art. 35",
        "M",
        "Vụ việc đã kết luận phải có số và ngày kết luận.",
        {"conclusion_no": None},
    ),
    timely(
        "37a",
        D,
        ("received_date", "accepted_date"),
        7,
        "working",
        "Luật Tố cáo Art. 24(1)",
        "M",
        "Xử lý ban đầu tố cáo quá 7 ngày làm việc.",
        {"accepted_date": date(2026, 7, 16)},
        when=(Where("check_multi_place", "==", False),),
        valid_from=LAW_OF_2018,
    ),
    timely(
        "37b",
        D,
        ("received_date", "accepted_date"),
        10,
        "working",
        "Luật Tố cáo Art. 24(1)",
        "M",
        "Xử lý ban đầu tố cáo quá 10 ngày làm việc.",
        {"accepted_date": date(2026, 7, 21), "check_multi_place": True},
        when=(Where("check_multi_place", "==", True),),
        valid_from=LAW_OF_2018,
    ),
    required(
        "38",
        D,
        ("acceptance_decision_no", "acceptance_decision_date", "content"),
        ACCEPTED,
        "Luật Tố cáo Art. 29(2)",
        "V",
        "Tố cáo đã thụ lý phải có số, ngày quyết định thụ lý và nội dung thụ lý.",
        {"content": None},
        LAW_OF_2018,
    ),
    timely(
        "39",
        D,
        ("acceptance_decision_date", "notified_date"),
        5,
        "working",
        "Luật Tố cáo Art. 29(3)",
        "V",
        "Thông báo việc thụ lý quá 5 ngày làm việc.",
        {"notified_date": date(2026, 7, 22)},
        valid_from=LAW_OF_2018,
    ),
    Rule(
        "40",
        D,
        Expect("concluded_in_time", ("conclusion_date", "accepted_date", "extensions")),
        weight="W",
        because="Luật Tố cáo Art. 30: 30 days, 60 or 90 with extensions",
        certainty="V",
        message_vi="Kết luận nội dung tố cáo quá thời hạn.",
        broken_by={
            "conclusion_date": date(2026, 8, 14),
            "published_date": date(2026, 8, 17),
        },
        valid_from=LAW_OF_2018,
    ),
    Rule(
        "41a",
        D,
        Expect(
            "extensions_allowed", ("extensions", "is_complex", "is_specially_complex")
        ),
        weight="E",
        because="Luật Tố cáo Art. 30",
        certainty="V",
        message_vi="Số lần gia hạn vượt mức cho phép theo độ phức tạp của vụ việc.",
        broken_by={"extensions": [_extension(1)]},
        valid_from=LAW_OF_2018,
    ),
    Rule(
        "41b",
        D,
        Expect("items_filled", ("extensions",), {"needed": ("decision_no", "date")}),
        weight="E",
        because="Luật Tố cáo Art. 30: a written decision",
        certainty="V",
        message_vi="Mỗi lần gia hạn phải có số và ngày quyết định.",
        broken_by={"is_complex": True, "extensions": [_extension(1, None)]},
        valid_from=LAW_OF_2018,
        is_presence=True,
    ),
    Rule(
        "42b",
        D,
        Expect("ExpectColumnValuesToBeNull", ("accepted_date",)),
        weight="E",
        because="Luật Tố cáo Art. 25(1)",
        certainty="V",
        message_vi="Tố cáo nặc danh không được thụ lý theo trình tự tố cáo.",
        broken_by={"is_anonymous": True},
        when=(Where("is_anonymous", "==", True),),
        valid_from=LAW_OF_2018,
    ),
)

SECRECY = (
    Rule(
        "43b",
        D,
        Expect("no_identity", (*FREE_TEXT[D], *DENOUNCER), {"texts": FREE_TEXT[D]}),
        weight="E",
        because="Luật Tố cáo Arts. 8(3), 56",
        certainty="V",
        message_vi="Thông tin của người tố cáo xuất hiện trong trường không được phép.",
        broken_by={"content": "Liên hệ 0912.000.111 để biết thêm"},
        action="quarantine",
        groups=(FREE_TEXT[D], DENOUNCER),
    ),
    Rule(
        "44",
        D,
        Expect(
            "no_identity",
            ("published_text", *DENOUNCER),
            {"texts": ("published_text",)},
        ),
        weight="E",
        because="NĐ 31/2019 Art. 6(1)",
        certainty="V",
        message_vi="Nội dung công khai chứa thông tin của người tố cáo.",
        broken_by={"published_text": "Kết luận tố cáo của lê văn khế ngọt"},
        action="quarantine",
        groups=(("published_text",), DENOUNCER),
    ),
)

DENUNCIATION_RULES: tuple[Rule, ...] = (
    *common.every(D, "act_type"),
    *common.dated(D, "received_date"),
    *PROCEDURE,
    *SECRECY,
    *rules_person.id_number(D, "denouncer_id_number"),
    *rules_person.phone(D, "denouncer_contact"),
)
