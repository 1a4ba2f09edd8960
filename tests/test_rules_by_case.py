"""Rules whose bounds are worth a table of cases, with the law that gives each."""

from datetime import date

import polars as pl
import pytest

from expectations import predicates
from expectations.provinces import reused_codes
from tests.judging import faults, judged, numbered
from tests.valid_records import valid

Changes = dict[str, object]
Table = list[tuple[Changes, set[str]]]
D = date


def _expect(record_type: str, table: Table) -> None:
    """Each change of the valid record breaks the rules beside it and no other."""
    told = judged(record_type, [changes for changes, _ in table])
    assert list(zip([c for c, _ in table], told, strict=True)) == table


def _span(*ends: int | None) -> Changes:
    """A suspension between two days of 2026, each a month and a day."""
    a, b, c, d = ends
    assert a
    assert b
    return {"from": D(2026, a, b), "to": D(2026, c, d) if c and d else None}


def test_suspensions_do_not_overlap_or_run_backwards() -> None:
    table: list[tuple[list[Changes], set[str]]] = [
        ([_span(7, 15, 7, 20), _span(7, 21, 7, 25)], set()),
        ([_span(7, 21, 7, 25), _span(7, 15, 7, 20)], set()),
        ([_span(7, 15, 7, 20), _span(7, 20, 7, 25)], {"25b"}),
        ([_span(7, 15, 8, 20), _span(7, 16, 7, 17), _span(8, 1, 8, 2)], {"25b"}),
        ([_span(7, 20, 7, 15)], {"25b"}),
        ([_span(7, 15, None, None), _span(7, 20, 7, 21)], {"25b"}),
        ([_span(7, 15, None, None)], set()),
    ]
    _expect(
        "complaint_case",
        [
            ({"suspensions": [span | {"ground": "lý do"} for span in spans]}, rules)
            for spans, rules in table
        ],
    )


def test_a_reception_is_judged_by_the_law_of_its_day() -> None:
    before = {"reception_date": D(2026, 6, 30)}
    _expect(
        "reception",
        [
            ({"channel": "truc_tuyen"}, set()),
            ({"channel": "truc_tuyen", **before}, {"3"}),
            # Papers are asked for from 01/7/2026.
            ({"id_number": None, **before}, set()),
            ({"id_type": None}, {"4"}),
            ({"people_count": 4, "is_group": True}, {"5"}),
            ({"people_count": 5, "is_group": True}, set()),
            ({"people_count": 0}, {"5"}),
            ({"people_count": None, "is_group": True}, {"mandatory"}),
            ({"reception_type": "dinh_ky", "host_role": "cap_pho_uy_quyen"}, set()),
        ],
    )


def test_each_paper_has_a_number_of_its_shape() -> None:
    _expect(
        "reception",
        [
            ({"id_type": "cmnd", "id_number": "045185000"}, set()),
            ({"id_type": "cccd", "id_number": "045185000"}, {"54a"}),
            ({"id_type": "ho_chieu", "id_number": "B1234567"}, set()),
            ({"id_type": "ho_chieu", "id_number": "X99-ABC"}, set()),
            ({"id_type": "khac", "id_number": "GT 12"}, set()),
            ({"id_type": None, "id_number": "B1234567"}, {"4"}),
            ({"id_type": None, "id_number": "X99-ABC"}, {"4", "54a"}),
        ],
    )


def test_an_answer_and_the_state_of_a_recommendation_agree() -> None:
    no_answer: Changes = {"answer_no": None, "answer_date": None}
    _expect(
        "recommendation_reflection",
        [
            ({"result": "dang_xu_ly", **no_answer}, set()),
            ({"result": "chuyen", **no_answer}, set()),
            ({"result": "da_tra_loi", **no_answer}, {"46a"}),
            ({"result": "dang_xu_ly"}, {"46b"}),
        ],
    )


def test_a_document_is_sent_and_published_in_time() -> None:
    # Issued on Wednesday 05/8/2026; Luật Khiếu nại Arts. 32, 41, NĐ 124 Art. 29.
    second: Changes = {"doc_type": "qd_giai_quyet_2"}
    _expect(
        "decision",
        [
            ({"sent_date": D(2026, 8, 10)}, set()),
            ({"sent_date": D(2026, 8, 11)}, {"32a"}),
            ({"sent_date": D(2026, 8, 12), **second}, set()),
            ({"sent_date": D(2026, 8, 13), **second}, {"32b"}),
            ({"published_date": D(2026, 8, 20)}, set()),
            ({"published_date": D(2026, 8, 21), **second}, {"32c"}),
            # Publication may come before the sending, neither before the issue.
            ({"published_date": D(2026, 8, 6)}, set()),
            ({"published_date": D(2026, 8, 4)}, {"23a"}),
            ({"disposition": None, "doc_type": "thong_bao_thu_ly"}, set()),
            ({"sent_date": D(2026, 9, 30), "doc_type": "ket_luan_to_cao"}, set()),
        ],
    )


