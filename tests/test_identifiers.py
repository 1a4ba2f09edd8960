"""Numbers of people and payers: each kind is known, each slip named, none is shown."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import seal
from connectors.seal import CONTENT_HASH, Sealer
from expectations import predicates, predicates_person
from expectations.check import check
from expectations.identifiers import (
    MOVED_PHONES,
    Kind,
    canonical_id,
    canonical_phone,
    compact,
    has_old_phone,
    is_phone_sound,
    is_tax_sound,
    kind,
)
from expectations.identity import fold, found_in
from expectations.rules import RULES
from tests.judging import NO_FINDINGS, judged
from tests.valid_records import TODAY, VALUES, provided, valid

SEALER = Sealer(b"\x01" * 32, b"\x02" * 32, b"\x03" * 32)
IDS = {
    "reception": "id_number",
    "petition": "sender_id_number",
    "complaint_case": "complainant_id_number",
    "denunciation_case": "denouncer_id_number",
}
OF_NUMBERS = {"54a", "54b", "54c", "54d", "55", "55b", "56", "57", "57b"}

# Typed from the announcement of 2018, not from the table that it judges.
ANNOUNCEMENT = """
0120 070 0121 079 0122 077 0126 076 0128 078 0123 083 0124 084 0125 085 0127 081
0129 082 0162 032 0163 033 0164 034 0165 035 0166 036 0167 037 0168 038 0169 039
0186 056 0188 058 0199 059
"""
ANNOUNCED = ANNOUNCEMENT.split()
MOVED = list(zip(ANNOUNCED[::2], ANNOUNCED[1::2], strict=True))


def each(expression: pl.Expr, *texts: str | None) -> list[object]:
    frame = pl.DataFrame({"x": list(texts)}, schema={"x": pl.String})
    return frame.select(expression.alias("y"))["y"].to_list()


X = pl.col("x")


def numbers(record_type: str, *values: str, **others: object) -> list[set[str]]:
    """The rules of numbers that each value breaks in the valid record."""
    column = IDS[record_type]
    changes = [{column: value, **others} for value in values]
    return [rules & OF_NUMBERS for rules in judged(record_type, changes)]


# Kinds.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("045185000001", Kind.PERSONAL),
        ("045 185 000 001", Kind.PERSONAL),
        ("CCCD số: 045185000001", Kind.PERSONAL),
        ("Căn cước công dân số 045.185.000.001", Kind.PERSONAL),
        ("０４５１８５０００００１", Kind.PERSONAL),
        ("CMND 123 456 789", Kind.CMND),
        ("0123456789", Kind.BHXH),
        ("DN 4 45 0123456789", Kind.BHYT),
        ("dn4450123456789", Kind.BHYT),
        ("CC1450123456789", Kind.BHYT),  # a group, not a label
        ("HC4450123456789", Kind.BHYT),
        ("MST: 0100047516-001", Kind.MST),
        ("C1234567", Kind.PASSPORT),
        ("45185000001", None),
        ("12345678", None),
        ("Nguyễn Văn Mít", None),
        ("", None),
        (None, None),
        ("0451850000011", Kind.MST),  # a digit too many: its check digit says so
    ],
)
def test_a_number_is_known_by_its_shape(text: str | None, expected: str | None) -> None:
    assert each(kind(compact(X)), text) == [expected]


def oracle_tax(number: str) -> bool:
    """The circular's sum, in plain words."""
    total = sum(
        int(d) * w
        for d, w in zip(number, (31, 29, 23, 19, 17, 13, 7, 5, 3), strict=False)
    )
    return number[9] == str(10 - total % 11)


def test_a_published_tax_number_is_sound_and_no_other_check_digit_is() -> None:
    # The worked example of the circular.
    several = [f"010004751{digit}" for digit in range(10)]
    assert each(is_tax_sound(X), *several) == [d == 6 for d in range(10)]
    assert each(is_tax_sound(X), "000000000" + "1", None) == [False, None]


@settings(deadline=None)
@given(st.lists(st.from_regex(r"[0-9]{10}", fullmatch=True), min_size=1))
def test_a_tax_number_is_sound_as_the_circular_says(several: list[str]) -> None:
    assert each(is_tax_sound(X), *several) == [oracle_tax(n) for n in several]


@settings(deadline=None)
@given(
    st.from_regex(r"[0-9]{10}", fullmatch=True), st.integers(0, 9), st.integers(0, 9)
)
def test_one_wrong_digit_of_a_sound_tax_number_is_found(
    number: str, place: int, digit: int
) -> None:
    if oracle_tax(number) and number[place] != str(digit):
        slipped = number[:place] + str(digit) + number[place + 1 :]
        assert each(is_tax_sound(X), slipped) == [False]


