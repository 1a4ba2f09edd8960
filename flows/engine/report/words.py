"""Vietnamese words of reports: verdicts, counts, numbers and the two equations."""

from dataclasses import dataclass

from expectations.rules import NORMALISE_MESSAGES_VI, RULES
from flows.engine.outcome import Counts, NightVerdict, Verdict

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

# What the path itself finds, beside the rules of expectations/rules.py.
FOUND_ON_THE_WAY: dict[str, str] = {
    "column_unknown": "Cột mới ở nguồn, chưa khai báo.",
    "volume_band": "Số dòng đọc được khác xa các đêm gần đây.",
    "not_provided": "Trường mà phần mềm nguồn không cung cấp (đã khai báo).",
    "key_blank": "Thiếu mã hồ sơ ở nguồn.",
    "key_conflict": "Cùng một mã hồ sơ nhưng nội dung khác nhau.",
    "event_date": "Thiếu ngày phát sinh hoặc không đọc được ngày.",
    "kind": "Không xác định được loại đơn.",
    "row_filtered": "Dòng không phải hồ sơ, được lọc theo khai báo.",
    "row_rejected": "Dòng không đọc được.",
}


def rule_text(rule_id: str) -> str:
    """What a rule says, in the steward's words; empty when nobody wrote it."""
    for rule in RULES:
        if rule.id == rule_id:
            return rule.message_vi
    messages = NORMALISE_MESSAGES_VI | FOUND_ON_THE_WAY
    return messages.get(rule_id, "")


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
