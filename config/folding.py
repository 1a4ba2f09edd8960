"""Code texts as they are compared: case, blanks and the place of a tone mark are no
difference."""

from collections.abc import Mapping
from functools import lru_cache

import polars as pl

# The tone of oa, oe and uy stands on either letter: hoà and hòa, thuý and thúy.
_OLD = ("òa", "óa", "ỏa", "õa", "ọa", "òe", "óe", "ỏe", "õe", "ọe")
_NEW = ("oà", "oá", "oả", "oã", "oạ", "oè", "oé", "oẻ", "oẽ", "oẹ")
_OLD_UY = ("ùy", "úy", "ủy", "ũy", "ụy")
_NEW_UY = ("uỳ", "uý", "uỷ", "uỹ", "uỵ")
_PAIRS = tuple(zip((*_OLD, *_OLD_UY), (*_NEW, *_NEW_UY), strict=True))
_FORMS = (str.lower, str.capitalize, str.upper)
_FROM = [form(old) for old, _ in _PAIRS for form in _FORMS]
_TO = [form(new) for _, new in _PAIRS for form in _FORMS]


def fold_tone(text: pl.Series) -> pl.Series:
    """NFC text with the tone of oa, oe and uy on the second letter; for comparing."""
    return text.str.replace_many(_FROM, _TO)


def folded(text: pl.Series) -> pl.Series:
    """Clean code texts as they are compared: lower case, single blanks, tones."""
    if text.str.contains(r"\s\s|[^\S ]").any():
        text = text.str.replace_all(r"\s+", " ")
    text = text.str.to_lowercase()
    if text.str.contains("[^ -~]").any():
        text = fold_tone(text)
    return text


def folded_codes(codes: Mapping[str, str]) -> dict[str, str]:
    """The map with folded source values; ValueError when two of them collide."""
    return dict(_folded_codes(tuple(codes.items())))


@lru_cache(maxsize=4096)
def _folded_codes(codes: tuple[tuple[str, str], ...]) -> dict[str, str]:
    table: dict[str, str] = {}
    sources = pl.Series([source for source, _ in codes], dtype=pl.String)
    values = folded(sources.str.normalize("NFC").str.strip_chars())
    for value, (_, code) in zip(values.to_list(), codes, strict=True):
        if table.setdefault(value, code) != code:
            raise ValueError(f'codes: "{value}" stands for two codes')
    return table


@lru_cache(maxsize=4096)
def folded_pattern(pattern: str) -> str:
    """A pattern as it is asked of folded texts."""
    said = fold_tone(pl.Series([pattern]).str.normalize("NFC"))
    return f"(?i){said[0]}"
