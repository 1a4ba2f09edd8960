"""What the expectations of a suite ask the engine, worked out once for all batches.

`Batch.validate` derives the metrics of every expectation anew for each batch: a third
of a second, for twenty rows as for twenty thousand. Here too an expectation names its
metrics, the engine computes them and the expectation judges them; only the derivation
is kept.

Relied upon, of Great Expectations 1.24.1 (tests/test_gx_engine.py compares with its
own `Batch.validate`): `Expectation.get_validation_dependencies` and `_validate`, the
graph of `MetricsCalculator`, `ExecutionEngine.resolve_metrics`; in gx_engine.py the
batch manager's cache and `_apply_row_condition_filter`.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from great_expectations.validator.metric_configuration import (
    MetricConfiguration,
    MetricConfigurationID,
)
from great_expectations.validator.metrics_calculator import MetricsCalculator

from expectations.gx_engine import ThriftyEngine
from expectations.gx_stated import Mapped

# Places are the pandas index. Named key columns are as complete, but cost a millisecond
# a bad row.
RESULT_FORMAT = {
    "result_format": "COMPLETE",
    "return_unexpected_index_query": False,
    "exclude_unexpected_values": True,
    "partial_unexpected_count": 0,
}
_RUNTIME = {"result_format": RESULT_FORMAT}
COUNT, PLACES = "unexpected_count", "unexpected_index_list"
# Asked for, though this format leaves them out of every result: the values themselves
# (promise P8), and a query which is None.
_UNUSED = ("unexpected_values", "unexpected_index_query")

Metrics = dict[MetricConfigurationID, Any]
# Each metric after those that it needs: a wave needs only the waves before it.
Waves = tuple[dict[MetricConfigurationID, MetricConfiguration], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """An expectation and the metrics that it asks for, by the names it knows them by.

    `places` names the rows that fail, and is asked for only when some do.
    """

    expectation: Mapped
    format: Mapping[str, Any]
    first: Mapping[str, MetricConfigurationID]
    count: MetricConfigurationID
    places: Mapping[str, MetricConfigurationID]
    waves: Waves
    waves_to_places: Waves

    def needs(self, metrics: Set[MetricConfigurationID]) -> bool:
        """True when it cannot be judged without one of those metrics."""
        waves = (*self.waves, *self.waves_to_places)
        return any(not metrics.isdisjoint(wave) for wave in waves)

    def result(self, metrics: Metrics, engine: ThriftyEngine) -> Mapping[str, Any]:
        """The expectation's own verdict on its metrics."""
        names = dict(self.first)
        if metrics[self.count]:
            names |= self.places
        return dict(
            self.expectation._validate(
                metrics={name: metrics[id_] for name, id_ in names.items()},
                runtime_configuration={"result_format": dict(self.format)},
                execution_engine=engine,
            )
        )


def ask(expectation: Mapped, engine: ThriftyEngine) -> Asked:
    """The metrics of an expectation, and what they need in turn."""
    wanted = expectation.get_validation_dependencies(engine, dict(_RUNTIME))
    metric = expectation.map_metric
    for name in _UNUSED:
        wanted.remove_metric_configuration(f"{metric}.{name}")
    named = wanted.metric_configurations
    places = {f"{metric}.{PLACES}": named[f"{metric}.{PLACES}"]}
    first = {name: asked for name, asked in named.items() if name not in places}
    waves = _waves(first.values(), engine)
    known = {id_ for wave in waves for id_ in wave}
    return Asked(
        expectation,
        wanted.result_format,
        {name: asked.id for name, asked in first.items()},
        first[f"{metric}.{COUNT}"].id,
        {name: asked.id for name, asked in places.items()},
        waves,
        tuple(
            {id_: m for id_, m in wave.items() if id_ not in known}
            for wave in _waves(places.values(), engine)
        ),
    )


def _waves(wanted: Iterable[MetricConfiguration], engine: ThriftyEngine) -> Waves:
    """The wanted metrics and all that they need, in the order to compute them."""
    graph = MetricsCalculator(engine).build_metric_dependency_graph(
        list(wanted), dict(_RUNTIME)
    )
    metrics = {edge.left.id: edge.left for edge in graph.edges}
    needs: dict[MetricConfigurationID, set[MetricConfigurationID]]
    needs = {id_: set() for id_ in metrics}
    for edge in graph.edges:
        if edge.right is not None:
            needs[edge.left.id].add(edge.right.id)
    waves: list[dict[MetricConfigurationID, MetricConfiguration]] = []
    done: set[MetricConfigurationID] = set()
    while len(done) < len(metrics):
        ready = [i for i in metrics if i not in done and needs[i] <= done]
        waves.append({id_: metrics[id_] for id_ in ready})
        done |= set(ready)
    return tuple(waves)


def joined(several: Iterable[Waves]) -> Waves:
    """The waves of several expectations as one, each metric once."""
    return tuple(
        {id_: metric for wave in level for id_, metric in wave.items()}
        for level in zip_longest(*several, fillvalue={})
    )


def answers(
    asked: Sequence[Asked], waves: Waves, engine: ThriftyEngine
) -> list[Mapping[str, Any]]:
    """The verdict of each expectation on the batch that the engine holds.

    `waves` are theirs, joined. Raises MetricResolutionError, as the engine does.
    """
    metrics: Metrics = {}
    _compute(waves, metrics, engine)
    failed = [one for one in asked if metrics[one.count]]
    _compute(joined(one.waves_to_places for one in failed), metrics, engine)
    return [one.result(metrics, engine) for one in asked]


def _compute(waves: Waves, metrics: Metrics, engine: ThriftyEngine) -> None:
    for wave in waves:
        if wave:
            metrics |= engine.resolve_metrics(wave.values(), metrics, _RUNTIME)
