"""What a column's header says: our fields by name, each with a confidence."""

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz import fuzz, process

from connectors.sources.peek.spelling import repaired
from expectations import records
from flows.engine.discover import folding
from flows.engine.discover.lexicon_files import read_rows

# How surely a name is meant when it matches in this way.
EXACT, PLAIN, SHORT, COMPACT, PART, ORDER = 0.98, 0.95, 0.9, 0.88, 0.8, 0.84
FUZZY_FLOOR = 88  # of 100; below it other words are meant as often as not
FUZZY = 0.7  # at a score of 100
HEADED = 0.62
ROLE = "role"
WITH_PARENT = 0.75  # so surely a name and its object's must mean a field together
UNLIKE_PARENT = 0.25  # what the name alone says is then worth so much less


@dataclass(frozen=True, slots=True)
class Named:
    """A field (or role) that a header may name; `why` is for the person."""

    target: str  # type.field, or role.name
    confidence: float
    why: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Names under each way of levelling them -> targets with their weight."""

    exact: dict[str, dict[str, float]]
    plain: dict[str, dict[str, float]]
    full: dict[str, dict[str, float]]
    compact: dict[str, dict[str, float]]
    sorted_: dict[str, dict[str, float]]


@lru_cache(maxsize=4096)
def named(header: str) -> tuple[Named, ...]:
    """The fields that a header may name, the surest first."""
    best: dict[str, Named] = {}
    for text, drop, note in _variants(header):
        for found in _matches(text):
            confidence = round(found.confidence - drop, 3)
            held = best.get(found.target)
            if held is None or held.confidence < confidence:
                why = f"{found.why}{note}"
                best[found.target] = Named(found.target, confidence, why)
    return tuple(sorted(best.values(), key=lambda n: (-n.confidence, n.target)))


def named_inside(parent: str, name: str) -> tuple[Named, ...]:
    """The fields that a name in an object may mean: `ngay` in `xuLy` is ngày xử lý."""
    best: dict[str, Named] = {}
    for text in (f"{name} {parent}", f"{parent} {name}"):
        for found in named(text):
            held = best.get(found.target)
            if found.confidence >= WITH_PARENT and (
                held is None or held.confidence < found.confidence
            ):
                why = f"{found.why} (with “{parent}”)"
                best[found.target] = replace(found, why=why)
    drop = UNLIKE_PARENT if best else 0.0
    for found in named(name):
        confidence = round(found.confidence - drop, 3)
        if found.target not in best and confidence > 0:
            best[found.target] = replace(found, confidence=confidence)
    return tuple(sorted(best.values(), key=lambda n: (-n.confidence, n.target)))


def _variants(header: str) -> list[tuple[str, float, str]]:
    """The header, without its brackets, its last and first part, and repaired."""
    found = [(header, 0.0, "")]
    bare = folding.without_brackets(header)
    if bare != header and bare.strip():
        found.append((bare, 0.01, ""))
    parts = [part for part in header.split(" / ") if part.strip()]
    if len(parts) > 1:
        # Under a merged heading the lower cell says what; an index row says nothing.
        told = [p for p in parts if not folding.plain(p).isdigit()]
        found += [(p, 0.05, " (part of a merged header)") for p in told[1:][-1:]]
        found += [(p, 0.15, " (upper part of a merged header)") for p in told[:1]]
        if len(told) == 1:
            found.append((told[0], 0.01, ""))
        elif told:
            found.append((" ".join(told), 0.02, ""))
    for how, text in repaired(header):
        found.append((text, 0.03, f" (header drawn in {how})"))
        found.append((folding.without_brackets(text), 0.04, f" (header in {how})"))
    return found


def _matches(text: str) -> list[Named]:
    table = lexicon()
    found: list[Named] = []
    ways = (
        (table.exact.get(folding.exact(text)), EXACT, "named so"),
        (table.plain.get(folding.plain(text)), PLAIN, "named so, without diacritics"),
        (_any(table.full, folding.readings(text)), SHORT, "abbreviated"),
        (table.compact.get(folding.compact(text)), COMPACT, "written in one word"),
        (_any(table.sorted_, _sorted(text)), ORDER, "same words in another order"),
    )
    for targets, confidence, why in ways:
        for target, weight in (targets or {}).items():
            found.append(Named(target, confidence * weight, why))
        if targets:
            return found
    return _near(text)


def _near(text: str) -> list[Named]:
    """Fields whose names look alike: a typing error, or words added."""
    table = lexicon().full
    found = []
    for reading in folding.readings(text):
        if len(reading) < 5:
            continue
        hits = process.extract(
            reading, table.keys(), scorer=_alike, score_cutoff=FUZZY_FLOOR, limit=4
        )
        for name, score, _ in hits:
            for target, weight in table[name].items():
                confidence = FUZZY * weight * score / 100
                found.append(Named(target, confidence, f"like “{name}”"))
    return found or _headed(text)


def _headed(text: str) -> list[Named]:
    """Fields named by a header's head: Vietnamese begins with it, English ends so."""
    table = lexicon().full
    found: dict[str, Named] = {}
    for reading in folding.readings(text):
        words = reading.split()
        starts = [" ".join(words[:n]) for n in range(len(words) - 1, 1, -1)]
        ends = [" ".join(words[n:]) for n in range(1, len(words))]
        name = next((part for part in (*starts, *ends) if part in table), None)
        for target, weight in table.get(name or "", {}).items():
            if not target.startswith(ROLE):
                named_ = Named(target, HEADED * weight, f"begins or ends as “{name}”")
                found.setdefault(target, named_)
    return list(found.values())


def _alike(one: str, other: str, **_: object) -> float:
    """Typing errors count little; a name inside a longer header counts less."""
    whole = fuzz.ratio(one, other)
    words = set(one.split()), set(other.split())
    is_inside = len(words[1]) >= 3 and words[1] <= words[0]
    return max(whole, 89.0 if is_inside else 0.0)


def _any(
    table: dict[str, dict[str, float]], keys: tuple[str, ...]
) -> dict[str, float] | None:
    merged: dict[str, float] = {}
    for key in keys:
        for target, weight in table.get(key, {}).items():
            merged[target] = max(weight, merged.get(target, 0.0))
    return merged or None


def _sorted(text: str) -> tuple[str, ...]:
    return tuple(" ".join(sorted(r.split())) for r in folding.readings(text))


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """headers.tsv, and our own names and legal terms of every field."""
    tables = Lexicon(*(_table() for _ in range(5)))
    for targets, names in read_rows("headers.tsv"):
        for target in targets.split():
            name, _, weight = target.partition("*")
            for text in names.split("|"):
                _put(tables, text, name, float(weight or 1))
    for kind in records.BY_NAME.values():
        for field in kind.fields:
            target = f"{kind.name}.{field.name}"
            _put(tables, field.name, target, 1.0)
            _put(tables, field.term, target, 0.97)
    return tables


def _table() -> dict[str, dict[str, float]]:
    return defaultdict(dict)


def _put(tables: Lexicon, text: str, target: str, weight: float) -> None:
    keys = [
        (tables.exact, folding.exact(text)),
        (tables.plain, folding.plain(text)),
        (tables.compact, folding.compact(text)),
    ]
    keys += [(tables.full, reading) for reading in folding.readings(text)]
    keys += [(tables.sorted_, reading) for reading in _sorted(text)]
    for table, key in keys:
        table[key][target] = max(weight, table[key].get(target, 0.0))
