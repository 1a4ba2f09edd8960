"""The preset language: how one product's rows become records.

A preset (config/systems/*.toml) is text that a person wrote, so pydantic reads it and
refuses unknown keys. docs/presets.md explains each key with an example.
"""

from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import Field, model_validator

from config import preset_checks, stream_checks
from config.checks import Check
from config.conditions import Condition, RowFilter
from config.drift import DriftPolicy
from config.field_map import FieldMap, Pad, Pair, Pivot, Strict, refuse
from config.formats import date_faults, time_faults
from config.kinds.files import FilesStreamMap
from config.kinds.odbc import OdbcStreamMap
from config.kinds.rest import AuthTable, RestStreamMap
from config.stream import RecordMap, SplitList, StreamBase

__all__ = [
    "Check",
    "Condition",
    "FieldMap",
    "FilesPreset",
    "FilesStreamMap",
    "OdbcPreset",
    "OdbcStreamMap",
    "Pad",
    "Pivot",
    "Preset",
    "RecordMap",
    "RestPreset",
    "RestStreamMap",
    "RowFilter",
    "SplitList",
    "StreamBase",
    "StreamMap",
    "Strict",
]


class _PresetBase(Strict):
    product: str
    title: str
    timezone: str = "Asia/Ho_Chi_Minh"  # of naive times
    date_formats: tuple[str, ...] = ("%Y-%m-%d",)
    # ISO 8601 is always understood for times; these are tried first.
    time_formats: tuple[str, ...] = ()
    # The first of the hundred years that %y may mean; not given: 1969.
    two_digit_years_from: int | None = Field(default=None, ge=1900, le=2000)
    null_tokens: tuple[str, ...] = ("",)
    codes: dict[str, dict[str, str]] = Field(default_factory=dict)
    codes_match: dict[str, tuple[Pair, ...]] = Field(default_factory=dict)
    drift: DriftPolicy = DriftPolicy()
    streams: tuple[StreamBase, ...]

    @model_validator(mode="after")
    def _fitting(self) -> "_PresetBase":
        names = [stream.name for stream in self.streams]
        if len(set(names)) != len(names):
            raise ValueError(f"two streams share one name: {names}")
        if self.timezone not in available_timezones():
            raise ValueError("timezone must be a name such as Asia/Ho_Chi_Minh")
        refuse(date_faults(self.date_formats))
        refuse(time_faults(self.time_formats))
        for patterns in self.codes_match.values():
            refuse(preset_checks.code_pattern_faults(patterns))
        tokens = {"", *self.null_tokens}
        refuse(stream_checks.null_token_faults(self.streams, tokens))
        refuse(
            f"{stream.name}: {fault}"
            for stream in self.streams
            for mapping in stream.records
            for fault in preset_checks.record_faults(
                mapping, self.codes, self.codes_match
            )
        )
        for stream in self.streams:
            refuse(preset_checks.blank_faults(stream, self.codes))
        return self


class FilesPreset(_PresetBase):
    """A product whose registers are files."""

    kind: Literal["files"]
    streams: tuple[FilesStreamMap, ...]

    @model_validator(mode="after")
    def _one_mode(self) -> "FilesPreset":
        # What left a register is a deletion, what is in no delivery is not.
        if len({stream.mode for stream in self.streams}) > 1:
            raise ValueError(
                'streams of mode "snapshot" and "drop" cannot stand in one product: '
                "make two products, and two sources in the office file"
            )
        return self


class OdbcPreset(_PresetBase):
    """A product read over ODBC."""

    kind: Literal["odbc"]
    streams: tuple[OdbcStreamMap, ...]


class RestPreset(_PresetBase):
    """A product with a JSON API."""

    kind: Literal["rest"]
    auth: AuthTable | None = None
    streams: tuple[RestStreamMap, ...]


Preset = Annotated[FilesPreset | OdbcPreset | RestPreset, Field(discriminator="kind")]
StreamMap = FilesStreamMap | OdbcStreamMap | RestStreamMap
