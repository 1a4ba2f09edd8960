"""What was staged of a source: its rows and files, and how its columns differ."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from config.columns import used_columns
from config.office import OfficeSource
from connectors.sources.base import FileRead
from connectors.staging import Line
from flows.engine.normalise import Drift, Normaliser
from flows.engine.reading import Reading, Window


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was staged: lines, what was asked, and each stream's drift."""

    lines: tuple[Line, ...]
    windows: tuple[Window, ...]
    drifts: Mapping[str, Drift]

    def rows(self, stream: str) -> int:
        """Rows staged of one stream."""
        return sum(line.rows for line in self.lines if line.stream == stream)

    def files(self, stream: str) -> list[FileRead]:
        """Files of one stream that were read tonight."""
        of_stream = (line for line in self.lines if line.stream == stream)
        return [file for line in of_stream for file in line.files]

    @property
    def has_delivered(self) -> bool:
        """Whether a file was read that is a delivery (mode drop): there may be more."""
        return any(
            not window.is_register
            and any(not file.is_taken for file in self.files(window.stream.name))
            for window in self.windows
        )

    @property
    def total(self) -> int:
        """Rows staged in all."""
        return sum(line.rows for line in self.lines)


def manifest_of(reading: Reading, readers: Mapping[str, Normaliser]) -> Manifest:
    """The manifest of a reading; a stream's drift is that of all its batches."""
    lines = tuple(reading.stage.lines())
    drifts: dict[str, list[Drift]] = {}
    for line in lines:
        if line.columns:
            drift = readers[line.stream].drift(line.columns)
            drifts.setdefault(line.stream, []).append(drift)
    return Manifest(
        lines, reading.windows, {name: _joined(some) for name, some in drifts.items()}
    )


def _joined(drifts: list[Drift]) -> Drift:
    return Drift(
        tuple(dict.fromkeys(c for drift in drifts for c in drift.missing)),
        tuple(dict.fromkeys(c for drift in drifts for c in drift.unknown)),
        tuple(dict.fromkeys(c for drift in drifts for c in drift.doubled)),
    )


# A number of a person, or a date: no header has one.
_VALUE = re.compile(r"\d{5}|\d[/.-]\d")


def new_names(source: OfficeSource, stream: str, found: Drift) -> tuple[str, ...]:
    """The unknown columns as they may be said: of a file that has lost its header row
    the first record stands in its place, and may name a citizen."""
    asked = source.stream(stream)
    wanted = [c for c in used_columns(asked) if c not in asked.optional]
    is_headless = 2 * len(found.missing) >= len(wanted) > 1
    return tuple(
        f"(a column of {len(name)} characters)"
        if is_headless or _VALUE.search(name)
        else name
        for name in found.unknown
    )
