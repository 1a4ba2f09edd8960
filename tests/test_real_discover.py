"""Discover on real files of other systems (read in place, never copied): shape only."""

from pathlib import Path

import pytest

from tests.discovering import pairs, proposed, read_back, right

DATA = Path(__file__).parents[2] / "shared" / "data"
COMPLAINTS = DATA / "complaints"
N: set[str] = set()

# The right answer for each column, by hand; an empty set: no field of ours.
REGISTER = {
    "STT": N,
    "Số đơn": N,
    "Nguồn đơn đến": {"source"},
    "(đã bỏ thông tin chủ đơn)": N,
    "Nội dung đơn": {"content"},
    "Loại khiếu tố": {"kind"},
    "Ngày nhận": {"received_date"},
    "Cơ quan xử lý": {"handler_org"},
    "Hướng xử lý": {"processing_result"},
    "Hạn GQ": N,
}
COUNTS = {
    "STT": N,
    "Đơn vị": N,
    "Tiếp công dân": {"cells"},
    "Tiếp nhận đơn": {"cells"},
    "Xử lý đơn": {"cells"},
    "Giải quyết đơn": {"cells"},
}
QUESTIONS = {
    "linhvuc": N,  # a reflection has no field area; a petition would
    "tieu_de": N,
    "ngay_hoi": {"received_date"},
    "ngay_tra_loi": {"answer_date"},
    "noi_dung_cau_hoi": {"content"},
}
CFPB = {
    "Date received": {"received_date"},
    "Product": {"field_area"},
    "Sub-product": N,
    "Issue": N,
    "Sub-issue": N,
    "Consumer complaint narrative": {"content"},
    "Company public response": N,
    "Company": {"respondent_org"},
    "State": N,
    "ZIP code": N,
    "Tags": {"sender_kind"},
    "Consumer consent provided?": N,
    "Submitted via": {"source"},
    "Date sent to company": {"forwarded_date"},
    "Company response to consumer": {"processing_result"},
    "Timely response?": N,
    "Consumer disputed?": N,
    "Complaint ID": N,
}
NYC = {
    "unique_key": N,
    "created_date": {"received_date"},
    "closed_date": {"processed_date"},
    "agency": N,
    "agency_name": {"handler_org"},
    "complaint_type": N,  # of noise and parking: no kind of the law
    "descriptor": {"content"},
    "location_type": N,
    "incident_zip": N,
    "city": N,
    "status": N,
    "borough": N,
    "open_data_channel_type": {"source"},
}
FILES = {
    "chi_tiet_don_thu_vinhphuc.xlsx": (REGISTER, "petition", 1943, 10),
    "thong_ke_nhap_lieu_vinhphuc_2018_2024.xlsx": (COUNTS, "periodic_report", 326, 6),
    "hoi_dap_bhxh_26.csv": (QUESTIONS, "recommendation_reflection", 26, 5),
    "cfpb_complaints_802.csv": (CFPB, "petition", 802, 18),
    "nyc_311_2025_raw_100.csv": (NYC, "petition", 100, 12),
}
FORMS = {
    "TCD01_TT2021": "01/TCD",
    "TCD01_TT2024": "01/TCD",
    "TCD02_TT2021": "02/TCD",
    "XLD01_TT2021": "01/XLD",
    "XLD01_TT2024": "01/XLD",
    "XLD02_TT2021": "02/XLD",
    "XLD02_TT2024": "02/XLD",
    "XLD03_TT2021": "03/XLD",
    "XLD03_TT2024": "03/XLD",
    "XLD04_TT2021": "04/XLD",
    "XLD04_TT2024": "04/XLD",
    "KQGQ01_TT2021": "01/KQGQ",
    "KQGQ01_TT2024": "01/KQGQ",
    "KQGQ02_TT2021": "02/KQGQ",
    "KQGQ02_TT2024": "02/KQGQ",
    "KQGQ03_TT2021": "03/KQGQ",
    "KQGQ04_TT2021": "04/KQGQ",
}


@pytest.mark.real
@pytest.mark.parametrize("name", FILES)
def test_a_real_register_is_proposed_right(name: str) -> None:
    expected, record_type, rows, at_least = FILES[name]
    path = COMPLAINTS / name
    proposal, preset = proposed(path)
    assert [line.column for line in proposal.columns] == list(expected)
    assert proposal.record_type == record_type
    found = right(expected, pairs(preset))
    print(f"{name}: {len(found)} of {len(expected)} columns right")
    assert len(found) >= at_least
    frame, done = read_back(path, preset)
    assert frame.height == rows
    assert sum(one.rejected.height for one in done) == 0


@pytest.mark.real
def test_the_real_register_is_keyed_by_number_and_agency() -> None:
    proposal, preset = proposed(COMPLAINTS / "chi_tiet_don_thu_vinhphuc.xlsx")
    assert proposal.key.columns == ("Số đơn", "Cơ quan xử lý")
    assert preset.date_formats == ("%d/%m/%Y",)
    assert {"Tranh chấp", "Dân nguyện, dân sự"} == set(
        proposal.codes["kind"].found.unknown
    )


@pytest.mark.real
@pytest.mark.parametrize("name", FORMS)
def test_a_blank_form_gives_its_numbered_columns(name: str) -> None:
    _, preset = proposed(DATA / "forms" / f"{name}.xlsx")
    (mapping,) = preset.streams[0].records
    assert mapping.type == "periodic_report"
    assert mapping.fields["form_code"].constant == FORMS[name]
    columns = mapping.fields["cells"].pivot.columns
    numbers = [int(column.partition(" ")[0]) for column in columns]
    assert numbers[:10] == list(range(1, 11))
    # 02/XLD of TT 01/2024 itself numbers three columns 24 to 26 again.
    assert len(set(numbers)) >= len(columns) - 3


@pytest.mark.real
def test_old_workbooks_are_seen_to_be_drawn_in_old_fonts() -> None:
    paths = sorted((DATA / "encodings" / "real").glob("*.xls"))
    assert paths
    for path in paths:
        proposal, preset = proposed(path)
        assert any("old fonts" in note for note in proposal.notes)
        frame, _ = read_back(path, preset)
        names = {line.column for line in proposal.columns}
        assert names <= set(frame.columns), path.name
