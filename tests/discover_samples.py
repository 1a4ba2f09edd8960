"""Registers as offices write them, made up: headers and cells for discover's tests."""

from random import Random
from typing import Any

Row = list[str]
Sheet = list[Row]
PEOPLE = (
    "Nguyễn Văn Mẫu",
    "Trần Thị Thử",
    "Lê Hoàng Giả",
    "Phạm Thị Đặt",
    "Vũ Văn Bịa",
)
PLACES = ("thôn Một, xã Mẫu", "số 5 phố Thử", "tổ 3, phường Giả", "ấp Bịa, xã Đặt")
MATTERS = (
    "Đề nghị giải quyết chế độ thai sản theo quy định",
    "Khiếu nại mức hưởng lương hưu không đúng thời gian đóng",
    "Phản ánh thái độ của cán bộ bộ phận một cửa",
    "Công ty chậm đóng bảo hiểm xã hội của người lao động",
)


def _day(rng: Random, year: int = 2024) -> str:
    return f"{rng.randint(1, 28):02d}/{rng.randint(1, 12):02d}/{year}"


def petitions(rows: int = 40) -> Sheet:
    """A petition register with titles, a merged kind that is ticked, and a footer."""
    rng = Random(1)
    sheet: Sheet = [
        ["BẢO HIỂM XÃ HỘI TỈNH QUẢNG MẪU", *[""] * 11],
        ["SỔ THEO DÕI TIẾP NHẬN, XỬ LÝ ĐƠN", *[""] * 11],
        ["TT", "Số đến", "Ngày đến", "Họ, tên - địa chỉ người gửi đơn", "ĐT liên hệ",
         "Tóm tắt ND đơn", "Phân loại đơn", "", "", "Thuộc TQ GQ", "HTXL", "G.chú"],
        [*[""] * 6, "KN", "TC", "KN, PA", *[""] * 3],
        [f"({n})" for n in range(1, 13)],
    ]  # fmt: skip
    for n in range(1, rows + 1):
        marks = ["", "", ""]
        marks[rng.randrange(3)] = "x"
        who = f"{rng.choice(PEOPLE)} - {rng.choice(PLACES)}"
        sheet.append(
            [str(n), f"{n}/Đ", _day(rng), who, f"09{rng.randint(10**7, 10**8 - 1)}",
             rng.choice(MATTERS), *marks, rng.choice(("x", "")),
             rng.choice(("Chuyển", "Hướng dẫn", "Thụ lý GQ", "Lưu", "Xin ý kiến")), ""]
        )  # fmt: skip
    sheet.append(["Tổng cộng", str(rows), *[""] * 10])
    return sheet


PETITIONS = {
    "TT": set(),
    "Số đến": set(),
    "Ngày đến": {"received_date"},
    "Họ, tên - địa chỉ người gửi đơn": {"sender_name", "sender_address"},
    "ĐT liên hệ": {"sender_contact"},
    "Tóm tắt ND đơn": {"content"},
    "Phân loại đơn / KN": set(),
    "Phân loại đơn / TC": set(),
    "Phân loại đơn / KN, PA": set(),
    "Thuộc TQ GQ": {"within_competence"},
    "HTXL": {"processing_result"},
    "G.chú": set(),
}


def recoveries(rows: int = 30) -> Sheet:
    """Money to be paid back, in triệu đồng with a comma."""
    rng = Random(2)
    head = ["STT", "Mã hồ sơ", "Người hưởng sai", "Quỹ", "Chế độ", "Hưởng từ ngày",
            "Hưởng đến ngày", "Số tiền phải thu hồi (triệu đồng)",
            "Đã thu hồi (triệu đồng)", "Còn phải thu (triệu đồng)", "Số QĐ thu hồi",
            "Khó thu hồi", "Phát hiện qua", "Ngày thu gần nhất"]  # fmt: skip
    sheet: Sheet = [head]
    for n in range(1, rows + 1):
        wrong, paid = rng.randint(10, 900), rng.randint(0, 9)
        sheet.append(
            [str(n), f"HS{n:04d}", rng.choice(PEOPLE),
             rng.choice(("BHXH", "BHYT", "BHTN")), "Hưu trí", _day(rng, 2020),
             _day(rng, 2022), f"{wrong},5", f"{paid},25", f"{wrong - paid},25",
             f"{n}/QĐ-BHXH", rng.choice(("Có", "Không")),
             rng.choice(("Khiếu nại", "Tố cáo", "Phản ánh")), _day(rng)]
        )  # fmt: skip
    return sheet


