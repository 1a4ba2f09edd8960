"""Great Expectations: our one custom expectation, and a record type's suite on a batch.

Importing this costs seconds; check.py does so when the first record is there to check.
"""

import gc
import logging
import os
import threading
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache, reduce
from operator import and_
from typing import Any, ClassVar

# Read by Great Expectations on import: a closed network waits for telemetry.
os.environ["GX_ANALYTICS_ENABLED"] = "false"
os.environ["DO_NOT_TRACK"] = "1"

import great_expectations as gx
import pandas as pd
import polars as pl
from great_expectations.compatibility import pydantic
from great_expectations.core.batch_definition import BatchDefinition
from great_expectations.core.partitioners import ColumnPartitioner
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.execution_engine.pandas_execution_engine import (
    PandasExecutionEngine,
)
from great_expectations.expectations.expectation import (
    Expectation,
    MulticolumnMapExpectation,
)
from great_expectations.expectations.expectation_configuration import (
    ExpectationConfiguration,
)
from great_expectations.expectations.metrics.map_metric_provider.multicolumn_condition_partial import (  # noqa: E501
    multicolumn_condition_partial as map_condition,
)
from great_expectations.expectations.metrics.map_metric_provider.multicolumn_map_metric_provider import (  # noqa: E501
    MulticolumnMapMetricProvider,
)
from great_expectations.expectations.row_conditions import Column, Condition

from expectations import predicates
from expectations.frames import schema
from expectations.gx_engine import ThriftyEngine
from expectations.rule import Rule, Where
from expectations.rules import RULES

# Keys are the row's place in the batch, the pandas index: one source row may give
# several records. Named key columns are as complete, but cost a millisecond a bad row.
RESULT_FORMAT = {
    "result_format": "COMPLETE",
    "return_unexpected_index_query": False,
    "exclude_unexpected_values": True,
    "partial_unexpected_count": 0,
}
# A column beside a lone one, for the engine's multi-column expectations want two.
PLACE = "place"

# Its log quotes what it failed on; a personal value must not get there (promise P8).
logging.getLogger("great_expectations").setLevel(logging.CRITICAL)

# The engine keeps process-wide state, and offices run in threads.
_ONE_AT_A_TIME = threading.Lock()

