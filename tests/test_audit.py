"""The audit log: RFC 6962 trees, and chains that many writers share without a fork."""

import hashlib
import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.national import (
    National,
    audit,
    holding,
    incoming,
    merkle,
    open_national,
)
from connectors.national.load import Batch, load
from connectors.national.verify import verify
from connectors.seal import Sealer
from connectors.sources.base import Deadline
from expectations.frames import RECORD_ID
from flows.demo import postgres
from tests.demo import query
from tests.small import KEYS

SEALER = Sealer(KEYS.seal, KEYS.denouncer, KEYS.token)

# The leaves of the tests of RFC 6962's reference implementation.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]


def by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word: split at the greatest power of two."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    left, right = by_definition(leaves[:k]), by_definition(leaves[k:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def test_trees_of_the_reference_leaves_are_those_of_the_definition() -> None:
    for size in range(len(LEAVES) + 1):
        assert merkle.root(LEAVES[:size]) == by_definition(LEAVES[:size]), size


def test_the_empty_tree_and_the_empty_leaf_are_the_published_ones() -> None:
    assert merkle.root([]).hex() == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    assert merkle.root(LEAVES[:1]).hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=8), max_size=40))
def test_any_tree_is_that_of_the_definition(leaves: list[bytes]) -> None:
    assert merkle.root(leaves) == by_definition(leaves)


def test_a_leaf_cannot_pass_for_a_node() -> None:
    """Second preimage: two leaves' hashes put together as one leaf."""
    node = merkle.leaf_hash(LEAVES[1]) + merkle.leaf_hash(LEAVES[2])
    assert merkle.root([node]) != merkle.root(LEAVES[1:3])
    assert merkle.root(LEAVES[1:3]) != merkle.root([LEAVES[2], LEAVES[1]])


def test_an_entry_hash_is_what_the_document_says() -> None:
    """So that an auditor can compute it without us."""
    payload = '{"counts":{"read":1},"kind":"load"}'
    body = payload.encode()
    expected = hashlib.sha256(b"\x00" + len(body).to_bytes(8, "big") + body + bytes(32))
    assert audit.entry_hash(payload, audit.GENESIS) == expected.hexdigest()


def test_canonical_json_has_one_form() -> None:
    assert audit.canonical({"b": [1, "đ"], "a": None}) == '{"a":null,"b":[1,"đ"]}'


OFFICES = ("mot", "hai", "ba", "bon")
WRITERS, BATCHES = 8, 10
_names = count()


def empty_batch(writer: int, seq: int) -> Batch:
    """A source's batch without a row: it writes the ledger and the log alone."""
    office = OFFICES[writer % len(OFFICES)]
    return Batch(
        run="20261122",
        province=office,
        system=f"{office}_so",
        stage=f"stage-{writer}",
        seq=seq,
        is_last=seq == BATCHES - 1,
        is_full=True,
        source_digest="0" * 64,
        rows_read=0,
        lines=pl.DataFrame(schema=incoming.LINES),
        accepted={},
        derived=pl.DataFrame(schema={"n": pl.Int64, RECORD_ID: pl.String}),
        held=pl.DataFrame(schema=holding.HELD),
        findings=pl.DataFrame(schema=holding.FINDINGS),
        set_aside=pl.DataFrame(schema=holding.SET_ASIDE),
    )


def write_all(url: str) -> None:
    """Every writer with connections of its own; two of them share each office."""
    together = threading.Barrier(WRITERS)

    def write(writer: int) -> None:
        with open_national(url) as national:
            together.wait(60)
            for seq in range(BATCHES):
                batch = empty_batch(writer, seq)
                load(national, SEALER, batch, datetime.now(UTC), Deadline.after(120))

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(
    request: pytest.FixtureRequest, tmp_path: Path, cluster: postgres.Cluster
) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'national.db'}"
    name = f"audit_{next(_names)}"
    cluster.create_database(name)
    return cluster.url(name)


def test_writers_at_once_make_one_chain_an_office_and_no_fork(url: str) -> None:
    with open_national(url):
        pass  # the schema, once
    write_all(url)
    rows = query(url, "SELECT chain, seq, prev_hash, entry_hash FROM audit_entry")
    assert len(rows) == WRITERS * BATCHES
    assert Counter(chain for chain, *_ in rows) == dict.fromkeys(
        OFFICES, WRITERS * BATCHES // len(OFFICES)
    )
    assert len({(chain, before) for chain, _, before, _ in rows}) == len(rows)
    for office in OFFICES:
        chain = sorted(row[1:] for row in rows if row[0] == office)
        assert [seq for seq, _, _ in chain] == list(range(1, len(chain) + 1))
        hashes = [audit.GENESIS, *(after for _, _, after in chain)]
        assert [before for _, before, _ in chain] == hashes[:-1]
    with open_national(url) as national:
        found = verify(national, SEALER)
        assert found.ok, found.problems
        assert (found.chains, found.entries) == (len(OFFICES), len(rows))


def test_a_batch_loaded_twice_is_logged_once(url: str) -> None:
    with open_national(url) as national:
        for _ in range(2):
            _load(national, 0)
        _load(national, 1)
    rows = query(url, "SELECT payload FROM audit_entry ORDER BY seq")
    payloads = [json.loads(payload) for (payload,) in rows]
    assert [payload["seq"] for payload in payloads] == [0, 1]


def _load(national: National, seq: int) -> None:
    at = datetime.now(UTC)
    load(national, SEALER, empty_batch(0, seq), at, Deadline.after(60))
