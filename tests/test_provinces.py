"""A place keeps its province through 01/7/2025, whatever its code says."""

from datetime import date

import pytest

from expectations.provinces import (
    MERGED_ON,
    ProvinceError,
    Scheme,
    is_valid,
    provinces,
    resolve,
    reused_codes,
    scheme_on,
)

BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)

# QĐ 19/2025/QĐ-TTg: new code, the old codes that became it. Typed by hand from the
# domain sheet, not read from the tables that it judges.
MERGED = """
01 01|04 04|08 02 08|11 11|12 12|14 14|15 10 15|19 06 19|20 20|22 22|24 24 27
25 17 25 26|31 30 31|33 33 34|37 35 36 37|38 38|40 40|42 42|44 44 45|46 46
48 48 49|51 51 62|52 52 64|56 56 58|66 54 66|68 60 67 68|75 70 75|79 74 77 79
80 72 80|82 82 87|86 83 84 86|91 89 91|92 92 93 94|96 95 96
"""
PAIRS = [
    (old, new)
    for line in MERGED.replace("\n", "|").split("|")
    if line
    for new, *olds in [line.split()]
    for old in olds
]
# Code, what it was, what it is.
REUSED = [
    ("15", "Yên Bái", "Lào Cai"),
    ("24", "Bắc Giang", "Bắc Ninh"),
    ("44", "Quảng Bình", "Quảng Trị"),
    ("52", "Bình Định", "Gia Lai"),
    ("80", "Long An", "Tây Ninh"),
    ("82", "Tiền Giang", "Đồng Tháp"),
    ("91", "Kiên Giang", "An Giang"),
]


def test_there_were_63_provinces_and_there_are_34() -> None:
    assert len(PAIRS) == len({old for old, _ in PAIRS}) == 63
    assert len({new for _, new in PAIRS}) == 34
    assert provinces(Scheme.GSO2004).keys() == {old for old, _ in PAIRS}
    assert provinces(Scheme.QD19_2025).keys() == {new for _, new in PAIRS}


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_an_old_code_finds_its_new_province_on_either_side(old: str, new: str) -> None:
    assert resolve(old, Scheme.GSO2004, BEFORE) == new
    assert resolve(old, Scheme.GSO2004, AFTER) == new
    assert resolve(new, Scheme.QD19_2025, AFTER) == new


@pytest.mark.parametrize(("code", "was", "is_now"), REUSED)
def test_a_reused_code_is_refused_without_its_scheme(
    code: str, was: str, is_now: str
) -> None:
    assert provinces(Scheme.GSO2004)[code].name.endswith(was)
    assert provinces(Scheme.QD19_2025)[code].name.endswith(is_now)
    for day in (BEFORE, AFTER):
        with pytest.raises(ProvinceError, match="before 01/7/2025"):
            resolve(code, None, day)


def test_seven_codes_were_reused_and_no_other() -> None:
    assert reused_codes() == {code for code, _, _ in REUSED}


def test_a_code_that_kept_its_meaning_needs_no_scheme() -> None:
    for day in (BEFORE, AFTER):
        assert resolve("02", None, day) == "08"  # Hà Giang, closed
        assert resolve("46", None, day) == "46"  # Huế


def test_quang_tri_and_quang_binh_are_not_mixed_up() -> None:
    assert resolve("45", Scheme.GSO2004, BEFORE) == "44"
    assert resolve("44", Scheme.GSO2004, BEFORE) == "44"
    assert provinces(Scheme.GSO2004)["45"].name == "Tỉnh Quảng Trị"


def test_a_code_is_valid_only_in_its_scheme_and_time() -> None:
    assert is_valid("45", Scheme.GSO2004, BEFORE)
    assert not is_valid("45", Scheme.GSO2004, AFTER)
    assert not is_valid("45", Scheme.QD19_2025, AFTER)
    assert is_valid("44", Scheme.QD19_2025, AFTER)
    assert not is_valid("44", Scheme.QD19_2025, BEFORE)


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(ProvinceError, match="not in GSO2004"):
        resolve("99", Scheme.GSO2004, BEFORE)
    with pytest.raises(ProvinceError, match="not in"):
        resolve("1", None, AFTER)
    with pytest.raises(ProvinceError, match="not in QD19-2025"):
        resolve("45", Scheme.QD19_2025, AFTER)


def test_each_province_knows_its_time() -> None:
    assert scheme_on(BEFORE) is Scheme.GSO2004
    assert scheme_on(MERGED_ON) is Scheme.QD19_2025
    assert {p.valid_to for p in provinces(Scheme.GSO2004).values()} == {MERGED_ON}
    assert {p.valid_from for p in provinces(Scheme.QD19_2025).values()} == {MERGED_ON}
