"""Real legacy text, law lines in every encoding, and correct text that must stay."""

import pytest

from benchmarks.encodings import damaged, documents, good_lines, law, places, score
from benchmarks.encodings import phrases as real_phrases

pytestmark = pytest.mark.real


def test_phrases_of_real_documents_come_back() -> None:
    table = score(real_phrases())
    assert sum(t["wrong"] for t in table.values()) == 0
    assert sum(t["right"] for t in table.values()) >= 13
    assert sum(t.total() for t in table.values()) == 14


def test_law_lines_come_back_from_every_encoding() -> None:
    table = score(law())
    assert len(table) == 11
    for name, found in table.items():
        assert found["wrong"] == 0, name
        assert found["right"] >= 0.99 * found.total() > 180, name


def test_names_of_places_alone_in_their_cells_are_hardly_ever_wrong() -> None:
    table = score(places())
    assert len(table) == 4
    for name, found in table.items():
        assert found["wrong"] <= 3, name
        assert found["right"] > 0.8 * found.total() > 7000, name


def test_real_documents_come_back() -> None:
    table = documents()
    assert len(table) == 18
    for name, found in table.items():
        assert found["wrong"] == 0, name
        if "by font" in name:
            assert found["left"] <= 1, name
        assert found["right"] > 0.75 * found.total(), name


def test_not_one_correct_line_is_damaged() -> None:
    lines = [*good_lines()]
    assert len(set(lines)) > 100_000
    assert damaged(lines) == []
