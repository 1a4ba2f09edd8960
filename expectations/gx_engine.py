"""Great Expectations' pandas engine, holding one batch beside its Polars frame.

The engine asks `DataFrame.query` for the rows of a condition, which parses it and
copies every column for each of some eighty questions a suite puts. Here a condition is
evaluated once a batch, in Polars, and predicates read the Polars frame itself.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import reduce
from operator import and_, eq, ge, lt
from typing import Any

import pandas as pd
import polars as pl
from great_expectations.execution_engine.pandas_batch_data import PandasBatchData
from great_expectations.execution_engine.pandas_execution_engine import (
    PandasExecutionEngine,
)
from great_expectations.expectations.row_conditions import (
    AndCondition,
    ComparisonCondition,
    Condition,
    NullityCondition,
    Operator,
    deserialize_row_condition,
)
from polars import selectors

# The id of whatever batch is there: part of every metric's identity, so that the
# metrics of a suite are worked out once and serve every batch.
BATCH = "batch"
# A column beside a lone one, for the engine's multi-column expectations want two.
PLACE = "place"

_COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    Operator.EQUAL: eq,
    Operator.GREATER_THAN_OR_EQUAL: ge,
    Operator.LESS_THAN: lt,
}


class ThriftyEngine(PandasExecutionEngine):
    """The pandas engine for one batch after the other; it keeps nothing of the last."""

    def __init__(self) -> None:
        # Its cache of metrics would keep the rows of the last batch of every suite.
        super().__init__(caching=False)
        self._records = pl.DataFrame()
        self._chosen: dict[str, pd.DataFrame] = {}

    @contextmanager
    def holding(self, records: pl.DataFrame) -> Iterator[None]:
        """Metrics are computed on these rows inside, and the rows forgotten after."""
        batch = PandasBatchData(self, pandas_copy(records))
        self.load_batch_data(BATCH, batch)
        self._records = records
        try:
            yield
        finally:
            self.batch_manager.batch_data_cache.clear()
            self._chosen.clear()
            self._records = pl.DataFrame()

    def records(self, chosen: pd.DataFrame, columns: list[str]) -> pl.DataFrame:
        """The rows of a domain of the batch, as the rest of the house knows them."""
        records = self._records.select(c for c in columns if c != PLACE)
        if len(chosen) == records.height:
            return records
        return records[chosen.index.to_numpy()]

    def _apply_row_condition_filter(
        self,
        data: pd.DataFrame,
        row_condition: Condition | dict[str, object],
        domain_kwargs: dict[str, object],  # noqa: ARG002
    ) -> pd.DataFrame:
        name = str(row_condition)
        if name not in self._chosen:
            condition = deserialize_row_condition(row_condition)
            assert isinstance(condition, Condition)
            met = self._records.select(meets(condition, self._records.schema))
            self._chosen[name] = _rows(data, met.to_series())
        return self._chosen[name]


def _rows(data: pd.DataFrame, met: pl.Series) -> pd.DataFrame:
    """The rows that meet a condition; all or none of a small batch are not copied."""
    if met.all():
        return data
    return data[met.to_numpy()] if met.any() else data[:0]


def meets(condition: Condition, schema: pl.Schema) -> pl.Expr:
    """Whether each row meets the condition; a null meets only a test for null.

    Raises NotImplementedError for a condition that no rule of ours has.
    """
    match condition:
        case AndCondition():
            return reduce(and_, (meets(part, schema) for part in condition.conditions))
        case NullityCondition():
            column = pl.col(condition.column.name)
            return column.is_null() if condition.is_null else column.is_not_null()
        case ComparisonCondition(operator=Operator.IN):
            column = pl.col(condition.column.name)
            return column.is_in(list(condition.parameter)).fill_null(False)
        case ComparisonCondition() if condition.operator in _COMPARED:
            name, value = condition.column.name, condition.parameter
            if schema[name] == pl.Date:
                value = date.fromisoformat(value)
            compare = _COMPARED[condition.operator]
            return pl.Expr.fill_null(compare(pl.col(name), value), False)
    raise NotImplementedError(type(condition).__name__)


def pandas_copy(frame: pl.DataFrame) -> pd.DataFrame:
    """The pandas copy of the frame with nulls kept apart from values, and PLACE.

    A list goes as JSON text: the engine's own questions want plain values.
    """
    masked = selectors.boolean() | selectors.integer()
    missing = frame.select(masked.is_null())
    lists = frame.select(selectors.by_dtype(pl.List)).columns
    filled = frame.with_columns(
        selectors.boolean().fill_null(False),
        selectors.integer().fill_null(0),
        selectors.date().cast(pl.Datetime("us")),
        *(pl.struct(c).struct.json_encode().alias(c) for c in lists),
    )
    copy = {c: _pandas_series(filled[c], missing) for c in frame.columns}
    return pd.DataFrame(copy | {PLACE: range(frame.height)}, copy=False)


def _pandas_series(values: pl.Series, missing: pl.DataFrame) -> "pd.Series[Any]":
    if values.dtype == pl.String:
        return pd.Series(values.to_arrow(), dtype="str")
    plain = values.to_numpy(writable=True)
    if values.name not in missing.columns:
        return pd.Series(plain)
    is_null = missing[values.name].to_numpy(writable=True)
    if values.dtype == pl.Boolean:
        return pd.Series(pd.arrays.BooleanArray(plain, is_null))
    return pd.Series(pd.arrays.IntegerArray(plain, is_null))
