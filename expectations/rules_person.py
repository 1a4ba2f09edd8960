"""Rules for what identifies a person: identity numbers and phones."""

from datetime import date

from expectations.provinces import Scheme, provinces
from expectations.records import BY_NAME
from expectations.rule import Expect, Rule

# Personal id, BHXH number (to 01/8/2025), CMND, passport.
ID_SHAPE = r"^(?:\d{12}|\d{10}|\d{9}|[A-Z]\d{7,8})$"
# CV 1804/BHXH-QLT: the personal id replaces the BHXH number from this day.
PERSONAL_ID_ON = date(2025, 8, 1)
# Digits and what people put between them only: then a number in use since 2018.
PHONE_SHAPE = (
    r"^(?:.*[^\d\s.+()\-/,;].*"
    r"|\D*(?:84|0)\D*(?:[35789](?:\D*\d){8}|2(?:\D*\d){8,9})\D*)$"
)


def id_number(record_type: str, column: str, type_column: str = "") -> tuple[Rule, ...]:
    """The shape of an identity number, and what the law expects of it.

    With `type_column` the shape is that of the stated paper, any paper while unstated.
    """
    event = str(BY_NAME[record_type].event_date)
    codes = "|".join(sorted(provinces(Scheme.GSO2004)))
    any_paper = Expect("ExpectColumnValuesToMatchRegex", (column,), {"regex": ID_SHAPE})
    by_paper = Expect("id_shaped", (column, type_column), {"shape": ID_SHAPE})
    return (
        Rule(
            "54a",
            record_type,
            by_paper if type_column else any_paper,
            weight="E",
            because="NĐ 137/2015 Art. 13; CMND, passport and BHXH number accepted",
            certainty="V",
            message_vi="Số giấy tờ không đúng cấu trúc (căn cước có 12 chữ số).",
            broken_by={column: "12345678901"},
            groups=((column,),) if type_column else (),
        ),
        Rule(
            "54b",
            record_type,
            Expect(
                "ExpectColumnValuesToMatchRegex",
                (column,),
                {"regex": rf"^(?!\d{{12}}$)|^0(?:{codes})"},
            ),
            weight="W",
            because="NĐ 137/2015 Art. 13: a province or a country of birth",
            certainty="T",
            message_vi="Ba số đầu của căn cước không phải mã tỉnh (có thể là mã nước).",
            broken_by={column: "999085000001"},
        ),
        Rule(
            "55",
            record_type,
            Expect(
                "ExpectColumnValuesToNotMatchRegex", (column,), {"regex": r"^\d{10}$"}
            ),
            weight="W",
            because="CV 1804/BHXH-QLT: personal id from 01/8/2025",
            certainty="V",
            message_vi="Từ 01/8/2025 dùng số định danh cá nhân thay mã số BHXH.",
            broken_by={column: "0123456789", event: date(2026, 7, 6)},
            valid_from=PERSONAL_ID_ON,
            also=frozenset({"54a"}) if type_column else frozenset(),
        ),
    )


def phone(record_type: str, column: str) -> Rule:
    """A contact that is a phone number is one in use."""
    return Rule(
        "57",
        record_type,
        Expect("ExpectColumnValuesToMatchRegex", (column,), {"regex": PHONE_SHAPE}),
        weight="W",
        because="Numbers of 11 digits ended in 2018-2019",
        certainty="V",
        message_vi="Số điện thoại không còn dùng hoặc thiếu chữ số.",
        broken_by={column: "01234567890"},
    )
