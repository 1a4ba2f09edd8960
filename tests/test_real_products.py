"""Presets that were written without code for real files, read in place: their counts.

`kntc provinces discover` proposed each; a person decided what a machine cannot. The
presets of tests/products/ say the shape of those files and quote no row of them.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from connectors.national import open_national, views
from connectors.national.verify import verify
from connectors.seal import Sealer
from flows.engine.night import NightRequest, run_night
from flows.engine.outcome import Counts, NightVerdict
from tests.product_places import add_office, with_products
from tests.small import KEYS, Installation

DATA = Path(__file__).parents[2] / "shared" / "data" / "complaints"

pytestmark = pytest.mark.real


@dataclass(frozen=True, slots=True)
class Real:
    """A real file: its rows, and what became of them."""

    rows: int
    inserted: int
    quarantined: Mapping[str, int]  # by rule
    duplicates: int = 0
    rejected: int = 0
    filtered: int = 0
    findings: Mapping[str, int] | None = None  # by rule, of what was published


REAL = {
    # Six petitions are marked as forwarded before they came, and held back.
    "cfpb_khieu_nai": Real(802, 798, {"23b": 4}),
    "nyc_311": Real(100, 100, {}),
    # Nine questions have no day at all: no law can be chosen for them.
    "hoi_dap_bhxh": Real(26, 17, {"event_date": 9}),
    # One agency stands there twice with the same noughts.
    "thong_ke_nhap_lieu": Real(326, 325, {}, duplicates=1),
    "so_don_thu_tinh": Real(1943, 1911, {"kind": 32}),
}


@pytest.fixture(params=sorted(REAL))
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Installation]:
    product = str(request.param)
    place = with_products(tmp_path)
    add_office(place, product, f'[sources.files]\nfolder = "{DATA}"')
    return product, place


def test_a_product_without_code_carries_a_real_register(
    place: tuple[str, Installation],
) -> None:
    product, here = place
    real = REAL[product]
    dry = run_night(here.settings, NightRequest(dry_run=True))
    assert dry.verdict is NightVerdict.PUBLISHED, dry.offices
    assert not list(here.settings.home.glob("national.db")) or _stored(here) == 0
    night = run_night(here.settings, NightRequest())
    assert night.verdict is NightVerdict.PUBLISHED, night.offices
    counts = night.total
    assert counts == replace(_expected(real), findings=counts.findings)
    assert dry.total == counts
    with open_national(here.settings.national_url) as national:
        held = views.quarantine_list(national, "office")
        by_rule = Counter(rule for row in held for rule in row.rules)
        found = dict(views.night_findings(national, night.run, "office"))
    print(product, counts, by_rule, found)
    assert by_rule == real.quarantined
    if real.findings is not None:
        assert found == real.findings
    again = run_night(here.settings, NightRequest()).total
    assert (again.unchanged, again.inserted, again.updated) == (real.inserted, 0, 0)
    assert (again.quarantined, again.findings) == (counts.quarantined, 0)
    with open_national(here.settings.national_url) as national:
        sealer = Sealer(KEYS.seal, KEYS.denouncer, KEYS.token)
        assert verify(national, sealer).problems == ()


def _expected(real: Real) -> Counts:
    mapped = real.rows - real.rejected - real.filtered
    return Counts(
        rows_read=real.rows,
        rows_mapped=mapped,
        rows_filtered=real.filtered,
        rows_rejected=real.rejected,
        read=mapped,
        inserted=real.inserted,
        quarantined=sum(real.quarantined.values()),
        duplicates=real.duplicates,
    )


def _stored(here: Installation) -> int:
    with open_national(here.settings.national_url) as national:
        return views.office_status(national, ["office"], _now())[0].records
