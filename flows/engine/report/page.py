"""The night as one self-contained HTML page in Vietnamese; no network, no script."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from html import escape

from connectors.national.offices import RuleCounts
from flows.engine.outcome import NightOutcome, OfficeOutcome, Verdict
from flows.engine.report.standing import Outlier
from flows.engine.report.tables import Reports, every_count, glance, name_of
from flows.engine.report.words import (
    DATABASE,
    NIGHT_VERDICTS,
    SIDES,
    VERDICT_ORDER,
    Equation,
    band_text,
    equations,
    next_step,
    number,
    rule_text,
    side_of,
    verdict_text,
    wrong_first,
)

# Colours keep a contrast of 4.5:1 or more on white; the word says it too.
STYLE = """
:root{color-scheme:light}
body{font:15px/1.45 system-ui,sans-serif;margin:0 auto;max-width:82rem;padding:.8rem;
color:#1b1b1b;background:#fff}
h1{font-size:1.35rem;margin:.2rem 0}h2{font-size:1.1rem;margin:1.4rem 0 .4rem}
p{margin:.4rem 0}
.verdict{display:inline-block;padding:0 .5rem;border-radius:.3rem;color:#fff;
white-space:nowrap}
.published{background:#1b6e3c}.partial,.held,.skipped{background:#8a5200}
.failed,.misconfigured{background:#a32020}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.87rem}
th,td{padding:.1rem .45rem;border-bottom:1px solid #d5d5d5;text-align:right}
th{vertical-align:bottom}td{white-space:nowrap}
th:first-child,td:first-child,.glance :is(th,td):nth-child(-n+3),
.glance :is(th,td):nth-child(5),.rules :is(th,td):last-child{text-align:left}
.rules td:last-child{white-space:normal}
tbody tr:hover{background:#f1f4f8}
tfoot td{font-weight:600}
.equation{margin:.2rem 0;overflow-wrap:anywhere}.broken,.outside{color:#a32020}
.broken{font-weight:600}
.error{overflow-wrap:anywhere;margin:.5rem 0 .5rem .8rem}
.none,.error q{color:#555}.error q{quotes:none}
details{margin:.2rem 0}summary{cursor:pointer}
"""


def night_page(night_on: date, outcome: NightOutcome, offices: Reports) -> str:
    """The whole page. Holds counts, rules, names of offices and reduced errors only."""
    title = f"Đêm {night_on:%d/%m/%Y}: kết quả cập nhật"
    verdict = outcome.verdict
    body = [
        f"<h1>{escape(title)}</h1>",
        f'<p><span class="verdict {verdict}">{escape(NIGHT_VERDICTS[verdict])}</span> '
        f"{_published(outcome)}. {_summary(outcome)}</p>",
        glance(outcome, offices),
        '<p class="none">Ngưỡng: số dòng thường gặp, tính từ năm lần đọc trước (từ nửa '
        "lần ít nhất đến gấp đôi lần nhiều nhất); để trống khi chưa đủ năm lần.</p>",
        *_outliers(outcome, offices),
        *_errors(outcome.offices, offices),
        "<h2>Đối chiếu số liệu</h2>",
        *(_equation(equation) for equation in equations(outcome.total)),
        every_count(outcome, offices),
        "<h2>Cảnh báo mới trong đêm, theo quy tắc</h2>",
        *_rules([(r.name, r.findings) for r in offices.values()]),
        "<h2>Bản ghi đang cách ly, theo quy tắc</h2>",
        *_rules([(r.name, r.quarantine) for r in offices.values()]),
        f'<p class="none">{escape(DATABASE)}. Mã lượt chạy: '
        f"<code>{escape(outcome.run)}</code></p>",
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


def _summary(outcome: NightOutcome) -> str:
    """How many have each verdict but published, as coloured words."""
    counted = Counter(office.verdict for office in outcome.offices)
    return " ".join(
        f'<span class="verdict {v}">{verdict_text(v)}: {counted[v]}</span>'
        for v in VERDICT_ORDER
        if counted[v] and v is not Verdict.PUBLISHED
    )


def _equation(equation: Equation) -> str:
    broken = "" if equation.sign == "=" else " broken"
    return f'<p class="equation{broken}">{escape(equation.text())}</p>'


def _outliers(outcome: NightOutcome, offices: Reports) -> list[str]:
    found = [
        (name_of(office, offices), outlier)
        for office in wrong_first(outcome.offices)
        if office.province in offices
        and side_of(office.counts, offices[office.province].volume)
        for outlier in offices[office.province].volume.outliers
    ]
    if not found:
        return []
    lines = "".join(f"<li>{_outlier(*pair)}</li>" for pair in found)
    return [f"<h2>Nguồn có số dòng ngoài ngưỡng</h2>\n<ul>{lines}</ul>"]


def _outlier(name: str, outlier: Outlier) -> str:
    return (
        f"<strong>{escape(name)}</strong>, {escape(outlier.system)}: "
        f"{number(outlier.rows)} dòng, ngưỡng {band_text(outlier.band)} "
        f'<b class="outside">{SIDES[outlier.side]}</b>'
    )


def _errors(outcomes: Iterable[OfficeOutcome], offices: Reports) -> list[str]:
    wrong = [office for office in wrong_first(outcomes) if office.error]
    if not wrong:
        return []
    return [
        "<h2>Cơ quan chưa cập nhật được</h2>",
        *(
            f'<p class="error"><strong>{escape(name_of(office, offices))}</strong> '
            f'<span class="verdict {office.verdict}">'
            f"{verdict_text(office.verdict)}</span> {escape(next_step(office))}<br>"
            f'Thông báo: <q lang="en">{escape(office.error or "")}</q></p>'
            for office in wrong
        ),
    ]


def _rules(of_offices: Sequence[tuple[str, RuleCounts]]) -> list[str]:
    """A table of all offices' rules, then each office's own, folded away."""
    totals, places = Counter[str](), Counter[str]()
    for _, counts in of_offices:
        totals.update(dict(counts))
        places.update(rule for rule, _ in counts)
    if not totals:
        return ['<p class="none">Không có.</p>']
    rows = "\n".join(
        f"<tr><td>Quy tắc {escape(rule)}</td><td>{number(count)}</td>"
        f"<td>{number(places[rule])}</td><td>{escape(rule_text(rule))}</td></tr>"
        for rule, count in totals.most_common()
    )
    return [
        '<div class="scroll"><table class="rules"><thead><tr><th>Quy tắc</th>'
        "<th>Số lượng</th><th>Số cơ quan</th><th>Nội dung</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>",
        "<details><summary>Theo từng cơ quan</summary>",
        *(_office_rules(name, counts) for name, counts in of_offices if counts),
        "</details>",
    ]


def _office_rules(name: str, counts: RuleCounts) -> str:
    said = "; ".join(f"Quy tắc {escape(rule)}: {number(n)}" for rule, n in counts)
    return f"<p><strong>{escape(name)}</strong>: {said}</p>"
