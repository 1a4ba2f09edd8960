"""Cells in an old encoding, told by their content, their font or their row, repaired.

Columns in, columns out; only suspicious cells are looked at one by one, each text once.
"""

import json
from collections.abc import Callable, Collection, Mapping

import polars as pl

from connectors.legacy.recognise import Repair, by_content, by_font, by_row

# Signs that no Vietnamese word holds, and neighbours that none has: in VNI a mark
# stands after its vowel, a TCVN3 letter may be a capital after a small one, a UTF-8
# byte of 80-9F is cp1252's punctuation after an Ã.
SUSPICIOUS = (
    r"[\x{80}-\x{9F}\x{A1}-\x{BF}ÄÅÆÇËÎÏÐÑÖ×ØÛÜÞßäåæçëîïðñöø÷ûüþÿ]"
    r"|[aAeE][àáâãèéêõùìòÀÁÂÃÈÉÊÕÙÌÒ]|[oOyY][âõùèéÂÕÙÈÉ]|[uU][õùÕÙ]"
    r"|[âêôãõýoOuUiIÂÊÔÕÝ][ìòÌÒ]|[a-z][ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝ]"
    r"|[ÂÃÊĂ][\x{152}-\x{192}\x{2C6}\x{2DC}\x{2013}-\x{2026}]"
    r"|[A-Za-z][\x{2212}\x{2219}]"
)
# Letters of today's Vietnamese that no surface of an old encoding shows.
_MODERN = r"[ĂăĐđƠơƯư\x{1EA0}-\x{1EF9}]"
_SAID = {"utf-8": "UTF-8 decoded twice", "tcvn3_capitals": "tcvn3 in capitals"}
_TEXT = pl.String()


def repaired(
    raw: pl.Series, told: Mapping[str, Repair | None]
) -> tuple[pl.Series, pl.Series]:
    """The texts with their repairs, and how each was; null where it was not."""
    texts = {old: new.text for old, new in told.items() if new is not None}
    ways = {old: said(new.encoding) for old, new in told.items() if new is not None}
    way = raw.replace_strict(
        [*ways], [*ways.values()], default=None, return_dtype=_TEXT
    )
    return (raw.replace([*texts], [*texts.values()]) if texts else raw), way


def said(encoding: str) -> str:
    """What a finding calls the repair."""
    return _SAID.get(encoding, encoding)


def content_repairs(raw: pl.Series) -> dict[str, Repair | None]:
    """For each suspicious text its repair, None where it is left as it is."""
    hit = raw.str.contains(SUSPICIOUS).fill_null(False)
    return {text: by_content(text) for text in raw.filter(hit).unique()}


def drawn(
    raw: pl.DataFrame, fonts: pl.Series | None
) -> tuple[pl.DataFrame, dict[str, pl.Series]]:
    """The cells that stand in old fonts repaired, and by column how each cell was."""
    if fonts is None or fonts.null_count() == len(fonts):
        return raw, {}
    told = {text: json.loads(text) for text in fonts.drop_nulls().unique()}
    columns = {name for fonts_of in told.values() for name in fonts_of}
    made, ways = dict[str, pl.Series](), dict[str, pl.Series]()
    for name in columns.intersection(raw.columns):
        drawn_as = {text: fonts_of.get(name) for text, fonts_of in told.items()}
        encodings = fonts.replace_strict(
            [*drawn_as], [*drawn_as.values()], default=None, return_dtype=_TEXT
        )
        text, way = _each(raw[name], encodings, by_font)
        if way.null_count() < len(way):
            made[name], ways[name] = text.alias(name), way
    return raw.with_columns(made.values()), ways


def beside(
    raw: pl.DataFrame,
    ways: Mapping[str, pl.Series],
    alone: Collection[str],
) -> dict[str, tuple[pl.Series, pl.Series]]:
    """Short cells repaired by their row: the cells beside them are surely in one old
    encoding, and none is in today's letters.

    Not by their column: what a record says would then depend on the other records of
    its batch. Not those of `alone` (keys): they may not change with another cell.
    """
    if not ways:
        return {}
    names = {said(e): e for e in ("tcvn3", "vni", "cp1258", "viscii", "vps", "utf-8")}
    names |= {said("tcvn3_capitals"): "tcvn3"}
    told = pl.DataFrame([way.alias(name) for name, way in ways.items()])
    first = told.select(
        pl.coalesce(pl.all()).replace_strict(names, default=None).alias("way")
    ).to_series()
    rows = first.is_not_null().arg_true()
    encoding, part = first.gather(rows), raw[rows]
    untold = {
        name: ways[name].gather(rows).is_null()
        if name in ways
        else pl.repeat(True, len(rows), dtype=pl.Boolean(), eager=True)
        for name in raw.columns
    }
    modern = part.select(
        pl.any_horizontal(
            pl.col(name).str.contains(_MODERN) & pl.lit(mask)
            for name, mask in untold.items()
        ).alias("modern")
    ).to_series()
    found = {}
    for name, mask in untold.items():
        if name in alone:
            continue
        trusted = encoding.set(~mask | modern.fill_null(False), None)
        text, way = _each(part[name], trusted, by_row)
        if way.null_count() < len(way):
            hit = way.is_not_null()
            found[name] = (
                _spread(raw.height, rows.filter(hit), text.filter(hit)),
                _spread(raw.height, rows.filter(hit), way.filter(hit)),
            )
    return found


def _spread(size: int, places: pl.Series, values: pl.Series) -> pl.Series:
    nothing = pl.repeat(None, size, dtype=_TEXT, eager=True)
    return nothing.scatter(places, values)


def _each(
    raw: pl.Series,
    encodings: pl.Series,
    read: Callable[[str, str], Repair | None],
) -> tuple[pl.Series, pl.Series]:
    """The cells that have an encoding and are more than ASCII, read by it."""
    pair = pl.DataFrame([raw.alias("text"), encodings.alias("encoding")])
    signed = pl.col("text").str.contains(r"[^\x00-\x7F]")
    distinct = pair.filter(signed & pl.col("encoding").is_not_null()).unique()
    repairs = [
        (text, encoding, new.text, said(new.encoding))
        for text, encoding in distinct.iter_rows()
        if (new := read(text, encoding)) is not None
    ]
    columns = dict.fromkeys(("text", "encoding", "new", "way"), _TEXT)
    told = pl.DataFrame(repairs, schema=columns, orient="row")
    joined = pair.join(told, on=["text", "encoding"], how="left", maintain_order="left")
    return joined.select(pl.coalesce("new", "text")).to_series(), joined["way"]
