"""Which letters the bytes of TCVN3, VNI, VISCII and VPS stand for.

From the published standards: TCVN 5712:1993 (VN3, the "ABC" of the .Vn fonts, and
VN1), VNI for Windows, RFC 1456 (VISCII), VPS. Compared letter by letter with
`legacy_tables.tsv` of PyPI viparse 0.1.31 (MIT) and with glibc's TCVN5712-1.
"""

import unicodedata
from collections.abc import Mapping

# What a Windows program shows of the bytes 80-9F, which the fonts left as they were;
# five of them mean nothing there and are kept as control characters.
WINDOWS = {
    byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte)
    for byte in range(0x80, 0xA0)
}


def _run(first: int, letters: str) -> dict[int, str]:
    """Letters of consecutive bytes; a blank is a byte that the table leaves out."""
    return {first + n: letter for n, letter in enumerate(letters) if letter != " "}


# VN3: what the .Vn fonts draw. It has no capitals with a tone: those live in fonts of
# their own (.VnTimeH), which draw the small letters' codes as capitals.
TCVN3: Mapping[int, str] = (
    _run(0xA1, "ĂÂÊÔƠƯĐăâêôơưđ")
    | _run(0xB5, "àảãáạ ằẳẵắ")
    | _run(0xC6, "ặầẩẫấậè ẻẽéẹềểễếệìỉ   ĩíịò")
    | _run(0xE1, "ỏõóọồổỗốộờởỡớợù ủũúụừửữứựỳỷỹýỵ")
)
# VN1 gives the bytes that VN3 leaves out to capitals. Those above 9F can mean nothing
# else; those below stand where Windows has its quotation marks.
_CAPITALS_HIGH = (
    {0xAF: "Ằ", 0xBA: "Ẳ", 0xBF: "Ẵ", 0xCD: "Ể", 0xE0: "Ổ", 0xF0: "Ỗ", 0xFF: "Ố"}
    | _run(0xC0, "ẮẦẨẪẤỀ")
    | _run(0xD9, "ỄẾỒ")
)
_CAPITALS_LOW = _run(0x80, "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ")
_TCVN1_CONTROLS = {0x01: "Ú", 0x02: "Ụ"} | _run(0x04, "ỪỬỮ") | _run(0x11, "ỨỰỲỶỸÝỴ")
_TCVN1_MARKS = _run(0xB0, "\u0300\u0309\u0303\u0301\u0323")

VISCII: Mapping[int, str] = (
    {0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"}
    | _run(0x80, "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲ")
    | _run(0xA0, "ÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ")
    | _run(0xC0, "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡư")
    | _run(0xE0, "àáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ")
)
VPS: Mapping[int, str] = (
    _run(0x02, "ẠẬẶẸỆ")
    | _run(0x10, "ỊỌỘỢỤỰ   Ỵ")
    | {0x1C: "Ẫ", 0x1D: "Ữ"}
    | _run(0x80, "ÀẢÃẤẦẨọỗĂếềểệẮẰẲẾ  ỀỂỄỐỒỔỖýỷỵỚỜỞ")
    | _run(0xA1, "ắằẳẵặỠớÙờởỡŨỨợỪổỬỲỸÍÌộỈĨÓửữÒỎÕựầÁÂấẩẫậđẻÉÊẹỉễịỹƯỦồốÔỏơÈừứÚũưÝẺ")
    | _run(0xE0, "àáâãảạă èéêẽìí ĩẴĐòóôõ Ơụùúủ ỶẼỳ")
)

_CIRCUMFLEX = {"Â": "", "Á": "\u0301", "À": "\u0300", "Å": "\u0309", "Ã": "\u0303"}
_BREVE = {"Ê": "", "É": "\u0301", "È": "\u0300", "Ú": "\u0309", "Ü": "\u0303"}
_TONES = {
    "Ù": "\u0301",
    "Ø": "\u0300",
    "Û": "\u0309",
    "Õ": "\u0303",
    "Ï": "\u0323",
}


def _vni_marks(base: str) -> dict[str, str]:
    """The marks that VNI writes after a letter, as combining characters."""
    marks = dict(_TONES)
    if base in "AEO":
        circumflex = _CIRCUMFLEX | {"Ä": "\u0323"}
        marks |= {mark: "\u0302" + tone for mark, tone in circumflex.items()}
    if base == "A":
        breve = _BREVE | {"Ë": "\u0323"}
        marks |= {mark: "\u0306" + tone for mark, tone in breve.items()}
    return marks


def _vni() -> dict[str, str]:
    """One sign, or a letter and a mark, to the letter that VNI fonts draw.

    The case is the base's: typists left the mark small after a capital (`Uûy ban`).
    """
    single = {"Ñ": "Đ", "Ô": "Ơ", "Ö": "Ư", "Æ": "Ỉ", "Ó": "Ĩ", "Ò": "Ị", "Î": "Ỵ"}
    letters = dict(single)
    for base in "AEIOUYÔÖ":
        plain = single.get(base, base)
        for mark, drawn in _vni_marks(base).items():
            letters[base + mark] = unicodedata.normalize("NFC", plain + drawn)
    small = {sign.lower(): letter.lower() for sign, letter in letters.items()}
    mixed = {
        sign[0] + sign[1].swapcase(): letter
        for sign, letter in (letters | small).items()
        if len(sign) == 2
    }
    return letters | small | mixed


VNI: Mapping[str, str] = _vni()
# What VNI writes one way and reads two: the first is written.
VNI_WRITTEN: Mapping[str, str] = {
    letter: sign
    for sign, letter in reversed([*VNI.items()])
    if len(sign) == 1 or sign[0].isupper() == sign[1].isupper()
} | {letter: letter for letter in "ÌÍìí"}


def _whole(table: Mapping[int, str], low: Mapping[int, str]) -> tuple[str, ...]:
    """All 256 bytes; those that no table names are Latin-1."""
    named = {**low, **table}
    return tuple(named.get(byte, chr(byte)) for byte in range(256))


SINGLE_BYTE: Mapping[str, tuple[str, ...]] = {
    "tcvn3": _whole({**TCVN3, **_CAPITALS_HIGH}, WINDOWS),
    "tcvn5712_1": _whole(
        {**TCVN3, **_CAPITALS_HIGH, **_CAPITALS_LOW, **_TCVN1_CONTROLS}, _TCVN1_MARKS
    ),
    "viscii": _whole(VISCII, {}),
    "vps": _whole(VPS, {}),
}
