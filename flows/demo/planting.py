"""Clean records into rows with planted faults and canaries."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from flows.demo.breaking import EVENTS, event_of
from flows.demo.clock import FIRST_DAY
from flows.demo.faults import FAULTS, Fault
from flows.demo.inventing import Record, Values
from flows.demo.offices import INSTALLATIONS, quotas
from flows.demo.people import Inventor, Person
from flows.demo.products import REPORTS, UNITS

AT_LEAST = 3  # of each kind, where an estate has room for them
FIXED = (UNITS, REPORTS)  # they do not grow with the estate, nor do their faults
# Whose records hold somebody that must not leak.
WITH_PEOPLE = (
    "reception",
    "petition",
    "complaint_case",
    "denunciation_case",
    "recommendation_reflection",
    "recovery",
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of an office's source, and what was done to it."""

    record: Record
    fault: Fault | None = None
    canary: Person | None = None


def allotment(records: int) -> dict[str, dict[str, int]]:
    """How many of each fault every installation gets, by system.

    Dealt to the able ones by their size; of the clean canaries each gets one.
    """
    sizes = quotas(records)
    dealt: dict[str, dict[str, int]] = {system: {} for system in sizes}
    loads: dict[str, dict[str, int]] = {}
    for fault in FAULTS:
        able = [i.system for _, i in INSTALLATIONS if i.product in fault.products]
        load = loads.setdefault(fault.type, dict.fromkeys(sizes, 0))
        for system in _chosen(fault, able, sizes, load, records):
            hand = dealt[system]
            hand[fault.name] = hand.get(fault.name, 0) + 1
    return dealt


def _chosen(
    fault: Fault,
    able: list[str],
    sizes: dict[str, int],
    load: dict[str, int],
    records: int,
) -> list[str]:
    """The systems that get one each, some several times; `load` is what each has of
    the type already, so that victims do not run out."""
    if fault.outcome == "clean":
        return able
    is_fixed = fault.products[0] in FIXED
    each = AT_LEAST if is_fixed else max(AT_LEAST, round(records * fault.share))
    chosen = []
    for _ in range(each):
        system = min(able, key=lambda s: (load[s] + 1) / max(sizes[s], 1))
        load[system] += 1
        chosen.append(system)
    return chosen


def plant(
    inventor: Inventor,
    records: list[Record],
    wanted: dict[str, int],
    canaries: Iterator[Person],
) -> list[Row]:
    """The records as rows, in order of their change; extra rows for what is set aside.

    The first victim of each kind of fault is a canary, if it is about a person. A kind
    for which a small installation has no victim is left out.
    """
    rows = [Row(record) for record in records]
    free: dict[str, list[int]] = {}
    for place, record in enumerate(records):
        if not record.linked:
            free.setdefault(record.type, []).append(place)
    for places in free.values():
        inventor.rng.shuffle(places)
    # Those that only few records fit choose first.
    for fault in sorted(FAULTS, key=lambda f: f.fits is None):
        for turn in range(wanted.get(fault.name, 0)):
            is_first = turn == 0 and fault.type in WITH_PEOPLE
            canary = next(canaries, None) if is_first else None
            _plant_one(inventor, rows, free.get(fault.type, []), fault, canary)
    return sorted(rows, key=lambda row: row.record.updated_at)


def _plant_one(
    inventor: Inventor,
    rows: list[Row],
    free: list[int],
    fault: Fault,
    canary: Person | None,
) -> None:
    victim = _victim(rows, free, fault)
    is_pair = fault.outcome == "duplicate" or fault.rule == "key_conflict"
    if victim is None or (is_pair and not free):
        return
    place, old = victim
    person = canary or inventor.person(event_of(old) or FIRST_DAY)
    if fault.rule == "key_conflict":
        other = free.pop()
        rows[place] = Row(old, fault)
        rows[other] = Row(_same_key(old, rows[other].record), fault)
    elif fault.outcome == "duplicate":
        rows[free.pop()] = Row(old, fault)
    elif fault.outcome in ("filtered", "rejected"):
        rows.append(Row(fault.plant(inventor, old, person), fault, canary))
    else:
        rows[place] = Row(fault.plant(inventor, old, person), fault, canary)


def _same_key(old: Record, second: Record) -> Record:
    # Where number and office together are the key, both are the same.
    office = {n: v for n, v in old.values.items() if n == "handler_org"}
    values: Values = second.values | office
    # A register by years has one number twice in one book.
    return replace(second, key=old.key, values=values, updated_at=old.updated_at)


def _victim(
    rows: list[Row], free: list[int], fault: Fault
) -> tuple[int, Record] | None:
    """A free record that happened on `since` or later and fits, or one made to be."""
    for i in range(len(free) - 1, -1, -1):
        record = rows[free[i]].record
        event = event_of(record)
        fits = fault.fits is None or fault.fits(record.values)
        if fits and (event or date.min) >= fault.since:
            return free.pop(i), record
    if not free or fault.fits is not None or fault.since == date.min:
        return None
    record = rows[free[-1]].record
    event_name = EVENTS.get(record.type, "received_date")
    if event_name not in record.values:
        return None
    place = free.pop()
    return place, replace(record, values=record.values | {event_name: fault.since})
