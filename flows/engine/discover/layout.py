"""Where the table stands in a sheet: titles, header rows, body, footer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from connectors.sources.peek.grid import Grid, Merge
from flows.engine.discover import shapes
from flows.engine.discover.headers import named

SEARCHED_ROWS = 40
MAX_HEADER_ROWS = 6
SURE = 0.6  # a header that names a field at least so surely
INDEX = re.compile(r"^\(?(?:[0-9]{1,3}|[A-Z]|[IVX]{1,4})\)?$|^[0-9]+ ?=[0-9+=,. -]+$")
FOOTER = re.compile(
    r"^(?:tổng(?: cộng| số)?|cộng|người lập|thủ trưởng|giám đốc|kế toán|người báo cáo|"
    r"xác nhận|nơi nhận|lập biểu|ghi chú|ngày ?[.…0-9]+ ?tháng|total|grand total)\b"
    r"(?!.{40})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the body: its name as the reader gives it, its cells as text."""

    name: str
    cells: list[str]
    font: str | None = None
    is_merged_down: bool = False
    heading: str = ""  # the upper cell of a merged header
    lower: str = ""  # the lower one


@dataclass(frozen=True, slots=True)
class Table:
    """A table in a sheet, and what a preset must say to read it."""

    columns: tuple[Column, ...]
    row_count: int
    skip_rows: int
    header_rows: int
    has_names: bool = True  # False: the preset gives the names
    twice: tuple[str, ...] = ()  # names that stood over two columns
    footers: tuple[
        tuple[int, str], ...
    ] = ()  # column from 0 -> the word it begins with
    titles: tuple[str, ...] = ()
    sheet: str | None = None
    header_score: float = 0.0


def table_of(grid: Grid) -> Table | None:
    """The table in a grid, or None when nothing there looks like one."""
    found = max(
        (_candidate(grid, row) for row in range(min(len(grid.rows), SEARCHED_ROWS))),
        key=lambda c: c[0],
        default=(0.0, 0, 0, []),
    )
    score, top, height, cells = found
    if not cells or _looks_like_data(cells):
        return _without_header(grid)
    return _table(grid, top, height, cells, score)


def _candidate(grid: Grid, top: int) -> tuple[float, int, int, list[list[str]]]:
    """How much the rows from `top` on look like a header, and its rows spread out."""
    filled = [cell for cell in grid.rows[top] if cell.strip()]
    if len(filled) < 2:
        return (0.0, top, 0, [])
    height = _height(grid, top)
    cells = _spread(grid, range(top, top + height))
    names = joined(cells)
    told = [name for name in names if name]
    score = sum(_worth(name) for name in told) + 0.1 * len(set(told))
    score -= sum(
        shapes.is_data(c) or len(c) > 120 or bool(shapes.PERSON.search(c.strip()))
        for c in filled
    )
    body = grid.rows[top + height : top + height + 5]
    if not any(any(c.strip() for c in row) for row in body):
        score *= 0.8
    return (score, top, height, cells)


def _worth(name: str) -> float:
    found = named(name)
    return found[0].confidence if found and found[0].confidence >= SURE else 0.0


def _height(grid: Grid, top: int) -> int:
    bottom = top
    while grown := _merged_bottom(grid.merges, top, bottom) - bottom:
        bottom += grown
    if bottom == top and not _merged_in(grid.merges, top):
        bottom += _uncovered_rows(grid, top)
    while bottom + 1 < len(grid.rows) and _is_index(grid.rows[bottom + 1]):
        bottom += 1
    return min(bottom - top + 1, MAX_HEADER_ROWS)


def _merged_bottom(merges: Sequence[Merge], top: int, bottom: int) -> int:
    """The lowest row that merges beginning in these rows reach, a row under a spread
    heading included."""
    lowest = bottom
    for first, left, last, right in merges:
        if top <= first <= bottom and last - top < MAX_HEADER_ROWS:
            is_wide = right > left
            lowest = max(lowest, last + 1 if is_wide and last == bottom else last)
    wide = max((r - lft for f, lft, _, r in merges if top <= f <= bottom), default=0)
    return lowest if wide or lowest > bottom else bottom


