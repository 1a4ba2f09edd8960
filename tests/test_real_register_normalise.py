"""The real provincial petition register, read in place: its counts, never its rows."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from config.office import OfficeSource, load_office
from config.settings import packaged_config
from connectors.sources.base import Deadline
from connectors.sources.files.reader import FilesSource
from flows.engine.normalise import Normalised, Normaliser
from tests.golden.made import token

DATA = Path(__file__).parents[2] / "shared" / "data" / "complaints"
REGISTER = "chi_tiet_don_thu_vinhphuc.xlsx"
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


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> OfficeSource:
    """An office whose drop folder is where the register lies."""
    config = tmp_path_factory.mktemp("config")
    shutil.copytree(packaged_config() / "systems", config / "systems")
    (config / "provinces").mkdir()
    (config / "provinces" / "vinh_phuc.toml").write_text(OFFICE, encoding="utf-8")
    return load_office(config, "vinh_phuc", {}).sources[0]


@pytest.fixture(scope="module")
def done(source: OfficeSource) -> Normalised:
    """The register, normalised in one batch."""
    assert (DATA / REGISTER).is_file()
    stream = source.spec.streams[0]
    batches = list(
        FilesSource(source.spec).extract(stream, None, None, Deadline.after(600))
    )
    assert len(batches) == 1
    reader = Normaliser(source, stream.name, token)
    drift = reader.drift(batches[0].frame.columns)
    assert drift.missing == drift.unknown == ()
    return reader.batch(batches[0])


def test_no_row_of_the_real_register_is_lost(done: Normalised) -> None:
    assert (done.rows_mapped, done.filtered.height, done.rejected.height) == (
        1943,
        0,
        0,
    )
    petitions = done.frames["petition"]
    assert petitions.height == petitions["record_id"].n_unique() == 1943


def test_its_fields_are_read_or_reported(done: Normalised) -> None:
    petitions = done.frames["petition"]
    assert petitions["received_date"].null_count() == 0
    assert petitions["source"].null_count() == 0
    kinds = dict(petitions["kind"].value_counts().rows())
    assert kinds == {
        "kien_nghi_phan_anh": 1531,
        "to_cao": 203,
        "khieu_nai": 177,
        None: 32,
    }
    # 566 empty, 324 proposals that are no result, 64 notices of nobody knows what.
    assert petitions["processing_result"].null_count() == 566 + 324 + 64


def test_its_findings_are_the_known_ones(done: Normalised) -> None:
    counted = done.findings.group_by("rule", "field").len().sort("rule", "field")
    assert counted.rows() == [
        ("code_unknown", "kind", 32),
        ("code_unknown", "processing_result", 64),
        ("text_repaired", "handler_org", 6),
        ("text_repaired", "source_id", 6),
    ]


def test_no_finding_shows_a_cell(done: Normalised) -> None:
    shapes = done.findings["shape"]
    assert shapes.str.contains(r"^text of \d+ characters$").all()
    keys = done.frames["petition"]["source_id"]
    assert not pl.Series(shapes).is_in(keys.implode()).any()
