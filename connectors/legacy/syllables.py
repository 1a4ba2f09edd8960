"""Whether a word can be a Vietnamese syllable: its letters, its ending, its tone."""

import re
import unicodedata
from functools import lru_cache

_TONES = str.maketrans("", "", "\u0300\u0301\u0303\u0309\u0323")
_SHARP_OR_HEAVY = re.compile("[\u0301\u0323]")
_ONSET = "b|c|ch|d|đ|g|gh|h|k|kh|l|m|n|ng|ngh|nh|p|ph|r|s|t|th|tr|v|x"

# The endings by the vowel that bears them; a blank is the open one. Written out from
# the spelling of today's Vietnamese: no word list, so names are syllables too.
_RIMES = {
    "a": " c ch i m n ng nh o p t u y",
    "ă": "c m n ng p t",
    "â": "c m n ng p t u y",
    "e": " c m n ng o p t",
    "ê": " ch m n nh p t u",
    "i": " a ch m n nh p t u",
    "iê": "c m n ng p t u",
    "o": " a ac ach ai am an ang anh ao ap at ay ăc ăm ăn ăng ăt c e en eo et i m n ng"
    " ong ooc p t",
    "ô": " c i m n ng p t",
    "ơ": " i m n p t",
    "u": " a ân âng ât ây c ê êch ênh êu i m n ng p t ơ y ya ych yên yêt ynh yt yu yp",
    "uô": "c i m n ng t",
    "ư": " a c i m ng t u",
    "ươ": "c i m n ng p t u",
    "y": " ",
}
_AFTER_Q = (
    "ua uac uach uai uan uang uanh uao uat uau uay uăc uăm uăn uăng uăp uăt uân uâng"
    " uât uây ue uen ueo uet uê uên uênh uêt uêch ui uit uy uych uyên uyêt uyn uynh uyt"
    " uôc uơ uơi uơn uơt uyp"
)
_ALONE = "yêm yên yêng yêt yêu"
_SOFT = re.compile("[eêiy]")  # before these c, g and ng are written k, gh and ngh
_STOPPED = re.compile("(?:c|ch|p|t)$")  # such an ending bears two tones only


def _syllables() -> frozenset[str]:
    """Every spelling without its tone."""
    rimes = [vowel + end for vowel, ends in _RIMES.items() for end in ends.split(" ")]
    spelt = {*rimes, *_ALONE.split()}
    for onset in _ONSET.split("|"):
        spelt |= {onset + rime for rime in rimes if _may_follow(onset, rime)}
    spelt |= {"q" + rime for rime in _AFTER_Q.split()}
    spelt |= {"gi" + rime.removeprefix("i") for rime in rimes}
    return frozenset(spelt - {"ă", "â"})


def _may_follow(onset: str, rime: str) -> bool:
    soft = bool(_SOFT.match(rime))
    if onset in ("c", "g", "ng"):
        return not soft
    return soft if onset in ("k", "gh", "ngh") else True


_SPELT = _syllables()


@lru_cache(maxsize=65536)
def is_syllable(word: str) -> bool:
    """True for `nguyễn`, `HOÀ`, `hòa`; false for `nguyÔn`, `d©n`, `déjà`, `QĐ`.

    The case does not count, nor over which vowel the tone stands.
    """
    parts = unicodedata.normalize("NFD", word.lower())
    plain = parts.translate(_TONES)
    spelt = unicodedata.normalize("NFC", plain)
    if spelt not in _SPELT or len(parts) - len(plain) > 1:
        return False
    return not _STOPPED.search(spelt) or bool(_SHARP_OR_HEAVY.search(parts))
