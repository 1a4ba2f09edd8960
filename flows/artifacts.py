"""What the Prefect UI shows of a night: one table for it and one page an office."""

import httpx
from prefect import get_run_logger
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.exceptions import PrefectException

from config.settings import Settings
from flows.engine import report
from flows.engine.night import NightPlan
from flows.engine.outcome import NightOutcome, OfficeOutcome
from flows.engine.report import OfficeReport
from flows.engine.report.words import (
    NIGHT_VERDICTS,
    VERDICTS,
    duration,
    equations,
    number,
    rule_text,
)

TOP = 10  # rules shown an office; the report on disk has them all


def publish(settings: Settings, plan: NightPlan, outcome: NightOutcome) -> None:
    """Create the night's artifact and one an office.

    A server that fails here changes no verdict: the ledger already has it.
    """
    reports = report.collect(settings, outcome)
    try:
        create_table_artifact(
            key="night",
            table=night_table(outcome, reports),
            description=night_text(plan, outcome),
        )
        for office in outcome.offices:
            of_office = reports[office.province]
            create_markdown_artifact(
                key=f"office-{office.province.replace('_', '-')}",
                markdown=office_text(office, of_office),
                description=f"{of_office.name}, {plan.night_on:%d/%m/%Y}",
            )
    except (httpx.HTTPError, PrefectException) as error:
        get_run_logger().warning("artifacts missing: %s", type(error).__name__)


def night_text(plan: NightPlan, outcome: NightOutcome) -> str:
    """The verdict and both equations, in Markdown."""
    rows, found = equations(outcome.total)
    return (
        f"**Đêm {plan.night_on:%d/%m/%Y}: {NIGHT_VERDICTS[outcome.verdict]}**\n\n"
        f"{rows.text()}\n\n{found.text()}"
    )


def night_table(
    outcome: NightOutcome, reports: dict[str, OfficeReport]
) -> list[dict[str, str]]:
    """One row an office, in the order of the night; as many columns as the page shows
    without scrolling (the office's own page has every number)."""
    return [
        {
            "Cơ quan": _short(reports[office.province].name),
            "Kết quả": VERDICTS[office.verdict],
            "Đã đọc": number(office.counts.read),
            "Thêm mới": number(office.counts.inserted),
            "Cập nhật": number(office.counts.updated),
            "Không đổi": number(office.counts.unchanged),
            "Cách ly": number(office.counts.quarantined),
            "Cảnh báo": number(office.counts.findings),
            "Thời gian": duration(office.seconds),
        }
        for office in outcome.offices
    ]


def _short(name: str) -> str:
    return name.replace("Bảo hiểm xã hội", "BHXH").replace("thành phố", "TP")


def office_text(outcome: OfficeOutcome, report: OfficeReport) -> str:
    """One office's page in Markdown: verdict, error, equations, rules."""
    rows, found = equations(outcome.counts)
    parts = [
        f"## {report.name}: {VERDICTS[outcome.verdict]}",
        *([f"> {outcome.error}"] if outcome.error else []),
        rows.text(),
        found.text(),
        f"Thời gian: {duration(outcome.seconds)}",
        "### Cảnh báo mới trong đêm",
        _rules(report.findings),
        "### Bản ghi đang cách ly",
        _rules(report.quarantine),
    ]
    return "\n\n".join(parts) + "\n"


def _rules(counts: tuple[tuple[str, int], ...]) -> str:
    if not counts:
        return "Không có."
    lines = [
        f"| {rule} | {number(count)} | {rule_text(rule)} |"
        for rule, count in counts[:TOP]
    ]
    return "\n".join(["| Quy tắc | Số lượng | Nội dung |", "|---|---:|---|", *lines])
