"""Offices: TOML files into SourceSpecs; a bad file makes one office misconfigured."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from pydantic import TypeAdapter

from config.connecting import source_spec
from config.corrections import Correction, refuse_strange
from config.preset import Preset, StreamMap
from config.products import load_preset, overridden_preset
from config.reading import read
from config.succession import Succession, load_succession
from config.tables import Gate, OfficeTable, SourceTable
from connectors.errors import ConfigError
from connectors.sources.base import SourceSpec
from expectations.provinces import Scheme, provinces

__all__ = [
    "Gate",
    "Office",
    "OfficeSource",
    "OfficeTable",
    "SourceTable",
    "Succession",
    "load_office",
    "load_preset",
    "load_table",
    "office_stems",
    "refuse_shared_systems",
]


@dataclass(frozen=True, slots=True)
class OfficeSource:
    """One installation with its preset: what to read and how to understand it."""

    spec: SourceSpec
    preset: Preset
    gate: Gate
    overlap_days: int
    # After so many days a cursored source is read whole again.
    full_every_days: int = 7
    # Closed systems whose records live on here; the first that fits a key decides.
    succession: tuple[Succession, ...] = ()
    # Cells of this installation that are known to be wrong.
    corrections: tuple[Correction, ...] = ()

    def stream(self, name: str) -> StreamMap:
        """The preset's stream of that name."""
        for stream in self.preset.streams:
            if stream.name == name:
                return stream
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Office:
    """One office; `stem` is its name everywhere. Sources are in file order."""

    stem: str
    table: OfficeTable
    sources: tuple[OfficeSource, ...]


def office_stems(config_dir: Path) -> list[str]:
    """The stems of all office files, sorted.

    Raises ConfigError when the folder holds none.
    """
    folder = config_dir / "provinces"
    stems = sorted(path.stem for path in folder.glob("*.toml"))
    if not stems:
        raise ConfigError(
            f"no office file in {folder}: expected provinces/*.toml; "
            "set KNTC_CONFIG_DIR or add an office (docs/adding-an-office.md)"
        )
    return stems


def load_office(
    config_dir: Path, stem: str, env: Mapping[str, str] = os.environ
) -> Office:
    """Read one office and the presets of its products.

    Raises ConfigError, naming file and key. A secret that is not set is a ConfigError
    now, not at 01:00; its value is read at each use.
    """
    path = config_dir / "provinces" / f"{stem}.toml"
    table = read(path, TypeAdapter(OfficeTable))
    _refuse_own_systems(path, table)
    _refuse_unknown_province(path, table)
    sources = tuple(
        _source(config_dir, path, table, source, env) for source in table.sources
    )
    return Office(stem, table, sources)


def _source(
    config_dir: Path,
    path: Path,
    table: OfficeTable,
    source: SourceTable,
    env: Mapping[str, str],
) -> OfficeSource:
    where = f"{path.parent.name}/{path.name}: source {source.system}"
    preset = load_preset(config_dir, source.product)
    if source.preset:
        preset = overridden_preset(config_dir, source.product, source.preset, where)
    refuse_strange(where, source.corrections, preset)
    return OfficeSource(
        spec=source_spec(path, source, preset, env),
        preset=preset,
        gate=source.gate,
        overlap_days=source.overlap_days,
        full_every_days=source.full_every_days,
        succession=_succession(path, table, source.system),
        corrections=source.corrections,
    )


def _refuse_unknown_province(path: Path, table: OfficeTable) -> None:
    known = provinces(Scheme(table.code_scheme))
    if table.province_code not in known:
        raise ConfigError(
            f'{path.parent.name}/{path.name}: province_code "{table.province_code}" '
            f"is not of the scheme {table.code_scheme} (its {len(known)} codes: "
            f"{', '.join(sorted(known))}); correct the code, or code_scheme"
        )


def _refuse_own_systems(path: Path, table: OfficeTable) -> None:
    systems = [source.system for source in table.sources]
    if len(set(systems)) != len(systems):
        raise ConfigError(f"{path.name}: two sources share one system name: {systems}")
    for moved in table.succession:
        if moved.to not in systems:
            raise ConfigError(
                f"{path.name}: succession to {moved.to}, which is no source of this "
                f"office (its sources: {', '.join(systems)})"
            )
        if moved.from_ in systems:
            raise ConfigError(
                f"{path.name}: succession from {moved.from_}, which is a live source "
                "of this office; only a closed system has a successor"
            )


def _succession(path: Path, table: OfficeTable, system: str) -> tuple[Succession, ...]:
    return tuple(
        load_succession(
            f"{path.name}: succession from {moved.from_}", path.parent, moved
        )
        for moved in table.succession
        if moved.to == system
    )


def load_table(config_dir: Path, stem: str) -> OfficeTable:
    """One office's file alone: who it is, without its presets and secrets.

    Raises ConfigError.
    """
    return read(config_dir / "provinces" / f"{stem}.toml", TypeAdapter(OfficeTable))


def refuse_shared_systems(config_dir: Path, office: Office) -> None:
    """Raise ConfigError when another office's file names one of its systems.

    A system is the permanent name of one installation: two offices under one name
    would overwrite each other's records, and so would a live system and its successor.
    """
    mine = {source.spec.system for source in office.sources}
    closed = {moved.from_ for moved in office.table.succession}
    for stem in office_stems(config_dir):
        if stem == office.stem:
            continue
        try:
            table = load_table(config_dir, stem)
        except ConfigError:
            continue
        theirs = {source.system for source in table.sources}
        for system in sorted(mine & theirs):
            raise ConfigError(
                f"{office.stem}.toml: source {system} also stands in {stem}.toml; "
                "give each installation a system name of its own"
            )
        for system in sorted(closed & theirs):
            raise ConfigError(
                f"{office.stem}.toml: succession from {system}, which is a live source "
                f"of {stem}.toml; only a closed system has a successor"
            )
        for system in sorted(mine & {moved.from_ for moved in table.succession}):
            raise ConfigError(
                f"{office.stem}.toml: source {system} is closed by a succession in "
                f"{stem}.toml; take out one of the two"
            )


def former_keys(config_dir: Path, stem: str, source_id: str) -> list[tuple[str, str]]:
    """The closed systems and old keys that a key of an office may stand for.

    Raises ConfigError. Needs no secret of the office.
    """
    path = config_dir / "provinces" / f"{stem}.toml"
    table = load_table(config_dir, stem)
    asked = pl.Series([source_id], dtype=pl.String)
    found = []
    for source in table.sources:
        for moved in _succession(path, table, source.system):
            old = moved.old_keys(asked)[0]
            if old is not None:
                found.append((moved.from_system, str(old)))
    return found
