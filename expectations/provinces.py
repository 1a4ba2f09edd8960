"""Province codes before and after 01/7/2025; seven codes changed their meaning then."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

import polars as pl

CODES = Path(__file__).parent / "codes"
MERGED_ON = date(2025, 7, 1)


class Scheme(StrEnum):
    """Which list a two-digit code belongs to."""

    GSO2004 = "GSO2004"  # QĐ 124/2004/QĐ-TTg, 63 provinces in the end
    QD19_2025 = "QD19-2025"  # QĐ 19/2025/QĐ-TTg, 34 provinces


class ProvinceError(ValueError):
    """A code that is unknown, or means two provinces without its scheme."""


@dataclass(frozen=True, slots=True)
class Province:
    """A province under one scheme; `valid_to` is exclusive, None while in force."""

    code: str
    name: str
    scheme: Scheme
    valid_from: date
    valid_to: date | None


def _read(name: str) -> list[dict[str, str]]:
    with (CODES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def provinces(scheme: Scheme) -> Mapping[str, Province]:
    """The provinces of a scheme by code.

    Some of the 63 began later than 01/7/2004 (the list is that of 2025); `valid_from`
    is the day of the scheme, not of the province.
    """
    old = scheme is Scheme.GSO2004
    table = _read("provinces_63.csv" if old else "provinces_34.csv")
    # QĐ 124/2004 is of 08/7/2004.
    start, end = (date(2004, 7, 8), MERGED_ON) if old else (MERGED_ON, None)
    return MappingProxyType(
        {
            code: Province(code, name, scheme, start, end)
            for code, name in ((row["code"], row["name"]) for row in table)
        }
    )


@cache
def successors() -> Mapping[str, str]:
    """Code among the 63 -> code among the 34."""
    table = _read("province_map_63_to_34.csv")
    return MappingProxyType({row["old_code"]: row["new_code"] for row in table})


@cache
def reused_codes() -> frozenset[str]:
    """Codes in both schemes whose old province is not the one that gave its name."""
    old, new = provinces(Scheme.GSO2004), provinces(Scheme.QD19_2025)
    return frozenset(
        code
        for code in old.keys() & new.keys()
        if _bare(old[code].name) != _bare(new[code].name)
    )


def _bare(name: str) -> str:
    """The name without its unit type, which moves (Tỉnh, Thành phố)."""
    return name.removeprefix("Tỉnh ").removeprefix("Thành phố ")


def scheme_on(day: date) -> Scheme:
    """The scheme in force on a day."""
    return Scheme.QD19_2025 if day >= MERGED_ON else Scheme.GSO2004


def is_known(code: str, scheme: str) -> bool:
    """True when the code stands in its scheme, whatever the day."""
    return scheme in set(Scheme) and code in provinces(Scheme(scheme))


def is_valid(code: str, scheme: Scheme, on: date) -> bool:
    """True when the code stands in its scheme and the scheme is in force (rule 52)."""
    return is_known(code, scheme) and scheme is scheme_on(on)


def province(code: str, scheme: Scheme | None, on: date) -> Province:
    """The province in which the place that a code names lies on a day.

    An old code names the old province before 01/7/2025 and its successor from then on;
    for a new code before that day there may be several answers: see `predecessors`.
    Raises ProvinceError as `resolve` does.
    """
    current = resolve(code, scheme, on)
    if scheme_on(on) is Scheme.QD19_2025:
        return provinces(Scheme.QD19_2025)[current]
    if scheme is not Scheme.QD19_2025 and code in provinces(Scheme.GSO2004):
        return provinces(Scheme.GSO2004)[code]
    parts = predecessors(current)
    if len(parts) > 1:
        raise ProvinceError(
            f'province code "{current}" of {Scheme.QD19_2025} stands for {len(parts)} '
            f"provinces before 01/7/2025; expected one of their codes of "
            f"{Scheme.GSO2004}"
        )
    return provinces(Scheme.GSO2004)[parts[0]]


def predecessors(code: str) -> tuple[str, ...]:
    """The codes among the 63 whose territory a province of the 34 has, sorted."""
    return tuple(old for old, new in successors().items() if new == code)


def current_codes(code: pl.Expr, scheme: pl.Expr) -> pl.Expr:
    """`resolve` for columns: the code among the 34, null where it cannot be told."""
    new = list(provinces(Scheme.QD19_2025))
    known = dict(successors())
    both = {c: known.get(c, c) for c in {*known, *new} - reused_codes()}
    return (
        pl.when(scheme == Scheme.GSO2004)
        .then(code.replace_strict(known, default=None, return_dtype=pl.String))
        .when(scheme == Scheme.QD19_2025)
        .then(pl.when(code.is_in(new)).then(code))
        .when(scheme.is_null())
        .then(code.replace_strict(both, default=None, return_dtype=pl.String))
    )


def resolve(code: str, scheme: Scheme | None, on: date) -> str:
    """The code, among the 34, of the province where the place now lies.

    Without a scheme the one in force on `on` is tried first, then the other; the seven
    re-used codes are refused, for a source may keep old codes after the change.
    """
    if scheme is None:
        if code in reused_codes():
            raise ProvinceError(
                f'province code "{code}" names one province before 01/7/2025 and '
                f"another after; expected its scheme "
                f"({Scheme.GSO2004} or {Scheme.QD19_2025}); give it with the code"
            )
        current = scheme_on(on)
        other = next(s for s in Scheme if s is not current)
        scheme = current if code in provinces(current) else other
    if code not in provinces(scheme):
        raise ProvinceError(
            f"a province code of {len(code)} characters is not in {scheme}; "
            f"expected one of its {len(provinces(scheme))} two-digit codes; "
            f"correct it at the source"
        )
    return code if scheme is Scheme.QD19_2025 else successors()[code]
