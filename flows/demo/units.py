"""The sector's units through the changes of 2025, one record a unit and period.

Districts became inter-district units on 01/4/2025, provinces regions, and all took
their present names on 01/7/2025. Of the regions of March 2025 only I (Hà Nội) and II
(TP.HCM) are as they were; who shared one otherwise, and which districts were joined,
is invented.
"""

from dataclasses import dataclass, field
from datetime import date

from flows.demo.geography import Area, District, areas, new_provinces
from flows.demo.inventing import LETTERS, Record, Values, changed_at
from flows.demo.people import Inventor

FOUNDED = date(1995, 2, 16)  # NĐ 19/CP
REGIONAL_FROM, REGIONAL_TO = date(2025, 4, 1), date(2025, 6, 30)
OLD_TO, NEW_FROM = date(2025, 3, 31), date(2025, 7, 1)
QD_391, QD_2286 = "QĐ 391/QĐ-BTC", "QĐ 2286/QĐ-BTC"
HA_NOI, HO_CHI_MINH = "01", "79"
TENS, ONES = ("", "X", "XX", "XXX"), "- I II III IV V VI VII VIII IX"
OLD, NEW = "GSO2004", "QD19-2025"


@dataclass(slots=True)
class _List:
    """The list while it is written; parents stand before their children."""

    inventor: Inventor
    code: str
    records: list[Record] = field(default_factory=list)

    def add(self, org_code: str, name: str, level: str, values: Values) -> str:
        """File one unit's period; gives its key."""
        key = f"{self.code}-{LETTERS['org_unit']}{len(self.records) + 1:05d}"
        whole: Values = {
            "org_code": org_code,
            "name": f"Bảo hiểm xã hội {name}",
            "level": level,
            "province_code": None,
            "code_scheme": None,
            "parent": None,
            "predecessor": [],
            "legal_document": None,
            "valid_to": None,
        }
        at = changed_at(self.inventor.rng, values)
        # Only the units of today at the bottom are named by no other.
        is_linked = level != "co_so"
        made = Record("org_unit", key, whole | values, at, is_linked)
        self.records.append(made)
        return key


def units(inventor: Inventor, code: str) -> list[Record]:
    """All units; any first part of the list names only units in it."""
    listed = _List(inventor, code)
    head = listed.add("G24", "Việt Nam", "trung_uong", {"valid_from": FOUNDED})
    old = {area.code: _old_province(listed, area, head) for area in areas().values()}
    regions = {
        part: _region(listed, number, group, old, head)
        for number, group in enumerate(_regions(), 1)
        for part in (",".join(area.code for area in group),)
    }
    by_area = {c: key for part, key in regions.items() for c in part.split(",")}
    new = {
        new_code: _new_province(listed, new_code, name, by_area, head)
        for new_code, name in new_provinces().items()
    }
    for area in areas().values():
        above = (old[area.code], by_area[area.code], new[area.new_code])
        for start in range(0, len(area.districts), 2):
            _districts(listed, area, start, above)
    return listed.records


def _old_province(listed: _List, area: Area, head: str) -> str:
    values: Values = {
        "valid_from": FOUNDED,
        "province_code": area.code,
        "code_scheme": OLD,
        "parent": head,
        "valid_to": OLD_TO,
    }
    return listed.add(f"G24.{area.code}", area.name, "tinh", values)


def _regions() -> list[list[Area]]:
    """The groups of provinces: Hà Nội, TP.HCM, then one for each later province."""
    groups: dict[str, list[Area]] = {HA_NOI: [], HO_CHI_MINH: []}
    for area in areas().values():
        is_beside = area.new_code == HO_CHI_MINH and area.code != HO_CHI_MINH
        groups.setdefault("beside" if is_beside else area.new_code, []).append(area)
    return list(groups.values())


def _region(
    listed: _List, number: int, group: list[Area], old: dict[str, str], head: str
) -> str:
    one = ONES.split()[number % 10].replace("-", "")
    values: Values = {
        "valid_from": REGIONAL_FROM,
        "parent": head,
        "predecessor": [old[area.code] for area in group],
        "legal_document": QD_391,
        "valid_to": REGIONAL_TO,
    }
    name = f"khu vực {TENS[number // 10]}{one}"
    return listed.add(f"G24.KV{number:02d}", name, "khu_vuc", values)


def _new_province(
    listed: _List, code: str, name: str, by_area: dict[str, str], head: str
) -> str:
    members = (area for area in areas().values() if area.new_code == code)
    values: Values = {
        "valid_from": NEW_FROM,
        "province_code": code,
        "code_scheme": NEW,
        "parent": head,
        "predecessor": list(dict.fromkeys(by_area[area.code] for area in members)),
        "legal_document": QD_2286,
    }
    return listed.add(f"G24.{code}", name, "tinh", values)


def _districts(
    listed: _List, area: Area, start: int, above: tuple[str, str, str]
) -> None:
    """Two neighbours, what they became in April 2025, and the base unit since July."""
    province, region, new_province = above
    pair = area.districts[start : start + 2]
    code = f"G24.{area.code}"
    keys = [
        _district(listed, f"{code}.{start + nth:02d}", district, area, province)
        for nth, district in enumerate(pair, 1)
    ]
    joined = f"{code}.L{start // 2 + 1:02d}"
    names = " - ".join(district.name for district in pair)
    between: Values = {
        "valid_from": REGIONAL_FROM,
        "province_code": area.code,
        "code_scheme": OLD,
        "parent": region,
        "predecessor": list(keys),
        "legal_document": QD_391,
        "valid_to": REGIONAL_TO,
    }
    name = f"liên huyện {names}" if len(pair) > 1 else pair[0].full
    before = listed.add(joined, name, "lien_huyen", between)
    base: Values = {
        "valid_from": NEW_FROM,
        "province_code": area.new_code,
        "code_scheme": NEW,
        "parent": new_province,
        "predecessor": [before],
        "legal_document": QD_2286,
    }
    listed.add(
        f"G24.{area.new_code}.{area.code}C{start // 2 + 1:02d}",
        f"cơ sở {pair[0].name}",
        "co_so",
        base,
    )


def _district(
    listed: _List, org_code: str, district: District, area: Area, parent: str
) -> str:
    values: Values = {
        "valid_from": FOUNDED,
        "province_code": area.code,
        "code_scheme": OLD,
        "parent": parent,
        "valid_to": OLD_TO,
    }
    return listed.add(org_code, district.full, "huyen", values)
