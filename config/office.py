"""Offices: TOML files into SourceSpecs; a bad file makes one office misconfigured."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Literal, TypeVar

from pydantic import Field as Key
from pydantic import TypeAdapter, ValidationError

from config.preset import (
    FilesStreamMap,
    OdbcStreamMap,
    Preset,
    StreamMap,
    Strict,
)
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

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


class FilesTable(Strict):
    """`[sources.files]`: a folder; relative to KNTC_HOME's parent when not absolute."""

    folder: str
    max_mib: int = Key(default=64, ge=1, le=2048)


class OdbcTable(Strict):
    """`[sources.odbc]`: where the connection string is kept, never the string."""

    connection_env: str | None = None
    connection_file: str | None = None


class RestTable(Strict):
    """`[sources.rest]`: the API's address and where its token is kept."""

    base_url: str | None = None
    base_url_env: str | None = None
    token_env: str | None = None
    token_file: str | None = None
    ca_file: str | None = None


class Gate(Strict):
    """When a source is held before anything is loaded; shares from 0 to 1."""

    max_shrink: float = Key(default=0.3, ge=0, le=1)
    max_quarantined: float = Key(default=0.5, ge=0, le=1)


class SourceTable(Strict):
    """`[[sources]]`: one installation."""

    system: str = Key(pattern=r"^[a-z0-9_]{3,40}$")
    product: str
    overlap_days: int = Key(default=3, ge=0, le=366)
    timeout_s: float = Key(default=30.0, gt=0, le=3600)
    attempts: int = Key(default=5, ge=1, le=20)
    batch_rows: int = Key(default=20_000, ge=1, le=200_000)
    gate: Gate = Gate()
    files: FilesTable | None = None
    odbc: OdbcTable | None = None
    rest: RestTable | None = None


class OfficeTable(Strict):
    """One file of provinces/."""

    name: str
    province_code: str = Key(pattern=r"^\d{2}$")
    code_scheme: Literal["GSO2004", "QD19-2025"]
    org_code: str | None = None
    deadline_s: float = Key(default=1800.0, gt=0, le=86_400)
    sources: tuple[SourceTable, ...] = Key(min_length=1)


@dataclass(frozen=True, slots=True)
class OfficeSource:
    """One installation with its preset: what to read and how to understand it."""

    spec: SourceSpec
    preset: Preset
    gate: Gate
    overlap_days: int

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
    table = _read(path, TypeAdapter(OfficeTable))
    presets = {
        source.product: load_preset(config_dir, source.product)
        for source in table.sources
    }
    sources = tuple(
        _source(path, stem, source, presets[source.product], env)
        for source in table.sources
    )
    systems = [source.spec.system for source in sources]
    if len(set(systems)) != len(systems):
        raise ConfigError(f"{path.name}: two sources share one system name: {systems}")
    return Office(stem, table, sources)


def load_table(config_dir: Path, stem: str) -> OfficeTable:
    """One office's file alone: who it is, without its presets and secrets.

    Raises ConfigError.
    """
    return _read(config_dir / "provinces" / f"{stem}.toml", TypeAdapter(OfficeTable))


def refuse_shared_systems(config_dir: Path, office: Office) -> None:
    """Raise ConfigError when another office's file names one of its systems.

    A system is the permanent name of one installation: two offices under one name
    would overwrite each other's records.
    """
    mine = {source.spec.system for source in office.sources}
    for stem in office_stems(config_dir):
        if stem == office.stem:
            continue
        try:
            table = load_table(config_dir, stem)
        except ConfigError:
            continue
        for system in sorted(mine & {source.system for source in table.sources}):
            raise ConfigError(
                f"{office.stem}.toml: source {system} also stands in {stem}.toml; "
                "give each installation a system name of its own"
            )


def load_preset(config_dir: Path, product: str) -> Preset:
    """Read config/systems/<product>.toml; raises ConfigError."""
    path = config_dir / "systems" / f"{product}.toml"
    preset: Preset = _read(path, TypeAdapter(Preset))
    if preset.product != product:
        raise ConfigError(
            f'{path.name}: product is "{preset.product}", expected the file\'s stem'
        )
    return preset


M = TypeVar("M")


def _read(path: Path, model: TypeAdapter[M]) -> M:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path.parent.name}/{path.name} does not exist") from None
    except OSError as error:
        raise ConfigError(
            f"{path.parent.name}/{path.name} cannot be read ({error.strerror}); "
            "expected a readable file"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path.parent.name}/{path.name} is not TOML: {error}; mend that line"
        ) from None
    try:
        return model.validate_python(raw)
    except ValidationError as error:
        faults = "; ".join(_fault(e) for e in error.errors(include_input=False))
        raise ConfigError(f"{path.parent.name}/{path.name}: {faults}") from None


def _fault(error: "ErrorDetails") -> str:
    place = ".".join(str(part) for part in error["loc"]) or "file"
    if error["type"] == "extra_forbidden":
        return f"{place}: unknown key; see docs/adding-an-office.md for the known ones"
    return f"{place}: {error['msg']}"


def _source(
    path: Path,
    stem: str,
    table: SourceTable,
    preset: Preset,
    env: Mapping[str, str],
) -> OfficeSource:
    at = _at(path, table, preset, env)
    streams = tuple(
        Stream(s.name, _stream_read(s, preset.timezone)) for s in preset.streams
    )
    spec = SourceSpec(
        province=stem,
        system=table.system,
        kind=preset.kind,
        at=at,
        streams=streams,
        timeout_s=table.timeout_s,
        attempts=table.attempts,
        batch_rows=table.batch_rows,
    )
    return OfficeSource(spec, preset, table.gate, table.overlap_days)


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
