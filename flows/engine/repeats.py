"""Keys that stand more than once in one reading: duplicates and conflicts.

Works over the whole staged source, by partitions of its keys, so that memory does not
grow with it. Keys and contents are 64-bit hashes: in 10^6 records two different keys
meet with a chance of 3 in 10^8, and then show as a quarantined conflict.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import polars as pl

from expectations.frames import CURSOR, RECORD_ID, SOURCE_ID, VERSION

KEYS: dict[str, pl.DataType] = {
    "key": pl.UInt64(),
    "content": pl.UInt64(),
    "source": pl.UInt64(),  # of the key at the source: two may mean one record
    "changed_at": pl.Datetime("us", "UTC"),
    "version": pl.String(),
    "seq": pl.UInt32(),
    # position in the batch's frame of its type: one row may give several records
    "place": pl.UInt32(),
}
PARTITION_KEYS = 500_000
PLACE = ["key", "seq", "place"]


@dataclass(frozen=True, slots=True)
class Repeats:
    """Places (key, seq, place) of records to be set apart."""

    duplicates: pl.DataFrame
    conflicts: pl.DataFrame
    # versions after which the same reading holds a later one of the key
    superseded: pl.DataFrame


def keys_of(seq: int, frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The keys of a batch's fingerprinted frames; blank keys are no keys."""
    parts = [
        frame.with_row_index("place")
        .filter(pl.col(RECORD_ID).is_not_null())
        .select(
            key=pl.col(RECORD_ID).hash(),
            content=pl.col("content_hash").hash(),
            source=pl.col(SOURCE_ID).hash(),
            changed_at=CURSOR,
            version=VERSION,
            seq=pl.lit(seq, pl.UInt32),
            place="place",
        )
        for frame in frames
    ]
    return pl.concat(parts) if parts else pl.DataFrame(schema=KEYS)


def find_repeats(batches: Callable[[], Iterable[pl.DataFrame]], total: int) -> Repeats:
    """Repeats over all batches of keys; `batches` may be called several times."""
    partitions = total // PARTITION_KEYS + 1
    parts = [
        _repeated(
            pl.concat(
                [keys.filter(pl.col("key") % partitions == part) for keys in batches()]
                or [pl.DataFrame(schema=KEYS)]
            )
        )
        for part in range(partitions)
    ]
    return _resolve(pl.concat(parts))


def _repeated(keys: pl.DataFrame) -> pl.DataFrame:
    return keys.filter(pl.col("key").is_duplicated())


def _resolve(repeated: pl.DataFrame) -> Repeats:
    """Same content again is a duplicate; different content needs an order in time.

    With change times or versions that tell all contents of a key apart, they are
    loaded in that order; otherwise nobody can say which is right, and all are in
    conflict.
    """
    order = ["changed_at", "version"]
    ordered = repeated.sort("key", *order, "seq", "place", nulls_last=True)
    contents = ordered.select("key", "content", "source", *order).unique()
    ambiguous = (
        contents.group_by("key")
        .agg(
            n=pl.col("content").n_unique(),
            sources=pl.col("source").n_unique(),
            timed=pl.any_horizontal(pl.col(order).is_not_null()).all(),
            times=pl.struct(order).n_unique(),
            versions=pl.len(),
        )
        .filter(
            # Two keys of one record (a succession that maps both): nobody can say.
            (pl.col("sources") > 1)
            | (pl.col("n") > 1)
            & ~(pl.col("timed") & (pl.col("times") == pl.col("versions")))
        )
    )
    marked = ordered.with_columns(
        ambiguous=pl.col("key").is_in(ambiguous["key"].implode()),
        # In time order a content may return (A, B, A): only a repeat of the one just
        # before it is a duplicate.
        again=(pl.col("content") == pl.col("content").shift(1).over("key")).fill_null(
            value=False
        ),
        first=pl.struct("key", "content", "source").is_first_distinct(),
    ).with_columns(stretch=(~pl.col("again")).cum_sum().over("key"))
    is_last = pl.col("stretch") == pl.col("stretch").max().over("key")
    duplicate = pl.when("ambiguous").then(~pl.col("first")).otherwise(pl.col("again"))
    return Repeats(
        duplicates=marked.filter(duplicate).select(PLACE),
        conflicts=marked.filter(pl.col("ambiguous") & pl.col("first")).select(PLACE),
        superseded=marked.filter(~pl.col("ambiguous") & ~is_last).select(PLACE),
    )


def missing_subjects(
    subjects: list[str], batches: Callable[[], Iterable[pl.DataFrame]]
) -> list[str]:
    """Those of the record ids that no batch of keys holds."""
    left = pl.DataFrame({"subject": pl.Series(subjects, dtype=pl.String)})
    left = left.with_columns(key=pl.col("subject").hash())
    for keys in batches():
        left = left.join(keys, on="key", how="anti")
    return left["subject"].to_list()
