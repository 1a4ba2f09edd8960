"""Vietnamese words of reports: verdicts, counts, numbers and the two equations."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from expectations.rules import NORMALISE_MESSAGES_VI, PATH_MESSAGES_VI, RULES
from flows.engine.outcome import Counts, NightVerdict, OfficeOutcome, Verdict
from flows.engine.report.standing import Volume
from flows.engine.volume import Band, Side

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
DATABASE = "Cơ sở dữ liệu quốc gia về khiếu nại, tố cáo"

VERDICTS: dict[Verdict, str] = {
    Verdict.PUBLISHED: "đã cập nhật",
    Verdict.HELD: "tạm giữ",
    Verdict.FAILED: "lỗi",
    Verdict.MISCONFIGURED: "sai cấu hình",
    Verdict.SKIPPED: "bỏ qua",
}
NIGHT_VERDICTS: dict[NightVerdict, str] = {
    NightVerdict.PUBLISHED: "đã cập nhật đầy đủ",
    NightVerdict.PARTIAL: "cập nhật một phần",
    NightVerdict.FAILED: "không cập nhật được",
}

# In this order people look at offices: what needs a person first.
VERDICT_ORDER = (
    Verdict.FAILED,
    Verdict.HELD,
    Verdict.MISCONFIGURED,
    Verdict.SKIPPED,
    Verdict.PUBLISHED,
)
# Beside the word, for those who see no colours.
VERDICT_MARKS: dict[Verdict, str] = {
    Verdict.FAILED: "✗",
    Verdict.HELD: "‖",
    Verdict.MISCONFIGURED: "!",
    Verdict.SKIPPED: "–",
    Verdict.PUBLISHED: "✓",
}
# What to do; stands before the program's own message, which is in English.
NEXT_STEP: dict[Verdict, str] = {
    Verdict.FAILED: (
        "Không đọc hoặc không ghi được: khắc phục nguyên nhân nêu trong thông báo, "
        "rồi chạy lại: kntc sync --province {stem}"
    ),
    Verdict.HELD: (
        "Tạm giữ để người trực xem trước: đọc thông báo, hỏi lại cơ quan. Đã sửa: "
        "kntc sync --province {stem}; đúng là như vậy: kntc accept --province {stem} "
        "--actor ... --reason ..."
    ),
    Verdict.MISCONFIGURED: (
        "Tệp cấu hình sai: sửa tệp nêu trong thông báo, kiểm tra bằng "
        "kntc provinces check, rồi chạy lại: kntc sync --province {stem}"
    ),
}
SIDES: dict[Side, str] = {Side.LOW: "▼ thấp", Side.HIGH: "▲ cao"}

# What the path itself finds, beside the rules of expectations/rules.py.
FOUND_ON_THE_WAY: dict[str, str] = {
    "key_blank": "Thiếu mã hồ sơ ở nguồn.",
    "event_date": "Thiếu ngày phát sinh hoặc không đọc được ngày.",
    "kind": "Không xác định được loại đơn.",
}


def rule_text(rule_id: str) -> str:
    """What a rule says, in the steward's words; empty when nobody wrote it."""
    for rule in RULES:
        if rule.id == rule_id:
            return rule.message_vi
    messages = NORMALISE_MESSAGES_VI | PATH_MESSAGES_VI | FOUND_ON_THE_WAY
    return messages.get(rule_id, "")


def wrong_first(offices: Iterable[OfficeOutcome]) -> list[OfficeOutcome]:
    """The offices in `VERDICT_ORDER`, then by stem."""
    return sorted(offices, key=lambda o: (VERDICT_ORDER.index(o.verdict), o.province))


def verdict_text(verdict: Verdict) -> str:
    """The mark and the word."""
    return f"{VERDICT_MARKS[verdict]} {VERDICTS[verdict]}"


def next_step(office: OfficeOutcome) -> str:
    """What to do about an office that is not published; empty for the others."""
    return NEXT_STEP.get(office.verdict, "").format(stem=office.province)


def short_name(name: str) -> str:
    """The name of an office as it fits a table."""
    return name.replace("Bảo hiểm xã hội", "BHXH").replace("thành phố", "TP")


def last_time(at: datetime | None, age_hours: float | None) -> str:
    """When an office was last published, and how long ago."""
    if at is None or age_hours is None:
        return "chưa lần nào"
    ago = f"{age_hours:.0f} giờ" if age_hours < 100 else f"{age_hours / 24:.0f} ngày"
    return f"{at.astimezone(LOCAL):%d/%m %H:%M}, {ago} trước"


def band_text(band: Band | None) -> str:
    """Both ends; empty while an office has too few readings."""
    return "" if band is None else f"{number(band.low)}–{number(band.high)}"


def side_of(counts: Counts, volume: Volume) -> Side | None:
    """The mark of tonight's reading; none when the ledger's last one is older."""
    return volume.side if counts.rows_read == volume.rows else None


@dataclass(frozen=True, slots=True)
class Equation:
    """One equation of promise P1: `whole` must equal the sum of `parts`."""

    title: str
    whole: tuple[str, int]
    parts: tuple[tuple[str, int], ...]

    @property
    def sign(self) -> str:
        """= when it holds, ≠ when it does not."""
        return "=" if self.whole[1] == sum(n for _, n in self.parts) else "≠"

    def text(self) -> str:
        """`Dòng: đã đọc 10 = đã ánh xạ 9 + đã lọc 1 + bị loại 0`."""
        right = " + ".join(f"{name} {number(n)}" for name, n in self.parts)
        name, n = self.whole
        return f"{self.title}: {name} {number(n)} {self.sign} {right}"


def equations(counts: Counts) -> tuple[Equation, Equation]:
    """The rows' and the records' equation, in this order."""
    rows = Equation(
        "Dòng",
        ("đã đọc", counts.rows_read),
        (
            ("đã ánh xạ", counts.rows_mapped),
            ("đã lọc", counts.rows_filtered),
            ("bị loại", counts.rows_rejected),
        ),
    )
    found = Equation(
        "Bản ghi",
        ("đã đọc", counts.read),
        (
            ("thêm mới", counts.inserted),
            ("cập nhật", counts.updated),
            ("không đổi", counts.unchanged),
            ("cách ly", counts.quarantined),
            ("trùng lặp", counts.duplicates),
        ),
    )
    return rows, found


def number(value: int) -> str:
    """1234567 as 1.234.567, the Vietnamese way."""
    return f"{value:,}".replace(",", ".")


def duration(seconds: float) -> str:
    """Minutes with one decimal; seconds below one minute."""
    if seconds < 60:
        return f"{seconds:.0f} giây"
    return f"{seconds / 60:.1f} phút".replace(".", ",")
