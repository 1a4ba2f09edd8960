"""One register in every form: what is read is the same."""

from pathlib import Path

import polars as pl
import pytest

from connectors.sources.base import Deadline, RawBatch, SourceSpec
from connectors.sources.files.reader import FilesSource
from expectations.frames import FONTS, LOCATOR, RAW, REJECT, ROW
from tests.file_forms import FORMS, spec_of

HEADER = ["Số đơn", "Người gửi", "Nội dung", "Ngày nhận"]
ROWS = [
    ["007", "Nguyễn Văn Thử", "Đề nghị trả lương hưu\nqua tài khoản", "31/01/2026"],
    ["1e5", "Trần Thị Mẫu", "", "2026-01-31"],
    ["", "Lê Ví Dụ", 'ghi "x; y, z | t" ở đây', "1/2/2026"],
    ["001090012345", "phạm ồ ẵm", "ƠN ĐÂY, Ăn Ô Ước", "45000"],
]


def read(spec: SourceSpec) -> list[RawBatch]:
    (stream,) = spec.streams
    return list(FilesSource(spec).extract(stream, None, None, Deadline.after(60)))


def values(batches: list[RawBatch]) -> list[tuple[str | None, ...]]:
    frame = pl.concat([b.frame for b in batches])
    return frame.select(pl.exclude(ROW, LOCATOR, REJECT, RAW, FONTS)).rows()


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_rows(tmp_path: Path, form: str) -> None:
    batches = read(spec_of(form, tmp_path, HEADER, ROWS))
    assert batches[0].frame.columns[:4] == HEADER
    assert values(batches) == [tuple(c or None for c in row) for row in ROWS]
    assert sum(b.frame[REJECT].is_not_null().sum() for b in batches) == 0


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_register_says_its_columns(tmp_path: Path, form: str) -> None:
    (batch,) = read(spec_of(form, tmp_path, HEADER, []))
    assert batch.frame.columns[:4] == HEADER
    assert batch.frame.height == 0
    assert [file.rows for file in batch.files] == [0]


@pytest.mark.parametrize("form", FORMS)
def test_batches_are_even_and_only_the_last_says_the_file(
    tmp_path: Path, form: str
) -> None:
    rows = [[str(i), "Trần Văn Thử", "x", "y"] for i in range(250)]
    batches = read(spec_of(form, tmp_path, HEADER, rows, batch_rows=100))
    assert [b.frame.height for b in batches] == [100, 100, 50]
    assert [len(b.files) for b in batches] == [0, 0, 1]
    assert batches[-1].files[0].rows == 250
    assert [v for b in batches for v in b.frame["Số đơn"]] == [r[0] for r in rows]
    places = [place for b in batches for place in b.frame[LOCATOR]]
    assert len(set(places)) == 250


@pytest.mark.parametrize("form", FORMS)
def test_one_column_is_a_register_too(tmp_path: Path, form: str) -> None:
    rows = [["a"], ["Đơn, số 2"], ["c"]]
    assert values(read(spec_of(form, tmp_path, ["Số"], rows))) == [
        ("a",),
        ("Đơn, số 2",),
        ("c",),
    ]


@pytest.mark.parametrize("form", FORMS)
def test_messages_hold_no_cell(tmp_path: Path, form: str) -> None:
    """Two headers that fold to one name, under a person's name as a title."""
    spec = spec_of(form, tmp_path, ["Nguyễn Văn Thử", "nguyễn  văn thử"], [["1", "2"]])
    with pytest.raises(Exception, match="columns 1 and 2") as caught:
        read(spec)
    assert "Nguyễn" not in str(caught.value)
