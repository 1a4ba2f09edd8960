"""What goes wrong in the sample estate by design: an outage and a drifted register."""

from collections.abc import Iterator

# What is planned for the whole estate, every ten nights.
DRIFTING, OUT_OF_ORDER = "son_la_so_don_thu", "lao_cai_kntc"
PLANNED = {DRIFTING: 3, OUT_OF_ORDER: 3}
CYCLE = 10


def trouble(system: str, night: int) -> str:
    """The verdict that a night brings an installation by design; "" for none."""
    if PLANNED.get(system, 0) != (night - 1) % CYCLE + 1:
        return ""
    return "held" if system == DRIFTING else "failed"


def announced(night: int) -> Iterator[str]:
    """What the demo says of a night before it begins."""
    if trouble(OUT_OF_ORDER, night):
        yield f"night {night}: Lào Cai's API is down tonight, as planned: failed"
    if trouble(DRIFTING, night):
        yield (
            f"night {night}: Sơn La renamed a column of its register, as planned: held"
        )
    if night > 1 and trouble(OUT_OF_ORDER, night - 1):
        yield f"night {night}: Lào Cai's API is up again and catches up"
    if night > 1 and trouble(DRIFTING, night - 1):
        yield f"night {night}: Sơn La's register is mended"
