"""The command line: exit codes, JSON on stdout and nothing else, messages that help.

The engine is scripted here, because no real estate gives each verdict on demand; the
sample estate runs the real one in test_demo.py.
"""

import importlib
import json
import subprocess
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import typer.main
from rich.console import Console
from typer.core import TyperOption
from typer.testing import CliRunner, Result

from connectors.errors import ConfigError, TargetError
from connectors.national.offices import OfficeStatus, Reading
from expectations.records import BY_NAME, Need
from flows.cli.app import app
from flows.engine.outcome import Counts, NightOutcome, OfficeOutcome, Verdict

STEMS = ("lam_dong", "quang_ninh", "quang_tri")
GOOD = Counts(
    rows_read=12, rows_mapped=10, rows_filtered=1, rows_rejected=1, read=10,
    inserted=4, updated=2, unchanged=2, quarantined=1, duplicates=1, findings=3,
)  # fmt: skip


@dataclass
class Script:
    """What the scripted engine does: outcomes of each office, attempt by attempt."""

    offices: dict[str, list[OfficeOutcome]]
    raises: Exception | None = None
    requests: list[Any] = field(default_factory=list)
    attempts: list[str] = field(default_factory=list)

    def next_outcome(self, stem: str) -> OfficeOutcome:
        self.attempts.append(stem)
        if self.raises is not None:
            raise self.raises
        left = self.offices[stem]
        return left.pop(0) if len(left) > 1 else left[0]


def published(stem: str, counts: Counts = GOOD) -> OfficeOutcome:
    return OfficeOutcome(stem, Verdict.PUBLISHED, counts, 1.5)


def script_engine(monkeypatch: pytest.MonkeyPatch) -> Script:
    """Replace the engine's functions; every office is published until told."""
    script = Script({stem: [published(stem)] for stem in STEMS})
    night = importlib.import_module("flows.engine.night")

    def plan(_: object, request: Any) -> Any:
        script.requests.append(request)
        stems = request.provinces or STEMS
        return night.NightPlan("run-1", date(2026, 11, 22), stems, request)

    def finish(_: object, plan: Any, outcomes: Sequence[OfficeOutcome]) -> NightOutcome:
        in_order = sorted(outcomes, key=lambda outcome: outcome.province)
        return NightOutcome(plan.run, tuple(in_order))

    def run_office(_: object, plan: Any, stem: str) -> OfficeOutcome:
        return script.next_outcome(stem)

    def run_night(
        settings: object,
        request: Any,
        on_done: Callable[[OfficeOutcome], None] = lambda _: None,
        workers: int = 4,
    ) -> NightOutcome:
        planned = plan(settings, request)
        outcomes = [run_office(settings, planned, stem) for stem in planned.stems]
        for outcome in outcomes:
            on_done(outcome)
        return finish(settings, planned, outcomes)

    for replaced in (plan, finish, run_office, run_night):
        monkeypatch.setattr(night, replaced.__name__, replaced)
    return script


def config_folder(folder: Path) -> Path:
    """Three offices on one product with files."""
    (folder / "systems").mkdir(parents=True)
    (folder / "provinces").mkdir()
    missing = [f.name for f in BY_NAME["petition"].fields if f.need is Need.MANDATORY]
    (folder / "systems" / "so_don.toml").write_text(
        'kind = "files"\nproduct = "so_don"\ntitle = "Sổ đơn"\n'
        '[[streams]]\nname = "don"\nglob = "*.csv"\nformat = "csv"\n'
        '[[streams.records]]\ntype = "petition"\nkey = ["so"]\n'
        f"not_provided = {json.dumps(missing)}\nfields = {{}}\n"
    )
    for stem in STEMS:
        (folder / "provinces" / f"{stem}.toml").write_text(
            f'name = "BHXH {stem}"\nprovince_code = "44"\n'
            'code_scheme = "QD19-2025"\n'
            f'[[sources]]\nsystem = "{stem}_so"\nproduct = "so_don"\n'
            'files = { folder = "drop" }\n'
        )
    return folder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("KNTC_NATIONAL_URL", "PREFECT_API_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KNTC_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KNTC_CONFIG_DIR", str(config_folder(tmp_path / "config")))
    return tmp_path / "home"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Script:
    return script_engine(monkeypatch)


