"""SQL types of ours: aware UTC times, and serial numbers."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

UTC_TEXT = "%Y-%m-%dT%H:%M:%S.%fZ"


class UtcTime(TypeDecorator[datetime]):
    """Aware UTC, microseconds: timestamptz, or fixed-width ISO text on SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.String(27))
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | str | None:
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.strftime(UTC_TEXT) if dialect.name == "sqlite" else moment

    def process_result_value(
        self,
        value: datetime | str | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> datetime | None:
        if isinstance(value, str):
            return datetime.strptime(value, UTC_TEXT).replace(tzinfo=UTC)
        return value.astimezone(UTC) if value is not None else None


# SQLite gives a rowid alias only to INTEGER, the others want 64 bits.
Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
