"""The preset language: how one product's rows become records.

A preset (config/systems/*.toml) is text that a person wrote, so pydantic reads it and
refuses unknown keys. docs/presets.md explains each key with an example.
"""

from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import Field, model_validator

from config import preset_checks, stream_checks
from config.field_map import FieldMap, Pivot, Strict, refuse, with_short_names
from expectations import records

__all__ = [
    "Condition",
    "FieldMap",
    "FilesPreset",
    "FilesStreamMap",
    "OdbcPreset",
    "OdbcStreamMap",
    "Pivot",
    "Preset",
    "RecordMap",
    "RestPreset",
    "RestStreamMap",
    "RowFilter",
    "StreamBase",
    "StreamMap",
    "Strict",
]


class Condition(Strict):
    """True for a row when the column's trimmed text is one of the values (or none)."""

    column: str
    equals: tuple[str, ...] = ()
    not_equals: tuple[str, ...] = ()
    is_blank: bool | None = None
    matches: str | None = None  # regular expression, anywhere in the text

    @model_validator(mode="after")
    def _one_test(self) -> "Condition":
        given = [
            bool(self.equals),
            bool(self.not_equals),
            self.is_blank is not None,
            self.matches is not None,
        ]
        if sum(given) != 1:
            raise ValueError(
                "give exactly one of equals, not_equals, is_blank, matches"
            )
        if self.matches is not None:
            preset_checks.regex_groups(self.matches)
        return self


class RowFilter(Strict):
    """Rows that are no records of ours; counted with the reason, never silent."""

    reason: str
    when: Condition


class RecordMap(Strict):
    """How rows of a stream become records of one type."""

    type: str
    when: Condition | None = None  # None: each row gives one record
    # Path into a nested column: one record for each object that stands there.
    each: str | None = None
    key: tuple[str, ...] = Field(min_length=1)  # several are joined with "|"
    personal_key: bool = False  # the key is itself personal: stored as its token
    cursor: str | None = None  # column with the record's change time
    not_provided: tuple[str, ...] = ()  # what the product cannot give, said once
    fields: dict[str, FieldMap]

    @model_validator(mode="before")
    @classmethod
    def _short_fields(cls, raw: object) -> object:
        return with_short_names(raw, "fields")

    @model_validator(mode="after")
    def _known_fields(self) -> "RecordMap":
        if self.type not in records.BY_NAME:
            known = ", ".join(records.BY_NAME)
            raise ValueError(f'unknown record type "{self.type}" (known: {known})')
        declared = {f.name: f for f in records.BY_NAME[self.type].fields}
        for name in (*self.fields, *self.not_provided):
            if name not in declared:
                raise ValueError(f"{self.type} has no field {name}")
        both = set(self.fields) & set(self.not_provided)
        if both:
            raise ValueError(f"mapped and declared not_provided: {sorted(both)}")
        missing = [
            f.name
            for f in declared.values()
            if f.need is records.Need.MANDATORY
            and f.name not in self.fields
            and f.name not in self.not_provided
        ]
        if missing:
            raise ValueError(
                f"{self.type}: map these mandatory fields or declare them "
                f"not_provided: {', '.join(missing)}"
            )
        return self


class StreamBase(Strict):
    """What a stream of any kind may say."""

    name: str
    nested: tuple[str, ...] = ()  # columns of JSON: an object, or a list of objects
    ignored: tuple[str, ...] = ()  # columns read by nobody, by name
    optional: tuple[str, ...] = ()  # mapped columns that may be absent
    fill_down: tuple[str, ...] = ()  # columns of merged cells
    filters: tuple[RowFilter, ...] = ()
    cursor: str | None = None  # column with the row's change time
    records: tuple[RecordMap, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> "StreamBase":
        refuse(stream_checks.stream_faults(self))
        return self


class FilesStreamMap(StreamBase):
    """A register in a drop folder."""

    glob: str
    format: Literal["csv", "xlsx"]
    delimiter: str = ","
    encoding: str = "utf-8-sig"
    sheet: str | None = None
    skip_rows: int = 0
    header_rows: int = 1
    footer: str | None = None

    @model_validator(mode="after")
    def _numbers_of_cells(self) -> "FilesStreamMap":
        # A numeric cell is read with a dot: 12.345 would become 12345 millions.
        for record in self.records if self.format == "xlsx" else ():
            for name, field in record.fields.items():
                if field.decimal == "," and (field.scale or 1) > 1:
                    raise ValueError(
                        f'{name}: decimal = "," would read the numeric cell 12.345 of '
                        'a workbook as 12345; leave decimal out, or give "." when '
                        "the column holds numbers only"
                    )
        return self


class OdbcStreamMap(StreamBase):
    """A query."""

    query: str


class RestStreamMap(StreamBase):
    """A paged JSON list."""

    path: str
    items: str = "items"
    page_param: str = "page"
    first_page: int = 1
    size_param: str | None = "size"
    page_size: int = 500
    total: str | None = None
    since_param: str | None = None
    until_param: str | None = None
    error: str | None = None
    error_ok: str = ""


class _PresetBase(Strict):
    product: str
    title: str
    timezone: str = "Asia/Ho_Chi_Minh"  # of naive times
    date_formats: tuple[str, ...] = ("%Y-%m-%d",)
    # ISO 8601 is always understood for times; these are tried first.
    time_formats: tuple[str, ...] = ()
    null_tokens: tuple[str, ...] = ("",)
    codes: dict[str, dict[str, str]] = Field(default_factory=dict)
    streams: tuple[StreamBase, ...]

    @model_validator(mode="after")
    def _fitting(self) -> "_PresetBase":
        names = [stream.name for stream in self.streams]
        if len(set(names)) != len(names):
            raise ValueError(f"two streams share one name: {names}")
        if self.timezone not in available_timezones():
            raise ValueError("timezone must be a name such as Asia/Ho_Chi_Minh")
        refuse(preset_checks.format_faults(self.date_formats, preset_checks.A_DAY))
        refuse(preset_checks.format_faults(self.time_formats, preset_checks.A_TIME))
        tokens = {"", *self.null_tokens}
        refuse(stream_checks.null_token_faults(self.streams, tokens))
        refuse(
            f"{stream.name}: {fault}"
            for stream in self.streams
            for mapping in stream.records
            for fault in preset_checks.record_faults(mapping, self.codes)
        )
        return self


class FilesPreset(_PresetBase):
    """A product whose registers are files."""

    kind: Literal["files"]
    streams: tuple[FilesStreamMap, ...]


class OdbcPreset(_PresetBase):
    """A product read over ODBC."""

    kind: Literal["odbc"]
    streams: tuple[OdbcStreamMap, ...]


class RestPreset(_PresetBase):
    """A product with a JSON API."""

    kind: Literal["rest"]
    streams: tuple[RestStreamMap, ...]


Preset = Annotated[FilesPreset | OdbcPreset | RestPreset, Field(discriminator="kind")]
StreamMap = FilesStreamMap | OdbcStreamMap | RestStreamMap
