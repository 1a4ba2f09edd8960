"""What people write about, in the words of the offices' registers."""

from dataclasses import dataclass
from datetime import date

from flows.demo.names import words
from flows.demo.people import Inventor, Spot, between, pick


@dataclass(frozen=True, slots=True)
class Matter:
    """A field area, what is asked or complained of, and how it came about.

    A sentence is one of `claims` with one of `grounds`.
    """

    area: str
    claims: tuple[str, ...]
    grounds: tuple[str, ...]


LATE_PAYERS = (
    "công ty đã khấu trừ lương nhưng không nộp từ tháng {month}/{year}",
    "chủ doanh nghiệp bỏ đi, {n} người lao động chưa được chốt sổ",
    "người lao động nghỉ việc đã {n} tháng vẫn chưa nhận được sổ",
    "nhiều lần hứa đóng nhưng đến nay còn nợ {n} tháng",
    "người lao động không được hưởng chế độ ốm đau, thai sản vì đơn vị nợ",
)
HOSPITAL = (
    "thẻ báo hết hạn khi đi khám tại trạm y tế {commune}",
    "đã cùng chi trả đủ nhưng vẫn phải nộp thêm {amount} đồng",
    "nằm viện {n} ngày, viện phí {amount} đồng",
    "chuyển tuyến đúng quy định từ trung tâm y tế {district}",
    "người bệnh là đối tượng hộ nghèo của {commune}",
)
PENSION = (
    "có {n} năm công tác tại {company}",
    "hồ sơ thiếu quyết định tuyển dụng năm {year}",
    "tính thiếu {n} tháng đóng từ năm {year}",
    "mức lương bình quân thấp hơn sổ ghi {amount} đồng",
    "đã nộp bản gốc sổ tại {district} từ tháng {month}/{year}",
    "thời gian phục vụ quân đội {n} tháng chưa được cộng",
)
CLERKS = (
    "người dân phải đi lại {n} lần",
    "cán bộ yêu cầu bổ sung giấy tờ không có trong quy định",
    "chờ hơn {n} ngày không có kết quả",
    "không có phiếu hẹn, không ghi lý do trả hồ sơ",
    "sự việc xảy ra từ tháng {month}/{year}",
)
FRAUD = (
    "số tiền khoảng {amount} đồng trong {n} tháng",
    "có {n} hồ sơ trùng người hưởng tại {commune}",
    "người ký giấy chứng nhận không có mặt ngày hôm đó",
    "sự việc kéo dài từ năm {year} đến nay",
    "có tài liệu, danh sách {n} người kèm theo",
)