@pytest.fixture
def views(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """The reading functions, scripted one by one in the tests."""

    @contextmanager
    def open_national(_: str) -> Iterator[object]:
        yield object()

    package = importlib.import_module("connectors.national")
    monkeypatch.setattr(package, "open_national", open_national, raising=False)
    return importlib.import_module("connectors.national.views")


def kntc(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def answer(result: Result) -> Any:
    """stdout as JSON: fails when anything else is there."""
    return json.loads(result.stdout)


def all_commands() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []

    def walk(command: Any, path: tuple[str, ...]) -> None:
        found.append(path)
        for name, inner in getattr(command, "commands", {}).items():
            walk(inner, (*path, name))

    walk(typer.main.get_command(app), ())
    return found


def test_every_command_and_option_has_help() -> None:
    assert len(all_commands()) >= 14
    for path in all_commands():
        result = kntc(*path, "--help")
        assert result.exit_code == 0, path
    options = 0
    for path in all_commands():
        command: Any = typer.main.get_command(app)
        for name in path:
            command = command.commands[name]
        assert command.help, path
        for parameter in command.params:
            if isinstance(parameter, TyperOption):
                assert parameter.help, (path, parameter.name)
                options += 1
    assert options >= 20


def test_all_published_is_exit_0_and_json_alone_on_stdout(script: Script) -> None:
    result = kntc("sync", "--json")
    assert result.exit_code == 0
    night = answer(result)
    assert list(night) == ["run", "verdict", "provinces", "total"]
    counts = [
        "rows_read", "rows_mapped", "rows_filtered", "rows_rejected", "read",
        "inserted", "updated", "unchanged", "quarantined", "duplicates", "deleted",
        "restored", "findings",
    ]  # fmt: skip
    assert list(night["total"]) == counts
    for office in night["provinces"]:
        assert list(office) == ["province", "verdict", *counts, "seconds", "error"]
    assert night["verdict"] == "published"
    assert night["total"]["read"] == 30
    assert "no Prefect server is running" in result.stderr


@pytest.mark.parametrize(
    "verdict", [Verdict.HELD, Verdict.FAILED, Verdict.MISCONFIGURED]
)
def test_one_office_not_published_is_exit_1_with_the_next_step(
    script: Script, verdict: Verdict
) -> None:
    script.offices["quang_tri"] = [
        OfficeOutcome("quang_tri", verdict, error="quang_tri: 0 rows, expected 900")
    ]
    result = kntc("sync")
    assert result.exit_code == 1
    assert "quang_tri: 0 rows, expected 900" in result.stdout
    assert "kntc sync --province quang_tri" in result.stdout
    assert "partial: 2 of 3 offices published" in result.stdout


def test_nobody_published_is_exit_1(script: Script) -> None:
    for stem in STEMS:
        script.offices[stem] = [OfficeOutcome(stem, Verdict.FAILED, error="gone")]
    result = kntc("sync", "--json")
    assert result.exit_code == 1
    assert answer(result)["verdict"] == "failed"


def test_equations_are_printed_with_their_numbers(script: Script) -> None:
    result = kntc("sync", "--province", "quang_tri")
    assert "rows:    read 12 = mapped 10 + filtered 1 + rejected 1" in result.stdout
    assert "records: read 10 = inserted 4 + updated 2" in result.stdout


def test_a_broken_equation_is_not_printed_as_equal(script: Script) -> None:
    script.offices["quang_tri"] = [published("quang_tri", Counts(rows_read=1))]
    result = kntc("sync", "--province", "quang_tri")
    assert "rows:    read 1 ≠ mapped 0" in result.stdout


def test_options_reach_the_engine(script: Script) -> None:
    kntc(
        "sync", "--province", "quang_tri", "--province", "lam_dong", "--failed",
        "--since", "2026-11-01", "--until", "2026-11-02", "--dry-run",
    )  # fmt: skip
    request = script.requests[0]
    assert request.provinces == ("quang_tri", "lam_dong")
    assert request.failed_only
    assert request.dry_run
    assert (request.since, request.until) == (date(2026, 11, 1), date(2026, 11, 2))


@pytest.mark.parametrize(
    "arguments",
    [
        ["sync", "--province", "quang_tr"],
        ["sync", "--province", "Quảng Trị"],
        ["why", "1", "--province", "quang-tri"],
        ["quarantine", "list", "--province", "quangtri"],
    ],
)
def test_unknown_office_is_wrong_use_with_the_likely_name(
    script: Script, arguments: list[str]
) -> None:
    result = kntc(*arguments)
    assert result.exit_code == 2
    assert "Did you mean quang_tri?" in result.stderr
    assert result.stdout == ""
    assert script.attempts == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["sync", "--since", "2026-11-02", "--until", "2026-11-02"],
        ["sync", "--since", "02/11/2026"],
        ["sync", "--nonsense"],
        ["nonsense"],
        ["why", "1"],
        ["demo", "--nights", "0"],
    ],
)
def test_wrong_use_is_exit_2(script: Script, arguments: list[str]) -> None:
    result = kntc(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "command", ["sync", "status", "provinces check", "audit verify", "demo"]
)
def test_broken_settings_are_exit_2_without_a_traceback(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KNTC_SEAL_KEY", "not hexadecimal")
    result = kntc(*command.split(), "--json")
    assert result.exit_code == 2
    assert "KNTC_SEAL_KEY" in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("error", "code"),
    [(TargetError("the national database is full"), 1), (ConfigError("no key"), 2)],
)
def test_what_stops_the_night_is_one_message(
    script: Script, error: Exception, code: int
) -> None:
    script.raises = error
    result = kntc("sync", "--json")
    assert result.exit_code == code
    assert f"error: {error}" in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_provinces_check_says_which_file_is_broken_and_why(home: Path) -> None:
    broken = home.parent / "config" / "provinces" / "quang_tri.toml"
    broken.write_text(broken.read_text() + 'colour = "red"\n')
    result = kntc("provinces", "check", "--json")
    assert result.exit_code == 1
    offices = {o["province"]: o["error"] for o in answer(result)["provinces"]}
    assert offices["lam_dong"] is None
    assert "unknown key" in offices["quang_tri"]
    assert "quang_tri: broken" in kntc("provinces", "check").stdout


