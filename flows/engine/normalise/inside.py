"""Inside nested columns: the objects of a batch as lines under dotted names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import NoneType
from typing import TypeAlias

import polars as pl

from connectors.sources.rest.jsontext import Json, Number, plain
from expectations.frames import LOCATOR
from flows.engine.normalise.cells import Cells, gathered
from flows.engine.normalise.parsing import Unread, read_json
from flows.engine.normalise.text import Cleaned, clean

Path = tuple[str, ...]
Object: TypeAlias = Mapping[str, Json]
_TEXTS = {str, Number, NoneType}
_NOTHING: tuple[Json, ...] = (None, "", [])  # where an object might stand


@dataclass(frozen=True, slots=True)
class Level:
    """The objects that stand at one path, in order.

    `above` is the place of each one's container in the level above, `rows` its row in
    the batch, `labels` where it stands in its row: `decisions[2].enforcement`.
    """

    objects: Sequence[Json]
    above: pl.Series
    rows: pl.Series
    labels: list[str]


@dataclass(frozen=True, slots=True)
class Spread:
    """What one record mapping reads: its cells, and the batch's row of each."""

    cells: Cells
    rows: pl.Series


@dataclass(slots=True)
class Inside:
    """The nested columns of one batch; a cell is parsed once, a name is read once.

    `unread` grows while names are read: what stands, by row and path, where an object
    was expected.
    """

    cells: Cells
    columns: dict[str, list[Json]]
    null_tokens: pl.Series
    unread: dict[tuple[int, str], str] = field(default_factory=dict)
    _levels: dict[Path, Level] = field(default_factory=dict)
    _objects: dict[tuple[Path, Path], list[Object | None]] = field(default_factory=dict)
    _texts: dict[tuple[Path, Path], Cleaned] = field(default_factory=dict)

    def spread(self, names: Sequence[str], each: str | None) -> Spread:
        """The named columns: a line for each object at the path `each`, or each row."""
        path = tuple(each.split(".")) if each else ()
        if not path and not any(n.partition(".")[0] in self.columns for n in names):
            return Spread(self.cells, _counted(len(self.cells)))
        level = self._level(path)
        columns = {name: self._column(name, path) for name in names}
        place = self.cells.place
        if path:
            place = place[level.rows]
            labels = pl.Series(level.labels, dtype=pl.String)
            place = place.with_columns((place[LOCATOR] + " " + labels).alias(LOCATOR))
        return Spread(Cells(place, columns), level.rows)

    def put(self, name: str, level: Level, columns: Mapping[str, Cleaned]) -> None:
        """Make known a list that is no JSON: its objects, and their texts by name."""
        self.columns[name] = []
        self._levels[name,] = level
        for column, text in columns.items():
            self._texts[(name,), (column,)] = text

    def unread_rows(self) -> pl.Series:
        """For each row whether something inside it could not be read."""
        rows = pl.Series([row for row, _ in self.unread], dtype=pl.UInt32)
        marks = pl.repeat(False, len(self.cells), dtype=pl.Boolean, eager=True)
        return marks.scatter(rows, True)

    def _column(self, name: str, each: Path) -> Cleaned:
        """A name's text for the objects at `each`: read where both paths part."""
        parts = tuple(name.split("."))
        depth = _agreed(parts, each)
        if parts[0] not in self.columns or (depth == 0 and len(parts) == 1):
            whole = self.cells.columns[name]
            return gathered(whole, self._level(each).rows) if each else whole
        text = self._text(each[:depth], parts[depth:])
        for length in range(depth + 1, len(each) + 1):
            text = gathered(text, self._level(each[:length]).above)
        return text

    def _text(self, path: Path, rest: Path) -> Cleaned:
        if (path, rest) not in self._texts:
            texts = _as_texts(self._values(path, rest))
            self._texts[path, rest] = clean(texts, self.null_tokens)
        return self._texts[path, rest]

    def _values(self, path: Path, rest: Path) -> Sequence[Json]:
        """What stands at `rest` in each object at `path`."""
        if not rest:
            return self._level(path).objects
        if not path and len(rest) == 1:
            return self.columns[rest[0]]
        holders = self._holders(path, rest[:-1])
        return [None if h is None else h.get(rest[-1]) for h in holders]

    def _holders(self, path: Path, rest: Path) -> list[Object | None]:
        """The objects at `rest`; what is neither an object nor nothing is noted.

        A list is gone through by `each` only; of several nobody is chosen.
        """
        if (path, rest) not in self._objects:
            values, rows = self._values(path, rest), self._level(path).rows
            if not set(map(type, values)) <= {dict, NoneType}:
                for value, row in zip(values, rows, strict=True):
                    if not isinstance(value, dict) and value not in _NOTHING:
                        self._note(row, (*path, *rest), value)
            self._objects[path, rest] = [
                value if isinstance(value, dict) else None for value in values
            ]
        return self._objects[path, rest]

    def _level(self, path: Path) -> Level:
        if path not in self._levels:
            self._levels[path] = self._exploded(path) if path else self._rows()
        return self._levels[path]

    def _rows(self) -> Level:
        size = len(self.cells)
        return Level([], _counted(size), _counted(size), [""] * size)

    def _exploded(self, path: Path) -> Level:
        above = self._level(path[:-1])
        values = self._values(path[:-1], path[-1:])
        objects, places, labels = list[Json](), list[int](), list[str]()
        for place, (value, row) in enumerate(zip(values, above.rows, strict=True)):
            if value in _NOTHING:
                continue
            label = f"{above.labels[place]}.{path[-1]}".lstrip(".")
            for name, item in _listed(value, label):
                if isinstance(item, dict):
                    objects.append(item)
                    places.append(place)
                    labels.append(name)
                elif item not in _NOTHING:
                    self._note(row, path, item)
        containers = pl.Series(places, dtype=pl.UInt32)
        return Level(objects, containers, above.rows.gather(containers), labels)

    def _note(self, row: int, path: Path, value: Json) -> None:
        self.unread.setdefault((row, ".".join(path)), plain(value) or "")


def look_inside(
    cells: Cells, raw: Mapping[str, pl.Series], null_tokens: pl.Series
) -> Inside:
    """A batch's nested columns, parsed from their raw text where it is not null."""
    inside = Inside(cells, {}, null_tokens)
    for column, text in raw.items():
        read = read_json(text.set(cells.text(column).is_null(), None))
        inside.columns[column] = [
            None if isinstance(value, Unread) else value for value in read
        ]
        for row, value in enumerate(read):
            if isinstance(value, Unread):
                inside.unread[row, column] = value.text
    return inside


def _listed(value: Json, label: str) -> list[tuple[str, Json]]:
    """The items of a list with their labels; anything else is a list of one."""
    if not isinstance(value, list):
        return [(label, value)]
    return [(f"{label}[{n}]", item) for n, item in enumerate(value, start=1)]


def _agreed(one: Path, other: Path) -> int:
    """How many parts both paths begin with."""
    depth = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        depth += 1
    return depth


def _as_texts(values: Sequence[Json]) -> pl.Series:
    if not set(map(type, values)) <= _TEXTS:
        values = [plain(value) for value in values]
    return pl.Series(values, dtype=pl.String)


def _counted(size: int) -> pl.Series:
    return pl.int_range(size, dtype=pl.UInt32, eager=True)
