"""Our way through Great Expectations finds what its own `Batch.validate` finds.

These fail when an upgrade changes what gx_plan.py and gx_engine.py rely upon.
"""

import gc
import random
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import cache

import pandas as pd
import polars as pl
import pytest

from expectations import frames, gx_engine, gx_expectations, gx_plan, predicates
from expectations.gx_expectations import evaluate
from expectations.rule import Rule
from expectations.rules import RULES
from tests import plain_gx
from tests.valid_records import TODAY, VALUES, many, provided, valid, valid_link

FRAMES = sorted({rule.frame for rule in RULES})


def _rules(name: str) -> list[Rule]:
    return [rule for rule in RULES if rule.frame == name]


def _one(name: str, changes: dict[str, object]) -> pl.DataFrame:
    make = valid_link if name in frames.BY_LINK else valid
    return make(name, **changes)


def _each_broken(name: str) -> pl.DataFrame:
    """The valid record, and a record that breaks each rule."""
    broken = [_one(name, dict(rule.broken_by)) for rule in _rules(name)]
    return pl.concat([_one(name, {}), *broken])


@cache
def _pool(name: str) -> pl.DataFrame:
    """The valid record, and records that break up to three rules at once."""
    chance = random.Random(name)
    pool = [_one(name, {})]
    for _ in range(60):
        changes: dict[str, object] = {}
        for rule in chance.choices(_rules(name), k=chance.randint(1, 3)):
            changes |= rule.broken_by
        pool.append(_one(name, changes))
    return pl.concat(pool)


def _mixed(name: str, rows: int) -> pl.DataFrame:
    """Rows of the pool in any order, half of them valid."""
    chance, pool = random.Random(rows), _pool(name)
    return pool[[chance.choice((0, chance.randrange(len(pool)))) for _ in range(rows)]]


@pytest.mark.parametrize("name", FRAMES)
def test_every_rule_names_the_rows_that_plain_gx_names(name: str) -> None:
    frame = _each_broken(name)
    found = evaluate(name, frame, provided(name), TODAY)
    assert found == plain_gx.evaluate(name, frame, provided(name), TODAY)
    assert {RULES[i].id for i in found} == {rule.id for rule in _rules(name)}


# Plain GX takes seconds for 20,000 rows: the types with the most rules have as many.
@pytest.mark.parametrize("name", list(VALUES))
def test_thousands_of_mixed_rows_are_judged_as_by_plain_gx(name: str) -> None:
    rows = 20_000 if len(_rules(name)) > 30 else 2_000
    frame = _mixed(name, rows)
    found = evaluate(name, frame, provided(name), TODAY)
    assert found == plain_gx.evaluate(name, frame, provided(name), TODAY)
    assert sum(map(len, found.values())) > rows // 10


@pytest.mark.parametrize("name", list(VALUES))
def test_a_source_that_provides_less_is_judged_as_by_plain_gx(name: str) -> None:
    chance, frame = random.Random(name), _mixed(name, 30)
    some = frozenset(f for f in sorted(provided(name)) if chance.random() < 0.6)
    found = evaluate(name, frame, some, TODAY)
    assert found == plain_gx.evaluate(name, frame, some, TODAY)


def test_today_and_the_batch_before_leave_no_trace() -> None:
    frame, fields = _each_broken("petition"), provided("petition")
    late, early = (evaluate("petition", frame, fields, d) for d in (TODAY, date.min))
    assert late != early
    assert evaluate("petition", valid("petition"), fields, TODAY) == {}
    assert evaluate("petition", frame, fields, TODAY) == late


def test_conditions_are_chosen_by_our_engine_and_values_never_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    resolve = gx_engine.ThriftyEngine.resolve_metrics

    def spy(
        self: gx_engine.ThriftyEngine, wave: object, *args: object
    ) -> dict[object, object]:
        metrics = list(wave)  # type: ignore[call-overload]
        asked.extend(metric.metric_name for metric in metrics)
        return resolve(self, metrics, *args)  # type: ignore[arg-type,return-value]

    def query(*_: object, **__: object) -> None:
        raise AssertionError("the engine chose rows by DataFrame.query")

    monkeypatch.setattr(gx_engine.ThriftyEngine, "resolve_metrics", spy)
    monkeypatch.setattr(pd.DataFrame, "query", query)
    for name in FRAMES:
        assert evaluate(name, _each_broken(name), provided(name), TODAY)
    assert not [name for name in asked if name.endswith(("_values", "_query", "_rows"))]
    assert any(name.endswith(gx_plan.PLACES) for name in asked)


