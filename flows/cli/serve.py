"""`kntc serve`: the Prefect server, its UI, the nightly schedule and the runner."""

from typing import Annotated

import typer

from flows.cli.output import ERR, OUT, warn_of_keys

DEFAULT_PORT = 4200


def serve(
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="The UI's port on 127.0.0.1.")
    ] = DEFAULT_PORT,
) -> None:
    """Serve the UI and run a night at 01:00 Asia/Ho_Chi_Minh.

    On this machine only (127.0.0.1), until Ctrl-C or SIGTERM. Offices added later
    appear in the UI's form after a restart.
    """
    from config.office import office_stems
    from config.settings import load_settings
    from flows import serving

    settings = load_settings()
    warn_of_keys(settings)
    office_stems(settings.config_dir)
    ERR.print("starting the Prefect server (up to two minutes the first time)")

    def say(url: str) -> None:
        OUT.print(
            f"UI: {serving.ui_url(url)}  night at 01:00 Asia/Ho_Chi_Minh; "
            "Ctrl-C stops it",
            highlight=False,
        )

    serving.serve(settings.home, port, say)
    ERR.print("stopped")
