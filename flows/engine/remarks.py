"""What is said of a source as a whole: columns, volume, files, corrections. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TypeAlias

import polars as pl

from config.office import OfficeSource
from connectors.national.holding import FINDINGS
from expectations.deadlines import roll
from flows.engine.gate import expired
from flows.engine.manifest import Manifest, new_names
from flows.engine.normalise import Normaliser
from flows.engine.volume import Past, band

# record type, rule, field, shape
Remark: TypeAlias = tuple[str | None, str, str | None, str | None]
_NAMES = ("subject", "record_type", "rule", "field", "shape")


def volume_finding(
    system: str, rows: int, past: Sequence[Past], on: date
) -> pl.DataFrame:
    """One finding when a working day's reading is far outside what is usual.

    Reported, never a reason to withhold: a quiet day happens, a dead export too.
    """
    said = pl.DataFrame(schema=FINDINGS)
    is_working_day = roll(pl.Series([on], dtype=pl.Date))[0] == on
    expected = band(past, on) if is_working_day else None
    if expected is None or expected.side(rows) is None:
        return said
    shape = (
        f"{on}: {rows} rows; usual for the weekday and season are {expected.low} to "
        f"{expected.high}"
    )
    row = {"subject": f"source:{system}", "rule": "volume_band", "shape": shape}
    return pl.DataFrame([row], schema=FINDINGS)


def source_findings(
    source: OfficeSource, manifest: Manifest, readers: Mapping[str, Normaliser]
) -> pl.DataFrame:
    """What is said once of a source, as holding.FINDINGS: unknown and missing columns,
    fields it does not provide, what normalising noticed, files that came again, and
    corrections that were accepted for tonight and still wait for somebody."""
    rows = [
        (f"source:{window.stream.name}", *remark)
        for window in manifest.windows
        for remark in (
            *_of_columns(source, manifest, window.stream.name),
            *_of_rows(readers[window.stream.name]),
            *(
                (None, "correction_expired", None, r.subject)
                for r in expired(window, readers[window.stream.name].corrections)
            ),
            *(
                (None, "file_again", None, file.name)
                for file in manifest.files(window.stream.name)
                if file.is_taken
            ),
        )
    ]
    found = pl.DataFrame(rows, schema=dict.fromkeys(_NAMES, pl.String), orient="row")
    return found.with_columns(
        pl.lit(None, dtype).alias(name)
        for name, dtype in FINDINGS.items()
        if name not in _NAMES
    ).select(FINDINGS.keys())


def _of_columns(
    source: OfficeSource, manifest: Manifest, stream: str
) -> Iterator[Remark]:
    drift = manifest.drifts.get(stream)
    if drift is None:
        return
    for column in new_names(source, stream, drift):
        yield None, "column_unknown", column, None
    for column in drift.missing:
        yield None, "column_missing", column, None


def _of_rows(reader: Normaliser) -> Iterator[Remark]:
    for column in reader.unknown_nested:
        yield None, "column_unknown", column, None
    for record_type, field in reader.not_provided:
        yield record_type, "not_provided", field, None
    for notice in reader.notices:
        yield notice.record_type, notice.rule, notice.field, notice.shape
