"""What a code column's values mean: values.tsv, and our own codes."""

from collections import Counter, defaultdict
from dataclasses import replace
from functools import lru_cache

from rapidfuzz import fuzz, process

from connectors.sources.peek.spelling import repaired
from expectations import records
from expectations.declaring import Field, Type
from flows.engine.discover import folding
from flows.engine.discover.lexicon_files import read_rows
from flows.engine.discover.shapes import Profile

FUZZY_FLOOR = 90
Meant = tuple[str, float]  # our code, how surely


@lru_cache(maxsize=1)
def _lists() -> dict[str, dict[str, str]]:
    """List -> levelled name -> our code."""
    lists: dict[str, dict[str, str]] = defaultdict(dict)
    for name, code, words in read_rows("values.tsv"):
        for word in words.split("|"):
            for key in (folding.exact(word), folding.plain(word), word.lower()):
                if key:
                    lists[name].setdefault(key, code)
            for reading in folding.readings(word):
                lists[name].setdefault(reading, code)
    return dict(lists)


def list_of(record_type: str, field: Field) -> str:
    """The name of the list that holds a field's words."""
    if field.type is Type.BOOL:
        return "bool"
    if f"{record_type}.{field.name}" in _lists():
        return f"{record_type}.{field.name}"
    aliases = {"petition_kind": "kind", "channel": "source"}
    return aliases.get(field.name, field.name)


def meaning(record_type: str, field: Field, value: str) -> Meant | None:
    """The code that a value stands for, or None."""
    allowed = ("true", "false") if field.type is Type.BOOL else field.codes
    words = _lists().get(list_of(record_type, field), {})
    for text, drop in _variants(value):
        found = _meaning(words, allowed, text)
        if found is not None and (found[0] in allowed or not allowed):
            return found[0], round(found[1] - drop, 3)
    return None


def repaired_counts(cells: Profile) -> Profile:
    """The cells with text in old fonts as it reads once repaired."""
    counted: Counter[str] = Counter()
    for value, number in cells.counted.items():
        readings = [text for _, text in repaired(value)]
        counted[readings[0] if readings else value] += number
    return replace(cells, counted=counted)


def row_meaning(value: str) -> str | None:
    """The reason why a row with this status is no record, or None."""
    words = _lists()["row"]
    return words.get(folding.exact(value)) or words.get(folding.plain(value))


def _variants(value: str) -> list[tuple[str, float]]:
    return [(value, 0.0), *((text, 0.03) for _, text in repaired(value))]


def _meaning(
    words: dict[str, str], allowed: tuple[str, ...], value: str
) -> Meant | None:
    exact, plain = folding.exact(value), folding.plain(value)
    by_own = {folding.plain(code): code for code in allowed}
    if plain in by_own:
        return by_own[plain], 0.98
    for key, confidence in (
        (exact, 0.97),
        (value.strip().lower(), 0.97),
        (plain, 0.93),
    ):
        if key and key in words:
            return words[key], confidence
    for reading in folding.readings(value):
        if reading in words:
            return words[reading], 0.88
    if len(plain) < 6:
        return None
    hit = process.extractOne(
        plain, list(words), scorer=fuzz.ratio, score_cutoff=FUZZY_FLOOR
    )
    return (words[hit[0]], 0.6) if hit else None


def code_fields(record_type: str) -> list[Field]:
    """The fields of a type that take codes or yes and no."""
    fields = records.BY_NAME[record_type].fields
    return [f for f in fields if f.codes or f.type is Type.BOOL]
