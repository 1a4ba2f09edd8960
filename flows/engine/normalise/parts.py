"""The lines that one record mapping reads of a batch, and what is set aside of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from expectations.frames import FINDINGS, LOCATOR, RECORD_ID, ROW, SET_ASIDE, SOURCE_ID
from flows.engine.normalise.cells import Cells
from flows.engine.normalise.inside import Inside, Spread
from flows.engine.normalise.keys import Identities, source_ids
from flows.engine.normalise.record import RecordPlan, joined
from flows.engine.normalise.rows import holds
from flows.engine.normalise.text import shape

# Records that the source still shows, but as cancelled or as something else.
WITHDRAWN: dict[str, pl.DataType] = {
    ROW: pl.UInt32(),
    LOCATOR: pl.String(),
    "record_type": pl.String(),
    RECORD_ID: pl.String(),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A mapping, the lines it may read, and on which of them its condition holds."""

    plan: RecordPlan
    spread: Spread
    hit: pl.Series

    @property
    def is_own(self) -> bool:
        """True when its records are the rows themselves, not objects inside them."""
        return self.plan.mapping.each is None

    def applies(self, size: int) -> pl.Series:
        """For each row of the batch whether it gives a record."""
        rows = self.spread.rows.filter(self.hit)
        return pl.repeat(False, size, dtype=pl.Boolean, eager=True).scatter(rows, True)

    def cells(self, rows: pl.Series) -> Cells:
        """The lines that give records, of the marked rows of the batch."""
        return self.spread.cells.rows(self.hit & rows.gather(self.spread.rows))

    def named(self, cells: Cells) -> Identities:
        """Who the records of those lines are."""
        plain = source_ids(cells, self.plan.mapping.key)
        return self.plan.naming.identities(self.plan.mapping.type, plain)

    def withdrawn(self, filtered: pl.Series, good: pl.Series) -> pl.DataFrame:
        """Records that filtered rows would have given, and objects inside good rows
        whose condition does not hold (any more)."""
        gone = self.hit & filtered.gather(self.spread.rows)
        if not self.is_own:
            gone = gone | (~self.hit & good.gather(self.spread.rows))
        cells = self.spread.cells.rows(gone)
        named = cells.place.with_columns(
            self.named(cells).record_id.alias(RECORD_ID),
            record_type=pl.lit(self.plan.mapping.type),
        )
        return named.select(WITHDRAWN.keys()).drop_nulls(RECORD_ID)


def read_part(plan: RecordPlan, inside: Inside) -> Part:
    """What a mapping reads of a batch."""
    spread = inside.spread(plan.names, plan.mapping.each)
    return Part(plan, spread, holds(spread.cells, plan.mapping.when))


def aside(cells: Cells, parts: Sequence[Part], reason: pl.Series) -> pl.DataFrame:
    """The rows with a reason, named as the first own record they would have been.

    A row that would give records of its inside only has a type, but no key.
    """
    mine = reason.is_not_null()
    rest = cells.rows(mine)
    kinds = keys = ids = pl.repeat(None, len(rest), dtype=pl.String(), eager=True)
    for part in sorted(parts, key=lambda part: not part.is_own):
        first = part.applies(len(cells)).filter(mine) & kinds.is_null()
        kinds = kinds.set(first, part.plan.mapping.type)
        if part.is_own and first.any():
            who = part.named(part.spread.cells.rows(mine))
            keys = who.source_id.zip_with(first, keys)
            ids = who.record_id.zip_with(first, ids)
    columns = {"reason": reason.filter(mine), "record_type": kinds, SOURCE_ID: keys}
    named = rest.place.with_columns(**columns, **{RECORD_ID: ids})
    return named.select(SET_ASIDE.keys())


def standing(parts: Sequence[Part], rejected: pl.Series) -> pl.DataFrame:
    """ROW and RECORD_ID of rejected rows: the records that they may be.

    A row that no mapping takes (an unknown kind, say) still has its number.
    """
    found = []
    for part in parts:
        if part.is_own and rejected.any():
            cells = part.spread.cells.rows(rejected)
            ids = part.named(cells).record_id.alias(RECORD_ID)
            found.append(cells.place.select(ROW).with_columns(ids))
    nothing = pl.DataFrame(schema={ROW: pl.UInt32, RECORD_ID: pl.String})
    return pl.concat([nothing, *found]).drop_nulls(RECORD_ID)


def unread_findings(
    inside: Inside, parts: Sequence[Part], frames: Sequence[pl.DataFrame]
) -> pl.DataFrame:
    """What could not be read inside nested columns, said of the row's own record.

    A row without one says it of the first record of its inside.
    """
    if not inside.unread:
        return pl.DataFrame(schema=FINDINGS)
    pairs = sorted(zip(parts, frames, strict=True), key=lambda pair: not pair[0].is_own)
    owners = [
        frame.select(ROW, LOCATOR, RECORD_ID).with_columns(
            record_type=pl.lit(part.plan.mapping.type)
        )
        for part, frame in pairs
    ]
    told = pl.DataFrame(
        [(row, path, text) for (row, path), text in inside.unread.items()],
        schema={ROW: pl.UInt32, "field": pl.String, "text": pl.String},
        orient="row",
    )
    first = pl.concat(owners).unique(ROW, keep="first", maintain_order=True)
    said = told.join(first, on=ROW, maintain_order="left").with_columns(
        rule=pl.lit("items_unreadable")
    )
    return joined(
        [said.with_columns(shape(said["text"])).select(FINDINGS.keys())], FINDINGS
    )
