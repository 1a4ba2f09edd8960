"""What the files kind is told: a drop folder, and how to read a register in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

# Of workbooks a file's content decides: many an .xls is a page of HTML, or an .xlsx.
Format = Literal["csv", "xlsx", "xls", "ods", "html"]


@dataclass(frozen=True, slots=True)
class FilesStream:
    """How to read one register out of a folder of files."""

    glob: str
    format: Format
    # Inside archives that `glob` finds (*.zip): which of their files are read.
    member: str | None = None
    delimiter: str = ","
    quote: str = '"'  # round cells; empty where a quote is a sign like others
    encoding: str = "utf-8-sig"  # a codec of Python's, or tcvn3, vni, viscii
    # None: the only sheet; several without a name is an error. A pattern (`Quý *`)
    # takes every sheet that fits, in the workbook's order.
    sheet: str | None = None
    skip_rows: int = 0  # title rows above the header
    # The header begins at the first row in which a cell matches; instead of skip_rows.
    header: str | None = None
    header_rows: int = 1  # merged header cells are joined with " / "
    # The names of columns where a file has none (header_rows = 0).
    columns: tuple[str, ...] = ()
    footer: str | None = None  # rows from the first whose first cell matches are cut
    # Columns of what stands above the header, or in the sheet's or the file's name:
    # column -> regular expression, of which group 1 is the same in each row.
    titles: Mapping[str, str] = field(default_factory=dict)
    # snapshot: all files together are the register, read whole each night.
    # drop: each file is a delivery, read once; remembered by its hash.
    mode: Literal["snapshot", "drop"] = "snapshot"
    # A file younger than this many seconds may still be written.
    settle_s: float = 0.0


@dataclass(frozen=True, slots=True)
class FilesAt:
    """A drop folder."""

    folder: Path
    max_mib: int = 64  # a workbook cannot be streamed; CSV has no such limit
    # SHA-256 of files already taken (streams whose mode is drop) -> their name then
    # ("" for bytes that a later delivery of that name has taken the place of)
    taken: Mapping[str, str] = field(default_factory=dict)
    # Hashes of files as they stand, so that one is read once for it in a night.
    digests: dict[tuple[str | int, ...], str] = field(
        default_factory=dict, compare=False
    )