def test_a_verdict_holds_counts_and_places_and_no_value() -> None:
    name = "petition"
    suite = gx_expectations._suite(name, provided(name), TODAY)
    engine = gx_engine.ThriftyEngine()
    with engine.holding(_each_broken(name).select(suite.columns)):
        verdicts = gx_plan.answers(suite.asked, suite.waves, engine)
    assert len(verdicts) == len(_rules(name))
    for verdict in verdicts:
        kept = verdict["result"]
        places = kept.pop(gx_plan.PLACES)
        assert len(places) == kept[gx_plan.COUNT] > 0
        assert all(type(place) is int for place in places)
        assert verdict["success"] is False
        assert all(type(v) in (int, float, type(None)) for v in kept.values())


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[weakref.ref[object]]]:
    """References to every pandas copy; no collection runs, so only counts free them."""
    made: list[weakref.ref[object]] = []
    make = gx_engine.pandas_copy

    def noted(frame: pl.DataFrame) -> pd.DataFrame:
        copy = make(frame)
        made.append(weakref.ref(copy))
        return copy

    monkeypatch.setattr(gx_engine, "pandas_copy", noted)
    gc.disable()
    yield made
    gc.enable()


def test_the_rows_are_gone_when_the_batch_is_judged(
    copies: list[weakref.ref[object]],
) -> None:
    for name in VALUES:
        assert evaluate(name, _each_broken(name), provided(name), TODAY)
    assert len(copies) == len(VALUES)
    assert not [ref for ref in copies if ref() is not None]
    assert gx_expectations._engine()._records.is_empty()


def _explode(frame: pl.DataFrame) -> pl.DataFrame:
    raise ValueError(str(frame.rows()))


def test_an_error_is_ours_names_the_rule_and_leaves_the_engine_sound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name, frame = "petition", valid("petition", content="Tên mật")
    broken = {**predicates.PREDICATES, "text_readable": _explode}
    with monkeypatch.context() as patch:
        patch.setattr(predicates, "PREDICATES", broken)
        with pytest.raises(RuntimeError, match="rule 58 of petition") as caught:
            evaluate(name, frame, provided(name), TODAY)
    error: BaseException | None = caught.value
    assert error is not None
    assert error.__cause__ is None
    assert error.__context__ is None
    assert "Tên mật" not in str(error)
    assert gx_expectations._engine()._records.is_empty()
    assert evaluate(name, frame, provided(name), TODAY) == {}


def test_an_error_in_a_built_in_or_in_naming_the_rows_is_no_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = "petition"
    wrong = valid(name).with_columns(pl.lit(7).alias("sender_id_number"))
    with pytest.raises(RuntimeError, match="could not be evaluated"):
        evaluate(name, wrong, provided(name), TODAY)
    answered = gx_plan.Asked.result

    def forgetful(self: gx_plan.Asked, *args: object) -> object:
        verdict = dict(answered(self, *args))  # type: ignore[arg-type]
        verdict["result"].pop(gx_plan.PLACES, None)
        return verdict

    monkeypatch.setattr(gx_plan.Asked, "result", forgetful)
    with pytest.raises(RuntimeError, match="nothing was passed"):
        evaluate(name, _each_broken(name), provided(name), TODAY)


def test_threads_find_what_one_finds() -> None:
    batches = {(name, n): _mixed(name, n) for name in VALUES for n in (3, 300)}

    def judged(key: tuple[str, int]) -> dict[int, list[int]]:
        return evaluate(key[0], batches[key], provided(key[0]), TODAY)

    alone = [judged(key) for key in batches]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(judged, batches)) == alone


def test_a_blank_batch_is_no_error() -> None:
    for name in VALUES:
        assert evaluate(name, many(name, 5)[:0], provided(name), TODAY) == {}
        assert evaluate(name, valid(name), frozenset(), TODAY) == {}
