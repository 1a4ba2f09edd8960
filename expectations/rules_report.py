"""Rules for periodic reports (báo cáo định kỳ): TT 01/2024/TT-TTCP, TT 02/2021.

What needs a second report, or the records, is not here: 03/KQGQ.1 = 01/XLD.20 and
.4 = 03/XLD.26 (63), 01/XLD as the sum of 02-04/XLD (64), what was carried over (65),
the fifteen days of a request (48), the counts (66).
"""

from datetime import date

from expectations import rules_common as common
from expectations.rule import Expect, Rule, Where
from expectations.rules_common import ordered

P = "periodic_report"
# TT 02/2021/TT-TTCP: forms and periods as TT 01/2024 has them. TT 03/2013 before it.
FORMS_OF_2021 = date(2021, 5, 10)
PERIOD = ("period_from", "period_to", "period_type", "year")


def _cells(**values: int) -> list[dict[str, object]]:
    """The cells of a form: c1=5 is 5 in column 1."""
    return [{"col": name[1:], "value": value} for name, value in values.items()]


def _adds_up(
    id_: str,
    form: str,
    sums: tuple[str, ...],
    message_vi: str,
    broken_by: dict[str, object],
    **rest: object,
) -> Rule:
    """Equations between the columns of one form."""
    return Rule(
        id_,
        P,
        Expect("form_adds_up", ("cells",), {"sums": sums}),
        because=f"{form} of TT 02/2021; taken for TT 01/2024 too: " + ", ".join(sums),
        certainty="I",
        message_vi=message_vi,
        broken_by=broken_by,
        when=(Where("form_code", "==", form),),
        valid_from=FORMS_OF_2021,
        **rest,  # type: ignore[arg-type]
    )


SUMS = (
    _adds_up(
        "62",
        "01/XLD",
        (
            "1=2+3+4+5+6+7",
            "9=11+12+13",
            "9=14+15+16+17",
            "9=18+22",
            "18=19+20+21",
            "22=23+24+25",
        ),
        "Các cột của biểu 01/XLD không khớp nhau.",
        {"cells": _cells(c1=9, c2=1, c3=2, c4=0, c5=3, c6=2, c7=0)},
        weight="E",
    ),
    _adds_up(
        "63a",
        "03/KQGQ",
        ("1=2+3", "6=7+8+9+10", "6=30+31", "8=25+27+29"),
        "Các cột của biểu 03/KQGQ không khớp nhau.",
        {"form_code": "03/KQGQ", "cells": _cells(c1=5, c2=1, c3=3)},
        weight="E",
    ),
    # 9 and 10, ended and withdrawn, have no place in 24+26+28: a doubt only.
    _adds_up(
        "63b",
        "03/KQGQ",
        ("6=24+26+28",),
        "Tổng số tố cáo đúng, sai, có đúng có sai khác số vụ việc đã giải quyết.",
        {"form_code": "03/KQGQ", "cells": _cells(c6=5, c24=1, c26=2, c28=1)},
        weight="W",
    ),
    _adds_up(
        "64",
        "03/KQGQ",
        ("4>=5", "19>=20", "22>=23", "24>=25", "26>=27", "28>=29"),
        "Cột “trong đó” lớn hơn cột chứa nó.",
        {"form_code": "03/KQGQ", "cells": _cells(c4=1, c5=2)},
        weight="E",
    ),
)

PERIODS = (
    ordered(
        "23a",
        P,
        ("period_from", "period_to"),
        {"period_from": date(2026, 7, 15)},
        also=frozenset({"65a"}),
    ),
    Rule(
        "65a",
        P,
        Expect("period_bounds", PERIOD, {"first_day": 15}),
        weight="E",
        because="TT 01/2024 Art. 7(1), TT 02/2021 Art. 7(1): from the 15th to the 14th",
        certainty="V",
        message_vi="Kỳ báo cáo không đúng ngày chốt (từ ngày 15 đến ngày 14).",
        broken_by={"period_from": date(2026, 4, 1), "period_to": date(2026, 6, 30)},
        valid_from=FORMS_OF_2021,
    ),
    Rule(
        "65b",
        P,
        Expect("period_bounds", PERIOD, {"first_day": 16, "other_day": 15}),
        weight="W",
        because="TT 03/2013: from the 16th to the 15th",
        certainty="V",
        message_vi="Kỳ báo cáo trước TT 02/2021 không theo ngày 16 đến ngày 15.",
        broken_by={
            "year": 2020,
            "period_from": date(2020, 4, 1),
            "period_to": date(2020, 6, 30),
        },
        valid_to=FORMS_OF_2021,
    ),
)

REPORT_RULES: tuple[Rule, ...] = (
    *common.every(P, "form_code"),
    *common.dated(P, "period_to"),
    *PERIODS,
    *SUMS,
    Rule(
        "cells",
        P,
        Expect("cells_sound", ("cells",)),
        weight="E",
        because="TT 01/2024: a column once, and counts are not negative",
        certainty="I",
        message_vi="Số liệu âm, hoặc một cột của biểu được ghi hai lần.",
        broken_by={"cells": _cells(c8=-1)},
    ),
)
