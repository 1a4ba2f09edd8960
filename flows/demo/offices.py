"""The offices of the sample estate, their installations and their sizes."""

from dataclasses import dataclass
from datetime import date
from random import Random

from flows.demo.archive import Archive
from flows.demo.clock import EVE
from flows.demo.inventing import Record
from flows.demo.matters import fill
from flows.demo.people import Inventor
from flows.demo.products import (
    CSV,
    MARIADB,
    REPORTS,
    REST,
    SQL,
    TCD,
    UNITS,
    XLSX,
)
from flows.demo.statistics import reports
from flows.demo.units import units

# No installation is smaller than this share of the estate: a small estate, too, has
# enough records in each.
LEAST_SHARE = 0.006


@dataclass(frozen=True, slots=True)
class Installation:
    """One system of an office; `code` begins its keys, `share` is its percentage of
    the office's records, `places` the former provinces it serves (all when empty).

    `former` is the area whose records came from a closed system, and their code.
    """

    system: str
    product: str
    code: str
    share: int = 100
    places: tuple[str, ...] = ()
    former: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class DemoOffice:
    """One office: its file's stem, its province, and its weight, which is the people
    of its province in thousands (0: its installation has a size of its own)."""

    stem: str
    province: str
    id_prefix: str
    weight: int
    installations: tuple[Installation, ...]


SHORT = {
    SQL: "qlkntc",
    MARIADB: "qlkntc",
    REST: "kntc",
    CSV: "so_don_thu",
    XLSX: "so_don_thu",
    TCD: "so_tiep_dan",
}


def _one(stem: str, product: str, code: str) -> tuple[Installation, ...]:
    return (Installation(f"{stem}_{SHORT[product]}", product, code),)


def _office(
    stem: str, province: str, old_code: str, weight: int, product: str, code: str
) -> DemoOffice:
    return DemoOffice(stem, province, old_code, weight, _one(stem, product, code))


OFFICES: tuple[DemoOffice, ...] = (
    _office("an_giang", "tỉnh An Giang", "091", 4952, SQL, "AG"),
    _office("bac_ninh", "tỉnh Bắc Ninh", "024", 3619, REST, "BN"),
    _office("ca_mau", "tỉnh Cà Mau", "096", 2606, CSV, "CM"),
    DemoOffice(
        "can_tho",
        "thành phố Cần Thơ",
        "092",
        4199,
        (
            Installation(
                "can_tho_qlkntc", SQL, "CT", 70, ("92", "93"), former=("93", "HG")
            ),
            Installation("soc_trang_qlkntc", MARIADB, "ST", 30, ("94",)),
        ),
    ),
    _office("cao_bang", "tỉnh Cao Bằng", "004", 573, XLSX, "CB"),
    DemoOffice(
        "da_nang",
        "thành phố Đà Nẵng",
        "048",
        3065,
        (
            Installation("da_nang_qlkntc", SQL, "DNA", 65, ("48",)),
            Installation("quang_nam_so_tiep_dan", TCD, "QNA", 35, ("49",)),
        ),
    ),
    _office("dak_lak", "tỉnh Đắk Lắk", "066", 3346, CSV, "DL"),
    _office("dien_bien", "tỉnh Điện Biên", "011", 673, TCD, "DB"),
    _office("dong_nai", "tỉnh Đồng Nai", "075", 4491, SQL, "DNI"),
    _office("dong_thap", "tỉnh Đồng Tháp", "087", 4370, REST, "DT"),
    _office("gia_lai", "tỉnh Gia Lai", "052", 3583, REST, "GL"),
    _office("ha_noi", "thành phố Hà Nội", "001", 8807, MARIADB, "HN"),
    _office("ha_tinh", "tỉnh Hà Tĩnh", "042", 1622, XLSX, "HT"),
    _office("hai_phong", "thành phố Hải Phòng", "031", 4664, REST, "HP"),
    _office("ho_chi_minh", "thành phố Hồ Chí Minh", "079", 14002, SQL, "HCM"),
    _office("hue", "thành phố Huế", "046", 1432, TCD, "HUE"),
    _office("hung_yen", "tỉnh Hưng Yên", "033", 3567, SQL, "HY"),
    _office("khanh_hoa", "tỉnh Khánh Hòa", "056", 2243, MARIADB, "KH"),
    _office("lai_chau", "tỉnh Lai Châu", "012", 512, TCD, "LCH"),
    _office("lam_dong", "tỉnh Lâm Đồng", "068", 3872, MARIADB, "LD"),
    _office("lang_son", "tỉnh Lạng Sơn", "020", 881, CSV, "LS"),
    _office("lao_cai", "tỉnh Lào Cai", "015", 1778, REST, "LC"),
    _office("nghe_an", "tỉnh Nghệ An", "040", 3831, SQL, "NA"),
    _office("ninh_binh", "tỉnh Ninh Bình", "037", 4412, MARIADB, "NB"),
    DemoOffice(
        "phu_tho",
        "tỉnh Phú Thọ",
        "025",
        4022,
        (
            Installation("phu_tho_kntc", REST, "PT", 40, ("25",)),
            Installation("hoa_binh_so_don_thu", CSV, "HB", 25, ("17",)),
            Installation("vinh_phuc_so_don_thu", XLSX, "VP", 35, ("26",)),
        ),
    ),
    _office("quang_ngai", "tỉnh Quảng Ngãi", "051", 2161, XLSX, "QNG"),
    _office("quang_ninh", "tỉnh Quảng Ninh", "022", 1497, REST, "QNI"),
    DemoOffice(
        "quang_tri",
        "tỉnh Quảng Trị",
        "045",
        1870,
        # Quảng Bình's system was closed in 2025; its key D2021-00031 is QB-D2021-00031.
        (Installation("quang_tri_qlkntc", SQL, "QT", former=("44", "QB")),),
    ),
    _office("son_la", "tỉnh Sơn La", "014", 1404, CSV, "SL"),
    _office("tay_ninh", "tỉnh Tây Ninh", "072", 3254, MARIADB, "TN"),
    _office("thai_nguyen", "tỉnh Thái Nguyên", "019", 1799, XLSX, "TNG"),
    _office("thanh_hoa", "tỉnh Thanh Hóa", "038", 4324, MARIADB, "TH"),
    DemoOffice(
        "trung_uong_to_chuc",
        "thành phố Hà Nội",
        "001",
        0,
        (Installation("trung_uong_don_vi", UNITS, "DV"),),
    ),
    DemoOffice(
        "trung_uong_ttkt",
        "thành phố Hà Nội",
        "001",
        0,
        (Installation("trung_uong_bao_cao", REPORTS, "BC"),),
    ),
    _office("tuyen_quang", "tỉnh Tuyên Quang", "008", 1865, CSV, "TQ"),
    _office("vinh_long", "tỉnh Vĩnh Long", "086", 4257, CSV, "VL"),
)

