"""Samples of the packaged products for discover, and how a proposal is scored."""

import csv
import io
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import TypeAdapter

from config.office import Gate, OfficeSource
from config.preset import Preset
from config.reading import validated
from connectors.sources.base import Deadline, FilesAt, SourceSpec, Stream
from connectors.sources.files.reader import FilesSource
from connectors.sources.peek.peeking import peek
from flows.demo import registers
from flows.demo.offices import OFFICES, clean_records, inventor_of
from flows.demo.planting import Row, plant
from flows.engine.discover.discovering import discover
from flows.engine.discover.proposal import Proposal
from flows.engine.discover.toml_text import text_of
from flows.engine.normalise import Normalised, Normaliser
from tests.golden.made import token

SEED = 7
Pairs = dict[str, set[str]]  # column -> the fields read from it


def proposed(path: Path, **known: Any) -> tuple[Proposal, Any]:
    """What is proposed for a file, and the preset that it loads as."""
    proposal = discover(peek(path), **known)
    table = tomllib.loads(text_of(proposal))
    return proposal, validated("the proposal", table, TypeAdapter(Preset))


def register(folder: Path, product: str, records: int) -> Path:
    """The newest file that an office of the sample estate keeps with that product."""
    office, one = next(
        (office, one)
        for office in OFFICES
        for one in office.installations
        if one.product == product
    )
    inventor = inventor_of(SEED, office, one)
    rows: list[Row] = plant(
        inventor, clean_records(inventor, office, one, records), {}, iter(())
    )
    registers.write(folder, one, rows)
    return max(registers.drop_folder(folder, one).iterdir(), key=_size)


def _size(path: Path) -> int:
    return path.stat().st_size


def pairs(preset: Any) -> Pairs:
    """Which fields a preset reads from each column, over all its record mappings."""
    found: Pairs = {}
    for stream in preset.streams:
        for mapping in stream.records:
            for name, field in mapping.fields.items():
                for column in _columns(field):
                    found.setdefault(column, set()).add(name)
    return found


def _columns(field: Any) -> Iterable[str]:
    if field.column:
        yield field.column
    yield from field.columns
    if field.pivot is not None:
        yield from field.pivot.columns


def right(expected: Mapping[str, set[str]], got: Mapping[str, set[str]]) -> list[str]:
    """The columns whose fields were proposed as expected; an empty set: none."""
    return [c for c, fields in expected.items() if got.get(c, set()) == fields]


def of_columns(preset: Any, columns: Iterable[str]) -> Pairs:
    """The right answer for a file's columns by a preset that a person wrote."""
    known = pairs(preset)
    return {column: known.get(column, set()) for column in columns}


def csv_bytes(
    rows: Iterable[Iterable[str]], encoding: str = "utf-8", delimiter: str = ","
) -> bytes:
    """Rows as a delimited file in an encoding."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def read_back(path: Path, preset: Any) -> tuple[pl.DataFrame, list[Normalised]]:
    """The file through the real reader and normaliser, as the preset says."""
    at = FilesAt(path.parent)
    spec = SourceSpec("quang_mau", "quang_mau_don", "files", at, ())
    stream = preset.streams[0]
    source = OfficeSource(spec, preset, Gate(), 3)
    normaliser = Normaliser(source, stream.name, token)
    only = stream.model_copy(update={"glob": path.name})  # not its neighbours
    read = Stream(stream.name, only.read(preset.timezone))
    batches = list(FilesSource(spec).extract(read, None, None, Deadline.after(60)))
    done = [normaliser.batch(batch) for batch in batches]
    return pl.concat([b.frame for b in batches], how="diagonal"), done


def unread(done: Iterable[Normalised]) -> dict[str, int]:
    """How often each rule said that a cell could not be read."""
    rules = pl.concat([one.findings["rule"] for one in done])
    kinds = ("date_unreadable", "number_unreadable", "code_unknown", "column_unknown",
             "column_missing", "extract_failed", "key_blank")  # fmt: skip
    counted = rules.filter(rules.is_in(kinds)).value_counts()
    return dict(counted.rows())
