"""What normalise makes of a golden sample, as JSON: `python -m tests.golden.snapshot`.

A golden folder holds office.toml, expected.json and the sample: files in drop/, or a
register.py whose write(folder) makes them.
"""

import importlib
import json
import shutil
import sys
import tempfile
from pathlib import Path

import polars as pl

from config.office import Office, load_office
from config.settings import packaged_config
from connectors.sources.base import Deadline
from connectors.sources.files import FilesSource
from expectations.frames import (
    FORMER_ID,
    FORMER_SYSTEM,
    LOCATOR,
    PROVENANCE,
    RECORD_ID,
    ROW,
    VERSION,
)
from flows.engine.normalise import Normalised, Normaliser
from tests.golden.made import token

GOLDEN = Path(__file__).parent


def folders() -> list[Path]:
    """All golden folders."""
    return sorted(path.parent for path in GOLDEN.glob("*/office.toml"))


def snapshot(golden: Path, scratch: Path) -> dict[str, object]:
    """Records, findings and set-aside rows of every stream of the folder's office."""
    office = _office(golden, scratch)
    streams: dict[str, object] = {}
    for source in office.sources:
        for stream in source.spec.streams:
            reader = Normaliser(source, stream.name, token)
            batches = FilesSource(source.spec).extract(
                stream, None, None, Deadline.after(600)
            )
            done = []
            for raw in batches:
                assert reader.drift(raw.frame.columns).missing == ()
                done.append(reader.batch(raw))
            streams[f"{source.spec.system}.{stream.name}"] = _told(done)
    return streams


def _office(golden: Path, scratch: Path) -> Office:
    drop, config = scratch / "drop", scratch / "config"
    if (golden / "drop").is_dir():
        shutil.copytree(golden / "drop", drop)
    else:
        drop.mkdir()
        module = f"tests.golden.{golden.name}.register"
        importlib.import_module(module).write(drop)
    (config / "provinces").mkdir(parents=True)
    shutil.copytree(packaged_config() / "systems", config / "systems")
    text = (golden / "office.toml").read_text(encoding="utf-8")
    office = text.replace("$KNTC_GOLDEN_DROP", str(drop))
    stem = golden.name
    (config / "provinces" / f"{stem}.toml").write_text(office, encoding="utf-8")
    return load_office(config, stem, {})


def _told(batches: list[Normalised]) -> dict[str, object]:
    return {
        "rows_mapped": sum(done.rows_mapped for done in batches),
        "filtered": _rows([done.filtered for done in batches]),
        "rejected": _rows([done.rejected for done in batches]),
        "records": {
            name: _rows([done.frames[name] for done in batches])
            for name in batches[0].frames
        },
        "findings": _rows([done.findings for done in batches]),
    }


def _rows(frames: list[pl.DataFrame]) -> list[dict[str, object]]:
    """Rows without their empty fields; record ids are functions, so left out."""
    whole = pl.concat(frames).drop(ROW)
    whole = whole.drop(RECORD_ID, strict=False)
    text = whole.with_columns(pl.col(LOCATOR), pl.selectors.temporal().cast(pl.String))
    always = PROVENANCE.keys() - {FORMER_SYSTEM, FORMER_ID, VERSION}
    return [
        {k: v for k, v in row.items() if v is not None or k in always}
        for row in text.to_dicts()
    ]


def main(names: list[str]) -> None:
    """Write expected.json of the named golden folders, or of all."""
    for golden in folders():
        if names and golden.name not in names:
            continue
        with tempfile.TemporaryDirectory() as scratch:
            told = snapshot(golden, Path(scratch))
        text = json.dumps(told, ensure_ascii=False, indent=1)
        (golden / "expected.json").write_text(text + "\n", encoding="utf-8")
        sys.stdout.write(f"{golden.name}: written; read it before you commit it\n")


if __name__ == "__main__":
    main(sys.argv[1:])
