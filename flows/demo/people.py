"""Synthetic people of the sample estate and where they live; nobody here exists."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import count
from random import Random
from typing import TypeVar

from flows.demo.clock import EVE, MERGED_ON
from flows.demo.geography import SHORT, Area, District, areas, areas_of, bare
from flows.demo.names import (
    FAMILIES,
    FIRST_SYLLABLES,
    GIVEN_OF_CITIZENS,
    GIVEN_OF_OFFICIALS,
    HAMLETS,
    LAST_SYLLABLES,
    MIDDLES,
    PHONE_PREFIXES,
    POSITIONS,
    SECONDS,
    words,
)

T = TypeVar("T")


def pick(rng: Random, pool: Sequence[T]) -> T:
    """One of the pool; a third of the time that `rng.choice` takes."""
    return pool[int(rng.random() * len(pool))]


def between(rng: Random, low: int, high: int) -> int:
    """A whole number, both ends included."""
    return low + int(rng.random() * (high - low + 1))


SERIALS = 900_000  # numbers above are the canaries'
# How many still give their address in the old form after the merger.
OLD_ADDRESSES = 0.08


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes petitions."""

    name: str
    address: str
    phone: str
    id_number: str


@dataclass(frozen=True, slots=True)
class Respondent:
    """An official and the office of theirs."""

    name: str
    org: str
    address: str
    position: str


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a matter happens: a commune in a district of a former province."""

    area: Area
    district: District
    commune: str


@dataclass(frozen=True, slots=True)
class Inventor:
    """The randomness of one installation: its places and what was used already.

    `served` are the codes of the former provinces it serves, all of its province's
    when empty. Nothing is known after `until`.
    """

    rng: Random
    province: str  # "tỉnh Quảng Trị"
    id_prefix: str  # three digits of a citizen's number
    serial: Iterator[int] = field(default_factory=lambda: count(1))
    numbers: dict[tuple[str, int], int] = field(default_factory=dict)
    served: tuple[str, ...] = ()
    until: date = EVE

    def number(self, kind: str, year: int) -> int:
        """The next running number of that kind in that year, from 1."""
        self.numbers[kind, year] = self.numbers.get((kind, year), 0) + 1
        return self.numbers[kind, year]

    def spot(self) -> Spot:
        """A place that the installation serves."""
        area = pick(self.rng, _served(self.province, self.served))
        return Spot(area, pick(self.rng, area.districts), self.place())

    def person(self, on: date, spot: Spot | None = None) -> Person:
        """A citizen with an address as it was written on that day."""
        rng, where = self.rng, spot or self.spot()
        sex = int(rng.random() * 2)
        parts = [pick(rng, FAMILIES[where.area.region]), pick(rng, MIDDLES[sex])]
        if rng.random() < 0.3:
            parts.append(pick(rng, SECONDS))
        parts.append(pick(rng, GIVEN_OF_CITIZENS[sex]))
        number = self._id_number(on, where.area, sex)
        return Person(" ".join(parts), self._address(on, where), self.phone(), number)

    def phone(self) -> str:
        """A mobile number."""
        last = int(self.rng.random() * 10**7)
        return f"{pick(self.rng, PHONE_PREFIXES)}{last:07d}"

    def respondent(self, on: date, spot: Spot | None = None) -> Respondent:
        """An official of an office by its name of that day (rule 53)."""
        rng, where = self.rng, spot or self.spot()
        name = self.official(where)
        org = self.office(on, where)
        address = f"trụ sở {org}, {self.province_on(on, where)}"
        return Respondent(name, org, address, pick(rng, POSITIONS))

    def official(self, where: Spot) -> str:
        """The name of somebody who works for BHXH there."""
        rng = self.rng
        sex = int(rng.random() * 2)
        pools = (FAMILIES[where.area.region], MIDDLES[sex], GIVEN_OF_OFFICIALS[sex])
        return " ".join(pick(rng, pool) for pool in pools)

    def office(self, on: date, where: Spot) -> str:
        """The local BHXH office, in one of the spellings that people use."""
        return pick(self.rng, _spellings(where.district, on >= MERGED_ON))

    def provincial_office(self, on: date, where: Spot) -> str:
        """The BHXH office of the province, in one of the spellings that people use."""
        province = self.province_on(on, where)
        forms = (
            f"BHXH {province}",
            f"Bảo hiểm xã hội {province}",
            f"BHXH {bare(province)}",
        )
        return pick(self.rng, forms)

    def province_on(self, on: date, where: Spot) -> str:
        """The province that the place lay in on that day."""
        return self.province if on >= MERGED_ON else where.area.name

    def place(self) -> str:
        """A name that sounds like a commune's."""
        rng = self.rng
        return f"{pick(rng, FIRST_SYLLABLES)} {pick(rng, LAST_SYLLABLES)}"

    def _id_number(self, on: date, area: Area, sex: int) -> str:
        rng = self.rng
        # Cards of nine digits were valid to the end of 2024.
        if on.year < 2022 and rng.random() < 0.25:
            return f"{between(rng, 1, 3)}{int(rng.random() * 10**8):08d}"
        year = between(rng, 1945, 2004)
        serial = next(self.serial) % SERIALS
        century = sex + 2 * (year >= 2000)
        return f"0{area.code}{century}{year % 100:02d}{serial:06d}"

    def _address(self, on: date, where: Spot) -> str:
        rng, district = self.rng, where.district
        is_town = district.kind != "huyện"
        hamlet = pick(rng, HAMLETS[where.area.region][is_town])
        commune = f"{'phường' if is_town else 'xã'} {where.commune}"
        start = f"{hamlet} {between(rng, 1, 15)}, {commune}"
        if on < MERGED_ON or rng.random() < OLD_ADDRESSES:
            return f"{start}, {district.full}, {where.area.name}"
        return f"{start}, {self.province}"


@cache
def _served(province: str, codes: tuple[str, ...]) -> tuple[Area, ...]:
    return tuple(areas()[code] for code in codes) or areas_of(province)


@cache
def _spellings(district: District, is_merged: bool) -> tuple[str, ...]:
    if is_merged:
        return (
            f"BHXH cơ sở {district.name}",
            f"BHXH cơ sở {district.name}",
            f"Bảo hiểm xã hội cơ sở {district.name}",
        )
    return (
        f"BHXH {district.full}",
        f"BHXH {district.full}",
        f"Bảo hiểm xã hội {district.full}",
        f"BHXH {SHORT[district.kind]} {district.name}",
    )


CANARY_FAMILIES = words("Khuất Nghiêm Ngụy Quàng Giàng Lò Tòng Cầm Thạch Danh")
CANARY_MIDDLES = words("Lệ Kháng Trầu Sương Nắng Mưa Gấm")
CANARY_GIVEN = words(
    "Ngàn Rạng Sâm Tằm Ươm Vầu Xoan Mận Nương Lúa Khèn Chàm Bạc Ống Đá Trám"
)


def _canary(i: int) -> Person:
    family = CANARY_FAMILIES[i % 10]
    given = CANARY_GIVEN[i // 10 % 16]
    # All hundred and sixty pairs under one middle name, then under the next.
    middle = CANARY_MIDDLES[i // 160]
    address = f"bản Rừng Vầu {1000 + i}, xã Đèo Mây"
    name = f"{family} {middle} {given}"
    return Person(name, address, f"086{9990000 + i}", f"0100{80:02d}{990000 + i}")


# Values that occur nowhere else: found in the clear anywhere downstream, they prove
# a leak.
CANARIES: tuple[Person, ...] = tuple(_canary(i) for i in range(1120))
