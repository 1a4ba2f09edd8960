"""The numbers that name a person or a payer: which kind each is, and what is wrong.

Everything is an expression over a column. A number is judged in its compact form,
without what people put between digits or before them; the record keeps what its source
wrote. What a number is compared by is its canonical form (connectors/seal.py).
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType

import polars as pl

from expectations.provinces import Scheme, provinces

# CV 1804/BHXH-QLT: the personal id replaces the BHXH number from this day.
PERSONAL_ID_ON = date(2025, 8, 1)
# The last day on which a call to an old number was at least told the new one.
OLD_PHONES_UNTIL = date(2019, 6, 30)


class Kind(StrEnum):
    """What a number is, by its shape alone."""

    PERSONAL = "personal_id"  # số định danh cá nhân, CCCD: NĐ 137/2015 Art. 13
    CMND = "cmnd"
    BHXH = "bhxh"  # ten digits may be a tax number as well: who has it decides
    BHYT = "bhyt"  # QĐ 1351/QĐ-BHXH: group, benefit, province, BHXH number
    MST = "mst"  # of a branch; a payer's own has ten digits
    PASSPORT = "passport"


_SHAPES: Mapping[str, str] = MappingProxyType(
    {
        Kind.PERSONAL: r"^[0-9]{12}$",
        Kind.CMND: r"^[0-9]{9}$",
        Kind.BHXH: r"^[0-9]{10}$",
        Kind.BHYT: r"^[A-Z]{2}[0-9]{13}$",
        Kind.MST: r"^[0-9]{13}$",
        Kind.PASSPORT: r"^[A-Z][0-9]{7,8}$",
    }
)
# What people write before a number; no group letters of a health card among them.
_LABEL = (
    r"^(?:(?:SỐ|MÃ|THẺ|CCCD|CMND|CMTND|CMT|ĐDCN|SĐDCN|MST|BHXH|BHYT|CĂN CƯỚC|CÔNG DÂN"
    r"|ĐỊNH DANH|CÁ NHÂN|HỘ CHIẾU)[\s.:]*)+"
)
_BETWEEN = r"[\s.\-–_/]+"
_BIRTHPLACES = "|".join(sorted(provinces(Scheme.GSO2004)))
# Provinces of health cards; 97 and 98 are the army's and the police's.
_CARD_PROVINCES = "|".join(
    sorted({*provinces(Scheme.GSO2004), *provinces(Scheme.QD19_2025), "97", "98"})
)
_OLDEST = 120
# The nine digits before a tax number's check digit (TT 105/2020/TT-BTC).
_MST_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)


def compact(text: pl.Expr) -> pl.Expr:
    """Capitals and ASCII digits, without separators and the name of the paper."""
    plain = text.str.normalize("NFKC").str.to_uppercase().str.strip_chars()
    return plain.str.replace(_LABEL, "").str.replace_all(_BETWEEN, "")


def kind(number: pl.Expr) -> pl.Expr:
    """The Kind of a compact number, null when it has the shape of none."""
    found = [
        pl.when(number.str.contains(shape)).then(pl.lit(str(name)))
        for name, shape in _SHAPES.items()
    ]
    return pl.coalesce(found)


def birth_year(number: pl.Expr) -> pl.Expr:
    """The year of birth in a compact personal id: the century's digit, then the year's.

    The digit's parity is the sex; records have no sex to compare it with.
    """
    century = number.str.slice(3, 1).cast(pl.Int32, strict=False) // 2
    return 1900 + 100 * century + number.str.slice(4, 2).cast(pl.Int32, strict=False)


def is_born_by(number: pl.Expr, year: pl.Expr) -> pl.Expr:
    """True when who has the personal id was alive, and at most 120 years old."""
    return birth_year(number).is_between(year - _OLDEST, year)


def has_birthplace(number: pl.Expr) -> pl.Expr:
    """True when a personal id begins with one of the 63 provinces, not a country."""
    return number.str.contains(f"^0(?:{_BIRTHPLACES})")


def lost_zero(number: pl.Expr, year: pl.Expr) -> pl.Expr:
    """True for 11 or 8 digits that a spreadsheet left of a personal id or a CMND."""
    restored = pl.concat_str(pl.lit("0"), number)
    is_personal = has_birthplace(restored) & is_born_by(restored, year)
    eleven = number.str.contains(r"^[0-9]{11}$") & is_personal
    return eleven | number.str.contains(r"^[0-9]{8}$")


def is_card_sound(number: pl.Expr) -> pl.Expr:
    """True when a compact health card has a benefit of 1-5 and a known province."""
    return number.str.contains(f"^[A-Z]{{2}}[1-5](?:{_CARD_PROVINCES})[0-9]{{10}}$")


def is_tax_sound(number: pl.Expr) -> pl.Expr:
    """True when the tenth digit of a compact tax number fits the nine before it.

    Some nine digits have no such digit: no number begins with them.
    """
    weighted = [
        number.str.slice(place, 1).cast(pl.Int32, strict=False) * weight
        for place, weight in enumerate(_MST_WEIGHTS)
    ]
    check = number.str.slice(9, 1).cast(pl.Int32, strict=False)
    return 10 - pl.sum_horizontal(weighted, ignore_nulls=False) % 11 == check


def canonical_id(text: pl.Expr) -> pl.Expr:
    """What two spellings of one number have in common; null where it is no number.

    Lost zeros are restored, and a health card stands for the BHXH number at its end.
    """
    number = compact(text)
    is_short = number.str.contains(rf"^(?:{_BIRTHPLACES})[0-3][0-9]{{8}}$|^[0-9]{{8}}$")
    return (
        pl.when(is_short)
        .then(pl.concat_str(pl.lit("0"), number))
        .when(number.str.contains(_SHAPES[Kind.BHYT]))
        .then(number.str.slice(5))
        .when(number.str.contains("|".join(_SHAPES.values())))
        .then(number)
    )


# The end of the 11-digit mobile numbers (15/9/2018 to 30/6/2019): what stood after the
# trunk 0, and what stands there now; the last seven digits were kept.
MOVED_PHONES: Mapping[str, str] = MappingProxyType(
    {
        **{"120": "70", "121": "79", "122": "77", "126": "76", "128": "78"},
        **{"123": "83", "124": "84", "125": "85", "127": "81", "129": "82"},
        **{f"16{digit}": f"3{digit}" for digit in range(2, 10)},
        **{"186": "56", "188": "58", "199": "59"},
    }
)
_OLD = f"(?:{'|'.join(MOVED_PHONES)})[0-9]{{7}}"
# A number as one dials it at home, from abroad, or both ("+84 (0) 912...").
_TRUNK = r"(?:(?:\+|00)?840?|0)"
_NUMBER = rf"{_TRUNK}(?:{_OLD}|[35789][0-9]{{8}}|2[0-9]{{9}}|2[0-9]{{8}})"
_PUT_BETWEEN = r"[\s.()\-–_]+"
_ABROAD = r"^\+(?:[1-79]|8[0-35-9])[0-9]{5,14}$"
_SERVICE = r"^1[89]00[0-9]{4,6}$"
_LOST_ZERO_PHONE = r"^[35789][0-9]{8}$"


def _squeezed(contact: pl.Expr) -> pl.Expr:
    return contact.str.normalize("NFKC").str.replace_all(_PUT_BETWEEN, "")


def is_phone_sound(contact: pl.Expr) -> pl.Expr:
    """True when a contact of digits alone is phone numbers, in use or once in use.

    A contact with letters may be an e-mail address or words: true.
    """
    plain = _squeezed(contact)
    return (
        plain.str.contains(r"[^0-9+,;/]")
        | plain.str.contains(rf"^[,;/]*(?:{_NUMBER}[,;/]*)+$")
        | plain.str.contains(_ABROAD)
        | plain.str.contains(_SERVICE)
    )


def has_old_phone(contact: pl.Expr) -> pl.Expr:
    """True when a phone of a contact has the eleven digits that ended in 2019."""
    return _squeezed(contact).str.contains(
        rf"(?:^|[^0-9+])(?:{_NUMBER})*{_TRUNK}{_OLD}(?:{_NUMBER})*(?:[^0-9]|$)"
    )


def canonical_phone(contact: pl.Expr) -> pl.Expr:
    """What two spellings of one contact have in common: its first phone as it is now.

    Null where it is no Vietnamese number.
    """
    plain = _squeezed(contact)
    now = pl.concat_str(pl.lit("0"), _renumbered(_first_phone(contact)))
    is_short = plain.str.contains(_LOST_ZERO_PHONE)
    return pl.when(is_short).then(pl.concat_str(pl.lit("0"), plain)).otherwise(now)


def _first_phone(contact: pl.Expr) -> pl.Expr:
    """The first phone without its trunk, null where no run of digits is phones."""
    runs = rf"(?:^|[^0-9+])((?:{_NUMBER})+)(?:[^0-9]|$)"
    first = _squeezed(contact).str.extract(runs, 1).str.extract(rf"^({_NUMBER})", 1)
    return first.str.replace(f"^{_TRUNK}", "")


def _renumbered(phone: pl.Expr) -> pl.Expr:
    """A phone without trunk as it is since 2019."""
    area = phone.str.slice(0, 3).replace(dict(MOVED_PHONES))
    is_old = phone.str.contains(f"^{_OLD}$")
    return pl.when(is_old).then(area + phone.str.slice(3)).otherwise(phone)
