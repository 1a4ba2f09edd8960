"""The files kind in TOML: a register in a drop folder, and where the folder is."""

import codecs
from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import Field as Key
from pydantic import model_validator

import connectors.legacy.codecs  # noqa: F401 - tcvn3 and vni become encodings
from config import preset_checks
from config.field_map import Strict, refuse
from config.secrets import path_of
from config.stream import StreamBase
from connectors.sources.files.spec import FilesAt, FilesStream


class FilesStreamMap(StreamBase):
    """A register in a drop folder."""

    glob: str
    format: Literal["csv", "xlsx", "xls", "ods", "html"]
    member: str | None = None
    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8-sig"
    sheet: str | None = None
    skip_rows: int = Key(default=0, ge=0)
    header: str | None = None
    header_rows: int = Key(default=1, ge=0)
    columns: tuple[str, ...] = ()
    footer: str | None = None
    titles: dict[str, str] = Key(default_factory=dict)
    mode: Literal["snapshot", "drop"] = "snapshot"
    settle_s: float = Key(default=0.0, ge=0, le=86_400)

    @model_validator(mode="after")
    def _one_place_of_the_header(self) -> "FilesStreamMap":
        if self.header is not None and (self.skip_rows or not self.header_rows):
            raise ValueError(
                "header finds the header row: it goes with neither skip_rows nor "
                "header_rows = 0"
            )
        if (self.header_rows == 0) != bool(self.columns):
            raise ValueError(
                "columns names the columns of a file without a header: give it with "
                "header_rows = 0, and only then"
            )
        return self

    @model_validator(mode="after")
    def _readable(self) -> "FilesStreamMap":
        for pattern in (self.footer, self.header):
            if pattern is not None:
                preset_checks.regex_groups(pattern)
        refuse(self._text_faults())
        return self

    def _text_faults(self) -> Iterator[str]:
        for key, sign in (("delimiter", self.delimiter), ("quote", self.quote)):
            is_one = len(sign) == 1 and sign.isascii() and sign not in "\r\n"
            if not is_one and (key == "delimiter" or sign):
                yield f"{key} must be one ASCII character, found {len(sign)}"
        if self.delimiter == self.quote:
            yield "delimiter and quote are the same character"
        if self.format == "csv" and self.sheet is not None:
            yield "sheet goes with workbooks; a csv file has none"
        try:
            codecs.lookup(self.encoding)
        except LookupError:
            yield (
                f"unknown encoding {self.encoding} (known: utf-8-sig, utf-16, cp1258, "
                "tcvn3, vni and Python's)"
            )

    @model_validator(mode="after")
    def _titles_have_a_group(self) -> "FilesStreamMap":
        for name, pattern in self.titles.items():
            if preset_checks.regex_groups(pattern) != 1:
                raise ValueError(f"titles: {name}: expected one group in parentheses")
        return self

    @model_validator(mode="after")
    def _numbers_of_cells(self) -> "FilesStreamMap":
        # A numeric cell is read with a dot: 12.345 would become 12345 millions.
        for record in self.records if self.format != "csv" else ():
            for name, field in record.fields.items():
                if field.decimal == "," and (field.scale or 1) > 1:
                    raise ValueError(
                        f'{name}: decimal = "," would read the numeric cell 12.345 of '
                        'a workbook as 12345; leave decimal out, or give "." when '
                        "the column holds numbers only"
                    )
        return self

    def read(self, zone: str) -> FilesStream:  # noqa: ARG002 - of cursors, none here
        """What the reader is told."""
        names = FilesStream.__dataclass_fields__
        return FilesStream(**{n: getattr(self, n) for n in names})


class FilesTable(Strict):
    """`[sources.files]`: a drop folder, absolute; $VARIABLES are replaced."""

    folder: str
    max_mib: int = Key(default=64, ge=1, le=2048)

    def at(self, where: str, env: Mapping[str, str]) -> FilesAt:
        """Where the reader looks; raises ConfigError."""
        return FilesAt(path_of(where, self.folder, env), self.max_mib)