RECOVERIES = {
    "STT": set(),
    "Mã hồ sơ": {"case_id"},
    "Người hưởng sai": {"beneficiary_ref"},
    "Quỹ": {"fund"},
    "Chế độ": {"benefit_type"},
    "Hưởng từ ngày": {"period_from"},
    "Hưởng đến ngày": {"period_to"},
    "Số tiền phải thu hồi (triệu đồng)": {"amount_wrong"},
    "Đã thu hồi (triệu đồng)": {"amount_recovered"},
    "Còn phải thu (triệu đồng)": {"remaining"},
    "Số QĐ thu hồi": {"decision_no"},
    "Khó thu hồi": {"hard_to_recover"},
    "Phát hiện qua": {"found_through"},
    "Ngày thu gần nhất": {"last_recovery_date"},
}


def denunciations(rows: int = 25) -> Sheet:
    """A case list with abbreviated headers and one without any."""
    rng = Random(3)
    head = ["Mã vụ", "Ng. tố cáo", "Đ/c người TC", "SĐT người TC", "Họ tên người bị TC",
            "C.vụ người bị TC", "ĐV công tác", "ND tố cáo", "Ng. tiếp nhận",
            "Số QĐ thụ lý", "Ngày QĐ thụ lý", "KL đúng/sai", "Số KL", "Ngày KL",
            "Vụ việc phức tạp", "Người nhập", "Lần sửa cuối"]  # fmt: skip
    sheet: Sheet = [head]
    for n in range(1, rows + 1):
        sheet.append(
            [f"TC-{n:03d}", rng.choice(PEOPLE), rng.choice(PLACES),
             f"0{rng.randint(300_000_000, 989_999_999)}", rng.choice(PEOPLE),
             rng.choice(("Phó phòng", "Chuyên viên")), "BHXH huyện Mẫu",
             rng.choice(MATTERS), f"2024-03-{rng.randint(1, 28):02d}",
             f"{n}/QĐ-BHXH", _day(rng),
             rng.choice(("Tố cáo đúng", "TC sai", "Có đúng, có sai")), f"{n}/KL-BHXH",
             _day(rng), rng.choice(("Có", "Không")), "canbo1",
             f"{_day(rng)} {rng.randint(7, 17):02d}:{rng.randint(0, 59):02d}:00"]
        )  # fmt: skip
    return sheet


DENUNCIATIONS = {
    "Mã vụ": set(),
    "Ng. tố cáo": {"denouncer_name"},
    "Đ/c người TC": {"denouncer_address"},
    "SĐT người TC": {"denouncer_contact"},
    "Họ tên người bị TC": {"denounced_name"},
    "C.vụ người bị TC": {"denounced_position"},
    "ĐV công tác": {"denounced_org"},
    "ND tố cáo": {"content"},
    "Ng. tiếp nhận": {"received_date"},
    "Số QĐ thụ lý": {"acceptance_decision_no"},
    "Ngày QĐ thụ lý": {"acceptance_decision_date"},
    "KL đúng/sai": {"outcome"},
    "Số KL": {"conclusion_no"},
    "Ngày KL": {"conclusion_date"},
    "Vụ việc phức tạp": {"is_complex"},
    "Người nhập": set(),
    "Lần sửa cuối": set(),
}


def complaints_in_english(rows: int = 30) -> Sheet:
    """An export of a database with English names and American dates."""
    rng = Random(4)
    sheet: Sheet = [
        ["CaseNo", "Complainant_Name", "ComplainantAddress", "RespondentName",
         "RespondentOrganisation", "received_date", "DateAccepted", "DecisionNumber",
         "DecisionDate", "Outcome", "IsComplex", "PublishedDate", "LastModified"]
    ]  # fmt: skip
    for n in range(1, rows + 1):
        days = [
            f"{rng.randint(1, 12):02d}/{rng.randint(1, 28):02d}/2023" for _ in range(4)
        ]
        sheet.append(
            [f"C{n}", rng.choice(PEOPLE), rng.choice(PLACES), rng.choice(PEOPLE),
             "BHXH Mẫu", *days[:2], f"{n}/QD", days[2],
             rng.choice(("Đúng", "Sai", "Đúng một phần")), rng.choice(("Y", "N")),
             days[3], f"2023-05-{rng.randint(1, 28):02d}T08:00:00"]
        )  # fmt: skip
    return sheet


COMPLAINTS = {
    "CaseNo": set(),
    "Complainant_Name": {"complainant_name"},
    "ComplainantAddress": {"complainant_address"},
    "RespondentName": {"respondent_name"},
    "RespondentOrganisation": {"respondent_org"},
    "received_date": {"received_date"},
    "DateAccepted": {"accepted_date"},
    "DecisionNumber": {"decision_no"},
    "DecisionDate": {"decision_date"},
    "Outcome": {"outcome"},
    "IsComplex": {"is_complex"},
    "PublishedDate": {"published_date"},
    "LastModified": set(),
}


