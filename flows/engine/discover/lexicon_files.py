"""The word lists beside this file: tab-separated, `#` begins a comment line."""

from collections.abc import Iterator
from importlib.resources import files


def read_rows(name: str) -> Iterator[tuple[str, ...]]:
    """The rows of a list as their cells."""
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.strip() and not line.startswith("# ") and line != "#":
            yield tuple(line.split("\t"))
