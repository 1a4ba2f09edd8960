"""The command line `kntc`: its commands, and errors turned into exit codes."""

from typing import Any

import typer
from typer.core import TyperGroup

from connectors.errors import ConfigError, KntcError
from flows.cli import accept, demo, inspect, provinces, serve, sync
from flows.cli.output import ERR, EXIT_DONE, EXIT_NOT_ALL, EXIT_WRONG_USE


class Commands(TyperGroup):
    """Turns our errors into one message on stderr and the exit code they stand for."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; see the exit codes in the help of `kntc`."""
        try:
            return super().invoke(ctx)
        except KntcError as error:
            ERR.print(f"[bold red]error:[/] {_escaped(str(error))}", highlight=False)
            wrong_use = isinstance(error, ConfigError)
            raise typer.Exit(EXIT_WRONG_USE if wrong_use else EXIT_NOT_ALL) from None
        except KeyboardInterrupt:
            ERR.print("interrupted; what was committed stays, run it again to go on")
            raise typer.Exit(EXIT_NOT_ALL) from None


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)


app = typer.Typer(
    name="kntc",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help=(
        "Carries complaint, denunciation and petition records of the provincial "
        "social-insurance offices into the national database.\n\n"
        f"Exit codes: {EXIT_DONE} all published, verified or clean; "
        f"{EXIT_NOT_ALL} anything else; "
        f"{EXIT_WRONG_USE} wrong use or broken global settings."
    ),
)
app.command("sync")(sync.sync)
app.command("accept")(accept.accept)
app.command("demo")(demo.demo)
app.command("status")(inspect.status)
app.command("why")(inspect.why)
app.command("serve")(serve.serve)
app.add_typer(provinces.app, name="provinces")
app.add_typer(inspect.quarantine, name="quarantine")
app.add_typer(inspect.audit, name="audit")
