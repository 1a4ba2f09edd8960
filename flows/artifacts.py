"""What the Prefect UI shows of a night: one table for it and one page an office."""

from collections import Counter

import httpx
from prefect import get_run_logger
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.exceptions import PrefectException

from config.settings import Settings
from flows.engine import report
from flows.engine.night import NightPlan
from flows.engine.outcome import Counts, NightOutcome, OfficeOutcome
from flows.engine.report import OfficeReport
from flows.engine.report.standing import Volume
from flows.engine.report.words import (
    NIGHT_VERDICTS,
    SIDES,
    VERDICT_ORDER,
    band_text,
    duration,
    equations,
    last_time,
    next_step,
    number,
    rule_text,
    short_name,
    side_of,
    verdict_text,
    wrong_first,
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
    """The verdict, how many offices have which, and both equations, in Markdown."""
    rows, found = equations(outcome.total)
    counted = Counter(office.verdict for office in outcome.offices)
    offices = ", ".join(
        f"{verdict_text(verdict)}: {counted[verdict]}"
        for verdict in VERDICT_ORDER
        if counted[verdict]
    )
    return (
        f"**Đêm {plan.night_on:%d/%m/%Y}: {NIGHT_VERDICTS[outcome.verdict]}** "
        f"({offices})\n\n{rows.text()}\n\n{found.text()}"
    )


def night_table(
    outcome: NightOutcome, reports: dict[str, OfficeReport]
) -> list[dict[str, str]]:
    """One row an office, those not published first; as many columns as the page shows
    without scrolling (the office's own page has every number)."""
    return [
        _night_row(office, reports[office.province])
        for office in wrong_first(outcome.offices)
    ]


def _night_row(office: OfficeOutcome, report: OfficeReport) -> dict[str, str]:
    counts = office.counts
    return {
        "Cơ quan": short_name(report.name),
        "Kết quả": verdict_text(office.verdict),
        "Dòng đã đọc": number(counts.rows_read),
        "Ngưỡng": _band(counts, report.volume),
        "Thêm mới": number(counts.inserted),
        "Cập nhật": number(counts.updated),
        "Cách ly mới/đang giữ": (
            f"{number(report.opened)}/{number(report.quarantine_open)}"
        ),
        "Cảnh báo": number(counts.findings),
        "Thời gian": duration(office.seconds),
    }


def _band(counts: Counts, volume: Volume) -> str:
    side = side_of(counts, volume)
    mark = f" {SIDES[side]}" if side else ""
    return band_text(volume.band) + mark


def office_text(outcome: OfficeOutcome, report: OfficeReport) -> str:
    """One office's page in Markdown: verdict, error, equations, rules."""
    rows, found = equations(outcome.counts)
    parts = [
        f"## {report.name}: {verdict_text(outcome.verdict)}",
        *_error(outcome, report),
        rows.text(),
        found.text(),
        *_volumes(outcome, report),
        f"Thời gian: {duration(outcome.seconds)}",
        "### Cảnh báo mới trong đêm",
        _rules(report.findings),
        "### Bản ghi đang cách ly",
        _rules(report.quarantine),
    ]
    return "\n\n".join(parts) + "\n"


def _error(outcome: OfficeOutcome, report: OfficeReport) -> list[str]:
    if not outcome.error:
        return []
    last = last_time(report.published_at, report.age_hours)
    return [
        next_step(outcome),
        f"Thông báo:\n\n> {outcome.error}",
        f"Cập nhật lần cuối: {last}",
    ]


def _volumes(outcome: OfficeOutcome, report: OfficeReport) -> list[str]:
    """The rows beside their band, and each installation outside its own."""
    band = _band(outcome.counts, report.volume)
    if not band:
        return []
    is_of_tonight = side_of(outcome.counts, report.volume) is not None
    outside = report.volume.outliers if is_of_tonight else ()
    return [
        f"Số dòng: {number(outcome.counts.rows_read)}, ngưỡng {band}",
        *(
            f"- {o.system}: {number(o.rows)} dòng, ngưỡng {band_text(o.band)} "
            f"{SIDES[o.side]}"
            for o in outside
        ),
    ]


def _rules(counts: tuple[tuple[str, int], ...]) -> str:
    if not counts:
        return "Không có."
    lines = [
        f"| {rule} | {number(count)} | {rule_text(rule)} |"
        for rule, count in counts[:TOP]
    ]
    return "\n".join(["| Quy tắc | Số lượng | Nội dung |", "|---|---:|---|", *lines])
