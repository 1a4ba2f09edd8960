"""TOML files into declared tables; what is wrong is said with file, key and cure."""

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import TypeAdapter, ValidationError

from connectors.errors import ConfigError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Table = dict[str, object]
M = TypeVar("M")


def read(path: Path, model: TypeAdapter[M]) -> M:
    """A file as a declared table; raises ConfigError."""
    return validated(short(path), read_table(path), model)


def read_table(path: Path) -> Table:
    """A file as TOML, nothing of it judged; raises ConfigError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{short(path)} does not exist") from None
    except OSError as error:
        raise ConfigError(
            f"{short(path)} cannot be read ({error.strerror}); expected a readable file"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{short(path)} is not TOML: {error}; mend that line"
        ) from None


def validated(where: str, table: Table, model: TypeAdapter[M]) -> M:
    """The table as the model declares it; raises ConfigError, naming each key."""
    try:
        return model.validate_python(table)
    except ValidationError as error:
        found = error.errors(include_input=False)
        # A list whose entries are at fault is said to be too short, too.
        echoes = [e for e in found if e["type"] == "too_short"]
        told = [e for e in found if e not in echoes] or echoes
        faults = "; ".join(_fault(e) for e in told)
        raise ConfigError(f"{where}: {faults}") from None


def short(path: Path) -> str:
    """A file as messages name it: `provinces/quang_tri.toml`."""
    return f"{path.parent.name}/{path.name}"


def _fault(error: "ErrorDetails") -> str:
    place = ".".join(str(part) for part in error["loc"]) or "file"
    if error["type"] == "extra_forbidden":
        return (
            f"{place}: unknown key; see docs/presets.md for those of a preset, "
            "docs/adding-an-office.md for those of an office"
        )
    return f"{place}: {error['msg'].removeprefix('Value error, ')}"
