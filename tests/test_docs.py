"""The documents: every command, target, setting and file they name exists today."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.core import TyperGroup

from config.settings import KEY_NAMES
from flows.cli.app import app

ROOT = Path(__file__).resolve().parent.parent
DOCS = sorted(
    [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
)
# Written by hand: what they say of commands is ours to keep true.
HAND = [path for path in DOCS if path.name not in ("records.md", "rules.md")]

_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_NAMED = re.compile(r"\b(?:flows|connectors|expectations|config|docs|tests)/[\w./*-]+")
# A path that only the machine of its writer has.
_MACHINE = re.compile(r"(?<![\w.$>/}])/(?:work|tmp|home|root|Users|var)\b")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def code(path: Path) -> list[str]:
    """The code of a document: blocks' lines, and the spans of the rest."""
    found, fenced = [], False
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            found.append(line.strip())
        else:
            found += _SPAN.findall(line)
    return found


def kntc_lines(path: Path) -> list[list[str]]:
    """The words after `kntc` of each command line in a document."""
    lines = [text.split("#")[0].split() for text in code(path)]
    return [
        words[1:]
        for words in lines
        if words and words[0].rsplit("/", 1)[-1] == "kntc" and len(words) > 1
    ]


def root_group() -> TyperGroup:
    command = typer.main.get_command(app)
    assert isinstance(command, TyperGroup)
    return command


def leaves(group: TyperGroup, head: str = "") -> Iterator[str]:
    for word, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from leaves(command, f"{head}{word} ")
        else:
            yield head + word


def fault(words: list[str]) -> str | None:
    """What is wrong with a command line, by the program's own declarations."""
    command: Any = root_group()
    rest = list(words)
    while isinstance(command, TyperGroup):
        if not rest or rest[0] not in command.commands:
            return f"no command {' '.join(words)}"
        command = command.commands[rest.pop(0)]
    known = {"--help", *(o for p in command.params for o in p.opts)}
    asked = {word for word in rest if word.startswith("--")}
    return f"no option {asked - known}" if asked - known else None


def test_documents_were_found() -> None:
    assert len(DOCS) >= 15
    assert sum(len(kntc_lines(path)) for path in HAND) >= 30


def test_the_search_for_wrong_commands_finds_one() -> None:
    assert fault(["frobnicate"]) is not None
    assert fault(["sync", "--frobnicate"]) is not None
    assert fault(["quarantine", "frobnicate"]) is not None
    assert fault(["sync", "--province", "P"]) is None


@pytest.mark.parametrize("path", HAND, ids=name)
def test_every_command_in_a_document_exists(path: Path) -> None:
    found = [fault(words) for words in kntc_lines(path)]
    assert [f for f in found if f] == []


def test_the_readme_names_every_command() -> None:
    named = [" ".join(words) for words in kntc_lines(ROOT / "README.md")]
    commands = list(leaves(root_group()))
    assert len(commands) >= 9
    missing = [
        c for c in commands if not any(n == c or n.startswith(c + " ") for n in named)
    ]
    assert missing == []


@pytest.mark.parametrize("path", HAND, ids=name)
def test_every_make_target_in_a_document_exists(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    asked = {
        words[1]
        for words in map(str.split, code(path))
        if words[:1] == ["make"] and len(words) > 1
    }
    assert asked <= targets


def test_the_readme_names_the_debian_packages_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    line = re.search(r"^SYSTEM := ((?:.*\\\n)*.*)$", makefile, re.MULTILINE)
    assert line is not None
    packages = re.findall(
        r"\b(?:unixodbc|odbc-\w+|postgresql|mariadb-[a-z-]+|python3-\w+)", line[1]
    )
    assert len(packages) >= 7
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [p for p in packages if f"`{p}`" not in readme] == []


@pytest.mark.parametrize("path", DOCS, ids=name)
def test_every_link_to_a_file_resolves(path: Path) -> None:
    links = [
        link.split("#")[0]
        for link in _LINK.findall(path.read_text(encoding="utf-8"))
        if "://" not in link and not link.startswith("#")
    ]
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", HAND, ids=name)
def test_every_file_of_ours_that_a_document_names_exists(path: Path) -> None:
    """Examples live in docs/adding-an-office.md: they name offices that are not."""
    made_up = ("quang_mau", "quang_gop")
    named = {
        found.rstrip("./")
        for text in code(path)
        for found in _NAMED.findall(text)
        if not text.startswith("/") and not any(m in found for m in made_up)
    }
    assert [found for found in sorted(named) if not list(ROOT.glob(found))] == []


@pytest.mark.parametrize("path", DOCS, ids=name)
def test_no_document_holds_a_path_of_one_machine(path: Path) -> None:
    assert _MACHINE.findall(path.read_text(encoding="utf-8")) == []


def test_the_search_for_machine_paths_finds_one() -> None:
    assert _MACHINE.search("KNTC_HOME=/tmp/x kntc demo")
    assert not _MACHINE.search("`KNTC_HOME/home` and <KNTC_HOME>/home")


def _sources() -> str:
    files = [
        *(ROOT / "flows").rglob("*.py"),
        *(ROOT / "config").rglob("*.py"),
        *(ROOT / "tests").glob("*.py"),
    ]
    return "\n".join(p.read_text(encoding="utf-8") for p in files)


def test_every_setting_in_a_document_is_read_by_the_program() -> None:
    keys = {f"KNTC_{key.upper()}_KEY" for key in KEY_NAMES}
    known = set(re.findall(r"KNTC_[A-Z_]*[A-Z]", _sources()))
    known |= keys | {f"{key}_FILE" for key in keys}
    for path in HAND:
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"\bKNTC_[A-Z_]*[A-Z]\b", text)) <= known, name(path)


def test_the_readme_names_every_setting() -> None:
    settings = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    wanted = set(re.findall(r'"(KNTC_[A-Z_]+)"', settings))
    wanted |= {f"KNTC_{key.upper()}_KEY" for key in KEY_NAMES}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(wanted) >= 8
    assert [w for w in sorted(wanted) if f"`{w}`" not in readme] == []


def test_the_stable_json_keys_in_the_changelog_are_those_of_the_program() -> None:
    from dataclasses import fields

    from flows.cli import inspect
    from flows.engine.outcome import Counts

    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    stable = text.split("### Stable keys")[1]
    named = set(_SPAN.findall(stable))
    wanted = {f.name for f in fields(Counts)}
    wanted |= {*inspect.STATUS, *inspect.WHY, *inspect.ITEM, *inspect.FAULT}
    wanted |= {*inspect.VERIFIED, *inspect.PROBLEM}
    assert sorted(wanted - named) == []


def test_the_changelog_names_the_version_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {project['project']['version']} " in changelog


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    page = (ROOT / "docs/decisions/0007-dependencies.md").read_text(encoding="utf-8")
    names = [
        re.split(r"[\[<>=]", d, maxsplit=1)[0]
        for d in project["project"]["dependencies"]
    ]
    assert len(names) >= 15
    assert [n for n in names if f"| {n} " not in page] == []


def test_decisions_are_numbered_without_a_gap() -> None:
    found = sorted(p.name[:4] for p in (ROOT / "docs/decisions").glob("*.md"))
    assert found == [f"{n:04d}" for n in range(1, len(found) + 1)]
    assert len(found) >= 10


def test_the_licence_is_the_whole_apache_licence() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert len(text.splitlines()) > 190