def test_the_state_and_the_dates_of_an_enforcement_agree() -> None:
    _expect(
        "enforcement",
        [
            ({"status": "chua", "start_date": None, "completed_date": None}, set()),
            ({"status": "dang", "completed_date": None}, set()),
            ({"status": "khong_thi_hanh"}, {"36b"}),
            ({"status": "dang", "start_date": None, "completed_date": None}, {"36c"}),
            ({"returned_money": -1, "persons_handled": -1}, {"36d"}),
            ({"returned_money": None, "state_money": None}, set()),
        ],
    )


@pytest.mark.parametrize("is_good", [True, False])
def test_a_report_covers_its_period(is_good: bool) -> None:
    # TT 01/2024 Art. 7(1); until 10/5/2021 TT 03/2013, where the 15th is no fault.
    good = [
        ("quy_1", D(2025, 12, 15), D(2026, 3, 14)),
        ("quy_2", D(2026, 3, 15), D(2026, 6, 14)),
        ("quy_3", D(2026, 6, 15), D(2026, 9, 14)),
        ("quy_4", D(2025, 9, 15), D(2025, 12, 14)),
        ("6_thang", D(2025, 12, 15), D(2026, 6, 14)),
        ("9_thang", D(2025, 12, 15), D(2026, 9, 14)),
        ("nam", D(2024, 12, 15), D(2025, 12, 14)),
        ("quy_2", D(2019, 3, 16), D(2019, 6, 15)),
        ("quy_2", D(2019, 3, 15), D(2019, 6, 14)),
    ]
    bad = [
        ("nam", D(2025, 1, 1), D(2025, 12, 31)),
        ("quy_2", D(2026, 3, 16), D(2026, 6, 15)),
        ("quy_3", D(2026, 3, 15), D(2026, 6, 14)),
        ("quy_2", D(2019, 4, 1), D(2019, 6, 30)),
    ]
    table: Table = [
        (
            {
                "period_type": kind,
                "year": end.year,
                "period_from": start,
                "period_to": end,
            },
            set() if is_good else {"65a" if end.year > 2021 else "65b"},
        )
        for kind, start, end in (good if is_good else bad)
    ]
    _expect("periodic_report", table)


def test_no_year_is_too_odd_for_a_period() -> None:
    years = (-(2**40), 0, 25, 99_999, 2**40)
    _expect("periodic_report", [({"year": year}, {"65a"}) for year in years])


# A period of TT 03/2013, whose forms had other columns.
OLDER: Changes = {
    "year": 2019,
    "period_from": D(2019, 3, 16),
    "period_to": D(2019, 6, 15),
}


@pytest.mark.parametrize("period", [{}, OLDER])
def test_the_columns_of_a_form_agree(period: Changes) -> None:
    forms: list[tuple[str, dict[int, int], set[str]]] = [
        ("01/XLD", {1: 9, 2: 4, 5: 5}, set()),  # blanks may be noughts
        ("01/XLD", {1: 9, 2: 3, 5: 3}, set()),  # or numbers that nobody gave
        ("01/XLD", {1: 9, 2: 4, 5: 6}, {"62"}),  # but parts never exceed the whole
        ("01/XLD", {1: 9}, set()),
        ("01/XLD", {2: 4, 3: 2}, set()),
        ("01/XLD", {18: 4, 19: 2, 20: 1, 21: 0}, {"62"}),
        ("02/XLD", {1: 9, 2: 20}, set()),  # its columns are not known to us
        ("03/KQGQ", {6: 9, 30: 7, 31: 2}, set()),
        ("03/KQGQ", {6: 9, 30: 7, 31: 1}, {"63a"}),
        ("03/KQGQ", {6: 9, 24: 3, 26: 3, 28: 2}, {"63b"}),
        ("03/KQGQ", {4: 3, 5: 3, 19: 1, 20: 2}, {"64"}),
        ("03/KQGQ", {}, {"mandatory"}),
        ("03/KQGQ", {9: -1}, {"cells"}),
    ]
    table: Table = []
    for form, values, rules in forms:
        cells = [{"col": str(c), "value": value} for c, value in values.items()]
        changes: Changes = {"form_code": form, "cells": cells}
        undated = rules & {"cells", "mandatory"}
        table.append((changes | period, undated if period else rules))
    _expect("periodic_report", table)


