"""Paths and secrets that an office file names: where they are, never what they are."""

from collections.abc import Mapping
from pathlib import Path
from string import Template

from connectors.errors import ConfigError
from connectors.sources.secret import Secret


def secret_of(
    where: str,
    what: str,
    env_name: str | None,
    file_name: str | None,
    env: Mapping[str, str],
) -> Secret | None:
    """The secret behind `<what>_env` or `<what>_file`, read at each use; None when
    neither is named. Raises ConfigError when it is not there."""
    if env_name is not None:
        if not env.get(env_name):
            raise ConfigError(f"{where}: environment variable {env_name} is not set")
        return lambda: env[env_name]
    if file_name is not None:
        path = path_of(where, file_name, env)
        if not path.is_file():
            raise ConfigError(f"{where}: {what}_file {file_name} does not exist")
        return lambda: path.read_text(encoding="utf-8").strip()
    return None


def path_of(where: str, text: str, env: Mapping[str, str]) -> Path:
    """A path with its $VARIABLES replaced; raises ConfigError when one is not set."""
    try:
        return Path(Template(text).substitute(env)).expanduser()
    except (KeyError, ValueError):
        raise ConfigError(
            f"{where}: {text} names an environment variable that is not set"
        ) from None
