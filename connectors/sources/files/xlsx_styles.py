"""The styles of an XLSX: what each cell style makes of a number, and its font."""

from dataclasses import dataclass, field

from connectors.sources.files.cells import NUMBER, Shown, shown_by
from connectors.sources.files.packed import Handlers, Parts
from connectors.sources.files.richtext import encoding_of


@dataclass(slots=True)
class Styles:
    """By the number a cell names its style with, as text."""

    shown: dict[str, Shown] = field(default_factory=dict)  # those not plain numbers
    fonts: dict[str, str] = field(default_factory=dict)  # those in a legacy font


@dataclass(slots=True)
class _Seen:
    inside: list[str] = field(default_factory=list)
    formats: dict[int, str] = field(default_factory=dict)
    fonts: list[str | None] = field(default_factory=list)
    styles: list[tuple[int, int]] = field(default_factory=list)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        parent = self.inside[-1] if self.inside else ""
        self.inside.append(tag)
        if tag == "numFmt" and parent == "numFmts":
            code = attributes.get("formatCode", "")
            self.formats[_int(attributes.get("numFmtId"))] = code
        elif tag == "font" and parent == "fonts":
            self.fonts.append(None)
        elif tag == "name" and self.inside[-3:-1] == ["fonts", "font"]:
            self.fonts[-1] = attributes.get("val")
        elif tag == "xf" and parent == "cellXfs":
            number = _int(attributes.get("numFmtId"))
            self.styles.append((number, _int(attributes.get("fontId"))))

    def end(self, _tag: str) -> None:
        self.inside.pop()


def styles(parts: Parts, name: str | None) -> Styles:
    """The cell styles of a workbook; none where it has no such part."""
    found = Styles()
    if name is None:
        return found
    seen = _Seen()
    for _ in parts.parse(name, Handlers(seen.start, seen.end)):
        pass
    for at, (number, font) in enumerate(seen.styles):
        shown = shown_by(number, seen.formats.get(number))
        encoding = encoding_of(seen.fonts[font] if font < len(seen.fonts) else None)
        if shown != NUMBER:
            found.shown[str(at)] = shown
        if encoding is not None:
            found.fonts[str(at)] = encoding
    return found


def _int(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0
