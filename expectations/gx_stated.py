"""Our rules as Great Expectations' own objects: its built-in expectations, and one.

Importing this costs seconds; check.py does so when the first record is there to check.
"""

import logging
from datetime import date
from functools import reduce
from operator import and_
from typing import Any, ClassVar

import great_expectations as gx
import pandas as pd
import polars as pl
from great_expectations.compatibility import pydantic
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.core.metric_function_types import MetricPartialFunctionTypes
from great_expectations.expectations.expectation import (
    ColumnMapExpectation,
    ColumnPairMapExpectation,
    Expectation,
    MulticolumnMapExpectation,
)
from great_expectations.expectations.expectation_configuration import (
    ExpectationConfiguration,
)
from great_expectations.expectations.metrics.map_metric_provider.multicolumn_map_metric_provider import (  # noqa: E501
    MulticolumnMapMetricProvider,
)
from great_expectations.expectations.metrics.metric_provider import metric_partial
from great_expectations.expectations.row_conditions import Column, Condition

from expectations import predicates
from expectations.gx_engine import BATCH, PLACE, ThriftyEngine
from expectations.rule import Rule, Where
from expectations.rules import RULES

# Its log quotes what it failed on; a personal value must not get there (promise P8).
logging.getLogger("great_expectations").setLevel(logging.CRITICAL)

# One yes or no a row: whatever our rules use is one of these.
Mapped = ColumnMapExpectation | ColumnPairMapExpectation | MulticolumnMapExpectation


class RowsSatisfyPredicate(MulticolumnMapMetricProvider):
    """The map metric behind `ExpectRowsToSatisfyPredicate`."""

    condition_metric_name = "multicolumn_values.satisfy_predicate"
    condition_domain_keys = (
        "batch_id",
        "table",
        "column_list",
        "row_condition",
        "condition_parser",
        "ignore_row_if",
    )
    condition_value_keys = ("predicate", "arguments")

    @metric_partial(
        engine=ThriftyEngine,
        partial_fn_type=MetricPartialFunctionTypes.MAP_CONDITION_SERIES,
        domain_type=MetricDomainTypes.MULTICOLUMN,
    )
    def _thrifty(
        cls,  # noqa: N805
        execution_engine: ThriftyEngine,
        metric_domain_kwargs: dict[str, object],
        metric_value_kwargs: dict[str, Any],
        **_: object,
    ) -> tuple["pd.Series[bool]", dict[str, object], dict[str, object]]:
        # What `multicolumn_condition_partial` does, without a copy back from pandas.
        chosen, compute, accessor = execution_engine.get_compute_domain(
            metric_domain_kwargs, MetricDomainTypes.MULTICOLUMN
        )
        records = execution_engine.records(chosen, accessor["column_list"])
        found = predicates.faults(
            metric_value_kwargs["predicate"], records, metric_value_kwargs["arguments"]
        )
        is_bad = found.select(pl.any_horizontal(pl.all())).to_series()
        return pd.Series(is_bad.to_numpy(), index=chosen.index), compute, accessor


class Frugal(Expectation):
    """An expectation that renders its configuration once.

    Great Expectations renders it at each question, a dozen an expectation and more.
    Ours do not change once they are built.
    """

    _kept: ExpectationConfiguration | None = pydantic.PrivateAttr(None)

    @property
    def configuration(self) -> ExpectationConfiguration:
        """What the base class renders, kept."""
        if self._kept is None:
            self._kept = super().configuration
        return self._kept


class ExpectRowsToSatisfyPredicate(Frugal, MulticolumnMapExpectation):
    """Rows pass when the function of predicates.py finds no fault in the columns."""

    predicate: str
    arguments: dict[str, object]

    map_metric: ClassVar[str] = RowsSatisfyPredicate.condition_metric_name
    args_keys = ("column_list", "predicate", "arguments")
    success_keys = ("predicate", "arguments", "mostly")


def _frugal(name: str) -> Any:
    """The built-in expectation of that name, under a name of its own, made frugal."""
    return type(f"Frugal{name}", (Frugal, getattr(gx.expectations, name)), {})


BUILT_IN: dict[str, type[Mapped]] = {
    name: _frugal(name)
    for name in sorted({r.expectation.name for r in RULES if r.expectation.is_built_in})
}


def _condition(where: Where) -> Condition:
    column = Column(where.column)
    match where.op:
        case "==":
            return column == where.value
        case "in":
            assert isinstance(where.value, tuple)
            return column.is_in(where.value)
        case ">=":
            return column >= where.value
        case "<":
            return column < where.value
        case "null":
            return column.is_null()
        case "not null":
            return column.is_not_null()


def _row_condition(conditions: tuple[Where, ...]) -> Condition | None:
    """The rows a rule speaks of, as the engine's own condition."""
    parts = [_condition(where) for where in conditions]
    return reduce(and_, parts) if parts else None


def build(rule: Rule, columns: tuple[str, ...], today: date) -> Mapped:
    """The expectation of a rule on those of its columns that are provided."""
    arguments = rule.expectation.arguments_on(today)
    kind = BUILT_IN.get(rule.expectation.name)
    if kind is not None:
        arguments |= _built_in_columns(columns)
    else:
        kind = ExpectRowsToSatisfyPredicate
        arguments = {
            "column_list": [*columns, PLACE],
            "predicate": rule.expectation.name,
            "arguments": arguments,
            "ignore_row_if": "never",
        }
    where = _row_condition(rule.conditions)
    return kind.parse_obj(arguments | {"batch_id": BATCH, "row_condition": where})


def _built_in_columns(columns: tuple[str, ...]) -> dict[str, object]:
    if len(columns) == 1:
        return {"column": columns[0]}
    return {
        "column_A": columns[0],
        "column_B": columns[1],
        "ignore_row_if": "either_value_is_missing",
    }
