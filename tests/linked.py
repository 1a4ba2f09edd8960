"""A small product with petitions, complaints and decisions in three registers."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.small import Installation

PRODUCT = """
product = "so_vu_viec"
title = "Sổ vụ việc thử"
kind = "files"
date_formats = ["%d/%m/%Y"]

[[streams]]
name = "don"
glob = "don*.csv"
format = "csv"
delimiter = ";"
ignored = []
[[streams.filters]]
reason = "đơn đã huỷ"
when = {column = "trang_thai", equals = ["huy"]}
[[streams.records]]
type = "petition"
key = ["so_don"]
not_provided = ["source", "field_area", "is_anonymous", "has_signature", "language_ok",
  "signatories", "eligible", "processing_result", "on_admin_regulation",
  "processed_date"]
[streams.records.fields]
received_date = "ngay_nhan"
kind = {constant = "khieu_nai"}
within_competence = "tham_quyen"
content = "noi_dung"

[[streams]]
name = "vu"
glob = "vu*.csv"
format = "csv"
delimiter = ";"
[[streams.records]]
type = "complaint_case"
key = ["so_vu"]
not_provided = ["complainant_name", "complainant_address", "respondent_name",
  "respondent_address", "respondent_org", "object_type", "is_remote", "is_complex"]
[streams.records.fields]
petition_ids = {column = "don", split = ","}
instance = {constant = "1"}
received_date = "ngay_nhan"
accepted_date = "ngay_thu_ly"
decision_id = "van_ban"

[[streams]]
name = "van_ban"
glob = "van_ban*.csv"
format = "csv"
delimiter = ";"
[[streams.records]]
type = "decision"
key = ["so"]
not_provided = ["signer", "signer_title", "issuing_org"]
[streams.records.fields]
doc_no = "so"
doc_date = "ngay"
doc_type = {constant = "thong_bao_thu_ly"}
case_type = {constant = "complaint_case"}
case_id = "vu"
"""

Table = Sequence[Mapping[str, str]]
COLUMNS = {
    "don": ("so_don", "ngay_nhan", "tham_quyen", "noi_dung", "trang_thai"),
    "vu": ("so_vu", "don", "ngay_nhan", "ngay_thu_ly", "van_ban"),
    "van_ban": ("so", "ngay", "vu"),
}


def petition(number: int, **changes: str) -> dict[str, str]:
    """A petition within competence, received in January 2026."""
    return {
        "so_don": f"D{number}",
        "ngay_nhan": f"{number % 28 + 1:02d}/01/2026",
        "tham_quyen": "Có",
        "noi_dung": f"khiếu nại mức hưởng số {number}",
        "trang_thai": "",
    } | changes


def case(number: int, **changes: str) -> dict[str, str]:
    """A complaint of the petition with its number."""
    return {
        "so_vu": f"V{number}",
        "don": f"D{number}",
        "ngay_nhan": f"{number % 28 + 1:02d}/01/2026",
        "ngay_thu_ly": "05/02/2026",
        "van_ban": "",
    } | changes


def decision(number: int, **changes: str) -> dict[str, str]:
    """The acceptance notice of the case with its number."""
    return {"so": f"{number}/TB", "ngay": "05/02/2026", "vu": f"V{number}"} | changes


def add_office(
    place: Installation, stem: str, source: str = "", more: str = ""
) -> Path:
    """An office on the three registers; returns its drop folder."""
    system = place.folder / "config" / "systems" / "so_vu_viec.toml"
    system.write_text(PRODUCT, encoding="utf-8")
    drop = place.folder / "drop" / stem
    drop.mkdir(parents=True)
    path = place.folder / "config" / "provinces" / f"{stem}.toml"
    path.write_text(
        f'name = "BHXH {stem}"\nprovince_code = "44"\ncode_scheme = "QD19-2025"\n'
        f'[[sources]]\nsystem = "{stem}_vu"\nproduct = "so_vu_viec"\n{source}\n'
        f'[sources.files]\nfolder = "{drop}"\n{more}\n',
        encoding="utf-8",
    )
    for name in COLUMNS:
        write(drop, name, [])
    return drop


def write(drop: Path, name: str, rows: Table) -> None:
    """Replace one of the three registers."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS[name], delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    (drop / f"{name}.csv").write_text(text.getvalue(), encoding="utf-8")
