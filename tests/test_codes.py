"""Wards and provinces through 01/7/2025: the counts of the law, and where each went."""

import csv
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.provinces import (
    ProvinceError,
    Scheme,
    current_codes,
    is_known,
    predecessors,
    province,
    provinces,
    resolve,
    reused_codes,
)
from expectations.spelling import fold_name, fold_tones
from expectations.wards import (
    current_wards,
    ward_successors,
    wards,
    wards_named,
    wards_of,
    with_ward,
)

OLD, NEW = Scheme.GSO2004, Scheme.QD19_2025
BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)
REF = Path(__file__).parent.parent.parent / "shared" / "data" / "ref"


def folded(*texts: str) -> list[str]:
    frame = pl.DataFrame({"t": texts})
    return frame.select(fold_name(pl.col("t")))["t"].to_list()


# Provinces.


@pytest.mark.parametrize(
    ("code", "scheme", "on", "name"),
    [
        ("44", OLD, BEFORE, "Tỉnh Quảng Bình"),
        ("44", OLD, AFTER, "Tỉnh Quảng Trị"),
        ("44", NEW, AFTER, "Tỉnh Quảng Trị"),
        ("45", OLD, BEFORE, "Tỉnh Quảng Trị"),
        ("82", OLD, BEFORE, "Tỉnh Tiền Giang"),
        ("82", OLD, AFTER, "Tỉnh Đồng Tháp"),
        ("46", None, BEFORE, "Thành phố Huế"),
        ("46", None, AFTER, "Thành phố Huế"),
        ("02", None, BEFORE, "Tỉnh Hà Giang"),
        ("02", None, AFTER, "Tỉnh Tuyên Quang"),
        ("38", NEW, BEFORE, "Tỉnh Thanh Hóa"),
    ],
)
def test_a_code_names_the_province_of_its_day(
    code: str, scheme: Scheme | None, on: date, name: str
) -> None:
    assert province(code, scheme, on).name == name


def test_a_new_code_has_no_one_province_before_it_was_given() -> None:
    assert predecessors("44") == ("44", "45")
    with pytest.raises(ProvinceError, match="stands for 2 provinces before"):
        province("44", NEW, BEFORE)
    for code in ("15", "24", "44", "52", "80", "82", "91"):
        with pytest.raises(ProvinceError, match="expected its scheme"):
            province(code, None, AFTER)


def test_every_old_province_has_one_successor_and_every_new_one_a_part() -> None:
    parts = [old for code in provinces(NEW) for old in predecessors(code)]
    assert sorted(parts) == sorted(provinces(OLD))
    assert len(parts) == 63


def test_a_code_is_known_in_its_scheme_alone() -> None:
    assert is_known("45", "GSO2004")
    assert not is_known("45", "QD19-2025")
    assert not is_known("45", "no such scheme")
    assert not is_known("99", "GSO2004")
    assert not is_known("4", "GSO2004")


CODES = st.sampled_from(sorted({*provinces(OLD), *provinces(NEW), "00", "99", "4"}))
SCHEMES = st.sampled_from([OLD, NEW, None])


@settings(deadline=None)
@given(st.lists(st.tuples(CODES, SCHEMES), max_size=20))
def test_columns_are_resolved_as_single_codes_are(
    pairs: list[tuple[str, Scheme | None]],
) -> None:
    def one(code: str, scheme: Scheme | None) -> str | None:
        try:
            return resolve(code, scheme, AFTER)
        except ProvinceError:
            return None

    frame = pl.DataFrame(
        {"c": [c for c, _ in pairs], "s": [s and str(s) for _, s in pairs]},
        schema={"c": pl.String, "s": pl.String},
    )
    found = frame.select(current_codes(pl.col("c"), pl.col("s"))).to_series()
    assert found.to_list() == [one(*pair) for pair in pairs]


