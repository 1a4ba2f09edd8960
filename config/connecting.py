"""An installation of an office, ready to be read: its tables into a SourceSpec."""

from collections.abc import Mapping
from pathlib import Path

from config.preset import Preset, RestPreset
from config.tables import SourceTable
from connectors.errors import ConfigError
from connectors.sources.base import FilesAt, OdbcAt, RestAt, SourceSpec, Stream


def source_spec(
    path: Path,
    table: SourceTable,
    preset: Preset,
    env: Mapping[str, str],
) -> SourceSpec:
    """One installation, ready to be read; raises ConfigError, naming the file."""
    streams = tuple(Stream(s.name, s.read(preset.timezone)) for s in preset.streams)
    return SourceSpec(
        province=path.stem,
        system=table.system,
        kind=preset.kind,
        at=_at(path, table, preset, env),
        streams=streams,
        timeout_s=table.timeout_s,
        attempts=table.attempts,
        batch_rows=table.batch_rows,
    )


def _at(
    path: Path, table: SourceTable, preset: Preset, env: Mapping[str, str]
) -> FilesAt | OdbcAt | RestAt:
    tables = {"files": table.files, "odbc": table.odbc, "rest": table.rest}
    given = [kind for kind, value in tables.items() if value is not None]
    if given != [preset.kind]:
        raise ConfigError(
            f"{path.name}: source {table.system} of product {preset.product} needs "
            f"[sources.{preset.kind}], found {given or 'none'}"
        )
    where = f"{path.name}: source {table.system}"
    if table.files is not None:
        return table.files.at(where, env)
    if table.odbc is not None:
        return table.odbc.at(where, env)
    assert table.rest is not None
    auth = preset.auth if isinstance(preset, RestPreset) else None
    return table.rest.at(where, env, auth)
