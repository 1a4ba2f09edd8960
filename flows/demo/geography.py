"""The 63 provinces until 30/6/2025 with some of their districts, and the 34 since.

Real names of places, as registers hold them; communes are invented (people.py).
"""

from dataclasses import dataclass
from functools import cache

# code | new code | province | region | districts: q quận, t thành phố, x thị xã, else
# huyện. Regions: B delta of the north, N northern mountains, T centre, Y highlands,
# M south, K south with many Khmer.
_TABLE = """
01|01|thành phố Hà Nội|B|q Ba Đình;q Hoàn Kiếm;q Cầu Giấy;q Hà Đông;q Long Biên;x Sơn Tây;Đông Anh;Gia Lâm;Sóc Sơn;Thanh Trì;Chương Mỹ;Quốc Oai;Ba Vì
02|08|tỉnh Hà Giang|N|t Hà Giang;Vị Xuyên;Bắc Quang;Đồng Văn;Mèo Vạc;Quản Bạ
04|04|tỉnh Cao Bằng|N|t Cao Bằng;Hòa An;Quảng Hòa;Trùng Khánh;Bảo Lạc;Nguyên Bình
06|19|tỉnh Bắc Kạn|N|t Bắc Kạn;Bạch Thông;Chợ Đồn;Ba Bể;Na Rì
08|08|tỉnh Tuyên Quang|N|t Tuyên Quang;Yên Sơn;Sơn Dương;Hàm Yên;Chiêm Hóa;Na Hang
10|15|tỉnh Lào Cai|N|t Lào Cai;x Sa Pa;Bảo Thắng;Bảo Yên;Văn Bàn;Bắc Hà
11|11|tỉnh Điện Biên|N|t Điện Biên Phủ;x Mường Lay;Điện Biên;Tuần Giáo;Mường Chà;Tủa Chùa
12|12|tỉnh Lai Châu|N|t Lai Châu;Tam Đường;Phong Thổ;Sìn Hồ;Than Uyên;Tân Uyên
14|14|tỉnh Sơn La|N|t Sơn La;Mai Sơn;Mộc Châu;Thuận Châu;Yên Châu;Phù Yên;Sông Mã
15|15|tỉnh Yên Bái|N|t Yên Bái;x Nghĩa Lộ;Trấn Yên;Văn Yên;Lục Yên;Yên Bình
17|25|tỉnh Hòa Bình|N|t Hòa Bình;Lương Sơn;Kim Bôi;Tân Lạc;Lạc Sơn;Mai Châu
19|19|tỉnh Thái Nguyên|B|t Thái Nguyên;t Sông Công;t Phổ Yên;Đại Từ;Phú Bình;Định Hóa
20|20|tỉnh Lạng Sơn|N|t Lạng Sơn;Cao Lộc;Lộc Bình;Hữu Lũng;Chi Lăng;Bắc Sơn
22|22|tỉnh Quảng Ninh|B|t Hạ Long;t Cẩm Phả;t Uông Bí;t Móng Cái;x Đông Triều;Vân Đồn;Tiên Yên
24|24|tỉnh Bắc Giang|B|t Bắc Giang;x Việt Yên;Lạng Giang;Lục Ngạn;Yên Thế;Hiệp Hòa;Tân Yên
25|25|tỉnh Phú Thọ|B|t Việt Trì;x Phú Thọ;Lâm Thao;Thanh Ba;Cẩm Khê;Tam Nông;Thanh Sơn
26|25|tỉnh Vĩnh Phúc|B|t Vĩnh Yên;t Phúc Yên;Bình Xuyên;Yên Lạc;Vĩnh Tường;Lập Thạch;Tam Đảo
27|24|tỉnh Bắc Ninh|B|t Bắc Ninh;t Từ Sơn;x Quế Võ;x Thuận Thành;Yên Phong;Tiên Du;Gia Bình
30|31|tỉnh Hải Dương|B|t Hải Dương;t Chí Linh;x Kinh Môn;Cẩm Giàng;Nam Sách;Gia Lộc;Tứ Kỳ
31|31|thành phố Hải Phòng|B|q Hồng Bàng;q Lê Chân;q Ngô Quyền;q Kiến An;Thủy Nguyên;An Dương;Tiên Lãng;Vĩnh Bảo
33|33|tỉnh Hưng Yên|B|t Hưng Yên;x Mỹ Hào;Văn Lâm;Yên Mỹ;Khoái Châu;Kim Động;Ân Thi
34|33|tỉnh Thái Bình|B|t Thái Bình;Quỳnh Phụ;Hưng Hà;Đông Hưng;Thái Thụy;Tiền Hải;Kiến Xương
35|37|tỉnh Hà Nam|B|t Phủ Lý;x Duy Tiên;x Kim Bảng;Lý Nhân;Bình Lục
36|37|tỉnh Nam Định|B|t Nam Định;Mỹ Lộc;Vụ Bản;Ý Yên;Nam Trực;Hải Hậu;Giao Thủy;Xuân Trường
37|37|tỉnh Ninh Bình|B|t Ninh Bình;t Tam Điệp;Hoa Lư;Gia Viễn;Nho Quan;Kim Sơn;Yên Khánh
38|38|tỉnh Thanh Hóa|T|t Thanh Hóa;t Sầm Sơn;x Bỉm Sơn;x Nghi Sơn;Hoằng Hóa;Hậu Lộc;Thọ Xuân;Nông Cống;Triệu Sơn;Bá Thước
40|40|tỉnh Nghệ An|T|t Vinh;x Cửa Lò;x Thái Hòa;Nghi Lộc;Diễn Châu;Quỳnh Lưu;Yên Thành;Đô Lương;Nam Đàn;Con Cuông
42|42|tỉnh Hà Tĩnh|T|t Hà Tĩnh;x Hồng Lĩnh;x Kỳ Anh;Thạch Hà;Cẩm Xuyên;Can Lộc;Hương Sơn;Đức Thọ
44|44|tỉnh Quảng Bình|T|t Đồng Hới;x Ba Đồn;Bố Trạch;Quảng Ninh;Lệ Thủy;Tuyên Hóa;Minh Hóa
45|44|tỉnh Quảng Trị|T|t Đông Hà;x Quảng Trị;Gio Linh;Vĩnh Linh;Cam Lộ;Triệu Phong;Hải Lăng;Hướng Hóa
46|46|thành phố Huế|T|q Thuận Hóa;q Phú Xuân;x Hương Thủy;x Hương Trà;x Phong Điền;Quảng Điền;Phú Vang;Phú Lộc
48|48|thành phố Đà Nẵng|T|q Hải Châu;q Thanh Khê;q Sơn Trà;q Ngũ Hành Sơn;q Liên Chiểu;q Cẩm Lệ;Hòa Vang
49|48|tỉnh Quảng Nam|T|t Tam Kỳ;t Hội An;x Điện Bàn;Duy Xuyên;Đại Lộc;Thăng Bình;Núi Thành
51|51|tỉnh Quảng Ngãi|T|t Quảng Ngãi;x Đức Phổ;Bình Sơn;Sơn Tịnh;Tư Nghĩa;Mộ Đức;Nghĩa Hành
52|52|tỉnh Bình Định|T|t Quy Nhơn;x An Nhơn;x Hoài Nhơn;Phù Cát;Phù Mỹ;Tuy Phước;Tây Sơn
54|66|tỉnh Phú Yên|T|t Tuy Hòa;x Sông Cầu;x Đông Hòa;Phú Hòa;Tây Hòa;Tuy An
56|56|tỉnh Khánh Hòa|T|t Nha Trang;t Cam Ranh;x Ninh Hòa;Vạn Ninh;Diên Khánh;Cam Lâm
58|56|tỉnh Ninh Thuận|T|t Phan Rang - Tháp Chàm;Ninh Phước;Ninh Hải;Ninh Sơn;Thuận Nam
60|68|tỉnh Bình Thuận|T|t Phan Thiết;x La Gi;Tuy Phong;Bắc Bình;Hàm Thuận Bắc;Hàm Tân;Đức Linh
62|51|tỉnh Kon Tum|Y|t Kon Tum;Đắk Hà;Đắk Tô;Ngọc Hồi;Sa Thầy;Kon Rẫy
64|52|tỉnh Gia Lai|Y|t Pleiku;x An Khê;x Ayun Pa;Chư Sê;Đức Cơ;Ia Grai;Đak Đoa
66|66|tỉnh Đắk Lắk|Y|t Buôn Ma Thuột;x Buôn Hồ;Cư M'gar;Krông Pắc;Ea H'leo;Ea Kar;Krông Ana
67|68|tỉnh Đắk Nông|Y|t Gia Nghĩa;Đắk Mil;Cư Jút;Krông Nô;Đắk R'lấp;Đắk Song
68|68|tỉnh Lâm Đồng|Y|t Đà Lạt;t Bảo Lộc;Đức Trọng;Di Linh;Lâm Hà;Đơn Dương;Bảo Lâm
70|75|tỉnh Bình Phước|M|t Đồng Xoài;x Bình Long;x Phước Long;Chơn Thành;Lộc Ninh;Bù Đăng
72|80|tỉnh Tây Ninh|M|t Tây Ninh;x Hòa Thành;x Trảng Bàng;Gò Dầu;Tân Châu;Tân Biên;Châu Thành
74|79|tỉnh Bình Dương|M|t Thủ Dầu Một;t Thuận An;t Dĩ An;t Tân Uyên;t Bến Cát;Dầu Tiếng;Phú Giáo
75|75|tỉnh Đồng Nai|M|t Biên Hòa;t Long Khánh;Long Thành;Nhơn Trạch;Trảng Bom;Vĩnh Cửu;Xuân Lộc;Định Quán
77|79|tỉnh Bà Rịa - Vũng Tàu|M|t Vũng Tàu;t Bà Rịa;t Phú Mỹ;Châu Đức;Long Điền;Xuyên Mộc
79|79|thành phố Hồ Chí Minh|M|q 1;q 3;q 5;q 10;q Bình Thạnh;q Gò Vấp;q Tân Bình;q Tân Phú;t Thủ Đức;Bình Chánh;Củ Chi;Hóc Môn;Nhà Bè
80|80|tỉnh Long An|M|t Tân An;x Kiến Tường;Bến Lức;Đức Hòa;Đức Huệ;Cần Giuộc;Cần Đước;Thủ Thừa
82|82|tỉnh Tiền Giang|M|t Mỹ Tho;t Gò Công;x Cai Lậy;Cái Bè;Châu Thành;Chợ Gạo;Gò Công Đông
83|86|tỉnh Bến Tre|M|t Bến Tre;Ba Tri;Bình Đại;Giồng Trôm;Mỏ Cày Nam;Thạnh Phú;Chợ Lách
84|86|tỉnh Trà Vinh|K|t Trà Vinh;x Duyên Hải;Càng Long;Cầu Kè;Tiểu Cần;Trà Cú;Cầu Ngang
86|86|tỉnh Vĩnh Long|M|t Vĩnh Long;x Bình Minh;Long Hồ;Mang Thít;Tam Bình;Trà Ôn;Vũng Liêm
87|82|tỉnh Đồng Tháp|M|t Cao Lãnh;t Sa Đéc;t Hồng Ngự;Lấp Vò;Lai Vung;Tháp Mười;Thanh Bình
89|91|tỉnh An Giang|M|t Long Xuyên;t Châu Đốc;x Tân Châu;x Tịnh Biên;Chợ Mới;Thoại Sơn;Tri Tôn;Phú Tân
91|91|tỉnh Kiên Giang|K|t Rạch Giá;t Hà Tiên;t Phú Quốc;Hòn Đất;Gò Quao;Giồng Riềng;Tân Hiệp
92|92|thành phố Cần Thơ|M|q Ninh Kiều;q Bình Thủy;q Cái Răng;q Ô Môn;q Thốt Nốt;Phong Điền;Cờ Đỏ;Vĩnh Thạnh
93|92|tỉnh Hậu Giang|M|t Vị Thanh;t Ngã Bảy;x Long Mỹ;Phụng Hiệp;Châu Thành A;Vị Thủy
94|92|tỉnh Sóc Trăng|K|t Sóc Trăng;x Vĩnh Châu;x Ngã Năm;Mỹ Xuyên;Kế Sách;Long Phú;Trần Đề
95|96|tỉnh Bạc Liêu|K|t Bạc Liêu;x Giá Rai;Hòa Bình;Vĩnh Lợi;Hồng Dân;Phước Long
96|96|tỉnh Cà Mau|M|t Cà Mau;Cái Nước;Đầm Dơi;Năm Căn;Trần Văn Thời;U Minh;Thới Bình
"""  # noqa: E501 - a table

