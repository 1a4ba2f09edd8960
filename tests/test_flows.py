"""The Prefect side against a real server: states, retries, artifacts, parameters.

The engine is scripted as in test_cli.py; the server, its database and the processes
of `kntc serve` are real.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import requests
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowRunFilter,
    FlowRunFilterId,
)
from prefect.states import Running
from prefect.testing.utilities import prefect_test_harness

from config.settings import load_settings
from connectors.errors import TargetError
from connectors.national import holds, open_national
from connectors.national.holds import Reason
from flows import deployments, nightly, serving
from flows.engine import night as engine
from flows.engine import report
from flows.engine.outcome import NightVerdict, OfficeOutcome, Verdict
from tests.test_cli import STEMS, Script, config_folder, published, script_engine

CANARY = "Nguyễn Thị Thử 044190001234"


@pytest.fixture(scope="module")
def prefect_server() -> Iterator[None]:
    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def script(
    prefect_server: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Script:
    monkeypatch.setenv("KNTC_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KNTC_CONFIG_DIR", str(config_folder(tmp_path / "config")))
    monkeypatch.setenv("KNTC_RETRY_DELAY_S", "0.1")
    monkeypatch.setattr(report, "collect", _reports)
    return script_engine(monkeypatch)


def _reports(_: object, outcome: Any) -> dict[str, report.OfficeReport]:
    return {
        office.province: report.OfficeReport(
            office.province, f"BHXH {office.province}", (("23", 3),), (("60", 1),)
        )
        for office in outcome.offices
    }


def run(request: engine.NightRequest) -> tuple[Any, list[str]]:
    heard: list[str] = []
    outcome = nightly.run_here(request, lambda office: heard.append(office.province))
    return outcome, heard


def last_run() -> Any:
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(limit=200)
    return max(runs, key=lambda flow_run: str(flow_run.created))


def task_runs(flow_run_id: UUID) -> list[Any]:
    chosen = FlowRunFilter(id=FlowRunFilterId(any_=[flow_run_id]))
    with get_client(sync_client=True) as client:
        return list(client.read_task_runs(flow_run_filter=chosen))


def test_a_night_shows_names_verdict_and_artifacts(script: Script) -> None:
    outcome, heard = run(engine.NightRequest())
    flow_run = last_run()
    tasks = {task.name: task for task in task_runs(flow_run.id)}
    artifacts = {a.key: a for a in _artifacts(flow_run.id)}

    assert outcome.verdict is NightVerdict.PUBLISHED
    assert sorted(heard) == list(STEMS)
    assert flow_run.state.is_completed()
    assert flow_run.state.message == "published: 3 of 3 published"
    assert flow_run.name.endswith(" night")
    date.fromisoformat(flow_run.name.removesuffix(" night"))
    assert set(tasks) == {f"{stem} incremental" for stem in STEMS}
    assert set(artifacts) == {
        "night",
        "office-lam-dong",
        "office-quang-ninh",
        "office-quang-tri",
    }
    table = json.loads(artifacts["night"].data)
    assert [row["Kết quả"] for row in table] == ["✓ đã cập nhật"] * 3
    assert "Bản ghi: đã đọc 30 = thêm mới 12" in artifacts["night"].description
    assert "| 60 | 1 |" in artifacts["office-quang-tri"].data


def _artifacts(flow_run_id: UUID) -> list[Any]:
    chosen = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[flow_run_id]))
    with get_client(sync_client=True) as client:
        return list(client.read_artifacts(artifact_filter=chosen))


def test_offices_not_published_fail_the_run_and_only_transient_ones_are_tried_again(
    script: Script,
) -> None:
    broken = OfficeOutcome("quang_tri", Verdict.HELD, error="0 rows, expected 900")
    down = OfficeOutcome("lam_dong", Verdict.FAILED, error="no answer", retryable=True)
    script.offices["quang_tri"] = [broken]
    script.offices["lam_dong"] = [down, published("lam_dong")]
    outcome, heard = run(engine.NightRequest())
    flow_run = last_run()
    states = {task.name: task.state for task in task_runs(flow_run.id)}

    assert outcome.verdict is NightVerdict.PARTIAL
    assert flow_run.state.is_failed()
    assert flow_run.state.message == "partial: 2 of 3 published"
    assert states["quang_tri incremental"].message == "held: 0 rows, expected 900"
    assert states["lam_dong incremental"].is_completed()
    assert script.attempts.count("quang_tri") == 1
    assert script.attempts.count("lam_dong") == 2
    assert sorted(heard) == list(STEMS)


def test_an_office_that_stays_down_is_failed_after_its_retries(script: Script) -> None:
    down = OfficeOutcome("lam_dong", Verdict.FAILED, error="no answer", retryable=True)
    script.offices["lam_dong"] = [down]
    outcome, _ = run(engine.NightRequest(("lam_dong",)))
    assert outcome.verdict is NightVerdict.FAILED
    assert script.attempts == ["lam_dong"] * (nightly.RETRIES + 1)


def test_a_national_database_that_refuses_stops_the_night(script: Script) -> None:
    script.raises = TargetError("the national database is full")
    with pytest.raises(TargetError, match="the national database is full"):
        run(engine.NightRequest(("lam_dong",)))
    assert last_run().state.is_failed()
    assert script.attempts == ["lam_dong"]


def test_parameters_are_stems_and_dates_only(script: Script) -> None:
    request = engine.NightRequest(("quang_tri",), since=date(2026, 11, 1), dry_run=True)
    run(request)
    assert script.requests == [request]
    assert last_run().parameters == {
        "provinces": ["quang_tri"],
        "failed_only": False,
        "since": "2026-11-01",
        "until": None,
        "dry_run": True,
        "full": False,
    }


def test_a_held_office_is_accepted_and_read_whole_again(script: Script) -> None:
    settings = load_settings()
    reason = Reason("shrunk", "don", "stream don shrank from 60 to 30 rows", 30)
    who = {"province": "quang_tri", "actor": "Cán bộ Thử", "reason": "đã xác nhận"}
    with open_national(settings.national_url) as national:
        holds.write_hold(
            national, "r", "quang_tri", "quang_tri_so", [reason], datetime.now(UTC)
        )
        state = nightly.accept(**who, return_state=True)
        assert state.is_completed(), state
        hold = holds.last_hold(national, "quang_tri_so")
    assert hold is not None
    assert hold.is_accepted
    assert script.requests == [engine.NightRequest(("quang_tri",), full=True)]
    again = nightly.accept(**who, return_state=True)
    assert again.is_failed()
    assert "nothing to accept" in str(again.message)


def test_the_database_of_prefect_holds_no_outcome_object(script: Script) -> None:
    """The outcome travels in memory: results are not kept, nor are task inputs."""
    kept = OfficeOutcome("quang_tri", Verdict.PUBLISHED, error=CANARY)
    script.offices["quang_tri"] = [kept]
    run(engine.NightRequest(("quang_tri",)))
    flow_run = last_run()
    with get_client(sync_client=True) as client:
        answers = [
            client.read_flow_run(flow_run.id).model_dump_json(),
            *(task.model_dump_json() for task in task_runs(flow_run.id)),
        ]
    assert len(answers) == 2
    assert not [text for text in answers if CANARY in str(json.loads(text))]


def test_the_form_offers_the_offices_and_explains_itself() -> None:
    for parameter in nightly.night.parameters.properties.values():
        assert parameter["description"]
    form = nightly.night.parameters.properties
    assert form["since"]["anyOf"][0]["format"] == "date"
    assert form["provinces"]["items"]["enum"]
    assert form["provinces"]["default"] == []


def test_two_nights_never_overlap_and_the_schedule_is_local_time() -> None:
    nightly_one, rerun, taken = deployments.deployments()
    [scheduled] = nightly_one.schedules or []
    schedule: Any = scheduled.schedule
    assert (schedule.cron, schedule.timezone) == ("0 1 * * *", "Asia/Ho_Chi_Minh")
    assert not rerun.schedules
    assert rerun.parameters == {"failed_only": True}
    for deployment in (nightly_one, rerun):
        assert deployment.concurrency_limit == 1
        assert str(deployment.entrypoint) == "flows.nightly.night"
    assert not taken.schedules
    assert str(taken.entrypoint) == "flows.nightly.accept"


def test_a_run_that_died_with_its_server_does_not_stay_running(script: Script) -> None:
    with get_client(sync_client=True) as client:
        dead = client.create_flow_run(nightly.night, state=Running())
        assert deployments.end_what_died() == 1
        state = client.read_flow_run(dead.id).state
    assert state is not None
    assert state.is_crashed()
    assert "kntc status" in str(state.message)
    assert deployments.end_what_died() == 0


def test_serve_answers_and_leaves_nothing_behind_on_sigterm(tmp_path: Path) -> None:
    port = serving.free_port()
    home = tmp_path / "home"
    env = dict(os.environ) | {
        "KNTC_HOME": str(home),
        "KNTC_CONFIG_DIR": str(config_folder(tmp_path / "config")),
    }
    env.pop("PREFECT_API_URL", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "flows", "serve", "--port", str(port)],
        env=env,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert f"http://127.0.0.1:{port}" in process.stdout.readline()
        assert serving.find_server(home, {}) == serving.api_url(port)
        with pytest.raises(serving.ServingError, match=f"port {port} "):
            serving.check_port(port)
        names = _deployments(serving.api_url(port))
        children = _children(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=120) == 0
    finally:
        process.kill()
        process.wait()
    assert names == {"night", "rerun-failed", "accept"}
    assert len(children) == 2
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
    assert not (home / "serve.json").exists()
    assert serving.find_server(home, {}) is None


def _deployments(url: str) -> set[str]:
    """The names of the deployments, once the runner has registered all."""
    until = time.monotonic() + 120
    found: set[str] = set()
    while len(found) < 3 and time.monotonic() < until:
        time.sleep(0.5)
        answer = requests.post(f"{url}/deployments/filter", json={}, timeout=30)
        found = {deployment["name"] for deployment in answer.json()}
    return found


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]