def test_provinces_check_is_exit_0_when_all_can_be_read() -> None:
    assert kntc("provinces", "check").exit_code == 0


def test_provinces_list_names_sources_products_and_protocols() -> None:
    office = answer(kntc("provinces", "list", "--json"))["provinces"][0]
    assert office == {
        "province": "lam_dong",
        "name": "BHXH lam_dong",
        "sources": ["lam_dong_so"],
        "products": ["so_don"],
        "protocols": ["files"],
    }
    assert "BHXH quang_tri" in kntc("provinces", "list").stdout


def office_line(
    stem: str,
    verdict: str | None = "published",
    age_hours: float | None = 2.5,
    rows: int = 1_204,
    **facts: Any,
) -> OfficeStatus:
    """An office of status: five readings before the last gave 900 to 1,300 rows."""
    now = datetime.now(UTC)
    at = None if age_hours is None else now - timedelta(hours=age_hours)
    night_on = date(2026, 11, 20)  # a working day
    usual = (1_300, 900, 1_000, 1_100, 1_200)
    before = tuple((night_on - timedelta(days=n + 1), r) for n, r in enumerate(usual))
    line = OfficeStatus(
        stem, verdict, at, age_hours, 10, 1, now - timedelta(hours=3), None,
        (Reading(f"{stem}_so", rows, 6, night_on, now, before),),
    )  # fmt: skip
    return replace(line, **facts)