MATTERS: dict[str, tuple[Matter, ...]] = {
    "khieu_nai": (
        Matter(
            "bhxh",
            (
                "Khiếu nại quyết định hưởng lương hưu",
                "Khiếu nại việc không cộng nối thời gian công tác trước năm 1995",
                "Không đồng ý với quyết định hưởng BHXH một lần",
                "Khiếu nại mức trợ cấp tai nạn lao động",
                "Khiếu nại việc thu hồi sổ và hủy thời gian đóng",
            ),
            PENSION,
        ),
        Matter(
            "bhyt",
            (
                "Khiếu nại việc từ chối thanh toán chi phí khám chữa bệnh",
                "Khiếu nại mức hưởng BHYT ghi trên thẻ",
                "Khiếu nại kết quả thanh toán trực tiếp chi phí nằm viện",
            ),
            HOSPITAL,
        ),
        Matter(
            "bhtn",
            (
                "Khiếu nại quyết định chấm dứt hưởng trợ cấp thất nghiệp",
                "Khiếu nại việc không bảo lưu thời gian đóng BHTN",
            ),
            PENSION,
        ),
        Matter(
            "chi_tra",
            (
                "Khiếu nại việc chậm chi trả trợ cấp một lần",
                "Khiếu nại việc cắt lương hưu, tạm dừng chi trả",
                "Khiếu nại việc trừ lương hưu hằng tháng",
            ),
            CLERKS,
        ),
    ),
    "to_cao": (
        Matter(
            "can_bo",
            (
                "Tố cáo cán bộ nhận tiền khi giải quyết chế độ ốm đau",
                "Tố cáo cán bộ sách nhiễu người nộp hồ sơ",
                "Tố cáo cán bộ làm sai lệch hồ sơ hưởng một lần",
            ),
            CLERKS + FRAUD,
        ),
        Matter(
            "bhyt",
            (
                "Tố cáo cơ sở lập khống hồ sơ khám chữa bệnh",
                "Tố cáo phòng khám thu gom thẻ BHYT để thanh toán khống",
            ),
            FRAUD,
        ),
        Matter(
            "thu_no",
            (
                "Tố cáo đơn vị sử dụng lao động trốn đóng BHXH",
                "Tố cáo {company} đóng BHXH không đúng mức lương thực trả",
            ),
            LATE_PAYERS,
        ),
        Matter(
            "bhxh",
            (
                "Tố cáo việc làm giả hồ sơ hưởng chế độ thai sản",
                "Tố cáo việc mượn hồ sơ của người khác để đóng và hưởng",
                "Tố cáo việc khai man thời gian công tác để hưởng hưu trí",
            ),
            FRAUD,
        ),
    ),
    "kien_nghi_phan_anh": (
        Matter(
            "thu_no",
            (
                "Phản ánh {company} nợ BHXH, không chốt được sổ",
                "Kiến nghị xử lý {company} chậm đóng BHXH, BHYT, BHTN",
                "Đề nghị khởi kiện đơn vị nợ BHXH kéo dài",
            ),
            LATE_PAYERS,
        ),
        Matter(
            "bhxh",
            (
                "Kiến nghị hướng dẫn thủ tục đóng BHXH tự nguyện",
                "Đề nghị gộp sổ, điều chỉnh thông tin trên sổ",
                "Kiến nghị rút ngắn thời gian giải quyết trợ cấp mai táng",
                "Đề nghị xác nhận thời gian đóng để hưởng chế độ",
            ),
            PENSION + CLERKS,
        ),
        Matter(
            "bhyt",
            (
                "Phản ánh thẻ BHYT sai ngày sinh, đề nghị cấp lại",
                "Phản ánh nơi khám ban đầu không nhận thẻ điện tử",
                "Kiến nghị bổ sung thuốc được BHYT thanh toán",
            ),
            HOSPITAL,
        ),
        Matter(
            "chi_tra",
            (
                "Kiến nghị chi trả lương hưu qua tài khoản",
                "Phản ánh điểm chi trả tại {commune} chật, chờ lâu",
                "Đề nghị chuyển nơi nhận lương hưu",
            ),
            CLERKS,
        ),
        Matter(
            "khac",
            (
                "Phản ánh thái độ phục vụ tại bộ phận một cửa",
                "Phản ánh đường dây hỗ trợ không có người nghe",
                "Kiến nghị niêm yết thủ tục tại {commune}",
            ),
            CLERKS,
        ),
    ),
    "nhieu_noi_dung": (
        Matter(
            "bhxh",
            (
                "Vừa khiếu nại mức hưởng vừa tố cáo việc gây phiền hà",
                "Khiếu nại việc tính thời gian đóng và tố cáo người lập hồ sơ",
            ),
            PENSION,
        ),
        Matter(
            "chi_tra",
            ("Khiếu nại việc chi trả và kiến nghị đổi nơi nhận",),
            CLERKS,
        ),
    ),
}

