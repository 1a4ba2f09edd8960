"""A denouncer is named in no text, however the name is spelled (rule 43)."""

import polars as pl
import pytest

from expectations import identity
from expectations.check import check
from tests.judging import NO_FINDINGS
from tests.valid_records import TODAY, VALUES, provided, valid


@pytest.mark.parametrize(
    "text",
    [
        "theo ông LÊ VĂN KHẾ NGỌT thì",
        "Le Van Khe Ngot",
        "lê  văn\nkhế-ngọt",
        "Le\u0302 Va\u0306n Khe\u0302\u0301 Ngo\u0323t",  # decomposed
        "số 045085000002",
        "CCCD 045 085 000 002",
        "gọi 0912000111",
        "gọi +84 912.000.111",
        "nhà ở 9 ngo Sim Tim, xa Quyt Ngot, tinh Quang Tri",
        "gửi Khe.Ngot@Example.vn",
    ],
)
def test_a_denouncer_is_found_however_it_is_spelled(text: str) -> None:
    contact = "0912 000 111; khe.ngot@example.vn"
    frame = valid("denunciation_case", content=text, denouncer_contact=contact)
    checked = check(
        "denunciation_case",
        frame,
        NO_FINDINGS,
        provided("denunciation_case"),
        TODAY,
    )
    assert checked.quarantined["rules"].to_list() == [["43b"]]
    assert checked.findings.select("rule", "field").rows() == [("43b", "content")]
    assert text not in str(checked.findings.rows())


@pytest.mark.parametrize(
    ("name", "address", "text"),
    [
        ("Một số công dân", None, "một số công dân phản ánh"),
        ("Nặc danh", None, "đơn nặc danh"),
        ("Hoa", None, "hoa quả"),
        ("Lê Văn Khế", None, "ông Lê Văn Khếu"),
        ("Lê Văn Khế", "tỉnh Quảng Trị", "BHXH tỉnh Quảng Trị chi trả"),
        ("Lê Văn Khế", "Thành phố Hồ Chí Minh", "tại thành phố Hồ Chí Minh"),
    ],
)
def test_what_names_nobody_withholds_nothing(
    name: str, address: str | None, text: str
) -> None:
    frame = pl.DataFrame(
        {"denouncer_name": [name], "denouncer_address": [address], "content": [text]},
        schema_overrides={"denouncer_address": pl.String},
    )
    persons = ["denouncer_name", "denouncer_address"]
    found = identity.found_in(frame, persons, ["content"])
    assert found["content"].to_list() == [False]


@pytest.mark.parametrize(
    ("kind", "is_withheld"),
    [
        ("to_cao", True),
        ("nhieu_noi_dung", True),
        (None, True),
        ("khieu_nai", False),
        ("kien_nghi_phan_anh", False),
    ],
)
def test_a_sender_is_secret_when_the_petition_may_denounce(
    kind: str | None, is_withheld: bool
) -> None:
    name = VALUES["petition"]["sender_name"]
    frame = valid("petition", kind=kind, content=f"{name} trình bày")
    rules = check(
        "petition", frame, NO_FINDINGS, provided("petition"), TODAY
    ).quarantined["rules"]
    assert ("43a" in rules.explode().to_list()) is is_withheld


@pytest.mark.parametrize(
    ("kind", "is_withheld"),
    [
        ("to_cao", True),
        ("nhieu_noi_dung", True),
        (None, True),
        ("khieu_nai", False),
        ("kien_nghi_phan_anh", False),
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        "bà Nguyễn thị mơ chua trình bày",
        "CCCD 045.185.000.003",
        "ở 3 ngo Bon Bon, xa Quyt Ngot, tinh Quang Tri",
    ],
)
def test_a_citizen_who_may_denounce_is_named_in_no_text(
    text: str, kind: str | None, is_withheld: bool
) -> None:
    for field in ("content", "previous_resolver"):
        frame = valid("reception", petition_kind=kind, **{field: text})
        checked = check("reception", frame, NO_FINDINGS, provided("reception"), TODAY)
        assert (checked.quarantined.height == 1) is is_withheld
        hits = checked.findings.filter(rule="43")["field"].to_list()
        assert hits == ([field] if is_withheld else [])