# Its half million objects live as long as the process: no collection need walk them.
gc.collect()
gc.freeze()


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
    condition_value_keys = ("predicate", "arguments", "record_type")

    @map_condition(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(
        cls,  # noqa: N805
        column_list: pd.DataFrame,
        predicate: str,
        arguments: Mapping[str, object],
        record_type: str,
        **_: object,
    ) -> "pd.Series[bool]":
        frame = _polars(column_list, record_type)
        found = predicates.faults(predicate, frame, arguments)
        good = found.select(~pl.any_horizontal(pl.all())).to_series()
        return pd.Series(good.to_numpy(), index=column_list.index)


class Frugal(Expectation):
    """An expectation that renders its configuration once.

    Great Expectations renders it some hundred times a validation: a third of the fixed
    cost of a small batch. Ours do not change once they are built.
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
    record_type: str

    map_metric: ClassVar[str] = RowsSatisfyPredicate.condition_metric_name
    args_keys = ("column_list", "predicate", "arguments", "record_type")
    success_keys = ("predicate", "arguments", "record_type", "mostly")


def _frugal(name: str) -> type[Expectation]:
    """The built-in expectation of that name, under a name of its own, made frugal."""
    return type(f"Frugal{name}", (Frugal, getattr(gx.expectations, name)), {})


BUILT_IN = {
    name: _frugal(name)
    for name in sorted({r.expectation.name for r in RULES if r.expectation.is_built_in})
}


def _polars(columns: pd.DataFrame, record_type: str) -> pl.DataFrame:
    """The frame as the rest of the house knows it; lists come back from their JSON."""
    wanted = schema(record_type)
    frame = pl.from_pandas(columns.drop(columns=PLACE))
    return frame.select(_restore(name, wanted[name]) for name in frame.columns)


def _restore(name: str, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.List):
        whole = pl.col(name).cast(pl.String).str.json_decode(pl.Struct({name: dtype}))
        return whole.struct.field(name)
    return pl.col(name).cast(dtype)


def _pandas_copy(frame: pl.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """The pandas copy of those columns with nulls kept apart from values.

    A list goes as JSON text: the engine fingerprints a batch by hashing its values.
    """
    copy = pd.DataFrame({name: _pandas_series(frame[name]) for name in columns})
    copy[PLACE] = range(frame.height)
    return copy


def _pandas_series(values: pl.Series) -> "pd.Series[Any]":
    name, missing = values.name, values.is_null().to_numpy()
    if values.dtype == pl.Boolean:
        bools = values.fill_null(False).to_numpy(writable=True)
        return pd.Series(pd.arrays.BooleanArray(bools, missing.copy()))
    if values.dtype == pl.Int64:
        ints = values.fill_null(0).to_numpy(writable=True)
        return pd.Series(pd.arrays.IntegerArray(ints, missing.copy()))
    if values.dtype == pl.Date:
        return pd.Series(values.cast(pl.Datetime("us")).to_numpy())
    if isinstance(values.dtype, pl.List):
        whole = values.to_frame().select(pl.struct(name).struct.json_encode())
        values = whole.to_series()
    return pd.Series(values.to_arrow(), dtype="str")


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


def build(rule: Rule, columns: tuple[str, ...], today: date) -> Expectation:
    """The expectation of a rule on those of its columns that are provided."""
    arguments = rule.expectation.arguments_on(today)
    if not rule.expectation.is_built_in:
        kind: type[Expectation] = ExpectRowsToSatisfyPredicate
        arguments = {
            "column_list": [*columns, PLACE],
            "predicate": rule.expectation.name,
            "arguments": arguments,
            "record_type": rule.frame,
            "ignore_row_if": "never",
        }
    else:
        kind = BUILT_IN[rule.expectation.name]
        arguments |= _built_in_columns(columns)
    return ExpectationConfiguration(
        type=kind.expectation_type,
        kwargs=arguments | {"row_condition": _row_condition(rule.conditions)},
        meta={"rule": RULES.index(rule)},
    ).to_domain_obj()


def _built_in_columns(columns: tuple[str, ...]) -> dict[str, object]:
    if len(columns) == 1:
        return {"column": columns[0]}
    return {
        "column_A": columns[0],
        "column_B": columns[1],
        "ignore_row_if": "either_value_is_missing",
    }


@lru_cache(maxsize=64)
def _suite(
    record_type: str, provided: frozenset[str], today: date
) -> tuple[gx.ExpectationSuite, tuple[str, ...]]:
    """The suite of a record type, and the columns that it reads."""
    running = [
        (rule, columns)
        for rule in RULES
        if rule.frame == record_type and (columns := rule.columns_given(provided))
    ]
    suite = gx.ExpectationSuite(
        name=record_type,
        expectations=[build(rule, columns, today) for rule, columns in running],
    )
    read = {c for _, columns in running for c in columns}
    read |= {where.column for rule, _ in running for where in rule.conditions}
    return suite, tuple(c for c in schema(record_type) if c in read)


@lru_cache(maxsize=1)
def _definition() -> BatchDefinition[ColumnPartitioner]:
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_pandas("records")
    type(source).execution_engine_override = ThriftyEngine
    asset = source.add_dataframe_asset("batch")
    return asset.add_batch_definition_whole_dataframe("whole")


def evaluate(
    record_type: str, frame: pl.DataFrame, provided: frozenset[str], today: date
) -> dict[int, list[int]]:
    """Index of a rule in RULES -> the places of the rows that break it, ascending.

    An exception inside an expectation is our error, never a pass.
    """
    suite, columns = _suite(record_type, provided, today)
    copy = _pandas_copy(frame, columns)
    with _ONE_AT_A_TIME:
        batch = _definition().get_batch(batch_parameters={"dataframe": copy})
        outcome = batch.validate(suite, result_format=RESULT_FORMAT)
        broken = _broken(outcome.results)
        # Batch and result point at each other, and hold the rows: left to itself,
        # Python finds such a circle some ten batches later (promise P9).
        del copy, batch, outcome
        gc.collect()
    return broken


def _broken(
    results: Iterable[gx.core.ExpectationValidationResult],
) -> dict[int, list[int]]:
    broken: dict[int, list[int]] = {}
    for result in results:
        config = result.expectation_config
        assert config is not None
        assert config.meta is not None
        index = int(config.meta["rule"])
        if places := _places(RULES[index], result):
            broken[index] = places
    return broken


def _places(rule: Rule, result: gx.core.ExpectationValidationResult) -> list[int]:
    """The failing rows of one result, which must be as many as were counted."""
    if "unexpected_count" not in result.result:
        raise RuntimeError(
            f"rule {rule.id} of {rule.record_type} could not be evaluated by "
            f"{rule.expectation.name}; correct the rule, nothing was passed"
        )
    keys = result.result.get("unexpected_index_list") or []
    if len(keys) != result.result["unexpected_count"]:
        raise RuntimeError(
            f"rule {rule.id} of {rule.record_type} counted "
            f"{result.result['unexpected_count']} rows and named {len(keys)}; "
            f"expected as many; nothing was passed"
        )
    return sorted(map(int, keys))
