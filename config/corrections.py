"""Corrections of single cells, declared in an office file until the source is mended.

Raw stays raw: a correction is applied to what was read, says why, and expires as soon
as the cell holds anything but what it expects.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
from pydantic import Field as Key
from pydantic import model_validator

from config.columns import used_columns
from config.field_map import Strict, refuse
from connectors.errors import ConfigError

if TYPE_CHECKING:
    from config.preset import Preset, StreamMap

Texts = dict[str, str]


class Correction(Strict):
    """`[[sources.corrections]]`: columns by name, "" for a blank cell."""

    stream: str
    match: Texts = Key(min_length=1)  # all must hold, exactly
    set: Texts = Key(min_length=1)
    expect: Texts  # what stands in each of those cells now
    because: str = Key(min_length=1)
    reported_on: date  # to those who keep the source

    @model_validator(mode="after")
    def _fitting(self) -> "Correction":
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[str]:
        if self.set.keys() != self.expect.keys():
            yield (
                "expect says what stands now in each column of set, and in no other: "
                f"differing are {sorted(self.set.keys() ^ self.expect.keys())}"
            )
        if same := [n for n in self.set if _tidy(self.set[n]) == self._expected(n)]:
            yield f"set and expect are the same of {same}"
        if not any(map(_tidy, self.match.values())):
            yield "match holds blank cells only: it would fit any such row"
        if not self.because.strip():
            yield "because is blank; say why the cell is wrong"

    def _expected(self, column: str) -> str | None:
        expected = self.expect.get(column)
        return None if expected is None else _tidy(expected)


def _tidy(text: str) -> str:
    tidy: str = pl.Series([text]).str.normalize("NFC").str.strip_chars()[0]
    return tidy


def refuse_strange(
    where: str, corrections: tuple[Correction, ...], preset: "Preset"
) -> None:
    """Raise ConfigError for a correction of what the product does not have."""
    streams: dict[str, StreamMap] = {stream.name: stream for stream in preset.streams}
    for number, correction in enumerate(corrections, start=1):
        place = f"{where}: correction {number}"
        if correction.stream not in streams:
            raise ConfigError(
                f"{place}: stream {correction.stream} is not of product "
                f"{preset.product} (known: {', '.join(streams)})"
            )
        stream = streams[correction.stream]
        read = {*used_columns(stream)} - {*stream.nested}
        if strange := sorted(correction.set.keys() - read):
            raise ConfigError(
                f"{place}: sets columns that the preset does not read whole: "
                f"{', '.join(map(repr, strange))}"
            )
        if strange := sorted(correction.match.keys() - read - {*stream.ignored}):
            raise ConfigError(
                f"{place}: matches columns that the preset does not know: "
                f"{', '.join(map(repr, strange))}"
            )


def matched_columns(corrections: Iterable[Correction]) -> list[str]:
    """The columns that corrections look at or set, each once."""
    names = (name for c in corrections for name in (*c.match, *c.set))
    return list(dict.fromkeys(names))
