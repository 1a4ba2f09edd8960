"""A peeked file into a proposal: of a register in files, or of an API's answer."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from connectors.errors import SourceError
from connectors.sources.peek.peeking import Peeked
from connectors.sources.peek.spelling import repaired
from flows.engine.discover import folding, report_forms
from flows.engine.discover.answers import propose_answer
from flows.engine.discover.evidence import Seen, seen
from flows.engine.discover.layout import Column, Table, table_of
from flows.engine.discover.proposal import Line, Proposal, Toml
from flows.engine.discover.proposing import Sample, propose
from flows.engine.discover.shapes import PERSON

FOOTER_SIGNS = re.compile(r"([\\.^$|?*+()\[\]{}])")
NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
# Years, dates and running numbers; not the 01 of TCD01.
CHANGING = re.compile(r"(?<![^_. -])[0-9]+(?:[_.-][0-9]+)*(?![^_. -])|[0-9]{4,}")


def discover(
    peeked: Peeked, product: str | None = None, wanted: str | None = None
) -> Proposal:
    """The preset that a file suggests; raises SourceError when it holds no table."""
    name = product or product_of(peeked.name)
    if peeked.format == "json":
        return propose_answer(peeked.name, peeked.document, name, wanted)
    table, alike = _table(peeked)
    titles = (*table.titles, table.sheet or "", PurePosixPath(peeked.name).stem)
    forms = report_forms.form_columns(table, titles) if wanted in (None, FORM) else None
    names = forms or tuple(column.name for column in table.columns)
    sample = Sample(
        tuple(_seen(table, names)),
        titles,
        _preset(peeked, name, table),
        _stream(peeked, table, alike, forms),
        is_workbook=peeked.format != "csv",
        notes=tuple(_notes(peeked, table)),
    )
    return propose(sample, FORM if forms else wanted)


FORM = "periodic_report"


def product_of(file_name: str) -> str:
    """A product's name out of a file's: letters, digits and `_`."""
    stem = folding.plain(PurePosixPath(file_name).stem)
    words = [w for w in re.split(r"[^a-z0-9]+", stem) if w and not w.isdigit()]
    return re.sub(r"_?[0-9]{4,}", "", "_".join(words))[:40].strip("_") or "san_pham"


def _table(peeked: Peeked) -> tuple[Table, list[str]]:
    """The sheet that looks most like a register, and the sheets of the same shape."""
    tables = [table for grid in peeked.grids if (table := table_of(grid)) is not None]
    if not tables:
        raise SourceError(
            f"{peeked.name} holds no table: no row looks like a header over columns. "
            "Give an export with a header row"
        )
    best = max(tables, key=lambda t: (t.header_score, t.row_count))
    names = [column.name for column in best.columns]
    alike = [
        table.sheet or ""
        for table in tables
        if [column.name for column in table.columns] == names
    ]
    return best, alike


def _seen(table: Table, names: Sequence[str]) -> list[Seen]:
    found = []
    for column, name in zip(table.columns, names, strict=True):
        renamed = Column(
            name,
            column.cells,
            column.font,
            column.is_merged_down,
            column.heading,
            column.lower,
        )
        found.append(seen(renamed))
    return found


def _preset(peeked: Peeked, name: str, table: Table) -> dict[str, Line]:
    told = [t for t in table.titles if len(t) < 120 and not any(c.isdigit() for c in t)]
    told = [next((text for _, text in repaired(t)), t) for t in told]
    told = [t for t in told if not PERSON.search(t) and ":" not in t]
    title = told[0] if told else PurePosixPath(peeked.name).stem
    return {
        "product": Line(name, "the name of this file, without .toml"),
        "title": Line(title),
        "kind": Line("files"),
    }


def _stream(
    peeked: Peeked, table: Table, alike: list[str], forms: tuple[str, ...] | None
) -> dict[str, Line]:
    stream = {
        "name": Line("so"),
        "glob": Line(glob_of(peeked.name), "the files' names, with * for what changes"),
        "format": Line(peeked.format),
    }
    if peeked.member is not None:
        stream["member"] = Line(glob_of(peeked.member), "the file inside the archive")
    if peeked.format == "csv":
        stream["delimiter"] = Line(peeked.delimiter)
        stream["encoding"] = Line(str(peeked.encoding), _encoding_note(peeked))
    if len(peeked.grids) > 1 and table.sheet is not None:
        stream["sheet"] = Line(*_sheet(table.sheet, alike))
    height = table.skip_rows + table.header_rows
    given = forms or (
        () if table.has_names else tuple(column.name for column in table.columns)
    )
    if given:
        names: list[Toml] = list(given)
        stream["skip_rows"] = Line(height, "titles and header: the names stand below")
        stream["header_rows"] = Line(0)
        stream["columns"] = Line(names, _given_note(table, forms is not None))
    else:
        if table.skip_rows:
            stream["skip_rows"] = Line(table.skip_rows, "rows above the header")
        note = "merged cells are joined with “ / ”" if table.header_rows > 1 else ""
        stream["header_rows"] = Line(table.header_rows, note)
    if footer := _footer(table, peeked.encoding):
        stream["footer"] = Line(footer, "rows from here on are no records")
    if down := _fill_down(table, given):
        stream["fill_down"] = Line(down, "merged cells: a blank takes what is above")
    return stream


def _given_note(table: Table, is_form: bool) -> str:
    if is_form:
        return "a form's columns by their numbers"
    if table.twice:
        return f"told apart: {', '.join(table.twice)} stands over several columns"
    return "the file names no columns: give them names"


def glob_of(name: str) -> str:
    """A pattern for the files of later months: digits may change."""
    path = PurePosixPath(name)
    stem = CHANGING.sub("*", path.stem)
    return re.sub(r"[?\[\]]", "*", stem) + path.suffix


def _encoding_note(peeked: Peeked) -> str:
    share = peeked.encoding_share
    if share is None:
        return "no Vietnamese letter stands there to judge by"
    return f"{share:.2f} of the words with signs are Vietnamese so"


def _sheet(name: str, alike: list[str]) -> tuple[str, str]:
    """The sheet's name, or a pattern for sheets that have the same columns."""
    if len(alike) < 2:
        return name, "of several sheets the one that looks like a register"
    start = _common(alike)
    return f"{start}*", f"{len(alike)} sheets have these columns"


