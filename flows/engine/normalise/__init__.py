"""The preset language at work: raw batches into records, columnar and pure."""

from flows.engine.normalise.cells import Drift
from flows.engine.normalise.correcting import CorrectionUse
from flows.engine.normalise.drifting import Notice
from flows.engine.normalise.normaliser import Normalised, Normaliser
from flows.engine.normalise.readings import FAULTS
from flows.engine.normalise.text import shape

__all__ = [
    "FAULTS",
    "CorrectionUse",
    "Drift",
    "Normalised",
    "Normaliser",
    "Notice",
    "shape",
]
