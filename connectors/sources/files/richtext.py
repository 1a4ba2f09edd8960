"""The text of a workbook's cell and the legacy encoding its fonts give away."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from connectors.legacy.fonts import encoding_of_font

# A run's legacy encoding (None: an ordinary font, "": the cell's own font) and text.
Run: TypeAlias = tuple[str | None, str]
CELL_FONT = ""
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@lru_cache(maxsize=4096)
def encoding_of(font: str | None) -> str | None:
    """The legacy encoding that a font draws, or None."""
    return encoding_of_font(font) if font else None


def encoding_of_runs(runs: Iterable[Run], cell: str | None) -> str | None:
    """The one legacy encoding of a cell drawn in several fonts, or None.

    Runs of ASCII alone read the same in each font. Where legacy runs stand beside
    Vietnamese in an ordinary font no single encoding is true of the cell.
    """
    found = {cell if own == CELL_FONT else own for own, text in runs if _tells(text)}
    if found == {"tcvn3", "tcvn3_capitals"}:
        return "tcvn3"
    return found.pop() if len(found) == 1 else None


def _tells(text: str) -> bool:
    return not text.isascii()


def unescaped(text: str) -> str:
    """A string of OOXML without its escapes (`_x000D_`; ECMA-376 22.9.2.19)."""
    if "_x" not in text:
        return text
    whole = _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text)
    return whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@dataclass(slots=True)
class StringItem:
    """Gathers one OOXML string (`si` or `is`): runs joined, phonetic guides left out.

    `buffer` is where the parser's text goes.
    """

    buffer: list[str]
    parts: list[str] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    has_fonts: bool = False
    _font: str | None = CELL_FONT
    _is_phonetic: bool = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element inside the string opens."""
        if tag == "t":
            self.buffer.clear()
        elif tag == "r":
            self._font = CELL_FONT
        elif tag == "rPh":
            self._is_phonetic = True
        elif tag == "rFont":
            self._font = encoding_of(attributes.get("val"))
            self.has_fonts = True

    def end(self, tag: str) -> None:
        """An element inside the string closes."""
        if tag == "rPh":
            self._is_phonetic = False
        elif tag == "t" and not self._is_phonetic:
            text = unescaped("".join(self.buffer))
            self.parts.append(text)
            self.runs.append((self._font, text))

    def text(self) -> str:
        """The whole string."""
        return "".join(self.parts)