KINDS = {"q": "quận", "t": "thành phố", "x": "thị xã"}
# How the registers shorten them: BHXH TX. Quảng Trị.
SHORT = {"quận": "Q.", "thành phố": "TP.", "thị xã": "TX.", "huyện": "H."}


@dataclass(frozen=True, slots=True)
class District:
    """A district of the time before 01/7/2025: `kind` is huyện, quận, ..."""

    kind: str
    name: str

    @property
    def full(self) -> str:
        """With its kind, as an address has it."""
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Area:
    """One of the 63 provinces; `name` has its kind, `new_code` is among the 34."""

    code: str
    new_code: str
    name: str
    region: str
    districts: tuple[District, ...]

    @property
    def bare(self) -> str:
        """The name without its kind."""
        return bare(self.name)


def bare(name: str) -> str:
    """A province's name without its kind."""
    return name.removeprefix("tỉnh ").removeprefix("thành phố ")


def _district(text: str) -> District:
    kind, _, name = text.partition(" ")
    return District(KINDS[kind], name) if kind in KINDS else District("huyện", text)


@cache
def areas() -> dict[str, Area]:
    """The 63 by code."""
    found = {}
    for line in _TABLE.strip().split("\n"):
        code, new_code, name, region, districts = line.split("|")
        parts = tuple(map(_district, districts.split(";")))
        found[code] = Area(code, new_code, name, region, parts)
    return found


# The 34 whose name is not that of the province whose code they kept.
_RENAMED = {
    "15": "tỉnh Lào Cai",
    "24": "tỉnh Bắc Ninh",
    "44": "tỉnh Quảng Trị",
    "52": "tỉnh Gia Lai",
    "80": "tỉnh Tây Ninh",
    "82": "tỉnh Đồng Tháp",
    "91": "tỉnh An Giang",
}


@cache
def new_provinces() -> dict[str, str]:
    """The 34 with their kind, by code."""
    codes = sorted({area.new_code for area in areas().values()})
    return {code: _RENAMED.get(code, areas()[code].name) for code in codes}


@cache
def areas_of(province: str) -> tuple[Area, ...]:
    """The former provinces in one of the 34, by its name with its kind."""
    codes = [code for code, name in new_provinces().items() if name == province]
    return tuple(area for area in areas().values() if area.new_code in codes)
