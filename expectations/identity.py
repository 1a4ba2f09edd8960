"""Finding a person's identity inside free text, however it is spelled (rule 43).

Texts are folded: no case, no Vietnamese diacritics (đ too), any run of other signs one
space; names and addresses match as whole words. Numbers match whatever separates their
digits. A false alarm withholds a record, so what names nobody is left out.
"""

from collections.abc import Iterable

import polars as pl

from expectations.identifiers import MOVED_PHONES

# Folded, and after a quantity: who these words name is nobody.
_QUANTITY = r"^(?:(?:mot so|nhieu|cac|nhung|tap the|nhom|toan the|ong|ba) )+"
_NOBODY = (
    "ban doc",
    "ba con",
    "can bo",
    "cong dan",
    "cong nhan",
    "giau ten",
    "ho dan",
    "khong neu ten",
    "khong ro",
    "khong ten",
    "lao dong",
    "nac danh",
    "an danh",
    "nguoi dan",
    "nguoi lao dong",
    "nguoi to cao",
    "nguoi viet don",
    "nhan dan",
    "quan chung",
    "tap the",
)
# Shorter runs of digits are years, sums and article numbers.
_DIGITS = 8
# A phone had another area before 2019, and may be told by either.
_RENUMBERED = dict(MOVED_PHONES) | {new: old for old, new in MOVED_PHONES.items()}
_MOVED = rf"^(?:{'|'.join(_RENUMBERED)})[0-9]{{7}}$"
_RUN = r"\d(?:[\s.,()/\\_–-]*\d){7}"


# Vietnamese letters in lower case, those of Ê Đê and Ba Na names, and the marks of
# decomposed text: one pass, four times faster than normalising.
_PLAIN = {
    **dict.fromkeys("àáảãạăằắẳẵặâầấẩẫậ", "a"),
    **dict.fromkeys("èéẻẽẹêềếểễệĕ", "e"),
    **dict.fromkeys("ìíỉĩịĭ", "i"),
    **dict.fromkeys("òóỏõọôồốổỗộơờớởỡợŏ", "o"),
    **dict.fromkeys("ùúủũụưừứửữựŭ", "u"),
    **dict.fromkeys("ỳýỷỹỵ", "y"),
    **dict.fromkeys("đð", "d"),
    **{"č": "c", "ñ": "n", "ƀ": "b"},
    **dict.fromkeys((chr(mark) for mark in range(0x300, 0x370)), ""),
}


def fold(text: pl.Expr) -> pl.Expr:
    """Lower case without diacritics, a space at both ends and between words."""
    plain = text.str.to_lowercase().str.replace_many(_PLAIN)
    words = plain.str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()
    # Not pl.format: polars 2.1 panics where a column's first chunk is empty.
    return pl.concat_str(pl.lit(" "), words, pl.lit(" "))


def _squeeze(text: pl.Expr) -> pl.Expr:
    """The text without what people put between digits."""
    return text.str.replace_all(r"[\s.,()/\\_–-]+", "")


def _words(name: str) -> pl.Expr:
    """The folded value when it can name one person or place, else null."""
    folded = fold(pl.col(name))
    bare = folded.str.strip_chars().str.replace(_QUANTITY, "")
    is_somebody = ~bare.is_in(_NOBODY) & (bare.str.count_matches(" ") >= 1)
    if name.endswith("_address"):
        # "tỉnh Quảng Trị" names no one: it takes a number or several parts.
        is_exact = pl.col(name).str.contains(r"[\d,;]|\s-\s")
        is_somebody &= is_exact & (bare.str.count_matches(" ") >= 3)
    return pl.when(is_somebody).then(folded)


def _number(name: str) -> pl.Expr:
    """The digits of an identity number or phone, without its trunk prefix, or null.

    A phone is written 0912..., 84912... or +84912...: what follows is the same.
    """
    digits = pl.col(name).str.replace_all(r"\D", "")
    if name.endswith("_contact"):
        digits = digits.str.replace("^(?:84|0)", "")
    return pl.when(digits.str.len_chars() >= _DIGITS).then(digits)


def _renumbered(name: str) -> pl.Expr:
    """A contact's phone under the number it had before 2019, or has since, or null."""
    national = _number(name)
    area, rest = national.str.head(-7), national.str.tail(7)
    moved = pl.concat_str(area.replace(_RENUMBERED), rest)
    return pl.when(national.str.contains(_MOVED)).then(moved)


def _mail(name: str) -> pl.Expr:
    """The e-mail address in a contact, in lower case, or null."""
    return pl.col(name).str.extract(r"([\w.+-]+@[\w-]+\.[\w.]+)", 1).str.to_lowercase()


def found_in(frame: pl.DataFrame, persons: list[str], texts: list[str]) -> pl.DataFrame:
    """For each text column, whether it holds one of the persons' values."""
    words = [c for c in persons if c.endswith(("_name", "_address"))]
    numbers = [c for c in persons if c not in words]
    mails = [c for c in numbers if c.endswith("_contact")]
    digits = [*map(_number, numbers), *map(_renumbered, mails)]
    return pl.DataFrame(
        {
            text: _holds(frame, text, fold(pl.col(text)), map(_words, words))
            | _holds(frame, text, _squeeze(pl.col(text)), digits, _RUN)
            | _holds(
                frame, text, pl.col(text).str.to_lowercase(), map(_mail, mails), "@"
            )
            for text in texts
        }
    )


def _holds(
    frame: pl.DataFrame,
    text: str,
    told: pl.Expr,
    needles: Iterable[pl.Expr],
    only: str = "",
) -> pl.Series:
    """Rows whose text, made comparable, contains a needle of their own row.

    `only` is a cheap regular expression: texts it does not match are not looked at.
    """
    looked_at = frame[text].str.contains(only or ".").fill_null(False)
    columns = {f"needle {i}": needle for i, needle in enumerate(needles)}
    compared = frame.filter(looked_at).select(told.alias("told"), **columns)
    hits = (pl.col("told").str.contains(pl.col(c), literal=True) for c in columns)
    found = pl.any_horizontal(*hits, pl.lit(False)).fill_null(False)
    return scatter(looked_at, compared.select(found).to_series())


def scatter(mask: pl.Series, found: pl.Series) -> pl.Series:
    """`found` spread over the rows that the mask chose; false elsewhere."""
    everywhere = pl.repeat(False, len(mask), eager=True).alias(found.name)
    if not found.any():
        return everywhere
    return everywhere.scatter(mask.arg_true().filter(found), True)
