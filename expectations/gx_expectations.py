"""A record type's rules on a batch, stated and judged by Great Expectations.

Importing this costs seconds; check.py does so when the first record is there to check.
"""

import gc
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import polars as pl
from great_expectations.exceptions.exceptions import MetricResolutionError

from expectations import gx_plan, gx_stated
from expectations.frames import schema
from expectations.gx_engine import ThriftyEngine
from expectations.rule import Rule
from expectations.rules import RULES

# The engine holds one batch, its library keeps process-wide state, and offices run in
# threads.
_ONE_AT_A_TIME = threading.Lock()

# Its half million objects live as long as the process: no collection need walk them.
gc.collect()
gc.freeze()


@dataclass(frozen=True, slots=True)
class Suite:
    """The rules that run, what each asks of the engine, and the columns that they read.

    `rules` are indexes in RULES.
    """

    rules: tuple[int, ...]
    asked: tuple[gx_plan.Asked, ...]
    waves: gx_plan.Waves
    columns: tuple[str, ...]


@lru_cache(maxsize=1)
def _engine() -> ThriftyEngine:
    return ThriftyEngine()


# Presets differ in what they provide, but seldom in what one rule gets of it.
@lru_cache(maxsize=4096)
def _asked(index: int, columns: tuple[str, ...], today: date) -> gx_plan.Asked:
    return gx_plan.ask(gx_stated.build(RULES[index], columns, today), _engine())


@lru_cache(maxsize=1024)
def _suite(frame: str, provided: frozenset[str], today: date) -> Suite:
    running = {
        index: columns
        for index, rule in enumerate(RULES)
        if rule.frame == frame and (columns := rule.columns_given(provided))
    }
    read = {c for columns in running.values() for c in columns}
    read |= {where.column for i in running for where in RULES[i].conditions}
    asked = tuple(_asked(index, columns, today) for index, columns in running.items())
    return Suite(
        tuple(running),
        asked,
        gx_plan.joined(one.waves for one in asked),
        tuple(c for c in schema(frame) if c in read),
    )


def evaluate(
    record_type: str, frame: pl.DataFrame, provided: frozenset[str], today: date
) -> dict[int, list[int]]:
    """Index of a rule in RULES -> the places of the rows that break it, ascending.

    `record_type` may be a link frame's name. An exception inside an expectation is our
    error, never a pass.
    """
    with _ONE_AT_A_TIME:
        suite, engine = _suite(record_type, provided, today), _engine()
        with engine.holding(frame.select(suite.columns)):
            try:
                verdicts = gx_plan.answers(suite.asked, suite.waves, engine)
            except MetricResolutionError as error:
                failed = {metric.id for metric in error.failed_metrics}
            else:
                return _broken(suite, verdicts)
    # Out of the handler: the engine's own words may quote a value (promise P8).
    raise _unevaluated(suite, failed)


def _broken(suite: Suite, verdicts: list[Mapping[str, Any]]) -> dict[int, list[int]]:
    found = {
        index: _places(RULES[index], verdict)
        for index, verdict in zip(suite.rules, verdicts, strict=True)
    }
    return {index: places for index, places in found.items() if places}


def _places(rule: Rule, verdict: Mapping[str, Any]) -> list[int]:
    """The failing rows of one verdict, which must be as many as were counted."""
    result = verdict["result"]
    places = result.get(gx_plan.PLACES) or []
    counted = result[gx_plan.COUNT]
    if len(places) != counted or verdict["success"] is not (not places):
        raise RuntimeError(
            f"rule {rule.id} of {rule.record_type} counted {counted} rows and named "
            f"{len(places)}; expected as many; nothing was passed"
        )
    return sorted(map(int, places))


def _unevaluated(suite: Suite, failed: set[Any]) -> RuntimeError:
    """The error of the first rule that asked for a metric which failed."""
    rule = next(
        RULES[index]
        for index, asked in zip(suite.rules, suite.asked, strict=True)
        if asked.needs(failed)
    )
    return RuntimeError(
        f"rule {rule.id} of {rule.record_type} could not be evaluated by "
        f"{rule.expectation.name}; correct the rule, nothing was passed"
    )
