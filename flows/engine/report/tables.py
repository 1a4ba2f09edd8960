"""The tables of the night's page: offices at a glance, and every count of each."""

from collections.abc import Mapping, Sequence
from html import escape

from flows.engine.outcome import Counts, NightOutcome, OfficeOutcome, Verdict
from flows.engine.report.collect import OfficeReport
from flows.engine.report.words import (
    SIDES,
    band_text,
    duration,
    last_time,
    number,
    short_name,
    side_of,
    verdict_text,
    wrong_first,
)

Reports = Mapping[str, OfficeReport]

GLANCE = (
    "Cơ quan",
    "Kết quả",
    "Cập nhật lần cuối",
    "Dòng đã đọc",
    "Ngưỡng",
    "Thêm mới",
    "Cập nhật",
    "Cách ly mới",
    "Đang cách ly",
    "Cảnh báo",
    "Thời gian",
)
COUNTS: Mapping[str, str] = {
    "rows_read": "Dòng đã đọc",
    "rows_filtered": "Dòng đã lọc",
    "rows_rejected": "Dòng bị loại",
    "read": "Bản ghi đã đọc",
    "inserted": "Thêm mới",
    "updated": "Cập nhật",
    "unchanged": "Không đổi",
    "quarantined": "Cách ly",
    "duplicates": "Trùng lặp",
    "deleted": "Đã xoá",
    "restored": "Khôi phục",
}


def name_of(office: OfficeOutcome, offices: Reports) -> str:
    """The office's short name; its stem when nothing was collected of it."""
    report = offices.get(office.province)
    return short_name(report.name) if report else office.province


def glance(outcome: NightOutcome, offices: Reports) -> str:
    """One line an office, those not published first."""
    found = wrong_first(outcome.offices)
    rows = [_glance_row(office, name_of(office, offices), offices) for office in found]
    return _table("glance", GLANCE, rows, _glance_total(outcome, offices))


def _glance_row(office: OfficeOutcome, name: str, offices: Reports) -> list[str]:
    report = offices.get(office.province, OfficeReport(office.province, name))
    counts = office.counts
    is_done = office.verdict is Verdict.PUBLISHED
    verdict = (
        f'<span class="verdict {office.verdict}">{verdict_text(office.verdict)}</span>'
    )
    last = "" if is_done else last_time(report.published_at, report.age_hours)
    side = side_of(counts, report.volume)
    mark = f' <b class="outside">{SIDES[side]}</b>' if side else ""
    return [
        escape(name),
        verdict,
        escape(last),
        number(counts.rows_read),
        band_text(report.volume.band) + mark,
        number(counts.inserted),
        number(counts.updated),
        number(report.opened),
        number(report.quarantine_open),
        number(counts.findings),
        duration(office.seconds),
    ]


def _glance_total(outcome: NightOutcome, offices: Reports) -> list[str]:
    total = outcome.total
    of_night = [offices[o.province] for o in outcome.offices if o.province in offices]
    return [
        "Tổng",
        "",
        "",
        number(total.rows_read),
        "",
        number(total.inserted),
        number(total.updated),
        number(sum(report.opened for report in of_night)),
        number(sum(report.quarantine_open for report in of_night)),
        number(total.findings),
        # Offices run side by side: the sum of their times would mean nothing.
        "",
    ]


def every_count(outcome: NightOutcome, offices: Reports) -> str:
    """Both equations of each office, number by number."""
    rows = [
        [escape(name_of(office, offices)), *_counts(office.counts)]
        for office in wrong_first(outcome.offices)
    ]
    headings = ("Cơ quan", *COUNTS.values())
    return _table("counts", headings, rows, ["Tổng", *_counts(outcome.total)])


def _counts(counts: Counts) -> list[str]:
    return [number(getattr(counts, name)) for name in COUNTS]


def _table(
    kind: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    total: Sequence[str],
) -> str:
    """Cells are HTML; the wrapper scrolls on a phone, where nothing wide fits."""
    head = "".join(f'<th scope="col">{escape(h)}</th>' for h in headings)
    body = "\n".join(f"<tr>{_cells(row)}</tr>" for row in rows)
    return (
        f'<div class="scroll"><table class="{kind}"><thead><tr>{head}</tr></thead>\n'
        f"<tbody>{body}</tbody>\n"
        f"<tfoot><tr>{_cells(total)}</tr></tfoot></table></div>"
    )


def _cells(cells: Sequence[str]) -> str:
    return "".join(f"<td>{cell}</td>" for cell in cells)
