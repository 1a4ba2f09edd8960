"""Agencies under their many spellings: which declared name each is, exactly or not.

A spelling is an agency when its folded form is that of a declared name, on the day of
the record. Nothing is guessed; the nearest name is a suggestion to whoever declares.
"""

from collections.abc import Sequence

import polars as pl

from expectations.identity import fold
from expectations.spelling import fold_name

# Where agencies stand in the open: a denounced person's agency is sealed.
AGENCY_FIELDS: dict[str, tuple[str, ...]] = {
    "reception": ("previous_resolver",),
    "petition": ("respondent_org", "forwarded_to", "handler_org"),
    "complaint_case": ("respondent_org",),
    "recommendation_reflection": ("handler",),
    "decision": ("issuing_org",),
    "enforcement": ("responsible_org",),
}

# A name that is declared for an agency; both days may be null, the last is exclusive.
DECLARED: dict[str, pl.DataType] = {
    "org_code": pl.String(),
    "name": pl.String(),
    "valid_from": pl.Date(),
    "valid_to": pl.Date(),
}
# A spelling as records have it, with how many records on which day in which field.
SPELLINGS: dict[str, pl.DataType] = {
    "spelling": pl.String(),
    "field": pl.String(),
    "event_on": pl.Date(),
    "records": pl.Int64(),
}

# What registers write short, in lower case, and can mean nothing else there. Not `p.`
# (phường, phòng) nor `tt` (thị trấn, trung tâm, thanh tra).
_SHORT = (
    (r"\bt\.\s?[ưu]\b|\btw\b", "trung ương"),
    (r"\b(?:tp|t\.\s?p)\b\.?", "thành phố "),
    (r"\btx\.", "thị xã "),
    (r"\bt\.", "tỉnh "),
    (r"\bh\.", "huyện "),
    (r"\bq\.", "quận "),
    (r"\bx\.", "xã "),
    (r"\bbhxh\b", "bảo hiểm xã hội"),
    (r"\bbhyt\b", "bảo hiểm y tế"),
    (r"\bubnd\b", "uỷ ban nhân dân"),
    (r"\bhđnd\b", "hội đồng nhân dân"),
    (r"\bubmttq\b", "uỷ ban mặt trận tổ quốc"),
    (r"\btand\b", "toà án nhân dân"),
    (r"\bvksnd\b", "viện kiểm sát nhân dân"),
    (r"\bttcp\b", "thanh tra chính phủ"),
    (r"\blđ[\s.\-–]?tb\s?(?:[\-–&.,]|và)?\s?xh\b", "lao động thương binh xã hội"),
    (r"\btb[\s.\-–]?(?:và\s)?xh\b", "thương binh xã hội"),
    (r"\bnn\s?(?:[\-–&.,]|và)?\s?ptnt\b", "nông nghiệp phát triển nông thôn"),
    (r"\bgtvt\b", "giao thông vận tải"),
    (r"\bvn\b", "việt nam"),
)
# A person's name in an agency's column is not shown (promise P8).
_PERSON = r"(?i)^\s*(?:ông|bà|anh|chị|cô|chú|bác|đ/c|đồng chí)[\s.]"


def fold_agency(text: pl.Expr) -> pl.Expr:
    """The form that spellings of one agency share: no case, signs or abbreviations.

    The tone's place is folded, the tones are not: Tân Hòa is not Tân Hóa.
    """
    plain = text.str.normalize("NFC").str.to_lowercase()
    for short, whole in _SHORT:
        plain = plain.str.replace_all(short, whole)
    return fold_name(plain).str.replace_all(r" và ", " ")


def match(
    spellings: pl.DataFrame, aliases: pl.DataFrame, units: pl.DataFrame
) -> pl.DataFrame:
    """SPELLINGS with org_code and `by` ("alias", "unit" or null).

    `aliases` and `units` are DECLARED; an alias comes first. A name that two agencies
    bear on that day is nobody's.
    """
    asked = spellings.with_columns(folded=fold_agency(pl.col("spelling")))
    asked = asked.with_row_index("line")
    by_alias, by_unit = _found(asked, aliases), _found(asked, units)
    both = asked.join(by_alias, on="line", how="left").join(
        by_unit, on="line", how="left", suffix="_of_unit"
    )
    return both.sort("line").select(
        *SPELLINGS,
        org_code=pl.coalesce("org_code", "org_code_of_unit"),
        by=pl.when(pl.col("org_code").is_not_null())
        .then(pl.lit("alias"))
        .when(pl.col("org_code_of_unit").is_not_null())
        .then(pl.lit("unit")),
    )


