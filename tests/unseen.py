"""Petitions that are invented, for products that nobody here has seen."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

KINDS = ("khieu_nai", "to_cao", "kien_nghi_phan_anh")
UNITS = ("BHXH huyện Triệu Phong", "Phòng Chế độ BHXH", "BHXH thị xã Quảng Trị")
SURNAMES = ("Nguyễn Thị", "Trần Đức", "Lê Hữu", "Phạm Ngọc", "Hồ Văn")
COUNT = 30


@dataclass(frozen=True, slots=True)
class Don:
    """One petition, as its office knows it."""

    so: int
    kind: str
    received: date
    name: str
    content: str
    unit: str
    version: int

    @property
    def moment(self) -> datetime:
        """When the row was last changed: a minute a version."""
        return datetime(2026, 5, 1, tzinfo=UTC) + timedelta(minutes=self.version)


def dons(count: int = COUNT) -> list[Don]:
    """So many petitions, each of its own."""
    return [
        Don(
            so=n,
            kind=KINDS[n % 3],
            received=date(2026, 1, 5) + timedelta(days=3 * n),
            name=f"{SURNAMES[n % 5]} Thử Nghiệm {'ABCDEFGHIJ'[n % 10]}",
            content=f"Đề nghị xem xét chế độ ốm đau, hồ sơ thứ {n} nộp đã lâu",
            unit=UNITS[n % 3],
            version=n,
        )
        for n in range(1, count + 1)
    ]


def changed(rows: list[Don]) -> list[Don]:
    """The same with the fourth row handed to another unit and the eighth gone."""
    top = max(row.version for row in rows) + 1
    fourth = replace(rows[3], unit="BHXH thành phố Đông Hà", version=top)
    return [*rows[:3], fourth, *rows[4:7], *rows[8:]]
