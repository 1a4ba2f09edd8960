"""`kntc accept`: what a person takes as it is, no more, and the log knows who."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.national import holds, open_national
from connectors.national.holds import Reason
from connectors.national.verify import verify
from flows.cli.app import app
from flows.engine.night import NightRequest, run_night
from tests.small import Installation, csv_text, install, petition

WHO = ("--actor", "Cán bộ Thử", "--reason", "đơn vị đã xác nhận sáp nhập")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An office whose register had 60 rows at its last publication."""
    made = install(tmp_path)
    made.add_office("thu")
    made.write("thu", [petition(n) for n in range(60)])
    assert verdict(made) == "published"
    for name, value in made.environment().items():
        monkeypatch.setenv(name, value)
    return made


def verdict(place: Installation, *, full: bool = False) -> str:
    outcome = run_night(place.settings, NightRequest(full=full))
    return str(outcome.offices[0].verdict)


def rows(place: Installation, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(place.settings.home / "national.db")) as db:
        return db.execute(query).fetchall()


def kntc(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["accept", "--province", "thu", *words])
    return done.exit_code, done.output


def is_whole(place: Installation) -> bool:
    with open_national(place.settings.national_url) as national:
        return verify(national).ok


def test_a_shrunk_source_is_taken_once_it_was_looked_at(place: Installation) -> None:
    place.write("thu", [petition(n) for n in range(30)])
    assert verdict(place) == "held"
    assert rows(place, "SELECT count(*) FROM petition WHERE deleted_at IS NULL") == [
        (60,)
    ]
    code, said = kntc(*WHO)
    assert (code, "shrank from 60 to 30" in said) == (0, True), said
    assert rows(place, "SELECT count(*) FROM petition WHERE deleted_at IS NULL") == [
        (30,)
    ]
    assert rows(place, "SELECT actor, because FROM acceptance") == [WHO[1::2]]
    assert verdict(place) == "published"
    assert is_whole(place)


def test_an_acceptance_is_for_what_was_looked_at(place: Installation) -> None:
    place.write("thu", [petition(n) for n in range(30)])
    assert verdict(place) == "held"
    assert kntc(*WHO, "--later")[0] == 0
    place.write("thu", [petition(n) for n in range(10)])
    assert verdict(place) == "held"
    assert kntc(*WHO)[0] == 0
    # Published now; the next fall is another matter.
    place.write("thu", [petition(n) for n in range(3)])
    assert verdict(place) == "held"


def test_nothing_held_is_nothing_to_accept(place: Installation) -> None:
    code, said = kntc(*WHO)
    assert (code, "nothing to accept" in said) == (1, True), said
    assert kntc("--actor", " ", "--reason", "x")[0] == 2
    assert kntc("--actor", "x")[0] == 2
    assert rows(place, "SELECT count(*) FROM acceptance") == [(0,)]


def test_a_dry_run_holds_nothing(place: Installation) -> None:
    place.write("thu", [petition(n) for n in range(10)])
    outcome = run_night(place.settings, NightRequest(dry_run=True))
    assert [str(o.verdict) for o in outcome.offices] == ["held"]
    assert rows(place, "SELECT count(*) FROM source_hold") == [(0,)]


def test_a_missing_column_is_taken_for_good(place: Installation) -> None:
    lines = csv_text([petition(n) for n in range(60)]).splitlines()
    gone = lines[0].split(";").index("Lĩnh vực")
    cut = [
        ";".join(cell for n, cell in enumerate(line.split(";")) if n != gone)
        for line in lines
    ]
    file = place.folder / "drop" / "thu" / "so_don_thu_2026.csv"
    file.write_text("\n".join(cut) + "\n", encoding="utf-8-sig")
    assert verdict(place) == "held"
    code, said = kntc(*WHO)
    assert (code, "Lĩnh vực" in said) == (0, True), said
    assert verdict(place) == "published"
    assert verdict(place) == "published"
    missing = "SELECT field FROM finding WHERE rule = 'column_missing'"
    assert rows(place, missing) == [("Lĩnh vực",)]


