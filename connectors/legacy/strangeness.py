"""How surely a word's signs show an old font: what correct text would never hold.

Only signs that matter in Latin-1 words of correct text keep a low weight: units, foot-
notes, brands, quotation marks and the letters of other languages.
"""

import re

SURE = 2.0
MORE_THAN_LIKELY = 1.5
LIKELY = 1.0
HINT = 0.5

# Signs that stand inside no word (`d©n`, `hiÓm`, `h×nh`), but may touch one's ends.
_INSIDE = re.compile(
    "[A-Za-z\u00a1-\u00ff][\u00a6-\u00b1\u00b4-\u00be\u00d7\u00f7][A-Za-z\u00a1-\u00ff]"
)
# Between letters these are still operators and units: N·m, n×m, A÷B.
_OPERATORS = "·×÷"
# At an end, where correct text has neither: `hoµ`, `c¶`, `b¸c`, `®ång`, `§¶ng`.
_ENDS = re.compile("[A-Za-z\u00c0-\u00ff][µ¸¶¨]$|^[¸¨][A-Za-z]|^[®§¬][^A-Za-z]")
_COMMUNE = re.compile("^[^aeiouyAEIOUY]+·$")  # `x·`; a sign of lists and products
_TORN = re.compile("[a-z][\u00c0-\u00de]")
# A vowel and a mark of VNI that no language writes side by side in a word that is
# also a Vietnamese syllable when the mark is put on the vowel (measured: `laïc`,
# `Loïc`, `Caïn`, `leány`, `aérien` are French and Hungarian, `leões` Portuguese,
# `meän` Finnish, `teát` Hungarian, Caém a place in Brazil).
_VNI_SURE = re.compile(
    "[aeouy][øåùû]|a[äâàõê]|aé[ct]|uï|e[âàõ]|[iy]e[áàåãä]|o[äâõ]|aá|eã|[ôö][ïõøùû]"
)
# A vowel with a hat, a hook (ã, õ, ý) and a tone of cp1258 after it.
_TONED = re.compile("[âêôãõý][òìþ]")


def strangeness(word: str) -> float:
    """The weight of a word that is Vietnamese only once its signs are decoded."""
    if len(word) < 2 or _capitals_inverted(word):
        return HINT
    if _TORN.search(word) or _ENDS.search(word) or _sure_pair(word.lower()):
        return SURE
    inside = _INSIDE.search(word)
    if inside and (inside[0][1] not in _OPERATORS or len(word) > 3):
        return SURE
    if _COMMUNE.search(word):
        return MORE_THAN_LIKELY
    return LIKELY if len(word) > 2 else HINT


def torn_strangeness(word: str) -> float:
    """The weight of a word that would be Vietnamese were it not for a capital inside.

    `phÈm` is phẩm in TCVN3; nobody types phèm so.
    """
    is_torn = _TORN.search(word) and not _capitals_inverted(word)
    return MORE_THAN_LIKELY if is_torn else 0.0


def _capitals_inverted(word: str) -> bool:
    """`nGUYỄN`: typed with the capitals key locked by mistake."""
    return word[0].islower() and word[1:].isupper()


def _sure_pair(word: str) -> bool:
    return len(word) > 2 and bool(_VNI_SURE.search(word) or _TONED.search(word))
