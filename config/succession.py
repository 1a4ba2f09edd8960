"""Records that moved here from a closed system, and keep the identity they had there.

`[[succession]]` of an office file says which keys of a live source were keys of another
system, by a regular expression or by a file of pairs.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from pydantic import Field as Key
from pydantic import model_validator

from config.field_map import Strict, refuse
from config.preset_checks import template_faults
from connectors.errors import ConfigError
from expectations.records import BY_NAME

HEADER = ["old", "new"]


class SuccessionTable(Strict):
    """`[[succession]]`: which keys of source `to` were keys of the system `from`."""

    from_: str = Key(alias="from", pattern=r"^[a-z0-9_]{3,40}$")
    to: str
    record_types: tuple[str, ...] = ()
    pattern: str | None = None
    replace: str | None = None
    keys_file: str | None = None

    @model_validator(mode="after")
    def _fitting(self) -> "SuccessionTable":
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[str]:
        if self.from_ == self.to:
            yield f"from and to are both {self.to}; from is the closed system"
        if strange := sorted(set(self.record_types) - set(BY_NAME)):
            yield f"unknown record types {strange} (known: {', '.join(BY_NAME)})"
        by_pattern = self.pattern is not None and self.replace is not None
        half = (self.pattern is None) != (self.replace is None)
        if half or by_pattern == (self.keys_file is not None):
            yield "give pattern and replace, or keys_file"
        elif self.pattern is not None and self.replace is not None:
            yield from template_faults(self.pattern, self.replace)


@dataclass(frozen=True, slots=True)
class Succession:
    """One succession of a source; the pairs of its keys file are never shown."""

    from_system: str
    record_types: tuple[str, ...] = ()  # none named: all
    pattern: str = ""
    replace: str = ""
    pairs: dict[str, str] | None = field(default=None, repr=False)  # new key -> old key

    def covers(self, record_type: str) -> bool:
        """Whether records of that type may come from the closed system."""
        return not self.record_types or record_type in self.record_types

    def old_keys(self, new: pl.Series) -> pl.Series:
        """The key each had in the closed system; null where it was never there."""
        if self.pairs is not None:
            return new.replace_strict(
                list(self.pairs),
                list(self.pairs.values()),
                default=None,
                return_dtype=pl.String,
            )
        whole = f"^(?:{self.pattern})$"  # a part that fits would keep the rest
        old = new.str.replace(whole, self.replace)
        fits = new.str.contains(whole) & (old != "")
        return pl.select(pl.when(fits).then(old).alias(new.name)).to_series()


def load_succession(where: str, folder: Path, table: SuccessionTable) -> Succession:
    """The succession of a table; a keys file is read now, relative to `folder`.

    Raises ConfigError, which names lines of the file and never a key.
    """
    if table.keys_file is None:
        pattern, replace = table.pattern or "", table.replace or ""
        return Succession(table.from_, table.record_types, pattern, replace)
    path = folder / table.keys_file
    pairs = _pairs(f"{where}: keys_file {table.keys_file}", path)
    return Succession(table.from_, table.record_types, pairs=pairs)


def _pairs(where: str, path: Path) -> dict[str, str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *lines = [*csv.reader(file, strict=True)] or [[]]
    except FileNotFoundError:
        raise ConfigError(f"{where} does not exist") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        kind = type(error).__name__
        raise ConfigError(
            f"{where} cannot be read ({kind}); expected CSV in UTF-8"
        ) from None
    if [name.strip() for name in header] != HEADER:
        raise ConfigError(f"{where}: expected the header {','.join(HEADER)}")
    pairs, olds = dict[str, str](), dict[str, int]()
    for number, line in enumerate(lines, start=2):
        if not line:
            continue
        old, new = _pair(f"{where} line {number}", line)
        if old in olds or new in pairs:
            raise ConfigError(
                f"{where} line {number}: the {'old' if old in olds else 'new'} key "
                "stands in an earlier line too; each key has one successor"
            )
        pairs[new], olds[old] = old, number
    if not pairs:
        raise ConfigError(f"{where} holds no pair of keys")
    return pairs


def _pair(where: str, line: list[str]) -> tuple[str, str]:
    # As normalise cleans keys: it compares them with these.
    clean = pl.Series(line, dtype=pl.String).str.normalize("NFC").str.strip_chars()
    cells: list[str] = clean.to_list()
    if len(cells) != len(HEADER) or not all(cells):
        filled = sum(map(bool, cells))
        raise ConfigError(f"{where}: expected two keys, found {filled}")
    return cells[0], cells[1]
