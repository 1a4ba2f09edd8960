"""Streams that say by a number what changed: asked from it, less the overlap."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from connectors.national import ledger, open_national
from flows.engine.night import NightRequest, run_night
from flows.engine.outcome import OfficeOutcome
from flows.engine.versions import version_of, versions_of
from tests.small import Installation, install

PRESET = """
product = "don_phien_ban"
title = "Đơn có số phiên bản (mẫu)"
kind = "odbc"

[[streams]]
name = "don"
query = "SELECT nam, so, don, ngay, nguoi, ghi_chu FROM don"
version = ["nam", "so"]
version_overlap = 1
ignored = ["ghi_chu"]

[[streams.records]]
type = "petition"
key = ["don"]
not_provided = [
  "sender_address", "source", "field_area", "is_anonymous", "has_signature",
  "language_ok", "signatories", "eligible", "within_competence", "processing_result",
  "on_admin_regulation", "processed_date",
]

[streams.records.fields]
sender_name = "nguoi"
received_date = "ngay"
kind = { constant = "kien_nghi_phan_anh" }
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An office on an SQLite database over ODBC whose rows bear year and number."""
    made = install(tmp_path)
    systems = made.folder / "config" / "systems"
    (systems / "don_phien_ban.toml").write_text(PRESET, encoding="utf-8")
    file = made.folder / "config" / "provinces" / "thu.toml"
    file.write_text(
        'name = "Bảo hiểm xã hội tỉnh thu"\nprovince_code = "44"\n'
        'code_scheme = "QD19-2025"\n[[sources]]\nsystem = "thu_db"\n'
        'product = "don_phien_ban"\n[sources.odbc]\nconnection_env = "THU_ODBC"\n',
        encoding="utf-8",
    )
    source = tmp_path / "nguon.db"
    monkeypatch.setenv("THU_ODBC", f"Driver=SQLite3;Database={source}")
    with closing(sqlite3.connect(source)) as db:
        db.execute(
            "CREATE TABLE don (nam INT, so INT, don TEXT, ngay TEXT, nguoi TEXT,"
            " ghi_chu TEXT)"
        )
        db.commit()
    return made


def write(place: Installation, *rows: tuple[int | None, int | None, str]) -> None:
    """Add or replace petitions: year, number, key."""
    with closing(sqlite3.connect(place.folder / "nguon.db")) as db:
        for year, number, key in rows:
            db.execute("DELETE FROM don WHERE don = ?", (key,))
            db.execute(
                "INSERT INTO don VALUES (?, ?, ?, '2026-03-02', ?, NULL)",
                (year, number, key, f"Nguyễn Văn Thử {key} {number}"),
            )
        db.commit()


def night(place: Installation, *, full: bool = False) -> OfficeOutcome:
    [office] = run_night(place.settings, NightRequest(full=full)).offices
    assert str(office.verdict) == "published", office
    return office


def test_a_night_asks_from_the_greatest_version_less_the_overlap(
    place: Installation,
) -> None:
    write(place, *((2025, n, f"A{n}") for n in range(1, 31)), (2026, 1, "B1"))
    assert night(place).counts.inserted == 31
    with open_national(place.settings.national_url) as national:
        mark = ledger.watermarks(national, "thu_db")["don"]
    assert mark.high_version == (2026, 1)
    # Changed: a new number; late: one below the mark, inside the overlap.
    write(place, (2026, 2, "A7"), (2026, 0, "B0"), (None, None, "C1"))
    counts = night(place).counts
    assert (counts.rows_read, counts.inserted, counts.updated) == (4, 2, 1)
    counts = night(place).counts
    assert (counts.rows_read, counts.unchanged) == (3, 3)  # B1, A7, and C1 always


def test_what_the_overlap_misses_a_whole_reading_finds(place: Installation) -> None:
    write(place, *((2026, n, f"A{n}") for n in range(10, 40)))
    night(place)
    write(place, (2026, 5, "SAU"))
    assert night(place).counts.inserted == 0
    assert night(place, full=True).counts.inserted == 1


def test_in_one_reading_the_later_version_of_a_key_wins(place: Installation) -> None:
    with closing(sqlite3.connect(place.folder / "nguon.db")) as db:
        for number in (9, 10):  # as text "10" would come before "9"
            db.execute(
                "INSERT INTO don VALUES (2026, ?, 'A', '2026-03-02', ?, NULL)",
                (number, f"Người {number}"),
            )
        db.commit()
    counts = night(place).counts
    assert (counts.inserted, counts.updated, counts.quarantined) == (1, 1, 0)


def test_versions_sort_as_the_numbers_do() -> None:
    import polars as pl

    said = ["-5", "0", "9", "10", str(2**63 - 1), "x", None]
    raw = pl.DataFrame({"v": said})
    text = versions_of(raw, ["v"])
    assert text is not None
    assert text[5] is None
    assert text[6] is None
    known = text.drop_nulls().to_list()
    assert known == sorted(known)
    assert [version_of(t) for t in known] == [(-5,), (0,), (9,), (10,), (2**63 - 1,)]
    assert versions_of(raw, []) is None
