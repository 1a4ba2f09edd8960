"""Old encodings repaired cell by cell, and correct text never."""

import csv
import json
import random
import unicodedata
from dataclasses import replace
from importlib.resources import files

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import connectors.legacy.codecs  # noqa: F401 - registers the codecs
from connectors.legacy.recognise import by_content, by_font, possible_names
from connectors.legacy.syllables import is_syllable
from expectations.frames import FONTS
from expectations.predicates import text_modern
from flows.engine.normalise.cells import match
from flows.engine.normalise.text import clean, clean_all
from tests.golden.made import normaliser, one_field, preset, raw, read, record, said

NO_TOKENS = pl.Series([""])
SENTENCES = [
    "Đề nghị giải quyết chế độ hưu trí cho người lao động",
    "khiếu nại quyết định thu hồi tiền trợ cấp thất nghiệp",
    "Ủy ban nhân dân huyện Vĩnh Tường, tỉnh Vĩnh Phúc",
    "tố cáo đơn vị sử dụng lao động chậm đóng bảo hiểm xã hội",
    "Phòng Tiếp công dân nhận đơn ngày 05 tháng 3 năm 2024",
    "không đồng ý với mức hưởng bảo hiểm y tế khi điều trị nội trú",
    "Số sổ bảo hiểm bị ghi sai ngày sinh và quê quán",
]
# Correct text that an old encoding could show too, or that looks as if it were one.
_GOOD = (
    "µ|Đ|Ôn|©|Hà|HOÀ|Lê Tân|TOÁN|Cà Mau|xã Tân Bình|Ê Đê|Ba Na|Y Blô Niê|H'Mông"
    "|Êban|Kôn|ABC®|§ 5|20°C|100 m²|m³|1½|¼ kg|±5%|10 µm|«texte»|« Ban »|Nº 5|Mª|€|£5|¥"
    "|A·B|N·m|kW·h|2×3|a×b|6÷2|Ø20|H¹|5¹|“Hà”|XÃ”|LÃ²|XÃ\u00a0LAI|allá»…|nh\u00ad|n\u00ad"
    "|déjà vu|naïve|Noël|Québec|Loïc|laïc|Caïn|Thaï|où|août|École|français|España|leões"
    "|Zürich|Köln|für|gång|lång|på|Søren|tæt|Nestlé|leány|meän|teát|Lü"
    "|a@b.vn|QÐ-UBND|nGUYỄN|tÂN bÌNH|kÔNG|quì|GIÁ|Thị xã Chũ n\u00ad|10 µm Xã Cam An"
    "|¿Qué?|M²|© 2024|kÔ|kÔN|yÔNG|d©n Straße Größe"
)
GOOD = _GOOD.split("|")
_TONES = "\u0300\u0301\u0303\u0309\u0323"


def shown(data: bytes, page: str) -> str:
    return "".join(bytes([b]).decode(page, "ignore") or chr(b) for b in data)


def cp1258(text: str) -> bytes:
    made = ""
    for char in text:
        parts = unicodedata.normalize("NFD", char)
        letter = "".join(c for c in parts if c not in _TONES)
        tone = "".join(c for c in parts if c in _TONES)
        made += unicodedata.normalize("NFC", letter) + tone
    return made.encode("cp1258")


def provinces() -> list[str]:
    table = files("expectations").joinpath("codes/provinces_63.csv")
    return [
        row["name"] for row in csv.DictReader(table.read_text("utf-8").splitlines())
    ]


def one(text: str) -> tuple[str | None, str | None]:
    column = clean(pl.Series([text]), NO_TOKENS)
    return column.text[0], None if column.repaired is None else column.repaired[0]


@pytest.mark.parametrize("text", SENTENCES)
@pytest.mark.parametrize("page", ["latin-1", "cp1252", "cp1258"])
def test_text_of_an_old_encoding_comes_back(text: str, page: str) -> None:
    small = text[0].lower() + text[1:]  # TCVN3 has no capitals with tones
    assert one(shown(small.encode("tcvn3"), page)) == (small, "tcvn3")
    if page != "cp1258":
        assert one(shown(text.encode("vni"), page)) == (text, "vni")
        assert one(shown(cp1258(text), page)) == (text, "cp1258")
    once = shown(text.encode(), page)
    assert one(once) == (text, "UTF-8 decoded twice")
    assert one(shown(once.encode(), page)) == (text, "UTF-8 decoded twice")