def _merged_in(merges: Sequence[Merge], row: int) -> bool:
    return any(first <= row <= last for first, _, last, _ in merges)


def _uncovered_rows(grid: Grid, top: int) -> int:
    """Rows below that fill the gaps of a header whose merges nobody knows (CSV)."""
    upper = grid.rows[top]
    gaps = {i for i, cell in enumerate(upper) if not cell.strip()}
    rows = 0
    while gaps and top + rows + 1 < len(grid.rows) and rows < 2:
        lower = grid.rows[top + rows + 1]
        filled = {i for i, cell in enumerate(lower) if cell.strip()}
        is_under = filled & gaps and len(filled - gaps) <= len(filled & gaps)
        is_text = not any(
            shapes.is_data(lower[i]) or lower[i].isdigit() for i in filled
        )
        if not is_under or not is_text or len(filled) >= len(upper) - len(gaps) + 2:
            break
        if not all(i in gaps or (i + 1) in gaps for i in filled):
            break
        gaps -= filled
        rows += 1
    return rows


def _is_index(row: Sequence[str]) -> bool:
    """A row that numbers the columns: (1), (2) or 1, 2, 3=1+2."""
    filled = [cell.strip() for cell in row if cell.strip()]
    if len(filled) < 3:
        return False
    numbers = [cell for cell in filled if INDEX.match(cell)]
    firsts = [re.sub(r"\D.*", "", n.strip("()")) for n in numbers]
    counted = [int(first) for first in firsts if first]
    # Data may hold small numbers too, but does not count upwards with the columns.
    rising = sum(a < b for a, b in pairwise(counted))
    is_rising = len(counted) > 2 and rising >= 0.9 * (len(counted) - 1)
    is_start = bool(counted) and counted[0] <= 2 and counted[-1] - counted[0] < 400
    return is_rising and is_start and len(numbers) >= 0.8 * len(filled)


def _spread(grid: Grid, rows: range) -> list[list[str]]:
    """Header rows with merged cells written into all that they cover."""
    width = max((len(row) for row in grid.rows[rows.start : rows.stop + 20]), default=0)
    cells = [
        [*grid.rows[r], *[""] * (width - len(grid.rows[r]))][:width]
        for r in rows
        if r < len(grid.rows)
    ]
    for first, left, last, right in grid.merges:
        if first not in rows or first >= rows.start + len(cells):
            continue
        text = cells[first - rows.start][left] if left < width else ""
        if not text.strip():
            continue
        if last >= rows.start + len(cells) - 1:
            right = left  # as the reader: nothing below would tell the others apart
        for row in range(first, min(last, rows.stop - 1) + 1):
            for column in range(left, min(right, width - 1) + 1):
                cells[row - rows.start][column] = text
    return cells


def joined(cells: Sequence[Sequence[str]]) -> list[str]:
    """Names as the reader joins them; blank where it would say "column N"."""
    width = max((len(row) for row in cells), default=0)
    names = []
    for column in range(width):
        parts: list[str] = []
        for row in cells:
            part = shapes.level(row[column] if column < len(row) else "")
            if part and part not in parts:
                parts.append(part)
        names.append(" / ".join(parts))
    return names


def _looks_like_data(cells: list[list[str]]) -> bool:
    """True for a first row that holds values: its cells must not become names."""
    filled = [cell.strip() for cell in cells[0] if cell.strip()]
    told = [name for name in joined(cells) if _worth(name)]
    same = [c for c in filled if shapes.is_data(c) or shapes.PERSON.search(c)]
    if len(same) >= max(1, len(told)):
        return True
    numbers = [cell for cell in filled if cell.isdigit()]
    return not told and len(same) + len(numbers) >= max(1, 0.25 * len(filled))


def _without_header(grid: Grid) -> Table | None:
    width = max((len(row) for row in grid.rows), default=0)
    rows = [row for row in grid.rows if sum(bool(c.strip()) for c in row) > 1]
    if width < 2 or not rows:
        return None
    top = grid.rows.index(rows[0])
    names = [[f"cột {n}" for n in range(1, width + 1)]]
    table = _table(grid, top - 1, 1, names, 0.0)
    return Table(table.columns, table.row_count, top, 0, False, sheet=grid.sheet)