# Rules, by record.


@pytest.mark.parametrize("record_type", IDS)
def test_each_slip_of_a_personal_id_has_its_own_finding(record_type: str) -> None:
    found = numbers(
        record_type,
        "045185000001",
        "045 185 000 001",
        "045185-000001",
        "04518500000",  # a digit short, and no zero can mend it
        "045385000001",  # a man or woman of 2085
        "045226000001",  # of this year
        "045227000001",  # of the next
        "045005000001",  # of 1905
        "045006000001",  # of 1906: 120 years
        "999085000001",
        "45185000001",
        "95185000001",  # Bạc Liêu
        "97185000001",  # no province
    )
    # A BHXH number and others are no personal ids where the paper says it is one.
    assert found == [
        set(),
        set(),
        set(),
        {"54a"},
        {"54c"},
        set(),
        {"54c"},
        {"54c"},
        set(),
        {"54b"},
        {"54d"},
        {"54d"},
        {"54a"},
    ]


def test_a_number_is_judged_by_the_year_of_its_event() -> None:
    child = "045216000001"  # born in 2016
    for year, expected in ((2015, {"54c"}), (2016, set())):
        day = date(year, 3, 2)
        found = numbers("petition", child, received_date=day, written_date=None)
        assert found == [expected]


@pytest.mark.parametrize(
    ("paper", "number", "expected"),
    [
        ("cccd", "123456789", {"54a"}),
        ("cccd", "45185000001", {"54d"}),
        ("cmnd", "123456789", set()),
        ("cmnd", "12345678", {"54d"}),
        ("cmnd", "045185000001", set()),
        ("cmnd", "C1234567", {"54a"}),
        ("ho_chieu", "C1234567", set()),
        ("ho_chieu", "E 00 12345-X", set()),
        ("ho_chieu", "12345678", set()),
        ("khac", "thẻ đảng viên", set()),
        (None, "thẻ đảng viên", {"54a"}),
        (None, "C1234567", set()),
    ],
)
def test_the_paper_says_which_shape_is_due(
    paper: str | None, number: str, expected: set[str]
) -> None:
    assert numbers("reception", number, id_type=paper) == [expected]


def test_a_bhxh_number_is_due_until_the_personal_id_replaces_it() -> None:
    for day, expected in ((date(2025, 7, 31), set()), (date(2025, 8, 1), {"55"})):
        found = numbers(
            "petition",
            "0123456789",
            "DN4450123456789",
            received_date=day,
            written_date=None,
            processed_date=None,
        )
        assert found == [expected, expected]


def test_ten_digits_of_an_enterprise_are_its_tax_number() -> None:
    sound, unsound, branch = "0100047516", "0100047517", "0100047517-001"
    for sender in ("doanh_nghiep", "co_quan"):
        found = numbers("petition", sound, unsound, branch, sender_kind=sender)
        assert found == [set(), {"56"}, {"56"}]
    for someone in ("ca_nhan", None):
        found = numbers("petition", sound, unsound, branch, sender_kind=someone)
        assert found == [{"55"}, {"55"}, {"56"}]


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ("DN4450123456789", set()),
        ("DN 4 45 01234 56789", set()),
        ("QN5970123456789", set()),  # the army's
        ("DN6450123456789", {"55b"}),
        ("DN0450123456789", {"55b"}),
        ("DN4030123456789", {"55b"}),
        ("D44450123456789", {"54a"}),
        ("DN445012345678", {"54a"}),
    ],
)
def test_a_health_card_has_a_benefit_and_a_province(
    card: str, expected: set[str]
) -> None:
    day = {"received_date": date(2025, 3, 3), "written_date": None}
    assert numbers("petition", card, **day, processed_date=None) == [expected]


def test_findings_of_numbers_show_their_shape_alone() -> None:
    told = {"45185000001", "DN9450123456789", "0100047517001", "01234567890"}
    rows = [valid("petition", sender_id_number=n, sender_contact=n) for n in told]
    frame = pl.concat(rows)
    found = check("petition", frame, NO_FINDINGS, provided("petition"), TODAY)
    assert found.findings.height > 4
    text = str(found.findings.to_dicts())
    assert not any(number in text for number in told)


