"""A dry run says what would happen, with places and shapes, and touches nothing."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli.app import app
from tests.small import Installation, install, petition

FAULTY = {
    "kind": petition(40, **{"Loại đơn": "Mật-55120"}),
    "event_date": petition(41, **{"Ngày nhận": "32/13/2026"}),
    "key_blank": petition(42, **{"Số đơn": ""}),
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An office with thirty good petitions, three that are held and one filtered."""
    made = install(tmp_path)
    made.add_office("thu", source="batch_rows = 10")
    good = [petition(n) for n in range(30)]
    made.write("thu", [*good, *FAULTY.values(), petition(50, **{"Trạng thái": "Hủy"})])
    for name, value in made.environment().items():
        monkeypatch.setenv(name, value)
    return made


def test_what_would_be_held_is_said_with_its_place_and_no_value(
    place: Installation,
) -> None:
    done = CliRunner().invoke(app, ["sync", "--dry-run", "--json"])
    answer = json.loads(done.stdout.splitlines()[-1])
    [office] = answer["provinces"]
    held = {s["rule"]: s for s in office["seen"] if s["effect"] == "quarantined"}
    assert set(held) == set(FAULTY)
    assert [s["count"] for s in held.values()] == [1, 1, 1]
    assert held["kind"]["place"] == "so_don_thu_2026.csv!L32"
    filtered = [s for s in office["seen"] if s["effect"] == "filtered"]
    assert [(s["count"], s["shape"]) for s in filtered] == [(1, "đơn đã hủy")]
    assert (office["inserted"], office["quarantined"]) == (30, 3)
    assert "Mật-55120" not in done.output
    assert not list((place.folder / "home").glob("reports/*"))


def test_the_same_rule_of_several_batches_is_counted_once(place: Installation) -> None:
    rows = [petition(n, **{"Lĩnh vực": "Lạ"}) for n in range(35)]
    place.write("thu", rows)
    done = CliRunner().invoke(app, ["sync", "--dry-run", "--json"])
    [office] = json.loads(done.stdout.splitlines()[-1])["provinces"]
    unknown = [s for s in office["seen"] if s["rule"] == "code_unknown"]
    assert [(s["field"], s["count"]) for s in unknown] == [("field_area", 35)]


def test_the_terminal_shows_a_table(place: Installation) -> None:
    done = CliRunner().invoke(app, ["sync", "--dry-run"])
    assert done.exit_code == 0
    assert "what would be held or reported" in done.output
    assert "nothing of this was loaded" in done.output
