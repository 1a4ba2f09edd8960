"""Clean records into rows with planted faults and canaries."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from flows.demo.faults import FAULTS, Fault
from flows.demo.inventing import FIRST_DAY, Record, Values
from flows.demo.offices import DemoOffice
from flows.demo.people import Inventor, Person

SHARE = 0.025  # of all records, over all kinds of fault together
AT_LEAST = 3  # of each kind


@dataclass(frozen=True, slots=True)
class Row:
    """A row of an office's source, and what was done to it."""

    record: Record
    fault: Fault | None = None
    canary: Person | None = None


def allotment(
    offices: tuple[DemoOffice, ...], records: int
) -> dict[str, dict[str, int]]:
    """How many of each fault every office gets, dealt round the able ones."""
    each = max(AT_LEAST, round(records * SHARE / len(FAULTS)))
    dealt: dict[str, dict[str, int]] = {office.stem: {} for office in offices}
    for number, fault in enumerate(FAULTS):
        able = [o.stem for o in offices if o.product in fault.products]
        share = len(able) if fault.outcome == "clean" else each
        for i in range(share):
            hand = dealt[able[(i + number) % len(able)]]
            hand[fault.name] = hand.get(fault.name, 0) + 1
    return dealt


def plant(
    inventor: Inventor,
    records: list[Record],
    wanted: dict[str, int],
    canaries: Iterator[Person],
) -> list[Row]:
    """The records as rows, in order of their change; extra rows for what is set aside.

    The first victim of each kind of fault is a canary.
    """
    rows = [Row(record) for record in records]
    free: dict[str, list[int]] = {}
    for place, record in enumerate(records):
        if not record.linked:
            free.setdefault(record.type, []).append(place)
    for places in free.values():
        inventor.rng.shuffle(places)
    for fault in FAULTS:
        for turn in range(wanted.get(fault.name, 0)):
            canary = next(canaries) if turn == 0 else None
            _plant_one(inventor, rows, free[fault.type], fault, canary)
    return sorted(rows, key=lambda row: row.record.updated_at)


def _plant_one(
    inventor: Inventor,
    rows: list[Row],
    free: list[int],
    fault: Fault,
    canary: Person | None,
) -> None:
    place, old = _victim(rows, free, fault.since)
    if fault.name == "key_conflict":
        other = free.pop()
        rows[place] = Row(old, fault)
        # Where number and office together are the key, both are the same.
        handler: Values = {"handler_org": old.values["handler_org"]}
        second = rows[other].record
        both = replace(second, key=old.key, values=second.values | handler)
        rows[other] = Row(both, fault)
    elif fault.name == "duplicate":
        rows[free.pop()] = Row(old, fault)
    elif fault.outcome in ("filtered", "rejected"):
        person = canary or inventor.person(FIRST_DAY)
        rows.append(Row(fault.plant(inventor, old, person), fault, canary))
    else:
        person = canary or inventor.person(FIRST_DAY)
        rows[place] = Row(fault.plant(inventor, old, person), fault, canary)


def _victim(rows: list[Row], free: list[int], since: date) -> tuple[int, Record]:
    """A free record received on `since` or later, or one made to be."""
    for i in range(len(free) - 1, -1, -1):
        record = rows[free[i]].record
        received = record.values.get("received_date", date.max)
        if isinstance(received, date) and received >= since:
            return free.pop(i), record
    place = free.pop()
    record = rows[place].record
    return place, replace(record, values=record.values | {"received_date": since})
