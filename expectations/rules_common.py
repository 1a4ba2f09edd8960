"""Rules that hold for every record type, or for one kind of value in several."""

from datetime import date
from typing import Literal

from expectations.records import BY_NAME, Need, Type
from expectations.rule import PRESENT, TODAY, Expect, Rule, Where

# Luật Khiếu nại and Luật Tố cáo of 2011: earlier dates are slips or placeholders.
LAWS_OF_2011 = date(2012, 7, 1)
# Luật Tiếp công dân 42/2013/QH13.
LAW_OF_2013 = date(2014, 7, 1)
# QĐ 20/2020/QĐ-TTg: at most 35 signs, groups of digits and capitals between points.
ORG_CODE_SHAPE = r"^(?=.{1,35}$)[0-9A-Z]+(?:\.[0-9A-Z]+)*$"
# Fields whose absence has a rule of its own, which quarantines or has a number.
HAS_OWN_RULE = {
    "petition": ("kind", "eligible", "within_competence"),
    "reception": ("citizen_name", "citizen_address", "content", "result"),
}


def _texts(record_type: str) -> tuple[str, ...]:
    fields = BY_NAME[record_type].fields
    return tuple(f.name for f in fields if f.type is Type.TEXT)


def _mandatory(record_type: str) -> tuple[str, ...]:
    own = (*HAS_OWN_RULE.get(record_type, ()), BY_NAME[record_type].event_date)
    fields = BY_NAME[record_type].fields
    needed = (f.name for f in fields if f.need is Need.MANDATORY)
    return tuple(name for name in needed if name not in own)


def every(record_type: str, mandatory_example: str) -> tuple[Rule, ...]:
    """Key, mandatory fields, readable text, organisation code."""
    mandatory, texts = _mandatory(record_type), _texts(record_type)
    return (
        Rule(
            "key_blank",
            record_type,
            Expect(PRESENT, ("record_id",)),
            weight="E",
            because="NĐ 55/2022 Art. 4: complete and accurate; a record without a key",
            certainty="I",
            message_vi="Hồ sơ không có mã số ở hệ thống nguồn.",
            broken_by={"record_id": None},
            action="quarantine",
            is_always_run=True,
        ),
        Rule(
            "mandatory",
            record_type,
            Expect("all_present", mandatory),
            weight="E",
            because=BY_NAME[record_type].law,
            certainty="V",
            message_vi="Thiếu thông tin bắt buộc.",
            broken_by={mandatory_example: None},
            groups=(mandatory,),
            is_presence=True,
        ),
        Rule(
            "51",
            record_type,
            Expect(
                "ExpectColumnValuesToMatchRegex",
                ("org_code",),
                {"regex": ORG_CODE_SHAPE},
            ),
            weight="E",
            because="QĐ 20/2020/QĐ-TTg",
            certainty="V",
            message_vi="Mã định danh cơ quan không đúng cấu trúc của QĐ 20/2020.",
            broken_by={"org_code": "g24-44"},
        ),
        Rule(
            "58",
            record_type,
            Expect("text_readable", texts),
            weight="E",
            because="Text is Unicode without signs of a broken conversion",
            certainty="T",
            message_vi="Văn bản bị lỗi phông chữ, không khôi phục được.",
            broken_by={"org_code": "G24\ufffd"},
            action="quarantine",
            groups=(texts,),
            also=frozenset({"51"}),
        ),
        Rule(
            "58b",
            record_type,
            Expect("text_modern", texts),
            weight="W",
            because="Text is Unicode: signs of TCVN3, VNI or a double decoding",
            certainty="T",
            message_vi="Văn bản có dấu hiệu gõ bằng phông chữ cũ (TCVN3, VNI) hoặc sai "
            "bảng mã; đề nghị sửa tại nguồn.",
            broken_by={"org_code": "B¶o hiÓm x· héi"},
            groups=(texts,),
            also=frozenset({"51"}),
        ),
    )


def has_event_date(record_type: str, event: str) -> Rule:
    """The date that chooses the law is there; without it the record is withheld."""
    return Rule(
        "event_date",
        record_type,
        Expect(PRESENT, (event,)),
        weight="E",
        because="The date of the event chooses the law",
        certainty="I",
        message_vi="Thiếu ngày của sự việc hoặc không đọc được ngày.",
        broken_by={event: None},
        action="quarantine",
        is_presence=True,
        is_always_run=True,
    )