OPENINGS = ("", "", "", "Nội dung đơn: ", "Người viết đơn trình bày: ", "V/v: ", "")
BUSINESSES = (
    "Công ty TNHH may {}",
    "Công ty CP {}",
    "Công ty TNHH MTV {}",
    "Doanh nghiệp tư nhân {}",
    "Công ty CP xây dựng {}",
    "Hợp tác xã {}",
)
DETAILS = (
    "",
    " tại {commune}",
    ", nộp hồ sơ ngày {day}/{month}/{year}",
    ", đã hỏi {n} lần tại {district}",
    ", liên quan {company}",
    ", gia đình ở {commune} hoàn cảnh khó khăn",
    ", có giấy hẹn ngày {day}/{month}",
    ", người làm chứng ở {commune}",
    " (gửi lần thứ {nth})",
)
# How such letters are typed: a semicolon, a line break, quotation marks.
TAILS = (
    "; kèm theo hồ sơ số HS-{serial:06d}/{year}",
    " theo hồ sơ số HS-{serial:06d}/{year}",
    '.\nKính mong quý cơ quan "xem xét" hồ sơ HS-{serial:06d}/{year}',
    ", đề nghị trả lời bằng văn bản, hồ sơ HS-{serial:06d}/{year}",
    " (HS-{serial:06d}/{year})",
    ". Mã hồ sơ: HS-{serial:06d}/{year}",
)
BENEFITS = (
    "hưu trí",
    "ốm đau",
    "thai sản",
    "thất nghiệp",
    "tử tuất",
    "BHXH một lần",
    "chi phí khám chữa bệnh",
)
MEASURES = (
    "thu hồi qua chi trả hằng tháng",
    "nộp tiền mặt tại cơ quan BHXH",
    "khấu trừ quyết toán với cơ sở khám chữa bệnh",
    "chuyển khoản theo quyết định thu hồi",
)
# The National Assembly meets in May and October; each term opens a count of its own.
TERMS = (
    (date(2026, 4, 1), "XVI"),
    (date(2021, 7, 1), "XV"),
    (date(2016, 7, 1), "XIV"),
    (date.min, "XIII"),
)
FIRST_OF_TERM = {"XVI": 2026, "XV": 2021, "XIV": 2016, "XIII": 2011}
SYLLABLES = words("Phát Tín Thịnh Nam Á Việt Thái Đại Lộc Toàn Cầu Tiến")


def business(inventor: Inventor) -> str:
    """An employer's name."""
    rng = inventor.rng
    name = f"{inventor.place()} {pick(rng, SYLLABLES)}"
    return pick(rng, BUSINESSES).format(name)


def matter(
    inventor: Inventor, kind: str, on: date, spot: Spot | None = None
) -> tuple[str, str]:
    """The field area and the content of a petition of that kind.

    No two contents are equal: rule 17 takes equal denunciations for one.
    """
    rng, where = inventor.rng, spot or inventor.spot()
    chosen = pick(rng, MATTERS[kind])
    claim, ground = pick(rng, chosen.claims), pick(rng, chosen.grounds)
    text = f"{pick(rng, OPENINGS)}{claim}, {ground}{pick(rng, DETAILS)}"
    if "{" in text:
        text = _filled(inventor, text, on, where)
    serial = next(inventor.serial)
    return chosen.area, text + pick(rng, TAILS).format(serial=serial, year=on.year)


def _filled(inventor: Inventor, text: str, on: date, where: Spot) -> str:
    rng = inventor.rng
    return text.format(
        n=between(rng, 2, 48),
        nth=between(rng, 2, 5),
        day=between(rng, 1, 28),
        month=between(rng, 1, 12),
        year=between(rng, on.year - 4, on.year - 1),
        amount=f"{between(rng, 2, 95)}.{between(rng, 1, 9)}00.000",
        commune=f"xã {where.commune}",
        district=where.district.name,
        company=business(inventor) if "{company}" in text else "",
    )


def session(on: date) -> str:
    """The National Assembly's session before which, or at which, voters were met."""
    term = next(name for start, name in TERMS if on >= start)
    number = 2 * (on.year - FIRST_OF_TERM[term]) + (1 if on.month < 8 else 2)
    return f"Kỳ họp thứ {max(number, 1)}, Quốc hội khóa {term}"