def test_records_without_the_number_or_the_sender_are_not_blamed() -> None:
    assert numbers("petition", None, "", received_date=None) == [set(), {"54a"}]  # type: ignore[arg-type]
    gone = frozenset({"sender_kind", "sender_contact"})
    frame = valid("petition", sender_id_number="0100047517", sender_kind=None)
    found = check("petition", frame, NO_FINDINGS, provided("petition") - gone, TODAY)
    assert set(found.findings["rule"]) & OF_NUMBERS == {"55"}


@settings(deadline=None)
@given(st.text(), st.none() | st.dates())
def test_no_text_in_a_number_breaks_a_rule_of_ours(text: str, day: date | None) -> None:
    schema = {"n": pl.String, "d": pl.Date, "p": pl.String}
    frame = pl.DataFrame({"n": [text], "d": [day], "p": ["cccd"]}, schema=schema)
    for name in {r.expectation.name for r in RULES if r.id in OF_NUMBERS}:
        columns = (
            ["n"] if name.startswith(("phone", "card", "tax")) else ["n", "d", "p"]
        )
        found = predicates.faults(name, frame.select(columns), {})
        assert found.columns == ["n"]
        assert found["n"].null_count() == 0


# Phones.


@pytest.mark.parametrize(("old", "new"), MOVED)
def test_an_old_phone_is_compared_as_the_new_one(old: str, new: str) -> None:
    rest = "4567890"
    spelled = (
        f"{old}{rest}",
        f"{old} 456 78 90",
        f"+84{old[1:]}{rest}",
        f"84 {old[1:]}.456.7890",
        f"{new}{rest}",
        f"(+84) {new[1:]} 456 7890",
        f"0084{new[1:]}{rest}",
        f"ĐT: {old}-{rest} (con gái)",
        f"{new}{rest}, 0912000222",
    )
    assert set(each(canonical_phone(X), *spelled)) == {new + rest}
    assert each(is_phone_sound(X), *spelled) == [True] * len(spelled)
    assert each(has_old_phone(X), *spelled[:4]) == [True] * 4
    assert each(has_old_phone(X), *spelled[4:7]) == [False] * 3


def test_no_other_phone_was_moved() -> None:
    assert len(MOVED_PHONES) == len(MOVED) == 21
    never = ["01604567890", "01614567890", "01994567890"[:10], "01104567890"]
    assert each(canonical_phone(X), *never) == [None] * 4
    assert each(is_phone_sound(X), *never) == [False] * 4
    assert each(canonical_phone(X), "0912000222", "024 3825 1234", "0233.3852.123") == [
        "0912000222",
        "02438251234",
        "02333852123",
    ]


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        ("0912 000 222", set()),
        ("0912000222 / 0987654321", set()),
        ("0912.000.222 0987.654.321", set()),
        ("a@vi-du.vn", set()),
        ("nhà ông Mít, thôn 1", set()),
        ("+1 650 253 0000", set()),
        ("1900 1234", set()),
        ("091200022", {"57"}),
        ("09120002222", {"57"}),
        ("912000222", {"57"}),
        ("0112 000 222", {"57"}),
        ("01234567890", {"57b"}),
        ("0912000222, 01234567890", {"57b"}),
        ("045185000001", {"57"}),
        (None, set()),
    ],
)
def test_a_contact_is_judged_by_its_phones(
    contact: str | None, expected: set[str]
) -> None:
    [rules] = judged("petition", [{"sender_contact": contact}])
    assert rules & OF_NUMBERS == expected


def test_an_old_phone_was_right_in_its_time() -> None:
    for day, expected in ((date(2019, 6, 30), set()), (date(2019, 7, 1), {"57b"})):
        changes = {
            "sender_contact": "01234567890",
            "received_date": day,
            "written_date": None,
        }
        [rules] = judged("petition", [changes])
        assert rules & OF_NUMBERS == expected


@settings(deadline=None)
@given(st.text(alphabet="0123456789+ .()-–/,;đta", max_size=40))
def test_a_canonical_form_is_its_own_canonical_form(text: str) -> None:
    for canonical in (canonical_phone, canonical_id):
        [once] = each(canonical(X), text)
        if once is not None:
            assert each(canonical(X), str(once)) == [once]


PEOPLE = st.from_regex(
    r"0(01|45|79|96)[0-3][0-9]{8}|[1-9][0-9]{8}|[0-9]{10}", fullmatch=True
)


