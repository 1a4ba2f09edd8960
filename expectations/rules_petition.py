"""Rules for petitions (đơn): NĐ 55/2022 Art. 6(2), TT 05/2021/TT-TTCP."""

from datetime import date

from expectations import rules_common as common
from expectations import rules_person
from expectations.records import DENOUNCING_KINDS, FREE_TEXT, KINDS
from expectations.rule import PRESENT, Expect, Rule, Where
from expectations.rules_common import ordered, required, timely

P = "petition"
# TT 05/2021/TT-TTCP replaced TT 07/2014 on this day.
TT05_ON = date(2021, 11, 15)
TT05_ELIGIBLE = "TT 05/2021 Art. 6(2)(a)"

ELIGIBLE = Where("eligible", "==", True)
NOT_ELIGIBLE = Where("eligible", "==", False)
NOT_COMPETENT = Where("within_competence", "==", False)
SIGNED = Where("is_anonymous", "==", False)
ANONYMOUS = Where("is_anonymous", "==", True)
COMPLAINT = Where("kind", "==", "khieu_nai")
DENUNCIATION = Where("kind", "==", "to_cao")
FORWARDED = Where("processing_result", "==", "chuyen")
SIGNED_ELIGIBLE = (ELIGIBLE, SIGNED)
# Who may have a complaint forwarded to them in earnest: bodies entitled to send it on.
SENT_BY_CITIZEN = Where(
    "source", "in", ("truc_tiep", "buu_chinh", "tcd", "cong_dien_tu", "hop_thu")
)
SENDER = ("sender_name", "sender_address", "sender_contact", "sender_id_number")


def _result_in(
    id_: str,
    allowed: tuple[str, ...],
    when: tuple[Where, ...],
    because: str,
    message_vi: str,
    broken_by: dict[str, object],
    **rest: object,
) -> Rule:
    expected = Expect(
        "ExpectColumnValuesToBeInSet", ("processing_result",), {"value_set": allowed}
    )
    return Rule(
        id_,
        P,
        expected,
        because=because,
        message_vi=message_vi,
        broken_by=broken_by,
        when=when,
        **rest,  # type: ignore[arg-type]
    )


CLASSIFIED = (
    Rule(
        "kind",
        P,
        Expect(PRESENT, ("kind",)),
        weight="E",
        because="NĐ 55/2022 Art. 6(2)(a): unknown kind, promise P6",
        certainty="V",
        message_vi="Chưa xác định được loại đơn.",
        broken_by={"kind": None},
        action="quarantine",
        is_presence=True,
        is_always_run=True,
    ),
    Rule(
        "8",
        P,
        Expect("ExpectColumnValuesToBeInSet", ("kind",), {"value_set": KINDS}),
        weight="E",
        because="TT 05/2021 Art. 6(1); NĐ 55/2022 Art. 6(2)(a)",
        certainty="V",
        message_vi="Loại đơn không thuộc bốn loại theo quy định.",
        broken_by={"kind": "hoi_dap"},
        action="quarantine",
    ),
    required(
        "9",
        P,
        ("eligible", "within_competence"),
        (),
        "NĐ 55/2022 Art. 6(2)(b), (c)",
        "V",
        "Chưa ghi đơn đủ điều kiện xử lý hay không, thuộc thẩm quyền hay không.",
        {"eligible": None},
    ),
)

