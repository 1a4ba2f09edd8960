"""Raw batches of one stream into records, findings and rows set aside."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from config.columns import used_columns
from config.office import OfficeSource
from connectors.sources.base import RawBatch
from expectations.frames import FINDINGS, RECORD_ID, REJECT, schema
from flows.engine.normalise import cells as columns_of
from flows.engine.normalise.cells import Carry, Cells, Drift
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
        self._columns = used_columns(self._stream)
        self._carry = Carry(dict.fromkeys(self._stream.fill_down))
        personal = (m.type for s in preset.streams for m in s.records if m.personal_key)
        naming = Naming(
            source.spec.system, token, frozenset(personal), source.succession
        )
        self._plans = [
            plan_record(mapping, self._stream, preset, naming)
            for mapping in self._stream.records
        ]
        self._known = known_names(self._stream)
        self._unknown = set[str]()

    @property
    def unknown_nested(self) -> tuple[str, ...]:
        """Dotted names inside nested columns, seen so far, neither used nor ignored."""
        unknown = self._unknown - {*self._stream.ignored}
        return tuple(sorted(unknown))[:MOST]

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
        cells = columns_of.read_cells(raw.frame, self._columns, self._null_tokens)
        cells = columns_of.fill_down(cells, self._carry)
        inside = self._look_inside(raw.frame, cells)
        parts = [read_part(plan, inside) for plan in self._plans]
        filtered, rejected = set_aside(
            raw.frame[REJECT].cast(pl.String),
            cells,
            self._stream.filters,
            [part.applies(len(cells)) for part in parts],
            inside.unread_rows(),
        )
        good = filtered.is_null() & rejected.is_null()
        read = [read_records(part.plan, part.cells(good)) for part in parts]
        frames = [frame for frame, _ in read]
        unread = unread_findings(inside, parts, frames)
        gone = joined(
            (part.withdrawn(filtered.is_not_null(), good) for part in parts), WITHDRAWN
        )
        given = joined((frame.select(RECORD_ID) for frame in frames), _ID)
        return Normalised(
            self._by_type(frames),
            joined([*(found for _, found in read), unread], FINDINGS),
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
        return inside

    def _by_type(self, frames: list[pl.DataFrame]) -> dict[str, pl.DataFrame]:
        parts: dict[str, list[pl.DataFrame]] = {}
        for plan, frame in zip(self._plans, frames, strict=True):
            parts.setdefault(plan.mapping.type, []).append(frame)
        return {name: joined(some, schema(name)) for name, some in parts.items()}
