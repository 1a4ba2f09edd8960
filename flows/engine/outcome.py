"""Verdicts and counts of an office's run and of the night."""

from dataclasses import dataclass, field, fields
from enum import StrEnum

from flows.engine.sights import Sight


class Verdict(StrEnum):
    """What became of one office tonight."""

    PUBLISHED = "published"
    HELD = "held"
    FAILED = "failed"
    MISCONFIGURED = "misconfigured"
    SKIPPED = "skipped"


class NightVerdict(StrEnum):
    """What became of the night."""

    PUBLISHED = "published"
    PARTIAL = "partial"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Counts:
    """The two equations of promise P1; deleted and restored stand outside."""

    rows_read: int = 0
    rows_mapped: int = 0
    rows_filtered: int = 0
    rows_rejected: int = 0
    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    quarantined: int = 0
    duplicates: int = 0
    deleted: int = 0
    restored: int = 0
    findings: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            *(getattr(self, f.name) + getattr(other, f.name) for f in fields(self))
        )

    def rows_balance(self) -> bool:
        """rows_read = rows_mapped + rows_filtered + rows_rejected."""
        return self.rows_read == (
            self.rows_mapped + self.rows_filtered + self.rows_rejected
        )

    def records_balance(self) -> bool:
        """read = inserted + updated + unchanged + quarantined + duplicates."""
        return self.read == (
            self.inserted
            + self.updated
            + self.unchanged
            + self.quarantined
            + self.duplicates
        )


@dataclass(frozen=True, slots=True)
class OfficeOutcome:
    """One office's line in the night."""

    province: str
    verdict: Verdict
    counts: Counts = field(default_factory=Counts)
    seconds: float = 0.0
    error: str | None = None  # never a personal value
    retryable: bool = False  # a transient fault: the orchestrator may try again
    sights: tuple[Sight, ...] = ()  # of a dry run


@dataclass(frozen=True, slots=True)
class NightOutcome:
    """The whole night; offices in the order of their stems."""

    run: str
    offices: tuple[OfficeOutcome, ...]

    @property
    def total(self) -> Counts:
        """The sum over the offices."""
        return sum((o.counts for o in self.offices), Counts())

    @property
    def verdict(self) -> NightVerdict:
        """published when every office is (or was skipped), failed when none is."""
        good = {Verdict.PUBLISHED, Verdict.SKIPPED}
        done = [o.verdict in good for o in self.offices]
        if all(done):
            return NightVerdict.PUBLISHED
        return NightVerdict.PARTIAL if any(done) else NightVerdict.FAILED
