"""Wards and communes before and after 01/7/2025: what a code names, what became of it.

Of the 3,321 codes in force 3,316 were in force before, most for another territory: a
code says nothing without its scheme. Frames and joins throughout; `codes/README.md`
names the source.
"""

from functools import cache

import polars as pl

from expectations.provinces import CODES, ProvinceError, Scheme, is_known
from expectations.spelling import fold_name

_FILES = {Scheme.GSO2004: "wards_old.csv", Scheme.QD19_2025: "wards_new.csv"}


@cache
def wards(scheme: Scheme) -> pl.DataFrame:
    """code, name, province_code and, of the old ones, district; sorted by code.

    Five island districts had no ward: each stands as "D" and its district code.
    """
    return pl.read_csv(CODES / _FILES[scheme], infer_schema=False).sort("code")


@cache
def ward_successors() -> pl.DataFrame:
    """old_code, new_code, is_default: into which wards each old one went.

    One target of each is the default: where the whole went, or, of a divided ward,
    what the source chooses when the street is not known.
    """
    table = pl.read_csv(CODES / "ward_map_old_to_new.csv", infer_schema=False)
    return table.with_columns(pl.col("is_default") == "1")


def wards_of(province_code: str, scheme: Scheme) -> pl.DataFrame:
    """The wards of a province of the same scheme.

    Raises ProvinceError when the scheme has no such province.
    """
    if not is_known(province_code, scheme):
        raise ProvinceError(
            f"a province code of {len(province_code)} characters is not in {scheme}; "
            "expected a two-digit code of that scheme"
        )
    return wards(scheme).filter(pl.col("province_code") == province_code)


def with_ward(frame: pl.DataFrame, column: str, scheme: Scheme) -> pl.DataFrame:
    """The frame with ward_name and province_code of its codes, null where unknown."""
    named = wards(scheme).select("code", "province_code", ward_name="name")
    return frame.join(
        named, left_on=column, right_on="code", how="left", maintain_order="left"
    )


def current_wards(old_codes: pl.Series) -> pl.Series:
    """For each old code the ward where most of it lies now, by the default target."""
    one = ward_successors().filter("is_default").select("old_code", "new_code")
    asked = old_codes.alias("old_code").to_frame()
    found = asked.join(one, on="old_code", how="left", maintain_order="left")
    return found["new_code"]


def wards_named(names: pl.Series, province_code: str, scheme: Scheme) -> pl.DataFrame:
    """name, code: the wards of a province that bear each name, spelled either way.

    A name has its unit ("Phường Tân Hòa"); several wards may share it in the old
    scheme, in different districts. A name that no ward bears is not there.
    """
    known = wards_of(province_code, scheme).select(
        "code", folded=fold_name(pl.col("name"))
    )
    asked = (
        names.alias("name").to_frame().with_columns(folded=fold_name(pl.col("name")))
    )
    return asked.join(known, on="folded").select("name", "code")
