"""What reading a column gives (Reading) and what was wrong in it (Fault)."""

from dataclasses import dataclass

import polars as pl

from flows.engine.normalise.text import shape

# The rules of findings that normalise makes, and what each says of a cell.
FAULTS = {
    "code_unknown": "the value is in no code map; the field is null",
    "computed_check": "the row's cells do not agree as the preset's check says",
    "corrected": "the office file corrects cells of the row",
    "date_rounded": "the source says no day; the first one stands",
    "date_unreadable": "no format reads it, or the day does not exist; null",
    "drift_held": "the source changed its shape; the preset quarantines the record",
    "extract_failed": "the expression finds nothing, or too few parts; null",
    "items_unreadable": "not a JSON list of objects; null",
    "key_blank": "a part of the key is blank; the record has no id",
    "marks_unclear": "several of the columns are marked; the field is null",
    "number_unreadable": "not a whole number of 64 bits; null",
    "reference_unreadable": "not ids, or it is not known of which type; null",
    "text_broken": "holds characters of a wrong decoding; kept as it is",
    "text_repaired": "was in an old encoding, not in NFC or held invisible characters",
    "zeros_restored": "a number that had lost its leading zeros was filled up",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule's hits: positions in the frame, and the shape at each."""

    rule: str
    rows: pl.Series
    shape: pl.Series
    item: str = ""  # the field inside a nested list


@dataclass(frozen=True, slots=True)
class Reading:
    """A column of values as long as its text, with its faults."""

    value: pl.Series
    faults: tuple[Fault, ...] = ()
    given: int = 0  # cells that held something


def faults_at(
    rule: str, hit: pl.Series, text: pl.Series, *, is_code: bool = False
) -> tuple[Fault, ...]:
    """The fault at the marked cells, or nothing when there are none."""
    if not hit.any():
        return ()
    rows = hit.arg_true()
    return (Fault(rule, rows, shape(text.gather(rows), is_code=is_code)),)


def unread(
    rule: str, text: pl.Series, value: pl.Series, *, is_code: bool = False
) -> Reading:
    """The values, and the fault wherever there was text but no value came of it."""
    lost = text.is_not_null() & value.is_null()
    return Reading(value, faults_at(rule, lost, text, is_code=is_code))
