"""What the report says of each office beside its counts, read from the ledger."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from config.office import load_table
from config.settings import Settings
from connectors.errors import ConfigError
from connectors.national import open_national, views
from flows.engine.outcome import NightOutcome

RuleCounts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class OfficeReport:
    """One office: tonight's new findings and its open quarantine, by rule."""

    province: str
    name: str
    findings: RuleCounts = ()  # commonest first
    quarantine: RuleCounts = ()  # commonest first; a record counts under each rule


def office_name(settings: Settings, stem: str) -> str:
    """The office's name in its file; the stem when the file cannot be read."""
    try:
        return load_table(settings.config_dir, stem).name
    except ConfigError:
        return stem


def collect(settings: Settings, outcome: NightOutcome) -> dict[str, OfficeReport]:
    """The reports of the night's offices, by stem; reads only."""
    with open_national(settings.national_url) as national:
        return {
            office.province: OfficeReport(
                office.province,
                office_name(settings, office.province),
                tuple(views.night_findings(national, outcome.run, office.province)),
                _by_rule(
                    item.rules
                    for item in views.quarantine_list(national, [office.province])
                    if item.state == "open"
                ),
            )
            for office in outcome.offices
        }


def _by_rule(rules: Iterable[Iterable[str]]) -> RuleCounts:
    counted = Counter(rule for of_item in rules for rule in of_item)
    return tuple(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))
