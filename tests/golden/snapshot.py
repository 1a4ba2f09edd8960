"""What normalise makes of a golden sample, as JSON: `python -m tests.golden.snapshot`.

A golden folder is called as its product. It holds expected.json and the sample: files
in drop/, or a register.py whose write(folder) makes them; of a database or an API
rows/<stream>.json, a list of objects as its rows are. office.toml only where the office
itself has something to say.
"""

import importlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from config.kinds.rest_checks import SECRETS
from config.office import Office, OfficeSource, load_office, load_preset
from config.preset import Preset, RestPreset
from config.settings import packaged_config
from connectors.sources.base import Deadline, RawBatch, Stream
from connectors.sources.files.reader import FilesSource
from connectors.sources.rest.jsontext import Json, parse, plain
from expectations.frames import (
    FORMER_ID,
    FORMER_SYSTEM,
    LOCATOR,
    PROVENANCE,
    RAW,
    RECORD_ID,
    REJECT,
    ROW,
    VERSION,
)
from flows.engine.normalise import Normalised, Normaliser
from tests.golden.made import token

GOLDEN = Path(__file__).parent
OFFICE = """
name = "BHXH tỉnh Mẫu"
province_code = "25"
code_scheme = "QD19-2025"

[[sources]]
system = "so_mau"
product = "{product}"

[sources.{kind}]
{place}
"""


def folders() -> list[Path]:
    """All golden folders: those that hold a sample."""
    return sorted(path for path in GOLDEN.iterdir() if _has_sample(path))


def _has_sample(golden: Path) -> bool:
    samples = (golden / "drop", golden / "rows", golden / "register.py")
    return any(sample.exists() for sample in samples)


def snapshot(golden: Path, scratch: Path) -> dict[str, object]:
    """Records, findings and set-aside rows of every stream of the folder's office."""
    office = office_of(golden, scratch)
    streams: dict[str, object] = {}
    for source in office.sources:
        for stream in source.spec.streams:
            reader = Normaliser(source, stream.name, token)
            done = []
            for raw in batches_of(golden, source, stream):
                drift = reader.drift(raw.frame.columns)
                assert (drift.missing, drift.unknown, drift.doubled) == ((), (), ())
                done.append(reader.batch(raw))
            assert done, f"{golden.name}: stream {stream.name} has no sample"
            streams[f"{source.spec.system}.{stream.name}"] = _told(done)
    return streams


def batches_of(
    golden: Path, source: OfficeSource, stream: Stream
) -> Iterator[RawBatch]:
    """The sample's rows as the reader would give them."""
    if source.spec.kind == "files":
        reader = FilesSource(source.spec)
        yield from reader.extract(stream, None, None, Deadline.after(600))
    elif (path := golden / "rows" / f"{stream.name}.json").is_file():
        rows = parse(path.name, path.read_bytes())
        assert isinstance(rows, list)
        yield _batch(stream.name, [row for row in rows if isinstance(row, dict)])


def _batch(stream: str, rows: list[dict[str, Json]]) -> RawBatch:
    """Rows of a query or a list: a column for each key, in the order of coming."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    frame = pl.DataFrame(
        {name: [plain(row.get(name)) for row in rows] for name in names},
        schema=dict.fromkeys(names, pl.String),
    )
    place = [f"{stream}:{n}" for n in range(1, len(rows) + 1)]
    return RawBatch(
        stream,
        frame.with_columns(
            pl.int_range(pl.len(), dtype=pl.UInt32).alias(ROW),
            pl.Series(LOCATOR, place, pl.String),
            pl.lit(None, pl.String).alias(REJECT),
            pl.lit(None, pl.String).alias(RAW),
        ),
    )


def office_of(golden: Path, scratch: Path) -> Office:
    """The folder's office, its files written below `scratch`."""
    drop, config = scratch / "drop", scratch / "config"
    if (golden / "drop").is_dir():
        shutil.copytree(golden / "drop", drop)
    else:
        drop.mkdir()
    if (golden / "register.py").is_file():
        module = f"tests.golden.{golden.name}.register"
        importlib.import_module(module).write(drop)
    (config / "provinces").mkdir(parents=True)
    shutil.copytree(packaged_config() / "systems", config / "systems")
    own = golden / "office.toml"
    text = own.read_text(encoding="utf-8") if own.is_file() else _made(config, golden)
    office = text.replace("$GOLDEN_DROP", str(drop))
    stem = golden.name
    (config / "provinces" / f"{stem}.toml").write_text(office, encoding="utf-8")
    return load_office(config, stem, {"KNTC_GOLDEN": "https://golden.invalid"})


def _made(config: Path, golden: Path) -> str:
    """The office of a folder that is called as its product, and says no more."""
    preset = load_preset(config, golden.name)
    place = {
        "files": ['folder = "$GOLDEN_DROP"'],
        "odbc": ['connection_env = "KNTC_GOLDEN"'],
        "rest": ['base_url_env = "KNTC_GOLDEN"', *_secrets(preset)],
    }[preset.kind]
    return OFFICE.format(product=golden.name, kind=preset.kind, place="\n".join(place))


def _secrets(preset: Preset) -> list[str]:
    auth = preset.auth if isinstance(preset, RestPreset) else None
    names = SECRETS[auth.kind] if auth else ()
    return [f'{name}_env = "KNTC_GOLDEN"' for name in names]


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
    # Items hold dates of their own.
    told = json.loads(json.dumps(text.to_dicts(), default=str))
    return [
        {k: v for k, v in row.items() if v is not None or k in always} for row in told
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
