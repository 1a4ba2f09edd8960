"""The products that are files: written once, then the newest file again every night."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from flows.demo.changing import Change
from flows.demo.forms import FORMS, Form
from flows.demo.inventing import Record
from flows.demo.offices import Installation
from flows.demo.planting import Row
from flows.demo.workbook import workbook

Cells = Sequence[str]
# What a register's clerk renamed one night: the header of the newest CSV file.
DRIFTED = {"Kết quả xử lý": "KQ xử lý"}


def write(folder: Path, installation: Installation, rows: Sequence[Row]) -> None:
    """The first estate's files, and the rows of the newest one for later nights."""
    form = FORMS[installation.product]
    drop = drop_folder(folder, installation)
    drop.mkdir(parents=True)
    last = 0
    for year, records in _by_year(form, rows).items():
        lines = [(record.key, form.cells(record)) for record in records]
        _write_file(drop, form, year, [cells for _, cells in lines])
        if year >= last:
            last = year
            _keep(folder, installation, year, lines)


def apply(
    folder: Path,
    installation: Installation,
    changes: Sequence[Change],
    is_drifted: bool = False,
) -> None:
    """Write the newest file again with a night's changes."""
    form = FORMS[installation.product]
    year, lines = _kept(folder, installation)
    gone = {c.record.key for c in changes if c.kind == "deleted"}
    written = {
        c.record.key: form.cells(c.record) for c in changes if c.kind != "deleted"
    }
    after = [
        (key, written.pop(key, cells) if key else cells)
        for key, cells in lines
        if key not in gone
    ]
    after += written.items()
    drop = drop_folder(folder, installation)
    _write_file(drop, form, year, [cells for _, cells in after], is_drifted)
    _keep(folder, installation, year, after)


def drop_folder(folder: Path, installation: Installation) -> Path:
    """Where the installation's files are dropped."""
    return folder / "drop" / installation.system


def _by_year(form: Form, rows: Iterable[Row]) -> dict[int, list[Record]]:
    years: dict[int, list[Record]] = {}
    for row in rows:
        year = row.record.updated_at.year if form.is_yearly else 0
        years.setdefault(year, []).append(row.record)
    return years


def _write_file(
    drop: Path, form: Form, year: int, rows: Sequence[Cells], is_drifted: bool = False
) -> None:
    path = drop / form.file.format(year)
    head = form.head
    if is_drifted:
        head = tuple(tuple(DRIFTED.get(cell, cell) for cell in row) for row in head)
    if path.suffix == ".csv":
        path.write_bytes(_csv([*head, *rows]))
        return
    if form.is_numbered:
        rows = [[str(n), *cells] for n, cells in enumerate(rows, 1)]
    path.write_bytes(workbook(form.sheet, [*head, *rows], form.merged))


def _csv(rows: Sequence[Cells]) -> bytes:
    """Separated by semicolons, as UTF-8 with a byte order mark."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _keep(
    folder: Path,
    installation: Installation,
    year: int,
    lines: Sequence[tuple[str, Cells]],
) -> None:
    path = _kept_path(folder, installation)
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        json.dumps([year, lines], ensure_ascii=False, separators=(",", ":")),
        encoding="utf-8",
    )


def _kept(
    folder: Path, installation: Installation
) -> tuple[int, list[tuple[str, Cells]]]:
    text = _kept_path(folder, installation).read_text(encoding="utf-8")
    year, lines = json.loads(text)
    return int(year), [(str(key), cells) for key, cells in lines]


def _kept_path(folder: Path, installation: Installation) -> Path:
    return folder / "kept" / f"{installation.system}.json"
