"""Registers in a drop folder: their files into batches, each file known by its hash."""

import io
import os
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from time import time
from typing import BinaryIO, TypeAlias

import polars as pl

from connectors.errors import DeadlineError, SourceError, TransientError
from connectors.sources.base import (
    Bound,
    Deadline,
    FileRead,
    FilesAt,
    FilesStream,
    RawBatch,
    SourceSpec,
    Stream,
)
from connectors.sources.files import archive, delimited, drop, workbook
from connectors.sources.files.batches import rebatch
from connectors.sources.files.forms import Form, form_of
from connectors.sources.files.hashed import Hashed, sha256_of

State: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class FilesSource:
    """Reads the files of one folder, in the order of their names."""

    spec: SourceSpec
    now: Callable[[], float] = time

    def extract(
        self,
        stream: Stream,
        since: Bound | None,  # noqa: ARG002 - a file has no cursor: all of it is read
        until: datetime | None,  # noqa: ARG002
        deadline: Deadline,
    ) -> Iterator[RawBatch]:
        """See `Source.extract`; each file's batches carry that file's columns.

        The last batch of a file carries its FileRead. Bytes that were read before under
        another name (in drop mode also on another night) give a batch without rows.
        In drop mode a reading ends with the first file that is new: each delivery is
        loaded before the next is read. One that cannot be read lets the later ones
        pass and is said when none of them is new.
        """
        at, read = self.spec.at, stream.read
        assert isinstance(at, FilesAt)
        assert isinstance(read, FilesStream)
        where = f"{self.spec.province}: {stream.name}"
        reading = _Reading(where, stream.name, read, at, self.spec.batch_rows, deadline)
        broken: SourceError | None = None
        for found in drop.found(where, at.folder, read, self.now()):
            new = False
            try:
                for batch in reading.file(found):
                    new = new or batch.frame.height > 0 or not _is_again(batch)
                    yield batch
            except SourceError as error:
                if read.mode != "drop" or new or isinstance(error, DeadlineError):
                    raise
                broken = broken or error
            if new and read.mode == "drop":
                return
        if broken is not None:
            raise broken


@dataclass(frozen=True, slots=True)
class _Member:
    """One register: a file, or a file of an archive."""

    name: str
    file: BinaryIO
    size: int
    is_packed: bool
    check: Callable[[], None]  # raises TransientError when the file has changed
    state: State = (0, 0, 0)  # of the file, or of its archive


@dataclass(frozen=True, slots=True)
class _Reading:
    """One reading of one stream; `seen` and `sizes` are of the files read so far."""

    where: str
    stream: str
    read: FilesStream
    at: FilesAt
    batch_rows: int
    deadline: Deadline
    seen: dict[str, str] = field(default_factory=dict)
    sizes: set[int] = field(default_factory=set)

    def file(self, found: drop.Found) -> Iterator[RawBatch]:
        """One file of the folder: a register, or an archive of registers."""
        place = f"{self.where}: {found.name}"
        self.deadline.check(place)
        try:
            with found.path.open("rb") as file:
                before = _state(os.fstat(file.fileno()))

                def check() -> None:
                    if _state(found.path.stat()) != before:
                        raise _changed(place)

                if self._is_archive(found.name, file):
                    yield from self._archive(found.name, file, check, before)
                else:
                    one = _Member(found.name, file, before[0], False, check, before)
                    yield from self._register(one)
        except OSError as error:
            raise drop.unread(place, error) from None

    def _is_archive(self, name: str, file: BinaryIO) -> bool:
        may_be = name.casefold().endswith(".zip") or self.read.member is not None
        return may_be and form_of(file) is Form.ARCHIVE

    def _archive(
        self, name: str, file: BinaryIO, check: Callable[[], None], state: State
    ) -> Iterator[RawBatch]:
        place = f"{self.where}: {name}"
        limit = self.at.max_mib
        with archive.broken_is_said(place):
            package = zipfile.ZipFile(file)
        archive.check_size(place, file, limit)
        for member, info in archive.members(place, package, self.read, limit):
            inner = f"{name}/{member}"
            with (
                archive.broken_is_said(f"{self.where}: {inner}"),
                archive.opened(f"{self.where}: {inner}", package, info) as packed,
            ):
                one = _Member(inner, packed, info.file_size, True, check, state)
                yield from self._register(one)

    def _register(self, member: _Member) -> Iterator[RawBatch]:
        """The batches of one register, unless its bytes were read before."""
        place = f"{self.where}: {member.name}"
        is_drop = self.read.mode == "drop"
        is_text = self.read.format == "csv"
        file = member.file
        if not is_text:
            workbook.check_size(place, member.size, self.at.max_mib)
            file = io.BytesIO(file.read()) if member.is_packed else file
        if is_text and not is_drop and member.size not in self.sizes:
            reader = Hashed(file)
            frames = self._frames(place, member.name, file, reader)
            yield from self._batches(
                member, frames, lambda: reader.finish(place, self.deadline)
            )
            return
        known = (str(self.at.folder), member.name, member.size, *member.state)
        digest = self.at.digests.get(known, "")
        if not digest:
            digest = sha256_of(place, file, self.deadline)
            self.at.digests[known] = digest
        former = self.seen.get(digest) or (
            self.at.taken.get(digest) if is_drop else None
        )
        if former == member.name:
            return
        frames = self._frames(place, member.name, file, file)
        if former is not None:
            first = next(rebatch([next(frames).clear()], self.batch_rows))
            again = FileRead(member.name, digest, member.size, 0, is_taken=True)
            member.check()
            yield RawBatch(self.stream, first, (again,))
            return
        yield from self._batches(member, frames, lambda: digest)

    def _frames(
        self, place: str, name: str, file: BinaryIO, reader: "BinaryIO | Hashed"
    ) -> Iterator[pl.DataFrame]:
        if self.read.format == "csv":
            _check_text(place, form_of(file))
            return delimited.frames(place, name, reader, self.read, self.deadline)
        limit = self.at.max_mib
        return workbook.frames(place, name, file, self.read, limit, self.deadline)

    def _batches(
        self,
        member: _Member,
        frames: Iterator[pl.DataFrame],
        digest: Callable[[], str],
    ) -> Iterator[RawBatch]:
        """All batches; the last waits until the file is known not to have changed."""
        last: pl.DataFrame | None = None
        rows = 0
        for frame in rebatch(frames, self.batch_rows):
            if last is not None:
                yield RawBatch(self.stream, last)
                self.deadline.check(f"{self.where}: {member.name}")
            last, rows = frame, rows + frame.height
        sha256 = digest()
        member.check()
        self.seen[sha256] = member.name
        self.sizes.add(member.size)
        assert last is not None  # a reader's first frame says the columns
        read = FileRead(member.name, sha256, member.size, rows)
        yield RawBatch(self.stream, last, (read,))


def _is_again(batch: RawBatch) -> bool:
    return bool(batch.files) and all(file.is_taken for file in batch.files)


def _check_text(place: str, form: Form) -> None:
    """Raise SourceError for what is no text; HTML may stand in a cell of one column."""
    if form in (Form.TEXT, Form.UNKNOWN, Form.HTML, Form.SYLK, Form.MHTML):
        return
    raise SourceError(
        f"{place} is {form}, whatever its name says; expected delimited text. Set "
        "format in the preset's stream, or ask for the usual export"
    )


def _state(stat: os.stat_result) -> State:
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


def _changed(place: str) -> TransientError:
    return TransientError(
        f"{place} changed while it was read: it is still being written; it is read "
        "again at the next try"
    )
