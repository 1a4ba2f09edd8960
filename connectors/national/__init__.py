"""The national database: opening it, and the one place where transactions begin."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from connectors.errors import TargetError
from connectors.national.engines import STRATEGIES, Strategy, connect
from connectors.national.faults import describe
from connectors.national.migrate import upgrade


@dataclass(frozen=True, slots=True)
class National:
    """An open national database at the newest schema."""

    engine: Engine

    @property
    def strategy(self) -> Strategy:
        """This engine's ways."""
        return STRATEGIES[self.engine.dialect.name]

    @contextmanager
    def write(self, *, keep: bool = True) -> Iterator[Connection]:
        """One transaction, committed at the end unless `keep` is false.

        Raises the driver's DBAPIError as it is; ledger.py and load.py reduce it.
        """
        with self.engine.connect() as conn:
            conn.begin()
            if self.strategy.begin_write:
                conn.exec_driver_sql(self.strategy.begin_write)
            try:
                yield conn
            except BaseException:
                self._end(conn, commit=False)
                raise
            self._end(conn, commit=keep)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading; raises TargetError when the database refuses."""
        with reduced("reading the national database"), self.engine.connect() as conn:
            yield conn

    def _end(self, conn: Connection, *, commit: bool) -> None:
        # The driver is told to leave transactions alone on SQLite; see engines.py.
        if self.strategy.begin_write and conn.connection.is_valid:
            conn.exec_driver_sql("COMMIT" if commit else "ROLLBACK")
        if commit:
            conn.commit()
        else:
            conn.rollback()


@contextmanager
def reduced(doing: str) -> Iterator[None]:
    """Turn a driver's error into a TargetError that quotes nothing of it."""
    try:
        yield
    except DBAPIError as error:
        raise TargetError(
            f"{doing} failed: {describe(error)}; check KNTC_NATIONAL_URL and that "
            "the server runs"
        ) from None


@contextmanager
def open_national(url: str) -> Iterator[National]:
    """Open the national database, bringing its schema up to date.

    Raises ConfigError for a wrong URL, TargetError when the server refuses.
    """
    engine = connect(url)
    try:
        with reduced("opening the national database"):
            upgrade(engine)
        yield National(engine)
    finally:
        engine.dispose()
