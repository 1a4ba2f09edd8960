"""The presets of products by name, with what they take over from another one."""

from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter

from config.preset import Preset
from config.reading import Table, read_table, short, validated
from connectors.errors import ConfigError

EXTENDS = "extends"


def load_preset(config_dir: Path, product: str) -> Preset:
    """Read systems/<product>.toml and what it extends; raises ConfigError."""
    folder = config_dir / "systems"
    stamps = (
        (f, f.stat().st_mtime_ns, f.stat().st_size) for f in folder.glob("*.toml")
    )
    return _load(folder / f"{product}.toml", tuple(sorted(stamps)))


def overridden_preset(
    config_dir: Path, product: str, differing: Table, where: str
) -> Preset:
    """A product's preset with what one installation says differently, as `extends`
    does; raises ConfigError, naming the place `where` it is said."""
    if named := sorted(differing.keys() & {EXTENDS, "product", "kind"}):
        raise ConfigError(
            f"{where}: preset cannot say {', '.join(named)}: another product is "
            f"another preset, which may say {EXTENDS}"
        )
    table, files = _whole(config_dir / "systems" / f"{product}.toml")
    said = f"{where}: preset over {files}"
    preset: Preset = validated(said, _over(table, differing), TypeAdapter(Preset))
    return preset


# 36 offices share a few products; a file that was changed is read again.
@lru_cache(maxsize=64)
def _load(path: Path, _stamps: tuple[tuple[Path, int, int], ...]) -> Preset:
    table, where = _whole(path)
    preset: Preset = validated(where, table, TypeAdapter(Preset))
    if preset.product != path.stem:
        raise ConfigError(
            f'{path.name}: product is "{preset.product}", expected the file\'s stem'
        )
    return preset


def _whole(path: Path) -> tuple[Table, str]:
    """The table of a preset over the one that it extends, and the files' names."""
    table = read_table(path)
    if EXTENDS not in table:
        return table, short(path)
    name = table.pop(EXTENDS)
    if not isinstance(name, str) or not name or "/" in name:
        raise ConfigError(
            f"{short(path)}: {EXTENDS} must be the name of a product: the stem of a "
            "file of systems/"
        )
    if name == path.stem:
        raise ConfigError(f"{short(path)}: {EXTENDS} names the preset itself")
    if "product" not in table:
        raise ConfigError(
            f'{short(path)}: product is not given, expected "{path.stem}"'
        )
    base = path.with_name(f"{name}.toml")
    return _over(_base(path, base), table), f"{short(path)} (extends {base.name})"


def _base(path: Path, base: Path) -> Table:
    if not base.is_file():
        raise ConfigError(
            f"{short(path)}: {EXTENDS} names {base.stem}, but {short(base)} does not "
            "exist"
        )
    table = read_table(base)
    if EXTENDS in table:
        raise ConfigError(
            f"{short(path)}: extends {base.name}, which itself extends "
            f'"{table[EXTENDS]}"; one level is allowed: extend that one, and say here '
            "what differs"
        )
    return table


def _over(below: Table, above: Table) -> Table:
    """The table below with what the one above says differently.

    Tables are merged key by key, streams name by name. Any other list or value of the
    table above takes the place of the one below.
    """
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        if isinstance(value, dict) and isinstance(under, dict):
            merged[key] = _over(under, value)
        else:
            both = (_named(under), _named(value))
            merged[key] = _by_name(*both) if all(both) else value
    return merged


def _named(value: object) -> dict[str, Table]:
    """A list of tables by their names; empty when it is no such list."""
    tables = value if isinstance(value, list) else []
    named = {
        table["name"]: table
        for table in tables
        if isinstance(table, dict) and isinstance(table.get("name"), str)
    }
    return named if len(named) == len(tables) else {}


def _by_name(below: dict[str, Table], above: dict[str, Table]) -> list[Table]:
    merged = {name: _over(table, above.get(name, {})) for name, table in below.items()}
    added = [table for name, table in above.items() if name not in below]
    return [*merged.values(), *added]
