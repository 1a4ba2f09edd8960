"""Declared corrections at work: on cleaned cells, each reported, none that expired."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from config.corrections import Correction
from expectations.frames import LOCATOR, ROW
from flows.engine.normalise.cells import Cells
from flows.engine.normalise.text import Cleaned, clean


@dataclass(frozen=True, slots=True)
class CorrectionUse:
    """What became of a correction so far: rows, by what their cells held.

    `label` names it as the office file counts ("correction 2"). A correction expires
    when a row `differs` from what it expects, or a full read leaves all three 0.
    """

    label: str
    stream: str
    columns: tuple[str, ...]
    applied: int = 0
    spent: int = 0  # rows that hold what it would set: the source was mended
    differs: int = 0  # rows that hold something else again; nothing was changed
    place: str | None = None  # of the first row that differs

    def said_spent(self) -> str:
        """What a finding says when the source was mended."""
        names = ", ".join(map(repr, self.columns))
        return f"{self.label} ({names}): {self.spent} rows already hold what it sets"


@dataclass(frozen=True, slots=True)
class Corrected:
    """Rows (frames.ROW) that a correction changed, and what a finding says of them."""

    rows: pl.Series
    shape: str


@dataclass(slots=True)
class Plan:
    """A correction with its texts cleaned as cells are."""

    correction: Correction
    match: dict[str, str | None]
    set: dict[str, str | None]
    expect: dict[str, str | None]
    use: CorrectionUse


def plan_corrections(
    corrections: Iterable[Correction], stream: str, null_tokens: pl.Series
) -> list[Plan]:
    """The corrections of one stream, numbered as the office file has them."""
    plans = []
    for number, said in enumerate(corrections, start=1):
        if said.stream == stream:
            use = CorrectionUse(f"correction {number}", stream, tuple(said.set))
            match, to_set, expect = (
                _cleaned(texts, null_tokens)
                for texts in (said.match, said.set, said.expect)
            )
            plans.append(Plan(said, match, to_set, expect, use))
    return plans


def _cleaned(texts: dict[str, str], null_tokens: pl.Series) -> dict[str, str | None]:
    values = clean(pl.Series([*texts.values()], dtype=pl.String), null_tokens).text
    return dict(zip(texts, values, strict=True))


def correct(
    cells: Cells, plans: list[Plan], readable: pl.Series
) -> tuple[Cells, list[Corrected]]:
    """The cells corrected, one correction after the other; counts uses in the plans.

    `readable` marks the rows that the reader could take.
    """
    done = []
    for plan in plans:
        hit = readable & _all_hold(cells, plan.match)
        if not hit.any():
            continue
        spent = hit & _all_hold(cells, plan.set)
        due = hit & ~spent & _either_holds(cells, plan)
        _count(plan, cells, due, spent, hit & ~spent & ~due)
        if due.any():
            cells = _with_cells(cells, due, plan.set)
            names = ", ".join(map(repr, plan.set))
            shape = f"{plan.use.label}: {names}"
            done.append(Corrected(cells.place[ROW].filter(due), shape))
    return cells, done


def _holds(cells: Cells, column: str, text: str | None) -> pl.Series:
    return cells.text(column).eq_missing(text)


def _all_hold(cells: Cells, texts: dict[str, str | None]) -> pl.Series:
    mask = pl.repeat(True, len(cells), dtype=pl.Boolean, eager=True)
    for column, text in texts.items():
        mask = mask & _holds(cells, column, text)
    return mask


def _either_holds(cells: Cells, plan: Plan) -> pl.Series:
    """Whether each cell holds what is expected, or already what is to be set."""
    mask = pl.repeat(True, len(cells), dtype=pl.Boolean, eager=True)
    for column, text in plan.expect.items():
        settled = _holds(cells, column, plan.set[column])
        mask = mask & (_holds(cells, column, text) | settled)
    return mask


def _count(
    plan: Plan, cells: Cells, due: pl.Series, spent: pl.Series, differs: pl.Series
) -> None:
    use, places = plan.use, cells.place[LOCATOR].filter(differs)
    plan.use = replace(
        use,
        applied=use.applied + int(due.sum()),
        spent=use.spent + int(spent.sum()),
        differs=use.differs + int(differs.sum()),
        place=use.place or (places[0] if len(places) else None),
    )


def _with_cells(cells: Cells, rows: pl.Series, texts: dict[str, str | None]) -> Cells:
    """The cells with those texts in those rows, and no mark of what stood there."""
    columns = dict(cells.columns)
    for name, text in texts.items():
        column = columns[name]
        repaired, broken = column.repaired, column.broken
        columns[name] = Cleaned(
            column.text.set(rows, text),
            None if repaired is None else repaired.set(rows, None),
            None if broken is None else broken & ~rows,
        )
    return replace(cells, columns=columns)
