"""Pass one over a stage: normalise, fingerprint, and the keys of every batch."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from config.office import Office, OfficeSource
from connectors.seal import Sealer
from connectors.sources.base import Deadline, Version
from connectors.staging import Line, Stage
from expectations.frames import RECORD_ID, ROW, VERSION
from flows.engine.normalise import Normalised, Normaliser
from flows.engine.prepared import Prepared, Shelf
from flows.engine.repeats import keys_of
from flows.engine.versions import version_of, versions_of


@dataclass(frozen=True, slots=True)
class Prepass:
    """What pass one learned of the whole source."""

    shelf: Shelf
    lines: tuple[Line, ...]
    # stream -> greatest change time that is not in the future: a row dated 2099 must
    # not move the watermark past rows that are still to come
    newest: dict[str, datetime]
    # stream -> greatest values of its version columns
    highest: dict[str, Version]

    def keys(self) -> Iterator[pl.DataFrame]:
        """The keys of every batch, read again at each call."""
        return (self.shelf.keys(n) for n in range(len(self.lines)))


def normalisers(source: OfficeSource, sealer: Sealer) -> dict[str, Normaliser]:
    """One fresh normaliser a stream."""
    return {
        stream.name: Normaliser(source, stream.name, sealer.source_id_tokens)
        for stream in source.spec.streams
    }


def prepare_all(
    office: Office,
    stage: Stage,
    sealer: Sealer,
    readers: dict[str, Normaliser],
    started_at: datetime,
    deadline: Deadline,
) -> Prepass:
    """Normalise and fingerprint each staged batch and shelve it."""
    # A stream that gave no row has told its columns to the gate, and is done with.
    lines = tuple(line for line in stage.lines() if line.rows)
    shelf = Shelf(stage, spill=len(lines) > 1)
    newest: dict[str, datetime] = {}
    highest: dict[str, Version] = {}
    for seq, line in enumerate(lines):
        raw, reader = stage.batch(line), readers[line.stream]
        versions = versions_of(raw.frame, reader.version)
        prepared = _prepared(office, seq, reader.batch(raw), versions, sealer)
        shelf.put(prepared)
        times = prepared.keys["changed_at"]
        latest = times.filter(times <= started_at).max()
        if isinstance(latest, datetime):
            newest[line.stream] = max(latest, newest.get(line.stream, latest))
        if versions is not None and isinstance(top := versions.max(), str):
            highest[line.stream] = max(
                version_of(top), highest.get(line.stream, version_of(top))
            )
        deadline.check(f"{office.stem}: normalising {line.stream}")
    return Prepass(shelf, lines, newest, highest)


def _prepared(
    office: Office,
    seq: int,
    normal: Normalised,
    versions: pl.Series | None,
    sealer: Sealer,
) -> Prepared:
    frames = {
        record_type: sealer.fingerprint(
            record_type, _with_version(_with_org(office, frame), versions)
        )
        for record_type, frame in normal.frames.items()
    }
    return Prepared(
        seq,
        frames,
        normal.findings,
        normal.filtered.with_columns(subject=RECORD_ID),
        normal.rejected.with_columns(subject=RECORD_ID),
        normal.withdrawn,
        normal.standing,
        keys_of(seq, frames.values()),
    )


def _with_org(office: Office, frame: pl.DataFrame) -> pl.DataFrame:
    """The office file's own code where the source does not say one."""
    org_code = office.table.org_code
    if org_code is None:
        return frame
    return frame.with_columns(org_code=pl.coalesce("org_code", pl.lit(org_code)))


def _with_version(frame: pl.DataFrame, versions: pl.Series | None) -> pl.DataFrame:
    if versions is None:
        return frame
    return frame.with_columns(versions.gather(frame[ROW]).alias(VERSION))
