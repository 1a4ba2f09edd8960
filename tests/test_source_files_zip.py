"""ZIP archives: what is read of them, and those that are refused."""

import io
import struct
import zipfile
from pathlib import Path

import pytest

from connectors.errors import SourceError
from connectors.sources.base import FilesStream, RawBatch
from tests import hand_made as made
from tests.test_source_files_drop import batches, files, sha

ZIP = FilesStream("*.zip", "csv")
BODY = b"a,b\n1,2\n"


def pack(folder: Path, members: dict[str, bytes], name: str = "so.zip") -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for member, body in members.items():
            out.writestr(member, body)
    return path


def places(found: list[RawBatch]) -> list[str]:
    return [place for b in found for place in b.frame["kntc:locator"]]


def test_each_register_of_an_archive_is_a_file_of_its_own(tmp_path: Path) -> None:
    pack(
        tmp_path,
        {
            "Quý 2/đơn.csv": b"a,c\n3,4\n",
            "Quý 1/đơn.csv": BODY,
            "đọc tôi.docx": b"x",
            "__MACOSX/Quý 1/._đơn.csv": b"\0",
            "~$đơn.csv": b"x",
            "trống/": b"",
        },
    )
    found = list(batches(tmp_path, ZIP))
    assert places(found) == [
        "so.zip/Quý 1/đơn.csv!L2",
        "so.zip/Quý 2/đơn.csv!L2",
    ]
    assert [(f.name, f.sha256, f.size_bytes) for b in found for f in b.files] == [
        ("so.zip/Quý 1/đơn.csv", sha(BODY), len(BODY)),
        ("so.zip/Quý 2/đơn.csv", sha(b"a,c\n3,4\n"), 8),
    ]


def test_member_chooses_by_name_or_by_path(tmp_path: Path) -> None:
    pack(tmp_path, {"2025/don.csv": BODY, "2026/don.csv": b"a\n1\n", "x.csv": b"a\n"})
    for member, expected in (
        ("DON.csv", ["so.zip/2025/don.csv", "so.zip/2026/don.csv"]),
        ("2026/*", ["so.zip/2026/don.csv"]),
        ("x.csv", ["so.zip/x.csv"]),
    ):
        read = FilesStream("*.zip", "csv", member=member)
        assert [f.name for f in files(batches(tmp_path, read))] == expected
    with pytest.raises(SourceError, match=r"so\.zip holds 3 files, none of which fits"):
        list(batches(tmp_path, FilesStream("*.zip", "csv", member="*.tsv")))


def test_a_delivery_is_the_same_loose_and_packed(tmp_path: Path) -> None:
    pack(tmp_path, {"don.csv": BODY})
    read = FilesStream("*", "csv", mode="drop")
    (batch,) = batches(tmp_path, read, {sha(BODY): "don.csv"})
    assert batch.frame.height == 0
    assert batch.files[0].is_taken
    assert list(batches(tmp_path, read, {sha(BODY): "so.zip/don.csv"})) == []


def test_a_workbook_inside_an_archive(tmp_path: Path) -> None:
    inner = made.book(
        tmp_path / "x.xlsx", made.rows([made.text("a")], [made.text("1")])
    )
    pack(tmp_path, {"Sổ 1.xlsx": inner.read_bytes()})
    inner.unlink()
    found = list(batches(tmp_path, FilesStream("*.zip", "xlsx")))
    assert places(found) == ["so.zip/Sổ 1.xlsx!Sổ!R2"]


def test_a_name_in_utf8_that_does_not_say_so_is_read(tmp_path: Path) -> None:
    path = pack(tmp_path, {"sổ đơn.csv": BODY})
    # The flag that says UTF-8, in the member's own head and in the directory.
    body = path.read_bytes().replace(
        b"\x00\x00\x00\x08\x08\x00", b"\x00\x00\x00\x00\x08\x00"
    )
    raw = bytearray(body)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(mark) + offset
        raw[at : at + 2] = b"\0\0"
    path.write_bytes(raw)
    assert [f.name for f in files(batches(tmp_path, ZIP))] == ["so.zip/sổ đơn.csv"]


def test_a_name_that_climbs_out_is_only_a_name(tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    pack(drop, {"../../don.csv": BODY})
    assert places(list(batches(drop, ZIP))) == ["so.zip/../../don.csv!L2"]
    assert [p.name for p in tmp_path.iterdir()] == ["drop"]


def test_an_archive_in_an_archive_is_refused(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as out:
        out.writestr("don.csv", BODY)
    pack(tmp_path, {"trong.zip": inner.getvalue()})
    with pytest.raises(SourceError, match=r"so\.zip/trong\.zip is an archive inside"):
        list(batches(tmp_path, FilesStream("*.zip", "csv", member="*")))


def test_a_password_is_said(tmp_path: Path) -> None:
    path = pack(tmp_path, {"don.csv": BODY})
    raw = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.find(mark) + offset] |= 1
    path.write_bytes(raw)
    with pytest.raises(SourceError, match=r"so\.zip is an archive with a password"):
        list(batches(tmp_path, ZIP))


def test_a_packing_that_is_not_known_is_said(tmp_path: Path) -> None:
    path = pack(tmp_path, {"don.csv": BODY})
    raw = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = raw.find(mark) + offset
        raw[at : at + 2] = struct.pack("<H", 9)  # deflate64, as Windows packs big files
    path.write_bytes(raw)
    with pytest.raises(SourceError, match="is packed in a way that is not read here"):
        list(batches(tmp_path, ZIP))


def test_an_archive_cut_off_or_damaged_anywhere_is_said(tmp_path: Path) -> None:
    rows = b"".join(b"%d,%d\n" % (i, i * i) for i in range(20_000))
    path = pack(tmp_path, {"don.csv": b"a,b\n" + rows})
    whole = path.read_bytes()
    for cut in (100, len(whole) // 2, len(whole) - 5):
        path.write_bytes(whole[:cut])
        with pytest.raises(SourceError, match="is not a whole ZIP archive"):
            list(batches(tmp_path, ZIP, batch_rows=100))
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + b"\xff" * 50 + whole[middle + 50 :])
    with pytest.raises(SourceError, match="is not a whole ZIP archive"):
        list(batches(tmp_path, ZIP))


def test_an_empty_archive_is_no_empty_register(tmp_path: Path) -> None:
    pack(tmp_path, {})
    with pytest.raises(SourceError, match="holds 0 files"):
        list(batches(tmp_path, ZIP))
