"""A column's distinct values to our codes; what is unknown is left to the person.

Nothing that may name a person is ever in it: only short values, repeated or known, of
columns that hold few.
"""

from dataclasses import dataclass

from expectations.declaring import Field, Type
from flows.engine.discover import values
from flows.engine.discover.shapes import Profile, looks_personal

MAX_SHOWN = 40
MAX_LENGTH = 60


@dataclass(frozen=True, slots=True)
class CodeMap:
    """Source value -> our code with a confidence; values to be decided, by count."""

    known: dict[str, tuple[str, float]]
    unknown: dict[str, int]
    hidden: int  # values that are not shown: rare, long, or perhaps a person's
    share: float  # of the cells that have a code


def code_map(record_type: str, field: Field, cells: Profile) -> CodeMap:
    """The map of a code column."""
    known: dict[str, tuple[str, float]] = {}
    unknown: dict[str, int] = {}
    hidden = covered = 0
    for value, number in cells.counted.most_common():
        found = values.meaning(record_type, field, value)
        if found is not None and len(known) < MAX_SHOWN * 2:
            known[value] = found
            covered += number
        elif may_be_shown(value, number, cells) and len(unknown) < MAX_SHOWN:
            unknown[value] = number
        else:
            hidden += 1
    return CodeMap(known, unknown, hidden, covered / max(cells.count, 1))


def may_be_shown(value: str, number: int, cells: Profile) -> bool:
    """True for a value that is a code: short, repeated, of a column with few."""
    is_few = cells.distinct <= max(12, cells.count // 4) and cells.distinct <= 100
    is_repeated = number >= 2 or cells.count <= 12
    is_short = len(value) <= MAX_LENGTH and cells.people < 0.2
    return is_few and is_repeated and is_short and not looks_personal(value)


def is_plain(field: Field, found: CodeMap) -> bool:
    """True when the source writes our codes itself and no map is needed."""
    if field.type is Type.BOOL:
        plain = {"true": ("true", "1", "có"), "false": ("false", "0", "không")}
        return not found.unknown and all(
            value.lower() in plain[code] for value, (code, _) in found.known.items()
        )
    return not found.unknown and all(v == code for v, (code, _) in found.known.items())