def dated(
    record_type: str,
    event: str,
    first: date = LAWS_OF_2011,
    because: str = "Luật Khiếu nại, Luật Tố cáo 2011: in force 01/7/2012",
) -> tuple[Rule, ...]:
    """The event date: there, not in the future, not before the law of `first`."""
    # The impossible dates that break these two also break orders, limits and periods.
    orders = frozenset(f"23{letter}" for letter in "abcdefg")
    return (
        has_event_date(record_type, event),
        Rule(
            "2a",
            record_type,
            Expect("date_bounded", (event,), {"last": TODAY}),
            weight="E",
            because="An event cannot lie in the future",
            certainty="I",
            message_vi="Ngày của sự việc ở tương lai.",
            broken_by={event: date(2999, 1, 1)},
            also=orders | {"54c", "65a"},
        ),
        Rule(
            "2b",
            record_type,
            Expect("date_bounded", (event,), {"first": first}),
            weight="W",
            because=because,
            certainty="M",
            message_vi="Ngày của sự việc trước ngày Luật có hiệu lực.",
            broken_by={event: date(2000, 3, 1)},
            also=frozenset({"23a", "65b"}),
        ),
    )


def placeholder(
    id_: str, record_type: str, *columns: str, also: frozenset[str] = frozenset()
) -> Rule:
    """Dates that are a system's word for "no date" (rule 59)."""
    return Rule(
        id_,
        record_type,
        Expect("date_bounded", columns, {"first": date(1910, 1, 1)}),
        weight="E",
        because="No 01/01/1753, 30/12/1899 or 01/01/1900: they stand for no date",
        certainty="T",
        message_vi="Ngày là giá trị mặc định của phần mềm, không phải ngày thật.",
        broken_by={columns[0]: date(1900, 1, 1)},
        groups=(columns,),
        also=also,
    )


def required(
    id_: str,
    record_type: str,
    columns: tuple[str, ...],
    when: tuple[Where, ...],
    because: str,
    certainty: str,
    message_vi: str,
    broken_by: dict[str, object],
    valid_from: date | None = None,
    also: frozenset[str] = frozenset(),
    weight: Literal["E", "W"] = "E",
) -> Rule:
    """Fields that the law asks for under a condition.

    One expectation for several fields, for each costs its share of every batch; the
    findings still name the field.
    """
    single = Expect(PRESENT, columns)
    return Rule(
        id_,
        record_type,
        single if len(columns) == 1 else Expect("all_present", columns),
        weight=weight,
        because=because,
        certainty=certainty,
        message_vi=message_vi,
        broken_by=broken_by,
        when=when,
        valid_from=valid_from,
        groups=() if len(columns) == 1 else (columns,),
        is_presence=True,
        also=also,
    )


def ordered(
    id_: str,
    record_type: str,
    columns: tuple[str, ...],
    broken_by: dict[str, object],
    predicate: str = "dates_in_order",
    also: frozenset[str] = frozenset(),
) -> Rule:
    """Dates that contradict each other (rule 23): the record is withheld."""
    return Rule(
        id_,
        record_type,
        Expect(predicate, columns),
        weight="E",
        because="Logic of the procedure: no step before the one it follows",
        certainty="I",
        message_vi="Các ngày mâu thuẫn: bước sau có ngày trước bước trước.",
        broken_by=broken_by,
        action="quarantine",
        groups=(columns,),
        at_least=2,
        also=also,
    )


def timely(
    id_: str,
    record_type: str,
    columns: tuple[str, str],
    days: int,
    unit: str,
    because: str,
    certainty: str,
    message_vi: str,
    broken_by: dict[str, object],
    when: tuple[Where, ...] = (),
    valid_from: date | None = None,
    also: frozenset[str] = frozenset(),
) -> Rule:
    """The second date within a limit from the first; late is published all the same."""
    return Rule(
        id_,
        record_type,
        Expect("within_days", columns, {"days": days, "unit": unit}),
        weight="W",
        because=because,
        certainty=certainty,
        message_vi=message_vi,
        broken_by=broken_by,
        when=when,
        valid_from=valid_from,
        also=also,
    )
