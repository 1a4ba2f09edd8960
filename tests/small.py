"""A small installation for tests: one config folder, offices on CSV registers."""

import csv
import io
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from config.settings import Keys, Settings, packaged_config

KEYS = Keys(b"1" * 32, b"2" * 32, b"3" * 32, b"4" * 32, b"5" * 32)

HEADER = (
    "Số đơn;Ngày nhận;Ngày viết đơn;Nguồn đơn;Loại đơn;Lĩnh vực;Người viết đơn;"
    "Địa chỉ;Điện thoại;Số CCCD;Đối tượng;Người bị KNTC;Đơn vị bị KNTC;Nội dung;"
    "Nặc danh;Có chữ ký;Đúng ngôn ngữ;Số người ký;Đủ điều kiện;"
    "Lý do không đủ điều kiện;Thuộc thẩm quyền;Kết quả xử lý;Loại nơi chuyển;"
    "Nơi chuyển;Ngày chuyển;Số văn bản;Về quy định hành chính;Ngày xử lý;"
    "Cơ quan xử lý;Trạng thái"
)
COLUMNS = HEADER.split(";")


def petition(number: int, **changes: str) -> dict[str, str]:
    """A clean petition row of the CSV register, by column name."""
    received = date(2026, 3, 2) + timedelta(days=number % 60)
    processed = received + timedelta(days=2)
    row = dict.fromkeys(COLUMNS, "") | {
        "Số đơn": f"D-{number:06d}",
        "Ngày nhận": f"{received:%d/%m/%Y}",
        "Ngày viết đơn": f"{received - timedelta(days=3):%d/%m/%Y}",
        "Nguồn đơn": "Bưu chính",
        "Loại đơn": "Kiến nghị, phản ánh",
        "Lĩnh vực": "BHXH",
        "Người viết đơn": f"Nguyễn Văn Thử {number}",
        "Địa chỉ": "thôn 1, xã Thử Nghiệm, huyện Mẫu, tỉnh Ví Dụ",
        "Điện thoại": f"09{number % 10**8:08d}",
        "Số CCCD": f"0010900{number % 10**5:05d}",
        "Đối tượng": "Cá nhân",
        "Đơn vị bị KNTC": "BHXH huyện Mẫu",
        "Nội dung": f"Kiến nghị chi trả qua tài khoản, hồ sơ số HS-{number}",
        "Nặc danh": "Không",
        "Có chữ ký": "Có",
        "Đúng ngôn ngữ": "Có",
        "Số người ký": "1",
        "Đủ điều kiện": "Có",
        "Thuộc thẩm quyền": "Có",
        "Kết quả xử lý": "Thụ lý",
        "Về quy định hành chính": "Không",
        "Ngày xử lý": f"{processed:%d/%m/%Y}",
        "Cơ quan xử lý": "BHXH huyện Mẫu",
        "Trạng thái": "Hiệu lực",
    }
    unknown = set(changes) - set(COLUMNS)
    assert not unknown, unknown
    return row | changes


def csv_text(rows: Sequence[Mapping[str, str]]) -> str:
    """The register's text: semicolons, CRLF, every column."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class Installation:
    """Settings over a folder of its own; offices read CSV registers."""

    folder: Path
    url: str = ""
    offices: list[str] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        """Settings of this installation; SQLite unless a URL was given."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        url = self.url or f"sqlite:///{home / 'national.db'}"
        return Settings(self.folder / "config", home, url, KEYS)

    def environment(self) -> dict[str, str]:
        """The same as environment variables, for a process of its own."""
        settings = self.settings
        names = ("seal", "denouncer", "token", "staging", "anchor")
        keys = {f"KNTC_{n.upper()}_KEY": getattr(KEYS, n).hex() for n in names}
        return keys | {
            "KNTC_HOME": str(settings.home),
            "KNTC_CONFIG_DIR": str(settings.config_dir),
            "KNTC_NATIONAL_URL": settings.national_url,
        }

    def add_office(self, stem: str, source: str = "", office: str = "") -> Path:
        """An office on the CSV register; returns its drop folder.

        `source` and `office` are further TOML lines of those tables.
        """
        drop = self.folder / "drop" / stem
        drop.mkdir(parents=True)
        path = self.folder / "config" / "provinces" / f"{stem}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f'name = "Bảo hiểm xã hội tỉnh {stem}"\n'
            f'province_code = "44"\ncode_scheme = "QD19-2025"\n{office}\n'
            f'[[sources]]\nsystem = "{stem}_so"\nproduct = "so_don_thu_csv"\n{source}\n'
            f'[sources.files]\nfolder = "{drop}"\n',
            encoding="utf-8",
        )
        self.offices.append(stem)
        return drop

    def write(self, stem: str, rows: Sequence[Mapping[str, str]]) -> None:
        """Replace the office's register."""
        path = self.folder / "drop" / stem / "so_don_thu_2026.csv"
        path.write_text(csv_text(rows), encoding="utf-8-sig")


def install(folder: Path, url: str = "") -> Installation:
    """An installation with the packaged products and no office."""
    systems = folder / "config" / "systems"
    shutil.copytree(packaged_config() / "systems", systems)
    (folder / "config" / "provinces").mkdir(exist_ok=True)
    return Installation(folder, url)
