"""The wheel: exactly the four packages and their data files."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
DATA = {".toml", ".csv", ".mako", ".html", ".tsv"}


def test_the_wheel_holds_the_four_packages_and_their_data(tmp_path: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "flows", "connectors", "expectations", "config"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    source = tmp_path / "source"
    for name in [*listed, "pyproject.toml", "README.md", "LICENSE"]:
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", tmp_path],
        cwd=source,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    held = {n for n in names if ".dist-info/" not in n}
    assert {n.split("/")[0] for n in held} == {
        "flows",
        "connectors",
        "expectations",
        "config",
    }
    wanted = {n for n in listed if Path(n).suffix in DATA | {".py"}}
    assert held >= wanted
    assert wanted
