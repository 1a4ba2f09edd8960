"""The databases of products that nobody here has seen, filled anew for each night."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

from tests.unseen import Don
from tests.unseen_files import cp1258

WAY = datetime(1970, 1, 1, tzinfo=UTC)


def epoch(day: date) -> int:
    """Seconds until that day began in Việt Nam."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return int((midnight - timedelta(hours=7) - WAY).total_seconds())


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def inserts(table: str, rows: Sequence[tuple[str, ...]]) -> str:
    """One statement a row; values are SQL already."""
    return "".join(f"INSERT INTO {table} VALUES ({', '.join(r)});\n" for r in rows)


def sqlite(rows: list[Don]) -> str:
    """Moments as seconds, a joined name, a deleted row that the query leaves out."""
    kinds = {"khieu_nai": 1, "to_cao": 2, "kien_nghi_phan_anh": 3}
    units = sorted({row.unit for row in rows})
    body = [
        (
            text(f"D{row.so}/2026"),
            str(epoch(row.received) + 3600),
            str(0 if row.so % 2 else epoch(row.received)),
            str(kinds[row.kind]),
            text(row.name),
            text(row.content),
            str(units.index(row.unit)),
            text("N"),
            str(row.version),
            "0",
        )
        for row in rows
    ]
    gone = (*body[0][:1], *body[0][1:-2], "9999", "1")
    return (
        "DROP TABLE IF EXISTS don; DROP TABLE IF EXISTS phong;"
        "CREATE TABLE phong (id INTEGER PRIMARY KEY, ten_phong TEXT);"
        "CREATE TABLE don (so TEXT, ngay_nhan INTEGER, ngay_viet INTEGER,"
        " loai INTEGER, ten TEXT, noi_dung TEXT, phong_id INTEGER,"
        " khuyet_danh TEXT, phien_ban INTEGER, da_xoa INTEGER);"
        + inserts("phong", [(str(n), text(u)) for n, u in enumerate(units)])
        + inserts("don", [*body, gone])
    )


def mariadb(rows: list[Don]) -> str:
    """cp1258 bytes in latin1, 0000-00-00, tinyint."""
    kinds = {"khieu_nai": "KN", "to_cao": "TC", "kien_nghi_phan_anh": "PA"}

    def raw(value: str) -> str:
        return f"X'{cp1258(value).hex()}'"

    body = [
        (
            text(f"{row.so:04}"),
            text(str(row.received)),
            text("0000-00-00" if row.so % 2 else str(row.received)),
            text(kinds[row.kind]),
            raw(row.name),
            raw(row.content),
            raw(row.unit),
            str(row.so % 2),
            text(f"{row.moment + timedelta(hours=7):%Y-%m-%d %H:%M:%S}"),
        )
        for row in rows
    ]
    return (
        "SET sql_mode = ''; DROP TABLE IF EXISTS tbl_don;"
        "CREATE TABLE tbl_don (so_don varchar(20), ngay_nhan date, ngay_viet date,"
        " loai char(2), ho_ten varchar(200), noi_dung text, don_vi varchar(200),"
        " co_chu_ky tinyint(1), cap_nhat datetime)"
        " ENGINE=InnoDB DEFAULT CHARSET=latin1;" + inserts("tbl_don", body)
    )


def postgres(rows: list[Don]) -> str:
    """A pair that grows, an enum, a boolean; test rows that a filter takes."""
    kinds = {"khieu_nai": "khieu_nai", "to_cao": "to_cao"}
    body = [
        (
            "2026",
            str(row.so),
            str(2026 + row.version // 1000),
            str(row.version),
            text(str(row.received)),
            text(kinds.get(row.kind, "phan_anh")),
            str(row.so),
            text(row.content),
            text(row.unit),
            "false",
        )
        for row in rows
    ]
    test = ("2025", "1", "2025", "1", "'2025-01-02'", "'to_cao'", "1", "''")
    people = [(str(row.so), text(row.name)) for row in rows]
    return (
        "DROP TABLE IF EXISTS don; DROP TABLE IF EXISTS nguoi;"
        "DROP TYPE IF EXISTS loai;"
        "CREATE TYPE loai AS ENUM ('khieu_nai', 'to_cao', 'phan_anh');"
        "CREATE TABLE nguoi (id int, ho_ten text);"
        "CREATE TABLE don (nam int, so int, nam_doi int, so_doi int, ngay_nhan date,"
        " loai loai, nguoi_id int, noi_dung text, co_quan text, nac_danh boolean);"
        + inserts("nguoi", people)
        + inserts("don", [*body, (*test, "'THỬ'", "true")])
    )


# product -> the engine, and the SQL that makes it hold those rows
DATABASES: dict[str, tuple[str, Callable[[list[Don]], str]]] = {
    "don_sqlite": ("sqlite", sqlite),
    "don_mariadb_cu": ("mariadb", mariadb),
    "don_postgres_nam_so": ("postgres", postgres),
}
