"""The gate: what is known of a whole staged source before anything is loaded."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from config.columns import used_columns
from config.office import OfficeSource
from connectors.errors import HeldError, SourceError
from connectors.national import holds
from connectors.national.deliveries import Known
from connectors.national.holding import FINDINGS
from connectors.national.holds import Reason
from connectors.national.ledger import Watermark
from connectors.sources.base import FileRead
from connectors.staging import Line
from expectations.deadlines import roll
from flows.engine.context import Night
from flows.engine.normalise import Drift, Normaliser
from flows.engine.normalise.correcting import CorrectionUse
from flows.engine.normalise.drifting import Notice
from flows.engine.reading import Window
from flows.engine.volume import Past, band

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

    def files(self, stream: str) -> list[FileRead]:
        """Files of one stream that were read tonight."""
        of_stream = (line for line in self.lines if line.stream == stream)
        return [file for line in of_stream for file in line.files]

    @property
    def total(self) -> int:
        """Rows staged in all."""
        return sum(line.rows for line in self.lines)


def reasons_to_hold(
    source: OfficeSource,
    manifest: Manifest,
    marks: Mapping[str, Watermark],
    known: Mapping[str, Sequence[Known]],
) -> list[Reason]:
    """Why a person must look at a staged source before anything of it is loaded.

    `known`: the files read before, by stream.
    """
    return [
        *_columns(source, manifest),
        *_empty(manifest),
        *_shrunk(source, manifest, marks),
        *_files(source, manifest, known),
    ]


def hold_or_pass(night: Night, source: OfficeSource, reasons: Sequence[Reason]) -> None:
    """Raise HeldError for what nobody has accepted; the ledger keeps the reasons."""
    if not reasons:
        return
    spec = source.spec
    taken = holds.accepted(night.national, spec.system)
    left = holds.uncovered(reasons, taken)
    if not left:
        return
    if not night.dry_run:
        holds.write_hold(
            night.national, night.run, spec.province, spec.system, reasons, night.now()
        )
    raise HeldError(
        f"{spec.province}: {spec.system} is held, nothing was loaded: "
        f"{'; '.join(reason.text for reason in left)}. Mend it; or, if that is how it "
        f"should be: kntc accept --province {spec.province} --actor NAME --reason WHY"
    )


def absent_is_null(source: OfficeSource, manifest: Manifest, stream: str) -> bool:
    """Whether a missing column may be one that is merely empty tonight: an API leaves
    out keys without a value, and an increment has few rows."""
    whole = {w.stream.name for w in manifest.windows if w.is_full}
    return source.spec.kind == "rest" and stream not in whole


def refuse_doubled(source: OfficeSource, manifest: Manifest) -> None:
    """Raise SourceError when two columns read as one: a value would be lost."""
    for stream, found in manifest.drifts.items():
        if found.doubled:
            raise SourceError(
                f"{source.spec.province}: stream {stream}: the columns "
                f"{' and '.join(map(repr, found.doubled))} have one name after blanks "
                "and Unicode form are levelled; each needs a name of its own. Rename "
                "one in the source"
            )


def _columns(source: OfficeSource, manifest: Manifest) -> Iterator[Reason]:
    drift, file = source.preset.drift, f"systems/{source.preset.product}.toml"
    for stream, found in manifest.drifts.items():
        if (
            found.missing
            and drift.column_missing == "hold"
            and not absent_is_null(source, manifest, stream)
        ):
            yield Reason(
                "column_missing",
                f"{stream}: {', '.join(found.missing)}",
                f"stream {stream} lacks the mapped columns "
                f"{', '.join(map(repr, found.missing))}"
                f"{_instead(new_names(source, stream, found))} (mend the "
                f"source, or {file} of the config folder)",
                lasts=True,
            )
        if found.unknown and drift.column_new == "hold":
            new = new_names(source, stream, found)
            yield Reason(
                "column_new",
                f"{stream}: {', '.join(new)}",
                f"stream {stream} has the columns "
                f"{', '.join(map(repr, new))}, which {file} neither maps nor "
                "ignores",
                lasts=True,
            )


def _instead(unknown: Sequence[str]) -> str:
    """The columns that nobody knows: one of them may be the missing one, renamed."""
    if not unknown:
        return ""
    return f"; not known are {', '.join(map(repr, unknown))}"


# A number of a person, or a date: no header has one.
_VALUE = re.compile(r"\d{5}|\d[/.-]\d")


def new_names(source: OfficeSource, stream: str, found: Drift) -> tuple[str, ...]:
    """The unknown columns as they may be said: of a file that has lost its header row
    the first record stands in its place, and may name a citizen."""
    asked = source.stream(stream)
    wanted = [c for c in used_columns(asked) if c not in asked.optional]
    is_headless = 2 * len(found.missing) >= len(wanted) > 1
    return tuple(
        f"(a column of {len(name)} characters)"
        if is_headless or _VALUE.search(name)
        else name
        for name in found.unknown
    )


def _empty(manifest: Manifest) -> Iterator[Reason]:
    if manifest.total == 0 and all(w.is_full for w in manifest.windows):
        yield Reason(
            "empty",
            "",
            "a full read gave 0 rows; expected at least one (is the source empty?)",
        )


def _shrunk(
    source: OfficeSource, manifest: Manifest, marks: Mapping[str, Watermark]
) -> Iterator[Reason]:
    """Full reads that gave far fewer rows than the one published before."""
    for window in manifest.windows:
        name = window.stream.name
        mark = marks.get(name)
        before = mark.full_rows if mark is not None else None
        now = manifest.rows(name)
        if window.is_full and before is not None and _is_less(source, before, now):
            yield Reason(
                "shrunk",
                name,
                f"stream {name} shrank from {before} to {now} rows, expected at least "
                f"{before * (1 - source.gate.max_shrink):.0f}",
                before - now,
            )


def _is_less(source: OfficeSource, before: int, now: int) -> bool:
    least = before * (1 - source.gate.max_shrink)
    return now < least and before - now > min(FEW_ROWS, before / 2)


def _files(
    source: OfficeSource, manifest: Manifest, known: Mapping[str, Sequence[Known]]
) -> Iterator[Reason]:
    """Files of a register that were there at its last reading, and are gone or short.

    A file that is gone is no reason while its rows are there: an export may bear a new
    name each time.
    """
    for window in manifest.windows:
        stream = window.stream.name
        now = {f.name: f.rows for f in manifest.files(stream) if not f.is_taken}
        before = {f.name: f.rows for f in known.get(stream, ()) if f.is_current}
        if not window.is_full or not before:
            continue
        lost = sum(before.values()) - sum(now.values())
        renamed = now.keys() - before.keys()
        for name, rows in before.items():
            if name in now and _is_less(source, rows, now[name]):
                yield Reason(
                    "file_shorter",
                    f"{stream}: {name}",
                    f"{name} of stream {stream} had {rows} rows and has {now[name]}",
                    rows - now[name],
                )
            if name not in now and rows and (lost >= rows / 2 or not renamed):
                yield Reason(
                    "file_gone",
                    f"{stream}: {name}",
                    f"{name} of stream {stream} is gone, and its {rows} rows with it",
                    rows,
                )


def reasons_inside(
    manifest: Manifest, readers: Mapping[str, Normaliser]
) -> list[Reason]:
    """What only the normalised rows show: drift of types and codes as the preset's
    policy asks, and corrections that have expired."""
    return [
        reason
        for window in manifest.windows
        for reason in (
            *_drifted(readers[window.stream.name]),
            *_expired(window, readers[window.stream.name].corrections),
        )
    ]


def _drifted(reader: Normaliser) -> Iterator[Reason]:
    for said in reader.drifted:
        # Without its counts. Not for good: other codes would pass unseen.
        subject = ": ".join(said.split(": ")[:2])
        yield Reason("drift", subject, said)


def _expired(window: Window, uses: Sequence[CorrectionUse]) -> Iterator[Reason]:
    for use in uses:
        found = None
        if use.differs:
            found = f"{use.differs} rows hold neither what it expects nor what it sets"
            found += f", the first at {use.place}"
        elif window.is_full and not (use.applied or use.spent):
            found = "no row matches it"
        if found:
            yield Reason(
                "correction",
                f"{use.stream}: {use.label}",
                f"{use.label} of stream {use.stream} "
                f"({', '.join(map(repr, use.columns))}) has expired: {found}. Take it "
                "out of the office file, or say there what stands now (accepted, it "
                "holds again tomorrow)",
                use.differs,
            )


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
    source: OfficeSource,
    manifest: Manifest,
    not_provided: Sequence[tuple[str, str, str]],
    unknown_nested: Mapping[str, Sequence[str]],
    notices: Mapping[str, Sequence[Notice]],
    uses: Mapping[str, Sequence[CorrectionUse]],
) -> pl.DataFrame:
    """What is said once of a source: unknown columns, fields it does not provide, and
    what normalising noticed of it.

    `not_provided`: stream, record type, field. `unknown_nested`: stream -> names inside
    its nested columns that the preset does not know.
    """
    rows: list[tuple[str, str | None, str, str | None, str | None]] = [
        (f"source:{stream}", None, "column_unknown", column, None)
        for stream, drift in manifest.drifts.items()
        for column in (
            *new_names(source, stream, drift),
            *unknown_nested.get(stream, ()),
        )
    ]
    rows += [
        (f"source:{stream}", record_type, "not_provided", field, None)
        for stream, record_type, field in not_provided
    ]
    rows += [
        (f"source:{stream}", n.record_type, n.rule, n.field, n.shape)
        for stream, said in notices.items()
        for n in said
    ]
    rows += [
        (f"source:{stream}", None, "column_missing", column, None)
        for stream, drift in manifest.drifts.items()
        for column in drift.missing
    ]
    rows += [
        # Accepted for tonight: the correction still waits for somebody.
        (f"source:{w.stream.name}", None, "correction_expired", None, reason.subject)
        for w in manifest.windows
        for reason in _expired(w, uses.get(w.stream.name, ()))
    ]
    rows += [
        (f"source:{window.stream.name}", None, "file_again", None, file.name)
        for window in manifest.windows
        for file in manifest.files(window.stream.name)
        if file.is_taken
    ]
    names = ("subject", "record_type", "rule", "field", "shape")
    schema = dict.fromkeys(names, pl.String)
    found = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        pl.lit(None, dtype).alias(name)
        for name, dtype in FINDINGS.items()
        if name not in schema
    )
    return found.select(FINDINGS.keys())
