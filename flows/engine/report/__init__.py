"""The night's report: collect from the ledger, then write a page and its JSON."""

from flows.engine.report.collect import OfficeReport, collect, office_name
from flows.engine.report.night import night_json, office_json, write_night

__all__ = [
    "OfficeReport",
    "collect",
    "night_json",
    "office_json",
    "office_name",
    "write_night",
]
