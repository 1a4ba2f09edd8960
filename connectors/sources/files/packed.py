"""The XML parts of a packed workbook (XLSX, ODS), streamed and bounded."""

import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.parsers import expat

from connectors.errors import SourceError
from connectors.sources.base import Deadline

MIB = 1 << 20
BLOCK = 256 << 10
# A sheet's XML packs about 10:1, a sparse one 20:1; far more is a bomb.
MAX_UNPACKED = 20
# Excel's cell ends at 32,767 characters; what is longer by far is no cell.
MAX_CELL = 16 << 20
# What zipfile says of damaged parts; of encrypted and oddly packed ones RuntimeError.
DAMAGES = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError)
BROKEN = (*DAMAGES, RuntimeError)
Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]


class DamagedError(Exception):
    """A part is missing or broken; said with the file's name where it is known."""


@dataclass(slots=True)
class Handlers:
    """What the parser calls; the names come without their prefix."""

    start: Start
    end: End
    text: Callable[[str], None] = field(default=lambda _text: None)


@dataclass(frozen=True, slots=True)
class Parts:
    """An opened package. Raises SourceError when it unpacks to too much."""

    place: str
    zip: zipfile.ZipFile
    named: dict[str, zipfile.ZipInfo]  # by the levelled name: see _level
    deadline: Deadline

    @classmethod
    def open(
        cls, place: str, file: BinaryIO, max_mib: int, deadline: Deadline
    ) -> "Parts":
        """The package; sizes are those of its directory, which zipfile enforces."""
        try:
            package = zipfile.ZipFile(file)
        except (*BROKEN, ValueError):
            raise DamagedError from None
        unpacked = sum(part.file_size for part in package.infolist())
        if unpacked > max_mib * MAX_UNPACKED * MIB:
            raise SourceError(
                f"{place} has {unpacked / MIB:.0f} MiB unpacked; the limit is "
                f"{max_mib * MAX_UNPACKED} MiB ({MAX_UNPACKED} times max_mib). A "
                "register is not so large: ask for a new export, for CSV, or raise "
                "files.max_mib"
            )
        named = {_level(part.filename): part for part in package.infolist()}
        return cls(place, package, named, deadline)

    def has(self, name: str) -> bool:
        """True when the part is there."""
        return _level(name) in self.named

    def size(self, name: str) -> int:
        """Unpacked bytes of a part that is there."""
        return self.named[_level(name)].file_size

    def blocks(self, name: str) -> Iterator[bytes]:
        """A part's bytes; raises DamagedError."""
        try:
            with self.zip.open(self.named[_level(name)]) as part:
                while block := part.read(BLOCK):
                    self.deadline.check(self.place)
                    yield block
        except (*BROKEN, KeyError):
            raise DamagedError from None

    def parse(self, name: str, handlers: Handlers) -> Iterator[None]:
        """Feed a part to the handlers, giving way after each block.

        Raises DamagedError, also for what a handler could not make sense of.
        """
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse_doctype

        def root(tag: str, attributes: dict[str, str]) -> None:
            bare = ":" in tag
            start = _bare_start(handlers.start) if bare else handlers.start
            parser.StartElementHandler = start
            end = _bare_end(handlers.end) if bare else handlers.end
            parser.EndElementHandler = end
            parser.StartElementHandler(tag, attributes)

        parser.StartElementHandler = root
        parser.CharacterDataHandler = handlers.text
        try:
            for block in self.blocks(name):
                parser.Parse(block, False)
                yield
            parser.Parse(b"", True)
        except (expat.ExpatError, ValueError, OverflowError, LookupError):
            raise DamagedError from None
        yield

    def _refuse_doctype(self, *_: object) -> None:
        raise SourceError(
            f"{self.place} declares XML entities, which no spreadsheet program does: "
            "it is not read. Ask for a new export"
        )


def _level(name: str) -> str:
    """Part names are equal in any letter case (ECMA-376-2 6.3.5); some packers write
    them with backslashes."""
    return name.replace("\\", "/").lower()


def _bare_start(start: Start) -> Start:
    return lambda tag, attributes: start(tag.rpartition(":")[2], attributes)


def _bare_end(end: End) -> End:
    return lambda tag: end(tag.rpartition(":")[2])
