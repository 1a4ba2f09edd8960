"""Legacy text that was read as Latin-1, cp1252 or cp1258, back into Vietnamese.

Such text keeps a character for each byte: the surface. What the encodings leave out is
left as it stands.
"""

import re
import unicodedata

from connectors.legacy.codecs import decode_vni
from connectors.legacy.tables import TCVN3, VISCII, VPS, WINDOWS

# Characters of a program's page -> the byte they were, as Latin-1.
_FROM_WINDOWS = {ord(char): byte for byte, char in WINDOWS.items() if ord(char) > 255}
_CP1258 = {byte: bytes([byte]).decode("cp1258", "ignore") for byte in range(0x80, 256)}
_FROM_CP1258 = {ord(c): byte for byte, c in _CP1258.items() if c and ord(c) != byte}
# 0xB0-0xB4 are no letters of VN3: a degree sign may stand in such text.
_SINGLE = {
    "tcvn3": str.maketrans({chr(byte): char for byte, char in TCVN3.items()}),
    "viscii": str.maketrans({chr(b): c for b, c in VISCII.items() if b > 0x7F}),
    "vps": str.maketrans({chr(b): c for b, c in VPS.items() if b > 0x7F}),
    "cp1258": str.maketrans({chr(b): c for b, c in _CP1258.items() if b >= 0xC0}),
}
_SINGLE["tcvn3_capitals"] = _SINGLE["tcvn3"]
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_WORD = re.compile(r"[^\W\d_]+")
_ASCII_CAPITALS = re.compile(r"[A-Z].*[A-Z]", re.DOTALL)
_ASCII_SMALL = re.compile(r"[a-z]")


def decode_legacy(text: str, encoding: str) -> str:
    """What a font of that encoding draws for text that was read as Latin-1 or cp1252.

    Encodings: tcvn3, tcvn3_capitals, vni, viscii, vps, cp1258. Of `tcvn3_capitals` the
    record gets capitals: the reader saw capitals, and which of the letters were small
    before the font was chosen is written nowhere.
    """
    if encoding == "vni":
        return unicodedata.normalize("NFC", decode_vni(text))
    bytes_read = text
    if encoding in ("viscii", "vps"):
        bytes_read = text.translate(_FROM_WINDOWS)
    read = unicodedata.normalize("NFC", bytes_read.translate(_SINGLE[encoding]))
    if encoding == "tcvn3_capitals":
        return read.upper()
    return _levelled(read) if encoding == "tcvn3" else read


def from_cp1258(text: str) -> str | None:
    """The Latin-1 surface of bytes that were read as cp1258; None: they were not.

    The page writes a tone after its letter; NFC has made one character of both.
    """
    apart = "".join(
        char if ord(char) < 256 or ord(char) in _FROM_CP1258 else _tone_apart(char)
        for char in text
    )
    surface = apart.translate(_FROM_CP1258)
    return surface if all(ord(char) < 256 for char in surface) else None


def _tone_apart(char: str) -> str:
    parts = unicodedata.normalize("NFD", char)
    tone = "".join(c for c in parts if c in _TONES)
    letter = "".join(c for c in parts if c not in _TONES)
    return unicodedata.normalize("NFC", letter) + tone


def _levelled(text: str) -> str:
    """`CộNG HOà Xã HộI` in capitals: VN3 has small letters only where tones are.

    Only words that show it; a whole text without a small ASCII letter when one does.
    """
    if not any(_is_torn(word) for word in _WORD.findall(text)):
        return text
    if not _ASCII_SMALL.search(text):
        return text.upper()
    return _WORD.sub(lambda w: w[0].upper() if _is_torn(w[0]) else w[0], text)


def _is_torn(word: str) -> bool:
    """Two ASCII capitals, no small ASCII letter, and yet a small letter."""
    return (
        bool(_ASCII_CAPITALS.search(word))
        and not _ASCII_SMALL.search(word)
        and not word.isupper()
    )
