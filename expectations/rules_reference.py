"""Rules along a link: what a record's parent must be (design.md, References).

A missing parent is a warning, looked at again each night, and a breach a finding that
closes when the parent mends it: never a quarantine.
"""

from datetime import date

from expectations.deadlines import EFFECTIVE_DAYS, SETTLEMENTS
from expectations.records import REFERENCES, Reference
from expectations.rule import PRESENT, Expect, Rule, Where
from expectations.rules_denunciation import LAW_OF_2018

PARENT_MISSING = "parent_missing"
ACCEPTED = (Where("accepted_date", "not null"),)
SECOND = Where("instance", "==", 2)
FIRST_CASE = "complaint_case.first_case_id>complaint_case"
# Luật BHXH 41/2024/QH15 is in force from this day; the law of 2014 knew a second step.
LAW_OF_2024 = date(2025, 7, 1)
# The head was "Tổng Giám đốc" until 28/02/2025, when VSS came under a ministry.
HEAD = r"(?i)tổng giám đốc|giám đốc (?:bhxh|bảo hiểm xã hội) việt nam"


def _missing(reference: Reference) -> Rule:
    column = f"{reference.field}.record_id"
    return Rule(
        PARENT_MISSING,
        reference.record_type,
        Expect(PRESENT, (column,)),
        weight="W",
        because="NĐ 55/2022 Art. 4: complete; a child may arrive before its parent",
        certainty="I",
        message_vi="Chưa có hồ sơ được dẫn tới trong cơ sở dữ liệu.",
        broken_by={column: None},
        is_always_run=True,
        through=reference.name,
        shape="no such record",
    )


def _not_before(
    id_: str,
    through: str,
    columns: tuple[str, str],
    because: str,
    message_vi: str,
    broken_by: dict[str, object],
    shape: str,
) -> Rule:
    """What the parent's date must precede; the weight is W."""
    return Rule(
        id_,
        through.split(".")[0],
        Expect("dates_in_order", columns),
        weight="W",
        because=because,
        certainty="I",
        message_vi=message_vi,
        broken_by=broken_by,
        through=through,
        shape=shape,
    )


def _outside_competence(record_type: str) -> Rule:
    return Rule(
        "14",
        record_type,
        Expect(
            "ExpectColumnValuesToNotBeInSet",
            ("petition_ids.within_competence",),
            {"value_set": (False,)},
        ),
        weight="E",
        because="TT 05/2021; Luật Khiếu nại Art. 27",
        certainty="V",
        message_vi="Đơn không thuộc thẩm quyền thì không được thụ lý.",
        broken_by={"petition_ids.within_competence": False},
        when=ACCEPTED,
        through=f"{record_type}.petition_ids>petition",
        shape="its petition is outside competence",
    )


PETITIONS = (
    _outside_competence("complaint_case"),
    _outside_competence("denunciation_case"),
    Rule(
        "42c",
        "denunciation_case",
        Expect(
            "ExpectColumnValuesToNotBeInSet",
            ("petition_ids.is_anonymous",),
            {"value_set": (True,)},
        ),
        weight="E",
        because="Luật Tố cáo Art. 25(1)",
        certainty="V",
        message_vi="Vụ việc tố cáo đã thụ lý từ đơn nặc danh.",
        broken_by={"petition_ids.is_anonymous": True},
        when=ACCEPTED,
        valid_from=LAW_OF_2018,
        through="denunciation_case.petition_ids>petition",
        shape="its petition is anonymous",
    ),
)

