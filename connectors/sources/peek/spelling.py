"""Which encoding makes Vietnamese of some bytes or of wrongly read text."""

import re
import unicodedata
from collections.abc import Iterator

from connectors.legacy import codecs as _codecs  # noqa: F401 - tcvn3, vni, viscii, vps

# In this order where two read a text equally well.
LEGACY = ("cp1258", "tcvn3", "vni", "viscii", "vps")
CONVINCING = 0.7  # share of the words with signs that are Vietnamese syllables
TONES = "\u0300\u0301\u0303\u0309\u0323"
# The signs of Latin-1 are letters in old fonts (« is ô in TCVN3): inside a word they
# belong to it.
WORD = re.compile(r"(?:[^\W\d_]|(?<=\w)[\xa1-\xbf](?=\w)|(?<=\w)[\xa1-\xbf])+")
SYLLABLE = re.compile(
    r"(?:ngh?|nh|ch|gh?|gi|kh|ph|qu|th|tr|[bcdđhklmnprstvx])?"
    r"(?:uyê|iêu|yêu|oai|oay|oeo|uây|uôi|ươi|ươu|uya|uyu|iê|yê|uô|ươ|oa|oă|oe|uâ|uê|uy|uơ"
    r"|ai|ao|au|âu|ay|ây|eo|êu|ia|iu|oi|ôi|ơi|ua|ui|ưa|ưi|ưu|oo|[aăâeêioôơuưy])"
    r"(?:ch|ng|nh|[cmnpt])?"
)


def vietnamese_share(text: str) -> float | None:
    """Share of the words with Vietnamese signs that are syllables; None without any."""
    words = [w for w in WORD.findall(_marked(text)) if not w.isascii()]
    if not words:
        return None
    good = sum(_is_syllable(word) for word in words)
    strange = sum(0x7F <= ord(c) < 0xA0 for c in text)
    return good / (len(words) + strange)


def legacy_encoding(raw: bytes) -> tuple[str, float]:
    """The old encoding that makes most syllables of bytes that are not UTF-8."""
    best, best_share = "cp1252", 0.0
    for name in LEGACY:
        share = vietnamese_share(raw.decode(name, "replace")) or 0.0
        if share > best_share + 0.02:
            best, best_share = name, share
    return best, best_share


def repaired(text: str) -> Iterator[tuple[str, str]]:
    """What text drawn in an old font, or decoded twice, may have been: how, and what.

    Only readings that are convincingly Vietnamese; text that is so already has none.
    """
    if text.isascii() or (vietnamese_share(text) or 0.0) >= CONVINCING:
        return
    for name in ("utf-8", "tcvn3", "vni"):
        for raw in _bytes(text):
            try:
                read = unicodedata.normalize("NFC", raw.decode(name))
            except UnicodeDecodeError:
                continue
            if (vietnamese_share(read) or 0.0) >= CONVINCING:
                yield name, read


def _bytes(text: str) -> Iterator[bytes]:
    for table in ("cp1252", "latin-1"):
        try:
            yield text.encode(table)
        except UnicodeEncodeError:
            continue


def _marked(text: str) -> str:
    return unicodedata.normalize("NFC", text).lower()


def _is_syllable(word: str) -> bool:
    parts = unicodedata.normalize("NFD", word)
    if sum(c in TONES for c in parts) > 1:
        return False
    bare = "".join(c for c in parts if c not in TONES)
    return SYLLABLE.fullmatch(unicodedata.normalize("NFC", bare)) is not None
