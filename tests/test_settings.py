"""Settings and keys: made once, private, agreed on by all, never shown."""

import stat
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from config.settings import KEY_NAMES, load_settings
from connectors.errors import ConfigError

ROOT = Path(__file__).parent.parent
# Hexadecimal, but one digit short of a key.
SHORT = "d1e2a3d4" * 7 + "d1e2a3d"


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    return {"KNTC_HOME": str(tmp_path / "home")} | more


def key_text(byte: int) -> str:
    return bytes([byte]).hex() * 32


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_keys_are_made_once_in_private_outside_the_home(tmp_path: Path) -> None:
    first = load_settings(environment(tmp_path))
    folder = first.keys.made_in
    assert folder is not None
    assert not folder.is_relative_to(first.home)
    assert mode(folder) == 0o700
    assert {p.name for p in folder.iterdir()} == {f"{n}.key" for n in KEY_NAMES}
    assert {mode(path) for path in folder.iterdir()} == {0o600}
    assert load_settings(environment(tmp_path)).keys == first.keys
    made = {getattr(first.keys, name) for name in KEY_NAMES}
    assert len(made) == len(KEY_NAMES)
    assert {len(key) for key in made} == {32}
    assert list(first.home.rglob("*.key")) == []


MAKE = """
import sys
from config.settings import KEY_NAMES, load_settings
sys.stdout.write("ready\\n")
sys.stdout.flush()
sys.stdin.readline()
keys = load_settings({"KNTC_HOME": sys.argv[1]}).keys
sys.stdout.write(",".join(getattr(keys, name).hex() for name in KEY_NAMES))
"""


def test_processes_that_make_the_keys_at_once_agree(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", MAKE, str(tmp_path / "home")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for _ in range(6)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=60) for process in processes]
    assert [error for _, error in answers if error] == []
    assert len({keys for keys, _ in answers}) == 1
    assert len(answers[0][0].split(",")) == len(KEY_NAMES)
    left = {path.name for path in (tmp_path / "home.keys").iterdir()}
    assert left == {f"{name}.key" for name in KEY_NAMES}


def test_a_half_written_temporary_file_of_a_killed_process_is_no_key(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "home.keys"
    folder.mkdir(mode=0o700)
    (folder / ".seal.key.0123").write_text("ab")
    assert len(load_settings(environment(tmp_path)).keys.seal) == 32


def test_keys_that_are_given_are_used_and_none_is_made(tmp_path: Path) -> None:
    given = {
        f"KNTC_{name.upper()}_KEY": key_text(n) for n, name in enumerate(KEY_NAMES, 1)
    }
    keys = load_settings(environment(tmp_path, **given)).keys
    found = [getattr(keys, name) for name in KEY_NAMES]
    assert found == [bytes([n]) * 32 for n in range(1, 6)]
    assert keys.made_in is None
    assert not (tmp_path / "home.keys").exists()


def test_a_key_may_stand_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "seal"
    path.write_text(key_text(9) + "\n")
    env = environment(tmp_path, KNTC_SEAL_KEY_FILE=str(path))
    assert load_settings(env).keys.seal == bytes([9]) * 32
    # The file is what the operator meant when both are there.
    both = env | {"KNTC_SEAL_KEY": key_text(8)}
    assert load_settings(both).keys.seal == bytes([9]) * 32


def test_a_key_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    env = environment(tmp_path, KNTC_TOKEN_KEY_FILE=str(tmp_path / "gone"))
    with pytest.raises(ConfigError, match=r"KNTC_TOKEN_KEY_FILE=.*gone does not exist"):
        load_settings(env)


@pytest.mark.parametrize("bad", [SHORT, SHORT + "zz", key_text(7)[:-1] + "đ", "x" * 64])
@pytest.mark.parametrize("in_file", [False, True])
def test_bad_key_text_is_refused_and_not_shown(
    tmp_path: Path, bad: str, in_file: bool
) -> None:
    path = tmp_path / "key"
    path.write_text(bad, encoding="utf-8")
    name = "KNTC_SEAL_KEY_FILE" if in_file else "KNTC_SEAL_KEY"
    env = environment(tmp_path, **{name: str(path) if in_file else bad})
    with pytest.raises(ConfigError, match="expected 64 hexadecimal digits") as refused:
        load_settings(env)
    said = "".join(traceback.format_exception(refused.value))
    assert "KNTC_SEAL_KEY" in said
    assert bad[:8] not in said.replace(str(tmp_path), "")


def test_a_damaged_key_is_refused_and_never_replaced(tmp_path: Path) -> None:
    """A new key in its place would leave what the old one sealed shut for ever."""
    env = environment(tmp_path)
    load_settings(env)
    path = tmp_path / "home.keys" / "denouncer.key"
    path.write_text(SHORT)
    with pytest.raises(ConfigError, match=r"denouncer\.key is damaged") as refused:
        load_settings(env)
    assert SHORT[:8] not in str(refused.value)
    assert path.read_text() == SHORT


def test_equal_keys_are_refused(tmp_path: Path) -> None:
    same = {"KNTC_SEAL_KEY": key_text(5), "KNTC_DENOUNCER_KEY": key_text(5)}
    with pytest.raises(ConfigError, match="two of the KNTC_\\*_KEY are equal") as no:
        load_settings(environment(tmp_path, **same))
    assert "0505" not in str(no.value)


def test_neither_keys_nor_the_database_url_are_shown(tmp_path: Path) -> None:
    url = "postgresql://kntc:secret-word@127.0.0.1/kntc"
    settings = load_settings(
        environment(tmp_path, KNTC_SEAL_KEY=key_text(6), KNTC_NATIONAL_URL=url)
    )
    assert settings.national_url == url
    shown = repr(settings) + str(settings) + repr(settings.keys)
    assert "secret-word" not in shown
    assert repr(settings.keys.seal) not in shown
    assert "0606" not in shown


def test_a_config_folder_without_offices_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no folder provinces/"):
        load_settings(environment(tmp_path, KNTC_CONFIG_DIR=str(tmp_path)))
