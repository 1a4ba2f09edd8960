"""What is done when a source changes its shape: the policy of a preset."""

from typing import Literal

from config.field_map import Strict

Policy = Literal["report", "quarantine", "hold"]


class DriftPolicy(Strict):
    """`[drift]`: report it, quarantine the rows it touches, or hold the source.

    Each gives a finding that names the column or code; a held source waits for
    `kntc accept` or a mended preset.
    """

    # A column that is neither mapped nor ignored.
    column_new: Literal["report", "hold"] = "report"
    # A mapped column that is not `optional` and is gone.
    column_missing: Policy = "hold"
    # A column most of whose values no longer read as what they are declared.
    column_type: Policy = "report"
    # A code that is in no code map.
    code_new: Policy = "report"
