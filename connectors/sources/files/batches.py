"""Frames of any height into batches of an even one."""

from collections.abc import Iterable, Iterator

import polars as pl

from expectations.frames import ROW


def rebatch(frames: Iterable[pl.DataFrame], batch_rows: int) -> Iterator[pl.DataFrame]:
    """The rows of `frames`, in order, `batch_rows` a frame (the last may be shorter).

    Each frame gets ROW. Frames with other columns than the last start a new batch. If
    there are no rows at all, the first frame's columns come as one empty batch.
    """
    held: list[pl.DataFrame] = []
    first: pl.DataFrame | None = None
    gave = False
    for frame in frames:
        first = frame if first is None else first
        if held and frame.columns != held[0].columns:
            yield _numbered(pl.concat(held))
            gave, held = True, []
        held.append(frame)
        if sum(f.height for f in held) < batch_rows:
            continue
        whole = pl.concat(held)
        full = whole.height - whole.height % batch_rows
        for start in range(0, full, batch_rows):
            yield _numbered(whole[start : start + batch_rows])
            gave = True
        held = [whole[full:]] if full < whole.height else []
    rest = pl.concat(held) if held else first
    if rest is not None and (rest.height or not gave):
        yield _numbered(rest if held else rest.clear())


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    row = pl.int_range(pl.len(), dtype=pl.UInt32).alias(ROW)
    source = [c for c in frame.columns if not c.startswith("kntc:")]
    provenance = [c for c in frame.columns if c.startswith("kntc:") and c != ROW]
    # Rechunked: a slice would keep its whole parent in memory while it is held.
    return frame.select(*source, row, *provenance).rechunk()
