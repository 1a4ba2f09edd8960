"""Keys inside nested columns that no mapping uses and nobody ignores: drift."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from config.columns import is_inside, mapped_columns, used_names
from config.preset import StreamMap
from connectors.sources.rest.jsontext import Json

# An object whose keys are numbers of records would name them all: so many say it.
MOST = 100


@dataclass
class Known:
    """What is known of an object's keys; `is_whole`: all that stands below is used."""

    below: dict[str, "Known"] = field(default_factory=dict)
    is_whole: bool = False

    def add(self, parts: Iterable[str], *, is_whole: bool) -> None:
        """Make a path known."""
        node = self
        for part in parts:
            node = node.below.setdefault(part, Known())
        node.is_whole = node.is_whole or is_whole

    @cached_property
    def to_look_into(self) -> list[tuple[str, "Known"]]:
        """The keys whose values may hold something unknown."""
        return [(key, inner) for key, inner in self.below.items() if not inner.is_whole]


def known_names(stream: StreamMap) -> Known:
    """The names that the stream uses or ignores inside its nested columns."""
    known = Known({column: Known() for column in stream.nested})
    for name in used_names(stream):
        if name in stream.nested or is_inside(name, stream.nested):
            known.add(name.split("."), is_whole=False)
    fields = (
        column for mapping in stream.records for column in mapped_columns(mapping)
    )
    for name in (*fields, *stream.ignored):
        if name in stream.nested or is_inside(name, stream.nested):
            known.add(name.split("."), is_whole=True)
    return known


# What may be shown: a name as programs have them, without a long run of digits.
_NAME = re.compile(r"(?!.*[0-9]{5})[A-Za-z_][A-Za-z0-9_-]{0,39}")


def shown(key: str) -> str:
    """A key as a finding may say it: it may itself be somebody's name or number."""
    return key if _NAME.fullmatch(key) else f"(key of {len(key)} characters)"


def note_unknown(value: Json, known: Known, path: str, unknown: set[str]) -> None:
    """Add the dotted names of a value's unknown keys; nothing of what stands below."""
    if known.is_whole:
        return
    if isinstance(value, list):
        for item in value:
            note_unknown(item, known, path, unknown)
    elif isinstance(value, dict):
        strange = value.keys() - known.below.keys()
        if strange:
            unknown.update(f"{path}.{shown(key)}" for key in strange)
        for key, inner in known.to_look_into:
            if isinstance(value.get(key), dict | list):
                note_unknown(value[key], inner, f"{path}.{key}", unknown)
