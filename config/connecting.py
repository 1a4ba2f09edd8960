"""Where an installation stands, and where its secret is kept: tables into specs."""

from collections.abc import Mapping
from pathlib import Path
from string import Template

from config.preset import FilesStreamMap, OdbcStreamMap, Preset, StreamMap
from config.tables import RestTable, SourceTable
from connectors.errors import ConfigError
from connectors.sources.base import (
    FilesAt,
    FilesStream,
    OdbcAt,
    OdbcStream,
    RestAt,
    RestStream,
    Secret,
    SourceSpec,
    Stream,
)


def source_spec(
    path: Path,
    table: SourceTable,
    preset: Preset,
    env: Mapping[str, str],
) -> SourceSpec:
    """One installation, ready to be read; raises ConfigError, naming the file."""
    streams = tuple(
        Stream(s.name, _stream_read(s, preset.timezone)) for s in preset.streams
    )
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
        folder = _path(where, table.files.folder, env)
        return FilesAt(folder, table.files.max_mib)
    if table.odbc is not None:
        secret = _secret(
            where,
            "connection",
            table.odbc.connection_env,
            table.odbc.connection_file,
            env,
        )
        if secret is None:
            raise ConfigError(f"{where}: give odbc.connection_env or connection_file")
        return OdbcAt(secret)
    assert table.rest is not None
    return _rest_at(where, table.rest, env)


def _rest_at(where: str, rest: RestTable, env: Mapping[str, str]) -> RestAt:
    base_url = rest.base_url or (
        env.get(rest.base_url_env) if rest.base_url_env else None
    )
    if not base_url:
        raise ConfigError(
            f"{where}: rest.base_url is not given, nor is the environment variable "
            f"that rest.base_url_env names set ({rest.base_url_env})"
        )
    token = _secret(where, "token", rest.token_env, rest.token_file, env)
    return RestAt(base_url, token, Path(rest.ca_file) if rest.ca_file else None)


def _secret(
    where: str,
    what: str,
    env_name: str | None,
    file_name: str | None,
    env: Mapping[str, str],
) -> Secret | None:
    if env_name is not None:
        if not env.get(env_name):
            raise ConfigError(f"{where}: environment variable {env_name} is not set")
        return lambda: env[env_name]
    if file_name is not None:
        path = _path(where, file_name, env)
        if not path.is_file():
            raise ConfigError(f"{where}: {what}_file {file_name} does not exist")
        return lambda: path.read_text(encoding="utf-8").strip()
    return None


def _path(where: str, text: str, env: Mapping[str, str]) -> Path:
    try:
        return Path(Template(text).substitute(env)).expanduser()
    except (KeyError, ValueError):
        raise ConfigError(
            f"{where}: {text} names an environment variable that is not set"
        ) from None


def _stream_read(stream: StreamMap, zone: str) -> FilesStream | OdbcStream | RestStream:
    if isinstance(stream, FilesStreamMap):
        names = FilesStream.__dataclass_fields__
        return FilesStream(**{n: getattr(stream, n) for n in names})
    if isinstance(stream, OdbcStreamMap):
        return OdbcStream(stream.query, stream.cursor, zone)
    names = RestStream.__dataclass_fields__
    return RestStream(**{n: getattr(stream, n) for n in names})
