"""The tables of an office file (provinces/*.toml), as a person may write them."""

from typing import Literal

from pydantic import Field as Key

from config.corrections import Correction
from config.field_map import Strict
from config.kinds.files import FilesTable
from config.kinds.odbc import OdbcTable
from config.kinds.rest import RestTable
from config.succession import SuccessionTable


class Gate(Strict):
    """When a source is held before anything is loaded; shares from 0 to 1."""

    max_shrink: float = Key(default=0.3, ge=0, le=1)
    max_quarantined: float = Key(default=0.5, ge=0, le=1)


class SourceTable(Strict):
    """`[[sources]]`: one installation."""

    system: str = Key(pattern=r"^[a-z0-9_]{3,40}$")
    product: str
    overlap_days: int = Key(default=3, ge=0, le=366)
    timeout_s: float = Key(default=30.0, gt=0, le=3600)
    attempts: int = Key(default=5, ge=1, le=20)
    batch_rows: int = Key(default=20_000, ge=1, le=200_000)
    full_every_days: int = Key(default=7, ge=1, le=366)
    gate: Gate = Gate()
    # What this office's installation says differently from its product's preset.
    preset: dict[str, object] = Key(default_factory=dict)
    corrections: tuple[Correction, ...] = ()
    files: FilesTable | None = None
    odbc: OdbcTable | None = None
    rest: RestTable | None = None


class OfficeTable(Strict):
    """One file of provinces/."""

    name: str
    province_code: str = Key(pattern=r"^\d{2}$")
    code_scheme: Literal["GSO2004", "QD19-2025"]
    org_code: str | None = None
    deadline_s: float = Key(default=1800.0, gt=0, le=86_400)
    sources: tuple[SourceTable, ...] = Key(min_length=1)
    succession: tuple[SuccessionTable, ...] = ()