def test_a_column_of_reused_codes_without_scheme_tells_nothing() -> None:
    frame = pl.DataFrame({"c": sorted(reused_codes())}).with_columns(
        s=pl.lit(None, pl.String)
    )
    found = frame.select(current_codes(pl.col("c"), pl.col("s"))).to_series()
    assert found.null_count() == 7


# Wards.


def test_there_were_10035_wards_and_there_are_3321() -> None:
    old, new = wards(OLD), wards(NEW)
    assert new.height == new["code"].n_unique() == 3_321
    assert old.height == old["code"].n_unique() == 10_040
    islands = old.filter(pl.col("code").str.starts_with("D"))
    assert old.height - islands.height == 10_035
    assert set(islands["name"]) == {
        "Huyện Bạch Long Vĩ",
        "Huyện Cồn Cỏ",
        "Huyện Hoàng Sa",
        "Huyện Lý Sơn",
        "Huyện Côn Đảo",
    }
    for table in (old, new):
        real = table.filter(~pl.col("code").str.starts_with("D"))
        assert real["code"].str.contains(r"^\d{5}$").all()
        assert table["name"].str.len_chars().min() > 0  # type: ignore[operator]


def test_every_ward_lies_in_a_province_of_its_scheme() -> None:
    for scheme in Scheme:
        assert set(wards(scheme)["province_code"]) == set(provinces(scheme))


def test_every_old_ward_went_somewhere_and_every_new_one_came_from_somewhere() -> None:
    moved = ward_successors()
    assert moved.height == 10_602
    assert set(moved["old_code"]) == set(wards(OLD)["code"])
    assert set(moved["new_code"]) == set(wards(NEW)["code"])
    assert moved.is_duplicated().sum() == 0
    defaults = moved.filter("is_default")["old_code"]
    assert defaults.len() == defaults.n_unique() == 10_040


def test_no_ward_went_to_another_province_than_its_own_went_to() -> None:
    pairs = with_ward(ward_successors(), "old_code", OLD).rename(
        {"province_code": "old_province", "ward_name": "old_name"}
    )
    pairs = with_ward(pairs, "new_code", NEW).with_columns(
        expected=current_codes(pl.col("old_province"), pl.lit(str(OLD)))
    )
    assert pairs.height == 10_602
    assert pairs["old_name"].null_count() == pairs["ward_name"].null_count() == 0
    assert (pairs["expected"] == pairs["province_code"]).all()


def test_a_ward_code_means_little_without_its_scheme() -> None:
    both = wards(OLD).join(wards(NEW), on="code", suffix="_new")
    assert both.height == 3_316
    assert (both["name"] != both["name_new"]).sum() > 2_000


def test_wards_are_followed_in_order_with_unknown_ones_as_null() -> None:
    # Phúc Xá went to Hồng Hà and Trúc Bạch to Ba Đình (Hà Nội); Cồn Cỏ is an island.
    asked = pl.Series("w", ["00004", "99999", "00001", None, "D471", "00004"])
    now = current_wards(asked)
    assert now.len() == 6
    named = with_ward(now.alias("w").to_frame(), "w", NEW)["ward_name"].to_list()
    assert named[1] is None
    assert named[3] is None
    assert named[0] == named[5] == "Phường Ba Đình"
    assert named[2] == "Phường Hồng Hà"
    assert named[4] == "Đặc khu Cồn Cỏ"


def test_a_divided_ward_goes_to_several_with_one_default() -> None:
    counted = (
        ward_successors().group_by("old_code").agg(pl.len(), pl.col("is_default").sum())
    )
    divided = counted.filter(pl.col("len") > 1)
    assert divided.height > 300
    everywhere = current_wards(divided["old_code"])
    assert everywhere.len() == divided.height
    assert everywhere.null_count() == 0
    assert divided["is_default"].unique().to_list() == [1]


def test_the_wards_of_a_province_are_those_and_no_others() -> None:
    assert sum(wards_of(code, NEW).height for code in provinces(NEW)) == 3_321
    assert wards_of("46", NEW).height == 40  # Huế
    with pytest.raises(ProvinceError, match="not in QD19-2025"):
        wards_of("45", NEW)


