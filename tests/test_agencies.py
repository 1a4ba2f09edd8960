"""An agency is who its declared names say, on that day; nearness is only a hint."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from config.agencies import load_agencies
from connectors.errors import ConfigError
from connectors.national import agencies, open_national
from expectations.agencies import (
    AGENCY_FIELDS,
    DECLARED,
    SPELLINGS,
    clashes,
    fold_agency,
    match,
    shown,
    suggest,
)
from expectations.frames import empty
from expectations.records import BY_NAME, Privacy, Type
from flows.cli.app import app
from flows.demo import postgres
from flows.engine.night import NightRequest, run_night
from flows.engine.outcome import NightVerdict
from tests.small import Installation, install, petition

NIGHT = date(2026, 11, 20)
PROVINCE, BASE = "G24.44", "G24.44.03"


def fold(text: str) -> str:
    return str(pl.DataFrame({"t": [text]}).select(fold_agency(pl.col("t"))).item())


def declared(*rows: tuple[str, str, date | None, date | None]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=DECLARED, orient="row")


def told(*spellings: str, on: date | None = NIGHT) -> pl.DataFrame:
    rows = [(text, "petition.handler_org", on, 1) for text in spellings]
    return pl.DataFrame(rows, schema=SPELLINGS, orient="row")


def codes(found: pl.DataFrame) -> list[str | None]:
    return found["org_code"].to_list()


NOBODY = empty(DECLARED)


@pytest.mark.parametrize(
    "spelling",
    [
        "Bảo hiểm xã hội tỉnh Quảng Trị",
        "BHXH tỉnh Quảng Trị",
        "bhxh T. Quảng Trị",
        "BHXH T.Quảng Trị",
        "  BHXH   tỉnh  Quảng Trị. ",
        "BẢO HIỂM XÃ HỘI TỈNH QUẢNG TRỊ",
        "BHXH tỉnh Quảng Tri\u0323",
    ],
)
def test_spellings_of_one_agency_are_matched(spelling: str) -> None:
    aliases = declared((PROVINCE, "BHXH tỉnh Quảng Trị", None, None))
    assert codes(match(told(spelling), aliases, NOBODY)) == [PROVINCE]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("UBND xã Tân Hòa", "Ủy ban nhân dân x. Tân Hoà"),
        ("TP. Huế", "Thành phố Huế"),
        ("TP Huế", "T.P Huế"),
        ("Sở LĐ-TB&XH", "Sở Lao động - Thương binh và Xã hội"),
        ("Sở LĐTBXH", "Sở Lao động, Thương binh, Xã hội"),
        ("Sở Lao động TB và XH", "Sở LĐTBXH"),
        ("Sở NN&PTNT", "Sở Nông nghiệp và Phát triển nông thôn"),
        ("BHXH VN", "Bảo hiểm xã hội Việt Nam"),
        ("Thanh tra T.Ư", "Thanh tra TW"),
        ("BHXH H. Cam Lộ", "BHXH huyện Cam Lộ"),
        ("TX. Quảng Trị", "thị xã Quảng Trị"),
        ("TAND tỉnh", "Toà án nhân dân tỉnh"),
    ],
)
def test_what_registers_write_short_is_what_they_mean(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("UBND xã Tân Hòa", "UBND xã Tân Hóa"),
        ("BHXH tỉnh Hải Dương", "BHXH thành phố Hải Dương"),
        ("BHXH Hải Dương", "BHXH tỉnh Hải Dương"),
        ("BHXH khu vực I", "BHXH khu vực II"),
        ("BHXH khu vực 1", "BHXH khu vực 11"),
        ("P. Chế độ", "Phường Chế độ"),
        ("TT Y tế", "Thị trấn Y tế"),
        ("BHXH huyện Thái Thụy", "BHXH huyện Thái Thủy"),
    ],
)
def test_two_agencies_are_never_made_one(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@settings(deadline=None)
@given(st.text())
def test_folding_an_agency_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_an_alias_comes_before_a_unit_and_no_match_is_no_guess() -> None:
    aliases = declared((PROVINCE, "BHXH tỉnh", None, None))
    units = declared(
        ("G24.99", "BHXH tỉnh", date(2025, 7, 1), None),
        (BASE, "BHXH cơ sở Vườn Xoài", date(2025, 7, 1), None),
    )
    found = match(
        told("BHXH Tỉnh", "bhxh cơ sở vườn xoài", "BHXH cơ sở Vườn Xoai", ""),
        aliases,
        units,
    )
    assert codes(found) == [PROVINCE, BASE, None, None]
    assert found["by"].to_list() == ["alias", "unit", None, None]


def test_a_name_stands_for_who_bore_it_on_that_day() -> None:
    # The regions were numbered anew in June 2025.
    turn = date(2025, 6, 1)
    aliases = declared(
        ("G24.79", "BHXH khu vực II", date(2025, 3, 1), turn),
        ("G24.14", "BHXH khu vực II", turn, date(2025, 7, 1)),
    )
    assert clashes(aliases).is_empty()
    days = {
        date(2025, 2, 28): None,
        date(2025, 3, 1): "G24.79",
        date(2025, 5, 31): "G24.79",
        date(2025, 6, 1): "G24.14",
        date(2025, 7, 1): None,
        None: None,  # without a day it may be either
    }
    for day, code in days.items():
        assert codes(match(told("BHXH Khu vực II", on=day), aliases, NOBODY)) == [code]


def test_a_name_that_two_units_bear_is_nobodys() -> None:
    units = declared(
        (BASE, "BHXH cơ sở A", None, None), ("G24.1", "BHXH CƠ SỞ A", None, None)
    )
    assert codes(match(told("BHXH cơ sở A"), NOBODY, units)) == [None]
    same = declared(
        (BASE, "BHXH cơ sở A", None, None), (BASE, "BHXH CƠ SỞ A", None, None)
    )
    assert codes(match(told("BHXH cơ sở A"), NOBODY, same)) == [BASE]


@settings(deadline=None)
@given(st.lists(st.sampled_from(["BHXH tỉnh", "bhxh TỈNH", "UBND", "?", "Sở Y tế"])))
def test_every_spelling_comes_back_once_in_its_place(several: list[str]) -> None:
    aliases = declared(
        (PROVINCE, "BHXH tỉnh", None, None), (BASE, "Sở Y tế", None, None)
    )
    found = match(told(*several), aliases, aliases)
    assert found["spelling"].to_list() == several
    known = {"BHXH tỉnh": PROVINCE, "bhxh TỈNH": PROVINCE, "Sở Y tế": BASE}
    assert codes(found) == [known.get(text) for text in several]


def test_the_nearest_name_is_suggested_and_a_far_one_is_not() -> None:
    names = declared(
        (PROVINCE, "BHXH tỉnh Quảng Trị", None, None),
        (BASE, "BHXH cơ sở Vườn Xoài", None, None),
    )
    near, far = suggest(["BHXH Quảng Trị tỉnh", "Chợ Đông"], names)
    assert near is not None
    assert near[:2] == ("BHXH tỉnh Quảng Trị", PROVINCE)
    assert far is None
    assert suggest(["BHXH"], NOBODY) == [None]


def test_two_communes_are_not_near_for_the_words_that_all_of_them_share() -> None:
    names = declared(
        (PROVINCE, "UBND Xã Ngũ Kiên", None, None),
        (BASE, "UBND xã Quýt Ngọt", None, None),
    )
    said = suggest(
        ["UBND Xã Kim Long", "UBND xã Quyt Ngọt", "UBND xa Quit Ngot"], names
    )
    assert said[0] is None
    assert [hit and hit[1] for hit in said[1:]] == [BASE, BASE]


def test_agencies_are_read_where_they_stand_in_the_open() -> None:
    for record_type, fields in AGENCY_FIELDS.items():
        known = {f.name: f for f in BY_NAME[record_type].fields}
        for name in fields:
            assert known[name].privacy is Privacy.OPEN
            assert known[name].type is Type.TEXT


def test_a_person_in_an_agencys_column_is_not_shown() -> None:
    frame = pl.DataFrame({"s": ["Ông Lê Văn Khế", "đ/c Mít, BHXH", "Bà Rịa", "Cônsơn"]})
    seen = frame.select(shown(pl.col("s"))).to_series().to_list()
    assert seen[0] == "(a person: text of 14 characters)"
    assert "Mít" not in seen[1]
    assert seen[3] == "Cônsơn"


# Files.


def write(folder: Path, name: str, text: str) -> None:
    path = folder / "config" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


OWN = f"""
[[agencies]]
org_code = "{PROVINCE}"
names = ["BHXH tỉnh Mẫu", "Bảo hiểm xã hội tỉnh", "VP BHXH tỉnh"]

