"""UTF-8 that a program took for cp1252, Latin-1 or cp1258, decoded as what it is."""

import re
import unicodedata

from connectors.legacy.syllables import is_syllable

# Latin-1 shows the bytes 80-9F as control characters (C1); so do the pages those that
# they have no character for.
_TO_BYTE = [
    {chr(byte): byte for byte in range(256)}
    | {bytes([byte]).decode(page, "ignore"): byte for byte in range(256)}
    for page in ("cp1252", "cp1258")
]
_LEADS = re.compile("[\u00c2-\u00df\u00e1\u00e2\u0102\u0110]")
# `BÃ Rá»‹a`: the A0 of an à was a hard blank, and became a plain one.
_LOST_BLANK = re.compile("Ã(?= |$)")
_KNOWN = re.compile(
    "[\\x00-\u00ff\u0102\u0103\u0110\u0111\u0128\u0129\u0152\u0153\u0160\u0161\u0168"
    "\u0169\u0178\u017d\u017e\u0192\u01a0\u01a1\u01af\u01b0\u02c6\u02dc\u0300-\u0303"
    "\u0306\u0309\u031b\u0323\u1ea0-\u1ef9\u200b-\u2122\ufeff]+"
)
_WORD = re.compile(r"[^\W\d_]+")
# What correct text may have after a capital Ã, Â or Ê: a footnote, a brand, a closing
# quotation mark, a hard blank.
_MAY_FOLLOW = "\u00a0²³¹®©°»”’…–—"
_TORN = re.compile("[a-z][\u00c2-\u00df\u0102][^A-Za-z\u00c0-\u024f\u1ea0-\u1ef9 ]")
_PAIR = re.compile("[\u00c2-\u00df\u0102][\u0080-\u00bf\u0152-\u0192\u02c6-\u2122]")


def decoded_once(text: str) -> str | None:
    """The text one decoding earlier; None when its bytes are no UTF-8 that we know.

    What comes of it must be of Vietnamese, of Latin-1 or cp1252, or punctuation.
    """
    if text.isascii() or not _LEADS.search(text):
        return None
    for table in _TO_BYTE:
        for surface in (text, _LOST_BLANK.sub("Ã\u00a0", text)):
            codes = [table.get(char, -1) for char in surface]
            if min(codes) < 0:
                continue
            try:
                once = bytes(codes).decode("utf-8")
            except UnicodeDecodeError:
                continue
            if _KNOWN.fullmatch(once):
                return once
    return None


def is_twice(text: str, once: str) -> bool:
    """Whether `text` is surely `once` decoded a second time.

    Three bytes for one character are no accident, unless a word ended in `á»…`. Two may
    be: `XÃ”` is a commune's name before a quotation mark.
    """
    words = [w for w in _words(once) if not w.isascii()]
    good = sum(map(is_syllable, words))
    threes = [c for c in once if ord(c) >= 0x800]
    if threes and (good or not words or len(threes) > 1 or "áº" in text):
        return True
    if _TORN.search(text):
        return True
    pairs = _PAIR.findall(text)
    if len(pairs) > 1:
        return good > 0
    sure = any(p[0] in "ÄÆÅ" or p[1] not in _MAY_FOLLOW for p in pairs)
    return sure and 0 < good == len(words)


def may_be_twice(once: str) -> bool:
    """Whether all words of `once` are Vietnamese: enough beside cells that are sure."""
    words = [w for w in _words(once) if not w.isascii()]
    return bool(words) and all(map(is_syllable, words))


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFC", text))