def documents(rows: int = 20) -> Sheet:
    """Papers with number and date in one cell."""
    rng = Random(5)
    sheet: Sheet = [
        ["Mã VB", "Số, ngày văn bản", "Loại VB", "Người ký", "Chức vụ người ký",
         "CQ ban hành", "Trích yếu", "Ngày phát hành", "Trạng thái"]
    ]  # fmt: skip
    for n in range(1, rows + 1):
        sheet.append(
            [f"VB{n:05d}", f"{n}/QĐ-BHXH ngày {_day(rng)}",
             rng.choice(("QĐ đình chỉ", "Thông báo thụ lý", "KL nội dung tố cáo")),
             rng.choice(PEOPLE), "Giám đốc", "BHXH tỉnh Mẫu", "Về việc mẫu", _day(rng),
             rng.choice(("Hiệu lực", "Hiệu lực", "Đã hủy"))]
        )  # fmt: skip
    return sheet


DOCUMENTS = {
    "Mã VB": set(),
    "Số, ngày văn bản": {"doc_no", "doc_date"},
    "Loại VB": {"doc_type"},
    "Người ký": {"signer"},
    "Chức vụ người ký": {"signer_title"},
    "CQ ban hành": {"issuing_org"},
    "Trích yếu": set(),
    "Ngày phát hành": {"sent_date"},
    "Trạng thái": set(),
}


def receptions(rows: int = 30) -> Sheet:
    """A reception register of an office's own making."""
    rng = Random(6)
    sheet: Sheet = [
        ["Lượt tiếp số", "Ngày tiếp dân", "Họ và tên công dân", "Địa chỉ thường trú",
         "Số CCCD/CMND", "Số người đến", "Nội dung công dân trình bày", "Loại vụ việc",
         "Người chủ trì tiếp", "Loại hình tiếp", "KQ tiếp", "Lần thứ"]
    ]  # fmt: skip
    for n in range(1, rows + 1):
        sheet.append(
            [f"LT{n}", _day(rng), rng.choice(PEOPLE), rng.choice(PLACES),
             f"0{rng.randint(10**10, 10**11 - 1)}", str(rng.randint(1, 9)),
             rng.choice(MATTERS), rng.choice(("KN", "TC", "KNPA")),
             rng.choice(("Giám đốc", "Phó Giám đốc", "Cán bộ TCD")),
             rng.choice(("Định kỳ", "Thường xuyên")),
             rng.choice(("Hướng dẫn", "Chuyển đơn", "Đã giải thích")),
             rng.choice(("Lần đầu", "Nhiều lần"))]
        )  # fmt: skip
    return sheet


RECEPTIONS = {
    "Lượt tiếp số": set(),
    "Ngày tiếp dân": {"reception_date"},
    "Họ và tên công dân": {"citizen_name"},
    "Địa chỉ thường trú": {"citizen_address"},
    "Số CCCD/CMND": {"id_number"},
    "Số người đến": {"people_count"},
    "Nội dung công dân trình bày": {"content"},
    "Loại vụ việc": {"petition_kind"},
    "Người chủ trì tiếp": {"host_role"},
    "Loại hình tiếp": {"reception_type"},
    "KQ tiếp": {"result"},
    "Lần thứ": {"visit_sequence"},
}


def dossiers(rows: int = 20) -> list[dict[str, Any]]:
    """An API's petitions: who sent one and what became of it in objects, files listed.

    What became of it is null where nothing did, yet.
    """
    rng = Random(7)
    found: list[dict[str, Any]] = []
    for n in range(1, rows + 1):
        done = {
            "ketQua": rng.choice(("Thụ lý", "Chuyển")),
            "ngay": f"2024-02-{rng.randint(1, 28):02d}",
            "donVi": "Phòng Mẫu",
        }
        found.append(
            {
                "maDon": f"D{n}",
                "ngayTiepNhan": f"2024-01-{rng.randint(1, 28):02d}",
                "noiDung": rng.choice(MATTERS),
                "nguoiGui": {
                    "id": n,
                    "hoTen": PEOPLE[n % len(PEOPLE)],
                    "diaChi": rng.choice(PLACES),
                    "cccd": f"0{rng.randint(10**10, 10**11 - 1)}",
                },
                "xuLy": done if n % 5 else None,
                "mayTram": {"may": "M1", "phienBan": "2"},
                "tepDinhKem": [{"ten": "don.pdf", "kichThuoc": n}],
            }
        )
    return found


DOSSIERS = {
    "maDon": set(),
    "ngayTiepNhan": {"received_date"},
    "noiDung": {"content"},
    "nguoiGui.id": set(),
    "nguoiGui.hoTen": {"sender_name"},
    "nguoiGui.diaChi": {"sender_address"},
    "nguoiGui.cccd": {"sender_id_number"},
    "xuLy.ketQua": {"processing_result"},
    "xuLy.ngay": {"processed_date"},
    "xuLy.donVi": {"handler_org"},
}
