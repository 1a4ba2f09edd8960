"""Products that nobody here has seen, each as one preset and no code: whole nights."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from flows.demo.postgres import Cluster
from tests.http_server import serving
from tests.odbc_reading import make
from tests.product_places import Nights, add_office, with_products
from tests.small import Installation
from tests.unseen import COUNT, KINDS, Don, changed, dons
from tests.unseen_apis import APIS, PASSWORD, USER, Behind
from tests.unseen_databases import DATABASES
from tests.unseen_files import FILES

# Findings that would mean a cell was not understood.
NOT_READ = (
    *("date_unreadable", "number_unreadable", "code_unknown", "text_broken", "58b"),
    *("extract_failed", "items_unreadable", "column_unknown", "key_blank", "54d"),
    *("computed_check", "reference_unreadable", "58", "column_type"),
)


def query(place: Installation, sql: str) -> list[tuple[object, ...]]:
    """Rows of the national database."""
    path = place.settings.national_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as conn:
        return conn.execute(sql).fetchall()


def live_whole_nights(
    place: Installation, write: Callable[[list[Don]], object], filtered: int = 0
) -> None:
    """Four nights: all is new, nothing is, one changed, and a whole reading."""
    rows = dons()
    write(rows)
    nights = Nights(place)
    first = nights.run()
    assert (first.rows_filtered, first.rows_rejected) == (filtered, 0)
    assert (first.inserted, first.quarantined, first.duplicates) == (COUNT, 0, 0)
    read = query(place, "SELECT rule, field, count(*) FROM finding GROUP BY 1, 2")
    assert [row for row in read if row[0] in NOT_READ] == []
    second = nights.run()
    assert (second.inserted, second.updated, second.deleted) == (0, 0, 0)
    assert second.unchanged == second.read
    write(changed(rows))
    third = nights.run()  # by the cursor or the version, where there is one
    assert (third.inserted, third.updated) == (0, 1)
    fourth = nights.run(full=True)
    assert (fourth.inserted, fourth.updated) == (0, 0)
    assert third.deleted + fourth.deleted == 1
    assert fourth.unchanged == COUNT - 1
    assert nights.problems() == ()


def petitions(place: Installation) -> list[tuple[object, ...]]:
    """What is stored openly of the living petitions, in the order of their days."""
    return query(
        place,
        "SELECT received_date, kind, handler_org FROM petition "
        "WHERE deleted_at IS NULL ORDER BY 1",
    )


def expected(rows: list[Don]) -> list[tuple[object, ...]]:
    return [(str(row.received), row.kind, row.unit) for row in rows]


@pytest.mark.parametrize("product", FILES)
def test_files(product: str, tmp_path: Path) -> None:
    place = with_products(tmp_path)
    drop = tmp_path / "so moi"
    drop.mkdir()
    add_office(place, product, f'[sources.files]\nfolder = "{drop}"')
    months = len({row.received.month for row in dons()})
    filtered = {"so_tay_csv": months, "so_co_nhom": len(KINDS)}.get(product, 0)
    live_whole_nights(place, lambda rows: FILES[product](drop, rows), filtered)
    if product != "thu_hoi_tsv":
        assert petitions(place) == expected(changed(dons()))


@pytest.mark.parametrize("product", DATABASES)
def test_databases(product: str, cluster: Cluster, tmp_path: Path) -> None:
    kind, script = DATABASES[product]
    engine = make(kind, cluster, tmp_path)
    place = with_products(tmp_path)
    secret = tmp_path / "connection"
    secret.write_text(engine.connection, encoding="utf-8")
    add_office(place, product, f'[sources.odbc]\nconnection_file = "{secret}"')
    filtered = 1 if product == "don_postgres_nam_so" else 0
    live_whole_nights(place, lambda rows: engine.run(script(rows)), filtered)
    assert petitions(place) == expected(changed(dons()))


@pytest.mark.parametrize("product", APIS)
def test_apis(product: str, tmp_path: Path) -> None:
    behind = Behind()
    place = with_products(tmp_path)
    for name, text in (("user", USER), ("password", PASSWORD)):
        (tmp_path / name).write_text(text, encoding="utf-8")

    def write(rows: list[Don]) -> None:
        behind.rows, behind.busy = rows, 1

    with serving(lambda asked: APIS[product](behind, asked)) as server:
        add_office(
            place,
            product,
            f'[sources.rest]\nbase_url = "{server.url}"\n'
            f'user_file = "{tmp_path}/user"\npassword_file = "{tmp_path}/password"',
        )
        live_whole_nights(place, write)
    assert petitions(place) == expected(changed(dons()))
