"""The migrations make what is declared, both ways, on a filled database too."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import Engine

from connectors.national import migrate
from connectors.national.engines import connect
from connectors.national.tables import metadata
from flows.demo import postgres

_names = count()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(
    request: pytest.FixtureRequest, tmp_path: Path, cluster: postgres.Cluster
) -> Iterator[Engine]:
    """An empty database."""
    url = f"sqlite:///{tmp_path / 'national.db'}"
    if request.param == "postgresql":
        name = f"schema_{next(_names)}"
        cluster.create_database(name)
        url = cluster.url(name)
    made = connect(url)
    yield made
    made.dispose()


def _differences(engine: Engine) -> list[object]:
    with engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


def _run(engine: Engine, *revisions: str) -> None:
    with engine.connect() as conn:
        conn.begin()
        if conn.dialect.name == "sqlite":
            conn.exec_driver_sql("BEGIN")
        config = migrate._config()
        config.attributes["connection"] = conn
        for revision in revisions:
            step = (
                command.downgrade if revision in ("0001", "base") else command.upgrade
            )
            step(config, revision)
        if conn.dialect.name == "sqlite":
            conn.exec_driver_sql("COMMIT")
        conn.commit()


def test_the_migrations_make_what_is_declared(engine: Engine) -> None:
    migrate.upgrade(engine)
    assert _differences(engine) == []
    _run(engine, "0001", "head", "base", "head")
    assert _differences(engine) == []


def test_the_links_of_the_first_version_are_kept(engine: Engine) -> None:
    migrate.upgrade(engine, "0001")
    old = sa.table(
        "petition_link", *map(sa.column, ("record_id", "version", "position"))
    )
    row = {"record_id": "a" * 32, "version": 1, "position": 0}
    columns = (*old.c, sa.column("petition_id"))
    whole = sa.table("petition_link", *(sa.column(c.name) for c in columns))
    with engine.begin() as conn:
        conn.execute(whole.insert(), row | {"petition_id": "b" * 32})
    migrate.upgrade(engine)
    query = "SELECT record_id, version, field, position, target_id FROM record_link"
    with engine.connect() as conn:
        found = [tuple(row) for row in conn.exec_driver_sql(query)]
    assert found == [("a" * 32, 1, "petition_ids", 0, "b" * 32)]
