"""Records that a whole reading lacks: deleted at their source, or too many of them.

A record that disappeared is marked, never removed (NĐ 55/2022, prohibited acts); a
drop above the set share holds the source until a person looks.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from config.office import OfficeSource
from connectors.errors import HeldError
from connectors.national import National, ledger
from expectations.frames import LOCATOR, RECORD_ID
from flows.engine.context import Night
from flows.engine.gate import FEW_ROWS
from flows.engine.prepared import Prepared
from flows.engine.reading import Reading
from flows.engine.repeats import missing_subjects

Keys = Callable[[], Iterable[pl.DataFrame]]

MISSING = "absent from the whole reading"
CANCELLED = "cancelled at its source"


@dataclass(frozen=True, slots=True)
class Absent:
    """Record type -> ids of stored records that the reading does not hold."""

    ids: dict[str, list[str]]
    # subjects of rows without a readable key that were known before this night
    known_rows: frozenset[str]

    @property
    def total(self) -> int:
        """How many in all."""
        return sum(map(len, self.ids.values()))


def find_absent(
    night: Night, source: OfficeSource, reading: Reading, keys: Keys
) -> Absent:
    """What is stored of the record types that were read whole, and not in the reading.

    Raises HeldError when they are more than the share that gate.max_shrink allows.
    """
    types = _whole_types(source, reading)
    if not types:
        return Absent({}, frozenset())
    national, system = night.national, source.spec.system
    ids, stored = dict[str, list[str]](), 0
    for record_type in types:
        for part in ledger.stored_ids(national, system, record_type):
            stored += len(part)
            missing = missing_subjects(part, keys)
            if missing:
                ids.setdefault(record_type, []).extend(missing)
    known = (
        ledger.unreadable_rows(national, system, night.night_on) if ids else set[str]()
    )
    absent = Absent(ids, frozenset(known))
    _hold_or_pass(source, absent.total, stored)
    return absent


def _whole_types(source: OfficeSource, reading: Reading) -> list[str]:
    """The record types whose every stream was read whole."""
    whole = {window.stream.name for window in reading.windows if window.is_full}
    streams: dict[str, set[str]] = {}
    for stream in source.preset.streams:
        for mapping in stream.records:
            streams.setdefault(mapping.type, set()).add(stream.name)
    return [name for name, of_type in streams.items() if of_type <= whole]


def _hold_or_pass(source: OfficeSource, missing: int, stored: int) -> None:
    most = source.gate.max_shrink * stored
    if missing <= max(most, FEW_ROWS):
        return
    raise HeldError(
        f"{source.spec.province}: {source.spec.system} is held, nothing was loaded: "
        f"{missing} of its {stored} stored records are not in the whole reading, "
        f"expected at most {most:.0f} (were keys written anew? if they really were "
        "deleted, raise gate.max_shrink of this source for one night)"
    )


def unreadable(findings: pl.DataFrame) -> set[str]:
    """Nested cells that gave no records, each by its own record and its column.

    What stood in them may be any of the absent records.
    """
    lists = findings.filter(pl.col("rule") == ledger.UNREADABLE)
    names = lists.select(pl.concat_str(RECORD_ID, "field", separator=":"))
    return {name for name in names.to_series() if name is not None}


@dataclass(slots=True)
class Leaving:
    """Gathers, batch by batch, what must be marked deleted with the last one."""

    absent: Absent
    present: set[str]  # subjects of rejected rows: broken, and there all the same
    cancelled: dict[str, dict[str, str]]  # record type -> id -> place of its row
    new_rows: set[str]  # rows without a readable key, never seen before

    @classmethod
    def of(cls, absent: Absent) -> "Leaving":
        """Nothing gathered yet."""
        return cls(absent, set(), {}, set())

    def see(
        self,
        national: National,
        system: str,
        prepared: Prepared,
        held: pl.DataFrame,
        aside: pl.DataFrame,
    ) -> None:
        """Take note of a batch: what it withdraws, and its held and set-aside rows
        (holding.HELD, SET_ASIDE)."""
        subjects = {*held["subject"], *aside["subject"]}
        rows = {s for s in subjects if s.startswith("row:")}
        unread = unreadable(prepared.findings)
        self.new_rows |= (rows | unread) - self.absent.known_rows
        broken = aside.filter(pl.col("rule") == "row_rejected")
        self.present |= set(broken["subject"]) - rows
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
        """A row whose key cannot be read may be any of the absent records."""
        return bool(self.absent.ids) and bool(self.new_rows)

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
        self, schema: dict[str, pl.DataType], system: str
    ) -> Iterator[pl.DataFrame]:
        """Said of the source when marks wait for its broken rows."""
        if self.is_postponed:
            shape = (
                f"{self.absent.total} records are absent, {len(self.new_rows)} new "
                "rows have no readable key"
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