@pytest.mark.parametrize(
    ("surface", "text"),
    [
        ("nguyÔn v¨n a", "nguyễn văn a"),
        (" x· héi chñ nghÜa t\u00ad", "xã hội chủ nghĩa tư"),
        ("Thñ t\u2212íng", "Thủ tướng"),  # as a PDF shows it
        ("TrÇn ThÞ B\u00adëi", "Trần Thị Bưởi"),
        ("UÛY BAN NHAÂN DAÂN", "ỦY BAN NHÂN DÂN"),
        ("BÃ\u00a0 Rá»‹a", "Bà Rịa"),
        ("BÃ Rá»‹a", "Bà Rịa"),  # its hard blank became a plain one
        ("Bắc Giang".encode().decode("latin-1"), "Bắc Giang"),
    ],
)
def test_repair_comes_before_trimming_and_blanks(surface: str, text: str) -> None:
    assert one(surface)[0] == text


@pytest.mark.parametrize("text", GOOD)
def test_correct_text_is_left_alone(text: str) -> None:
    plain = unicodedata.normalize("NFC", text).replace("\u00a0", " ").strip()
    for form in (text, text.upper(), text.lower(), unicodedata.normalize("NFD", text)):
        want = unicodedata.normalize("NFC", form).replace("\u00a0", " ").strip()
        assert one(form) in ((want, None), (want, ""))
    assert one(text)[0] == plain


def test_no_combination_of_correct_text_is_damaged() -> None:
    chance = random.Random(20240305)
    words = [w for s in (*SENTENCES, *provinces()) for w in s.split()]
    latin = sorted({w for w in words if max(map(ord, w)) < 256})
    lines = [
        " ".join(chance.choices(latin, k=chance.randint(1, 5))) for _ in range(4000)
    ]
    lines += [f"{chance.choice(GOOD)} {chance.choice(words)}" for _ in range(4000)]
    lines += [f"{chance.choice(latin)} {chance.choice(GOOD)}" for _ in range(4000)]
    lines += [line.upper() for line in lines] + [line.title() for line in lines]
    read = clean(pl.Series(lines), NO_TOKENS).text.to_list()
    hurt = [
        line
        for line, now in zip(lines, read, strict=True)
        if now != unicodedata.normalize("NFC", line).replace("\u00a0", " ").strip()
    ]
    assert len(lines) == 36_000
    assert hurt == []


VIETNAMESE = st.text(
    "àảãáạăằẳẵắặâầẩẫấậèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵđ"
    "bcdghklmnpqrstvxaeiouy ABCDEĐÂÊÔƯƠ0123456789/-.,"
)
LATIN = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF))
SYLLABLES = st.lists(
    st.sampled_from(sorted({w for s in SENTENCES for w in s.split()} | {"Lê", "hoà"}))
).map(" ".join)


@given(SYLLABLES)
def test_vietnamese_is_only_put_into_nfc_and_trimmed(text: str) -> None:
    for form in (text, unicodedata.normalize("NFD", text)):
        assert one(f" {form} ")[0] == (text.strip() or None)


@given(st.one_of(VIETNAMESE, st.text(), LATIN))
def test_what_is_clean_stays_as_it_is(text: str) -> None:
    first = one(text)[0]
    if first is not None:
        assert one(first)[0] == first


@given(LATIN)
def test_a_repair_is_made_of_syllables(text: str) -> None:
    repair = by_content(text)
    if repair is not None and repair.encoding in ("tcvn3", "vni"):
        assert any(is_syllable(word) for word in repair.text.split())


def test_a_font_decides_where_the_content_cannot() -> None:
    assert by_content("Sè") is None
    assert one_drawn("Sè", "tcvn3") == "Số"
    assert one_drawn("N÷", "tcvn3") == "Nữ"
    assert one_drawn("H¹ Lê", "tcvn3_capitals") == "HẠ LỜ"
    assert one_drawn("Toàn", "vni") == "Tồn"
    assert one_drawn("N÷", None) == "N÷"


@pytest.mark.parametrize(
    "text", ["abc 12", "Số", "Nguyễn Văn A", "HÀ", "Cà Mau", "Bình"]
)
def test_unicode_pasted_into_a_cell_of_an_old_font_stays(text: str) -> None:
    for encoding in ("tcvn3", "tcvn3_capitals", "vni"):
        assert by_font(text, encoding) is None


def one_drawn(text: str, encoding: str | None) -> str | None:
    fonts = pl.Series(
        [json.dumps({"c": encoding}) if encoding else None], dtype=pl.String
    )
    read = clean_all(pl.DataFrame({"c": [text]}), NO_TOKENS, fonts)["c"]
    said: str | None = read.text[0]
    return said


def row(**cells: str) -> dict[str, str | None]:
    found = clean_all(pl.DataFrame({k: [v] for k, v in cells.items()}), NO_TOKENS)
    return {name: column.text[0] for name, column in found.items()}


