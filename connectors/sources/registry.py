"""The kinds of source: one line a kind."""

from collections.abc import Callable

from connectors.errors import ConfigError
from connectors.sources.base import Source, SourceSpec
from connectors.sources.files.reader import FilesSource
from connectors.sources.odbc.apart import OdbcApart
from connectors.sources.rest.reader import RestSource

KINDS: dict[str, Callable[[SourceSpec], Source]] = {
    "files": FilesSource,
    "odbc": OdbcApart,
    "rest": RestSource,
}


def open_source(spec: SourceSpec) -> Source:
    """The reader for that installation; nothing is opened before the first batch."""
    if spec.kind not in KINDS:
        raise ConfigError(
            f'{spec.province}: source {spec.system} has kind "{spec.kind}" '
            f"(known: {', '.join(KINDS)})"
        )
    return KINDS[spec.kind](spec)
