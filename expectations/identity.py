"""Finding a person's identity inside free text, however it is spelled (rule 43).

Texts are folded: no case, no Vietnamese diacritics (đ too), any run of other signs one
space; names and addresses match as whole words. Numbers match whatever separates their
digits. A false alarm withholds a record, so what names nobody in particular is left out.
"""

import polars as pl

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


def fold(text: pl.Expr) -> pl.Expr:
    """Lower case without diacritics, a space at both ends and between words."""
    plain = (
        text.str.normalize("NFD")
        .str.replace_all(r"\p{Mn}+", "")
        .str.to_lowercase()
        .str.replace_all("[đð]", "d")
        .str.replace_all(r"[^\p{L}\p{N}]+", " ")
        .str.strip_chars()
    )
    return pl.format(" {} ", plain)


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


def _mail(name: str) -> pl.Expr:
    """The e-mail address in a contact, in lower case, or null."""
    return pl.col(name).str.extract(r"([\w.+-]+@[\w-]+\.[\w.]+)", 1).str.to_lowercase()


def found_in(
    frame: pl.DataFrame, persons: list[str], texts: list[str]
) -> pl.DataFrame:
    """For each text column, whether it holds one of the persons' values."""
    words = [c for c in persons if c.endswith(("_name", "_address"))]
    numbers = [c for c in persons if c not in words]
    mails = [c for c in persons if c.endswith("_contact")]
    needles = frame.select(
        *(_words(c).alias(f"word:{c}") for c in words),
        *(_number(c).alias(f"number:{c}") for c in numbers),
        *(_mail(c).alias(f"mail:{c}") for c in mails),
        *(pl.col(c).alias(f"text:{c}") for c in texts),
    )
    return needles.select(
        pl.any_horizontal(_hits(c, words, numbers, mails)).fill_null(False).alias(c)
        for c in texts
    )


def _hits(
    text: str, words: list[str], numbers: list[str], mails: list[str]
) -> list[pl.Expr]:
    told = pl.col(f"text:{text}")
    folded, squeezed, lower = fold(told), _squeeze(told), told.str.to_lowercase()
    return [
        *(folded.str.contains(pl.col(f"word:{c}"), literal=True) for c in words),
        *(squeezed.str.contains(pl.col(f"number:{c}"), literal=True) for c in numbers),
        *(lower.str.contains(pl.col(f"mail:{c}"), literal=True) for c in mails),
    ]
