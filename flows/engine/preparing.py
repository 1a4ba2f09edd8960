"""Pass one over a stage: normalise, fingerprint, and the keys of every batch."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from config.office import Office, OfficeSource
from connectors.seal import Sealer
from connectors.sources.base import Deadline
from connectors.staging import Line, Stage
from expectations.frames import SOURCE_ID
from expectations.records import record_ids
from flows.engine.normalise import Normalised, Normaliser
from flows.engine.prepared import Prepared, Shelf
from flows.engine.repeats import keys_of


@dataclass(frozen=True, slots=True)
class Prepass:
    """What pass one learned of the whole source."""

    shelf: Shelf
    lines: tuple[Line, ...]
    # stream -> greatest change time that is not in the future: a row dated 2099 must
    # not move the watermark past rows that are still to come
    newest: dict[str, datetime]


def normalisers(source: OfficeSource, sealer: Sealer) -> dict[str, Normaliser]:
    """One fresh normaliser a stream."""
    return {
        stream.name: Normaliser(source, stream.name, sealer.source_id_tokens)
        for stream in source.spec.streams
    }


def prepare_all(
    office: Office,
    source: OfficeSource,
    stage: Stage,
    sealer: Sealer,
    readers: dict[str, Normaliser],
    started_at: datetime,
    deadline: Deadline,
) -> Prepass:
    """Normalise and fingerprint each staged batch and shelve it."""
    lines = tuple(stage.lines())
    shelf = Shelf(stage, spill=len(lines) > 1)
    newest: dict[str, datetime] = {}
    for seq, line in enumerate(lines):
        normal = readers[line.stream].batch(stage.batch(line))
        prepared = _prepared(office, source, seq, normal, sealer)
        shelf.put(prepared)
        times = prepared.keys["changed_at"]
        latest = times.filter(times <= started_at).max()
        if isinstance(latest, datetime):
            newest[line.stream] = max(latest, newest.get(line.stream, latest))
        deadline.check(f"{office.stem}: normalising {line.stream}")
    return Prepass(shelf, lines, newest)


def _prepared(
    office: Office, source: OfficeSource, seq: int, normal: Normalised, sealer: Sealer
) -> Prepared:
    frames = {
        record_type: sealer.fingerprint(record_type, _with_org(office, frame))
        for record_type, frame in normal.frames.items()
    }
    return Prepared(
        seq,
        frames,
        normal.findings,
        _with_subject(source, normal.filtered),
        _with_subject(source, normal.rejected),
        keys_of(seq, frames.values()),
    )


def _with_org(office: Office, frame: pl.DataFrame) -> pl.DataFrame:
    """The office file's own code where the source does not say one."""
    org_code = office.table.org_code
    if org_code is None:
        return frame
    return frame.with_columns(org_code=pl.coalesce("org_code", pl.lit(org_code)))


def _with_subject(source: OfficeSource, aside: pl.DataFrame) -> pl.DataFrame:
    """The record id a set-aside row would have had, where its key could be read."""
    subjects = [
        record_ids(source.spec.system, record_type, [source_id])[0]
        if record_type and source_id
        else None
        for record_type, source_id in aside.select("record_type", SOURCE_ID).rows()
    ]
    return aside.with_columns(subject=pl.Series(subjects, dtype=pl.String))
