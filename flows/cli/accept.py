"""`kntc accept`: take a held source as it is, in one's own name."""

from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.output import ERR, OUT, Json, emit, known, warn_of_keys

if TYPE_CHECKING:
    from connectors.national.holds import Hold


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
    from config.office import office_stems
    from config.settings import load_settings
    from flows.cli import night
    from flows.engine.accepting import accept_held
    from flows.engine.night import NightRequest

    settings = load_settings()
    warn_of_keys(settings)
    (stem,) = known(office_stems(settings.config_dir), [province])
    held = accept_held(settings, stem, actor, reason)
    told = {"accepted": [_told(hold) for hold in held]} if json_ else None
    if told is None:
        _show(held)
    if not later:
        ERR.print(f"reading {stem} again", highlight=False)
        night.carry(settings, NightRequest((stem,), full=True), 1, told)
    elif told is not None:
        emit(told)


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