def test_a_ward_is_found_under_either_place_of_its_tone() -> None:
    new = wards(NEW).filter(pl.col("name").str.contains("Hòa|Thủy|Hoà|Thuỷ"))
    assert new.height > 50
    for code, name, province_code in new.rows()[:40]:
        other = name.replace("òa", "oà") if "òa" in name else name.replace("oà", "òa")
        other = other.replace("ủy", "uỷ") if "ủy" in other else other
        asked = pl.Series([name, other, other.upper(), other + " "])
        found = wards_named(asked, province_code, NEW)
        assert found["code"].unique().to_list() == [code]
        assert found.height == 4


def test_a_name_no_ward_bears_is_not_found_and_a_shared_one_is_found_twice() -> None:
    assert wards_named(pl.Series(["Xã Quýt Ngọt"]), "44", NEW).is_empty()
    shared = (
        wards(OLD).group_by("name", "province_code").len().filter(pl.col("len") > 1)
    )
    name, province_code, count = shared.sort("name").row(0)
    assert wards_named(pl.Series([name]), province_code, OLD).height == count


# Spelling.


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hoà Bình", "Hòa Bình"),
        ("THUỶ NGUYÊN", "Thủy  Nguyên"),
        ("Uỷ ban", "Ủy ban"),
        ("Khoẻ", "Khỏe"),
        ("Bà Rịa - Vũng Tàu", "Bà Rịa-Vũng Tàu"),
        ("Đắk Lắk", "Ðắk Lắk"),  # capital Eth
        ("Hòa", "Ho\u0300a"),
        ("xã Hoà", "xa\u0303 Hòa"),
    ],
)
def test_two_spellings_of_a_name_are_one(one: str, other: str) -> None:
    first, second = folded(one, other)
    assert first == second


@pytest.mark.parametrize(
    ("one", "other"),
    [("Tân Hòa", "Tân Hóa"), ("Hà Nam", "Hạ Nam"), ("Mùa", "Múa"), ("Đông", "Dông")],
)
def test_two_names_stay_two(one: str, other: str) -> None:
    first, second = folded(one, other)
    assert first != second


def test_no_two_names_of_a_district_become_one() -> None:
    for scheme, place in (
        (OLD, ["province_code", "district"]),
        (NEW, ["province_code"]),
    ):
        table = wards(scheme).with_columns(folded=fold_name(pl.col("name")))
        assert table.select(*place, "folded").is_duplicated().sum() == 0


@pytest.mark.parametrize("pair", ["oa", "oe", "uy"])
def test_each_tone_has_one_place_and_stays_the_tone_it_is(pair: str) -> None:
    marks = "\u0300\u0301\u0309\u0303\u0323"
    first, second = pair[0], pair[1]
    old = folded(*(f"h{first}{mark}{second}" for mark in marks))
    new = folded(*(f"h{first}{second}{mark}" for mark in marks))
    assert old == new
    assert len({*old, f"h{pair}"}) == 6


@settings(deadline=None)
@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    for fold in (fold_name, fold_tones):
        once = pl.DataFrame({"t": [text]}).select(fold(pl.col("t")))
        assert once.select(fold(pl.col("t"))).equals(once)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "scheme", "source"),
    [
        ("wards_new_34.csv", NEW, ("ward_code", "ward", "province_code")),
        ("wards_old_63.csv", OLD, ("ward_code", "ward", "province_code")),
    ],
)
def test_our_tables_are_the_published_ones(
    name: str, scheme: Scheme, source: tuple[str, ...]
) -> None:
    with (REF / name).open(encoding="utf-8", newline="") as file:
        theirs = {tuple(row[c] for c in source) for row in csv.DictReader(file)}
    real = wards(scheme).filter(~pl.col("code").str.starts_with("D"))
    ours = set(real.select("code", "name", "province_code").iter_rows())
    assert ours == {row for row in theirs if row[0]}
