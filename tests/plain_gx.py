"""What Great Expectations finds by itself: the oracle, and the baseline, of ours.

Its own `Batch.validate`, engine, row conditions and metrics, on a pandas copy made
here. Only the expectations are those of gx_stated.py.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import great_expectations as gx
import pandas as pd
import polars as pl
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.execution_engine.pandas_execution_engine import (
    PandasExecutionEngine,
)
from great_expectations.expectations.metrics.map_metric_provider.multicolumn_condition_partial import (  # noqa: E501
    multicolumn_condition_partial,
)
from great_expectations.expectations.metrics.map_metric_provider.multicolumn_map_metric_provider import (  # noqa: E501
    MulticolumnMapMetricProvider,
)

from expectations import gx_stated, predicates
from expectations.frames import schema
from expectations.rules import RULES

PLACE = "place"
RESULT_FORMAT = {
    "result_format": "COMPLETE",
    "return_unexpected_index_query": False,
    "exclude_unexpected_values": True,
    "partial_unexpected_count": 0,
}


class PlainPredicate(MulticolumnMapMetricProvider):
    """Our predicate for the engine of Great Expectations, by way of pandas."""

    condition_metric_name = gx_stated.RowsSatisfyPredicate.condition_metric_name
    condition_domain_keys = gx_stated.RowsSatisfyPredicate.condition_domain_keys
    condition_value_keys = gx_stated.RowsSatisfyPredicate.condition_value_keys

    @multicolumn_condition_partial(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(
        cls,  # noqa: N805
        column_list: pd.DataFrame,
        predicate: str,
        arguments: Mapping[str, object],
        **_: object,
    ) -> "pd.Series[bool]":
        frame = pl.from_pandas(column_list.drop(columns=PLACE))
        restored = frame.select(_restored(frame[c]) for c in frame.columns)
        found = predicates.faults(predicate, restored, arguments)
        good = found.select(~pl.any_horizontal(pl.all())).to_series()
        return pd.Series(good.to_numpy(), index=column_list.index)


# The lists of whatever frame is being judged: they travel as JSON text.
_LISTS: dict[str, pl.DataType] = {}


def _restored(values: pl.Series) -> pl.Series:
    name = values.name
    if name in _LISTS:
        whole = pl.Struct({name: _LISTS[name]})
        return values.cast(pl.String).str.json_decode(whole).struct.field(name)
    if values.dtype == pl.Datetime:
        return values.cast(pl.Date)
    return values.cast(pl.String) if values.dtype == pl.Null else values


def copied(frame: pl.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """The columns as Great Expectations wants them, and `place`."""
    copy = pd.DataFrame({c: _copied(frame[c]) for c in columns})
    copy[PLACE] = range(frame.height)
    return copy


def _copied(values: pl.Series) -> "pd.Series[Any]":
    if values.dtype == pl.Boolean:
        return pd.Series(values.to_list(), dtype="boolean")
    if values.dtype == pl.Int64:
        return pd.Series(values.to_list(), dtype="Int64")
    if values.dtype == pl.Date:
        return pd.Series(pd.to_datetime(values.to_list()))
    if isinstance(values.dtype, pl.List):
        _LISTS[values.name] = values.dtype
        values = values.to_frame().select(pl.struct(pl.all()).struct.json_encode())[
            :, 0
        ]
    return pd.Series(values.to_list(), dtype="str")


@cache
def _definition() -> Any:
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_pandas("records")
    asset = source.add_dataframe_asset("batch")
    return asset.add_batch_definition_whole_dataframe("whole")


@cache
def suite(
    name: str, provided: frozenset[str], today: date
) -> tuple[gx.ExpectationSuite, tuple[str, ...]]:
    """The suite of a frame, each expectation with its rule's index, and its columns."""
    stated, read = [], set()
    for index, rule in enumerate(RULES):
        columns = rule.columns_given(provided) if rule.frame == name else ()
        if columns:
            one = gx_stated.build(rule, columns, today)
            one.meta = {"rule": index}
            stated.append(one)
            read |= {*columns, *(where.column for where in rule.conditions)}
    whole = gx.ExpectationSuite(name=name, expectations=stated)
    return whole, tuple(c for c in schema(name) if c in read)


def evaluate(
    name: str, frame: pl.DataFrame, provided: frozenset[str], today: date
) -> dict[int, list[int]]:
    """As gx_expectations.evaluate, by `Batch.validate`."""
    whole, columns = suite(name, provided, today)
    batch = _definition().get_batch({"dataframe": copied(frame, columns)})
    broken: dict[int, list[int]] = {}
    for result in batch.validate(whole, result_format=RESULT_FORMAT).results:
        assert "unexpected_count" in result.result, result.exception_info
        places = result.result.get("unexpected_index_list") or []
        assert len(places) == result.result["unexpected_count"]
        if places:
            broken[result.expectation_config.meta["rule"]] = sorted(map(int, places))
    return broken
