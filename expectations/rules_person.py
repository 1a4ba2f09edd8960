"""Rules for what identifies a person: identity numbers and phones."""

from datetime import timedelta

from expectations.identifiers import OLD_PHONES_UNTIL, PERSONAL_ID_ON
from expectations.records import BY_NAME
from expectations.rule import Expect, Rule, Value


def id_number(
    record_type: str, column: str, paper: str = "", sender: str = ""
) -> tuple[Rule, ...]:
    """What the law expects of an identity number, by its kind.

    `paper` is the column that states the kind of paper, `sender` the one that tells an
    enterprise, which has a tax number; a record type may lack either.
    """
    event = str(BY_NAME[record_type].event_date)
    stated: dict[str, Value] = {"paper": paper} if paper else {}
    sent: dict[str, Value] = {"sender": sender} if sender else {}
    # A number of another kind than the valid record's paper says breaks the shape, too.
    other = {paper: "khac"} if paper else {}

    def reading(name: str, more: dict[str, Value], *columns: str) -> Expect:
        return Expect(name, (column, *filter(None, columns)), more)

    return (
        Rule(
            "54a",
            record_type,
            reading("id_shaped", stated, event, paper),
            weight="E",
            because="NĐ 137/2015 Art. 13; CMND, passport, BHXH, BHYT, tax number "
            "accepted",
            certainty="V",
            message_vi="Số giấy tờ không đúng cấu trúc (căn cước có 12 chữ số).",
            broken_by={column: "12345678901"},
            groups=((column,),),
        ),
        Rule(
            "54b",
            record_type,
            reading("id_of_a_province", {}),
            weight="W",
            because="NĐ 137/2015 Art. 13: a province or a country of birth",
            certainty="T",
            message_vi="Ba số đầu của căn cước không phải mã tỉnh (có thể là mã nước).",
            broken_by={column: "999085000001"},
        ),
        Rule(
            "54c",
            record_type,
            reading("id_born_in_time", {}, event),
            weight="W",
            because="NĐ 137/2015 Art. 13: century, sex and year of birth",
            certainty="V",
            message_vi="Năm sinh trong số căn cước sau ngày của sự việc hoặc quá 120 "
            "năm trước; đề nghị kiểm tra lại số.",
            broken_by={column: "045385000001"},
        ),
        Rule(
            "54d",
            record_type,
            reading("id_whole", stated, event, paper),
            weight="E",
            because="NĐ 137/2015 Art. 13: 12 digits; CMND 9; a spreadsheet drops the 0",
            certainty="M",
            message_vi="Số giấy tờ mất số 0 ở đầu (ô kiểu số của bảng tính); đề nghị "
            "nhập lại dạng chữ tại nguồn.",
            broken_by={column: "45185000001"},
            groups=((column,),),
        ),
        Rule(
            "55",
            record_type,
            reading("id_not_replaced", sent, sender),
            weight="W",
            because="CV 1804/BHXH-QLT: personal id from 01/8/2025",
            certainty="V",
            message_vi="Từ 01/8/2025 dùng số định danh cá nhân thay mã số BHXH.",
            broken_by={column: "0123456789", **other},
            groups=((column,),),
            valid_from=PERSONAL_ID_ON,
        ),
        Rule(
            "55b",
            record_type,
            reading("card_sound", {}),
            weight="W",
            because="QĐ 1351/QĐ-BHXH: group, benefit 1-5, province, BHXH number",
            certainty="V",
            message_vi="Số thẻ BHYT có mức hưởng hoặc mã tỉnh không tồn tại.",
            broken_by={column: "DN9450123456789", **other},
            also=frozenset({"55"}),
        ),
        Rule(
            "56",
            record_type,
            reading("tax_sound", sent, sender),
            weight="W",
            because="TT 105/2020/TT-BTC: check digit of tax numbers of 10 or 13 digits",
            certainty="T",
            message_vi="Mã số thuế sai số kiểm tra; đề nghị đối chiếu với thông báo mã "
            "số thuế.",
            broken_by={column: "0123456780-001", **other},
            groups=((column,),),
        ),
    )


def phone(record_type: str, column: str) -> tuple[Rule, ...]:
    """A contact that is a phone number is one that can be called."""
    return (
        Rule(
            "57",
            record_type,
            Expect("phone_sound", (column,)),
            weight="W",
            because="Numbers of 10 digits, of landlines 11, since 2017-2019",
            certainty="V",
            message_vi="Số điện thoại thiếu hoặc thừa chữ số.",
            broken_by={column: "091234567"},
        ),
        Rule(
            "57b",
            record_type,
            Expect("phone_current", (column,)),
            weight="W",
            because="Mobile numbers of 11 digits ended on 30/6/2019",
            certainty="V",
            message_vi="Số di động 11 chữ số không còn gọi được từ 01/7/2019; đề nghị "
            "hỏi lại số mới.",
            broken_by={column: "01234567890"},
            valid_from=OLD_PHONES_UNTIL + timedelta(days=1),
        ),
    )