def test_a_register_without_its_header_tells_no_name(place: Installation) -> None:
    """Its first record stands where the names of columns are expected."""
    file = place.folder / "drop" / "thu" / "so_don_thu_2026.csv"
    first = petition(0)
    seen = set[str]()
    for name, cell in first.items():  # two columns of one name would end it before
        first[name] = "" if cell in seen else cell
        seen.add(cell)
    lines = csv_text([first, *(petition(n) for n in range(1, 60))]).splitlines()
    file.write_text("\n".join(lines[1:]) + "\n", encoding="utf-8-sig")
    [office] = run_night(place.settings, NightRequest()).offices
    assert str(office.verdict) == "held"
    assert kntc(*WHO, "--later")[0] == 0
    canary = first["Người viết đơn"]
    assert canary
    kept = rows(place, "SELECT error FROM run UNION SELECT payload FROM audit_entry")
    kept += rows(place, "SELECT reasons FROM source_hold")
    assert not [text for (text,) in kept if canary in str(text)]
    assert canary not in (office.error or "")


def test_holds_changed_behind_the_log_are_found(place: Installation) -> None:
    place.write("thu", [petition(n) for n in range(30)])
    verdict(place)
    assert is_whole(place)
    with closing(sqlite3.connect(place.settings.home / "national.db")) as db:
        db.execute("DROP TRIGGER refuse_update_source_hold")
        db.execute("UPDATE source_hold SET reasons = replace(reasons, '30', '3000')")
        db.commit()
    assert not is_whole(place)


def test_losses_that_were_accepted_do_not_add_up(place: Installation) -> None:
    """Twice the same fall is one fall: not twice as many records may go."""
    place.write("thu", [petition(n) for n in range(30)])
    for _ in range(2):
        assert verdict(place) == "held"
        assert kntc(*WHO, "--later")[0] == 0
        place.write("thu", [petition(n) for n in range(22)])
    place.write("thu", [petition(n) for n in range(2)])
    assert verdict(place) == "held"


def test_a_file_that_is_gone_with_its_rows_holds(place: Installation) -> None:
    other = place.folder / "drop" / "thu" / "so_don_thu_2025.csv"
    other.write_text(
        csv_text([petition(n) for n in range(100, 110)]), encoding="utf-8-sig"
    )
    assert verdict(place) == "published"
    other.rename(other.with_name("so_don_thu_2025_ban_moi.csv"))
    assert verdict(place) == "published"
    other.with_name("so_don_thu_2025_ban_moi.csv").unlink()
    assert verdict(place) == "held"
    code, said = kntc(*WHO, "--json")
    assert code == 0, said
    answer = json.loads(said.splitlines()[-1])
    assert "is gone" in answer["accepted"][0]["reasons"][0]
    assert answer["total"]["deleted"] == 10


def test_an_acceptance_changed_behind_the_log_is_found(place: Installation) -> None:
    place.write("thu", [petition(n) for n in range(30)])
    verdict(place)
    assert kntc(*WHO)[0] == 0
    with closing(sqlite3.connect(place.settings.home / "national.db")) as db:
        db.execute("DROP TRIGGER refuse_update_acceptance")
        db.execute("UPDATE acceptance SET actor = 'Người khác'")
        db.commit()
    assert not is_whole(place)


def test_a_reason_covers_the_same_and_no_worse() -> None:
    looked_at = Reason("shrunk", "don", "", 100)
    assert Reason("shrunk", "don", "", 105).is_covered_by(looked_at)
    assert not Reason("shrunk", "don", "", 120).is_covered_by(looked_at)
    assert not Reason("shrunk", "vu", "", 100).is_covered_by(looked_at)
    assert not Reason("empty", "don", "", 0).is_covered_by(looked_at)
    assert holds.uncovered([looked_at], []) == [looked_at]
