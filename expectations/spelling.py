"""Two spellings of one Vietnamese name made equal, for comparing; nothing is rewritten.

Case, composed and decomposed letters, the place of the tone (hòa, hoà) and what stands
between words are folded. Other diacritics are not: Tân Hòa and Tân Hóa are two places.
"""

import polars as pl

# The tone of oa, oe, uy stands on the second vowel in one school, on the first in the
# other; both are right. Closed syllables (hoàn) have it on the second in either.
_TONES = {
    "oa": ("òa óa ỏa õa ọa", "oà oá oả oã oạ"),
    "oe": ("òe óe ỏe õe ọe", "oè oé oẻ oẽ oẹ"),
    "uy": ("ùy úy ủy ũy ụy", "uỳ uý uỷ uỹ uỵ"),
}
_MOVED = {
    old: new
    for olds, news in _TONES.values()
    for old, new in zip(olds.split(), news.split(), strict=True)
}
# Letters that old fonts and keyboards give for đ.
_ALIKE = {"ð": "đ", "ɖ": "đ"}


def fold_tones(text: pl.Expr) -> pl.Expr:
    """Lower case and NFC, each tone in its one place."""
    lower = text.str.normalize("NFC").str.to_lowercase()
    return lower.str.replace_many(_MOVED | _ALIKE)


def fold_name(text: pl.Expr) -> pl.Expr:
    """`fold_tones` without signs, single blanks between words."""
    words = fold_tones(text).str.replace_all(r"[^\p{L}\p{N}]+", " ")
    return words.str.strip_chars()