INSTALLATIONS: tuple[tuple[DemoOffice, Installation], ...] = tuple(
    (office, installation)
    for office in OFFICES
    for installation in office.installations
)


def quotas(records: int) -> dict[str, int]:
    """How many records each installation has, by system; they sum to `records`.

    The units' list and the reports keep their size, or a small share of a small
    estate; the others share the rest by weight, none below LEAST_SHARE.
    """
    fixed = {
        i.system: _fixed(i.product, records) for o, i in INSTALLATIONS if not o.weight
    }
    left = records - sum(fixed.values())
    weights = {
        i.system: office.weight * i.share / 100
        for office, i in INSTALLATIONS
        if office.weight
    }
    total = sum(weights.values())
    shares = {s: max(w / total, LEAST_SHARE) for s, w in weights.items()}
    scale = sum(shares.values())
    dealt = {s: int(left * share / scale) for s, share in shares.items()}
    largest = max(dealt, key=dealt.__getitem__)
    dealt[largest] += left - sum(dealt.values())
    return fixed | dealt


# All of the list; of a small estate a share, but enough of them for a few faults.
SIZES = {UNITS: (1055, 240, 0.05), REPORTS: (652, 100, 0.03)}


def _fixed(product: str, records: int) -> int:
    whole, least, share = SIZES[product]
    return min(whole, max(least, int(records * share)))


def inventor_of(
    seed: int, office: DemoOffice, installation: Installation, until: date = EVE
) -> Inventor:
    """Whoever invents for one installation: the same seed invents the same."""
    rng = Random(f"{seed}/{installation.system}")  # noqa: S311 - invented people
    places = installation.places
    return Inventor(rng, office.province, office.id_prefix, served=places, until=until)


def archive_of(inventor: Inventor, installation: Installation) -> Archive:
    """An installation's empty archive."""
    return Archive(
        inventor, installation.code, installation.product, installation.former
    )


def clean_records(
    inventor: Inventor, office: DemoOffice, installation: Installation, quota: int
) -> list[Record]:
    """Exactly `quota` records without a fault, as one installation keeps them."""
    assert installation in office.installations
    if installation.product == UNITS:
        return units(inventor, installation.code)[:quota]
    if installation.product == REPORTS:
        return reports(inventor, installation.code)[:quota]
    return fill(archive_of(inventor, installation), quota)