@settings(deadline=None)
@given(PEOPLE, st.lists(st.sampled_from(" .-–"), min_size=13, max_size=13))
def test_what_stands_between_digits_makes_no_other_person(
    number: str, signs: list[str]
) -> None:
    spread = "".join(d + s for d, s in zip(number, signs, strict=False))
    assert each(canonical_id(X), number, spread, f"số {spread}") == [number] * 3


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("045185000001", "45185000001", True),
        ("012345678", "12345678", True),
        ("DN4450123456789", "0123456789", True),
        ("0100047516-001", "0100047516001", True),
        ("c1234567", "C 1234567", True),
        ("045185000001", "045185000002", False),
        ("012345678", "045012345678", False),
        ("0100047516-001", "0100047516", False),
        ("97185000001", "097185000001", False),  # no lost zero: no such province
    ],
)
def test_two_numbers_have_one_token_when_they_are_one(
    one: str, other: str, is_same: bool
) -> None:
    tokens = _sealed(sender_id_number=[one, other])["sender_id_number_token"]
    assert (tokens[0] == tokens[1]) is is_same


def _sealed(**changes: list[str]) -> pl.DataFrame:
    """Petitions with these values, fingerprinted and sealed."""
    [(column, values)] = changes.items()
    frame = pl.concat([valid("petition", **{column: v}) for v in values])
    return SEALER.seal("petition", SEALER.fingerprint("petition", frame))


def test_a_phone_has_one_token_and_the_record_keeps_what_it_was_told() -> None:
    frame = _sealed(sender_contact=["01234567890", "+84 83 456 7890", "0912000222"])
    tokens = frame["sender_contact_token"].to_list()
    assert tokens[0] == tokens[1] != tokens[2]
    assert frame[CONTENT_HASH].n_unique() == 3
    opened = SEALER.open(frame["sealed"][0], frame["record_id"][0])
    assert opened["sender_contact"] == "01234567890"


def test_what_is_no_number_is_compared_by_its_words() -> None:
    frame = _sealed(sender_contact=["Nhà ông Mít", "nha ong  mit", "nhà bà Mít"])
    tokens = frame["sender_contact_token"].to_list()
    assert tokens[0] == tokens[1] != tokens[2]
    assert None not in tokens


def test_no_content_hash_knows_how_numbers_are_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for record_type in VALUES:
        frame = valid(record_type)
        now = SEALER.fingerprint(record_type, frame)[CONTENT_HASH].to_list()
        monkeypatch.setattr(seal, "compared", lambda column: pl.lit("x"))
        assert SEALER.fingerprint(record_type, frame)[CONTENT_HASH].to_list() == now
        monkeypatch.undo()


@pytest.mark.parametrize(
    ("contact", "told", "is_found"),
    [
        ("0834567890", "gọi 01234567890 gặp tôi", True),
        ("01234567890", "gọi 083.456.7890 gặp tôi", True),
        ("+84 123 456 7890", "gọi 0834567890", True),
        ("0834567890", "gọi 0912000222", False),
        ("0912000222", "gọi 0912 000 222", True),
    ],
)
def test_a_denouncers_phone_is_found_under_its_other_number(
    contact: str, told: str, is_found: bool
) -> None:
    frame = pl.DataFrame({"denouncer_contact": [contact], "content": [told]})
    assert found_in(frame, ["denouncer_contact"], ["content"]).item() is is_found


# What polars 2.1 does wrong.


def test_columns_whose_first_chunk_is_empty_are_judged_like_others() -> None:
    several = [pl.Series("x", [n]) for n in ("0", "0", "Mít Xanh", "45185000001")]
    joined = pl.concat(several, rechunk=False).to_frame()
    loose = joined.filter(pl.Series([False, False, True, True]))
    assert loose["x"].chunk_lengths()[0] == 0
    assert loose.select(fold(X)).to_series().to_list() == [
        " mit xanh ",
        " 45185000001 ",
    ]
    assert loose.select(canonical_id(X)).to_series().to_list() == [None, "045185000001"]
    assert loose.select(canonical_phone(X)).to_series().to_list() == [None, None]


def test_a_batch_in_loose_chunks_is_judged_and_an_empty_one_too() -> None:
    parts = [valid("petition", sender_id_number=n) for n in ("1", "2", "45185000001")]
    loose = pl.concat(parts, rechunk=False)
    kept = loose.filter(pl.Series([False, True, True]))
    found = check("petition", kept, NO_FINDINGS, provided("petition"), TODAY)
    assert found.findings["rule"].to_list() == ["54a", "54d"]
    empty = loose.clear().select("sender_id_number", "received_date")
    assert predicates_person.id_shaped(empty).is_empty()
