"""Settings of this installation, from KNTC_* environment variables."""

import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from connectors.errors import ConfigError

KEY_NAMES = ("seal", "denouncer", "token", "staging", "anchor")
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Keys:
    """Five keys of 32 bytes; never shown."""

    seal: bytes = field(repr=False)
    denouncer: bytes = field(repr=False)
    token: bytes = field(repr=False)
    staging: bytes = field(repr=False)
    anchor: bytes = field(repr=False)
    made_in: Path | None = None  # where keys were found that nobody gave


@dataclass(frozen=True, slots=True)
class Settings:
    """Folders, the national database's URL and the keys."""

    config_dir: Path
    home: Path
    national_url: str = field(repr=False)
    keys: Keys = field(repr=False)
    # The date that a night bears; None: today's in Asia/Ho_Chi_Minh. For rehearsals:
    # the sample estate lives in a time of its own.
    night_on: date | None = None
    # No office is given less time than this, whatever its file says: a sample estate
    # of a million records takes longer than one of ten thousand.
    least_deadline_s: float = 0.0
    # How many offices work at once; those that wait for their source do not count.
    offices_at_once: int = 4

    @property
    def staging_dir(self) -> Path:
        """Encrypted batches and their manifests."""
        return self.home / "staging"

    @property
    def reports_dir(self) -> Path:
        """What people read."""
        return self.home / "reports"


def packaged_config() -> Path:
    """The config folder inside this package."""
    return Path(__file__).parent


def load_settings(env: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment; folders and missing keys are made.

    Raises ConfigError when something given is wrong.
    """
    home = Path(env.get("KNTC_HOME") or _user_data(env)).expanduser().absolute()
    config_dir = Path(env.get("KNTC_CONFIG_DIR") or packaged_config()).absolute()
    if not (config_dir / "provinces").is_dir():
        raise ConfigError(
            f"KNTC_CONFIG_DIR={config_dir} has no folder provinces/; expected a folder "
            "with provinces/ and systems/"
        )
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigError(
            f"KNTC_HOME={home} cannot be used ({error.strerror}); expected a folder "
            "that this user may write"
        ) from None
    url = env.get("KNTC_NATIONAL_URL") or f"sqlite:///{home / 'national.db'}"
    return Settings(
        config_dir,
        home,
        url,
        _keys(env, home),
        _night_on(env),
        _least_deadline_s(env),
        _offices_at_once(env),
    )


def _offices_at_once(env: Mapping[str, str]) -> int:
    text = env.get("KNTC_OFFICES_AT_ONCE") or "4"
    if not re.fullmatch("[1-9][0-9]{0,2}", text):
        raise ConfigError(
            f"KNTC_OFFICES_AT_ONCE={text} is no number from 1 to 999; expected for "
            "example twice the processors of this machine, or nothing for 4"
        )
    return int(text)


def _least_deadline_s(env: Mapping[str, str]) -> float:
    text = env.get("KNTC_LEAST_DEADLINE_S") or "0"
    if not text.isascii() or not text.isdigit():
        raise ConfigError(
            f"KNTC_LEAST_DEADLINE_S={text} is no whole number of seconds; expected for "
            "example 600, or nothing"
        )
    return float(text)


def _night_on(env: Mapping[str, str]) -> date | None:
    text = env.get("KNTC_NIGHT_ON")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ConfigError(
            f"KNTC_NIGHT_ON={text} is no date; expected for example 2026-09-14, or "
            "nothing for today"
        ) from None


def _user_data(env: Mapping[str, str]) -> Path:
    base = env.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local/share") / "kntc-sync"


def _keys(env: Mapping[str, str], home: Path) -> Keys:
    # Beside KNTC_HOME, not in it: a copy of the home must not carry its own keys.
    folder = home.parent / f"{home.name}.keys"
    found = {name: _key(env, name) for name in KEY_NAMES}
    made_in = folder if None in found.values() else None
    keys = {name: key or _made_key(folder, name) for name, key in found.items()}
    if len(set(keys.values())) != len(keys):
        raise ConfigError("two of the KNTC_*_KEY are equal; each needs its own value")
    return Keys(**keys, made_in=made_in)


def _key(env: Mapping[str, str], name: str) -> bytes | None:
    variable = f"KNTC_{name.upper()}_KEY"
    text = env.get(variable)
    if env.get(f"{variable}_FILE"):
        path = Path(env[f"{variable}_FILE"]).expanduser()
        if not path.is_file():
            raise ConfigError(f"{variable}_FILE={path} does not exist")
        text = path.read_text(encoding="ascii", errors="replace").strip()
    if not text:
        return None
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise ConfigError(
            f"{variable}: expected {KEY_BYTES * 2} hexadecimal digits (32 bytes), "
            f"found {len(text)} characters; make one with: openssl rand -hex 32"
        )
    return key


def _made_key(folder: Path, name: str) -> bytes:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{name}.key"
    if not path.exists():
        _make_key(path)
    return _stored_key(path)


def _make_key(path: Path) -> None:
    # Whole or not there: of two processes that make keys at once the first one to
    # link wins, and nobody ever reads a file that is half written.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        temporary.unlink()
    # A key that a power cut took away would leave its records sealed for ever.
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _stored_key(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise ConfigError(f"{path} is damaged: expected 64 hexadecimal digits")
    return key
