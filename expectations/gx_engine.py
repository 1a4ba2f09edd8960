"""Great Expectations' pandas engine, which chooses the rows of a condition once.

The engine asks `DataFrame.query` for them, which parses the condition and copies every
column for each of some eighty questions a suite puts: half of the cost of a check.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import reduce
from operator import and_, eq, ge, lt
from typing import Any

import numpy as np
import pandas as pd
from great_expectations.core.batch import BatchMarkers
from great_expectations.core.batch_spec import RuntimeDataBatchSpec
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

_COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    Operator.EQUAL: eq,
    Operator.GREATER_THAN_OR_EQUAL: ge,
    Operator.LESS_THAN: lt,
}


class ThriftyEngine(PandasExecutionEngine):
    """The pandas engine for one batch after the other, without their fingerprints."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        # Its cache of metrics would keep the rows of the last batch of every suite.
        super().__init__(*args, **kwargs | {"caching": False})
        self._chosen: dict[str, pd.DataFrame] = {}

    def get_batch_data_and_markers(
        self, batch_spec: object
    ) -> tuple[PandasBatchData, BatchMarkers]:
        """The frame as it is; the base class hashes every value of it, for nothing."""
        assert isinstance(batch_spec, RuntimeDataBatchSpec)
        at = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        data = PandasBatchData(self, batch_spec.batch_data)
        # As the base class does: a result repeats the specification, row by row.
        batch_spec.batch_data = "PandasDataFrame"
        return data, BatchMarkers({"ge_load_time": at})

    def load_batch_data(self, batch_id: str, batch_data: Any) -> None:
        """Take a batch, and forget what was chosen of the last."""
        self._chosen.clear()
        super().load_batch_data(batch_id, batch_data)

    def _apply_row_condition_filter(
        self,
        data: pd.DataFrame,
        row_condition: Condition | dict[str, object],
        domain_kwargs: dict[str, object],  # noqa: ARG002
    ) -> pd.DataFrame:
        condition = deserialize_row_condition(row_condition)
        assert isinstance(condition, Condition)
        name = condition.json()
        if name not in self._chosen:
            self._chosen[name] = data[meets(data, condition)]
        return self._chosen[name]


def meets(data: pd.DataFrame, condition: Condition) -> np.ndarray[Any, Any]:
    """Whether each row meets the condition; a null meets only a test for null.

    Raises NotImplementedError for a condition that no rule of ours has.
    """
    match condition:
        case AndCondition():
            return reduce(and_, (meets(data, part) for part in condition.conditions))
        case NullityCondition():
            is_null = data[condition.column.name].isna().to_numpy()
            return is_null if condition.is_null else ~is_null
        case ComparisonCondition(operator=Operator.IN):
            return data[condition.column.name].isin(condition.parameter).to_numpy(bool)
        case ComparisonCondition() if condition.operator in _COMPARED:
            compare = _COMPARED[condition.operator]
            found: pd.Series[bool] = compare(
                data[condition.column.name], condition.parameter
            )
            return found.to_numpy(dtype=bool, na_value=False)
    raise NotImplementedError(type(condition).__name__)
