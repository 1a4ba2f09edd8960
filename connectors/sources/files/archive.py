"""Registers inside a ZIP archive; nothing of it is ever unpacked to disk."""

import fnmatch
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from connectors.errors import SourceError
from connectors.sources.files.forms import Form, form_of
from connectors.sources.files.packed import DAMAGES, MAX_UNPACKED, MIB
from connectors.sources.files.spec import FilesStream

# What the files of a format are called where the preset names no member.
ENDINGS = {
    "csv": (".csv", ".tsv", ".txt"),
    "xlsx": (".xlsx", ".xlsm"),
    "xls": (".xls",),
    "ods": (".ods",),
    "html": (".html", ".htm", ".xls"),
}
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1


def members(
    place: str, package: zipfile.ZipFile, read: FilesStream, max_mib: int
) -> list[tuple[str, zipfile.ZipInfo]]:
    """The files to read and their names, in the order of these. Raises SourceError."""
    named = [(_name(info), info) for info in package.infolist() if not info.is_dir()]
    chosen = sorted((pair for pair in named if _fits(pair[0], read)), key=_first)
    if not chosen:
        wanted = read.member or " or ".join("*" + e for e in ENDINGS[read.format])
        raise SourceError(
            f"{place} holds {len(named)} files, none of which fits {wanted}; mend "
            "member in the preset's stream or ask for the usual export"
        )
    if any(info.flag_bits & _ENCRYPTED for _, info in chosen):
        raise SourceError(
            f"{place} is an archive with a password; nothing in it is read. Pack it "
            "without a password and put it back"
        )
    size = sum(info.file_size for _, info in chosen)
    if size > max_mib * MAX_UNPACKED * MIB:
        raise SourceError(
            f"{place} unpacks to {size / MIB:.0f} MiB; the limit is "
            f"{max_mib * MAX_UNPACKED} MiB ({MAX_UNPACKED} times max_mib). Put the "
            "files themselves into the folder, or raise files.max_mib"
        )
    return chosen


def _first(pair: tuple[str, zipfile.ZipInfo]) -> str:
    return pair[0]


def _name(info: zipfile.ZipInfo) -> str:
    """A member's name; packers write UTF-8 and forget to say so."""
    name = info.filename
    if not info.flag_bits & _UTF8_NAME:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = info.filename
    return name.replace("\\", "/")


def _fits(name: str, read: FilesStream) -> bool:
    last = name.rpartition("/")[2]
    if last.startswith((".", "~$")) or name.startswith("__MACOSX/"):
        return False
    if read.member is None:
        return last.casefold().endswith(ENDINGS[read.format])
    wanted = read.member.casefold()
    return any(fnmatch.fnmatchcase(n.casefold(), wanted) for n in (name, last))


def check_size(place: str, file: BinaryIO, max_mib: int) -> None:
    """Raise SourceError for an archive above the office's limit."""
    size = file.seek(0, 2)
    if size > max_mib * MIB:
        raise SourceError(
            f"{place} has {size / MIB:.1f} MiB; the limit for an archive is {max_mib} "
            "MiB. Put the files themselves into the folder, or raise files.max_mib"
        )


@contextmanager
def opened(
    place: str, package: zipfile.ZipFile, info: zipfile.ZipInfo
) -> Iterator[BinaryIO]:
    """A member, unpacked as it is read. Raises SourceError for an archive in one."""
    with package.open(info) as member:
        packed = cast(BinaryIO, member)
        if form_of(packed) is Form.ARCHIVE:
            raise SourceError(
                f"{place} is an archive inside an archive, which is not read; unpack "
                "it once and put what is in it into the folder"
            )
        yield packed


@contextmanager
def broken_is_said(place: str) -> Iterator[None]:
    """Turns what zipfile raises into a SourceError that names the archive."""
    try:
        yield
    except NotImplementedError:
        raise SourceError(
            f"{place} is packed in a way that is not read here (expected plain ZIP: "
            "deflate, without AES). Pack it anew and put it back"
        ) from None
    except DAMAGES:
        raise SourceError(
            f"{place} is not a whole ZIP archive: it is cut off or damaged. Pack it "
            "anew and put it back"
        ) from None
