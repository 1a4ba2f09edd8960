"""One office's path: extract, stage, gate, normalise, check, load. Start here."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from uuid import uuid4

from config.office import Office, OfficeSource
from connectors.errors import HeldError, KntcError, SourceError, TransientError
from connectors.national import ledger
from connectors.national.deliveries import known_files
from connectors.national.ledger import Watermark
from connectors.sources.base import Deadline
from expectations.version import policy_version
from flows.engine.absent import find_absent
from flows.engine.context import Night
from flows.engine.gate import (
    hold_or_pass,
    reasons_inside,
    reasons_to_hold,
    refuse_doubled,
)
from flows.engine.links import look_at_links
from flows.engine.loading import Loading, load_all, share_or_hold
from flows.engine.manifest import Manifest, manifest_of
from flows.engine.outcome import Counts
from flows.engine.preparing import Prepass, normalisers, prepare_all
from flows.engine.reading import Reading, read_source


def run_sources(night: Night, office: Office, deadline: Deadline) -> Counts:
    """Carry all sources of an office, in file order; a broken one stops no other.

    Raises what the first broken one raised, after the last was tried; what was
    committed stays (it was valid).
    """
    total, broken = Counts(), list[KntcError]()
    for source in office.sources:
        try:
            total += run_source(night, office, source, deadline)
        except (SourceError, TransientError, HeldError) as error:
            broken.append(error)
    if broken:
        raise broken[0]
    return total


def run_source(
    night: Night, office: Office, source: OfficeSource, deadline: Deadline
) -> Counts:
    """Carry one source; of deliveries (mode drop) one after the other, each loaded
    before the next is read, as if each had come on a night of its own."""
    attempt = f"{night.run}-{uuid4().hex[:6]}"
    counts, seq = _run_once(night, office, source, attempt, 0, deadline)
    # A dry run takes nothing, and would see the first delivery again and again.
    while seq is not None and not night.dry_run:
        some, seq = _run_once(night, office, source, attempt, seq, deadline)
        counts += some
    return counts


def _run_once(
    night: Night,
    office: Office,
    source: OfficeSource,
    attempt: str,
    first_seq: int,
    deadline: Deadline,
) -> tuple[Counts, int | None]:
    """Stage one source whole, gate it, then load it batch by batch.

    Gives the number of the next batch where there may be another delivery.
    """
    started_at = night.now()
    marks = ledger.watermarks(night.national, source.spec.system)
    known = known_files(night.national, source.spec.system)
    _refuse_chain(night, source)
    name = f"{attempt}.{first_seq:05d}"
    reading = read_source(night, source, marks, known, name, deadline)
    try:
        readers = normalisers(source, night.sealer)
        manifest = manifest_of(reading, readers)
        refuse_doubled(source, manifest)
        hold_or_pass(night, source, reasons_to_hold(source, manifest, marks, known))
        prepass = prepare_all(
            office, reading.stage, night.sealer, readers, started_at, deadline
        )
        hold_or_pass(night, source, reasons_inside(manifest, readers))
        version = check_version(source)
        loading = Loading(
            night,
            office,
            source,
            reading,
            manifest,
            prepass,
            readers,
            find_absent(night, source, reading, prepass.keys, marks),
            version,
            {mark.checked_with for mark in marks.values()} == {version},
            attempt,
            first_seq,
        )
        moved = moved_marks(night.night_on, reading, manifest, prepass, marks, version)
        counts = load_all(loading, moved, deadline)
        counts += look_at_links(loading, deadline)
        share_or_hold(loading, counts)
        # One more than it had: its links were looked at in a closing batch.
        return counts, loading.next_seq + 1 if manifest.has_delivered else None
    finally:
        if night.dry_run:
            reading.stage.remove()


def _refuse_chain(night: Night, source: OfficeSource) -> None:
    """Raise SourceError when a succession names a system that itself succeeded one: its
    records bear the id of the first."""
    for moved in source.succession:
        if ledger.has_moved_on(night.national, moved.from_system):
            raise SourceError(
                f"{source.spec.province}: [[succession]] from {moved.from_system}, "
                "which itself took over records of an older system; name that one as "
                "from, with a pattern or keys_file that gives its keys"
            )


def check_version(source: OfficeSource) -> str:
    """What a record of this source is checked with: the policy and its preset."""
    rules = f"{policy_version()}\n{source.preset!r}\n{source.gate!r}"
    moved = f"\n{source.succession!r}\n{source.corrections!r}"
    return hashlib.sha256((rules + moved).encode()).hexdigest()


def moved_marks(
    night_on: date,
    reading: Reading,
    manifest: Manifest,
    prepass: Prepass,
    marks: Mapping[str, Watermark],
    version: str,
) -> list[Watermark]:
    """The watermarks after this reading.

    A window that the operator chose moves none: it may leave a gap before it.
    """
    high = prepass.newest
    moved = []
    for window in reading.windows:
        name = window.stream.name
        before = marks.get(name, Watermark(name, None, None))
        top = prepass.highest.get(name, before.high_version)
        if window.is_full:
            newest = high.get(name, before.high_at)
            rows = manifest.rows(name)
            # Only a whole reading has asked every record by the rules of now.
            whole = replace(
                before, full_rows=rows, full_on=night_on, checked_with=version
            )
            moved.append(replace(whole, high_at=newest, high_version=top))
        elif not window.chosen:
            times = [at for at in (high.get(name), before.high_at) if at is not None]
            versions = [v for v in (top, before.high_version) if v is not None]
            moved.append(
                replace(
                    before,
                    high_at=max(times, default=None),
                    high_version=max(versions, default=None),
                )
            )
    return moved
