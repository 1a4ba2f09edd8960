"""Delimited text: delimiters, quotes, and encodings that are said wrong."""

from pathlib import Path

import pytest

from connectors.errors import SourceError
from connectors.sources.base import FilesStream
from tests.test_source_files_drop import batches
from tests.test_source_files_xlsx import frame_of, values

TEXT = "Số đơn;Người gửi;Nội dung\n1;Nguyễn Văn Thử;Đề nghị giải quyết chế độ\n"


def read(folder: Path, body: bytes, **keys: object) -> list[tuple[str | None, ...]]:
    (folder / "so.csv").write_bytes(body)
    return values(frame_of(folder, FilesStream("*.csv", "csv", **keys)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "declared", "set_this"),
    [
        ("utf-8-sig", "cp1258", "utf-8-sig"),
        ("utf-8-sig", "tcvn3", "utf-8-sig"),
        ("utf-8-sig", "utf-16", "utf-8-sig"),
        ("utf-8", "cp1258", "utf-8-sig"),
        ("utf-8", "tcvn3", "utf-8-sig"),
        ("utf-8", "vni", "utf-8-sig"),
        ("utf-16", "utf-8", "utf-16"),
        ("utf-16", "utf-8-sig", "utf-16"),
        ("utf-16", "utf-16-be", "utf-16"),
        ("utf-16", "cp1258", "utf-16"),
        ("utf-16-le", "utf-8-sig", "utf-16-le"),
        ("utf-16-be", "utf-8-sig", "utf-16-be"),
        ("utf-16-le", "vni", "utf-16-le"),
    ],
)
def test_trap_35_an_encoding_that_the_first_bytes_deny_is_named(
    tmp_path: Path, written: str, declared: str, set_this: str
) -> None:
    with pytest.raises(SourceError, match=f'Set encoding = "{set_this}"'):
        read(tmp_path, TEXT.encode(written), delimiter=";", encoding=declared)


@pytest.mark.parametrize(
    ("written", "declared"),
    [
        ("utf-8", "utf-8-sig"),
        ("utf-8-sig", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("tcvn3", "tcvn3"),
        ("vni", "vni"),
        ("viscii", "viscii"),
    ],
)
def test_trap_35_a_mark_never_stands_in_the_first_header(
    tmp_path: Path, written: str, declared: str
) -> None:
    (tmp_path / "so.csv").write_bytes(TEXT.encode(written))
    frame = frame_of(
        tmp_path, FilesStream("*.csv", "csv", delimiter=";", encoding=declared)
    )
    assert frame.columns[:3] == ["Số đơn", "Người gửi", "Nội dung"]
    assert values(frame) == [("1", "Nguyễn Văn Thử", "Đề nghị giải quyết chế độ")]


@pytest.mark.parametrize("encoding", ["tcvn3", "vni", "cp1258"])
def test_a_block_may_end_between_a_letter_and_its_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    words = "Đề nghị giải quyết chế độ ồ ấy ưỡn ".strip()
    if encoding == "cp1258":
        body = "a;b\n" + "1;Tra\u0300n\n" * 30
    else:
        body = "a;b\n" + f"1;{words}\n" * 30
    monkeypatch.setattr("connectors.sources.files.delimited.BLOCK_BYTES", 7)
    found = read(tmp_path, body.encode(encoding), delimiter=";", encoding=encoding)
    expected = words if encoding != "cp1258" else "Tra\u0300n"
    assert found == [("1", expected)] * 30


@pytest.mark.parametrize("delimiter", ["\t", "|", ";", ",", ":", "^", "\x1f"])
def test_any_sign_may_stand_between_cells(tmp_path: Path, delimiter: str) -> None:
    text = f'a{delimiter}b\n1{delimiter}"x{delimiter}y"\n'
    assert read(tmp_path, text.encode(), delimiter=delimiter) == [
        ("1", f"x{delimiter}y")
    ]


def test_where_quotes_are_signs_like_others_each_line_is_a_row(tmp_path: Path) -> None:
    body = 'a\tb\n"Về việc\tx\n"y"\t5" ống\n'.encode()
    assert read(tmp_path, body, delimiter="\t", quote="") == [
        ('"Về việc', "x"),
        ('"y"', '5" ống'),
    ]


def test_another_sign_may_quote(tmp_path: Path) -> None:
    body = b"a,b\n'x,\"y\"\nz',2\nit's,3\n"
    assert read(tmp_path, body, quote="'") == [('x,"y"\nz', "2"), ("it's", "3")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("hint", ["sep=;\r\n", '"sep=;"\n'])
def test_a_line_that_tells_excel_the_delimiter_is_no_header(
    tmp_path: Path, encoding: str, hint: str
) -> None:
    (tmp_path / "so.csv").write_bytes((hint + TEXT).encode(encoding))
    read = FilesStream("*.csv", "csv", delimiter=";", encoding=encoding)
    frame = frame_of(tmp_path, read)
    assert frame.columns[0] == "Số đơn"
    assert frame["kntc:locator"].to_list() == ["so.csv!L3"]


def test_trap_25_headers_that_are_alike_stay_two_columns(tmp_path: Path) -> None:
    """`na!e` and `na%e` became one column elsewhere, and one value was lost."""
    body = "Số CMND/CCCD,So CMND CCCD,Số CMND - CCCD\n1,2,3\n".encode()
    assert read(tmp_path, body) == [("1", "2", "3")]


@pytest.mark.parametrize(
    "other", ["số cmnd/cccd", " Số  CMND/CCCD ", "So\u0302\u0301 CMND/CCCD"]
)
def test_trap_25_headers_that_are_one_name_are_an_error(
    tmp_path: Path, other: str
) -> None:
    body = f"Số CMND/CCCD,x,{other}\n1,2,3\n".encode()
    with pytest.raises(SourceError, match="columns 1 and 3 have the same name"):
        read(tmp_path, body)


def test_rows_of_delimiters_alone_are_no_rows(tmp_path: Path) -> None:
    body = b"a,b,c\r\n1,2,3\r\n,,\r\n , ,\r\n,,4\r\n" + b",,\r\n" * 5
    assert read(tmp_path, body) == [("1", "2", "3"), (None, None, "4")]


def test_a_footer_is_known_by_its_first_cell_that_holds_something(
    tmp_path: Path,
) -> None:
    body = "a,b,c\n1,2,3\n,Tổng cộng,9\n5,6,7\n".encode()
    assert read(tmp_path, body, footer="^Tổng") == [("1", "2", "3")]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"delimiter": ""}, "delimiter is 0 characters"),
        ({"delimiter": "||"}, "delimiter is 2 characters"),
        ({"quote": "''"}, "quote is 2 characters"),
        ({"encoding": "tcvn9"}, "encoding tcvn9 is not known"),
        ({"footer": "("}, "footer is not a regular expression"),
        ({"header": "("}, "header is not a regular expression"),
    ],
)
def test_a_key_that_makes_no_sense_is_named(
    tmp_path: Path, keys: dict[str, object], message: str
) -> None:
    with pytest.raises(SourceError, match=message):
        read(tmp_path, b"a,b\n1,2\n", **keys)


def test_files_of_other_years_have_columns_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "2024.csv").write_text("Số,Tên\n1,A\n", encoding="utf-8")
    (tmp_path / "2025.csv").write_text("Tên,Số,Ghi chú\nB,2,x\n", encoding="utf-8")
    found = [b.frame for b in batches(tmp_path)]
    assert [f.columns[:3] for f in found][1] == ["Tên", "Số", "Ghi chú"]
    assert [f["Số"].to_list() for f in found] == [["1"], ["2"]]
