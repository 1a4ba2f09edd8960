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
from flows.engine.outcome import Counts
from tests.product_places import SEALER, STEM, Nights, add_office, with_products
from tests.small import Installation

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


REAL = {
    # Four petitions are marked as forwarded before they came, and held back.
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
    nights = Nights(here)
    dry = nights.run(dry_run=True)
    with open_national(here.settings.national_url) as national:
        assert verify(national, SEALER).records == 0
    counts = nights.run()
    assert counts == replace(_expected(real), findings=counts.findings)
    assert dry == counts
    with open_national(here.settings.national_url) as national:
        held = views.quarantine_list(national, [STEM])
    by_rule = Counter(rule for row in held for rule in row.rules)
    print(product, counts, by_rule)
    assert by_rule == real.quarantined
    again = nights.run()
    assert (again.unchanged, again.inserted, again.updated) == (real.inserted, 0, 0)
    assert (again.quarantined, again.findings) == (counts.quarantined, 0)
    assert nights.problems() == ()


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
