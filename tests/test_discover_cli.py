"""The command `kntc provinces discover`: what it prints, writes and refuses."""

import json
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.cli.app import app
from tests import discover_samples as samples
from tests.discovering import csv_bytes

PEOPLE = {*samples.PEOPLE, *samples.PLACES, *samples.MATTERS}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["provinces", "discover", *arguments])


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "so_tiep_2024.csv"
    path.write_bytes(csv_bytes(samples.receptions()))
    return path


def test_the_table_and_the_preset_are_printed(sample: Path) -> None:
    done = run(str(sample))
    assert done.exit_code == 0, done.output
    assert "reception_date" in done.stdout
    start = done.stdout.index("product = ")
    assert tomllib.loads(done.stdout[start:])["kind"] == "files"


def test_json_is_alone_on_stdout(sample: Path) -> None:
    done = run(str(sample), "--json")
    answer = json.loads(done.stdout)
    assert {"preset", "toml", "columns"} <= set(answer)
    assert tomllib.loads(answer["toml"]) == answer["preset"]
    assert {"column", "proposed", "confidence", "why"} == set(answer["columns"][0])


def test_the_written_preset_is_checked_and_found_well(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config"
    (config / "systems").mkdir(parents=True)
    (config / "provinces").mkdir()
    out = config / "systems" / "so_tiep_mau.toml"
    assert run(str(sample), "--out", str(out)).exit_code == 0
    (config / "provinces" / "quang_mau.toml").write_text(
        'name = "BHXH tỉnh Quảng Mẫu"\nprovince_code = "25"\n'
        'code_scheme = "QD19-2025"\n[[sources]]\nsystem = "quang_mau_tiep"\n'
        f'product = "so_tiep_mau"\n[sources.files]\nfolder = "{tmp_path}"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("KNTC_CONFIG_DIR", str(config))
    monkeypatch.setenv("KNTC_HOME", str(tmp_path / "home"))
    done = CliRunner().invoke(app, ["provinces", "check"])
    assert done.exit_code == 0, done.output
    assert "quang_mau: ok" in done.stdout


def test_a_person_s_decisions_are_never_overwritten(sample: Path) -> None:
    out = sample.with_name("so_tiep.toml")
    out.write_text("# decided", encoding="utf-8")
    assert run(str(sample), "--out", str(out)).exit_code == 2
    assert out.read_text("utf-8") == "# decided"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--type", "petitions"), "there is no record type"),
        (("--out", "nowhere/so.toml"), "a folder that is there"),
        (("--out", "so.txt"), "expected a .toml file"),
    ],
)
def test_wrong_use_is_two(sample: Path, arguments: tuple[str, ...], said: str) -> None:
    done = run(str(sample), *arguments)
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())


def test_what_is_no_table_is_one(tmp_path: Path) -> None:
    path = tmp_path / "so.csv"
    path.write_bytes(b"")
    done = run(str(path))
    assert done.exit_code == 1
    assert "is empty" in done.output
    assert run(str(tmp_path / "absent.csv")).exit_code == 1


def test_a_type_that_a_person_knows_is_taken(sample: Path) -> None:
    answer = json.loads(run(str(sample), "--type", "petition", "--json").stdout)
    assert answer["preset"]["streams"][0]["records"][0]["type"] == "petition"


@pytest.mark.parametrize("sheet", ["petitions", "recoveries", "denunciations"])
def test_nothing_of_a_person_is_printed(sheet: str, tmp_path: Path) -> None:
    path = tmp_path / "so.csv"
    path.write_bytes(csv_bytes(getattr(samples, sheet)()))
    done = run(str(path))
    assert done.exit_code == 0
    assert not [one for one in PEOPLE if one in done.output]
