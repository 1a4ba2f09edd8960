"""Extract and stage: a whole source onto disk before anything is loaded."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import polars as pl

from config.office import OfficeSource
from connectors.national.ledger import Watermark
from connectors.sources.base import Deadline, RawBatch, Stream
from connectors.sources.registry import open_source
from connectors.staging import Stage, open_stage, prune
from expectations.frames import ROW
from flows.engine.context import Night

KEEP_STAGES = 3  # readings of a source kept on disk for looking at what it said


@dataclass(frozen=True, slots=True)
class Window:
    """What was asked of one stream; aware UTC, since inclusive, until exclusive."""

    stream: Stream
    since: datetime | None
    until: datetime | None
    chosen: bool = False  # by the operator, not by the watermark

    @property
    def is_full(self) -> bool:
        """True when the stream was asked for all it has."""
        return self.since is None and self.until is None


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

    A stream without a cursor is always read whole.
    """
    return tuple(
        _window(night, source, stream, marks) for stream in source.spec.streams
    )


def _window(
    night: Night, source: OfficeSource, stream: Stream, marks: dict[str, Watermark]
) -> Window:
    # A register is read whole even when its rows tell when they changed.
    if source.spec.kind == "files" or source.stream(stream.name).cursor is None:
        return Window(stream, None, None)
    if night.since is not None or night.until is not None:
        return Window(stream, night.since, night.until, chosen=True)
    mark = marks.get(stream.name)
    if mark is None or mark.high_at is None or _is_full_due(night, source, mark):
        return Window(stream, None, None)
    return Window(stream, mark.high_at - timedelta(days=source.overlap_days), None)


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
    waiting: list[pl.DataFrame] = []
    stream = ""
    for batch in batches:
        height = sum(frame.height for frame in waiting)
        same = bool(waiting) and waiting[0].columns == batch.frame.columns
        if waiting and (not same or height + batch.frame.height > rows):
            yield _merged(stream, waiting)
            waiting = []
        stream = batch.stream
        waiting.append(batch.frame)
    if waiting:
        yield _merged(stream, waiting)


def _merged(stream: str, frames: list[pl.DataFrame]) -> RawBatch:
    whole = pl.concat(frames)
    numbered = pl.int_range(whole.height, dtype=pl.UInt32).alias(ROW)
    return RawBatch(stream, whole.with_columns(numbered))


def read_source(
    night: Night,
    source: OfficeSource,
    marks: dict[str, Watermark],
    deadline: Deadline,
) -> Reading:
    """Stage a whole source. Raises what Source.extract raises; a part is removed."""
    spec = source.spec
    root = night.settings.staging_dir
    prune(root, spec.province, spec.system, KEEP_STAGES - 1)
    name = f"{night.run}-{uuid4().hex[:6]}"
    stage = open_stage(root, spec.province, spec.system, name, night.staging_key)
    asked = windows(night, source, marks)
    try:
        _fill(stage, source, asked, deadline)
    except BaseException:
        stage.remove()
        raise
    return Reading(stage, asked)


def _fill(
    stage: Stage, source: OfficeSource, asked: tuple[Window, ...], deadline: Deadline
) -> None:
    spec = source.spec
    reader = open_source(spec)
    for window in asked:
        batches = reader.extract(window.stream, window.since, window.until, deadline)
        for batch in gathered(batches, spec.batch_rows):
            stage.add(batch)
            deadline.check(f"{spec.province}: reading {window.stream.name}")
    stage.complete()
