"""The gate: what is known of a whole staged source before anything is loaded."""

from collections.abc import Iterator, Mapping, Sequence

from config.office import OfficeSource
from connectors.errors import HeldError, SourceError
from connectors.national import holds
from connectors.national.deliveries import Known
from connectors.national.holds import Reason
from connectors.national.ledger import Watermark
from flows.engine.context import Night
from flows.engine.manifest import Manifest, new_names
from flows.engine.normalise import Normaliser
from flows.engine.normalise.correcting import CorrectionUse
from flows.engine.reading import Window

# So many rows come and go freely: a share of few says nothing.
FEW_ROWS = 20


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


def hold_or_pass(
    night: Night,
    source: OfficeSource,
    reasons: Sequence[Reason],
    effect: str = "nothing was loaded",
) -> None:
    """Raise HeldError for what nobody has accepted; the ledger keeps the reasons."""
    spec = source.spec
    taken = holds.accepted(night.national, spec.system) if reasons else ()
    left = holds.uncovered(reasons, taken)
    if not left:
        return
    if not night.dry_run:
        holds.write_hold(
            night.national, night.run, spec.province, spec.system, reasons, night.now()
        )
    raise HeldError(
        f"{spec.province}: {spec.system} is held, {effect}: "
        f"{'; '.join(reason.text for reason in left)}. Mend it; or, if that is how it "
        f"should be: kntc accept --province {spec.province} --actor NAME --reason WHY"
    )


def _may_be_null(source: OfficeSource, manifest: Manifest, stream: str) -> bool:
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
            and not _may_be_null(source, manifest, stream)
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
            *expired(window, readers[window.stream.name].corrections),
        )
    ]


def _drifted(reader: Normaliser) -> Iterator[Reason]:
    for said in reader.drifted:
        # Without its counts. Not for good: other codes would pass unseen.
        subject = ": ".join(said.split(": ")[:2])
        yield Reason("drift", subject, said)


def expired(window: Window, uses: Sequence[CorrectionUse]) -> Iterator[Reason]:
    """The corrections that no longer fit what the stream holds."""
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