ELIGIBILITY = (
    required(
        "10a",
        P,
        ("written_date", "sender_name", "sender_address"),
        SIGNED_ELIGIBLE,
        TT05_ELIGIBLE,
        "V",
        "Đơn đủ điều kiện phải ghi ngày viết đơn, họ tên, địa chỉ người viết đơn.",
        {"sender_name": None},
        TT05_ON,
    ),
    Rule(
        "10b",
        P,
        Expect(
            "ExpectColumnValuesToBeInSet", ("has_signature",), {"value_set": (True,)}
        ),
        weight="E",
        because=TT05_ELIGIBLE,
        certainty="V",
        message_vi="Đơn đủ điều kiện phải có chữ ký hoặc điểm chỉ.",
        broken_by={"has_signature": False},
        when=SIGNED_ELIGIBLE,
        valid_from=TT05_ON,
    ),
    Rule(
        "10c",
        P,
        Expect(
            "ExpectColumnValuesToBeInSet", ("kind",), {"value_set": DENOUNCING_KINDS}
        ),
        weight="E",
        because=TT05_ELIGIBLE,
        certainty="V",
        message_vi="Đơn nặc danh chỉ đủ điều kiện khi là tố cáo rõ người, có chứng cứ.",
        broken_by={"is_anonymous": True, "sender_name": None},
        when=(ELIGIBLE, ANONYMOUS),
        valid_from=TT05_ON,
    ),
    Rule(
        "11a",
        P,
        Expect("any_present", ("respondent_name", "respondent_org")),
        weight="E",
        because=TT05_ELIGIBLE,
        certainty="V",
        message_vi="Đơn khiếu nại đủ điều kiện phải ghi người, cơ quan bị khiếu nại.",
        broken_by={"respondent_name": None, "respondent_org": None},
        when=(ELIGIBLE, COMPLAINT),
        valid_from=TT05_ON,
        groups=(("respondent_name", "respondent_org"),),
        is_presence=True,
    ),
    required(
        "11b",
        P,
        ("content",),
        (ELIGIBLE, COMPLAINT),
        TT05_ELIGIBLE,
        "V",
        "Đơn khiếu nại đủ điều kiện phải có nội dung, lý do khiếu nại.",
        {"content": None},
        TT05_ON,
    ),
    Rule(
        "12a",
        P,
        Expect("any_present", ("respondent_name", "respondent_org")),
        weight="E",
        because=TT05_ELIGIBLE,
        certainty="V",
        message_vi="Đơn tố cáo đủ điều kiện phải ghi người, cơ quan bị tố cáo.",
        broken_by={"kind": "to_cao", "respondent_name": None, "respondent_org": None},
        when=(ELIGIBLE, DENUNCIATION),
        valid_from=TT05_ON,
        groups=(("respondent_name", "respondent_org"),),
        is_presence=True,
    ),
    required(
        "12b",
        P,
        ("content",),
        (ELIGIBLE, DENUNCIATION),
        TT05_ELIGIBLE,
        "V",
        "Đơn tố cáo đủ điều kiện phải nêu hành vi bị tố cáo.",
        {"kind": "to_cao", "content": None},
        TT05_ON,
    ),
    required(
        "12c",
        P,
        ("sender_contact",),
        (ELIGIBLE, DENUNCIATION, SIGNED),
        TT05_ELIGIBLE,
        "V",
        "Đơn tố cáo đủ điều kiện phải ghi cách thức liên hệ với người tố cáo.",
        {"kind": "to_cao", "sender_contact": None},
        TT05_ON,
    ),
    required(
        "13a",
        P,
        ("ineligible_reason",),
        (NOT_ELIGIBLE,),
        "TT 05/2021 Art. 6(2)(b)",
        "V",
        "Đơn không đủ điều kiện phải ghi lý do.",
        {"eligible": False, "processing_result": "xep_luu"},
        TT05_ON,
    ),
    _result_in(
        "13b",
        ("tra_lai_huong_dan", "xep_luu"),
        (NOT_ELIGIBLE,),
        "TT 05/2021 Art. 6(2)(b)",
        "Đơn không đủ điều kiện chỉ được trả lại, hướng dẫn hoặc xếp lưu.",
        {"eligible": False, "ineligible_reason": "thieu_dieu_kien"},
        weight="E",
        certainty="V",
        valid_from=TT05_ON,
    ),
)

