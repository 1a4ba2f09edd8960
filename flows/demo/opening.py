"""New cases of an eve: after the pattern of living ones, with other people and keys."""

from dataclasses import replace
from datetime import date, datetime

from flows.demo.breaking import event_of, unchanged
from flows.demo.eve import Eve
from flows.demo.faults import FAULTS, Fault
from flows.demo.inventing import Record, Values
from flows.demo.living import Group, references, renamed
from flows.demo.products import CASES, TABLES

NEW = 0.002  # of an installation's records, every night
LEAST_NEW = 1
FAULTY = 0.15  # of the new cases


def open_cases(eve: Eve) -> None:
    """New cases: after the pattern of living ones, with other people and keys."""
    for _ in range(max(LEAST_NEW, round(eve.size * NEW))):
        group = _another(eve, eve.at())
        if group is None:
            return
        fault = _fault_for(eve, group)
        if fault is not None:
            _open_faulty(eve, group, fault)
        elif _orphans_tonight(eve, group):
            eve.living.awaited.append(group[0])
            for record in group[1:]:
                eve.add("new", record)
        else:
            for record in group:
                eve.add("new", record)
            eve.living.groups.append(group)


def _open_faulty(eve: Eve, group: Group, fault: Fault) -> None:
    for record in group:
        if record.type != fault.type:
            eve.add("new", record)
            continue
        person = eve.inventor.person(eve.day)
        faulty = fault.plant(eve.inventor, record, person)
        # The agency is a part of the key in the register of the provinces.
        agency = {n: record.values[n] for n in ("handler_org",) if n in record.values}
        if not faulty.key or faulty.status != "active":
            eve.add("new", record)  # without a key nobody could mend it later
            continue
        values = faulty.values | agency
        faulty = replace(faulty, key=record.key, values=values, updated_at=eve.at())
        eve.add("new", faulty, fault)
        eve.living.broken.append((eve.night, record))


def _fault_for(eve: Eve, group: Group) -> Fault | None:
    if eve.rng.random() >= FAULTY:
        return None
    fitting = [
        fault
        for fault in FAULTS
        if eve.installation.product in fault.products
        and fault.outcome in ("quarantined", "published")
        # What concerns two rows is planted on the first night only.
        and fault.plant is not unchanged
        and _fits(fault, group)
    ]
    return eve.rng.choice(fitting) if fitting else None


def _fits(fault: Fault, group: Group) -> bool:
    of_type = [record for record in group if record.type == fault.type]
    if len(of_type) != 1 or not fault.since <= (event_of(of_type[0]) or date.max):
        return False
    return fault.fits is None or fault.fits(of_type[0].values)


def _orphans_tonight(eve: Eve, group: Group) -> bool:
    """Cases that are entered before their petition; documents cannot do that."""
    if eve.installation.product not in TABLES or len(group) < 2:
        return False
    return eve.rng.random() < 0.4 and not eve.living.awaited


def come_late(eve: Eve) -> None:
    """Rows with a change time older than rows that were read already.

    A day before the watermark the overlap finds them. Ten days before it only a whole
    reading does, so it is done seldom.
    """
    product = eve.installation.product
    if product not in CASES:
        return
    ages = [2] if eve.rng.random() < 0.3 else []
    if (eve.night + sum(map(ord, eve.installation.system))) % 6 == 0:
        ages.append(11)
    for age in ages:
        group = _another(eve, eve.at(age))
        for record in group or []:
            eve.add("late", record)


def _another(eve: Eve, at: datetime) -> Group | None:
    """A group like a living one: other keys and people, entered at that time."""
    free = eve.free()
    if not free:
        return None
    pattern = eve.rng.choice(free)
    names = {r.key: eve.living.new_key(r.key) for r in pattern}
    person = eve.inventor.person(eve.day)
    who: Values = {
        "name": person.name,
        "address": person.address,
        "contact": person.phone,
        "id_number": person.id_number,
    }
    for record in pattern:
        for key in references(record):
            if key not in names:
                eve.living.named.add(key)
    return [
        replace(_peopled(renamed(record, names), who), updated_at=at)
        for record in pattern
    ]


PARTIES = ("sender", "complainant", "denouncer", "citizen")


def _peopled(record: Record, who: Values) -> Record:
    """The record with another citizen; what is empty stays empty."""
    values = dict(record.values)
    for party in PARTIES:
        for part, value in who.items():
            if values.get(f"{party}_{part}") and values.get("sender_kind") in PERSONAL:
                values[f"{party}_{part}"] = value
    if values.get("citizen_name") and values.get("id_number"):
        values["id_number"] = who["id_number"]
    return replace(record, values=values)


PERSONAL = (None, "ca_nhan")
