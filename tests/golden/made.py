"""Small presets and batches made by hand for the tests of normalise."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
from pydantic import TypeAdapter

from config.corrections import Correction
from config.office import Gate, OfficeSource
from config.preset import Preset
from config.succession import Succession
from connectors.sources.base import FilesAt, RawBatch, SourceSpec
from expectations.frames import LOCATOR, REJECT, ROW
from expectations.records import BY_NAME, Need
from flows.engine.normalise import Normalised, Normaliser

SYSTEM = "made_by_hand"


def record(
    record_type: str, fields: Mapping[str, object], **keys: object
) -> dict[str, object]:
    """A record mapping; mandatory fields it does not map are declared not_provided."""
    unmapped = [
        f.name
        for f in BY_NAME[record_type].fields
        if f.need is Need.MANDATORY and f.name not in fields
    ]
    base = {"type": record_type, "key": ("id",), "not_provided": tuple(unmapped)}
    return {**base, "fields": dict(fields), **keys}


def preset(records: Sequence[object], **keys: object) -> Preset:
    """A preset with one stream "rows"; `keys` of the stream or of the preset."""
    of_stream = {"nested", "ignored", "optional", "fill_down", "filters", "cursor"}
    of_stream |= {"lists", "checks", "version"}
    stream = {k: v for k, v in keys.items() if k in of_stream}
    top = {k: v for k, v in keys.items() if k not in of_stream}
    files = {"name": "rows", "glob": "*.csv", "format": "csv"}
    return TypeAdapter[Preset](Preset).validate_python(
        {
            "product": "made",
            "title": "made",
            "kind": "files",
            **top,
            "streams": ({**files, **stream, "records": tuple(records)},),
        }
    )


def token(values: list[str]) -> list[str]:
    """A stand-in for the keyed token: 32 hexadecimal digits a value."""
    return [hashlib.sha256(b"test" + v.encode()).hexdigest()[:32] for v in values]


def normaliser(
    made: Preset, *succession: Succession, corrections: tuple[Correction, ...] = ()
) -> Normaliser:
    """A new normaliser of the stream "rows"."""
    spec = SourceSpec("quang_tri", SYSTEM, "files", FilesAt(Path()), ())
    source = OfficeSource(
        spec, made, Gate(), 3, succession=succession, corrections=corrections
    )
    return Normaliser(source, "rows", token)


def raw(
    columns: Mapping[str, Sequence[str | None]],
    reject: Sequence[str | None] = (),
    file: str = "so.csv",
) -> RawBatch:
    """A batch of those columns; locators are file and line."""
    size = len(next(iter(columns.values())))
    frame = pl.DataFrame(dict(columns), schema=dict.fromkeys(columns, pl.String))
    said = pl.Series(list(reject) or [None] * size, dtype=pl.String)
    return RawBatch(
        "rows",
        frame.with_columns(
            pl.int_range(size, dtype=pl.UInt32, eager=True).alias(ROW),
            pl.Series(LOCATOR, [f"{file}:{n + 2}" for n in range(size)], pl.String),
            said.alias(REJECT),
        ),
    )


def read(
    made: Preset,
    columns: Mapping[str, Sequence[str | None]],
    reject: Sequence[str | None] = (),
) -> Normalised:
    """One batch through a new normaliser; without an "id" column rows are numbered."""
    size = len(next(iter(columns.values())))
    ids: dict[str, Sequence[str | None]] = {"id": [str(n) for n in range(size)]}
    return normaliser(made).batch(raw({**ids, **columns}, reject))


def one_field(
    name: str,
    values: Sequence[str | None],
    record_type: str = "petition",
    field_map: Mapping[str, object] | None = None,
    **keys: object,
) -> tuple[list[object], list[tuple[str, str, str]]]:
    """The values of one mapped field, and (rule, field, shape) of the findings."""
    source = {"column": "c"} if field_map is None else field_map
    made = preset([record(record_type, {name: source})], **keys)
    done = read(made, {"c": values})
    return done.frames[record_type][name].to_list(), said(done)


def said(done: Normalised) -> list[tuple[str, str, str]]:
    """(rule, field, shape) of all findings."""
    return done.findings.select("rule", "field", "shape").rows()
