"""`kntc provinces discover` of an API's answer: objects in a row, and lists of them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from config.office import Gate, OfficeSource
from connectors.sources.base import FilesAt, SourceSpec
from flows.engine.discover import headers
from flows.engine.normalise import Normalised, Normaliser
from tests import discover_samples as samples
from tests.discovering import pairs, proposed, right, unread
from tests.golden.made import raw, token

Item = dict[str, Any]


def answer(folder: Path, items: Sequence[Item]) -> Path:
    path = folder / "tra_loi.json"
    path.write_text(json.dumps({"total": len(items), "items": items}), "utf-8")
    return path


def normalised(items: Sequence[Item], preset: Any) -> Normalised:
    """The items through the real normaliser, objects and lists as JSON in a cell."""
    spec = SourceSpec("quang_mau", "quang_mau_don", "files", FilesAt(Path()), ())
    stream = preset.streams[0]
    columns = {name: [_cell(one.get(name)) for one in items] for name in items[0]}
    source = OfficeSource(spec, preset, Gate(), 3)
    return Normaliser(source, stream.name, token).batch(raw(columns))


def _cell(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def test_an_object_that_is_never_a_list_gives_fields_of_the_rows_record(
    tmp_path: Path,
) -> None:
    items = samples.dossiers()
    _, preset = proposed(answer(tmp_path, items))
    stream = preset.streams[0]
    (mapping,) = stream.records
    assert (mapping.type, mapping.each, mapping.key) == ("petition", None, ("maDon",))
    assert right(samples.DOSSIERS, pairs(preset)) == list(samples.DOSSIERS)
    assert stream.nested == ("nguoiGui", "xuLy")
    assert {"mayTram", "tepDinhKem"} <= set(stream.ignored)


def test_the_proposal_reads_the_answer_that_it_was_made_from(tmp_path: Path) -> None:
    items = samples.dossiers()
    _, preset = proposed(answer(tmp_path, items))
    done = normalised(items, preset)
    frame = done.frames["petition"]
    assert unread([done]) == {}
    assert frame["sender_name"].to_list() == [o["nguoiGui"]["hoTen"] for o in items]
    days = [str(day) if day else None for day in frame["processed_date"].to_list()]
    assert days == [one["xuLy"]["ngay"] if one["xuLy"] else None for one in items]


def test_a_list_of_objects_that_fit_another_type_gives_records_of_their_own(
    tmp_path: Path,
) -> None:
    items = samples.dossiers()
    for n, one in enumerate(items):
        one["xuLy"] = {"ngay": "2024-02-01", "vanBan": [_paper(n, k) for k in "ab"]}
    _, preset = proposed(answer(tmp_path, items))
    first, second = preset.streams[0].records
    assert (first.type, first.key) == ("petition", ("maDon",))
    assert (second.type, second.each) == ("decision", "xuLy.vanBan")
    assert second.key == ("xuLy.vanBan.id",)
    assert normalised(items, preset).frames["decision"].height == 2 * len(items)


def _paper(number: int, letter: str) -> Item:
    return {"id": f"{number}{letter}", "soKyHieu": f"{number}/QĐ-BHXH",
            "ngayBanHanh": "2024-02-03", "loaiVanBan": "QĐ đình chỉ",
            "nguoiKy": samples.PEOPLE[0]}  # fmt: skip


def test_a_list_of_what_the_row_is_itself_is_left_to_the_person(tmp_path: Path) -> None:
    items = samples.dossiers()
    for one in items:
        one["donTrung"] = [{k: one[k] for k in ("maDon", "ngayTiepNhan", "noiDung")}]
    _, preset = proposed(answer(tmp_path, items))
    assert [mapping.type for mapping in preset.streams[0].records] == ["petition"]
    assert "donTrung" in preset.streams[0].ignored


@pytest.mark.parametrize(
    ("parent", "name", "target"),
    [
        ("xuLy", "ngay", "petition.processed_date"),
        ("xuLy", "donVi", "petition.handler_org"),
        ("nguoiGui", "diaChi", "petition.sender_address"),
        ("tiepNhan", "ngay", "petition.received_date"),
        ("nguoi_gui", "sdt", "petition.sender_contact"),
    ],
)
def test_a_name_in_an_object_is_read_with_the_objects_name(
    parent: str, name: str, target: str
) -> None:
    found = headers.named_inside(parent, name)
    best = {one.target for one in found if one.confidence == found[0].confidence}
    assert target in best
