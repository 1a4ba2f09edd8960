"""Text in an old encoding recognised by its content, its font or its row, and repaired.

The measure is the Vietnamese syllable: legacy text is Vietnamese only once decoded,
correct text is Vietnamese (or French, or a brand) before.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from connectors.legacy.codecs import VNI_SIGN
from connectors.legacy.strangeness import LIKELY, SURE, strangeness, torn_strangeness
from connectors.legacy.surface import decode_legacy, from_cp1258
from connectors.legacy.syllables import is_syllable
from connectors.legacy.tables import TCVN3, WINDOWS
from connectors.legacy.twice import decoded_once, is_twice, may_be_twice

_SIGN = re.compile("[\u00a1-\u00ff]")
# A word of a surface: letters and the signs that are letters in an old font.
_WORD = re.compile("[0-9A-Za-z\u00a1-\u00ff]+")
_VIETNAMESE = re.compile(
    "[\u0102\u0103\u0110\u0111\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9]"
)
_TORN = re.compile("[a-z][ĂÂÊÔƠƯĐ]")
_ABBREVIATED = re.compile("(?!.*[AEIOUY].*[AEIOUY])[A-ZĐ]{2,6}")
# What may stand in a cell of an old font beside its letters: Windows' punctuation,
# the degree and plus-minus signs, superior digits.
_BESIDE = frozenset(WINDOWS.values()) | frozenset("\u00a0°±²³´")
_VNI_LETTERS = frozenset("ÌÍìí")
_TCVN3 = ("tcvn3", "tcvn3_capitals")
_TCVN3_SIGNS = frozenset(map(chr, TCVN3))
_ACCENTED = frozenset("àáâãèéêìíòóôõùúýĩũ")
# What a PDF shows in place of the TCVN3 letters ư and ã.
_PDF = {"\u2212": "\u00ad", "\u2219": "·"}
_FROM_PDF = re.compile("(?<=[A-Za-z\u00a1-\u00ff])[\u2212\u2219]|\u2212(?=[a-z])")
_LEGACY = ("tcvn3", "vni", "cp1258", "viscii", "vps")
_RARE = ("viscii", "vps")  # read by content only where very much speaks for them
ENOUGH = 2.0
_MUCH = 4.0


@dataclass(frozen=True, slots=True)
class Repair:
    """What a cell says, and which encoding it was in (`utf-8`: decoded twice)."""

    text: str
    encoding: str


@dataclass(frozen=True, slots=True)
class _Surface:
    """A character for each byte, and the page it was read through if not cp1252."""

    text: str
    page: str


@dataclass(frozen=True, slots=True)
class _Weighed:
    """What the words with signs say of one reading of a cell."""

    text: str
    evidence: float  # words that are Vietnamese only when decoded
    strongest: float
    before: int  # words that are Vietnamese only as they stand
    shared: int  # words that are so both in today's letters and when decoded
    odd: int  # words that are so in neither way

    @property
    def is_sure(self) -> bool:
        return (
            self.evidence >= ENOUGH
            and (self.strongest > LIKELY or self.evidence >= 2 * ENOUGH)
            and self.before <= self.evidence // 20
            and self.shared <= self.evidence / 4
            and self.odd <= self.evidence / 8
        )


def by_content(text: str) -> Repair | None:
    """The repair of a text that is surely in an old encoding, else None."""
    twice = _decoded_twice(text)
    if twice is not None:
        return twice
    found = [
        (weighed.evidence, encoding, weighed.text)
        for surface in _surfaces(text)
        for encoding in _LEGACY
        if encoding != surface.page
        if (weighed := _weigh(surface, encoding)) is not None and weighed.is_sure
    ]
    best = max(found, key=_weight, default=None)
    if best is None or _weight(best) < ENOUGH:
        return None
    # Where two encodings make as much Vietnamese of it, nobody can say which.
    rivals = (_weight(other) for other in found if other is not best)
    if _weight(best) < max(rivals, default=0.0) + LIKELY:
        return None
    return Repair(best[2], best[1])


def _weight(found: tuple[float, str, str]) -> float:
    """Offices typed in TCVN3 and VNI; the others need much more to be believed."""
    return found[0] - (_MUCH if found[1] in _RARE else 0.0)


def by_font(text: str, encoding: str) -> Repair | None:
    """The repair of a cell drawn in a font of that encoding.

    None for plain ASCII and for Unicode that was pasted into such a cell.
    """
    if text.isascii() or is_modern(text):
        return None
    weighed = _weigh(_as_it_stands(text), encoding)
    if weighed is None or weighed.text == text:
        return None
    if weighed.before > weighed.evidence:
        return None
    return Repair(weighed.text, encoding)


def by_row(text: str, encoding: str) -> Repair | None:
    """The repair of a short text that stands beside cells surely in that encoding.

    Only where each of its words with signs becomes Vietnamese by it, or an
    abbreviation, and one of them is not Vietnamese as it stands.
    """
    if encoding == "utf-8":
        once = decoded_once(text)
        good = once is not None and may_be_twice(once)
        return Repair(once, encoding) if once and good else None
    if text.isascii() or is_modern(text):
        return None
    weighed = _weigh(_as_it_stands(text), encoding)
    if weighed is None or not weighed.evidence or weighed.before or weighed.odd:
        return None
    return Repair(weighed.text, encoding)


@lru_cache(maxsize=4096)
def possible_names(name: str) -> tuple[str, ...]:
    """What a short name may say if it is in an old encoding; none of plain ASCII.

    For comparing with names that are known: a guess, though never of modern text.
    """
    if name.isascii():
        return ()
    sure = by_content(name)
    if sure is not None:
        return (sure.text,)
    guesses = [by_font(name, "tcvn3"), by_font(name, "vni")]
    guesses += [by_row(name, "cp1258"), by_row(name, "utf-8")]
    return tuple(dict.fromkeys(guess.text for guess in guesses if guess is not None))


def is_modern(text: str) -> bool:
    """Whether the text holds a Vietnamese letter that no old encoding shows."""
    return _VIETNAMESE.search(text) is not None


def _decoded_twice(text: str) -> Repair | None:
    read, depth = text, 0
    while depth < 3 and (once := decoded_once(read)) is not None:
        if not is_twice(read, once):
            break
        read, depth = once, depth + 1
    read = unicodedata.normalize("NFC", read)
    return Repair(read, "utf-8") if depth else None


def _surfaces(text: str) -> list[_Surface]:
    text = _FROM_PDF.sub(lambda sign: _PDF[sign[0]], text)
    if not is_modern(text) and all(ord(c) < 256 or c in _BESIDE for c in text):
        return [_as_it_stands(text)]
    shown = from_cp1258(text)
    return [] if shown is None else [_Surface(shown, "cp1258")]


def _as_it_stands(text: str) -> _Surface:
    return _Surface(text, "")


def _weigh(surface: _Surface, encoding: str) -> _Weighed | None:
    """None when a sign of the text is none of the encoding."""
    if not _is_whole(surface.text, encoding):
        return None
    evidence = strongest = 0.0
    before = shared = odd = 0
    for word in {w for w in _WORD.findall(surface.text) if _SIGN.search(w)}:
        after = decode_legacy(word, encoding)
        stands = decode_legacy(word, surface.page) if surface.page else word
        now = is_syllable(stands)
        # `trÔn`: a capital where only another encoding has a small letter.
        then = is_syllable(after) and not _TORN.search(after)
        weight = torn_strangeness(stands) if now else strangeness(word)
        if now and then and surface.page:
            shared += 1
        elif now and not then:
            before += 1
        elif then and weight:
            evidence, strongest = evidence + weight, max(strongest, weight)
        elif not then and not now and not _is_name(word, after):
            odd += 1
    text = decode_legacy(surface.text, encoding)
    return _Weighed(text, evidence, strongest, before, shared, odd)


def _is_name(word: str, after: str) -> bool:
    """A word that no encoding makes Vietnamese, yet none that correct text holds.

    `Q§` is QĐ, `§¨k` is Đăk.
    """
    if _ABBREVIATED.fullmatch(after):
        return True
    readings = (decode_legacy(word, encoding) for encoding in _LEGACY)
    return strangeness(word) >= SURE and not any(map(is_syllable, readings))


def _is_whole(surface: str, encoding: str) -> bool:
    if encoding == "vni":
        rest = VNI_SIGN.sub("", surface)
        return all(c.isascii() or c in _BESIDE or c in _VNI_LETTERS for c in rest)
    if encoding in _TCVN3:
        return all(c.isascii() or c in _BESIDE or c in _TCVN3_SIGNS for c in surface)
    read = decode_legacy(surface, encoding)
    return all(c.isascii() or c in _BESIDE or _is_vietnamese(c) for c in read)


def _is_vietnamese(char: str) -> bool:
    return is_modern(char) or char.lower() in _ACCENTED
