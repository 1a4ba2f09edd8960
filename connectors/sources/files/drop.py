"""Which files of a drop folder are read, and in which order."""

import errno
import fnmatch
import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.errors import KntcError, SourceError, TransientError
from connectors.sources.files.spec import FilesStream

# A lock file of Office, and what copying programs call a file before it is whole.
UNFINISHED = re.compile(
    r"^(~\$|\.)|\.(part|partial|tmp|crdownload|download|filepart|!ut|opdownload)$",
    re.IGNORECASE,
)


# What may bear a register's name and is none; opening a pipe would wait for ever.
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read; `name` is its path below the drop folder, as locators say it."""

    path: Path
    name: str


def found(where: str, folder: Path, read: FilesStream, now: float) -> list[Found]:
    """The files that fit the preset's glob, by name; letter case does not matter.

    Raises SourceError when there is none (but in drop mode, where a night without a
    delivery is ordinary) and for what bears such a name and is no file; TransientError
    when one was written a moment ago or is gone again.
    """
    try:
        fitting = _fitting(where, folder, read.glob)
    except OSError as error:
        inner = os.path.relpath(str(error.filename or folder), folder)
        raise unread(f"{where}: folder {inner} of the drop folder", error) from None
    waits = [(file, _settles_in(_state(where, file), read, now)) for file in fitting]
    settled = [file for file, wait in waits if wait == 0]
    if read.mode == "drop":
        # In the order in which they came; one that is still arriving comes tomorrow.
        return sorted(settled, key=lambda file: (_written_at(file), file.name))
    for file, wait in waits:
        if wait:
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


def unread(place: str, error: OSError) -> KntcError:
    """Our error for one of the share's; what is gone since it was listed may return."""
    if isinstance(error, FileNotFoundError):
        return TransientError(
            f"{place} was there and is gone: it is being replaced, or the share is "
            "lost; it is read again at the next try. Check the share"
        )
    return SourceError(
        f"{place} cannot be read ({type(error).__name__}, errno {error.errno}); check "
        "the share and the file's permissions"
    )


def _fitting(where: str, folder: Path, glob: str) -> list[Found]:
    if not folder.is_dir():
        raise SourceError(
            f"{where}: the drop folder is not there; expected the folder "
            "that files.folder of the office file names. Check the share is mounted, "
            "then kntc sync --failed"
        )
    files = [
        Found(path, path.relative_to(folder).as_posix())
        for path in dict.fromkeys(_paths(folder, _level(glob).split("/")))
        if not UNFINISHED.search(path.name)
    ]
    return sorted(files, key=lambda file: file.name)


def _paths(folder: Path, parts: Sequence[str]) -> Iterator[Path]:
    """What fits a glob's parts. Path.glob passes over folders that it may not read."""
    first, *rest = parts
    if first == "**" and rest:
        yield from _paths(folder, rest)
        rest = [first, *rest]
    for path in folder.iterdir():
        if not fnmatch.fnmatchcase(_level(path.name), first):
            continue
        if not rest:
            # A glob of no name at all (`*`) means the files.
            if first.strip("*.") or not path.is_dir():
                yield path
        elif path.is_dir() and not (first == "**" and path.is_symlink()):
            yield from _paths(path, rest)


def _level(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _state(where: str, file: Found) -> os.stat_result:
    """The file's state; raises for what is no file, which is never opened."""
    try:
        state = file.path.stat()
        what = next((what for is_one, what in _KINDS if is_one(state.st_mode)), "")
        if stat.S_ISREG(state.st_mode):
            return state
    except OSError as error:
        is_dead = isinstance(error, FileNotFoundError) and file.path.is_symlink()
        if not is_dead and error.errno != errno.ELOOP:
            raise unread(f"{where}: {file.name}", error) from None
        what = "a symbolic link to nothing" if is_dead else "a symbolic link to itself"
    raise SourceError(
        f"{where}: {file.name} is {what or 'no ordinary file'}, expected a file; a "
        "register is not passed over. Remove it from the drop folder, or ask for the "
        "file itself"
    )


def _settles_in(state: os.stat_result, read: FilesStream, now: float) -> float:
    """Seconds until the file has settled; one from the future tells nothing (a share
    whose clock is ahead)."""
    if not read.settle_s:
        return 0
    age = now - state.st_mtime
    return read.settle_s - age if -read.settle_s < age < read.settle_s else 0


def _written_at(file: Found) -> int:
    try:
        return file.path.stat().st_mtime_ns
    except OSError:
        return 0  # gone since; said when it is opened
