"""The odbc kind in TOML: a query, and where the connection string is kept."""

import codecs
from collections.abc import Mapping
from typing import Literal

from pydantic import field_validator, model_validator

import connectors.legacy.codecs  # noqa: F401 - tcvn3 and vni become encodings
from config.field_map import Strict
from config.secrets import secret_of
from config.stream import StreamBase
from connectors.errors import ConfigError
from connectors.sources.odbc.spec import OdbcAt, OdbcStream


class OdbcStreamMap(StreamBase):
    """A query."""

    query: str
    cursor_type: Literal["timestamp", "date"] = "timestamp"
    encoding: str | None = None

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str | None) -> str | None:
        try:
            codecs.lookup(name or "utf-8")
        except LookupError:
            raise ValueError(
                f'unknown encoding "{name}" (known: cp1258, tcvn3, vni and Python\'s)'
            ) from None
        return name

    @model_validator(mode="after")
    def _dated(self) -> "OdbcStreamMap":
        if self.cursor_type == "date" and self.cursor is None:
            raise ValueError('cursor_type = "date" needs a cursor')
        return self

    def read(self, zone: str) -> OdbcStream:
        """What the reader is told; `zone` is that of naive times."""
        return OdbcStream(
            self.query,
            self.cursor,
            zone,
            self.cursor_type,
            self.version,
            self.encoding,
        )


class OdbcTable(Strict):
    """`[sources.odbc]`: where the connection string is kept, never the string."""

    connection_env: str | None = None
    connection_file: str | None = None

    def at(self, where: str, env: Mapping[str, str]) -> OdbcAt:
        """How the reader connects; raises ConfigError."""
        named = (self.connection_env, self.connection_file)
        secret = secret_of(where, "connection", *named, env)
        if secret is None:
            raise ConfigError(f"{where}: give odbc.connection_env or connection_file")
        return OdbcAt(secret)
