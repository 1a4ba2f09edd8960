"""What a dry run saw: findings by rule and field, each with the first place of it."""

from dataclasses import dataclass, field

import polars as pl

from expectations.frames import LOCATOR

_COLUMNS = ("effect", "rule", "record_type", "field")
# What the loader would do with the record or row.
QUARANTINED, REJECTED, FILTERED, REPORTED = (
    "quarantined",
    "rejected",
    "filtered",
    "reported",
)
_ORDER = (QUARANTINED, REJECTED, REPORTED, FILTERED)


@dataclass(frozen=True, slots=True)
class Sight:
    """One rule on one field: how often, where first, in what shape; never a value."""

    effect: str
    rule: str
    record_type: str | None
    field: str | None
    count: int
    place: str | None
    shape: str | None


@dataclass(slots=True)
class Sights:
    """Gathers over the batches of an office's dry run."""

    _parts: list[pl.DataFrame] = field(default_factory=list)

    def see(
        self, findings: pl.DataFrame, held: pl.DataFrame, set_aside: pl.DataFrame
    ) -> None:
        """Take note of a batch (holding.FINDINGS, HELD, SET_ASIDE)."""
        by_rule = held.with_columns(rule=pl.col("rules").str.split(",")).explode("rule")
        keys = by_rule.select("subject", "rule").with_columns(hit=True)
        told = findings.join(keys.unique(), on=["subject", "rule"], how="left")
        effect = pl.when("hit").then(pl.lit(QUARANTINED)).otherwise(pl.lit(REPORTED))
        silent = by_rule.join(findings, on=["subject", "rule"], how="anti")
        is_rejected = pl.col("rule") == "row_rejected"
        aside = pl.when(is_rejected).then(pl.lit(REJECTED)).otherwise(pl.lit(FILTERED))
        nothing = pl.lit(None, pl.String)
        parts = [
            told.select(effect.alias("effect"), *_said("field", "shape")),
            silent.select(
                pl.lit(QUARANTINED).alias("effect"),
                *_said(),
                nothing.alias("field"),
                nothing.alias("shape"),
            ),
            set_aside.select(
                aside.alias("effect"), *_said(), nothing.alias("field"), shape="reason"
            ),
        ]
        order = [*_COLUMNS, LOCATOR, "shape"]
        self._parts.append(_counted(pl.concat([part.select(order) for part in parts])))

    def first(self) -> tuple[Sight, ...]:
        """What was seen, the gravest and commonest first."""
        if not self._parts:
            return ()
        whole = pl.concat(self._parts).group_by(_COLUMNS, maintain_order=True)
        summed = whole.agg(
            pl.col("count").sum(), pl.col(LOCATOR).first(), pl.col("shape").first()
        )
        found = [Sight(*row) for row in summed.select(*_COLUMNS, *_REST).rows()]
        return tuple(sorted(found, key=lambda s: (_ORDER.index(s.effect), -s.count)))


_REST = ("count", LOCATOR, "shape")


def _said(*more: str) -> list[pl.Expr]:
    return [pl.col(name) for name in ("rule", "record_type", LOCATOR, *more)]


def _counted(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.group_by(_COLUMNS, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("count"),
        pl.col(LOCATOR).first(),
        pl.col("shape").first(),
    )
