"""Registers in a drop folder: which files are read, and into what batches."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from connectors.errors import SourceError, TransientError
from connectors.sources import delimited, workbook
from connectors.sources.base import (
    Bound,
    Deadline,
    FilesAt,
    FilesStream,
    RawBatch,
    SourceSpec,
    Stream,
)
from connectors.sources.batches import rebatch

# A lock file of Office, and what copying programs call a file before it is whole.
UNFINISHED = re.compile(r"^(~\$|\.)|\.(part|tmp|crdownload|filepart)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FilesSource:
    """Reads the files of one folder, in the order of their names."""

    spec: SourceSpec

    def extract(
        self,
        stream: Stream,
        since: Bound | None,  # noqa: ARG002 - a file has no cursor: all of it is read
        until: datetime | None,  # noqa: ARG002
        deadline: Deadline,
    ) -> Iterator[RawBatch]:
        """See `Source.extract`; each file's batches carry that file's columns."""
        at, read = self.spec.at, stream.read
        assert isinstance(at, FilesAt)
        assert isinstance(read, FilesStream)
        where = f"{self.spec.province}: {stream.name}"
        for path in _matching(where, at.folder, read.glob):
            deadline.check(f"{where}: {path.name}")
            for frame in _file(where, path, read, at.max_mib, self.spec, deadline):
                yield RawBatch(stream.name, frame)


def _matching(where: str, folder: Path, glob: str) -> list[Path]:
    if not folder.is_dir():
        raise SourceError(
            f"{where}: the drop folder is not there; expected the folder that "
            "files.folder of the office file names. Check the share is mounted, then "
            "kntc sync --failed"
        )
    found = sorted(
        (p for p in folder.glob(glob) if p.is_file() and not UNFINISHED.search(p.name)),
        key=lambda path: path.name,
    )
    if not found:
        raise SourceError(
            f"{where}: no file matches {glob} in the drop folder; a register that "
            "vanished is not an empty register. Ask the office for its export"
        )
    return found


def _file(
    where: str,
    path: Path,
    read: FilesStream,
    max_mib: int,
    spec: SourceSpec,
    deadline: Deadline,
) -> Iterator[pl.DataFrame]:
    """One file's batches; TransientError when it changes while it is read."""
    place = f"{where}: {path.name}"
    try:
        before = _state(path)
        if read.format == "csv":
            frames = delimited.frames(place, path, read, deadline)
        else:
            frames = workbook.frames(place, path, read, max_mib)
        yield from rebatch(frames, spec.batch_rows)
        after = _state(path)
    except OSError as error:
        raise SourceError(
            f"{place} cannot be read ({type(error).__name__}, errno {error.errno}); "
            "check the share and the file's permissions"
        ) from None
    if before != after:
        raise TransientError(
            f"{place} changed while it was read: it is still being written; "
            "it is read again at the next try"
        )


def _state(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ino