def _table(
    grid: Grid, top: int, height: int, cells: list[list[str]], score: float
) -> Table:
    body = grid.rows[top + height :]
    footers = _last_only(_footers([*body[-60:], *grid.tail]), [*body, *grid.tail])
    body = _above(body, footers)
    rows = [row for row in body if any(c.strip() for c in row) and not _is_footer(row)]
    names = joined(cells)
    has_cells = [
        bool(name) or any(n < len(r) and r[n].strip() for r in rows)
        for n, name in enumerate(names)
    ]
    unique, twice = told_apart(names)
    fonts = dict(grid.fonts)
    columns = tuple(
        Column(
            unique[n],
            [row[n].strip() if n < len(row) else "" for row in rows],
            fonts.get(n),
            _is_merged_down(grid.merges, n, top + height),
            shapes.level(cells[0][n]),
            _lowest([row[n] for row in cells]),
        )
        for n in range(len(names))
        if has_cells[n]
    )
    titles = [c.strip() for row in grid.rows[: max(top, 0)] for c in row if c.strip()]
    return Table(
        columns,
        len(rows),
        max(top, 0),
        height,
        not twice,
        twice,
        footers,
        tuple(titles),
        grid.sheet,
        score,
    )


def _lowest(cells: Sequence[str]) -> str:
    """The lowest cell of a header that is not the column's number."""
    told = [shapes.level(c) for c in cells if c.strip() and not INDEX.match(c.strip())]
    return told[-1] if told else ""


def told_apart(names: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """Names that differ, and those that did not: the reader refuses two alike."""
    seen: dict[str, int] = {}
    unique, twice = [], []
    for number, name in enumerate(names, 1):
        text = name or f"column {number}"
        count = seen[text.casefold()] = seen.get(text.casefold(), 0) + 1
        if count > 1:
            twice.append(text)
        unique.append(text if count == 1 else f"{text} ({count})")
    return unique, tuple(twice)


def _is_merged_down(merges: Sequence[Merge], column: int, body: int) -> bool:
    return any(
        first >= body and last > first and left <= column <= right
        for first, left, last, right in merges
    )


def _is_footer(row: Sequence[str]) -> bool:
    filled = [cell for cell in row if cell.strip()]
    few = len(filled) <= max(2, len(row) // 3)
    return bool(filled) and (few or _begins(row)) and bool(FOOTER.match(filled[0]))


def _begins(row: Sequence[str]) -> bool:
    """A total may fill its row; the place and day of a signature stand alone, while a
    full row that begins with a day is a record."""
    return any(
        FOOTER.match(cell.strip()) and not cell.strip().casefold().startswith("ngày")
        for cell in row[:2]
    )


def _footers(rows: Sequence[Sequence[str]]) -> tuple[tuple[int, str], ...]:
    return tuple(dict.fromkeys(_footer(row) for row in rows if _is_footer(row)))


def _footer(row: Sequence[str]) -> tuple[int, str]:
    """Where the first cell of a footer stands, and the word it begins with."""
    column = next(i for i, cell in enumerate(row) if cell.strip())
    match = FOOTER.match(row[column].strip())
    assert match is not None
    return column, re.sub(r"[.…0-9]+.*", "", match[0]).strip()


def _above(
    body: list[list[str]], footers: tuple[tuple[int, str], ...]
) -> list[list[str]]:
    """The rows above the first footer, as the reader takes them: who kept the register
    and who signs stand below it, in columns that are not theirs."""
    for number, row in enumerate(body):
        if _is_footer(row) and _footer(row) in footers:
            is_first = not any(
                cell.strip() for above in body[:number] for cell in above
            )
            return body if is_first else body[:number]
    return body


# Fewer than the reader lets stand below a footer.
_BELOW = 25


def _last_only(
    footers: tuple[tuple[int, str], ...], rows: Sequence[Sequence[str]]
) -> tuple[tuple[int, str], ...]:
    """The words with which no row begins that stands far above the end: a subtotal is
    no footer."""
    firsts = [next((c.strip() for c in row if c.strip()), "") for row in rows]
    above = [first.casefold() for first in firsts if first][:-_BELOW]
    return tuple(
        (column, word)
        for column, word in footers
        if not any(first.startswith(word.casefold()) for first in above)
    )
