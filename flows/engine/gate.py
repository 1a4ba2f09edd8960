"""The gate: what is known of a whole staged source before anything is loaded. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from config.office import OfficeSource
from connectors.errors import HeldError
from connectors.national.holding import FINDINGS
from connectors.national.ledger import Watermark
from connectors.staging import Line
from expectations.deadlines import roll
from flows.engine.normalise import Drift
from flows.engine.reading import Window

# A band of fewer readings says nothing; within twice of it nothing is said.
BAND_READINGS = 5
BAND_FACTOR = 2
# So many rows come and go freely: a share of few says nothing.
FEW_ROWS = 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was staged: lines, what was asked, and each stream's drift."""

    lines: tuple[Line, ...]
    windows: tuple[Window, ...]
    drifts: Mapping[str, Drift]

    def rows(self, stream: str) -> int:
        """Rows staged of one stream."""
        return sum(line.rows for line in self.lines if line.stream == stream)

    @property
    def total(self) -> int:
        """Rows staged in all."""
        return sum(line.rows for line in self.lines)


def hold_or_pass(
    source: OfficeSource, manifest: Manifest, marks: Mapping[str, Watermark]
) -> None:
    """Raise HeldError when a person must look first; nothing has been loaded."""
    reasons = [
        *_missing_columns(source, manifest),
        *_empty(manifest),
        *_shrunk(source, manifest, marks),
    ]
    if reasons:
        raise HeldError(
            f"{source.spec.province}: {source.spec.system} is held, nothing was "
            f"loaded: {'; '.join(reasons)}"
        )


def _missing_columns(source: OfficeSource, manifest: Manifest) -> list[str]:
    preset = f"systems/{source.preset.product}.toml of the config folder"
    return [
        f"stream {stream} lacks the mapped columns "
        f"{', '.join(map(repr, drift.missing))}{_instead(drift)} (mend the source, or "
        f"{preset})"
        for stream, drift in manifest.drifts.items()
        if drift.missing
    ]


def _instead(drift: Drift) -> str:
    """The columns that nobody knows: one of them may be the missing one, renamed."""
    if not drift.unknown:
        return ""
    return f"; not known are {', '.join(map(repr, drift.unknown))}"


def _empty(manifest: Manifest) -> list[str]:
    if manifest.total == 0 and all(w.is_full for w in manifest.windows):
        return ["a full read gave 0 rows; expected at least one (is the source empty?)"]
    return []


def _shrunk(
    source: OfficeSource, manifest: Manifest, marks: Mapping[str, Watermark]
) -> list[str]:
    """Full reads that gave far fewer rows than the one published before."""
    reasons = []
    for window in manifest.windows:
        mark = marks.get(window.stream.name)
        before = mark.full_rows if mark is not None else None
        now = manifest.rows(window.stream.name)
        if not window.is_full or before is None:
            continue
        least = before * (1 - source.gate.max_shrink)
        if now < least and before - now > min(FEW_ROWS, before / 2):
            reasons.append(
                f"stream {window.stream.name} shrank from {before} to {now} rows, "
                f"expected at least {least:.0f} (if that is right, raise "
                f"gate.max_shrink of this source for one night)"
            )
    return reasons


def volume_finding(
    system: str, manifest: Manifest, recent: Sequence[int], on: date
) -> pl.DataFrame:
    """One finding when a working day's reading is far outside the last ones.

    Reported, never a reason to withhold: a quiet day happens, a dead export too.
    """
    said = pl.DataFrame(schema=FINDINGS)
    is_working_day = roll(pl.Series([on], dtype=pl.Date))[0] == on
    if len(recent) < BAND_READINGS or not is_working_day:
        return said
    low, high = min(recent), max(recent)
    if low / BAND_FACTOR <= manifest.total <= high * BAND_FACTOR:
        return said
    shape = (
        f"{on}: {manifest.total} rows; the last {len(recent)} readings gave {low} to "
        f"{high}"
    )
    row = {"subject": f"source:{system}", "rule": "volume_band", "shape": shape}
    return pl.DataFrame([row], schema=FINDINGS)


def source_findings(
    manifest: Manifest,
    not_provided: Sequence[tuple[str, str, str]],
    unknown_nested: Mapping[str, Sequence[str]],
) -> pl.DataFrame:
    """What is said once of a source: unknown columns, fields it does not provide.

    `not_provided`: stream, record type, field. `unknown_nested`: stream -> names inside
    its nested columns that the preset does not know.
    """
    rows: list[tuple[str, str | None, str, str]] = [
        (f"source:{stream}", None, "column_unknown", column)
        for stream, drift in manifest.drifts.items()
        for column in (*drift.unknown, *unknown_nested.get(stream, ()))
    ]
    rows += [
        (f"source:{stream}", record_type, "not_provided", field)
        for stream, record_type, field in not_provided
    ]
    schema = dict.fromkeys(("subject", "record_type", "rule", "field"), pl.String)
    said = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        pl.lit(None, dtype).alias(name)
        for name, dtype in FINDINGS.items()
        if name not in schema
    )
    return said.select(FINDINGS.keys())
