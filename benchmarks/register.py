"""A synthetic petition register of any size, written by columns."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from tests.small import COLUMNS, petition

CHUNK = 100_000
N = pl.col("n")
PERSON = pl.format("Nguyễn Văn Thử {}", N)
KEY = pl.format("D-{}", N.cast(pl.String).str.zfill(7))

# What differs from row to row; all else is as in the clean row of the tests. A fifth
# are complaints, a twentieth denunciations, whose texts are searched for the sender.
CELLS: Mapping[str, pl.Expr] = {
    "Số đơn": KEY,
    "Ngày nhận": pl.lit(date(2026, 3, 2)) + pl.duration(days=N % 60),
    "Ngày viết đơn": pl.lit(date(2026, 2, 27)) + pl.duration(days=N % 60),
    "Ngày xử lý": pl.lit(date(2026, 3, 4)) + pl.duration(days=N % 60),
    "Loại đơn": pl.when(N % 20 == 5)
    .then(pl.lit("Tố cáo"))
    .when(N % 5 == 1)
    .then(pl.lit("Khiếu nại"))
    .otherwise(pl.lit("Kiến nghị, phản ánh")),
    "Người viết đơn": PERSON,
    "Điện thoại": pl.format("09{}", (N % 10**8).cast(pl.String).str.zfill(8)),
    "Số CCCD": pl.format("00109{}", (N % 10**7).cast(pl.String).str.zfill(7)),
    "Nội dung": pl.format("Kiến nghị chi trả qua tài khoản, hồ sơ số HS-{}", N),
}
# One row in a thousand for each fault: 1% of the register is bad.
FAULTS: Mapping[str, Mapping[str, pl.Expr]] = {
    "no kind": {"Loại đơn": pl.lit("")},
    "handled before it came": {"Ngày xử lý": pl.lit("01/02/2026")},
    "phone of no shape": {"Điện thoại": pl.lit("0123")},
    "identity number of five digits": {"Số CCCD": pl.lit("12345")},
    "text beyond repair": {"Nội dung": pl.format("H\ufffd s\ufffd {}", N)},
    "unknown code": {"Lĩnh vực": pl.lit("Việc lạ")},
    "nobody wrote it": {"Người viết đơn": pl.lit("")},
    "no such day": {"Ngày nhận": pl.lit("31/02/2026")},
    "two under one key": {
        "Số đơn": pl.format("D-{}", (N - 1).cast(pl.String).str.zfill(7))
    },
    "denouncer in the content": {
        "Loại đơn": pl.lit("Tố cáo"),
        "Nội dung": pl.format("Ông {} trình bày sự việc", PERSON),
    },
}


def rows(start: int, stop: int) -> pl.DataFrame:
    """Rows `start` to `stop` in the columns of the CSV register."""
    clean = {**{name: pl.lit(text) for name, text in petition(0).items()}, **CELLS}
    frame = pl.DataFrame({"n": pl.int_range(start, stop, eager=True)})
    frame = frame.with_columns(**clean).with_columns(
        pl.col(pl.Date).dt.to_string("%d/%m/%Y")
    )
    for place, changes in enumerate(FAULTS.values()):
        is_bad = (N % 1_000).eq(100 * place + 7)
        frame = frame.with_columns(
            pl.when(is_bad).then(expr).otherwise(pl.col(name)).alias(name)
            for name, expr in changes.items()
        )
    return frame.select(COLUMNS)


def write(path: Path, count: int) -> None:
    """A register of `count` rows: semicolons, UTF-8 with a mark, a header."""
    with path.open("wb") as file:
        for start in range(0, count, CHUNK):
            part = rows(start, min(start + CHUNK, count))
            is_first = start == 0
            part.write_csv(
                file, separator=";", include_header=is_first, include_bom=is_first
            )
