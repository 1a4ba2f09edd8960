"""What large and hostile files cost: peak memory, measured in a process of its own."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import hand_made as made

MIB = 1 << 20
# What the interpreter and Polars take before a file is opened, and some room.
BASE_MIB = 260
CODE = """
import sys
from pathlib import Path
from connectors.errors import SourceError
from connectors.sources.base import *
from connectors.sources.files.reader import FilesSource
folder, glob, form = sys.argv[1:4]
spec = SourceSpec("q", "s", "files", FilesAt(Path(folder)), ())
stream = Stream("don", FilesStream(glob, form))
rows = 0
try:
    for batch in FilesSource(spec).extract(stream, None, None, Deadline.after(300)):
        rows += batch.frame.height
    print(rows)
except SourceError as error:
    print(error)
# Not getrusage: its peak begins with the one of the process that forked this one.
print(int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) // 1024)
"""


def outcome(folder: Path, glob: str, form: str) -> tuple[str, int]:
    """What reading the folder ended in, and its peak memory in MiB."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(folder), glob, form],
        capture_output=True,
        text=True,
        check=True,
    )
    said, peak = done.stdout.strip().rsplit("\n", 1)
    return said, int(peak)


def pack(path: Path, found: dict[str, str], big: str, blocks: Iterator[bytes]) -> None:
    """A package in which one part is written block by block."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        for name, part in found.items():
            if name != big:
                out.writestr(name, part)
        with out.open(big, "w", force_zip64=True) as part_of:
            for block in blocks:
                part_of.write(block)


ROWS = 900_000
SHEET = "xl/worksheets/sheet1.xml"
HEAD = f'<worksheet xmlns="{made.MAIN}"><sheetData>'
FIRST = f'<row r="1"><c r="A1" {made.text("a")}</c></row>'


def bomb(inner: bytes, mib: int) -> Iterator[bytes]:
    yield (HEAD + FIRST).encode()
    block = inner * (MIB // len(inner))
    for _ in range(mib):
        yield block
    yield b"</sheetData></worksheet>"


def test_a_zip_bomb_ends_in_an_error_before_it_is_unpacked(tmp_path: Path) -> None:
    found = made.parts({"Sổ": ""})
    row = b'<row><c t="n"><v>1</v></c></row>'
    pack(tmp_path / "so.xlsx", found, SHEET, bomb(row, 1300))
    assert (tmp_path / "so.xlsx").stat().st_size < 20 * MIB
    said, peak = outcome(tmp_path, "*.xlsx", "xlsx")
    assert "MiB unpacked; the limit is 1280 MiB" in said
    assert peak < BASE_MIB


def test_one_cell_of_hundreds_of_megabytes_ends_in_an_error(tmp_path: Path) -> None:
    def blocks() -> Iterator[bytes]:
        yield f"{HEAD}{FIRST}<row><c t='inlineStr'><is><t>".encode()
        for _ in range(500):
            yield b"x" * MIB

    pack(tmp_path / "so.xlsx", made.parts({"Sổ": ""}), SHEET, blocks())
    said, peak = outcome(tmp_path, "*.xlsx", "xlsx")
    assert "a cell of more than 16 MiB" in said
    assert peak < BASE_MIB


def test_half_a_gigabyte_of_shared_strings_ends_in_an_error(tmp_path: Path) -> None:
    found = made.parts({"Sổ": made.sheet(FIRST)}, shared="")

    def blocks() -> Iterator[bytes]:
        yield f'<sst xmlns="{made.MAIN}">'.encode()
        for _ in range(520):
            yield b"<si><t>x</t></si>" * (MIB // 17)
        yield b"</sst>"

    pack(tmp_path / "so.xlsx", found, "xl/sharedStrings.xml", blocks())
    said, peak = outcome(tmp_path, "*.xlsx", "xlsx")
    assert "MiB of text, which is kept in memory; the limit is 512 MiB" in said
    assert peak < BASE_MIB


def test_an_archive_that_unpacks_to_gigabytes_ends_in_an_error(tmp_path: Path) -> None:
    blocks = (b"1,2\n" * (MIB // 4) for _ in range(1300))
    pack(tmp_path / "so.zip", {}, "don.csv", blocks)
    said, peak = outcome(tmp_path, "*.zip", "csv")
    assert "unpacks to 1300 MiB; the limit is 1280 MiB" in said
    assert peak < BASE_MIB


def test_a_workbook_over_the_cap_is_not_opened(tmp_path: Path) -> None:
    with (tmp_path / "so.xlsx").open("wb") as file:
        file.truncate(2 << 30)  # 2 GB on paper, nothing on disk
    said, peak = outcome(tmp_path, "*.xlsx", "xlsx")
    assert "has 2048.0 MiB; the limit is 64 MiB" in said
    assert peak < BASE_MIB


def test_trap_46_a_workbook_near_the_cap_is_streamed(tmp_path: Path) -> None:
    """60 MiB packed: rows of text that nothing packs."""

    def blocks() -> Iterator[bytes]:
        yield (HEAD + FIRST).encode()
        for _ in range(60):
            cells = (
                f"<c t='inlineStr'><is><t>{os.urandom(2048).hex()}</t></is></c>"
                for _ in range(256)
            )
            yield "".join(f"<row>{cell}</row>" for cell in cells).encode()
            yield b"".join(b"<row><c><v>%d</v></c></row>" % n for n in range(64))
        yield b"</sheetData></worksheet>"

    path = tmp_path / "so.xlsx"
    found = made.parts({"Sổ": ""})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as out:
        for name, part in found.items():
            if name != SHEET:
                out.writestr(name, part)
        with out.open(SHEET, "w") as part_of:
            for block in blocks():
                part_of.write(block)
    assert 58 * MIB < path.stat().st_size < 64 * MIB
    said, peak = outcome(tmp_path, "*.xlsx", "xlsx")
    assert said == str(60 * (256 + 64))
    assert peak < BASE_MIB + 150  # batches of 20,000 rows of 4 KiB are held


def test_trap_46_a_csv_of_200_megabytes_is_read_in_as_little_as_one_of_40(
    tmp_path: Path,
) -> None:
    peaks = []
    line = f'1,"{"nội dung đơn " * 12}",{",".join("x" * 10)}\n'.encode()
    for size in (40, 200):
        folder = tmp_path / str(size)
        folder.mkdir()
        count = size * MIB // len(line)
        with (folder / "so.csv").open("wb") as file:
            file.write(",".join(f"c{i}" for i in range(12)).encode() + b"\n")
            for _ in range(count // 1000):
                file.write(line * 1000)
        said, peak = outcome(folder, "*.csv", "csv")
        assert said == str(count // 1000 * 1000)
        peaks.append(peak)
    assert peaks[1] < peaks[0] * 1.15 + 10
    assert peaks[1] < BASE_MIB


@pytest.mark.parametrize("fault", ['"', '1,"x'])
def test_a_quote_that_is_never_closed_swallows_no_more_than_its_line(
    tmp_path: Path, fault: str
) -> None:
    with (tmp_path / "so.csv").open("w", encoding="utf-8") as file:
        file.write("a,b\n" + fault + "\n")
        file.write("1,một đơn kiến nghị\n" * ROWS)
    said, peak = outcome(tmp_path, "*.csv", "csv")
    assert int(said) == 1 + ROWS
    assert peak < BASE_MIB + 300
