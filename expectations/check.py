"""Run RULES on a batch and split it: what is accepted, what is quarantined, and why.

Promise P6: only what `Rule.action` says is withheld; every other breach is published
with a finding. Findings name the place, the field, the rule and the shape of the fault.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from expectations import predicates
from expectations.frames import (
    BY_LINK,
    FINDINGS,
    LOCATOR,
    RECORD_ID,
    ROW,
    SOURCE_ID,
    empty,
    schema,
)
from expectations.rule import Rule
from expectations.rules import RULES

RULES_COLUMN = "rules"
# Rule 58 covers what normalise itself could not repair.
TEXT_BROKEN, BEYOND_REPAIR = "text_broken", "58"
DRIFT_HELD = "drift_held"

_PLACE = "place"
# One fault: the row's place in the batch, the rule, the field, the shape.
_FAULTS: dict[str, pl.DataType] = {
    _PLACE: pl.UInt32(),
    "rule": pl.String(),
    "field": pl.String(),
    "shape": pl.String(),
    "is_presence": pl.Boolean(),
    "quarantines": pl.Boolean(),
}


# Findings along a link: of the child, whatever row it was read from.
LINK_FINDINGS: dict[str, pl.DataType] = {
    RECORD_ID: pl.String(),
    LOCATOR: pl.String(),
    "record_type": pl.String(),
    "rule": pl.String(),
    "field": pl.String(),
    "shape": pl.String(),
}


@dataclass(frozen=True, slots=True)
class Checked:
    """The batch in two parts, and what was found in either.

    `quarantined` has one column more: `rules`, those that withhold the row, sorted.
    """

    accepted: pl.DataFrame
    quarantined: pl.DataFrame
    findings: pl.DataFrame


def check(
    record_type: str,
    frame: pl.DataFrame,
    prior: pl.DataFrame,
    provided: frozenset[str],
    today: date,
) -> Checked:
    """Each row of the frame once, accepted or quarantined, with all findings.

    `prior` are normalise's findings for these rows, kept as they are. A rule whose
    fields are not all in `provided` is not run: what a source cannot give is reported
    once for the source. `today` bounds event dates. Raises RuntimeError when a rule
    cannot be evaluated.
    """
    if frame.is_empty():
        nothing = empty(schema(record_type) | {RULES_COLUMN: pl.List(pl.String)})
        return Checked(frame, nothing, prior)
    # Seconds to import: only a process that has a record to check pays them.
    from expectations.gx_expectations import evaluate

    broken = evaluate(record_type, frame, provided, today)
    found = [
        _faults(RULES[i], frame[places], places, provided, today)
        for i, places in broken.items()
    ]
    faults = pl.concat([empty(_FAULTS), *found])
    known = _at_places(prior, frame)
    withheld = _withheld(faults, known)
    findings = _findings(record_type, frame, _unsaid(faults, known))
    return _split(frame, withheld, pl.concat([prior, findings]))


def check_links(
    link: str, frame: pl.DataFrame, provided: frozenset[str], today: date
) -> pl.DataFrame:
    """The findings of a link frame (frames.link_schema): what a parent breaks.

    RECORD_ID, LOCATOR, record_type, rule, field, shape; each once, nothing is withheld
    (design.md, References). `provided` names the columns of the link frame that the
    source can give.
    """
    reference = BY_LINK[link]
    if frame.is_empty():
        return empty(LINK_FINDINGS)
    from expectations.gx_expectations import evaluate

    found = [
        frame[places].select(
            RECORD_ID,
            LOCATOR,
            record_type=pl.lit(reference.record_type),
            rule=pl.lit(RULES[i].id),
            field=pl.lit(reference.field),
            shape=pl.lit(RULES[i].shape or "contradicts the record it names"),
        )
        for i, places in evaluate(link, frame, provided, today).items()
    ]
    return pl.concat([empty(LINK_FINDINGS), *found]).unique(maintain_order=True)


def _faults(
    rule: Rule,
    rows: pl.DataFrame,
    places: list[int],
    provided: frozenset[str],
    today: date,
) -> pl.DataFrame:
    """The faults of the rows that break a rule, a line a field to blame."""
    columns = rule.columns_given(provided)
    blamed: dict[str, pl.Series | None] = {columns[0]: None}
    if not rule.expectation.is_built_in:
        expected = rule.expectation
        flags = predicates.faults(
            expected.name, rows.select(columns), expected.arguments_on(today)
        )
        blamed = {flag.name: flag for flag in flags}
    at = pl.DataFrame({_PLACE: places}, schema={_PLACE: pl.UInt32()})
    lines = [
        at.with_columns(
            rule=pl.lit(rule.id),
            field=pl.lit(SOURCE_ID if name == RECORD_ID else name),
            shape=_shape(rows[name]),
            is_presence=pl.lit(rule.is_presence),
            quarantines=pl.lit(rule.quarantines),
        ).filter(flag if flag is not None else pl.lit(True))
        for name, flag in blamed.items()
    ]
    return pl.concat(lines)


def _shape(values: pl.Series) -> pl.Series:
    """What a value looks like, never what it says (promise P8)."""
    if values.dtype == pl.String:
        column, length = pl.col(values.name), pl.col(values.name).str.len_chars()
        said = (
            pl.when(column.str.contains(r"^[0-9]+$"))
            .then(pl.concat_str(length, pl.lit(" digits")))
            .otherwise(pl.concat_str(pl.lit("text of "), length, pl.lit(" characters")))
        )
    else:
        said = pl.lit(_KIND_OF_VALUE.get(values.dtype, "list"))
    shape = pl.when(pl.col(values.name).is_null()).then(pl.lit("empty")).otherwise(said)
    return values.to_frame().select(shape.alias("shape")).to_series()


_KIND_OF_VALUE: dict[pl.DataType, str] = {
    pl.Date(): "date",
    pl.Boolean(): "true or false",
    pl.Int64(): "number",
}


def _at_places(prior: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    """Place, rule and field of what normalise already said about the frame's rows."""
    # The locator tells several blank keys of one row apart.
    same = [ROW, LOCATOR, RECORD_ID]
    where = frame.select(same).with_row_index(_PLACE)
    return prior.join(where, on=same, nulls_equal=True).select(_PLACE, "rule", "field")


