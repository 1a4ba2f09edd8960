"""Raw batches of one stream into records, findings and rows set aside."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from config.office import OfficeSource
from config.preset_checks import used_columns
from connectors.sources.base import RawBatch
from expectations.frames import (
    FINDINGS,
    REJECT,
    SET_ASIDE,
    SOURCE_ID,
    schema,
)
from flows.engine.normalise import cells as columns_of
from flows.engine.normalise.cells import Carry, Cells, Drift
from flows.engine.normalise.keys import Naming, Token, source_ids
from flows.engine.normalise.record import (
    RecordPlan,
    joined,
    null_tokens,
    plan_record,
    read_records,
)
from flows.engine.normalise.rows import holds, set_aside


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


class Normaliser:
    """The preset's reading of one stream; pure but for the fill-down carry.

    A second pass over the same batches needs a new one.
    """

    def __init__(self, source: OfficeSource, stream: str, token: Token) -> None:
        preset = source.preset
        self._stream = source.stream(stream)
        self._null_tokens = null_tokens(preset)
        self._names = used_columns(self._stream)
        self._carry = Carry(dict.fromkeys(self._stream.fill_down))
        personal = (m.type for s in preset.streams for m in s.records if m.personal_key)
        naming = Naming(source.spec.system, token, frozenset(personal))
        self._plans = [
            plan_record(mapping, self._stream, preset, naming)
            for mapping in self._stream.records
        ]

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
        cells = columns_of.read_cells(raw.frame, self._names, self._null_tokens)
        cells = columns_of.fill_down(cells, self._carry)
        applies = [holds(cells, plan.mapping.when) for plan in self._plans]
        said = raw.frame[REJECT].cast(pl.String)
        filtered, rejected = set_aside(said, cells, self._stream.filters, applies)
        good = filtered.is_null() & rejected.is_null()
        frames, findings = self._records(cells, [good & mask for mask in applies])
        return Normalised(
            frames,
            findings,
            self._aside(cells, applies, filtered),
            self._aside(cells, applies, rejected),
            int(good.sum()),
        )

    def _records(
        self, cells: Cells, masks: list[pl.Series]
    ) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
        frames: dict[str, list[pl.DataFrame]] = {}
        findings = []
        for plan, mask in zip(self._plans, masks, strict=True):
            frame, found = read_records(plan, cells.rows(mask))
            frames.setdefault(plan.mapping.type, []).append(frame)
            findings.append(found)
        whole = {name: joined(parts, schema(name)) for name, parts in frames.items()}
        return whole, joined(findings, FINDINGS)

    def _aside(
        self, cells: Cells, applies: list[pl.Series], reason: pl.Series
    ) -> pl.DataFrame:
        mine = reason.is_not_null()
        rest = cells.rows(mine)
        kinds = keys = pl.repeat(None, len(rest), dtype=pl.String(), eager=True)
        for plan, mask in zip(self._plans, applies, strict=True):
            first = mask.filter(mine) & kinds.is_null()
            keys = self._shown_keys(plan, rest).zip_with(first, keys)
            kinds = kinds.set(first, plan.mapping.type)
        columns = {"reason": reason.filter(mine), "record_type": kinds, SOURCE_ID: keys}
        return rest.place.with_columns(**columns).select(SET_ASIDE.keys())

    def _shown_keys(self, plan: RecordPlan, cells: Cells) -> pl.Series:
        plain = source_ids(cells, plan.mapping.key)
        return plan.naming.stored(plan.mapping.type, plain)
