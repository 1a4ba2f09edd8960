"""The product with a JSON API: its documents, one line each, one file a list."""

import json
from datetime import date
from pathlib import Path
from typing import TypeAlias

from flows.demo.breaking import UNREADABLE_DATE
from flows.demo.case_system import PARTIES, PARTY_PARTS, TABLES
from flows.demo.codes import SHOUTED
from flows.demo.inventing import Record, Scalar, Value
from flows.demo.planting import Row

Json: TypeAlias = str | int | bool | list[dict[str, "Json"]] | None

LISTS = {
    "petition": "petitions",
    "complaint_case": "complaints",
    "denunciation_case": "denunciations",
    "recovery": "recoveries",
}
NESTED = {"complaint_case": ("suspensions",), "denunciation_case": ("extensions",)}
OFFSET = "+07:00"


def write_json(folder: Path, rows: list[Row]) -> None:
    """JSON lines in the order of `updatedAt`, as the server pages them."""
    for type_, name in LISTS.items():
        records = [row.record for row in rows if row.record.type == type_]
        lines = [json.dumps(_document(r), ensure_ascii=False) for r in records]
        text = "".join(f"{line}\n" for line in lines)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")


def fields_of(type_: str) -> list[str]:
    """The fields of a document in order; every document has all of them."""
    party = PARTIES.get(type_)
    parties = [f"{party}_{part}" for part in PARTY_PARTS] if party else []
    return [*parties, *TABLES[type_][1].values(), *NESTED.get(type_, ())]


def _document(record: Record) -> dict[str, Json]:
    names = fields_of(record.type)
    return {
        "id": record.key,
        **{_camel(name): _json(name, record.values.get(name)) for name in names},
        "status": SHOUTED["status"][record.status],
        "updatedAt": record.updated_at.isoformat() + OFFSET,
    }


def _json(field: str, value: Value) -> Json:
    if value == UNREADABLE_DATE:
        return "2021-13-45"
    if isinstance(value, list):
        return [
            {_camel(name): _scalar(part) for name, part in item.items()}
            for item in value
        ]
    if field in SHOUTED and isinstance(value, str):
        return SHOUTED[field][value]
    return _scalar(value)


def _scalar(value: Scalar) -> str | int | bool | None:
    return value.isoformat() if isinstance(value, date) else value


def _camel(field: str) -> str:
    head, *rest = field.split("_")
    return head + "".join(word.capitalize() for word in rest)
