"""Columns that hold no field: numbers, notes, states of rows, change times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flows.engine.discover import coding, values
from flows.engine.discover.choosing import role_of
from flows.engine.discover.dates import dates_of
from flows.engine.discover.evidence import Seen
from flows.engine.discover.proposal import ColumnLine, Filter, Line, Toml

STATES = ("status", "note")  # roles of columns that say which rows are no records
SAID = {
    "number": "the row's number",
    "note": "notes",
    "ignored": "nothing of ours, or derived here",
    "status": "state of the row",
    "key": "a number that is not needed for the key",
    "cursor": "change time",
}


@dataclass(frozen=True, slots=True)
class Rest:
    """What the leftover columns give the stream, and their lines."""

    lines: dict[str, ColumnLine]
    stream: dict[str, Line]
    time_formats: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)

    def order_note(self, columns: Sequence[Seen], fields: Mapping[str, str]) -> str:
        """What the preset's date formats rest on."""
        found = [
            dates.notes[0]
            for one in columns
            if one.name in fields and (dates := dates_of(one.profile)) and dates.notes
        ]
        return found[0] if found else ""


def row_filters(
    columns: Sequence[Seen], taken: set[str]
) -> tuple[list[Filter], dict[str, ColumnLine]]:
    """Filters for rows that were cancelled or are tests, and the columns they ask."""
    filters: list[Filter] = []
    lines: dict[str, ColumnLine] = {}
    for one in columns:
        role = role_of(one)
        if role is None or role[0] not in STATES or one.profile.distinct > 60:
            continue
        if one.is_inside:
            continue  # filters see whole columns only
        by_reason: dict[str, list[str]] = {}
        for value in sorted(values.repaired_counts(one.profile).counted):
            reason = values.row_meaning(value)
            if reason is not None:
                by_reason.setdefault(reason, []).append(value)
        for reason, found in by_reason.items():
            equals: list[Toml] = list(found)
            when: dict[str, Toml] = {"column": one.name, "equals": equals}
            filters.append(Filter(reason, when, _others(one)))
        if by_reason and one.name not in taken:
            why = f"rows set aside: {', '.join(by_reason)}"
            lines[one.name] = ColumnLine(one.name, "filter", 0.85, why)
    return filters, lines


def _others(one: Seen) -> str:
    """The state's other values, when they are codes."""
    shown = [
        value
        for value, number in one.profile.counted.most_common(12)
        if values.row_meaning(value) is None
        and coding.may_be_shown(value, number, one.profile)
    ]
    return f"its other values: {', '.join(shown)}" if shown else ""


def leftovers(columns: Sequence[Seen], lines: Mapping[str, ColumnLine]) -> Rest:
    """The columns that no line names yet, ignored unless they are a change time."""
    rest = Rest({}, {})
    ignored: list[Toml] = []
    cursor: Seen | None = None
    for one in columns:
        role = role_of(one)
        is_time = role is not None and role[0] == "cursor" and not one.is_inside
        if is_time and dates_of(one.profile):
            cursor = cursor or one
        if one.name in lines or one is cursor:
            continue
        ignored.append(one.name)
        rest.lines[one.name] = _ignored(one)
    if ignored:
        rest.stream["ignored"] = Line(ignored, "read by nobody; see the notes below")
    if cursor is None:
        return rest
    return _with_cursor(rest, cursor)


def _ignored(one: Seen) -> ColumnLine:
    role = role_of(one)
    if role is not None:
        return ColumnLine(one.name, "ignored", role[1], SAID[role[0]])
    if not one.profile.count:
        return ColumnLine(one.name, "ignored", 0.8, "empty")
    names = [n.target for n in one.named[:2] if not n.target.startswith("role.")]
    hint = f"perhaps {', '.join(names)}" if names else "no field is called so"
    return ColumnLine(one.name, "?", 0.0, f"undecided, ignored for now: {hint}")


def _with_cursor(rest: Rest, one: Seen) -> Rest:
    found = dates_of(one.profile)
    assert found is not None
    stream = rest.stream | {"cursor": Line(one.name, "the row's change time")}
    lines = rest.lines | {
        one.name: ColumnLine(one.name, "cursor", 0.9, "the row's change time")
    }
    return Rest(lines, stream, found.formats, rest.notes)
