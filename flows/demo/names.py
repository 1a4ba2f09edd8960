"""The names that synthetic people and their places are made of, by region."""


def words(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())


# Family names by region; repeated ones are as much more frequent.
_COMMON = 4 * words("Nguyễn Nguyễn Nguyễn Trần Lê Phạm") + words(
    "Nguyễn Hoàng Phan Vũ Đặng Bùi Đỗ Hồ Ngô Dương Đinh Trịnh Đoàn Tạ Chu Tô"
)
_SOUTHERN = 4 * words("Nguyễn Nguyễn Trần Lê Phạm") + words(
    "Huỳnh Huỳnh Võ Võ Phan Trương Bùi Đặng Đỗ Hồ Ngô Dương Lâm Châu Cao Tăng Mạch"
)
FAMILIES = {
    "B": _COMMON,
    "N": _COMMON + 3 * words("Hoàng Nông Lương Vi Hà Lù Vàng Sùng Bế Lường Quách"),
    "T": _COMMON + words("Phan Võ Cao Hoàng Lê Trương Thái Tôn Mai Phùng"),
    "Y": _SOUTHERN + 3 * words("Ksor Siu Rmah Rcom Niê Đinh"),
    "M": _SOUTHERN,
    "K": _SOUTHERN + 3 * words("Kim Sơn Kiên Trà Liêu"),
}
MIDDLES = (
    words("Văn Hữu Đức Công Quang Minh Xuân Bá Đình Thế Trọng Viết"),
    words("Thị Thị Thị Thanh Thu Kim Bích Mỹ Hồng Ngọc"),
)
SECONDS = words("Anh Bảo Gia Hoài Khánh Nhật Phương Tường")
# Citizens and officials share no given name, however it is spelled: a clean record can
# then never hold its sender's name in the field of the person complained of (rule 43).
GIVEN_OF_CITIZENS = (
    words(
        "An Bình Chiến Dũng Đạt Hải Hiếu Hùng Khoa Lâm Long Nam Phúc Quân Sơn Tài "
        "Thành Thái Vinh Khôi Lộc Đông Tâm Thịnh"
    ),
    words(
        "Chi Dung Đào Giang Hà Hạnh Hoa Huệ Lan Liên Mai Nga Nhung Oanh Quyên Thảo "
        "Loan Cúc Sen Tươi Thắm Lý Xuyến"
    ),
)
GIVEN_OF_OFFICIALS = (
    words("Cường Duy Kiên Lực Nghĩa Phong Thắng Toàn Trung Tuấn Việt Khải Quyết Đại"),
    words("Diễm Hằng Hiền Hương Ngân Nguyệt Thủy Trang Tuyết Uyên Vân Yến Trâm Mẫn"),
)
FIRST_SYLLABLES = words(
    "An Bình Cam Đông Gio Hải Long Phú Tân Thạnh Triệu Vĩnh Yên Mỹ Hưng Quảng Xuân "
    "Thanh Trung Đại Minh Hoằng Nghĩa Kim"
)
LAST_SYLLABLES = words(
    "Giang Hòa Lâm Lập Lợi Phước Sơn Thành Thượng Trạch Thủy Trung Hưng Phong Khê Đức "
    "Thịnh Bình"
)
# The smallest places by region, in the country and in town.
HAMLETS = {
    "B": (("thôn", "xóm", "đội"), ("tổ dân phố", "tổ")),
    "N": (("bản", "thôn", "xóm"), ("tổ dân phố", "tổ")),
    "T": (("thôn", "xóm", "thôn"), ("tổ dân phố", "khu phố")),
    "Y": (("buôn", "thôn", "làng"), ("tổ dân phố", "khối")),
    "M": (("ấp", "ấp", "tổ"), ("khu phố", "khóm")),
    "K": (("ấp", "ấp", "sóc"), ("khóm", "khu phố")),
}
# Prefixes in use since the ten-digit plan of 2018; 086 is the canaries'.
PHONE_PREFIXES = words(
    "032 033 034 035 036 037 038 039 070 076 077 079 081 082 083 090 091 097 098"
)
POSITIONS = (
    "Giám đốc",
    "Phó Giám đốc",
    "Chuyên viên",
    "Cán bộ tiếp nhận hồ sơ",
    "Kế toán",
    "Giám định viên BHYT",
    "Tổ trưởng Tổ thu",
)
