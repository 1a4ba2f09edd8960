"""What the report says of each office beside its counts, read from the ledger."""

from dataclasses import dataclass
from datetime import UTC, datetime

from config.office import load_table
from config.settings import Settings
from connectors.errors import ConfigError
from connectors.national import open_national
from connectors.national.offices import (
    RuleCounts,
    findings_of_run,
    office_status,
    open_quarantine,
    opened_in_run,
)
from flows.engine.outcome import NightOutcome
from flows.engine.report.standing import NO_READING, READINGS, Volume, volume


@dataclass(frozen=True, slots=True)
class OfficeReport:
    """One office: tonight's new findings and its open quarantine, by rule."""

    province: str
    name: str
    findings: RuleCounts = ()  # commonest first
    quarantine: RuleCounts = ()  # commonest first; a record counts under each rule
    opened: int = 0  # quarantine items that are new tonight
    quarantine_open: int = 0
    volume: Volume = NO_READING
    published_at: datetime | None = None  # the last time, tonight or before
    age_hours: float | None = None  # since then


def office_name(settings: Settings, stem: str) -> str:
    """The office's name in its file; the stem when the file cannot be read."""
    try:
        return load_table(settings.config_dir, stem).name
    except ConfigError:
        return stem


def collect(settings: Settings, outcome: NightOutcome) -> dict[str, OfficeReport]:
    """The reports of the night's offices, by stem; reads only.

    As many statements for 36 offices as for one.
    """
    stems = [office.province for office in outcome.offices]
    with open_national(settings.national_url) as national:
        known = office_status(national, stems, datetime.now(UTC), READINGS)
        findings = findings_of_run(national, outcome.run)
        quarantine = open_quarantine(national, stems)
        opened = opened_in_run(national, outcome.run)
    return {
        status.province: OfficeReport(
            status.province,
            office_name(settings, status.province),
            findings.get(status.province, ()),
            quarantine.get(status.province, ()),
            opened.get(status.province, 0),
            status.quarantine_open,
            volume(status.readings),
            status.published_at,
            status.age_hours,
        )
        for status in known
    }