SECOND_INSTANCE = (
    Rule(
        "26b",
        "complaint_case",
        Expect(
            "second_allowed",
            (
                "received_date",
                "first_case_id.decision_date",
                "first_case_id.accepted_date",
                "first_case_id.received_date",
                "first_case_id.is_remote",
                "first_case_id.is_complex",
            ),
        ),
        weight="E",
        because="Luật Khiếu nại Art. 33: after decision 1, or after its limit",
        certainty="V",
        message_vi="Khiếu nại lần hai khi lần đầu chưa giải quyết và còn thời hạn.",
        broken_by={
            "received_date": date(2026, 8, 3),
            "first_case_id.decision_date": None,
        },
        when=(SECOND,),
        groups=(("received_date",), ("first_case_id.decision_date",)),
        through=FIRST_CASE,
        shape="the first case was undecided and in its limit",
    ),
    Rule(
        "27",
        "complaint_case",
        Expect(
            "second_in_time",
            (
                "received_date",
                "is_remote",
                "first_case_id.decision_date",
                "first_case_id.decision_sent_date",
            ),
        ),
        weight="W",
        because="Luật Khiếu nại Art. 33(1): 30 days, remote 45, from decision 1",
        certainty="V",
        message_vi="Khiếu nại lần hai quá thời hiệu kể từ quyết định lần đầu.",
        broken_by={"received_date": date(2026, 9, 8)},
        when=(SECOND,),
        groups=(("received_date",), ("first_case_id.decision_date",)),
        through=FIRST_CASE,
        shape="later than allowed after the first decision",
    ),
    Rule(
        "29",
        "complaint_case",
        Expect(
            "ExpectColumnValuesToNotMatchRegex",
            ("first_case_id.settled_by",),
            {"regex": HEAD},
        ),
        weight="E",
        because="Luật BHXH 41/2024/QH15 Art. 130(3)",
        certainty="V",
        message_vi="Sau quyết định của người đứng đầu BHXH Việt Nam không có lần hai.",
        broken_by={"first_case_id.settled_by": "Giám đốc BHXH Việt Nam"},
        when=(SECOND,),
        valid_from=LAW_OF_2024,
        through=FIRST_CASE,
        shape="the head of BHXH Việt Nam settled the first case",
    ),
)

DOCUMENTS = (
    Rule(
        "36e",
        "enforcement",
        Expect(
            "within_days",
            ("decision_id.doc_date", "start_date"),
            {"days": 5, "unit": "working", "after": EFFECTIVE_DAYS},
        ),
        weight="W",
        because="NĐ 124/2020 Art. 31; Luật Khiếu nại Art. 44",
        certainty="V",
        message_vi="Thi hành quá 5 ngày làm việc từ lúc quyết định có hiệu lực.",
        broken_by={"start_date": date(2026, 9, 14)},
        # NĐ 124/2020 is in force from 10/12/2020.
        when=(
            Where("decision_id.doc_type", "in", SETTLEMENTS),
            Where("decision_id.doc_date", ">=", "2020-12-10"),
        ),
        through="enforcement.decision_id>decision",
        shape="later than allowed after the decision took effect",
    ),
    _not_before(
        "36f",
        "enforcement.decision_id>decision",
        ("decision_id.doc_date", "start_date"),
        "Logic of the procedure: no enforcement before its decision",
        "Bắt đầu thi hành trước ngày của quyết định.",
        {"start_date": date(2026, 8, 4)},
        "before its decision",
    ),
    _not_before(
        "61c",
        "recovery.decision_id>decision",
        ("decision_id.doc_date", "last_recovery_date"),
        "CV 1151/BHXH-TTKT §7: recovered under a decision",
        "Ngày thu gần nhất trước ngày của quyết định thu hồi.",
        {"last_recovery_date": date(2026, 8, 4)},
        "before its decision",
    ),
    *(
        _not_before(
            "23h",
            f"decision.case_id>{target}",
            ("case_id.received_date", "doc_date"),
            "Logic of the procedure: no document before the matter it settles",
            "Ngày văn bản trước ngày nhận của vụ việc.",
            {"doc_date": date(2026, 7, 3)},
            "before its case",
        )
        for target in (r.target for r in REFERENCES if r.record_type == "decision")
    ),
)

UNITS = (
    Rule(
        "51b",
        "org_unit",
        Expect(
            "within_parent",
            ("valid_from", "valid_to", "parent.valid_from", "parent.valid_to"),
        ),
        weight="W",
        because="A unit stands under one that is there: QĐ 391, QĐ 2286/QĐ-BTC",
        certainty="I",
        message_vi="Đơn vị có hiệu lực ngoài thời kỳ của đơn vị cấp trên.",
        broken_by={"parent.valid_to": date(2026, 1, 1)},
        through="org_unit.parent>org_unit",
        shape="outside the time of the unit above it",
    ),
)

REFERENCE_RULES: tuple[Rule, ...] = (
    *(_missing(reference) for reference in REFERENCES),
    *PETITIONS,
    *SECOND_INSTANCE,
    *DOCUMENTS,
    *UNITS,
)
