"""The clock of the sample estate: what the people of an installation do before a night.

Worked on from the living records alone, with a randomness of the night's own: the same
seed gives the same nights, and each is made once.
"""

from collections import Counter
from dataclasses import replace
from itertools import count
from random import Random

from flows.demo.amending import amended
from flows.demo.changing import Change, Kind
from flows.demo.clock import night_on, worked
from flows.demo.eve import DAY, Eve
from flows.demo.inventing import Record
from flows.demo.living import Living, Past
from flows.demo.offices import DemoOffice, Installation
from flows.demo.opening import come_late, open_cases
from flows.demo.people import Inventor
from flows.demo.products import FILES, XLSX

CHANGED = 0.005  # of an installation's records, every night
LEAST_CHANGED = 2
TAKEN = 0.002  # chance by record that a night deletes one, and strikes one out
FEWEST_OF_TABLE, FEWEST_OF_FILE = 12, 3  # living records of a type that stay


def changes_of(
    office: DemoOffice,
    installation: Installation,
    living: Living,
    night: int,
    size: int,
    seed: int,
) -> list[Change]:
    """What changes on the installation's disk before that night; the living records
    are moved on. `size` is how many records it has."""
    rng = Random(f"{seed}/{installation.system}/{night}")  # noqa: S311 - invented
    inventor = Inventor(
        rng,
        office.province,
        office.id_prefix,
        count(500_000 + night * 3_000),
        served=installation.places,
        until=night_on(night) - DAY,
    )
    eve = Eve(installation, inventor, living, night, size)
    for step in (
        _arrive,
        _mend,
        _return,
        _leave,
        _strike,
        _amend,
        open_cases,
        come_late,
    ):
        step(eve)
    living.night = night
    return eve.changes


def _arrive(eve: Eve) -> None:
    """The parents of last night's orphans."""
    for record in eve.living.awaited:
        eve.add("new", replace(record, updated_at=eve.at()))
    eve.living.awaited = []


def _mend(eve: Eve) -> None:
    """Faulty rows of two nights ago are put right at their source."""
    due = [r for night, r in eve.living.broken if night <= eve.night - 2]
    for record in due:
        eve.add("changed", replace(record, updated_at=eve.at()))
    kept = [past for past in eve.living.broken if past[0] > eve.night - 2]
    eve.living.broken = kept


def _return(eve: Eve) -> None:
    """Seldom, a row that was deleted or struck out comes back."""
    pasts: tuple[tuple[Kind, list[Past]], ...] = (
        ("new", eve.living.deleted),
        ("changed", eve.living.cancelled),
    )
    for kind, past in pasts:
        old = [one for one in past if one[0] <= eve.night - 2]
        if old and eve.rng.random() < 0.3:
            past.remove(old[0])
            record = replace(old[0][1], updated_at=eve.at())
            eve.add(kind, record)
            eve.living.groups.append([record])


def _leave(eve: Eve) -> None:
    """A row vanishes from its table."""
    record = _taken(eve)
    if record is not None:
        eve.add("deleted", record)
        eve.living.deleted.append((eve.night, record))


def _strike(eve: Eve) -> None:
    """A row is struck out; the register of the provinces has no way to say so."""
    if eve.installation.product == XLSX:
        return
    record = _taken(eve)
    if record is not None:
        struck = replace(record, status="cancelled", updated_at=eve.at())
        eve.add("cancelled", struck)
        eve.living.cancelled.append((eve.night, record))


def _taken(eve: Eve) -> Record | None:
    """A record that nobody refers to, no longer among the living.

    Seldom at a small installation: a third of a table that is gone is no night's work,
    and rightly holds the source.
    """
    if eve.rng.random() >= eve.size * TAKEN:
        return None
    named = eve.living.named
    types = Counter(r.type for group in eve.living.groups for r in group)
    # Of a register only the newest of its years is among the living.
    least = FEWEST_OF_FILE if eve.installation.product in FILES else FEWEST_OF_TABLE
    free = eve.free(
        lambda g: len(g) == 1 and g[0].key not in named and types[g[0].type] > least
    )
    if not free:
        return None
    group = eve.rng.choice(free)
    eve.living.groups.remove(group)
    return group[0]


def _amend(eve: Eve) -> None:
    free = eve.free()
    wanted = max(LEAST_CHANGED, round(eve.size * CHANGED))
    day = worked(eve.day, eve.day - 6 * DAY)
    for group in eve.rng.sample(free, min(wanted, len(free))):
        place = eve.rng.randrange(len(group))
        old = group[place]
        values = amended(eve.rng, old, day)
        group[place] = replace(old, values=values, updated_at=eve.at())
        eve.add("changed", group[place])