def test_a_column_of_a_form_stands_once() -> None:
    cells = [{"col": "1", "value": 2}, {"col": "1", "value": 2}]
    _expect("periodic_report", [({"cells": cells, "form_code": "04/XLD"}, {"cells"})])


def test_a_code_that_was_used_again_takes_its_scheme() -> None:
    # Domain sheet 4.4: seven codes of 01/7/2025 named another province before.
    codes = sorted(reused_codes())
    assert codes == ["15", "24", "44", "52", "80", "82", "91"]
    bare: Table = [({"province_code": c, "code_scheme": None}, {"52"}) for c in codes]
    full: Table = [({"province_code": c}, set()) for c in codes]
    _expect("org_unit", [*bare, *full])


@pytest.mark.parametrize(
    ("fields", "cases"),
    [
        (
            set(),
            [
                ("26", "GSO2004", D(2020, 1, 1)),
                ("25", None, D(2025, 6, 30)),
                (None, None, D(2025, 6, 30)),
                (None, "GSO2004", D(2025, 7, 1)),
            ],
        ),
        (
            {"province_code"},
            [
                ("26", "QD19-2025", D(2025, 7, 1)),
                ("99", None, D(2025, 6, 30)),
                ("99", "GSO2004", D(2025, 6, 30)),
            ],
        ),
        (
            {"code_scheme"},
            [
                ("26", "GSO2004", D(2025, 7, 1)),
                ("25", "QD19-2025", D(2025, 6, 30)),
                ("44", None, D(2020, 1, 1)),
            ],
        ),
    ],
)
def test_a_province_code_is_of_the_scheme_of_its_day(
    fields: set[str], cases: list[tuple[str | None, str | None, date]]
) -> None:
    rows = [
        valid("org_unit", province_code=code, code_scheme=scheme, valid_from=start)
        for code, scheme, start in cases
    ]
    for pairs in faults("org_unit", numbered(rows)):
        assert {field for rule, field in pairs if rule == "52"} == fields


@pytest.mark.parametrize("is_fault", [True, False])
def test_a_unit_bears_the_name_of_its_time(is_fault: bool) -> None:
    # CV 1521: districts' units became "cơ sở" on 01/7/2025, by 30/9/2025 at the latest.
    long_ago, changed = D(2009, 1, 1), D(2025, 7, 1)
    good = [
        ("BHXH huyện Vườn Xoài", "huyen", long_ago, D(2025, 6, 30)),
        ("BHXH huyện Vườn Xoài", "huyen", long_ago, D(2025, 9, 30)),
        ("BHXH thành phố Cần Thơ", "tinh", changed, None),
        ("BHXH cơ sở Vườn Xoài", "co_so", changed, None),
        ("BHXH khu vực XVI", "khu_vuc", D(2025, 4, 1), D(2025, 6, 30)),
        (None, None, changed, None),
    ]
    bad = [
        ("BHXH huyện Vườn Xoài", "huyen", long_ago, D(2025, 10, 1)),
        ("BHXH huyện Vườn Xoài", "huyen", long_ago, None),
        ("BHXH thành phố Vườn Xoài", "huyen", long_ago, None),
        ("Bảo hiểm xã hội liên huyện Cam - Quýt", None, changed, D(2025, 8, 1)),
        ("BHXH cơ sở Vườn Xoài", "co_so", D(2025, 6, 1), None),
    ]
    rows = [
        valid("org_unit", name=name, level=level, valid_from=start, valid_to=end)
        for name, level, start, end in (bad if is_fault else good)
    ]
    for pairs in faults("org_unit", numbered(rows)):
        assert (("53", "name") in pairs) is is_fault


def test_a_unit_may_be_announced_before_it_begins() -> None:
    _expect("org_unit", [({"valid_from": D(2027, 1, 1)}, set())])


def test_text_of_an_old_font_is_told_and_good_text_is_not() -> None:
    texts = [
        ("b¶o hiÓm x· héi tØnh qu¶ng trÞ", True),
        ("Baûo hieåm xaõ hoäi", True),
        ("Báº£o hiá»ƒm xÃ£ há»™i", True),
        ("Bảo hiểm xã hội thị xã Quảng Trị, «đơn số 5»", False),
        ("Cty TNHH Müller & Søn, 5 m² đất, nhiệt độ 30°C", False),
        ("UBND xã Ea Čư M'gar, buôn Ê Đê", False),
    ]
    frame = pl.DataFrame({"content": [text for text, _ in texts]})
    found = predicates.text_modern(frame)["content"].to_list()
    assert found == [is_old for _, is_old in texts]