[[agencies]]
org_code = "{BASE}"
names = ["BHXH cơ sở Mẫu"]
valid_from = 2025-07-01
"""
ALL = """
[[agencies]]
org_code = "H44"
names = ["UBND tỉnh Ví Dụ", "BHXH TỈNH MẪU"]
"""


def test_an_offices_own_names_hide_those_of_all(tmp_path: Path) -> None:
    write(tmp_path, "agencies/mau.toml", OWN)
    write(tmp_path, "agencies.toml", ALL)
    names = load_agencies(tmp_path / "config", "mau")
    assert dict(names.select("name", "org_code").iter_rows()) == {
        "BHXH tỉnh Mẫu": PROVINCE,
        "Bảo hiểm xã hội tỉnh": PROVINCE,
        "VP BHXH tỉnh": PROVINCE,
        "BHXH cơ sở Mẫu": BASE,
        "UBND tỉnh Ví Dụ": "H44",
    }
    assert names.schema == pl.Schema(DECLARED)
    assert (
        load_agencies(tmp_path / "config", "khac")["org_code"].to_list() == ["H44"] * 2
    )
    assert load_agencies(tmp_path, "khac").is_empty()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[agencies]]\norg_code = "G24"\nnames = []', "names"),
        ('[[agencies]]\norg_code = "G24"\nnames = [" . "]', r"names\.0"),
        ('[[agencies]]\norg_code = "g24"\nnames = ["A"]', "org_code"),
        ('[[agencies]]\norg_code = "G24."\nnames = ["A"]', "org_code"),
        ('[[agencies]]\norg_code = "G24"\nname = "A"', "unknown key"),
        (
            '[[agencies]]\norg_code = "G24"\nnames = ["A"]\n'
            "valid_from = 2025-07-01\nvalid_to = 2025-07-01",
            "valid_to must be after",
        ),
        (
            '[[agencies]]\norg_code = "G24"\nnames = ["BHXH tỉnh"]\n'
            '[[agencies]]\norg_code = "G25"\nnames = ["Bảo hiểm xã hội TỈNH"]',
            "stands for G24 and G25",
        ),
    ],
)
def test_a_wrong_file_is_said_with_its_key(
    tmp_path: Path, text: str, said: str
) -> None:
    write(tmp_path, "agencies/mau.toml", text)
    with pytest.raises(ConfigError, match=said) as refused:
        load_agencies(tmp_path / "config", "mau")
    assert "agencies/mau.toml" in str(refused.value)


# End to end.


def lived(folder: Path, url: str = "") -> Installation:
    """An office with one night behind it."""
    small = install(folder, url)
    small.add_office("mau")
    orgs = ("BHXH tỉnh Mẫu", "BHXH Tỉnh MẪU", "Bảo hiểm xã hội tỉnh Mâu", "UBND [xã]")
    rows = [
        petition(i, **{"Cơ quan xử lý": orgs[i % 4], "Đơn vị bị KNTC": "bhxh tỉnh"})
        for i in range(8)
    ]
    small.write("mau", rows)
    done = run_night(small.settings, NightRequest())
    assert done.verdict is NightVerdict.PUBLISHED
    return small


@pytest.fixture
def mau(tmp_path: Path) -> Installation:
    """On SQLite."""
    return lived(tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def anywhere(
    request: pytest.FixtureRequest, tmp_path: Path, cluster: postgres.Cluster
) -> Installation:
    """On each engine: the union of counts is SQL of its own."""
    if request.param == "sqlite":
        return lived(tmp_path)
    cluster.create_database("agencies")
    return lived(tmp_path, cluster.url("agencies"))


def kntc(small: Installation, *arguments: str) -> Result:
    return CliRunner(env=small.environment()).invoke(
        app, ["provinces", "agencies", "--province", "mau", *arguments]
    )


def answer(result: Result) -> Any:
    return json.loads(result.stdout)


def test_undeclared_names_are_listed_then_declared_then_gone(
    anywhere: Installation,
) -> None:
    first = kntc(anywhere, "--json")
    assert first.exit_code == 1
    said = answer(first)
    assert list(said) == ["province", "agencies", "unmatched"]
    assert said["agencies"] == []
    counts = {row["spelling"]: row["records"] for row in said["unmatched"]}
    assert counts.pop("bhxh tỉnh") == 8
    assert set(counts.values()) == {2}
    assert len(counts) == 4

    write(anywhere.folder, "agencies/mau.toml", OWN)
    second = answer(kntc(anywhere, "--json"))
    assert second["agencies"] == [{"org_code": PROVINCE, "records": 12, "spellings": 3}]
    near = {row["spelling"]: row["org_code"] for row in second["unmatched"]}
    assert near == {"Bảo hiểm xã hội tỉnh Mâu": PROVINCE, "UBND [xã]": None}
    assert "UBND [xã]" in kntc(anywhere).stdout

    rest = OWN.replace('"VP BHXH tỉnh"', '"Bảo hiểm xã hội tỉnh Mâu", "UBND xã"')
    write(anywhere.folder, "agencies/mau.toml", rest)
    third = kntc(anywhere, "--json")
    assert third.exit_code == 0
    assert answer(third)["unmatched"] == []


def test_matching_writes_nothing_and_counts_living_records_once(
    mau: Installation,
) -> None:
    with open_national(mau.settings.national_url) as national:
        found = agencies.spellings(national, ["mau_so"])
        assert found.schema == pl.Schema(SPELLINGS)
        by_field = found.group_by("field").agg(pl.col("records").sum())
        assert dict(by_field.iter_rows()) == {
            "petition.handler_org": 8,
            "petition.respondent_org": 8,
        }
        assert agencies.spellings(national, ["another"]).is_empty()
        assert agencies.units(national).is_empty()
    before = (mau.settings.home / "national.db").read_bytes()
    kntc(mau)
    assert (mau.settings.home / "national.db").read_bytes() == before


def test_a_broken_file_of_agencies_is_found_by_check(mau: Installation) -> None:
    write(mau.folder, "agencies/mau.toml", "[[agencies]]\nnames = 3\n")
    checked = CliRunner(env=mau.environment()).invoke(app, ["provinces", "check"])
    assert checked.exit_code == 1
    assert "agencies/mau.toml" in checked.stdout
    assert kntc(mau).exit_code == 2
