"""Offices on the products of tests/products/: presets written without code."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from connectors.national import open_national
from connectors.national.verify import verify
from connectors.seal import Sealer
from flows.engine.night import NightRequest, run_night
from flows.engine.outcome import Counts, Verdict
from tests.small import KEYS, Installation, install

PRODUCTS = Path(__file__).parent / "products"
STEM = "office"
SEALER = Sealer(KEYS.seal, KEYS.denouncer, KEYS.token)


def with_products(folder: Path) -> Installation:
    """An installation that knows the products of tests/products/, too."""
    place = install(folder)
    for preset in PRODUCTS.glob("*.toml"):
        shutil.copy(preset, place.settings.config_dir / "systems")
    return place


def add_office(place: Installation, product: str, source: str) -> None:
    """An office that runs the product; `source` is its table, as [sources.files]."""
    path = place.settings.config_dir / "provinces" / f"{STEM}.toml"
    path.write_text(
        'name = "Bảo hiểm xã hội tỉnh Thử"\nprovince_code = "44"\n'
        'code_scheme = "QD19-2025"\n\n'
        f'[[sources]]\nsystem = "thu_{product}"\nproduct = "{product}"\n{source}\n',
        encoding="utf-8",
    )


@dataclass(frozen=True, slots=True)
class Nights:
    """Nights of that office, one after the other."""

    place: Installation

    def run(self, *, full: bool = False, dry_run: bool = False) -> Counts:
        """One more night; it must publish."""
        request = NightRequest(full=full, dry_run=dry_run)
        night = run_night(self.place.settings, request)
        (office,) = night.offices
        assert office.verdict is Verdict.PUBLISHED, office
        return office.counts

    def problems(self) -> tuple[object, ...]:
        """What verification finds wrong in the database."""
        with open_national(self.place.settings.national_url) as national:
            return tuple(verify(national, SEALER).problems)
