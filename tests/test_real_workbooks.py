"""The real TCVN3 and VNI workbooks: each cell's font tells its encoding."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.legacy.recognise import by_font
from connectors.sources.base import Deadline, FilesAt, FilesStream, SourceSpec, Stream
from connectors.sources.files.reader import FilesSource
from expectations.frames import FONTS

DATA = Path(__file__).parents[2] / "shared" / "data" / "encodings" / "real"
BOOKS = sorted(DATA.glob("*.xls"))
VIETNAMESE = re.compile(r"[^\W\d_]*[^\W\d_a-zA-Z][^\W\d_]*")

pytestmark = pytest.mark.real


def cells(book: Path) -> Iterator[tuple[str, str | None]]:
    """Each cell's text, as far as a font tells repaired, and the font's encoding."""
    columns = tuple(f"c{n}" for n in range(60))
    read = FilesStream(book.name, "xls", sheet="*", header_rows=0, columns=columns)
    spec = SourceSpec("q", "s", "files", FilesAt(DATA), ())
    source = FilesSource(spec)
    stream = Stream("don", read)
    for batch in source.extract(stream, None, None, Deadline.after(60)):
        for row in batch.frame.iter_rows(named=True):
            fonts = json.loads(row.get(FONTS) or "{}")
            for name, text in row.items():
                if text is None or name.startswith("kntc:"):
                    continue
                font = fonts.get(name)
                repair = by_font(text, font) if font else None
                yield (repair.text if repair else text), font


def words(text: str) -> Counter[str]:
    """The words that have a Vietnamese letter, in small letters."""
    plain = unicodedata.normalize("NFC", text).casefold()
    return Counter(VIETNAMESE.findall(plain))


def test_there_are_books() -> None:
    assert len(BOOKS) == 7


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.stem)
def test_cells_repaired_by_their_font_say_what_is_expected(book: Path) -> None:
    expected = words(book.with_name(book.name + ".expected.txt").read_text("utf-8"))
    told = words("\n".join(text for text, font in cells(book) if font))
    # One office drew four cells of its TCVN3 sheet in Arial: no font tells of those.
    untold = sum(len(text.split()) for text, font in cells(book) if not font)
    wrong, missing = told - expected, expected - told
    print(book.name, told.total(), "wrong", wrong, "untold", untold)
    assert told.total() > 10
    assert not wrong
    assert missing.total() <= untold


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.stem)
def test_the_fonts_name_the_encoding_that_the_file_is_in(book: Path) -> None:
    named = Counter(font for text, font in cells(book) if not text.isascii())
    encoding = book.name.partition("__")[0]
    print(book.name, named)
    own = sum(
        count for font, count in named.items() if (font or "")[:5] == encoding[:5]
    )
    assert own >= 0.8 * named.total()