def test_a_short_cell_is_told_by_its_row() -> None:
    sure = "khiÕu n¹i quyÕt ®Þnh"
    assert row(a=sure, b="N÷", c="¤ng X") == {
        "a": "khiếu nại quyết định",
        "b": "Nữ",
        "c": "Ông X",
    }
    # Vietnamese as it stands, or beside today's letters: nobody can say.
    assert row(a=sure, b="Lê", c="½")["b"] == "Lê"
    assert row(a=sure, b="Lê", c="½")["c"] == "½"
    assert row(a=sure, b="N÷", c="Nguyễn Thị Ơn")["b"] == "N÷"
    assert row(a="chỉ có một", b="N÷")["b"] == "N÷"


def test_a_cell_is_not_told_by_other_rows_of_its_batch() -> None:
    sure = ["khiÕu n¹i quyÕt ®Þnh"] * 99
    column = clean(pl.Series([*sure, "N÷"]), NO_TOKENS)
    assert column.text[99] == "N÷"


def test_a_key_is_not_told_by_its_row() -> None:
    made = preset([record("petition", {"content": "c", "handler_org": "o"})])
    cells = {"id": ["N÷"], "o": ["N÷"], "c": ["khiÕu n¹i quyÕt ®Þnh"]}
    frame = read(made, cells).frames["petition"]
    assert frame["source_id"].to_list() == ["N÷"]
    assert frame["handler_org"].to_list() == ["Nữ"]


def test_every_repaired_record_says_so_and_how() -> None:
    values, found = one_field("handler_org", ["Uû ban nh©n d©n", "Ha\u0300", "Hà"])
    assert values == ["Uỷ ban nhân dân", "Hà", "Hà"]
    assert found == [
        ("text_repaired", "handler_org", "tcvn3, text of 15 characters"),
        ("text_repaired", "handler_org", "text of 2 characters"),
    ]


def test_a_repair_is_found_wherever_it_is_filled_down() -> None:
    made = preset([record("petition", {"handler_org": "o"})], fill_down=("o",))
    one_pass = normaliser(made)
    told = []
    cells: list[dict[str, list[str | None]]] = [
        {"id": ["1", "2"], "o": ["Uû ban nh©n d©n", None]},
        {"id": ["3"], "o": [None]},
    ]
    for batch in cells:
        done = one_pass.batch(raw(batch))
        assert set(done.frames["petition"]["handler_org"]) == {"Uỷ ban nhân dân"}
        told += said(done)
    assert (
        told == [("text_repaired", "handler_org", "tcvn3, text of 15 characters")] * 3
    )


def test_fonts_reach_the_records() -> None:
    made = preset([record("petition", {"handler_org": "o"})])
    batch = raw({"id": ["1", "2"], "o": ["Sè", "Sè"]})
    fonts = pl.Series(FONTS, ['{"o": "tcvn3"}', None], dtype=pl.String)
    done = normaliser(made).batch(replace(batch, frame=batch.frame.with_columns(fonts)))
    assert done.frames["petition"]["handler_org"].to_list() == ["Số", "Sè"]


def test_no_finding_holds_the_text() -> None:
    _, found = one_field("handler_org", ["NguyÔn ThÞ Hång §µo"])
    assert found == [("text_repaired", "handler_org", "tcvn3, text of 19 characters")]


@pytest.mark.parametrize("text", SENTENCES)
def test_repaired_text_is_modern_to_the_rules(text: str) -> None:
    old = [shown(text.encode("vni"), "cp1252"), shown(text.encode(), "cp1252")]
    before = pl.DataFrame({"t": old})
    assert text_modern(before)["t"].any()
    assert not text_modern(pl.DataFrame({"t": clean(before["t"], NO_TOKENS).text}))[
        "t"
    ].any()


def test_headers_in_old_letters_are_found_by_their_names() -> None:
    columns = ["Hä tªn", "Sè", "Ngaøy nhaän", "Tuổi"]
    assert match(columns, ["Họ tên", "Số", "Ngày nhận", "Tuổi"]) == dict(
        zip(["Họ tên", "Số", "Ngày nhận", "Tuổi"], columns, strict=True)
    )
    assert match(["Hä tªn", "Hoï teân"], ["Họ tên"]) == {}
    assert possible_names("Họ tên") == possible_names("name") == ()


def test_broken_text_is_judged_after_the_repair() -> None:
    text = "Đề nghị giải quyết"
    column = clean(pl.Series([text.encode().decode("latin-1"), "a\x9fb"]), NO_TOKENS)
    assert column.text.to_list() == [text, "a\x9fb"]
    assert column.broken is not None
    assert column.broken.to_list() == [False, True]


@pytest.mark.parametrize(
    "word", ["nguyễn", "HOÀ", "hòa", "quyển", "giếng", "uỷ", "yêu"]
)
def test_syllables_are_known(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize(
    "word", ["nguyÔn", "d©n", "déjà", "QĐ", "cet", "ngề", "kộ", "bat"]
)
def test_what_is_no_syllable_is_known(word: str) -> None:
    assert not is_syllable(word)
