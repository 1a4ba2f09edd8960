"""Keys of records, and references to others: ids that are functions of the source."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from config.succession import Succession
from expectations.records import record_ids
from flows.engine.normalise.cells import Cells
from flows.engine.normalise.nested import json_lists
from flows.engine.normalise.readings import Reading, unread
from flows.engine.normalise.text import clean

Token = Callable[[list[str]], list[str]]

# No register numbers its records with more; one composed of texts has any length.
MOST_KEY = 150
# A citizen's number (số định danh cá nhân): it names a person wherever it stands.
_CITIZEN_ID = r"(?:^|\|)0[0-9]{11}(?:\||$)"


def source_ids(cells: Cells, key: Sequence[str]) -> pl.Series:
    """The plain key of each row, parts joined with "|"; null when a part is blank."""
    parts = [cells.text(name).alias(str(n)) for n, name in enumerate(key)]
    joined = pl.concat_str(pl.all(), separator="|", ignore_nulls=False)
    return pl.DataFrame(parts).select(joined).to_series()


@dataclass(frozen=True, slots=True)
class Identities:
    """Columns of equal length: the ids of records, and whence they came, if anywhere.

    `source_id` and `former_id` are as they may be stored.
    """

    record_id: pl.Series
    source_id: pl.Series
    former_system: pl.Series
    former_id: pl.Series


@dataclass(frozen=True, slots=True)
class Naming:
    """How source ids of one installation become stored ids and record ids.

    The id of a record is made from what is stored: of a personal key from its keyed
    token, or anyone could try all citizen numbers against it.
    """

    system: str
    token: Token
    personal_types: frozenset[str]  # record types whose key the preset calls personal
    succession: tuple[Succession, ...] = ()

    def stored(self, record_type: str, plain: pl.Series) -> pl.Series:
        """Source ids as they may be stored and shown: personal ones as their token."""
        personal = record_type in self.personal_types
        return stored(plain, self.token, personal=personal)

    def ids(self, record_type: str, plain: pl.Series) -> pl.Series:
        """The record ids of plain source ids; null stays null."""
        return self.identities(record_type, plain).record_id

    def identities(self, record_type: str, plain: pl.Series) -> Identities:
        """Who the records of plain source ids are, here or in a closed system.

        The first succession that knows a key decides.
        """
        shown = self.stored(record_type, plain)
        nobody = pl.repeat(None, len(plain), dtype=pl.String(), eager=True)
        ids = _each(shown, lambda ids: record_ids(self.system, record_type, ids))
        found = Identities(ids, shown, nobody, nobody)
        for moved in self.succession:
            if moved.covers(record_type):
                old = moved.old_keys(plain).set(found.former_id.is_not_null(), None)
                found = self._succeeded(found, record_type, moved.from_system, old)
        return found

    def _succeeded(
        self, found: Identities, record_type: str, system: str, old: pl.Series
    ) -> Identities:
        rows = old.is_not_null().arg_true()
        if not len(rows):
            return found
        plain = old.gather(rows)
        former = self.stored(record_type, plain)
        ids = record_ids(system, record_type, former.to_list())
        # A new key that holds a personal old one is as personal.
        shown = found.source_id.gather(rows)
        bare = (former != plain) & ~shown.str.starts_with("token:").fill_null(False)
        source_id = found.source_id
        if bare.any():
            told = stored(shown.filter(bare), self.token, personal=True)
            source_id = source_id.clone().scatter(rows.filter(bare), told)
        return Identities(
            found.record_id.scatter(rows, pl.Series(ids, dtype=pl.String)),
            source_id,
            found.former_system.clone().scatter(rows, system),
            found.former_id.clone().scatter(rows, former),
        )


def stored(plain: pl.Series, token: Token, *, personal: bool) -> pl.Series:
    """Source ids as they may be stored and shown: personal ones as their token.

    So is a long one: it is composed of what people wrote, which quotes names. Its
    blanks and line breaks count as one blank each, since exports differ in them.
    """
    long = plain.str.len_chars() > MOST_KEY
    has_long = long.any()
    secret = plain.is_not_null() if personal else plain.str.contains(_CITIZEN_ID) | long
    secret = secret.fill_null(False)
    if not secret.any():
        return plain
    rows = secret.arg_true()
    if has_long:
        levelled = plain.str.replace_all(r"\s+", " ").str.replace_all(r" ?\| ?", "|")
        plain = levelled.zip_with(long.fill_null(False), plain)
    tokens = pl.Series(token(plain.gather(rows).to_list()), dtype=pl.String)
    return plain.clone().scatter(rows, "token:" + tokens)


def read_reference(
    text: pl.Series, naming: Naming, targets: Sequence[str], types: pl.Series
) -> Reading:
    """Record ids; with several possible targets the one that `types` names."""
    if len(targets) == 1:
        return Reading(naming.ids(targets[0], text))
    value = pl.repeat(None, len(text), dtype=pl.String(), eager=True)
    for target in targets:
        rows = (types == target).fill_null(False).arg_true()
        if len(rows):
            value = value.scatter(rows, naming.ids(target, text.gather(rows)))
    return unread("reference_unreadable", text, value)


def read_references(
    text: pl.Series, naming: Naming, target: str, split: str | None
) -> Reading:
    """Lists of record ids, each id once: cut at `split`, or a JSON list, or one id."""
    lists = text.str.split(split) if split else _json_or_one(text)
    flat = pl.DataFrame(
        {"row": lists.is_not_null().arg_true(), "id": lists.drop_nulls()}
    )
    flat = flat.explode("id", empty_as_null=True)
    plain = clean(flat["id"], pl.Series([""])).text
    ids = flat.with_columns(naming.ids(target, plain).alias("id"))
    grouped = ids.group_by("row", maintain_order=True).agg(
        pl.col("id").drop_nulls().unique(maintain_order=True)
    )
    value = pl.repeat(None, len(text), dtype=pl.List(pl.String), eager=True)
    value = _placed(value, grouped["row"], grouped["id"])
    return unread("reference_unreadable", text, value)


def _json_or_one(text: pl.Series) -> pl.Series:
    is_list = text.str.starts_with("[").fill_null(False)
    one = pl.select(pl.when(text.is_not_null()).then(pl.concat_list(text))).to_series()
    if not is_list.any():
        return one
    rows = is_list.arg_true()
    return _placed(one, rows, json_lists(text.gather(rows)))


def _placed(into: pl.Series, rows: pl.Series, values: pl.Series) -> pl.Series:
    """`into` with `values` at `rows`; scatter knows no lists."""
    index = pl.DataFrame({"row": pl.int_range(len(into), dtype=pl.UInt32, eager=True)})
    there = pl.DataFrame({"row": rows.cast(pl.UInt32), "new": values})
    joined = index.with_columns(into.alias("old")).join(
        there.with_columns(hit=True), on="row", how="left", maintain_order="left"
    )
    chosen = pl.when(pl.col("hit")).then("new").otherwise("old")
    return joined.select(chosen.alias("value")).to_series()


def _each(text: pl.Series, function: Callable[[list[str]], list[str]]) -> pl.Series:
    rows = text.is_not_null().arg_true()
    made = pl.Series(function(text.gather(rows).to_list()), dtype=pl.String)
    if len(rows) == len(text):
        return made
    empty = pl.repeat(None, len(text), dtype=pl.String(), eager=True)
    return empty.scatter(rows, made)
