"""What people write about, in the words of the offices' registers."""

from datetime import date

from flows.demo.people import Inventor

MATTERS = {
    "khieu_nai": (
        ("bhxh", "Khiếu nại quyết định hưởng lương hưu, tính thiếu {n} tháng đóng"),
        ("bhxh", "Khiếu nại việc không cộng nối thời gian công tác trước năm 1995"),
        ("bhyt", "Khiếu nại việc từ chối thanh toán chi phí khám chữa bệnh"),
        ("bhtn", "Khiếu nại quyết định chấm dứt hưởng trợ cấp thất nghiệp"),
        ("chi_tra", "Khiếu nại việc chậm chi trả trợ cấp một lần {n} tháng"),
    ),
    "to_cao": (
        ("can_bo", "Tố cáo cán bộ nhận tiền khi giải quyết chế độ ốm đau"),
        ("bhyt", "Tố cáo cơ sở lập khống {n} hồ sơ khám chữa bệnh"),
        ("thu_no", "Tố cáo đơn vị sử dụng lao động trốn đóng BHXH cho {n} người"),
        ("bhxh", "Tố cáo việc làm giả hồ sơ hưởng chế độ thai sản"),
    ),
    "kien_nghi_phan_anh": (
        ("thu_no", "Phản ánh công ty nợ BHXH {n} tháng, không chốt được sổ"),
        ("bhxh", "Kiến nghị hướng dẫn thủ tục đóng BHXH tự nguyện"),
        ("bhyt", "Phản ánh thẻ BHYT sai ngày sinh, đề nghị cấp lại"),
        ("chi_tra", "Kiến nghị chi trả lương hưu qua tài khoản"),
        ("khac", "Phản ánh thái độ phục vụ tại bộ phận một cửa"),
    ),
    "nhieu_noi_dung": (
        ("bhxh", "Vừa khiếu nại mức hưởng vừa tố cáo việc gây phiền hà {n} lần"),
        ("chi_tra", "Khiếu nại việc chi trả và kiến nghị đổi nơi nhận"),
    ),
}

# How such letters are typed: a semicolon, a line break, quotation marks.
TAILS = (
    "; kèm theo hồ sơ số HS-{serial:06d}/{year}",
    " theo hồ sơ số HS-{serial:06d}/{year}",
    '.\nKính mong quý cơ quan "xem xét" hồ sơ HS-{serial:06d}/{year}',
    ", đề nghị trả lời bằng văn bản, hồ sơ HS-{serial:06d}/{year}",
)


def matter(inventor: Inventor, kind: str, on: date) -> tuple[str, str]:
    """The field area and the content of a petition of that kind.

    No two contents are equal: rule 17 takes equal denunciations for one.
    """
    rng = inventor.rng
    area, text = rng.choice(MATTERS[kind])
    serial = next(inventor.serial)
    tail = rng.choice(TAILS).format(serial=serial, year=on.year)
    return area, text.format(n=rng.randint(2, 48)) + tail