def _found(asked: pl.DataFrame, declared: pl.DataFrame) -> pl.DataFrame:
    """line, org_code of the lines that exactly one agency fits on their day."""
    known = declared.with_columns(folded=fold_agency(pl.col("name")))
    day = pl.col("event_on")
    # A record without a day is judged by names that have no bounds, or are alone.
    begun = (day >= pl.col("valid_from")).fill_null(True)
    lasts = (day < pl.col("valid_to")).fill_null(True)
    return (
        asked.join(known, on="folded")
        .filter(begun & lasts)
        .group_by("line")
        .agg(pl.col("org_code").unique())
        .filter(pl.col("org_code").list.len() == 1)
        .with_columns(pl.col("org_code").list.first())
    )


def clashes(declared: pl.DataFrame) -> pl.DataFrame:
    """name, org_codes: names that stand for two agencies on one day."""
    known = declared.with_columns(folded=fold_agency(pl.col("name")))
    pairs = known.join(known, on="folded", suffix="_other").filter(
        pl.col("org_code") < pl.col("org_code_other"),
        _before("valid_from", "valid_to_other"),
        _before("valid_from_other", "valid_to"),
    )
    return (
        pairs.group_by("folded")
        .agg(
            pl.col("name").first(),
            org_codes=pl.concat_list("org_code", "org_code_other")
            .explode()
            .unique()
            .sort(),
        )
        .sort("name")
        .select("name", "org_codes")
    )


def _before(start: str, end: str) -> pl.Expr:
    is_open = pl.col(start).is_null() | pl.col(end).is_null()
    return is_open | (pl.col(start) < pl.col(end))


def shown(spelling: pl.Expr) -> pl.Expr:
    """The spelling for a person to read, or its shape when it names a person."""
    shape = pl.concat_str(
        pl.lit("(a person: text of "), spelling.str.len_chars(), pl.lit(" characters)")
    )
    return pl.when(spelling.str.contains(_PERSON)).then(shape).otherwise(spelling)


# Below this the nearest of many names is nearest by chance.
_NEAR = 80.0
# Words that hundreds of agencies share, without diacritics: what is left is a name.
_SHARED = (
    r"\b(?:uy ban nhan dan|hoi dong nhan dan|bao hiem xa hoi|toa an nhan dan|tinh|huyen"
    r"|thanh pho|thi xa|thi tran|quan|phuong|xa|lien huyen|co so|phong|so|ban|van phong"
    r"|chi cuc|cuc|thanh tra)\b"
)


def suggest(
    spellings: Sequence[str], declared: pl.DataFrame
) -> list[tuple[str, str, int] | None]:
    """For each spelling the nearest declared name, its org_code, how near (to 100).

    The whole must be near and what is its own in it too, for two People's Committees
    differ in one word. Diacritics do not count: they are what people leave out.
    """
    if declared.is_empty():
        return [None for _ in spellings]
    known = declared.select("name", "org_code").rows()
    parts = _parts(declared["name"].to_list())
    found: list[tuple[str, str, int] | None] = []
    for asked in _parts(spellings):
        scores = [_likeness(asked, part) for part in parts]
        best = max(range(len(scores)), key=scores.__getitem__)
        is_near = scores[best] >= _NEAR
        found.append((*known[best], round(scores[best])) if is_near else None)
    return found


def _likeness(one: tuple[str, str], other: tuple[str, str]) -> float:
    from rapidfuzz import fuzz

    # Words change their places in a whole, not in a name.
    own = 100.0 if one[1] == other[1] else fuzz.ratio(one[1], other[1])
    return min(fuzz.token_sort_ratio(one[0], other[0]), own)


def _parts(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Of each text the whole without diacritics, and its own part of it."""
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    whole = frame.select(whole=fold(fold_agency(pl.col("text"))).str.strip_chars())
    own = pl.col("whole").str.replace_all(_SHARED, "").str.strip_chars()
    return whole.with_columns(own=own.str.replace_all(r"\s+", " ")).rows()
