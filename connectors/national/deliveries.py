"""Files that were read of a source, by name and content."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from connectors.national import National
from connectors.national.tables import source_file
from connectors.sources.base import FileRead

NAME_LENGTH = 512  # of an archive's member deep in folders, say


@dataclass(frozen=True, slots=True)
class Known:
    """A file as it was read; `is_current`: by the stream's last reading; `is_newest`:
    the last that came under its name."""

    name: str
    sha256: str
    rows: int
    is_current: bool
    is_newest: bool


def known_files(national: National, system: str) -> dict[str, list[Known]]:
    """Every file ever read of a source, by stream, in the order of their names."""
    f = source_file.c
    newest = sa.func.max(f.batch_id).over(partition_by=f.stream)
    of_name = sa.func.max(f.batch_id).over(partition_by=(f.stream, f.name))
    query = (
        sa.select(
            f.stream,
            f.name,
            f.sha256,
            f.rows,
            f.batch_id == newest,
            f.batch_id == of_name,
        )
        .where(f.source_system == system)
        .order_by(f.name)
    )
    found: dict[str, list[Known]] = {}
    with national.read() as conn:
        for stream, *known in conn.execute(query):
            found.setdefault(stream, []).append(Known(*known))
    return found


def remember(
    conn: Connection,
    system: str,
    files: Sequence[tuple[str, FileRead]],
    batch_id: int,
) -> None:
    """Write down what was read (stream, file), inside the transaction of a source's
    last batch."""
    f = source_file.c
    for stream, file in files:
        name = file.name[:NAME_LENGTH]
        key = {"stream": stream, "sha256": file.sha256, "name": name}
        same = [f.source_system == system, *(f[k] == v for k, v in key.items())]
        conn.execute(source_file.delete().where(*same))
        conn.execute(
            source_file.insert(),
            key
            | {
                "source_system": system,
                "size_bytes": file.size_bytes,
                "rows": file.rows,
                "batch_id": batch_id,
            },
        )
