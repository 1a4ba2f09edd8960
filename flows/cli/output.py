"""Where the command line writes: answers to stdout, all else to stderr."""

import difflib
import json
import os
import sys
import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from connectors.errors import ConfigError

if TYPE_CHECKING:
    from config.settings import Settings

EXIT_DONE = 0
EXIT_NOT_ALL = 1
EXIT_WRONG_USE = 2

# Where nobody looks at the width (a pipe, a log) a table must not be folded.
PIPE_WIDTH = 160


def _console(stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or os.environ.get("COLUMNS") else PIPE_WIDTH
    return Console(stderr=stderr, width=width)


OUT = _console(stderr=False)
ERR = _console(stderr=True)

Json = Annotated[
    bool, typer.Option("--json", help="Print JSON on stdout and nothing else there.")
]
Provinces = Annotated[
    list[str] | None,
    typer.Option(
        "--province",
        metavar="P",
        help="An office by its file's stem (kntc provinces list); may be repeated.",
    ),
]


def emit(answer: object) -> None:
    """One JSON document on stdout, one line."""
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, default=_time) + "\n")
    sys.stdout.flush()


def _time(value: object) -> str:
    if isinstance(value, date):  # a datetime is a date
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def shaped(item: object, *names: str) -> dict[str, object]:
    """These attributes, in this order: the --json contract, whatever else it holds."""
    return {name: getattr(item, name) for name in names}


def known(stems: Sequence[str], asked: Sequence[str]) -> tuple[str, ...]:
    """The asked offices; raises ConfigError with the likely name for an unknown one."""
    for name in asked:
        if name not in stems:
            raise ConfigError(_unknown(name, stems))
    return tuple(asked)


def _unknown(name: str, stems: Sequence[str]) -> str:
    near = difflib.get_close_matches(_stem_like(name), stems, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return (
        f"there is no office {name!r}.{hint} Known: {', '.join(stems)} "
        "(kntc provinces list)"
    )


def _stem_like(name: str) -> str:
    """ "Quảng Trị" as quang_tri."""
    folded = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    return "_".join(plain.replace("-", " ").split())


def warn_of_keys(settings: "Settings") -> None:
    """Say where keys lie that nobody gave: in production they belong elsewhere."""
    if settings.keys.made_in is not None:
        ERR.print(
            f"warning: keys made on first use are in {settings.keys.made_in}; in "
            "production give KNTC_*_KEY_FILE and keep a copy where no database is: "
            "without them nothing can be unsealed",
            highlight=False,
        )
