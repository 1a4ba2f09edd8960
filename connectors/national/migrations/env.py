"""Alembic's environment: migrations run on the connection they are handed."""

from alembic import context

from connectors.national.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # migrate.py holds the transaction
)
context.run_migrations()
