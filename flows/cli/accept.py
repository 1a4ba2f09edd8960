"""`kntc accept`: take a held source as it is, in one's own name."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from connectors.errors import ConfigError, SourceError
from flows.cli.output import ERR, EXIT_NOT_ALL, OUT, Json, emit, known, warn_of_keys

if TYPE_CHECKING:
    from config.settings import Settings
    from connectors.national.holds import Hold

NAME_LENGTH = 200


def accept(
    province: Annotated[
        str,
        typer.Option(
            "--province", metavar="P", help="The held office, by its file's stem."
        ),
    ],
    actor: Annotated[
        str, typer.Option("--actor", metavar="A", help="Who takes it: your name.")
    ],
    reason: Annotated[
        str,
        typer.Option(
            "--reason", metavar="R", help="Why it is right as it is; names no citizen."
        ),
    ],
    later: Annotated[
        bool,
        typer.Option("--later", help="Write it down; the next night takes the source."),
    ] = False,
    json_: Json = False,
) -> None:
    """Take a held source as it is (shrink, missing files, drift), and read it again.

    The audit log keeps who, when, why and what was held. Only what was looked at is
    taken: a source that has got worse since is held again.
    """
    from config.office import load_table, office_stems
    from config.settings import load_settings
    from connectors.national import holds, open_national

    settings = load_settings()
    warn_of_keys(settings)
    (stem,) = known(office_stems(settings.config_dir), [province])
    who, why = _said("--actor", actor), _said("--reason", reason)
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
    if not json_:
        _show(held)
    if later:
        if json_:
            emit({"accepted": [_told(hold) for hold in held]})
        return
    _sync(settings, stem, held, json_)


def _said(name: str, text: str) -> str:
    said = " ".join(text.split())
    if not said or len(said) > NAME_LENGTH:
        raise ConfigError(
            f"{name} has {len(said)} characters; expected 1 to {NAME_LENGTH}: it goes "
            "into the audit log for good"
        )
    return said


def _show(held: "list[Hold]") -> None:
    for hold in held:
        for reason in hold.reasons:
            OUT.print(
                f"{hold.system}: accepted: {reason.text}",
                highlight=False,
                markup=False,
                soft_wrap=True,
            )


def _told(hold: "Hold") -> dict[str, object]:
    return {
        "system": hold.system,
        "held_at": hold.held_at.isoformat(),
        "reasons": [reason.text for reason in hold.reasons],
    }


def _sync(settings: "Settings", stem: str, held: "list[Hold]", json_: bool) -> None:
    from flows.cli import night
    from flows.engine.night import NightRequest
    from flows.engine.outcome import NightVerdict
    from flows.engine.report import night_json

    ERR.print(f"reading {stem} again", highlight=False)
    outcome = night.run(settings, NightRequest((stem,)), 1)
    if json_:
        emit({"accepted": [_told(hold) for hold in held]} | night_json(outcome))
    else:
        night.show(outcome)
    if outcome.verdict is not NightVerdict.PUBLISHED:
        raise typer.Exit(EXIT_NOT_ALL)
