"""The night's report on disk: night.html for people, night.json for machines."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from flows.engine.outcome import NightOutcome, OfficeOutcome
from flows.engine.report.collect import OfficeReport
from flows.engine.report.page import night_page

if TYPE_CHECKING:
    from flows.engine.night import NightPlan

JsonObject = dict[str, object]


def office_json(outcome: OfficeOutcome) -> JsonObject:
    """One office as design.md section 5 fixes it for `kntc sync --json`."""
    return {
        "province": outcome.province,
        "verdict": str(outcome.verdict),
        **asdict(outcome.counts),
        "seconds": round(outcome.seconds, 3),
        "error": outcome.error,
        # of a dry run only
        **({"seen": [asdict(s) for s in outcome.sights]} if outcome.sights else {}),
    }


def night_json(outcome: NightOutcome) -> JsonObject:
    """The night as design.md section 5 fixes it for `kntc sync --json`."""
    return {
        "run": outcome.run,
        "verdict": str(outcome.verdict),
        "provinces": [office_json(office) for office in outcome.offices],
        "total": asdict(outcome.total),
    }


def write_night(
    folder: Path,
    plan: "NightPlan",
    outcome: NightOutcome,
    offices: Mapping[str, OfficeReport],
) -> Path:
    """Write night.html and night.json under `folder/<date>-<run>/`; the page's path.

    Each file appears whole or not at all; writing again replaces it.
    """
    target = folder / f"{plan.night_on.isoformat()}-{plan.run}"
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    machine = {
        "night_on": plan.night_on.isoformat(),
        **night_json(outcome),
        "rules": {stem: _rules(report) for stem, report in offices.items()},
    }
    _replace(target / "night.json", json.dumps(machine, ensure_ascii=False, indent=2))
    page = target / "night.html"
    _replace(page, night_page(plan.night_on, outcome, offices))
    return page


def _rules(report: OfficeReport) -> JsonObject:
    return {"findings": dict(report.findings), "quarantine": dict(report.quarantine)}


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
