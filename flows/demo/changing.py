"""What an office's people did to one record since the night before."""

from dataclasses import dataclass
from typing import Literal

from flows.demo.faults import Fault
from flows.demo.inventing import Record

# new: a row that was not there, or one that comes back after it was deleted.
# changed: the row of that key says something else now, its status included.
# deleted: the row is gone. cancelled: it stands, struck out (`record.status`).
# late: a new row whose change time is older than rows that were there before it.
Kind = Literal["new", "changed", "deleted", "cancelled", "late"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change; `record` is how the row reads after it (before it, when deleted)."""

    kind: Kind
    record: Record
    fault: Fault | None = None
