"""The shared strings of an XLSX, kept as one block of UTF-8: a table of a million
Python strings would need four times the memory."""

from array import array
from dataclasses import dataclass, field

from connectors.errors import SourceError
from connectors.sources.files.packed import MAX_CELL, MIB, Handlers, Parts
from connectors.sources.files.richtext import Run, StringItem

# Of the unpacked limit, what may be shared strings: they stand in memory.
MAX_SHARE = 0.4


@dataclass(slots=True)
class Texts:
    """The strings by their number; `runs` of those that are drawn in several fonts."""

    block: bytearray = field(default_factory=bytearray)
    ends: "array[int]" = field(default_factory=lambda: array("Q"))
    runs: dict[int, tuple[Run, ...]] = field(default_factory=dict)

    def add(self, item: StringItem) -> None:
        """Append a string."""
        if item.has_fonts:
            self.runs[len(self.ends)] = tuple(item.runs)
        self.block += item.text().encode("utf-8", "replace")
        self.ends.append(len(self.block))

    def __getitem__(self, at: int) -> str:
        """The string with that number; raises IndexError."""
        if at < 0:
            raise IndexError
        start = self.ends[at - 1] if at else 0
        return self.block[start : self.ends[at]].decode()


def shared_texts(parts: Parts, name: str | None, max_bytes: float) -> Texts:
    """All shared strings of a workbook; none where it has no such part."""
    texts = Texts()
    if name is None:
        return texts
    if parts.has(name) and parts.size(name) > max_bytes:
        raise SourceError(
            f"{parts.place} holds {parts.size(name) / MIB:.0f} MiB of text, which is "
            f"kept in memory; the limit is {max_bytes / MIB:.0f} MiB. Ask for CSV, or "
            "raise files.max_mib"
        )
    buffer: list[str] = []
    item: StringItem | None = None

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal item
        if tag == "si":
            item = StringItem(buffer)
        elif item is not None:
            item.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal item
        if item is None:
            return
        if tag == "si":
            texts.add(item)
            item = None
            buffer.clear()
        else:
            item.end(tag)

    for _ in parts.parse(name, Handlers(start, end, buffer.append)):
        check_cell(parts, buffer)
    return texts


def check_cell(parts: Parts, buffer: list[str]) -> None:
    """Raise SourceError when a cell's text has grown beyond any cell."""
    if sum(map(len, buffer)) > MAX_CELL:
        raise SourceError(
            f"{parts.place} has a cell of more than {MAX_CELL // MIB} MiB of text; no "
            "register has one. Ask for a new export"
        )
