"""One record mapping on the rows it applies to: a frame of records, and findings."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from config.columns import names_of, origin_columns
from config.preset import Preset, RecordMap, StreamMap
from expectations.frames import (
    CURSOR,
    FINDINGS,
    FORMER_ID,
    FORMER_SYSTEM,
    LOCATOR,
    RECORD_ID,
    ROW,
    SOURCE_ID,
    empty,
    schema,
)
from expectations.records import BY_NAME, Type
from flows.engine.normalise.cells import Cells
from flows.engine.normalise.fields import read_field, text_faults
from flows.engine.normalise.keys import Naming, source_ids
from flows.engine.normalise.plans import FieldPlan, plan_field
from flows.engine.normalise.readings import Fault, Reading, faults_at
from flows.engine.normalise.times import read_instants

_REFERENCES = (Type.REFERENCE, Type.REFERENCES)


@dataclass(frozen=True, slots=True)
class RecordPlan:
    """A record mapping with the plans of its fields."""

    mapping: RecordMap
    names: tuple[str, ...]
    fields: tuple[FieldPlan, ...]
    cursor: str | None
    naming: Naming
    time_formats: tuple[str, ...]
    zone: str

    @property
    def identifying(self) -> tuple[str, ...]:
        """The columns of its key and of references to the keys of others."""
        named = (f for f in self.fields if f.field.type in _REFERENCES)
        columns = (c for field in named for c in origin_columns(field.source))
        return (*self.mapping.key, *columns)


def plan_record(
    mapping: RecordMap, stream: StreamMap, preset: Preset, naming: Naming
) -> RecordPlan:
    """The plan of a mapping; fields in declared order."""
    tokens = null_tokens(preset)
    fields = tuple(
        plan_field(field, mapping.fields[field.name], preset, naming, tokens)
        for field in BY_NAME[mapping.type].fields
        if field.name in mapping.fields
    )
    cursor = mapping.cursor or stream.cursor
    names = tuple(names_of(mapping, stream))
    return RecordPlan(
        mapping, names, fields, cursor, naming, preset.time_formats, preset.timezone
    )


def null_tokens(preset: Preset) -> pl.Series:
    """The texts that mean nothing; the empty one always does."""
    texts = pl.Series(["", *preset.null_tokens], dtype=pl.String)
    return texts.str.normalize("NFC").str.strip_chars().unique()


@dataclass(frozen=True, slots=True)
class Records:
    """The records of one mapping, their findings, and how each field was read."""

    frame: pl.DataFrame
    findings: pl.DataFrame
    read: dict[str, Reading]


def read_records(plan: RecordPlan, cells: Cells) -> Records:
    """The records of all given rows."""
    read = _read_all(plan, cells)
    plain = source_ids(cells, plan.mapping.key)
    cursor = _read_cursor(plan, cells)
    who = plan.naming.identities(plan.mapping.type, plain)
    head = {
        RECORD_ID: who.record_id,
        SOURCE_ID: who.source_id,
        FORMER_SYSTEM: who.former_system,
        FORMER_ID: who.former_id,
    }
    frame = _frame(plan, cells, head | {CURSOR: cursor.value}, read)
    key = Reading(plain, _key_faults(plan, cells, plain))
    faults = {SOURCE_ID: key, "cursor": cursor} | read
    findings = _findings(plan.mapping.type, frame, faults)
    return Records(frame, findings, {"cursor": cursor} | read)


def _read_all(plan: RecordPlan, cells: Cells) -> dict[str, Reading]:
    types = pl.repeat(None, len(cells), dtype=pl.String(), eager=True)
    read: dict[str, Reading] = {}
    for field in plan.fields:
        name = field.field.name
        read[name] = read_field(field, cells, types)
        if name == "case_type":  # declared before the references that depend on it
            types = read[name].value
    return read


def _read_cursor(plan: RecordPlan, cells: Cells) -> Reading:
    if plan.cursor is None:
        dtype = pl.Datetime("us", "UTC")
        return Reading(pl.repeat(None, len(cells), dtype=dtype, eager=True))
    text = cells.text(plan.cursor)
    read = read_instants(text, plan.time_formats, plan.zone)
    return replace(read, given=len(text) - text.null_count())


def _key_faults(plan: RecordPlan, cells: Cells, plain: pl.Series) -> tuple[Fault, ...]:
    columns = [cells.columns[name] for name in plan.mapping.key]
    blank = faults_at("key_blank", plain.is_null(), plain)
    said = (Fault(f.rule, f.rows, f.shape.fill_null("blank")) for f in blank)
    return (*text_faults(columns, plain), *said)


def _frame(
    plan: RecordPlan,
    cells: Cells,
    head: dict[str, pl.Series],
    read: dict[str, Reading],
) -> pl.DataFrame:
    columns = head | {name: reading.value for name, reading in read.items()}
    place = {name: cells.place[name] for name in (ROW, LOCATOR)}
    return pl.DataFrame(
        [
            (place | columns)[name].cast(dtype).alias(name)
            if name in place or name in columns
            else pl.repeat(None, len(cells), dtype=dtype, eager=True).alias(name)
            for name, dtype in schema(plan.mapping.type).items()
        ]
    )


def _findings(
    record_type: str, frame: pl.DataFrame, faults: dict[str, Reading]
) -> pl.DataFrame:
    found = [
        _of_fault(record_type, frame, name, fault)
        for name, reading in faults.items()
        for fault in reading.faults
    ]
    return joined(found, FINDINGS)


def _of_fault(
    record_type: str, frame: pl.DataFrame, name: str, fault: Fault
) -> pl.DataFrame:
    place = frame.select(ROW, LOCATOR, RECORD_ID)[fault.rows]
    field = f"{name}.{fault.item}" if fault.item else name
    return place.with_columns(
        pl.lit(record_type).alias("record_type"),
        pl.lit(fault.rule).alias("rule"),
        pl.lit(field).alias("field"),
        fault.shape.fill_null("blank").alias("shape"),
    ).select(FINDINGS.keys())


def joined(
    parts: Iterable[pl.DataFrame], columns: dict[str, pl.DataType]
) -> pl.DataFrame:
    """The frames below one another, with those columns even when there is none."""
    return pl.concat([empty(columns), *parts])
