"""Which columns tell the rows apart: the key of the source."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from flows.engine.discover import folding
from flows.engine.discover.choosing import role_of
from flows.engine.discover.evidence import Seen

# Fields that may stand in a key beside a number, the likeliest first.
BESIDE = (
    "handler_org", "handler", "org_code", "doc_date", "received_date", "reception_date",
    "year", "form_code", "fund", "case_id", "decision_no", "doc_no", "period_type",
    "answer_date", "processed_date", "kind", "field_area", "valid_from",
    "respondent_org", "source",
)  # fmt: skip
MAX_COLUMNS = 3
PERSONAL = ("name", "address", "contact", "id_number", "content", "representative")


@dataclass(frozen=True, slots=True)
class KeyChoice:
    """The columns of a key, and what is said of it."""

    columns: tuple[str, ...]
    confidence: float
    why: str
    is_personal: bool = False


def key_of(columns: Sequence[Seen], fields: dict[str, str]) -> KeyChoice:
    """A key of the rows; `fields` is column name -> our field."""
    rows = max((len(one.column.cells) for one in columns), default=0)
    ranked = _ranked(columns, fields)
    best: KeyChoice | None = None
    for size in range(1, MAX_COLUMNS + 1):
        for group in combinations(ranked[:14], size):
            found = _judged(group, rows)
            if found.confidence >= 0.7:
                return found
            if best is None or found.confidence > best.confidence:
                best = found
    spare = _spare(columns, rows, fields)
    if best is None or spare.confidence > best.confidence:
        return spare
    return best


def _ranked(columns: Sequence[Seen], fields: dict[str, str]) -> list[Seen]:
    """Columns that may stand in a key: named as keys, then those beside them."""
    keys = [one for one in columns if is_key(one)]
    keys.sort(key=lambda one: (one.is_inside, -_as_key(one)))
    numbered = [one for one in columns if _is_number(one)]
    beside = sorted(
        (one for one in columns if fields.get(one.name) in BESIDE and one not in keys),
        key=lambda one: BESIDE.index(fields[one.name]),
    )
    # A running number is a key only where the office writes it as one (31/2024).
    written = [n for n in numbered if n.profile.numbers < 0.5 and n.profile.count]
    return [*keys, *written, *(one for one in beside if one not in written)]


def _as_key(one: Seen) -> float:
    return dict([role_of(one) or ("", 0.0)]).get("key", 0.5)


def is_key(one: Seen) -> bool:
    """True for a column that is called a key: by a known name, `mã ...` or `...Id`."""
    if (role_of(one) or ("", 0))[0] == "key":
        return True
    words = folding.plain(one.name.rpartition(".")[2]).split()
    is_called = bool(words) and (words[0] in ("ma", "khoa") or words[-1] == "id")
    return is_called and one.profile.distinct > 0.5 * one.profile.count


def _is_number(one: Seen) -> bool:
    return (role_of(one) or ("", 0))[0] == "number"


def _judged(group: Sequence[Seen], rows: int) -> KeyChoice:
    names = tuple(one.name for one in group)
    cells = list(zip(*(one.column.cells for one in group), strict=True))
    whole = [key for key in cells if all(key)]
    distinct = len(set(whole))
    if not rows or not whole:
        return KeyChoice(names, 0.3, "no row to judge by")
    full, unique = len(whole) / rows, distinct / len(whole)
    is_named = any(is_key(one) or _is_number(one) for one in group)
    # A date or an agency alone tells rows apart by chance only.
    confidence = (1.0 if is_named else 0.6 if len(group) == 1 else 0.75) * full
    confidence *= unique**2
    if len(group) > 1 and unique < 1:
        confidence *= 0.9
    if unique < 0.98 or full < 0.9:
        confidence = min(confidence, 0.65)
    elif unique < 1 and len(group) < MAX_COLUMNS:
        confidence = min(confidence, 0.69)  # a fuller key may tell them apart
    why = f"{distinct} distinct of {len(whole)} rows"
    if len(whole) < rows:
        why += f", blank in {rows - len(whole)}"
    return KeyChoice(names, round(confidence, 2), why)


def _spare(columns: Sequence[Seen], rows: int, fields: dict[str, str]) -> KeyChoice:
    """Any column that tells the rows apart, when none is named as a key."""
    best = KeyChoice((columns[0].name,), 0.05, "nothing tells the rows apart")
    for one in columns:
        found = _judged((one,), rows)
        name = fields.get(one.name, "")
        is_personal = name.endswith(PERSONAL) or (
            not name and (one.profile.people > 0.2 or one.profile.ids > 0.2)
        )
        doubt = 0.5 if is_personal or one.profile.mean_length > 40 else 0.7
        is_number = _is_number(one)
        confidence = round(found.confidence * (0.4 if is_number else doubt), 2)
        if confidence > best.confidence:
            note = " (the row's number: it moves when rows are put in between)"
            why = found.why + (note if is_number else "")
            best = KeyChoice(found.columns, confidence, why, is_personal)
    return best
