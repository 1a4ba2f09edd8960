"""The night as one self-contained HTML page in Vietnamese; no network, no script."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from html import escape

from flows.engine.outcome import NightOutcome, OfficeOutcome, Verdict
from flows.engine.report.collect import OfficeReport, RuleCounts
from flows.engine.report.words import (
    DATABASE,
    NIGHT_VERDICTS,
    VERDICTS,
    Equation,
    duration,
    equations,
    number,
    rule_text,
)

HEADINGS = (
    "Cơ quan",
    "Kết quả",
    "Dòng đã đọc",
    "Bản ghi đã đọc",
    "Thêm mới",
    "Cập nhật",
    "Không đổi",
    "Cách ly",
    "Trùng lặp",
    "Cảnh báo",
    "Thời gian",
)

# Colours keep a contrast of 4.5:1 or more on white; the word says it too.
STYLE = """
:root{color-scheme:light}
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:1rem;
color:#1b1b1b;background:#fff}
h1{font-size:1.35rem;margin:.2rem 0}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}
h3{font-size:1rem;margin:1rem 0 .2rem}
.verdict{display:inline-block;padding:.2rem .7rem;border-radius:.4rem;color:#fff}
.published{background:#1b6e3c}.partial,.held,.skipped{background:#8a5200}
.failed,.misconfigured{background:#a32020}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.3rem .6rem;border-bottom:1px solid #d5d5d5;text-align:right;
white-space:nowrap}
th:first-child,td:first-child,td.word{text-align:left}
td:first-child{white-space:normal;min-width:7.5rem}
@media(max-width:40rem){table{font-size:.85rem}th,td{padding:.25rem .35rem}}
tfoot td{font-weight:600}
.equation{margin:.2rem 0;overflow-wrap:anywhere}.broken{color:#a32020;font-weight:600}
.error{overflow-wrap:anywhere}.none{color:#555}
"""


def night_page(
    night_on: date, outcome: NightOutcome, offices: Mapping[str, OfficeReport]
) -> str:
    """The whole page. Holds counts, rules, names of offices and reduced errors only."""
    title = f"Đêm {night_on:%d/%m/%Y}: kết quả cập nhật"
    verdict = outcome.verdict
    body = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(DATABASE)}</p>",
        f'<p><span class="verdict {verdict}">{escape(NIGHT_VERDICTS[verdict])}</span> '
        f"{_published(outcome)}</p>",
        f"<p>Mã lượt chạy: <code>{escape(outcome.run)}</code></p>",
        "<h2>Đối chiếu số liệu</h2>",
        *(_equation(equation) for equation in equations(outcome.total)),
        "<h2>Các cơ quan</h2>",
        _table(outcome, offices),
        *_errors(outcome.offices, offices),
        "<h2>Cảnh báo mới trong đêm, theo quy tắc</h2>",
        *_rules((r.name, r.findings) for r in offices.values()),
        "<h2>Bản ghi đang cách ly, theo quy tắc</h2>",
        *_rules((r.name, r.quarantine) for r in offices.values()),
    ]
    return (
        '<!doctype html>\n<html lang="vi"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _published(outcome: NightOutcome) -> str:
    done = sum(office.verdict is Verdict.PUBLISHED for office in outcome.offices)
    return f"{done}/{len(outcome.offices)} cơ quan đã cập nhật"


def _equation(equation: Equation) -> str:
    broken = "" if equation.sign == "=" else " broken"
    return f'<p class="equation{broken}">{escape(equation.text())}</p>'


def _table(outcome: NightOutcome, offices: Mapping[str, OfficeReport]) -> str:
    head = "".join(f'<th scope="col">{escape(h)}</th>' for h in HEADINGS)
    rows = "\n".join(
        f"<tr>{_cells(_name(office, offices), office)}</tr>"
        for office in outcome.offices
    )
    # Offices run side by side: the sum of their times would mean nothing.
    total = OfficeOutcome("", Verdict.PUBLISHED, outcome.total)
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>\n<tbody>{rows}'
        f"</tbody>\n<tfoot><tr>{_cells('Tổng', total, total=True)}</tr></tfoot>"
        "</table></div>"
    )


def _cells(name: str, office: OfficeOutcome, total: bool = False) -> str:
    counts = office.counts
    numbers = (
        counts.rows_read,
        counts.read,
        counts.inserted,
        counts.updated,
        counts.unchanged,
        counts.quarantined,
        counts.duplicates,
        counts.findings,
    )
    verdict = (
        f'<span class="verdict {office.verdict}">{VERDICTS[office.verdict]}</span>'
    )
    cells = [
        f"<td>{escape(name)}</td>",
        f'<td class="word">{"" if total else verdict}</td>',
        *(f"<td>{number(n)}</td>" for n in numbers),
        f"<td>{'' if total else duration(office.seconds)}</td>",
    ]
    return "".join(cells)


def _errors(
    outcomes: Iterable[OfficeOutcome], offices: Mapping[str, OfficeReport]
) -> list[str]:
    wrong = [office for office in outcomes if office.error]
    if not wrong:
        return []
    return [
        "<h2>Cơ quan chưa cập nhật được</h2>",
        *(
            f'<p class="error"><strong>{escape(_name(office, offices))}</strong>: '
            f"{escape(office.error or '')}</p>"
            for office in wrong
        ),
    ]


def _name(office: OfficeOutcome, offices: Mapping[str, OfficeReport]) -> str:
    report = offices.get(office.province)
    return report.name if report else office.province


def _rules(of_offices: Iterable[tuple[str, RuleCounts]]) -> Sequence[str]:
    lines = [
        f"<h3>{escape(name)}</h3>\n<ul>{''.join(_rule(*pair) for pair in counts)}</ul>"
        for name, counts in of_offices
        if counts
    ]
    return lines or ['<p class="none">Không có.</p>']


def _rule(rule: str, count: int) -> str:
    text = rule_text(rule)
    return (
        f"<li>Quy tắc {escape(rule)}: {number(count)}"
        f'<br><span class="none">{escape(text)}</span></li>'
    )
