"""How well a column's cells fit a field: 1.0 well, near 0 not at all, and why."""

from dataclasses import dataclass

from expectations import records
from expectations.declaring import Field, Type
from flows.engine.discover import headers, values
from flows.engine.discover.dates import dates_of
from flows.engine.discover.layout import Column
from flows.engine.discover.shapes import Profile, profile

MAX_CODES = 60  # more distinct values than this are no codes
NAMES = ("name", "representative", "signer")
SURE_IF_EMPTY = 0.8  # what the header of an empty column must at least say
BY_VALUE = 0.55  # a code column whose header says nothing


@dataclass(frozen=True, slots=True)
class Seen:
    """A column, what its cells look like, and what its header may name."""

    column: Column
    profile: Profile
    named: tuple[headers.Named, ...]
    is_inside: bool = False  # in an object inside the row: name is a dotted path

    @property
    def name(self) -> str:
        """The column's name in the preset."""
        return self.column.name


@dataclass(frozen=True, slots=True)
class Fit:
    """A field that a column may hold, and how surely."""

    field: Field
    confidence: float
    why: str


def seen(column: Column) -> Seen:
    """A column with its profile."""
    return Seen(column, profile(column.cells), headers.named(column.name))


def fits(record_type: str, one: Seen) -> list[Fit]:
    """The fields of a type that the column may hold, the surest first."""
    declared = {f.name: f for f in records.BY_NAME[record_type].fields}
    found = []
    for named in one.named:
        kind, _, name = named.target.partition(".")
        if not one.profile.count and named.confidence < SURE_IF_EMPTY:
            continue  # nothing but a doubtful name speaks for it
        if kind == record_type and name in declared and _is_flat(declared[name]):
            share, note = fit(record_type, declared[name], one.profile)
            why = f"{named.why}{f'; {note}' if note else ''}"
            found.append(Fit(declared[name], named.confidence * share, why))
    if not one.named or one.named[0].confidence < 0.75 or _says_little(one):
        found += _by_values(record_type, one)
    return sorted(found, key=lambda f: -f.confidence)


def _is_flat(field: Field) -> bool:
    return field.type is not Type.ITEMS


def _says_little(one: Seen) -> bool:
    return one.named[0].target in ("role.note", "role.status")


def fit(record_type: str, field: Field, cells: Profile) -> tuple[float, str]:
    """The share by which a header's word is believed, and what the cells say."""
    if not cells.count:
        return 0.85, "no cell is filled"
    if field.type is Type.DATE:
        return _of_dates(cells)
    if field.type in (Type.INT, Type.AMOUNT_VND) and not field.codes:
        good = cells.numbers
        return (1.0, "") if good >= 0.6 else (0.35 + good / 2, "cells are no numbers")
    if field.codes or field.type is Type.BOOL:
        return _of_codes(record_type, field, cells)
    if cells.dates > 0.6:
        return 0.3, "cells are dates"
    is_word = field.name.endswith(("_org", *NAMES)) or "address" in field.name
    if is_word and cells.numbers > 0.6:
        return 0.3, "cells are numbers"
    if field.name.endswith("id_number") and cells.ids > 0.5:
        return 1.0, "cells have the digits of an identity number"
    if field.name.endswith("contact") and cells.phones > 0.5:
        return 1.0, "cells are telephone numbers"
    if field.name == "content" and cells.mean_length < 4:
        return 0.5, "cells are short"
    return 1.0, ""


def _of_dates(cells: Profile) -> tuple[float, str]:
    found = dates_of(cells)
    if found is None:
        return 0.3, "cells are no dates"
    if not found.share:
        return 0.6, found.notes[0]
    note = "; ".join((", ".join(found.formats) or "ISO dates", *found.notes))
    return (0.85 if found.is_open else 1.0) * (0.7 + 0.3 * found.share), note


def _of_codes(record_type: str, field: Field, cells: Profile) -> tuple[float, str]:
    if field.type is Type.BOOL and cells.distinct > 12:
        return 0.2, f"{cells.distinct} distinct values are no yes and no"
    if cells.distinct > MAX_CODES:
        return 0.3, f"{cells.distinct} distinct values are no codes"
    share = known_share(record_type, field, cells)
    known = sum(
        values.meaning(record_type, field, v) is not None for v in cells.counted
    )
    note = f"{known} of {cells.distinct} values known"
    return 0.6 + 0.4 * share, note


def known_share(record_type: str, field: Field, cells: Profile) -> float:
    """Share of the cells whose value stands for a code of the field."""
    known = sum(
        number
        for value, number in cells.counted.items()
        if values.meaning(record_type, field, value) is not None
    )
    return known / max(cells.count, 1)


def _by_values(record_type: str, one: Seen) -> list[Fit]:
    """Fields that the cells alone suggest, for a header that says nothing."""
    cells = one.profile
    declared = records.BY_NAME[record_type].fields
    found = []
    if 2 <= cells.distinct <= MAX_CODES and cells.longest <= 60:
        for field in declared:
            if not field.codes or field.type is Type.INT:
                continue
            share = known_share(record_type, field, cells)
            if share >= 0.6:
                why = "by its values; the header says nothing"
                found.append(Fit(field, BY_VALUE * share, why))
    for field in declared:
        if field.name.endswith("contact") and cells.phones > 0.8:
            found.append(Fit(field, 0.6, "cells are telephone numbers"))
        if field.name.endswith("id_number") and cells.ids > 0.8:
            found.append(Fit(field, 0.45, "cells have an identity number's digits"))
    return found
