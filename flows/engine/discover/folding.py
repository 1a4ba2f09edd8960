"""How headers and code values are levelled before they are compared.

"Ng. tiếp nhận đơn (*)", "NGAY TIEP NHAN DON" and "ngayTiepNhanDon" become one text.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

from flows.engine.discover.lexicon_files import read_rows

BRACKETS = re.compile(r"[(\[{].*?[)\]}]")
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
SPLIT = re.compile(r"[^\w#]+|_+")
# "đ/c" and "s.đ.t" are one word each, not several letters.
LETTERS = re.compile(r"\b(\w)[./](?=\w\b)")
ORDINAL = re.compile(
    r"^[\s*#]*\(?(?:[0-9]{1,2}|[ivx]{1,4}|[a-e])[.)]\s+", re.IGNORECASE
)
MEANINGLESS = frozenset(
    ["của", "các", "về", "và", "theo", "cho", "là", "được", "the", "of", "and", "có"]
)
MOST_READINGS = 12


def tokens(text: str) -> tuple[str, ...]:
    """The words of a header or value: small letters, no signs between them."""
    plain = unicodedata.normalize("NFC", text).strip()
    plain = CAMEL.sub(" ", ORDINAL.sub("", plain)).lower()
    plain = LETTERS.sub(r"\1", plain)
    return tuple(word for word in SPLIT.split(plain) if word)


def unmarked(text: str) -> str:
    """Without diacritics; đ is d."""
    parts = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in parts if not unicodedata.combining(c))


def without_brackets(text: str) -> str:
    """A header without what stands in brackets: units, column numbers, hints."""
    return BRACKETS.sub(" ", text)


@lru_cache(maxsize=20000)
def exact(text: str) -> str:
    """Words with their diacritics, tone placement levelled."""
    return " ".join(_tone_level(token) for token in tokens(text))


@lru_cache(maxsize=20000)
def plain(text: str) -> str:
    """Words without diacritics."""
    return " ".join(unmarked(token) for token in tokens(text))


@lru_cache(maxsize=20000)
def readings(text: str) -> tuple[str, ...]:
    """Words without diacritics and abbreviations; several where one has several."""
    full = [_full(token) for token in tokens(text)]
    found: dict[str, None] = {}
    for number, choice in enumerate(product(*full)):
        if number >= MOST_READINGS:
            break
        words = [w for part in choice for w in part.split()]
        found[" ".join(w for w in words if w not in MEANT_BY_NONE) or plain(text)] = (
            None
        )
    return tuple(found)


def compact(text: str) -> str:
    """Without blanks: `ngaynhan`, `NGAYNHAN`."""
    return plain(text).replace(" ", "")


def _full(token: str) -> tuple[str, ...]:
    bare = unmarked(token)
    forms = ABBREVIATIONS.get(token) or ABBREVIATIONS.get(bare) or ()
    return (*forms, bare) if forms else (bare,)


def _tone_level(token: str) -> str:
    """hòa and hoà alike: the tone mark goes to the word's end."""
    marks = [c for c in unicodedata.normalize("NFD", token) if c in TONES]
    parts = unicodedata.normalize("NFD", token)
    bare = "".join(c for c in parts if c not in TONES)
    return unicodedata.normalize("NFC", bare) + "".join(marks)


def _abbreviations() -> Iterator[tuple[str, tuple[str, ...]]]:
    for short, forms in read_rows("abbreviations.tsv"):
        full = tuple(plain(form) for form in forms.split("|"))
        yield short, full


TONES = "\u0300\u0301\u0303\u0309\u0323"
MEANT_BY_NONE = frozenset(unmarked(word) for word in MEANINGLESS)
ABBREVIATIONS: dict[str, tuple[str, ...]] = dict(_abbreviations())
