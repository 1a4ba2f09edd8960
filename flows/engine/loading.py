"""Pass two over a stage: check and load each batch, the watermark with the last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from config.office import Office, OfficeSource
from connectors.errors import SourceError
from connectors.national import holding, incoming, ledger
from connectors.national.holds import Reason
from connectors.national.ledger import Known, Watermark
from connectors.national.load import Batch, load
from connectors.sources.base import Deadline, FileRead
from connectors.staging import Line
from expectations.check import check
from expectations.deadlines import clocks
from expectations.frames import FORMER_SYSTEM, LOCATOR, RECORD_ID, REJECT, ROW
from flows.engine.absent import Absent, Leaving
from flows.engine.assembly import Assembled, CheckedFrames, assemble
from flows.engine.context import Night
from flows.engine.gate import hold_or_pass
from flows.engine.manifest import Manifest
from flows.engine.normalise import Normaliser
from flows.engine.outcome import Counts
from flows.engine.prepared import Prepared
from flows.engine.preparing import Prepass
from flows.engine.reading import Reading
from flows.engine.remarks import source_findings, volume_finding
from flows.engine.repeats import Repeats, find_repeats, missing_subjects
from flows.engine.volume import HISTORY

# Rule 69: below this many records a bad share says nothing yet.
SHARE_AFTER = 20
EMPTY_DIGEST = "0" * 64
NO_RAW = pl.DataFrame(schema={ROW: pl.UInt32, LOCATOR: pl.String, REJECT: pl.String})


@dataclass(frozen=True, slots=True)
class Loading:
    """All that is known of one source when its loading begins.

    `attempt` names all that is loaded of the source in one go (batch.stage), of which
    deliveries are parts: batches are numbered through, from `first_seq`.
    """

    night: Night
    office: Office
    source: OfficeSource
    reading: Reading
    manifest: Manifest
    prepass: Prepass
    readers: Mapping[str, Normaliser]
    absent: Absent
    # names the rules, the preset and the declared corrections of now
    version: str
    # True when what is stored was checked with them
    settled: bool
    attempt: str
    first_seq: int

    @property
    def next_seq(self) -> int:
        """The number after its batches; a source that gave none still has one."""
        return self.first_seq + max(len(self.prepass.lines), 1)

    def known(self, record_type: str, frame: pl.DataFrame) -> Known:
        """What of a frame is stored as it was read, and so needs no check."""
        if not self.settled:
            return Known.nothing()
        ids = frame[RECORD_ID].drop_nulls().to_list()
        system = self.source.spec.system
        return ledger.known(self.night.national, system, record_type, ids)


def load_all(work: Loading, moved: Sequence[Watermark], deadline: Deadline) -> Counts:
    """Load every batch; a source that gave none still has one, empty."""
    repeats = find_repeats(work.prepass.keys, work.manifest.total)
    total, seen_rows, leaving = Counts(), set[str](), Leaving.of(work.absent)
    national, system = work.night.national, work.source.spec.system
    last = max(len(work.prepass.lines) - 1, 0)
    for seq in range(last + 1):
        prepared = _taken(work, seq)
        parts = _assembled(work, seq, prepared, repeats)
        seen_rows |= set(parts.held["subject"]) | set(parts.set_aside["subject"])
        if prepared is not None:
            leaving.see(national, system, prepared, parts.held)
        gone = _gone(work, seen_rows) if seq == last else ()
        left = leaving if seq == last else None
        ends = _settled(work, moved, leaving) if seq == last else ()
        counts = _load(work, seq, parts, ends, gone, left, deadline)
        total += counts
    work.prepass.shelf.clear()
    return total


def _settled(
    work: Loading, moved: Sequence[Watermark], leaving: Leaving
) -> list[Watermark]:
    """The watermarks with the number of broken rows that hide no record."""
    if not work.reading.is_full:
        return list(moved)
    return [replace(mark, broken_rows=leaving.settled) for mark in moved]


def _taken(work: Loading, seq: int) -> Prepared | None:
    """A batch off its shelf; None for a source that gave none."""
    if not work.prepass.lines:
        return None
    prepared = work.prepass.shelf.take(seq)
    reader = work.readers[work.prepass.lines[seq].stream]
    held = reader.held_by_drift(prepared.findings)
    if held.is_empty():
        return prepared
    return replace(prepared, findings=pl.concat([prepared.findings, held]))


def _assembled(
    work: Loading, seq: int, prepared: Prepared | None, repeats: Repeats
) -> Assembled:
    night = work.night
    if prepared is None:
        return _nothing()
    _refuse_claimed(work, prepared)
    line = work.prepass.lines[seq]
    # The local date: at 01:00 there it is still yesterday in UTC.
    today = night.night_on
    return assemble(
        prepared,
        repeats,
        work.reading.stage.batch(line).frame,
        lambda *part: _checked(work.readers[line.stream], today, *part),
        work.known,
        night.sealer.source_id_tokens,
    )


def _refuse_claimed(work: Loading, prepared: Prepared) -> None:
    """Raise SourceError when a succession takes records that another system holds: the
    two would take them from one another every night."""
    system = work.source.spec.system
    for record_type, frame in prepared.frames.items():
        moved = frame.filter(pl.col(FORMER_SYSTEM).is_not_null())
        if moved.height == 0:
            continue
        ids = dict(moved.select(RECORD_ID, FORMER_SYSTEM).rows())
        holders = ledger.held_by(work.night.national, record_type, list(ids))
        others = {h for r, h in holders.items() if h not in (system, ids[r])}
        if others:
            raise SourceError(
                f"{work.office.stem}: the [[succession]] of {system} claims records of "
                f"type {record_type} that {', '.join(sorted(others))} holds; expected "
                "one successor for each old key. Mend pattern or keys_file"
            )


def _nothing() -> Assembled:
    return Assembled(
        lines=pl.DataFrame(schema=incoming.LINES),
        accepted={},
        held=pl.DataFrame(schema=holding.HELD),
        findings=pl.DataFrame(schema=holding.FINDINGS),
        set_aside=pl.DataFrame(schema=holding.SET_ASIDE),
        conflicts=[],
    )


def _checked(
    reader: Normaliser,
    today: date,
    record_type: str,
    frame: pl.DataFrame,
    prior: pl.DataFrame,
) -> CheckedFrames:
    result = check(record_type, frame, prior, reader.provided(record_type), today)
    return CheckedFrames(result.accepted, result.quarantined, result.findings)


def _load(
    work: Loading,
    seq: int,
    parts: Assembled,
    moved: Sequence[Watermark],
    gone: Sequence[str],
    leaving: Leaving | None,
    deadline: Deadline,
) -> Counts:
    night, lines = work.night, work.prepass.lines
    line = lines[seq] if lines else Line("", "", 0, (), EMPTY_DIGEST)
    said = _remarks(work) if seq == 0 else []
    if leaving is not None:
        system = work.source.spec.system
        said += leaving.findings(holding.FINDINGS, system, night.night_on)
    findings = pl.concat([parts.findings, *said])
    if night.dry_run:
        night.sights.see(findings, parts.held, parts.set_aside)
    counts = load(
        night.national,
        night.sealer,
        Batch(
            run=night.run,
            province=work.office.stem,
            system=work.source.spec.system,
            stage=work.attempt,
            seq=work.first_seq + seq,
            is_last=leaving is not None,
            is_full=work.reading.is_full,
            source_digest=line.sha256,
            rows_read=line.rows,
            lines=parts.lines,
            accepted=parts.accepted,
            derived=_derived(work.office, parts.accepted),
            held=parts.held,
            findings=findings,
            set_aside=parts.set_aside,
            deleted=leaving.deleted(work.prepass.keys) if leaving else {},
            conflicts=parts.conflicts,
            gone=gone,
            watermarks=moved,
            files=_files(work) if leaving else (),
            checked_with=work.version,
        ),
        night.now(),
        deadline,
        dry_run=night.dry_run,
    )
    return Counts(**counts)


def _files(work: Loading) -> list[tuple[str, FileRead]]:
    """The files of this reading, by stream."""
    return [
        (stream.name, file)
        for stream in work.source.spec.streams
        for file in work.manifest.files(stream.name)
        if not file.is_taken
    ]


def _remarks(work: Loading) -> list[pl.DataFrame]:
    """What is said of the source as a whole, with its first batch.

    Of deliveries the volume is the night's, said when no more of them came.
    """
    said = [source_findings(work.source, work.manifest, work.readers)]
    if work.manifest.has_delivered:
        return said
    night, system = work.night, work.source.spec.system
    past = ledger.past_readings(
        night.national, system, night.night_on - HISTORY, work.reading.is_full
    )
    is_tonight = pl.col("stage") == work.attempt
    rows = work.manifest.total + int(past.filter(is_tonight)["rows"].sum())
    before = past.filter(~is_tonight).select("night_on", "rows").rows()
    return [*said, volume_finding(system, rows, before, night.night_on)]


def _derived(office: Office, accepted: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Due date, basis, regime and province of each accepted record."""
    parts = [
        frame.select("n", RECORD_ID)
        .hstack(clocks(record_type, frame).drop(RECORD_ID))
        .with_columns(
            record_type=pl.lit(record_type),
            province_code=pl.lit(office.table.province_code),
            code_scheme=pl.lit(office.table.code_scheme),
        )
        for record_type, frame in accepted.items()
        if frame.height
    ]
    schema = {"n": pl.Int64, RECORD_ID: pl.String}
    return pl.concat(parts) if parts else pl.DataFrame(schema=schema)


def _gone(work: Loading, seen_rows: set[str]) -> list[str]:
    """Open quarantine that a full read no longer holds: mended or taken out there."""
    if not work.reading.is_full:
        return []
    subjects = ledger.open_subjects(work.night.national, work.source.spec.system)
    rows = [s for s in subjects if s.startswith("row:") and s not in seen_rows]
    records = [s for s in subjects if not s.startswith("row:")]
    return [*rows, *missing_subjects(records, work.prepass.keys)]


def share_or_hold(work: Loading, total: Counts) -> None:
    """Raise HeldError when too large a share is quarantined (rule 69).

    All is committed by then: a person must look, but what is valid is not withheld
    (P6).
    """
    limit = work.source.gate.max_quarantined
    if total.read < SHARE_AFTER or total.quarantined <= limit * total.read:
        return
    text = (
        f"{total.quarantined} of {total.read} records are quarantined, more than the "
        f"share of {limit:.0%} (gate.max_quarantined): kntc quarantine list --province "
        f"{work.office.stem}"
    )
    reason = Reason("quarantined", "", text, total.quarantined, lasts=True)
    hold_or_pass(work.night, work.source, [reason], "what is valid was published")