def _common(names: Sequence[str]) -> str:
    start = names[0]
    for name in names[1:]:
        while not name.startswith(start):
            start = start[:-1]
    return start


def _footer(table: Table, encoding: str | None) -> str | None:
    words = sorted({word for _, word in table.footers if word})
    if not words:
        return None
    escaped = [FOOTER_SIGNS.sub(r"\\\1", word) for word in words]
    if encoding == "cp1258":  # its letters and tones stand apart in the cells
        escaped = [NOT_ASCII.sub(".{1,2}", word) for word in escaped]
    return f"(?i)^({'|'.join(escaped)})"


def _fill_down(table: Table, given: Sequence[str]) -> list[Toml]:
    if given:
        return []
    down: list[Toml] = [c.name for c in table.columns if c.is_merged_down]
    return down


def _notes(peeked: Peeked, table: Table) -> list[str]:
    notes = []
    if table.twice:
        notes.append("two columns have one name; the preset tells them apart")
    if not table.has_names and not table.twice:
        notes.append("no header row was found: every column is undecided")
    fonts = sorted({column.font for column in table.columns if column.font})
    if fonts:
        notes.append(
            f"cells are drawn in old fonts ({', '.join(fonts)}); they are repaired "
            "cell by cell, and code maps hold the repaired words"
        )
    if not table.row_count:
        notes.append("the sample has no rows: only the header was judged")
    whole = peeked.grids[0].row_count
    if whole is None or whole > table.row_count + 100:
        notes.append(f"judged by the first {table.row_count} rows")
    return notes
