"""What one office is carried with: the run, its clock, what a dry run sees."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from config.settings import Settings
from connectors.national import National
from connectors.seal import Sealer
from flows.engine.sights import Sights


@dataclass(frozen=True, slots=True)
class Night:
    """One run: its name, local date, bounds (aware UTC) and clock."""

    settings: Settings
    national: National
    sealer: Sealer
    run: str
    night_on: date
    since: datetime | None
    until: datetime | None
    dry_run: bool
    now: Callable[[], datetime] = field(repr=False)
    full: bool = False  # every stream is read whole, whatever its watermark says
    sights: Sights = field(default_factory=Sights)  # of a dry run of one office

    @property
    def staging_key(self) -> bytes:
        """The key of the staging files."""
        return self.settings.keys.staging
