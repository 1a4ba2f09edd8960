"""A sample file as it is, whatever it is: its cells as text, bounded in size.

For `kntc provinces discover`, which must look before a preset says how to read.
"""

import json
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from connectors.errors import SourceError
from connectors.sources.files.forms import Form, form_of
from connectors.sources.peek import book as peek_book
from connectors.sources.peek import delimited as peek_text
from connectors.sources.peek.grid import Grid

MIB = 1 << 20
MAX_MIB = 256  # of a workbook, a JSON document or an archive's member
TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods", ".json", ".ndjson")
MARKUP = (b"<?xml", b"<!doctype", b"{\\rtf")


@dataclass(frozen=True, slots=True)
class Peeked:
    """What a file turned out to be; `document` is what a JSON file holds."""

    name: str
    format: str  # csv, xlsx, xls, ods, json
    grids: tuple[Grid, ...] = ()
    encoding: str | None = None
    encoding_share: float | None = None  # of words that it makes Vietnamese of
    delimiter: str = ","
    member: str | None = None  # the file's name inside the archive that was given
    document: object = None


def peek(path: Path, max_rows: int = 5000) -> Peeked:
    """What the file holds; raises SourceError when it is no table."""
    if not path.is_file():
        raise SourceError(
            f"{path.name}: there is no such file; give the path of a sample"
        )
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip(b"\0 \r\n\t"):
        raise SourceError(f"{path.name} is empty; ask the office for a filled export")
    with path.open("rb") as file:
        form = form_of(file)
    if form in peek_book.FORMATS:
        return _book(path, form, max_rows)
    if form is Form.ARCHIVE:
        return _zipped(path, max_rows)
    _refuse_documents(path.name, form, head)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start in (b"{", b"["):
        return Peeked(path.name, "json", document=_document(path))
    return _text(path, max_rows)


def _zipped(path: Path, max_rows: int) -> Peeked:
    try:
        with zipfile.ZipFile(path) as parts, _member(path, parts) as (name, member):
            return replace(peek(member, max_rows), name=path.name, member=name)
    except (zipfile.BadZipFile, NotImplementedError):
        raise SourceError(
            f"{path.name} is a damaged or unfinished archive or workbook; ask for it "
            "again"
        ) from None
    except RuntimeError:  # how zipfile says that a password is needed
        raise SourceError(
            f"{path.name} asks for a password; ask for the export without one"
        ) from None


@contextmanager
def _member(path: Path, parts: zipfile.ZipFile) -> Iterator[tuple[str, Path]]:
    infos = [i for i in parts.infolist() if _is_table(i.filename)]
    if not infos:
        raise SourceError(
            f"{path.name} holds no table (looked for {', '.join(TABLES)}); give the "
            "sample itself"
        )
    # The largest is the register; beside it stands a note on how to read it.
    chosen = min(infos, key=lambda info: (-info.file_size, info.filename))
    if chosen.file_size > MAX_MIB * MIB:
        raise SourceError(
            f"{path.name}: its file has {chosen.file_size / MIB:.0f} MiB unpacked; "
            f"the limit of a sample is {MAX_MIB}: cut one of some thousand rows"
        )
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"member{PurePosixPath(chosen.filename).suffix}"
        with parts.open(chosen) as packed, target.open("wb") as plain:
            left = MAX_MIB * MIB
            while left > 0 and (block := packed.read(min(MIB, left))):
                plain.write(block)
                left -= len(block)
        yield PurePosixPath(chosen.filename).name, target


def _is_table(name: str) -> bool:
    path = PurePosixPath(name)
    hidden = path.name.startswith((".", "~")) or "__MACOSX" in path.parts
    return path.suffix.lower() in TABLES and not hidden


def _refuse_documents(name: str, form: Form, head: bytes) -> None:
    if head.startswith(b"PK"):
        raise SourceError(
            f"{name} is a damaged or unfinished archive or workbook; ask for it again"
        )
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    is_other = form not in (Form.TEXT, Form.UNKNOWN) or start.startswith(MARKUP)
    if is_other:
        what = form if form is not Form.TEXT else "a page of marks"
        raise SourceError(
            f"{name} is {what}, no table that can be read; open it in Excel, save it "
            "as .xlsx and give that"
        )


def _book(path: Path, form: Form, max_rows: int) -> Peeked:
    grids = peek_book.grids(path, form, max_rows, MAX_MIB)
    return Peeked(path.name, peek_book.FORMATS[form], grids)


def _text(path: Path, max_rows: int) -> Peeked:
    found = peek_text.read(path, max_rows)
    return Peeked(
        path.name,
        "csv",
        (found.grid,),
        encoding=found.encoding,
        encoding_share=found.share,
        delimiter=found.delimiter,
    )


def _document(path: Path) -> object:
    if path.stat().st_size > MAX_MIB * MIB:
        raise SourceError(
            f"{path.name} has more than {MAX_MIB} MiB; give one page of the answer"
        )
    text = path.read_bytes().decode("utf-8-sig", "replace")
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError:
        raise SourceError(
            f"{path.name} begins like JSON and is neither JSON nor a JSON document a "
            "line; save the API's answer whole"
        ) from None
