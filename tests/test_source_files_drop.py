"""Which files are read: snapshots and deliveries, hashes, files not yet whole."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from time import time
from typing import Literal

import pytest

from connectors.errors import SourceError, TransientError
from connectors.sources.base import (
    Deadline,
    FileRead,
    FilesAt,
    FilesStream,
    RawBatch,
    SourceSpec,
    Stream,
)
from connectors.sources.files.reader import FilesSource
from tests import hand_made as made
from tests.file_forms import xlsx

CSV = FilesStream("*.csv", "csv")
DROP = FilesStream("*.csv", "csv", mode="drop")


def batches(
    folder: Path,
    read: FilesStream = CSV,
    taken: Mapping[str, str] | None = None,
    batch_rows: int = 20_000,
    now: float | None = None,
) -> Iterator[RawBatch]:
    at = FilesAt(folder, taken=taken or {})
    spec = SourceSpec("quang_tri", "qt_tep", "files", at, (), batch_rows=batch_rows)
    source = FilesSource(spec) if now is None else FilesSource(spec, lambda: now)
    return source.extract(Stream("don", read), None, None, Deadline.after(60))


def files(found: Iterator[RawBatch]) -> list[FileRead]:
    return [file for batch in found for file in batch.files]


def sha(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def test_each_file_is_told_by_the_hash_of_its_bytes(tmp_path: Path) -> None:
    one, two = b"a,b\n1,2\n3\n", b"a,b\n"
    (tmp_path / "1.csv").write_bytes(one)
    (tmp_path / "2.csv").write_bytes(two)
    assert files(batches(tmp_path)) == [
        FileRead("1.csv", sha(one), len(one), 2),  # a rejected row is a row
        FileRead("2.csv", sha(two), len(two), 0),
    ]


def test_the_hash_is_of_the_whole_file_behind_a_footer_too(tmp_path: Path) -> None:
    body = b"a,b\n1,2\nTong,\n" + b",\n" * 3_000_000
    (tmp_path / "1.csv").write_bytes(body)
    read = FilesStream("*.csv", "csv", footer="^Tong")
    assert files(batches(tmp_path, read)) == [
        FileRead("1.csv", sha(body), len(body), 1)
    ]


def test_a_delivery_is_taken_once(tmp_path: Path) -> None:
    body = b"a,b\n1,2\n"
    (tmp_path / "1.csv").write_bytes(body)
    taken = {sha(body): "1.csv"}
    assert list(batches(tmp_path, DROP, taken)) == []
    (tmp_path / "2.csv").write_bytes(body + b"3,4\n")
    assert [f.name for f in files(batches(tmp_path, DROP, taken))] == ["2.csv"]
    # A snapshot does not ask what was taken.
    assert [f.rows for f in files(batches(tmp_path, CSV, taken))] == [1, 2]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_delivery_under_another_name_is_said_and_not_read_again(
    tmp_path: Path, form: str
) -> None:
    read: FilesStream = DROP
    name = "1.csv"
    if form == "csv":
        (tmp_path / name).write_bytes(b"a,b\n1,2\n")
    else:
        name = "so.xlsx"
        xlsx(tmp_path, ["a", "b"], [["1", "2"]])
        read = FilesStream("*.xlsx", "xlsx", mode="drop")
    body = (tmp_path / name).read_bytes()
    (batch,) = batches(tmp_path, read, {sha(body): f"cũ.{form}"})
    assert batch.frame.height == 0
    assert batch.frame.columns[:2] == ["a", "b"]  # so that no column looks missing
    assert batch.files == (FileRead(name, sha(body), len(body), 0, is_taken=True),)


def test_the_same_file_twice_in_one_night_gives_its_rows_once(tmp_path: Path) -> None:
    body = b"a,b\n1,2\n"
    for name in ("1.csv", "1 (copy).csv", "z.csv"):
        (tmp_path / name).write_bytes(body)
    (tmp_path / "y.csv").write_bytes(b"a,b\n9,9\n")  # as long, but another
    found = list(batches(tmp_path))
    assert [(f.name, f.rows, f.is_taken) for b in found for f in b.files] == [
        ("1 (copy).csv", 1, False),
        ("1.csv", 0, True),
        ("y.csv", 1, False),
        ("z.csv", 0, True),
    ]
    assert sum(b.frame.height for b in found) == 2


def test_a_reading_of_deliveries_ends_with_the_first_new_one(tmp_path: Path) -> None:
    """The oldest first, whatever its name; the next is read when this one is loaded."""
    for at, name in enumerate(("b.csv", "a.csv", "c.csv")):
        (tmp_path / name).write_bytes(f"a,b\n{at},x\n".encode())
        os.utime(tmp_path / name, (1_700_000_000 + at, 1_700_000_000 + at))
    taken: dict[str, str] = {}
    order = []
    while found := files(batches(tmp_path, DROP, taken)):
        order += [file.name for file in found]
        taken |= {file.sha256: file.name for file in found}
    assert order == ["b.csv", "a.csv", "c.csv"]


def test_a_night_without_a_delivery_is_no_error_but_without_a_register_is(
    tmp_path: Path,
) -> None:
    assert list(batches(tmp_path, DROP)) == []
    with pytest.raises(SourceError, match="no file matches"):
        list(batches(tmp_path))
    for read in (CSV, DROP):
        with pytest.raises(SourceError, match="drop folder is not there"):
            list(batches(tmp_path / "gone", read))


def test_a_file_that_was_just_written_waits(tmp_path: Path) -> None:
    now = time()
    (tmp_path / "1.csv").write_bytes(b"a,b\n1,2\n")
    (tmp_path / "2.csv").write_bytes(b"a,b\n3,4\n")
    os.utime(tmp_path / "1.csv", (now - 100, now - 100))
    os.utime(tmp_path / "2.csv", (now - 10, now - 10))
    snapshot = FilesStream("*.csv", "csv", settle_s=60)
    with pytest.raises(TransientError, match=r"2\.csv was written less") as caught:
        list(batches(tmp_path, snapshot, now=now))
    assert caught.value.retry_after_s == pytest.approx(50)
    delivery = FilesStream("*.csv", "csv", settle_s=60, mode="drop")
    assert [f.name for f in files(batches(tmp_path, delivery, now=now))] == ["1.csv"]
    assert len(files(batches(tmp_path, snapshot, now=now + 51))) == 2


def test_a_share_whose_clock_is_ahead_blocks_nothing(tmp_path: Path) -> None:
    now = time()
    (tmp_path / "1.csv").write_bytes(b"a,b\n1,2\n")
    os.utime(tmp_path / "1.csv", (now + 7200, now + 7200))
    read = FilesStream("*.csv", "csv", settle_s=60)
    assert len(files(batches(tmp_path, read, now=now))) == 1


def test_no_hash_is_said_of_a_file_that_changed_while_it_was_read(
    tmp_path: Path,
) -> None:
    path = tmp_path / "1.csv"
    path.write_bytes(b"a,b\n1,2\n3,4\n")
    found = batches(tmp_path, batch_rows=1)
    assert next(found).files == ()
    body = path.read_bytes()
    path.unlink()
    path.write_bytes(body)  # the same bytes, but another file
    with pytest.raises(TransientError, match="changed while it was read"):
        list(found)


def test_a_workbook_that_was_replaced_while_it_was_read_is_not_taken(
    tmp_path: Path,
) -> None:
    lines = [[made.text("a")], *([made.text(str(i))] for i in range(50))]
    path = made.book(tmp_path / "so.xlsx", made.rows(*lines))
    found = batches(tmp_path, FilesStream("*.xlsx", "xlsx"), batch_rows=10)
    next(found)
    path.unlink()
    made.book(path, made.rows(*lines[:5]))
    with pytest.raises(TransientError, match="changed while it was read"):
        list(found)


def test_names_match_in_any_letter_case_and_locks_and_halves_are_left(
    tmp_path: Path,
) -> None:
    for name in ("SO.CSV", "Sổ.Csv", "~$SO.CSV", ".~lock.SO.CSV#", "x.csv.part"):
        (tmp_path / name).write_bytes(b"a,b\n" + name.encode() + b",2\n")
    (tmp_path / "thư mục").mkdir()
    assert [f.name for f in files(batches(tmp_path))] == ["SO.CSV", "Sổ.Csv"]
    every = FilesStream("*", "csv")
    assert [f.name for f in files(batches(tmp_path, every))] == ["SO.CSV", "Sổ.Csv"]


@pytest.mark.parametrize("mode", ["snapshot", "drop"])
@pytest.mark.parametrize(
    ("lay", "what"),
    [
        (lambda path: path.mkdir(), "a folder"),
        (lambda path: path.symlink_to("nowhere"), "a symbolic link to nothing"),
        (lambda path: path.symlink_to(path.name), "a symbolic link to itself"),
        (lambda path: os.mkfifo(path), "a pipe"),
        (lambda path: path.symlink_to("/dev/null"), "no ordinary file"),
    ],
)
def test_what_bears_a_registers_name_and_is_no_file_is_said(
    tmp_path: Path,
    lay: Callable[[Path], None],
    what: str,
    mode: Literal["snapshot", "drop"],
) -> None:
    (tmp_path / "1.csv").write_bytes(b"a,b\n1,2\n")
    lay(tmp_path / "2.csv")
    with pytest.raises(SourceError, match=rf"2\.csv is {what}, expected a file"):
        list(batches(tmp_path, FilesStream("*.csv", "csv", mode=mode)))


def test_a_file_that_is_gone_when_it_is_opened_may_be_tried_again(
    tmp_path: Path,
) -> None:
    for name in ("1.csv", "2.csv"):
        (tmp_path / name).write_bytes(b"a,b\n" + name.encode() + b",2\n")
    found = batches(tmp_path)
    next(found)
    (tmp_path / "2.csv").unlink()
    with pytest.raises(TransientError, match=r"2\.csv was there and is gone"):
        list(found)


def test_folders_at_any_depth_are_searched_once(tmp_path: Path) -> None:
    (tmp_path / "2026" / "01").mkdir(parents=True)
    for folder in (tmp_path, tmp_path / "2026", tmp_path / "2026" / "01"):
        (folder / "so.csv").write_bytes(b"a,b\n" + folder.name.encode() + b",2\n")
    found = list(batches(tmp_path, FilesStream("**/**/SO.csv", "csv")))
    names = sorted(file.name for batch in found for file in batch.files)
    assert names == ["2026/01/so.csv", "2026/so.csv", "so.csv"]


def test_a_glob_may_go_into_folders_and_names_say_which(tmp_path: Path) -> None:
    for month in ("01", "02"):
        (tmp_path / month).mkdir()
        (tmp_path / month / "so.csv").write_bytes(f"a,b\n{month},2\n".encode())
    found = list(batches(tmp_path, FilesStream("*/so.csv", "csv")))
    assert [f.name for b in found for f in b.files] == ["01/so.csv", "02/so.csv"]
    assert found[1].frame["kntc:locator"].to_list() == ["02/so.csv!L2"]


def test_a_file_that_cannot_be_opened_is_an_error_without_its_folder(
    tmp_path: Path,
) -> None:
    (tmp_path / "1.csv").symlink_to("/proc/self/mem")
    with pytest.raises(SourceError, match=r"1\.csv cannot be read") as caught:
        list(batches(tmp_path))
    assert str(tmp_path) not in str(caught.value)