def script_status(
    views: types.ModuleType, monkeypatch: pytest.MonkeyPatch, *offices: OfficeStatus
) -> None:
    monkeypatch.setattr(views, "office_status", lambda *_: list(offices))


def test_status_is_exit_1_until_every_office_is_published(
    views: types.ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime(2026, 11, 21, 18, tzinfo=UTC)
    done = office_line("lam_dong", published_at=at)
    never = OfficeStatus("quang_tri", None, None, None, 0, 0)
    script_status(views, monkeypatch, done, never)
    result = kntc("status", "--json")
    assert result.exit_code == 1
    offices = answer(result)["provinces"]
    assert list(offices[0].items())[:6] == [
        ("province", "lam_dong"),
        ("verdict", "published"),
        ("published_at", "2026-11-21T18:00:00+00:00"),
        ("age_hours", 2.5),
        ("records", 10),
        ("quarantine_open", 1),
    ]
    told = ["state", "rows", "band_low", "band_high", "findings"]
    assert [offices[0][key] for key in told[1:]] == [1_204, 450, 2_600, 6]
    assert [offices[1][key] for key in told] == ["never", None, None, None, 0]
    assert all(len(office) == 11 for office in offices)
    assert "2026-11-22 01:00" in kntc("status").stdout  # local time for people
    script_status(views, monkeypatch, done)
    assert kntc("status").exit_code == 0


def test_status_tells_first_what_needs_a_person_and_why(
    views: types.ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    script_status(
        views,
        monkeypatch,
        office_line("lam_dong"),
        office_line("quang_ninh", age_hours=80.0),
        office_line("quang_tri", "failed", 30.0, error="quang_tri: no answer [23]"),
        office_line("vinh_long", rows=0),
    )
    shown = kntc("status").stdout
    lines = shown.splitlines()
    assert lines[0].endswith(": 2 fresh, 1 failed, 1 late")
    firsts = [" ".join(line.split()[:3]) for line in lines[2:6]]
    assert firsts[:2] == ["! failed quang_tri", "! late quang_ninh"]
    assert [f.split()[:2] for f in firsts[2:]] == [
        ["fresh", "lam_dong"],
        ["fresh", "vinh_long"],
    ]
    assert "1,204 (450-2,600)" in lines[2]
    assert "0 (450-2,600) low" in lines[5]
    assert "quang_tri: no answer [23]" in shown
    assert "vinh_long: vinh_long_so gave 0 rows, its band is 450 to 2,600" in shown


@pytest.mark.parametrize("width", [80, 100, 160])
def test_status_of_36_offices_fits_a_screen(width: int) -> None:
    from flows.cli.status import status_table
    from flows.engine.report.standing import standing

    verdicts = ["published", "failed", "held", "misconfigured"]
    offices = [
        standing(
            office_line(
                f"trung_uong_chuc{n:02}", verdicts[n % 4], 99.9, 99_999,
                records=999_999, quarantine_open=9_999,
            ),
            datetime.now(UTC),
        )
        for n in range(36)
    ]  # fmt: skip
    text = StringIO()
    Console(file=text, width=width).print(status_table(offices, width))
    lines = text.getvalue().splitlines()
    assert len(lines) == 37
    assert "…" not in text.getvalue()
    assert all(f"trung_uong_chuc{n:02}" in lines[n + 1] for n in range(36))
    assert ("records" in lines[0], "published" in lines[0]) == (
        width >= 100,
        width > 100,
    )


def test_why_tells_the_state_and_is_exit_1_for_an_unknown_number(
    views: types.ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = types.SimpleNamespace(
        record_id="ab" * 16, record_type="petition", state="quarantined", version=None,
        batch=None, locator="don:7", rules=("23",),
    )  # fmt: skip
    monkeypatch.setattr(views, "why", lambda *_: [found], raising=False)
    result = kntc("why", "D-1", "--province", "quang_tri", "--json")
    assert result.exit_code == 0
    assert answer(result) == {
        "province": "quang_tri",
        "source_id": "D-1",
        "records": [
            {
                "record_id": "ab" * 16,
                "record_type": "petition",
                "state": "quarantined",
                "version": None,
                "batch": None,
                "locator": "don:7",
                "rules": ["23"],
            }
        ],
    }
    found.state = "unknown"
    assert kntc("why", "D-1", "--province", "quang_tri").exit_code == 1


def test_why_shows_a_personal_number_as_its_token(
    views: types.ModuleType, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    preset = home.parent / "config" / "systems" / "so_don.toml"
    text = preset.read_text().replace("fields =", "personal_key = true\nfields =")
    preset.write_text(text)
    monkeypatch.setattr(views, "why", lambda *_: [], raising=False)
    result = kntc("why", "044190001234", "--province", "quang_tri", "--json")
    assert "044190001234" not in result.output
    assert answer(result)["source_id"]


def test_quarantine_is_listed_and_shown(
    views: types.ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = types.SimpleNamespace(
        id="7", province="quang_tri", record_type="petition", source_id="D-1",
        rules=("23", "60"), locator="don:7", since=datetime(2026, 11, 21, tzinfo=UTC),
        state="open",
    )  # fmt: skip
    fault = types.SimpleNamespace(rule="23", field="received_date", shape="11 digits")
    detail = types.SimpleNamespace(item=item, faults=(fault,))
    monkeypatch.setattr(views, "quarantine_list", lambda *_: [item], raising=False)
    monkeypatch.setattr(
        views,
        "quarantine_show",
        lambda _, number: detail if number == "7" else None,
        raising=False,
    )
    listed = answer(kntc("quarantine", "list", "--json"))["items"]
    assert listed == [
        {
            "id": "7",
            "province": "quang_tri",
            "record_type": "petition",
            "source_id": "D-1",
            "rules": ["23", "60"],
            "locator": "don:7",
            "since": "2026-11-21T00:00:00+00:00",
            "state": "open",
        }
    ]
    shown = answer(kntc("quarantine", "show", "7", "--json"))
    assert shown == {
        **listed[0],
        "faults": [{"rule": "23", "field": "received_date", "shape": "11 digits"}],
    }
    assert "11 digits" in kntc("quarantine", "show", "7").stdout
    assert kntc("quarantine", "show", "8").exit_code == 1


def test_audit_verify_is_exit_1_when_anything_was_altered(
    views: types.ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = types.SimpleNamespace(
        province="quang_tri", entry=3, record_id=None, problem="entry 3 was altered"
    )
    found = types.SimpleNamespace(
        ok=False, chains=3, entries=9, records=30, problems=(problem,)
    )
    module = importlib.import_module("connectors.national.verify")
    monkeypatch.setattr(module, "verify", lambda *_, **__: found, raising=False)
    result = kntc("audit", "verify", "--json")
    assert result.exit_code == 1
    assert answer(result) == {
        "ok": False,
        "chains": 3,
        "entries": 9,
        "records": 30,
        "problems": [
            {
                "province": "quang_tri",
                "entry": 3,
                "record_id": None,
                "problem": "entry 3 was altered",
            }
        ],
    }
    assert "entry 3 was altered" in kntc("audit", "verify").stdout
    found.ok, found.problems = True, ()
    assert kntc("audit", "verify").exit_code == 0


def test_demo_never_mixes_with_records_that_no_demo_made(
    views: types.ModuleType, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    real = types.SimpleNamespace(province="quang_tri", records=1)
    monkeypatch.setattr(views, "office_status", lambda *_: [real], raising=False)
    result = kntc("demo")
    assert result.exit_code == 2
    assert "records of quang_tri" in result.stderr
    assert not (home / "estate").exists()


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    heavy = ["prefect", "great_expectations", "pandas", "sqlalchemy"]
    program = (
        "import sys, flows.cli.app; "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


def test_tracebacks_carry_no_locals() -> None:
    assert app.pretty_exceptions_show_locals is False
