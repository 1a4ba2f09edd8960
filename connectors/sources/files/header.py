"""Where a file's header stands, and column names out of its rows."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from connectors.errors import SourceError
from connectors.sources.files.spec import FilesStream

SEARCHED_ROWS = 200  # titles are short; a header further down is another table's


def column_names(place: str, rows: Sequence[Sequence[str | None]]) -> list[str]:
    """Column names out of the header's rows, joined with " / " from top to bottom.

    Outer blanks go, inner blanks and line breaks become one blank, text becomes NFC,
    empty and repeated parts are left out; a blank header is "column N" (from 1). Raises
    SourceError when two names are one after folding: a value would overwrite another.
    """
    width = max((len(row) for row in rows), default=0)
    names = [_column_name(rows, column) for column in range(width)]
    seen: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        first = seen.setdefault(name.casefold(), position)
        if first != position:
            raise SourceError(
                f"{place}: columns {first} and {position} have the same name after "
                "blanks, letter case and Unicode form are levelled; each column needs "
                "a name of its own. Rename one in the file"
            )
    return names


def _column_name(rows: Sequence[Sequence[str | None]], column: int) -> str:
    parts: list[str] = []
    for row in rows:
        part = level(row[column] if column < len(row) else None)
        if part and part not in parts:
            parts.append(part)
    return " / ".join(parts) or f"column {column + 1}"


def level(cell: str | None) -> str:
    """A header cell without the differences that nobody sees."""
    return unicodedata.normalize("NFC", " ".join((cell or "").split()))


def is_header(cells: Iterable[str | None], pattern: str) -> bool:
    """True when a cell of the row fits the preset's `header`."""
    texts = pl.Series([level(cell) for cell in cells], dtype=pl.String)
    return bool(texts.str.contains(unicodedata.normalize("NFC", pattern)).any())


def footers(firsts: pl.Series, pattern: str) -> pl.Series:
    """Which rows, by their first cells, fit the preset's `footer`."""
    # cp1258 writes a tone behind its letter: "Cộng" is five signs there.
    levelled = firsts.str.strip_chars().str.normalize("NFC")
    expression = unicodedata.normalize("NFC", pattern)
    return levelled.str.contains(expression).fill_null(False).arg_true()


# Signatures, notes and a total: a foot of more rows is the next part of the register.
MOST_BELOW = 30


def check_below(place: str, count: int) -> None:
    """Raise SourceError when too much stands below the first footer: a subtotal that
    fits the pattern would cut off the rest of a register without a word."""
    if count > MOST_BELOW:
        raise SourceError(
            f"{place}: more than {MOST_BELOW} rows stand below the first row that the "
            "preset's footer fits; they would be lost. Is it a subtotal? Make the "
            "pattern fit the last total only, and take subtotals out with a filter"
        )


def titled(
    place: str, read: FilesStream, texts: Iterable[str | None], columns: Iterable[str]
) -> dict[str, str]:
    """What the preset's `titles` find: group 1 of the first text that fits.

    A column of which nothing is found is left out, as one that the file does not have.
    Raises SourceError when the table below has a column of that name.
    """
    found: dict[str, str] = {}
    levelled = pl.Series([level(text) for text in texts], dtype=pl.String)
    taken = {name.casefold() for name in columns}
    for name, pattern in read.titles.items():
        if name.casefold() in taken:
            raise SourceError(
                f"{place}: titles names a column that the table has itself; give it "
                "another name in the preset's stream"
            )
        expression = unicodedata.normalize("NFC", pattern)
        hits = levelled.str.extract(expression).drop_nulls()
        if hits.len():
            found[name] = str(hits[0])
    return found


def with_titles(frame: pl.DataFrame, titles: Mapping[str, str]) -> pl.DataFrame:
    """The frame with a column for each title, the same in every row."""
    own = [column for column in frame.columns if column.startswith("kntc:")]
    columns = [pl.lit(text, pl.String).alias(name) for name, text in titles.items()]
    return frame.select(pl.exclude(own), *columns, *own) if titles else frame


def no_header(where: str, read: FilesStream, found: str) -> SourceError:
    """What to raise when the header is not where the preset says."""
    if read.header is not None:
        expected = (
            f"a row in which a cell fits header, within the first {SEARCHED_ROWS} rows"
        )
    else:
        expected = f"{read.skip_rows} title rows and {read.header_rows} header rows"
    return SourceError(
        f"{where}: no header; expected {expected}, found {found}. An empty file is not "
        "an empty register: ask for the export again, or mend skip_rows, header and "
        "header_rows in the preset's stream"
    )


def check_patterns(place: str, read: FilesStream) -> None:
    """Raise SourceError for a pattern that is no regular expression."""
    titles = [("titles", pattern) for pattern in read.titles.values()]
    patterns = [("footer", read.footer), ("header", read.header), *titles]
    for key, pattern in patterns:
        try:
            pl.Series([""]).str.contains(pattern or "")
        except pl.exceptions.ComputeError:
            raise SourceError(
                f"{place}: the preset's {key} is not a regular expression; mend it"
            ) from None
