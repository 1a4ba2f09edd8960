"""Taking a held office as it is: who, why, and what was held, into the audit log."""

from datetime import UTC, datetime

from config.office import load_table
from config.settings import Settings
from connectors.errors import ConfigError, SourceError
from connectors.national import holds, open_national
from connectors.national.holds import Hold

MOST = 200  # characters of a name or a reason: they stay in the log for good


def accept_held(settings: Settings, stem: str, actor: str, because: str) -> list[Hold]:
    """Accept every held source of an office; the next reading loads what was looked at.

    Raises ConfigError for a blank or overlong actor or reason, SourceError when no
    source of the office is held.
    """
    who, why = _said("actor", actor), _said("reason", because)
    systems = [s.system for s in load_table(settings.config_dir, stem).sources]
    with open_national(settings.national_url) as national:
        found = (holds.last_hold(national, system) for system in systems)
        held = [hold for hold in found if hold is not None and not hold.is_accepted]
        if not held:
            raise SourceError(
                f"{stem}: no source of it is held ({', '.join(systems)}); there is "
                "nothing to accept. Look at kntc status"
            )
        for hold in held:
            holds.accept(national, hold, who, why, datetime.now(UTC))
    return held


def _said(name: str, text: str) -> str:
    said = " ".join(text.split())
    if not said or len(said) > MOST:
        raise ConfigError(
            f"{name} has {len(said)} characters; expected 1 to {MOST}: it goes into "
            "the audit log for good"
        )
    return said
