"""The odbc kind in TOML: a query, and where the connection string is kept."""

from collections.abc import Mapping
from typing import Literal

from config.field_map import Strict
from config.secrets import secret_of
from config.stream import StreamBase
from connectors.errors import ConfigError
from connectors.sources.spec_odbc import OdbcAt, OdbcStream


class OdbcStreamMap(StreamBase):
    """A query."""

    query: str
    cursor_type: Literal["timestamp", "date"] = "timestamp"
    encoding: str | None = None

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
    reader: Literal["auto", "pyodbc", "arrow"] = "auto"

    def at(self, where: str, env: Mapping[str, str]) -> OdbcAt:
        """How the reader connects; raises ConfigError."""
        named = (self.connection_env, self.connection_file)
        secret = secret_of(where, "connection", *named, env)
        if secret is None:
            raise ConfigError(f"{where}: give odbc.connection_env or connection_file")
        return OdbcAt(secret, self.reader)
