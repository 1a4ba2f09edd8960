"""Raw batches of one stream into records, findings and rows set aside."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from config.columns import used_columns
from config.corrections import matched_columns
from config.office import OfficeSource
from connectors.sources.base import RawBatch
from expectations.frames import FINDINGS, RECORD_ID, REJECT, ROW, schema
from flows.engine.normalise import cells as columns_of
from flows.engine.normalise.cells import Carry, Cells, Drift
from flows.engine.normalise.checking import broken_rows
from flows.engine.normalise.correcting import (
    Corrected,
    CorrectionUse,
    correct,
    plan_corrections,
)
from flows.engine.normalise.drifting import Notice, Watch, of_records
from flows.engine.normalise.inside import Inside, look_inside
from flows.engine.normalise.keys import Naming, Token
from flows.engine.normalise.parts import (
    WITHDRAWN,
    aside,
    read_part,
    standing,
    unread_findings,
)
from flows.engine.normalise.record import (
    joined,
    null_tokens,
    plan_record,
    read_records,
)
from flows.engine.normalise.rows import set_aside
from flows.engine.normalise.splitting import split_cells
from flows.engine.normalise.unknown import MOST, known_names, note_unknown

_ID: dict[str, pl.DataType] = {RECORD_ID: pl.String()}


@dataclass(frozen=True, slots=True)
class Normalised:
    """What became of a batch: each raw row is mapped, filtered or rejected.

    `frames` has one frame for each record type the stream can give, in the order of
    the preset, with the columns of frames.schema. One row may give several records.
    """

    frames: dict[str, pl.DataFrame]
    findings: pl.DataFrame
    filtered: pl.DataFrame
    rejected: pl.DataFrame
    rows_mapped: int
    # Records that this batch shows as cancelled: those that filtered rows, and objects
    # inside them, would have given, and objects whose `when` does not hold.
    withdrawn: pl.DataFrame
    # ROW and RECORD_ID: whose rows the rejected ones may be, by every own mapping
    standing: pl.DataFrame


class Normaliser:
    """The preset's reading of one stream; pure but for the fill-down carry.

    A second pass over the same batches needs a new one.
    """

    def __init__(self, source: OfficeSource, stream: str, token: Token) -> None:
        preset = source.preset
        self._stream = source.stream(stream)
        self._null_tokens = null_tokens(preset)
        self._preset = preset
        self._corrections = plan_corrections(
            source.corrections, stream, self._null_tokens
        )
        wanted = matched_columns(plan.correction for plan in self._corrections)
        self._columns = [*dict.fromkeys((*used_columns(self._stream), *wanted))]
        sections = (section.name for section in self._stream.sections)
        self._carry = Carry(dict.fromkeys((*self._stream.fill_down, *sections)))
        personal = (m.type for s in preset.streams for m in s.records if m.personal_key)
        naming = Naming(
            source.spec.system, token, frozenset(personal), source.succession
        )
        self._plans = [
            plan_record(mapping, self._stream, preset, naming)
            for mapping in self._stream.records
        ]
        self._identifying = {c for plan in self._plans for c in plan.identifying}
        self._known = known_names(self._stream)
        self._unknown = set[str]()
        self._watch = Watch(stream, preset.drift)
        # cp1258 writes a tone behind its letter: as declared, and nothing to repair.
        self._is_apart = self._stream.encoding in ("cp1258", "windows-1258")

    @property
    def version(self) -> tuple[str, ...]:
        """The columns that say a row's version, if the stream has them."""
        return self._stream.version

    @property
    def unknown_nested(self) -> tuple[str, ...]:
        """Dotted names inside nested columns, seen so far, neither used nor ignored."""
        unknown = self._unknown - {*self._stream.ignored}
        return tuple(sorted(unknown))[:MOST]

    @property
    def corrections(self) -> tuple[CorrectionUse, ...]:
        """What became of the stream's corrections so far, in the file's order."""
        return tuple(plan.use for plan in self._corrections)

    @property
    def drifted(self) -> tuple[str, ...]:
        """Why the preset's drift policy holds the source, as seen so far."""
        return tuple(self._watch.reasons())

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Findings on the source as a whole, as seen so far."""
        spent = (
            Notice("correction_spent", None, None, use.said_spent())
            for use in self.corrections
            if use.spent
        )
        return (*self._watch.notices(), *spent)

    def held_by_drift(self, findings: pl.DataFrame) -> pl.DataFrame:
        """Of a batch's findings those that quarantine, since a whole column changed
        its type; known only when all batches are read."""
        return self._watch.types_held(findings)

    @property
    def not_provided(self) -> tuple[tuple[str, str], ...]:
        """(record type, field) pairs that the product cannot give."""
        pairs = [(m.type, f) for m in self._stream.records for f in m.not_provided]
        return tuple(dict.fromkeys(pairs))

    def provided(self, record_type: str) -> frozenset[str]:
        """The fields of a record type that the preset maps."""
        mappings = (m for m in self._stream.records if m.type == record_type)
        return frozenset(field for mapping in mappings for field in mapping.fields)

    def drift(self, columns: Sequence[str]) -> Drift:
        """How the source's columns differ from the preset."""
        return columns_of.drift(self._stream, columns)

    def batch(self, raw: RawBatch) -> Normalised:
        """Records, findings and set-aside rows of a batch; never raises on text."""
        cells = columns_of.read_cells(
            _composed(raw.frame) if self._is_apart else raw.frame,
            self._columns,
            self._null_tokens,
            self._identifying,
        )
        cells = columns_of.under_sections(cells, self._stream.sections)
        cells = columns_of.fill_down(cells, self._carry)
        readable = raw.frame[REJECT].is_null()
        cells, corrected = correct(cells, self._corrections, readable)
        inside = self._look_inside(raw.frame, cells)
        parts = [read_part(plan, inside) for plan in self._plans]
        filtered, rejected = set_aside(
            raw.frame[REJECT].cast(pl.String),
            cells,
            self._stream.row_filters,
            [part.applies(len(cells)) for part in parts],
            inside.unread_rows(),
        )
        good = filtered.is_null() & rejected.is_null()
        read = [read_records(part.plan, part.cells(good)) for part in parts]
        frames = [records.frame for records in read]
        for part, records in zip(parts, read, strict=True):
            self._watch.see(part.plan, records.read)
        findings = joined((records.findings for records in read), FINDINGS)
        unread = unread_findings(inside, parts, frames)
        gone = joined(
            (part.withdrawn(filtered.is_not_null(), good) for part in parts), WITHDRAWN
        )
        given = joined((frame.select(RECORD_ID) for frame in frames), _ID)
        return Normalised(
            self._by_type(frames),
            joined(
                [
                    findings,
                    unread,
                    self._watch.codes_held(findings),
                    *self._of_rows(raw.frame, cells, frames, corrected),
                ],
                FINDINGS,
            ),
            aside(cells, parts, filtered),
            aside(cells, parts, rejected),
            int(good.sum()),
            gone.join(given, on=RECORD_ID, how="anti", maintain_order="left"),
            standing(parts, rejected.is_not_null()),
        )

    def _look_inside(self, raw: pl.DataFrame, cells: Cells) -> Inside:
        """The nested columns, parsed; what of them nobody knows is remembered."""
        found = columns_of.match(raw.columns, self._stream.nested)
        texts = {
            column: raw[found[column]] if column in found else cells.text(column)
            for column in self._stream.nested
        }
        inside = look_inside(cells, texts, self._null_tokens)
        for column, values in inside.columns.items():
            known = self._known.below[column]
            for value in values:
                note_unknown(value, known, column, self._unknown)
        split_cells(inside, self._stream.lists)
        return inside

    def _of_rows(
        self,
        raw: pl.DataFrame,
        cells: Cells,
        frames: list[pl.DataFrame],
        corrected: list[Corrected],
    ) -> list[pl.DataFrame]:
        """Findings on whole rows, said of each record that a row gives."""
        types = [plan.mapping.type for plan in self._plans]
        records = list(zip(types, frames, strict=True))
        missing = self.drift(raw.columns).missing if self._bears_missing else ()
        said = self._watch.held(records, missing)
        rows = [("corrected", hit.rows, hit.shape) for hit in corrected]
        for check in self._stream.checks:
            broken = broken_rows(check, cells, self._preset)
            if broken.any():
                hit = cells.place[ROW].filter(broken)
                rows.append(("computed_check", hit, check.name))
        return said + [
            of_records(kind, frame.filter(frame[ROW].is_in(hit.implode())), rule, shape)
            for rule, hit, shape in rows
            for kind, frame in records
        ]

    @property
    def _bears_missing(self) -> bool:
        """Whether the gate lets a batch pass that lacks a column."""
        return self._preset.drift.column_missing != "hold"

    def _by_type(self, frames: list[pl.DataFrame]) -> dict[str, pl.DataFrame]:
        parts: dict[str, list[pl.DataFrame]] = {}
        for plan, frame in zip(self._plans, frames, strict=True):
            parts.setdefault(plan.mapping.type, []).append(frame)
        return {name: joined(some, schema(name)) for name, some in parts.items()}


def _composed(raw: pl.DataFrame) -> pl.DataFrame:
    """The source's columns in NFC."""
    theirs = [name for name in raw.columns if not name.startswith("kntc:")]
    return raw.with_columns(pl.col(theirs).str.normalize("NFC"))
