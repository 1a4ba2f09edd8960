"""Triggers that refuse UPDATE and DELETE: what was logged is not altered or removed."""

from alembic import op


def guard(append_only: tuple[str, ...], never_deleted: tuple[str, ...]) -> None:
    """Refuse changes of the first tables, and removals from all of them."""
    postgresql = _is_postgresql()
    for table, action in _guards(append_only, never_deleted):
        name = f"refuse_{action.lower()}_{table}"
        if postgresql:
            op.execute(
                f'CREATE TRIGGER {name} BEFORE {action} ON "{table}" '
                "FOR EACH ROW EXECUTE FUNCTION kntc_refuse()"
            )
        else:
            op.execute(
                f'CREATE TRIGGER {name} BEFORE {action} ON "{table}" BEGIN '
                f"SELECT RAISE(ABORT, 'kntc: {action} of {table} is refused'); END"
            )
    if postgresql:
        for table in (*append_only, *never_deleted):
            op.execute(
                f'CREATE TRIGGER refuse_truncate_{table} BEFORE TRUNCATE ON "{table}" '
                "FOR EACH STATEMENT EXECUTE FUNCTION kntc_refuse()"
            )


def unguard(append_only: tuple[str, ...], never_deleted: tuple[str, ...]) -> None:
    """Take the triggers of those tables away."""
    postgresql = _is_postgresql()
    for table, action in _guards(append_only, never_deleted):
        on = f' ON "{table}"' if postgresql else ""
        op.execute(f"DROP TRIGGER refuse_{action.lower()}_{table}{on}")
    if postgresql:
        for table in (*append_only, *never_deleted):
            op.execute(f'DROP TRIGGER refuse_truncate_{table} ON "{table}"')


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _guards(
    append_only: tuple[str, ...], never_deleted: tuple[str, ...]
) -> list[tuple[str, str]]:
    changed = [(table, "UPDATE") for table in append_only]
    return changed + [(table, "DELETE") for table in (*append_only, *never_deleted)]
