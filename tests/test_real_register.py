"""The real petition register through the whole path, into the database and back."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from connectors.national import National, open_national, views
from connectors.national.verify import verify
from connectors.seal import Sealer
from flows.engine.night import NightRequest, run_night
from flows.engine.outcome import NightOutcome, NightVerdict
from tests.small import KEYS, Installation, install

DATA = Path(__file__).parents[2] / "shared" / "data" / "complaints"
REGISTER = DATA / "chi_tiet_don_thu_vinhphuc.xlsx"
ROWS = 1943
OFFICE = f"""
name = "Tỉnh của sổ thật"
province_code = "25"
code_scheme = "QD19-2025"
[[sources]]
system = "so_mau"
product = "so_don_thu_tinh"
[sources.files]
folder = "{DATA}"
"""

pytestmark = pytest.mark.real


@dataclass(frozen=True, slots=True)
class Loaded:
    """The first night over the register, and its open database."""

    place: Installation
    night: NightOutcome
    national: National


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    place = install(tmp_path_factory.mktemp("real"))
    office = place.settings.config_dir / "provinces" / "vinh_phuc.toml"
    office.write_text(OFFICE, encoding="utf-8")
    night = run_night(place.settings, NightRequest())
    with open_national(place.settings.national_url) as national:
        yield Loaded(place, night, national)


def source_rows() -> list[tuple[str, str]]:
    """Number and agency of each row, read with another library than ours."""
    sheet = openpyxl.load_workbook(REGISTER, read_only=True).active
    assert sheet is not None
    body = sheet.iter_rows(min_row=3, values_only=True)
    return [(str(row[1]), str(row[7])) for row in body]


def test_every_row_is_accounted_for(loaded: Loaded) -> None:
    counts = loaded.night.total
    print(counts)
    assert loaded.night.verdict is NightVerdict.PUBLISHED, loaded.night.offices
    assert counts.rows_read == counts.rows_mapped == counts.read == ROWS
    # 32 rows are of a kind that TT 05/2021 does not know and no title can decide.
    assert (counts.inserted, counts.quarantined, counts.duplicates) == (1911, 32, 0)
    status = views.office_status(loaded.national, ["vinh_phuc"], _now())[0]
    assert (status.records, status.quarantine_open) == (1911, 32)


def _now() -> datetime:
    return datetime.now(UTC)


def test_numbers_that_stand_twice_are_two_records(loaded: Loaded) -> None:
    rows = source_rows()
    assert len(rows) == ROWS
    numbers = [number for number, _ in rows]
    twice = sorted({n for n in numbers if numbers.count(n) > 1})
    assert len(twice) == 46
    for number, agency in (row for row in rows if row[0] in twice):
        assert _states(loaded, number, agency) in (["published"], ["quarantined"])


def _states(loaded: Loaded, number: str, agency: str) -> list[str]:
    system = "so_mau"
    key = f"{normal(number)}|{normal(agency)}"
    return [w.state for w in views.why(loaded.national, "vinh_phuc", [system], [key])]


def normal(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def test_ten_rows_are_followed_from_the_file_to_the_database(loaded: Loaded) -> None:
    """Every 194th row: its place in the file is the locator of its record."""
    rows = source_rows()
    for index in range(0, ROWS, 194):
        number, agency = rows[index]
        key = f"{normal(number)}|{normal(agency)}"
        why = views.why(loaded.national, "vinh_phuc", ["so_mau"], [key])
        print(index + 3, why[0].state, why[0].version, why[0].locator, why[0].rules)
        assert len(why) == 1
        assert str(why[0].locator).endswith(f"!Sheet1!R{index + 3}")


def test_what_the_rules_say_of_it(loaded: Loaded) -> None:
    found = views.night_findings(loaded.national, loaded.night.run, "vinh_phuc")
    of_records = [pair for pair in found if pair[0] != "not_provided"]
    print(of_records)
    assert dict(found)["kind"] == 32
    assert dict(found)["text_repaired"] >= 6


def test_a_second_night_changes_nothing_and_all_is_verified(loaded: Loaded) -> None:
    again = run_night(loaded.place.settings, NightRequest()).total
    assert (again.unchanged, again.quarantined, again.findings) == (1911, 32, 0)
    sealer = Sealer(KEYS.seal, KEYS.denouncer, KEYS.token)
    assert verify(loaded.national, sealer).problems == ()
