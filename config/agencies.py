"""Declared names of agencies: agencies.toml for all offices, agencies/<stem>.toml."""

from datetime import date
from pathlib import Path
from typing import Annotated

import polars as pl
from pydantic import Field as Key
from pydantic import TypeAdapter, model_validator

from config.field_map import Strict
from config.reading import read, short
from connectors.errors import ConfigError
from expectations.agencies import DECLARED, clashes, fold_agency
from expectations.frames import empty


class AgencyTable(Strict):
    """`[[agencies]]`: the names that stand for one agency, from a day to a day."""

    # QĐ 20/2020; rules_common.ORG_CODE_SHAPE without its look-ahead.
    org_code: str = Key(max_length=35, pattern=r"^[0-9A-Z]+(\.[0-9A-Z]+)*$")
    names: tuple[Annotated[str, Key(pattern=r"\w")], ...] = Key(min_length=1)
    valid_from: date | None = None
    valid_to: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "AgencyTable":
        if self.valid_from and self.valid_to and self.valid_from >= self.valid_to:
            raise ValueError(
                "valid_to must be after valid_from; it is the first day on which the "
                "names no longer stand for the agency"
            )
        return self


class AgenciesTable(Strict):
    """One file of agencies."""

    agencies: tuple[AgencyTable, ...] = ()


def load_agencies(config_dir: Path, stem: str) -> pl.DataFrame:
    """The names declared for an office (DECLARED): its own, then those of all.

    A name of its own file hides the same one of all. No file is no names. Raises
    ConfigError, also for a name that stands for two agencies on one day.
    """
    folded = fold_agency(pl.col("name")).alias("folded")
    own = _declared(config_dir / "agencies" / f"{stem}.toml").with_columns(folded)
    shared = _declared(config_dir / "agencies.toml").with_columns(folded)
    return pl.concat([own, shared.join(own, on="folded", how="anti")]).drop("folded")


def _declared(path: Path) -> pl.DataFrame:
    if not path.exists():
        return empty(DECLARED)
    table = read(path, TypeAdapter(AgenciesTable))
    rows = [
        (agency.org_code, name, agency.valid_from, agency.valid_to)
        for agency in table.agencies
        for name in agency.names
    ]
    declared = pl.DataFrame(rows, schema=DECLARED, orient="row")
    for name, codes in clashes(declared).iter_rows():
        raise ConfigError(
            f'{short(path)}: "{name}" stands for {" and ".join(codes)} on one day '
            "(case, abbreviations and the place of a tone make no difference); give "
            "valid_from and valid_to, or take it out of one"
        )
    return declared
