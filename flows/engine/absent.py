"""Records that a whole reading lacks: deleted at their source, or too many of them.

A record that disappeared is marked, never removed (NĐ 55/2022, prohibited acts); a
drop above the set share holds the source until a person looks.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from config.office import OfficeSource
from connectors.national import National, ledger
from connectors.national.holds import Reason
from connectors.national.ledger import Watermark
from expectations.frames import LOCATOR, RECORD_ID, ROW
from flows.engine.context import Night
from flows.engine.gate import FEW_ROWS, hold_or_pass
from flows.engine.prepared import Prepared
from flows.engine.reading import Reading
from flows.engine.repeats import missing_subjects

Keys = Callable[[], Iterable[pl.DataFrame]]

MISSING = "absent from the whole reading"
CANCELLED = "cancelled at its source"
UNREADABLE = "items_unreadable"  # a list in a cell that gave no items


@dataclass(frozen=True, slots=True)
class Absent:
    """Record type -> ids of stored records that the reading does not hold."""

    ids: dict[str, list[str]]
    # rows without a readable key in the last settled whole reading; None: never counted
    broken_before: int | None = None

    @property
    def total(self) -> int:
        """How many in all."""
        return sum(map(len, self.ids.values()))


def find_absent(
    night: Night,
    source: OfficeSource,
    reading: Reading,
    keys: Keys,
    marks: Mapping[str, Watermark],
) -> Absent:
    """What is stored of the record types that were read whole, and not in the reading.

    Raises HeldError when they are more than the share that gate.max_shrink allows.
    """
    types = _whole_types(source, reading)
    if not types:
        return Absent({})
    national, system = night.national, source.spec.system
    ids, stored = dict[str, list[str]](), 0
    for record_type in types:
        for part in ledger.stored_ids(national, system, record_type):
            stored += len(part)
            missing = missing_subjects(part, keys)
            if missing:
                ids.setdefault(record_type, []).extend(missing)
    counts = [m.broken_rows for m in marks.values() if m.broken_rows is not None]
    absent = Absent(ids, max(counts, default=None))
    hold_or_pass(night, source, _reasons(source, absent.total, stored))
    return absent


def _whole_types(source: OfficeSource, reading: Reading) -> list[str]:
    """The record types whose every stream was read whole."""
    whole = {window.stream.name for window in reading.windows if window.is_full}
    streams: dict[str, set[str]] = {}
    for stream in source.preset.streams:
        for mapping in stream.records:
            streams.setdefault(mapping.type, set()).add(stream.name)
    return [name for name, of_type in streams.items() if of_type <= whole]


def _reasons(source: OfficeSource, missing: int, stored: int) -> list[Reason]:
    most = max(source.gate.max_shrink * stored, min(FEW_ROWS, stored / 2))
    if missing <= most:
        return []
    said = (
        f"{missing} of its {stored} stored records are not in the whole reading, "
        f"expected at most {most:.0f} (were keys written anew?)"
    )
    return [Reason("absent", "", said, missing)]


@dataclass(slots=True)
class Leaving:
    """Gathers, batch by batch, what must be marked deleted with the last one."""

    absent: Absent
    present: set[str]  # rows that gave no record, and are there all the same
    cancelled: dict[str, dict[str, str]]  # record type -> id -> place of its row
    broken: int = 0  # rows and nested cells whose keys cannot be read

    @classmethod
    def of(cls, absent: Absent) -> "Leaving":
        """Nothing gathered yet."""
        return cls(absent, set(), {})

    def see(
        self, national: National, system: str, prepared: Prepared, held: pl.DataFrame
    ) -> None:
        """Take note of a batch: what it withdraws, rejects and cannot read (`held`:
        holding.HELD)."""
        self.present |= set(prepared.standing[RECORD_ID])
        unknown = prepared.rejected.join(prepared.standing, on=ROW, how="anti")
        cells = prepared.findings.filter(pl.col("rule") == UNREADABLE)
        blank = held.filter(pl.col("subject").str.starts_with("row:"))
        self.broken += unknown.height + cells.height + blank.height
        keyed = prepared.withdrawn.filter(pl.col(RECORD_ID).is_not_null())
        for (record_type,), part in keyed.group_by("record_type"):
            name, places = (
                str(record_type),
                dict(part.select(RECORD_ID, LOCATOR).rows()),
            )
            stored = ledger.stored_among(national, system, name, list(places))
            of_type = self.cancelled.setdefault(name, {})
            of_type |= {subject: places[subject] for subject in stored}

    @property
    def is_postponed(self) -> bool:
        """A row that broke since may be any of the absent records."""
        before = self.absent.broken_before
        return bool(self.absent.ids) and before is not None and self.broken > before

    @property
    def settled(self) -> int | None:
        """How many broken rows stand for no absent record, from now on."""
        return self.absent.broken_before if self.is_postponed else self.broken

    def deleted(self, keys: Keys) -> dict[str, pl.DataFrame]:
        """Record type -> RECORD_ID and LOCATOR of the records to mark."""
        marked: dict[str, dict[str, str]] = {}
        for record_type, ids in self.absent.ids.items():
            if not self.is_postponed:
                gone = (record for record in ids if record not in self.present)
                marked[record_type] = dict.fromkeys(gone, MISSING)
        for record_type, places in self.cancelled.items():
            for record in missing_subjects(list(places), keys):
                said = f"{CANCELLED}: {places[record]}"
                marked.setdefault(record_type, {})[record] = said
        return {name: _frame(places) for name, places in marked.items() if places}

    def findings(
        self, schema: dict[str, pl.DataType], system: str, on: date
    ) -> Iterator[pl.DataFrame]:
        """Said of the source when marks wait for its broken rows."""
        if self.is_postponed:
            shape = (
                f"{on}: {self.absent.total} records are absent, {self.broken} rows "
                f"have no readable key, {self.absent.broken_before} had none before"
            )
            row = {
                "subject": f"source:{system}",
                "rule": "deletion_postponed",
                "shape": shape,
            }
            yield pl.DataFrame([row], schema=schema)


def _frame(places: dict[str, str]) -> pl.DataFrame:
    columns = {RECORD_ID: list(places), LOCATOR: list(places.values())}
    return pl.DataFrame(columns, schema={RECORD_ID: pl.String, LOCATOR: pl.String})
