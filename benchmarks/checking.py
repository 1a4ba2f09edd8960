"""Milliseconds a validation takes, Great Expectations by itself beside our way to it.

    python -m benchmarks.checking [ROWS ...]     default: 20 1000 20000

Both in this process, in turn, on the same rows: a third of them break a rule. The
median of several rounds, after one that builds the suites; CPU of all threads.
"""

import random
import sys
from collections.abc import Callable
from statistics import median
from time import process_time

import polars as pl

from expectations import gx_expectations
from expectations.rules import RULES
from tests import plain_gx
from tests.valid_records import TODAY, VALUES, provided, valid

DEFAULT_ROWS = (20, 1_000, 20_000)
ROUNDS = 5
SHARE_BROKEN = 1 / 3

Evaluate = Callable[..., dict[int, list[int]]]
WAYS: dict[str, Evaluate] = {
    "plain": plain_gx.evaluate,
    "ours": gx_expectations.evaluate,
}


def mixed(record_type: str, rows: int) -> pl.DataFrame:
    """Valid records, and a third that break one rule each."""
    rules = [rule for rule in RULES if rule.frame == record_type]
    pool = [valid(record_type)]
    pool += [valid(record_type, **rule.broken_by) for rule in rules]
    chance = random.Random(rows)
    is_broken = (chance.random() < SHARE_BROKEN for _ in range(rows))
    picks = [chance.randrange(1, len(pool)) if bad else 0 for bad in is_broken]
    return pl.concat(pool)[picks]


def measure(record_type: str, rows: int) -> dict[str, float]:
    """Median milliseconds of each way, which must find the same."""
    asked = record_type, mixed(record_type, rows), provided(record_type), TODAY
    found = [evaluate(*asked) for evaluate in WAYS.values()]
    assert all(one == found[0] for one in found), f"{record_type}: they differ"
    took: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(ROUNDS):
        for way, evaluate in WAYS.items():
            began = process_time()
            evaluate(*asked)
            took[way].append((process_time() - began) * 1_000)
    return {way: median(each) for way, each in took.items()}


def main(sizes: list[int]) -> None:
    """A table in Markdown: a line a record type, plain and ours a size."""
    heads = [f"{way} {rows:,}" for rows in sizes for way in WAYS]
    print("| record type | rules |", " | ".join(heads), "|")
    print("|---|" + "--:|" * (len(heads) + 1))
    for record_type in VALUES:
        count = sum(rule.frame == record_type for rule in RULES)
        cells = [
            f"{ms:,.0f}" for rows in sizes for ms in measure(record_type, rows).values()
        ]
        print(f"| {record_type} | {count} |", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]] or list(DEFAULT_ROWS))
