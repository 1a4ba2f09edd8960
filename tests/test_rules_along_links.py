"""What a record's parent must be, and what it must not be asked."""

from datetime import date

import polars as pl
import pytest

from expectations import frames
from expectations.check import check_links
from tests.judging import judged_along, of
from tests.valid_records import TODAY, valid_link

D = date
Table = list[tuple[dict[str, object], set[str]]]
FIRST_CASE = "complaint_case.first_case_id>complaint_case"


def _expect(link: str, table: Table) -> None:
    """Each change of the valid line breaks the rules beside it and no other."""
    told = judged_along(link, [valid_link(link, **changes) for changes, _ in table])
    assert list(zip([c for c, _ in table], told, strict=True)) == table


@pytest.mark.parametrize("link", list(frames.BY_LINK))
def test_a_link_rule_passes_the_valid_line_and_fails_what_breaks_it(link: str) -> None:
    rules = of(link)
    assert {rule.through for rule in rules} == {link}
    broken = [valid_link(link, **rule.broken_by) for rule in rules]
    found = judged_along(link, [valid_link(link), *broken])
    assert found == [set(), *({rule.id} for rule in rules)]
    assert all(rule.shape for rule in rules)


def test_a_parent_that_is_not_there_breaks_nothing_else() -> None:
    for link, reference in frames.BY_LINK.items():
        prefix = f"{reference.field}."
        absent = {c: None for c in frames.schema(link) if c.startswith(prefix)}
        _expect(link, [(dict(absent), {"parent_missing"})])


def test_a_source_without_the_parents_fields_is_not_asked_of_them() -> None:
    line = valid_link(FIRST_CASE, **{"first_case_id.decision_date": None})
    given = frozenset({"instance", "received_date", "first_case_id.record_id"})
    assert check_links(FIRST_CASE, line, given, TODAY).is_empty()


def test_findings_along_a_link_name_the_child_and_no_value() -> None:
    link = "enforcement.decision_id>decision"
    line = valid_link(link, start_date=D(2026, 8, 4))
    found = check_links(link, line, frozenset(line.columns), TODAY)
    assert found.schema == {**dict.fromkeys(found.columns, pl.String())}
    assert found.row(0, named=True) == {
        frames.RECORD_ID: line[frames.RECORD_ID][0],
        frames.LOCATOR: line[frames.LOCATOR][0],
        "record_type": "enforcement",
        "rule": "36f",
        "field": "decision_id",
        "shape": "before its decision",
    }


def test_a_second_complaint_follows_a_decision_or_the_end_of_the_limit() -> None:
    # Luật Khiếu nại Art. 33. The first was accepted on 10/7/2026, decided on 05/8.
    undecided = "first_case_id.decision_date"
    filed = "received_date"
    _expect(
        FIRST_CASE,
        [
            ({filed: D(2026, 8, 10), undecided: None}, {"26b"}),  # 30 days, rolled
            ({filed: D(2026, 8, 11), undecided: None}, set()),
            # A decision that came after the second complaint is none.
            ({filed: D(2026, 8, 4)}, {"26b"}),
            ({filed: D(2026, 8, 5)}, set()),
            # Not yet accepted: ten days from 06/7, then thirty, to Saturday 15/8.
            (
                {
                    filed: D(2026, 8, 17),
                    undecided: None,
                    "first_case_id.accepted_date": None,
                },
                {"26b"},
            ),
            (
                {
                    filed: D(2026, 8, 12),
                    undecided: None,
                    "first_case_id.is_remote": True,
                },
                {"26b"},
            ),
            # A place that nobody described is not judged.
            (
                {
                    filed: D(2026, 8, 10),
                    undecided: None,
                    "first_case_id.is_remote": None,
                },
                set(),
            ),
            ({filed: D(2026, 8, 4), "instance": 1}, set()),
        ],
    )


def test_a_second_complaint_comes_in_thirty_days_or_forty_five() -> None:
    # Art. 33(1); sent on 07/8/2026: 30 days end on Sunday 06/9, 45 on Monday 21/9.
    _expect(
        FIRST_CASE,
        [
            ({"received_date": D(2026, 9, 7)}, set()),
            ({"received_date": D(2026, 9, 8)}, {"27"}),
            ({"received_date": D(2026, 9, 8), "is_remote": None}, set()),
            ({"received_date": D(2026, 9, 21), "is_remote": True}, set()),
            ({"received_date": D(2026, 9, 22), "is_remote": True}, {"27"}),
            (
                {
                    "received_date": D(2026, 9, 7),
                    "first_case_id.decision_sent_date": None,
                },
                {"27"},
            ),
        ],
    )


def test_nothing_follows_a_decision_of_the_head_of_the_agency() -> None:
    # Luật BHXH 41/2024/QH15 Art. 130(3), in force 01/7/2025.
    settled_by = "first_case_id.settled_by"
    old: dict[str, object] = {
        "received_date": D(2025, 6, 30),
        "first_case_id.decision_date": D(2025, 6, 10),
        "first_case_id.decision_sent_date": D(2025, 6, 12),
    }
    _expect(
        FIRST_CASE,
        [
            ({settled_by: "Tổng Giám đốc BHXH Việt Nam"}, {"29"}),
            ({settled_by: "Giám đốc BẢO HIỂM XÃ HỘI VIỆT NAM"}, {"29"}),
            ({settled_by: "Giám đốc BHXH tỉnh Việt Trì"}, set()),
            ({settled_by: "Giám đốc BHXH Việt Nam", "instance": 1}, set()),
            ({settled_by: "Tổng Giám đốc BHXH Việt Nam", **old}, set()),
        ],
    )


@pytest.mark.parametrize("record_type", ["complaint_case", "denunciation_case"])
def test_only_an_accepted_case_asks_for_competence(record_type: str) -> None:
    outside: dict[str, object] = {"petition_ids.within_competence": False}
    _expect(
        f"{record_type}.petition_ids>petition",
        [
            (outside, {"14"}),
            ({"petition_ids.within_competence": None}, set()),
            ({"accepted_date": None, **outside}, set()),
        ],
    )


def test_enforcement_starts_when_its_decision_took_effect() -> None:
    # In effect on Friday 04/9/2026; five working days end on Friday 11/9.
    conclusion = {"decision_id.doc_type": "ket_luan_to_cao"}
    _expect(
        "enforcement.decision_id>decision",
        [
            ({"start_date": D(2026, 9, 11)}, set()),
            ({"start_date": D(2026, 9, 14)}, {"36e"}),
            ({"start_date": D(2026, 9, 14), **conclusion}, set()),
            ({"start_date": D(2026, 8, 4), **conclusion}, {"36f"}),
            ({"start_date": None}, set()),
        ],
    )


def test_a_unit_stands_in_the_time_of_the_one_above_it() -> None:
    start, end = D(2025, 7, 1), D(2026, 1, 1)
    over = "parent.valid_to"
    _expect(
        "org_unit.parent>org_unit",
        [
            ({"valid_from": start, "valid_to": None, over: None}, set()),
            ({"valid_from": start, "valid_to": end, over: end}, set()),
            ({"valid_from": start, "valid_to": D(2026, 1, 2), over: end}, {"51b"}),
            ({"valid_from": start, "valid_to": None, over: end}, {"51b"}),
            ({"valid_from": D(2025, 6, 30), "valid_to": end}, {"51b"}),
            ({"valid_from": D(2026, 1, 2), "valid_to": None, over: end}, {"51b"}),
        ],
    )
