"""How a record type is declared: fields, their types, needs and privacy."""

from dataclasses import dataclass
from enum import StrEnum


class Type(StrEnum):
    """How a field is stored: Polars dtype in frames.py, SQL type in tables.py."""

    TEXT = "text"
    DATE = "date"
    BOOL = "bool"
    INT = "int"
    AMOUNT_VND = "amount_vnd"  # whole đồng
    CODE = "code"
    REFERENCE = "reference"  # the record_id of one other record
    REFERENCES = "references"  # record_ids; a link table in SQL
    ITEMS = "items"  # List(Struct); canonical JSON text in SQL


class Need(StrEnum):
    """M, C and O of the domain sheet."""

    MANDATORY = "M"
    CONDITIONAL = "C"
    OPTIONAL = "O"


class Privacy(StrEnum):
    """Which sealed envelope holds a field."""

    OPEN = "open"
    PERSONAL = "personal"
    DENOUNCER = "denouncer"
    # A sender's identity: the denouncer's envelope when the kind is a denunciation,
    # mixed or unknown, else the personal one (Luật Tố cáo Art. 8, 56).
    SENDER = "sender"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record type; `term` is the Vietnamese legal term."""

    name: str
    term: str
    type: Type = Type.TEXT
    need: Need = Need.OPTIONAL
    privacy: Privacy = Privacy.OPEN
    codes: tuple[str, ...] = ()
    items: tuple["Field", ...] = ()
    refers_to: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class RecordType:
    """A kind of record; `event_date` names the field whose date chooses the law."""

    name: str
    term: str
    law: str
    event_date: str | None
    fields: tuple[Field, ...]
    # The field that says whether a sender is a denouncer (Privacy.SENDER).
    kind_field: str = ""

    def field(self, name: str) -> Field:
        """The field of that name; KeyError when there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(f"{self.name} has no field {name}")

    def having(self, *privacy: Privacy) -> tuple[Field, ...]:
        """The fields of those privacy classes, in declared order."""
        return tuple(f for f in self.fields if f.privacy in privacy)
