"""Which record a row is, and which column holds which of its fields."""

from collections.abc import Sequence
from dataclasses import dataclass

from expectations import records
from expectations.declaring import Need
from flows.engine.discover import folding
from flows.engine.discover.evidence import Fit, Seen, fits

ENOUGH = 0.4  # below it a column is left to the person
# What a register is when its columns fit several types alike.
PRIORS = {
    "petition": 1.0,
    "reception": 0.97,
    "complaint_case": 0.95,
    "denunciation_case": 0.95,
    "recommendation_reflection": 0.93,
    "decision": 0.93,
    "recovery": 0.95,
    "enforcement": 0.9,
    "periodic_report": 0.9,
    "org_unit": 0.9,
}
# What titles, sheet and file names say (levelled, without diacritics).
TITLES = {
    "reception": ("tiep cong dan", "tiep dan", "luot tiep", "reception", "visit"),
    "petition": ("don thu", "so don", "xu ly don", "tiep nhan don", "petition"),
    "complaint_case": ("vu khieu nai", "giai quyet khieu nai", "vu viec khieu nai"),
    "denunciation_case": ("vu to cao", "giai quyet to cao", "vu viec to cao"),
    "recommendation_reflection": (
        "kien nghi", "phan anh", "hoi dap", "cau hoi", "knpa", "reflection",
    ),
    "decision": ("van ban", "quyet dinh", "ket luan", "decision"),
    "enforcement": ("thi hanh", "enforcement"),
    "recovery": ("thu hoi", "huong sai", "recovery"),
    "periodic_report": ("bao cao", "thong ke", "tong hop ket qua", "report"),
    "org_unit": ("danh muc don vi", "don vi bhxh", "to chuc", "org unit"),
}  # fmt: skip
TITLE_BONUS = 1.2
LAW_BONUS = 0.1  # for each mandatory field that a type would get


@dataclass(frozen=True, slots=True)
class Choice:
    """A record type with its columns; `fits` by column position."""

    record_type: str
    fits: dict[int, Fit]
    score: float


def choose(
    columns: Sequence[Seen], titles: Sequence[str], wanted: str | None
) -> tuple[Choice, list[Choice]]:
    """The likeliest record type, and all of them by likelihood."""
    names = [wanted] if wanted else list(PRIORS)
    choices = [_choice(name, columns, titles) for name in names]
    choices.sort(key=lambda c: -c.score)
    return choices[0], choices


def _choice(record_type: str, columns: Sequence[Seen], titles: Sequence[str]) -> Choice:
    assigned = _assigned(record_type, columns)
    score = sum(fit.confidence for fit in assigned.values())
    kind = records.BY_NAME[record_type]
    got = {fit.field.name for fit in assigned.values()}
    score += LAW_BONUS * sum(
        f.need is Need.MANDATORY and f.name in got for f in kind.fields
    )
    if kind.event_date and kind.event_date not in got:
        score *= 0.85
    said = " | ".join(folding.plain(title) for title in titles)
    if any(word in said for word in TITLES[record_type]):
        score += TITLE_BONUS
    return Choice(record_type, assigned, score * PRIORS[record_type])


def _assigned(record_type: str, columns: Sequence[Seen]) -> dict[int, Fit]:
    """Each field to the column that fits it best, each column to one field."""
    offers = [
        (fit.confidence + _preference(one, fit), place, fit)
        for place, one in enumerate(columns)
        for fit in fits(record_type, one)
        if fit.confidence >= ENOUGH and fit.confidence > _role(one) - 0.15
    ]
    offers = [offer for offer in offers if not _is_only_key(columns, *offer[1:])]
    offers.sort(key=lambda offer: (-offer[0], offer[1]))
    taken: dict[int, Fit] = {}
    fields: set[str] = set()
    for _, place, fit in offers:
        if place not in taken and fit.field.name not in fields:
            taken[place] = fit
            fields.add(fit.field.name)
    return taken


def _is_only_key(columns: Sequence[Seen], place: int, fit: Fit) -> bool:
    """True where the rows' own number would be taken for that of another record."""
    if fit.field.name not in ("petition_ids", "petition_id"):
        return False
    keys = [n for n, one in enumerate(columns) if (role_of(one) or ("",))[0] == "key"]
    return keys == [place]


def _preference(one: Seen, fit: Fit) -> float:
    """Between two that fit alike: the fuller one, words rather than a short code."""
    cells = one.profile
    total = cells.count + cells.blank
    words = min(cells.mean_length, 40) / 40 if not fit.field.codes else 0.0
    return 0.01 * (cells.count / total if total else 0) + 0.01 * words


def _role(one: Seen) -> float:
    """How surely the header says that the column is no field of ours."""
    roles = ("role.number", "role.ignored", "role.cursor")
    found = [n.confidence for n in one.named if n.target in roles]
    return max(found, default=0.0)


def role_of(one: Seen) -> tuple[str, float] | None:
    """What the column is for, by its header: number, key, cursor, status, note."""
    for named in one.named:
        if named.target.startswith("role.") and named.confidence >= 0.6:
            return named.target.removeprefix("role."), named.confidence
    return None
