"""Which files of a drop folder are read, and in which order."""

import fnmatch
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from connectors.errors import SourceError, TransientError
from connectors.sources.spec_files import FilesStream

# A lock file of Office, and what copying programs call a file before it is whole.
UNFINISHED = re.compile(
    r"^(~\$|\.)|\.(part|partial|tmp|crdownload|download|filepart|!ut|opdownload)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read; `name` is its path below the drop folder, as locators say it."""

    path: Path
    name: str


def found(where: str, folder: Path, read: FilesStream, now: float) -> list[Found]:
    """The files that fit the preset's glob, by name; letter case does not matter.

    Raises SourceError when there is none (but in drop mode, where a night without a
    delivery is ordinary), TransientError when one was written a moment ago.
    """
    if not folder.is_dir():
        raise SourceError(
            f"{where}: the drop folder is not there; expected the folder that "
            "files.folder of the office file names. Check the share is mounted, then "
            "kntc sync --failed"
        )
    fitting = sorted(_fitting(folder, read.glob), key=lambda file: file.name)
    settled = [file for file in fitting if _settles_in(file, read, now) == 0]
    if read.mode == "drop":
        return settled  # one that is still arriving is delivered tomorrow
    for file in fitting:
        if wait := _settles_in(file, read, now):
            raise TransientError(
                f"{where}: {file.name} was written less than {read.settle_s:.0f} s ago "
                "(settle_s) and may not be whole; it is read again at the next try",
                wait,
            )
    if not settled:
        raise SourceError(
            f"{where}: no file matches {read.glob} in the drop folder; a register that "
            "vanished is not an empty register. Ask the office for its export"
        )
    return settled


def _fitting(folder: Path, glob: str) -> list[Found]:
    """Letter case and Unicode form are levelled in names, not in folders of a glob."""
    is_deep = "/" in glob
    paths = folder.glob(glob) if is_deep else folder.iterdir()
    wanted = _level(glob)
    return [
        Found(path, path.relative_to(folder).as_posix())
        for path in paths
        if (is_deep or fnmatch.fnmatchcase(_level(path.name), wanted))
        and not UNFINISHED.search(path.name)
        and path.is_file()
    ]


def _level(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _settles_in(file: Found, read: FilesStream, now: float) -> float:
    """Seconds until the file has settled; one from the future tells nothing (a share
    whose clock is ahead)."""
    if not read.settle_s:
        return 0
    age = now - file.path.stat().st_mtime
    return read.settle_s - age if -read.settle_s < age < read.settle_s else 0