HANDLED = (
    _result_in(
        "14",
        ("chuyen", "tra_lai_huong_dan", "don_doc", "xep_luu"),
        (NOT_COMPETENT,),
        "TT 05/2021; Luật Khiếu nại Art. 27",
        "Đơn không thuộc thẩm quyền thì không được thụ lý.",
        {"within_competence": False},
        weight="E",
        certainty="V",
    ),
    required(
        "15",
        P,
        ("forwarded_to_class", "forwarded_to", "forwarded_date"),
        (FORWARDED,),
        "NĐ 55/2022 Art. 6(2)(d)",
        "V",
        "Đơn chuyển phải ghi loại cơ quan nhận, tên nơi nhận và ngày chuyển.",
        {"processing_result": "chuyen", "forwarded_date": date(2026, 7, 10)},
    ),
    Rule(
        "16",
        P,
        Expect(
            "ExpectColumnValuesToNotBeInSet",
            ("processing_result",),
            {"value_set": ("chuyen",)},
        ),
        weight="W",
        because="TT 05/2021: a complaint not competent is guided, not forwarded",
        certainty="V",
        message_vi="Khiếu nại không thuộc thẩm quyền thì hướng dẫn, không chuyển.",
        broken_by={
            "within_competence": False,
            "processing_result": "chuyen",
            "forwarded_to_class": "hanh_chinh",
            "forwarded_to": "Sở Nội vụ",
            "forwarded_date": date(2026, 7, 10),
        },
        when=(COMPLAINT, NOT_COMPETENT, SENT_BY_CITIZEN),
        valid_from=TT05_ON,
    ),
    timely(
        "19",
        P,
        ("received_date", "processed_date"),
        10,
        "calendar",
        "TTHC xử lý đơn: 10 days from receipt",
        "V",
        "Đơn được xử lý quá 10 ngày kể từ ngày nhận.",
        {"processed_date": date(2026, 7, 17)},
    ),
    _result_in(
        "20",
        ("chuyen", "tra_lai_huong_dan"),
        (Where("on_admin_regulation", "==", True),),
        "TT 05/2021 Art. 1: NĐ 20/2008 governs these",
        "Kiến nghị về quy định hành chính xử lý theo NĐ 20/2008, không thụ lý ở đây.",
        {"on_admin_regulation": True, "kind": "kien_nghi_phan_anh"},
        weight="W",
        certainty="V",
        valid_from=TT05_ON,
    ),
    ordered(
        "23a",
        P,
        ("written_date", "received_date", "processed_date"),
        {"processed_date": date(2026, 7, 5)},
    ),
    ordered(
        "23b",
        P,
        ("received_date", "forwarded_date"),
        {"forwarded_date": date(2026, 7, 5)},
    ),
    _result_in(
        "42a",
        ("chuyen", "tra_lai_huong_dan", "don_rut", "xep_luu", "don_doc"),
        (DENUNCIATION, ANONYMOUS),
        "Luật Tố cáo Art. 25(1)",
        "Đơn tố cáo nặc danh không được thụ lý theo trình tự tố cáo.",
        {"kind": "to_cao", "is_anonymous": True, "sender_name": None},
        weight="E",
        certainty="V",
        valid_from=date(2019, 1, 1),
    ),
    Rule(
        "43a",
        P,
        Expect(
            "no_identity",
            (*FREE_TEXT[P], *SENDER, "kind"),
            {"texts": FREE_TEXT[P], "kind": "kind"},
        ),
        weight="E",
        because="Luật Tố cáo Arts. 8(3), 56",
        certainty="V",
        message_vi="Thông tin của người tố cáo xuất hiện trong trường không được phép.",
        broken_by={
            "kind": "to_cao",
            "content": "Bà TRAN THI THU  BUOI trình bày sự việc",
        },
        action="quarantine",
        groups=(FREE_TEXT[P], SENDER),
    ),
)

PETITION_RULES: tuple[Rule, ...] = (
    *common.every(P, "field_area"),
    *common.dated(P, "received_date"),
    *CLASSIFIED,
    *ELIGIBILITY,
    *HANDLED,
    *rules_person.id_number(P, "sender_id_number", sender="sender_kind"),
    *rules_person.phone(P, "sender_contact"),
    common.placeholder("59", P, "written_date"),
)
