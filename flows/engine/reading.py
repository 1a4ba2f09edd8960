"""Extract and stage: a whole source onto disk before anything is loaded."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import polars as pl

from config.office import OfficeSource
from config.preset import StreamMap
from connectors.national.deliveries import Known
from connectors.national.ledger import Watermark
from connectors.sources.base import (
    Bound,
    Deadline,
    FilesAt,
    FilesStream,
    RawBatch,
    SourceSpec,
    Stream,
    Version,
)
from connectors.sources.registry import open_source
from connectors.staging import Stage, open_stage, prune
from expectations.frames import ROW
from flows.engine.context import Night

KEEP_STAGES = 3  # readings of a source kept on disk for looking at what it said


@dataclass(frozen=True, slots=True)
class Window:
    """What was asked of one stream: since inclusive, until exclusive."""

    stream: Stream
    since: Bound | None
    until: datetime | None
    chosen: bool = False  # by the operator, not by the watermark
    # False for deliveries: what was taken before is not read again
    is_register: bool = True

    @property
    def is_full(self) -> bool:
        """True when the stream was asked for all it has."""
        return self.since is None and self.until is None and self.is_register


@dataclass(frozen=True, slots=True)
class Reading:
    """A complete stage and what was asked to fill it."""

    stage: Stage
    windows: tuple[Window, ...]

    @property
    def is_full(self) -> bool:
        """True when every stream was read whole."""
        return all(window.is_full for window in self.windows)


def windows(
    night: Night, source: OfficeSource, marks: dict[str, Watermark]
) -> tuple[Window, ...]:
    """Each stream's window: the operator's, else from its watermark less the overlap.

    A stream without a cursor or version is always read whole.
    """
    return tuple(
        _window(night, source, stream, marks.get(stream.name))
        for stream in source.spec.streams
    )


def _window(
    night: Night, source: OfficeSource, stream: Stream, mark: Watermark | None
) -> Window:
    # A register is read whole even when its rows tell when they changed.
    if isinstance(stream.read, FilesStream):
        return Window(stream, None, None, is_register=stream.read.mode == "snapshot")
    asked = source.stream(stream.name)
    if night.full or not (asked.cursor or asked.version):
        return Window(stream, None, None)
    if night.since is not None or night.until is not None:
        # Versions bear no dates: such a stream is read whole.
        dates = (None, None) if asked.version else (night.since, night.until)
        return Window(stream, *dates, chosen=True)
    if mark is None or _is_full_due(night, source, mark):
        return Window(stream, None, None)
    if asked.version:
        return Window(stream, _from_version(mark.high_version, asked), None)
    if mark.high_at is None:
        return Window(stream, None, None)
    return Window(stream, mark.high_at - timedelta(days=source.overlap_days), None)


def _from_version(high: Version | None, asked: StreamMap) -> Version | None:
    """The lower bound: the greatest version less the overlap, in its last part."""
    if high is None or len(high) != len(asked.version):
        return None
    return (*high[:-1], high[-1] - asked.version_overlap)


def _is_full_due(night: Night, source: OfficeSource, mark: Watermark) -> bool:
    """Whether it is time for a whole reading: it finds what a cursor cannot (late
    commits, deletions, changes without a time)."""
    if mark.full_on is None:
        return True
    return night.night_on - mark.full_on >= timedelta(source.full_every_days)


def gathered(batches: Iterable[RawBatch], rows: int) -> Iterator[RawBatch]:
    """Neighbouring small batches of the same columns as one, up to `rows` rows.

    A register kept as a file a month would else cost a transaction a month.
    """
    waiting: list[RawBatch] = []
    for batch in batches:
        height = sum(held.frame.height for held in waiting)
        same = bool(waiting) and waiting[0].frame.columns == batch.frame.columns
        if waiting and (not same or height + batch.frame.height > rows):
            yield _merged(waiting)
            waiting = []
        waiting.append(batch)
    if waiting:
        yield _merged(waiting)


def _merged(batches: list[RawBatch]) -> RawBatch:
    whole = pl.concat([batch.frame for batch in batches])
    numbered = pl.int_range(whole.height, dtype=pl.UInt32).alias(ROW)
    files = tuple(file for batch in batches for file in batch.files)
    return RawBatch(batches[0].stream, whole.with_columns(numbered), files)


def read_source(
    night: Night,
    source: OfficeSource,
    marks: dict[str, Watermark],
    known: Mapping[str, Sequence[Known]],
    name: str,
    deadline: Deadline,
) -> Reading:
    """Stage a whole source. Raises what Source.extract raises; a part is removed.

    `name` is the stage's, of which there must be none. `known`: the files read before,
    by stream. A full reading reads no delivery again: an older one would undo what a
    later one said.
    """
    spec = source.spec
    root = night.settings.staging_dir
    prune(root, spec.province, spec.system, KEEP_STAGES - 1)
    stage = open_stage(root, spec.province, spec.system, name, night.staging_key)
    asked = windows(night, source, marks)
    try:
        _fill(stage, source, asked, known, deadline)
    except BaseException:
        stage.remove()
        raise
    return Reading(stage, asked)


def _fill(
    stage: Stage,
    source: OfficeSource,
    asked: tuple[Window, ...],
    known: Mapping[str, Sequence[Known]],
    deadline: Deadline,
) -> None:
    spec = source.spec
    for window in asked:
        reader = open_source(_having_taken(spec, known.get(window.stream.name, ())))
        batches = reader.extract(window.stream, window.since, window.until, deadline)
        for batch in gathered(batches, spec.batch_rows):
            stage.add(batch)
            deadline.check(f"{spec.province}: reading {window.stream.name}")
    stage.complete()


def _having_taken(spec: SourceSpec, known: Sequence[Known]) -> SourceSpec:
    """The source, told which files of a stream it has delivered before."""
    if not isinstance(spec.at, FilesAt):
        return spec
    taken = {f.sha256: f.name if f.is_newest else "" for f in known}
    return replace(spec, at=replace(spec.at, taken=taken))
