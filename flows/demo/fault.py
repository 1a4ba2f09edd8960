"""What a planted fault is: done to which records, how often, and what must follow.

The rule names are what the law sheet calls them; nothing is taken from the checks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from flows.demo.breaking import LAST_CLOSED, Plant
from flows.demo.inventing import Value, Values

Outcome = Literal[
    "quarantined", "published", "filtered", "rejected", "duplicate", "clean"
]
# Shares of all records of the estate: slips that every register has, and rare ones.
# Together with the rest they come to about 2.5 %.
COMMON, USUAL, RARE = 0.0015, 0.0005, 0.00023
# The first day on which days off are known: before it nothing is late by them.
CALENDAR_FROM = date(2022, 1, 4)
TT05_ON = date(2021, 11, 15)  # TT 05/2021
LAW_OF_2018 = date(2019, 1, 1)  # Luật Tố cáo 2018


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault. `plant` gets a record that nobody refers to, that happened on
    `since` or later (before, the broken duty did not exist) and that `fits`."""

    name: str
    type: str
    rule: str
    outcome: Outcome
    products: tuple[str, ...]
    plant: Plant
    since: date = date.min
    share: float = RARE
    fits: Callable[[Values], bool] | None = None


def is_past(value: Value) -> bool:
    """Long enough ago for something to be late by now."""
    return isinstance(value, date) and value <= LAST_CLOSED


# Planted in a type's clean values. `duplicate` and `key_conflict` concern two rows:
# planting.py pairs them.
P, K, D, R = "petition", "complaint_case", "denunciation_case", "recovery"
V, N, W, E = "reception", "recommendation_reflection", "decision", "enforcement"
B, U = "periodic_report", "org_unit"
Q: Outcome = "quarantined"
F: Outcome = "published"