def _withheld(faults: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Place and sorted rules of each row to quarantine."""
    # Said by normalise alone: the source changed its shape, and the preset's policy is
    # to hold what that touches.
    drifted = known.filter(rule=DRIFT_HELD)
    broken_text = known.filter(rule=TEXT_BROKEN).with_columns(
        rule=pl.lit(BEYOND_REPAIR)
    )
    pairs = pl.concat(
        [
            faults.filter("quarantines").select(_PLACE, "rule"),
            broken_text.select(_PLACE, "rule"),
            drifted.select(_PLACE, "rule"),
        ]
    )
    return pairs.group_by(_PLACE).agg(
        pl.col("rule").unique().sort().alias(RULES_COLUMN)
    )


def _unsaid(faults: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Faults less those that normalise has reported in its own words.

    A missing field that it could not read, a text that it could not repair, a key that
    it found blank.
    """
    fields = known.select(_PLACE, "field").unique()
    missing = pl.col("is_presence") & ~pl.col("quarantines")
    read = faults.filter(missing).join(fields, on=[_PLACE, "field"], how="anti")
    texts = known.filter(rule=TEXT_BROKEN).with_columns(rule=pl.lit(BEYOND_REPAIR))
    same = pl.concat([known, texts])
    rest = faults.filter(~missing).join(same, on=[_PLACE, "rule", "field"], how="anti")
    keys = known.filter(rule="key_blank").select(_PLACE, "rule")
    rest = rest.join(keys, on=[_PLACE, "rule"], how="anti")
    return pl.concat([read, rest])


def _findings(
    record_type: str, frame: pl.DataFrame, faults: pl.DataFrame
) -> pl.DataFrame:
    place = pl.col(_PLACE)
    where = frame.select(ROW, LOCATOR, RECORD_ID).with_row_index(_PLACE)
    lines = faults.sort(place, "rule", "field").join(
        where, on=_PLACE, maintain_order="left"
    )
    return lines.with_columns(record_type=pl.lit(record_type)).select(*FINDINGS)


def _split(
    frame: pl.DataFrame, withheld: pl.DataFrame, findings: pl.DataFrame
) -> Checked:
    placed = frame.with_row_index(_PLACE)
    accepted = placed.join(withheld, on=_PLACE, how="anti", maintain_order="left")
    quarantined = placed.join(withheld, on=_PLACE, maintain_order="left")
    if accepted.height + quarantined.height != frame.height:
        raise RuntimeError(
            f"{frame.height} rows became {accepted.height} accepted and "
            f"{quarantined.height} quarantined; expected each row in exactly one"
        )
    return Checked(accepted.drop(_PLACE), quarantined.drop(_PLACE), findings)
