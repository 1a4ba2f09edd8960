"""The codecs of old encodings, and the fonts that give them away."""

import codecs
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

import connectors.legacy.codecs  # noqa: F401 - registers the codecs
from connectors.legacy.fonts import encoding_of_font
from connectors.legacy.surface import decode_legacy

SMALL = (
    "àảãáạăằẳẵắặâầẩẫấậèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵđ"
    "abcdefghijklmnopqrstuvwxyz 0123456789"
)
LETTERS = SMALL + SMALL.upper()
ALL = ["tcvn3", "tcvn5712_1", "vni", "viscii", "vps"]
WHOLE = ["tcvn5712_1", "vni", "viscii", "vps"]


@pytest.mark.parametrize(
    ("encoding", "raw", "text"),
    [
        # quoted from published documents (viparse, MIT)
        ("tcvn3", "C¨n cø NghÞ ®Þnh sè 15/CP", "Căn cứ Nghị định số 15/CP"),
        ("tcvn3", "Th«ng t­ h­íng dÉn thùc hiÖn", "Thông tư hướng dẫn thực hiện"),
        ("vni", "COÄNG HOØA XAÕ HOÄI CHUÛ NGHÓA", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA"),
        ("vni", "quyeát ñònh naøy coù hieäu löïc", "quyết định này có hiệu lực"),
        ("vni", "Uûy ban, thaúng, kî, kyï", "Ủy ban, thẳng, kỵ, kỵ"),
        ("viscii", "Vi®t Nam", "Việt Nam"),
        ("vps", "Vi\u008ct Nam", "Việt Nam"),
        ("tcvn5712_1", "C\u0097NG", "CỘNG"),
    ],
)
def test_a_codec_reads_what_its_fonts_draw(encoding: str, raw: str, text: str) -> None:
    assert raw.encode("latin-1").decode(encoding) == text


@pytest.mark.parametrize("encoding", WHOLE)
def test_every_letter_is_written_and_read_back(encoding: str) -> None:
    assert LETTERS.encode(encoding).decode(encoding) == LETTERS


def test_tcvn3_has_no_capitals_with_tones_and_says_so() -> None:
    assert SMALL.encode("tcvn3").decode("tcvn3") == SMALL
    with pytest.raises(UnicodeEncodeError, match="tcvn3 has no code"):
        "Ộ".encode("tcvn3")
    assert "Ộ\u20ac".encode("tcvn3", "replace") == b"?\x80"


@given(st.text(LETTERS), st.integers(1, 5), st.sampled_from(ALL))
def test_a_letter_over_two_blocks_is_read_whole(
    text: str, size: int, encoding: str
) -> None:
    raw = text.encode(encoding, "ignore")
    decoder = codecs.getincrementaldecoder(encoding)()
    blocks = [raw[n : n + size] for n in range(0, len(raw), size)]
    read = "".join(decoder.decode(block) for block in blocks)
    assert read + decoder.decode(b"", final=True) == raw.decode(encoding)


def test_a_file_is_opened_in_an_old_encoding() -> None:
    raw = io.BytesIO("Nguyễn Đình Ưởng\r\nthẳng".encode("vni"))
    with io.TextIOWrapper(raw, encoding="vni", newline="") as file:
        assert file.read() == "Nguyễn Đình Ưởng\r\nthẳng"


@given(st.binary(), st.sampled_from(ALL))
def test_no_byte_is_an_error(raw: bytes, encoding: str) -> None:
    raw.decode(encoding)


@pytest.mark.parametrize(
    ("font", "encoding"),
    [
        (".VnTime", "tcvn3"),
        (" .vntime ", "tcvn3"),
        ("VnTime", "tcvn3"),
        (".VnArial Narrow", "tcvn3"),
        (".VnBrush", "tcvn3"),
        ("@.VnTime Bold", "tcvn3"),
        (".VnTimeH", "tcvn3_capitals"),
        (".VNTIMEH", "tcvn3_capitals"),
        (".vntimeh", "tcvn3_capitals"),
        (".VnArial NarrowH", "tcvn3_capitals"),
        (".VnArialH,Bold", "tcvn3_capitals"),
        ("VNI-Times", "vni"),
        ("VNI Helve", "vni"),
        ("vniAptima", "vni"),
        ("Times New Roman", None),
        ("SVN-Arial", None),
        ("SVNtimes new roman", None),
        ("VNtimes new roman", None),
        ("UVN Time", None),
        ("Verdana", None),
        ("Vnitro", None),
        ("", None),
    ],
)
def test_a_font_tells_the_encoding(font: str, encoding: str | None) -> None:
    assert encoding_of_font(font) == encoding


def test_a_font_of_capitals_makes_capitals() -> None:
    assert decode_legacy("danh môc dù ¸n", "tcvn3_capitals") == "DANH MỤC DỰ ÁN"


@pytest.mark.parametrize(
    ("surface", "text"),
    [
        ("CéNG HOµ X· HéI", "CỘNG HOÀ XÃ HỘI"),
        ("QUYÕT §ÞNH cña Bé", "QUYẾT ĐỊNH của Bộ"),
        ("Sè TK", "Số TK"),
        ("N÷", "Nữ"),
    ],
)
def test_capitals_typed_in_a_font_without_them_are_capitals(
    surface: str, text: str
) -> None:
    assert decode_legacy(surface, "tcvn3") == text
