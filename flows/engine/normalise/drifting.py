"""What a stream's drift does to its records: held one by one, or told to the gate."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from config.columns import origin_columns
from config.drift import DriftPolicy
from expectations.frames import FINDINGS, LOCATOR, RECORD_ID, ROW
from flows.engine.normalise.readings import Reading
from flows.engine.normalise.record import RecordPlan, joined

HELD = "drift_held"
CODE = "code_unknown"
# What says of a cell that it is not what its column was declared to hold.
UNREAD = frozenset(
    {
        CODE,
        "date_unreadable",
        "extract_failed",
        "items_unreadable",
        "number_unreadable",
        "reference_unreadable",
    }
)
# Fewer cells, or no more than half of them, are faults of rows and not of a column.
LEAST_CELLS = 20
CURSOR_FIELD = "cursor"
Name = tuple[str, str]  # record type, field


@dataclass(frozen=True, slots=True)
class Notice:
    """A finding on the source as a whole: rule, record type, field, shape."""

    rule: str
    record_type: str | None
    field: str | None
    shape: str


@dataclass(slots=True)
class Tally:
    """Cells of one field so far: those that held something, and those unread."""

    columns: tuple[str, ...]
    given: int = 0
    unread: int = 0

    @property
    def is_retyped(self) -> bool:
        """Whether the column no longer holds what it is declared to hold."""
        return self.unread >= LEAST_CELLS and 2 * self.unread > self.given

    def said(self) -> str:
        """What a finding says of it; column names are the preset's."""
        names = " and ".join(map(repr, self.columns))
        verb = "column" if len(self.columns) == 1 else "columns"
        return f"{verb} {names}: {self.unread} of {self.given} values cannot be read"


@dataclass(slots=True)
class Watch:
    """The drift of one stream's cells, over all its batches."""

    stream: str
    policy: DriftPolicy
    tallies: dict[Name, Tally] = field(default_factory=dict)
    codes: dict[Name, int] = field(default_factory=dict)  # cells with a code unknown
    missing: dict[str, None] = field(default_factory=dict)  # columns, in order

    def see(self, plan: RecordPlan, read: Mapping[str, Reading]) -> None:
        """Count a batch's readings of one record mapping."""
        for name, reading in read.items():
            if not reading.given:
                continue
            key = (plan.mapping.type, name)
            if key not in self.tallies:
                self.tallies[key] = Tally(_columns(plan, name))
            tally = self.tallies[key]
            tally.given += reading.given
            for fault in reading.faults:
                if fault.rule in UNREAD and not fault.item:
                    tally.unread += len(fault.rows)

    def retyped(self) -> dict[Name, Tally]:
        """The fields whose columns have changed their type."""
        return {key: tally for key, tally in self.tallies.items() if tally.is_retyped}

    def notices(self) -> list[Notice]:
        """A finding on the source for each column that is gone, or changed its type."""
        gone = [Notice("column_missing", None, name, "absent") for name in self.missing]
        return gone + [
            Notice("column_type", record_type, name, tally.said())
            for (record_type, name), tally in self.retyped().items()
        ]

    def reasons(self) -> list[str]:
        """Why the policy holds the source; nothing in them is a value."""
        found = []
        if self.policy.column_type == "hold":
            found += [
                f"stream {self.stream}: {record_type}.{name}: {tally.said()} as the "
                "preset says"
                for (record_type, name), tally in self.retyped().items()
            ]
        if self.policy.code_new == "hold":
            found += [
                f"stream {self.stream}: {record_type}.{name}: {count} cells hold codes "
                "that are in no code map"
                for (record_type, name), count in self.codes.items()
            ]
        return found

    def held(
        self, frames: Iterable[tuple[str, pl.DataFrame]], missing: tuple[str, ...]
    ) -> list[pl.DataFrame]:
        """A finding that quarantines each record of a batch that lacks columns."""
        self.missing |= dict.fromkeys(missing)
        if not missing or self.policy.column_missing != "quarantine":
            return []
        shape = f"columns missing at the source: {', '.join(map(repr, missing))}"
        return [of_records(kind, frame, HELD, shape) for kind, frame in frames]

    def codes_held(self, findings: pl.DataFrame) -> pl.DataFrame:
        """What the policy makes of codes never seen: findings that quarantine."""
        if self.policy.code_new == "report" or findings.is_empty():
            return findings.clear()
        new = findings.filter(pl.col("rule") == CODE)
        if self.policy.code_new == "quarantine":
            return new.with_columns(
                rule=pl.lit(HELD), shape=pl.lit("a code never seen")
            ).unique(maintain_order=True)
        for *key, count in new.group_by("record_type", "field").len().rows():
            name = (str(key[0]), str(key[1]))
            self.codes[name] = self.codes.get(name, 0) + count
        return findings.clear()

    def types_held(self, findings: pl.DataFrame) -> pl.DataFrame:
        """With policy quarantine: a line that quarantines for each cell that a column
        of a changed type no longer gives. To be asked when all batches are read."""
        retyped = self.retyped() if self.policy.column_type == "quarantine" else {}
        if not retyped or findings.is_empty():
            return findings.clear()
        names = pl.DataFrame(
            [*retyped],
            schema={"record_type": pl.String, "field": pl.String},
            orient="row",
        )
        lost = findings.filter(pl.col("rule").is_in([*UNREAD]))
        lost = lost.join(names, on=["record_type", "field"], how="semi")
        return lost.with_columns(
            rule=pl.lit(HELD), shape=pl.lit("the column has changed its type")
        ).unique(maintain_order=True)


def of_records(
    record_type: str, frame: pl.DataFrame, rule: str, shape: str
) -> pl.DataFrame:
    """A finding on each record of the frame, on no field of it."""
    said = frame.select(ROW, LOCATOR, RECORD_ID).with_columns(
        pl.lit(record_type).alias("record_type"),
        pl.lit(rule).alias("rule"),
        pl.lit(None, pl.String).alias("field"),
        pl.lit(shape).alias("shape"),
    )
    return joined([said.select(FINDINGS.keys())], FINDINGS)


def _columns(plan: RecordPlan, name: str) -> tuple[str, ...]:
    if name == CURSOR_FIELD:
        return (plan.cursor or "",)
    return origin_columns(plan.mapping.fields[name])
