"""Synthetic people and places of the sample estate; nobody here exists."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from random import Random


def words(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())


FAMILIES = words(
    "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý"
)
MIDDLES = (
    words("Văn Hữu Đức Công Quang Minh Xuân Ngọc"),
    words("Thị Ngọc Thanh Thu Kim Bích Mỹ Hồng"),
)
SECONDS = words("Anh Bảo Gia Hoài Khánh Nhật Phương Tường")
# Citizens and officials share no given name: a clean record can then never hold its
# sender's name in the field of the person complained of (rule 43).
GIVEN_OF_CITIZENS = (
    words("An Bình Chiến Dũng Đạt Hải Hiếu Hùng Khoa Lâm Long Nam Phúc Quân Sơn Tài"),
    words("Chi Dung Đào Giang Hà Hạnh Hoa Huệ Lan Liên Mai Nga Nhung Oanh Quyên Thảo"),
)
GIVEN_OF_OFFICIALS = (
    words("Cường Duy Hòa Kiên Lực Nghĩa Phong Thắng Toàn Trung Tuấn Việt"),
    words("Diễm Hằng Hiền Hương Ngân Nguyệt Thủy Trang Tuyết Uyên Vân Yến"),
)
FIRST_SYLLABLES = words("An Bình Cam Đông Gio Hải Long Phú Tân Thạnh Triệu Vĩnh Yên")
LAST_SYLLABLES = words("Giang Hòa Lâm Lập Lợi Phước Sơn Thành Thượng Trạch")
HAMLETS = ("thôn", "ấp", "xóm", "tổ dân phố")
# Prefixes in use since the ten-digit plan of 2018.
PHONE_PREFIXES = words(
    "032 033 034 035 036 037 038 039 070 076 077 079 081 082 083 090 091 097 098"
)

# From this day there is no district level (QĐ 19/2025/QĐ-TTg).
MERGED_ON = date(2025, 7, 1)
SERIALS = 900_000  # numbers above are the canaries'


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
class Inventor:
    """The randomness of one office: its province and what was used already."""

    rng: Random
    province: str  # "tỉnh Quảng Trị"
    id_prefix: str  # three digits of a citizen's number
    serial: Iterator[int] = field(default_factory=lambda: count(1))
    numbers: dict[tuple[str, int], int] = field(default_factory=dict)

    def number(self, kind: str, year: int) -> int:
        """The next running number of that kind in that year, from 1."""
        self.numbers[kind, year] = self.numbers.get((kind, year), 0) + 1
        return self.numbers[kind, year]

    def person(self, on: date) -> Person:
        """A citizen with an address as it was written on that day."""
        rng, sex = self.rng, self.rng.randrange(2)
        words = [rng.choice(FAMILIES), rng.choice(MIDDLES[sex])]
        if rng.random() < 0.3:
            words.append(rng.choice(SECONDS))
        words.append(rng.choice(GIVEN_OF_CITIZENS[sex]))
        phone = f"{rng.choice(PHONE_PREFIXES)}{rng.randrange(10**7):07d}"
        year = rng.randint(1945, 1999)
        serial = next(self.serial) % SERIALS
        id_number = f"{self.id_prefix}{sex}{year % 100:02d}{serial:06d}"
        return Person(" ".join(words), self._address(on), phone, id_number)

    def respondent(self, on: date) -> Respondent:
        """An official of an office by its name of that day (rule 53)."""
        rng, sex = self.rng, self.rng.randrange(2)
        words = (FAMILIES, MIDDLES[sex], GIVEN_OF_OFFICIALS[sex])
        name = " ".join(rng.choice(pool) for pool in words)
        level = "BHXH cơ sở" if on >= MERGED_ON else "BHXH huyện"
        place = self.place()
        org = f"{level} {place}"
        address = f"trụ sở {org}, {self.province}"
        return Respondent(name, org, address, rng.choice(POSITIONS))

    def place(self) -> str:
        """A name that sounds like a commune's."""
        rng = self.rng
        return f"{rng.choice(FIRST_SYLLABLES)} {rng.choice(LAST_SYLLABLES)}"

    def _address(self, on: date) -> str:
        rng = self.rng
        parts = [f"{rng.choice(HAMLETS)} {rng.randint(1, 12)}", f"xã {self.place()}"]
        if on < MERGED_ON:
            parts.append(f"huyện {self.place()}")
        return ", ".join([*parts, self.province])


POSITIONS = (
    "Giám đốc",
    "Phó Giám đốc",
    "Chuyên viên",
    "Cán bộ tiếp nhận hồ sơ",
    "Kế toán",
)


def _canary(i: int) -> Person:
    families = words("Khuất Nghiêm Ngụy Quàng Giàng Lò Tòng Cầm Thạch Danh")
    given = words(
        "Ngàn Rạng Sâm Tằm Ươm Vầu Xoan Mận Nương Lúa Khèn Chàm Bạc Ống Đá Trám"
    )
    name = f"{families[i % 10]} {'Kháng' if i % 2 else 'Lệ'} {given[i // 10]}"
    address = f"bản Rừng Vầu {100 + i}, xã Đèo Mây"
    return Person(name, address, f"086{9990000 + i}", f"0100{80:02d}{990000 + i}")


# Values that occur nowhere else: found in the clear anywhere downstream, they prove
# a leak.
CANARIES: tuple[Person, ...] = tuple(_canary(i) for i in range(160))
