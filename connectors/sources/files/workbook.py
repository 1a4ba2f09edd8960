"""The register inside a workbook: which form it is, and which of its sheets."""

import fnmatch
import unicodedata
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import polars as pl

from connectors.errors import SourceError
from connectors.sources.base import Deadline
from connectors.sources.files import html_table, ods, sheets, xls, xlsx
from connectors.sources.files.forms import Form, form_of
from connectors.sources.files.header import check_patterns
from connectors.sources.files.packed import MIB, DamagedError, Parts
from connectors.sources.files.sheets import Sheet
from connectors.sources.files.spec import FilesStream


def frames(
    place: str,
    name: str,
    file: BinaryIO,
    read: FilesStream,
    max_mib: int,
    deadline: Deadline,
) -> Iterator[pl.DataFrame]:
    """The frames of a workbook's sheets, as sheets.frames makes them.

    The size is the caller's to check. A file's content decides what form it is: `.xls`
    is what many systems call a page of HTML, and what people call an .xlsx. Raises
    SourceError.
    """
    check_patterns(place, read)
    form = form_of(file)
    try:
        found = _sheets(place, file, form, read, max_mib, deadline)
        for sheet in _chosen(place, found, read.sheet):
            yield from sheets.frames(place, name, sheet, read)
    except DamagedError:
        raise SourceError(
            f"{place} is not a whole .{read.format} workbook (a part is missing or "
            f"damaged); open it in Excel, save it as .{read.format} and put it back"
        ) from None


def check_size(place: str, size: int, max_mib: int) -> None:
    """Raise SourceError for a workbook above the office's limit."""
    if size > max_mib * MIB:
        raise SourceError(
            f"{place} has {size / MIB:.1f} MiB; the limit is {max_mib} MiB. A register "
            "is not so large: ask for a new export, for CSV, or raise files.max_mib"
        )


def _sheets(
    place: str,
    file: BinaryIO,
    form: Form,
    read: FilesStream,
    max_mib: int,
    deadline: Deadline,
) -> Sequence[Sheet]:
    if form is Form.XLSX:
        return xlsx.sheets(Parts.open(place, file, max_mib, deadline), max_mib)
    if form is Form.ODS:
        return ods.sheets(Parts.open(place, file, max_mib, deadline))
    if form is Form.OLE:
        _check_password(place, file)
        encoding = None if read.encoding == "utf-8-sig" else read.encoding
        return xls.sheets(place, file, encoding)
    if form is Form.HTML:
        return html_table.sheets(place, file, read.encoding, deadline)
    raise _wrong_form(place, form, read)


def _wrong_form(
    place: str, form: Form, read: FilesStream
) -> SourceError | DamagedError:
    if form is Form.UNKNOWN or form is Form.ARCHIVE:
        return DamagedError()
    if form is Form.TEXT:
        cure = 'set format = "csv" with its delimiter and encoding in the preset\'s '
        return SourceError(
            f"{place} is {form}, whatever its name says; expected a .{read.format} "
            f"workbook. Either {cure}stream, or ask for a real workbook"
        )
    return SourceError(
        f"{place} is {form}, whatever its name says; expected a .{read.format} "
        f"workbook. Open it in Excel, save it as .{read.format} and put it back"
    )


def _check_password(place: str, file: BinaryIO) -> None:
    """A workbook of Excel 2007 or later with a password is an OLE file around it."""
    mark = "EncryptedPackage".encode("utf-16-le")
    held = b""
    found = False
    while not found and (block := file.read(MIB)):
        held = held[-len(mark) :] + block
        found = mark in held
    file.seek(0)
    if found:
        raise xls.has_password(place)


def _chosen(place: str, found: Sequence[Sheet], wanted: str | None) -> list[Sheet]:
    """The sheets that are read, in the workbook's order."""
    if not found:
        raise DamagedError
    listed = ", ".join(sheet.name for sheet in found)
    if wanted is None:
        filled = found if len(found) == 1 else _filled(found)
        if len(filled) > 1:
            raise SourceError(
                f"{place} has {len(filled)} sheets with rows ({listed}); name one as "
                "sheet in the preset's stream, or give a pattern for several"
            )
        return list(filled or found[:1])
    exact = [sheet for sheet in found if _level(sheet.name) == _level(wanted)]
    fitting = exact or [
        s for s in found if fnmatch.fnmatchcase(_level(s.name), _level(wanted))
    ]
    if not fitting:
        raise SourceError(
            f"{place} has no sheet {wanted} (found: {listed}); mend sheet in the "
            "preset's stream or ask for the usual export"
        )
    # Of several, one that is still blank (Quý 4 in spring) is no register yet.
    return (_filled(fitting) or fitting[:1]) if len(fitting) > 1 else fitting


def _filled(found: Sequence[Sheet]) -> list[Sheet]:
    return [sheet for sheet in found if next(sheet.rows(), None) is not None]


def _level(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold()
