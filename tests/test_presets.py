"""Presets: what is refused at load, the golden samples, the documents about both."""

import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from config import preset as language
from config import succession, tables
from config.office import load_office, load_preset
from config.preset import FilesStreamMap, Preset
from config.products import EXTENDS
from config.settings import packaged_config
from connectors.errors import ConfigError
from expectations.records import RECOVERY, Need
from expectations.rules import message_vi
from flows.engine.normalise import FAULTS
from tests.golden.made import preset, record
from tests.golden.snapshot import folders, snapshot

DOCS = Path(__file__).parents[1] / "docs"
SYSTEMS = packaged_config() / "systems"
COLUMNS: dict[str, object] = {"key": "col", "value": "value", "columns": ["1"]}


def _blocks(document: str) -> list[str]:
    text = (DOCS / document).read_text(encoding="utf-8")
    return re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def _field(record_type: str, name: str, source: object, **keys: object) -> None:
    preset([record(record_type, {name: source})], **keys)


def test_every_packaged_preset_loads() -> None:
    stems = sorted(path.stem for path in SYSTEMS.glob("*.toml"))
    assert "so_don_thu_tinh" in stems
    for stem in stems:
        assert load_preset(packaged_config(), stem).product == stem


@pytest.mark.parametrize(
    ("record_type", "name", "source", "said"),
    [
        ("petition", "kind", {"column": "c", "codes": {"KN": "khieu"}}, "khieu"),
        ("petition", "kind", {"column": "c", "codes": "kinds"}, "codes.kinds"),
        ("petition", "kind", {"constant": "khieu"}, "constant"),
        ("petition", "handler_org", {"constant": " "}, "blank"),
        ("petition", "is_anonymous", {"column": "c", "codes": {"x": "yes"}}, "yes"),
        (
            "petition",
            "kind",
            {"column": "c", "codes": {"KN": "khieu_nai", " kn ": "to_cao"}},
            "two codes",
        ),
        ("petition", "kind", {"column": "c", "extract": "a"}, "group"),
        ("petition", "kind", {"column": "c", "extract": "("}, "regular expression"),
        ("petition", "kind", {"column": "c", "part": 1}, "split"),
        ("petition", "kind", {"column": "c", "split": "/"}, "split"),
        ("petition", "kind", {"column": "c", "scale": 10}, "scale"),
        ("petition", "kind", {"column": "c", "constant": "d"}, "exactly one"),
        ("petition", "signatories", {"column": "c", "scale": 10**12}, "scale"),
        ("petition", "written_date", {"column": "c", "formats": ["%d/%m"]}, "strptime"),
        ("petition", "handler_org", {"column": "c", "items": {"a": "b"}}, "items"),
        ("petition", "handler_org", {"column": "c", "colour": "d"}, "colour"),
        (
            "petition",
            "duplicate_of",
            {"column": "c", "refers_to": "recovery"},
            "refers",
        ),
        ("recovery", "case_id", "c", "case_type"),
        ("complaint_case", "consultation", "c", "items"),
        (
            "complaint_case",
            "consultation",
            {"column": "c", "items": {"nobody": "x"}},
            "nobody",
        ),
        ("complaint_case", "instance", {"constant": "3"}, "constant"),
        ("petition", "kind", {"pivot": COLUMNS}, "pivot does not fit"),
        ("periodic_report", "cells", {"column": "c", "pivot": COLUMNS}, "exactly one"),
        ("periodic_report", "cells", {"column": "c"}, "or pivot"),
        (
            "periodic_report",
            "cells",
            {"pivot": COLUMNS, "items": {"col": "c"}},
            "not both",
        ),
        ("periodic_report", "cells", {"pivot": COLUMNS | {"key": "cot"}}, "pivot.key"),
        (
            "periodic_report",
            "cells",
            {"pivot": COLUMNS | {"value": "col"}},
            "must differ",
        ),
        (
            "periodic_report",
            "cells",
            {"pivot": COLUMNS | {"key": "value", "value": "col"}},
            "cannot hold",
        ),
        ("periodic_report", "cells", {"pivot": COLUMNS | {"columns": []}}, "columns"),
        (
            "periodic_report",
            "cells",
            {"pivot": COLUMNS | {"columns": ["1", "1"]}},
            "twice",
        ),
        (
            "periodic_report",
            "cells",
            {"pivot": COLUMNS, "extract": "(1)"},
            "no extract",
        ),
    ],
)
def test_a_map_that_contradicts_the_declaration_is_refused(
    record_type: str, name: str, source: object, said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        _field(record_type, name, source)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"ignored": ["c"]}, "both used and ignored"),
        ({"optional": ["d"]}, "used nowhere"),
        ({"fill_down": ["d"]}, "used nowhere"),
        ({"timezone": "Asia/Hanoi"}, "timezone"),
        ({"date_formats": ["dd/mm/yyyy"]}, "strptime"),
        ({"time_formats": ["%H:%M"]}, "strptime"),
        (
            {"filters": [{"reason": "x", "when": {"column": "c", "equals": [""]}}]},
            "null token",
        ),
        (
            {"filters": [{"reason": "x", "when": {"column": "c", "matches": "("}}]},
            "regular expression",
        ),
    ],
)
def test_a_stream_that_contradicts_itself_is_refused(
    keys: dict[str, object], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        _field("petition", "handler_org", "c", **keys)


def test_a_mandatory_field_is_mapped_or_declared_not_provided() -> None:
    bare = {"type": "petition", "key": ["id"], "fields": {"kind": "c"}}
    with pytest.raises(ValidationError, match="received_date"):
        preset([bare])


def test_a_record_needs_a_key() -> None:
    with pytest.raises(ValidationError, match="key"):
        preset([record("petition", {}, key=[])])


def test_a_refused_preset_is_a_config_error_that_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "systems").mkdir()
    text = (SYSTEMS / "so_don_thu_tinh.toml").read_text(encoding="utf-8")
    broken = text.replace('"khieu_nai"', '"khieu_lai"')
    (tmp_path / "systems/so_don_thu_tinh.toml").write_text(broken, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"systems/so_don_thu_tinh.*khieu_lai"):
        load_preset(tmp_path, "so_don_thu_tinh")


@pytest.mark.parametrize("golden", folders(), ids=lambda folder: folder.name)
def test_a_golden_sample_gives_what_is_expected(golden: Path, tmp_path: Path) -> None:
    expected = json.loads((golden / "expected.json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(snapshot(golden, tmp_path))) == expected


def test_there_are_golden_samples() -> None:
    assert "so_don_thu_tinh" in [folder.name for folder in folders()]


def test_every_toml_block_about_presets_loads(tmp_path: Path) -> None:
    whole, extending, fields = 0, 0, 0
    for block in _blocks("presets.md"):
        table = tomllib.loads(block)
        head = re.match(r"# (fields of|extends) (\w+)(?: inside (\w+))?\n", block)
        if head is None:
            TypeAdapter[Preset](Preset).validate_python(table)
            whole += 1
        elif head[1] == "extends":
            assert table["extends"] == head[2]
            path = tmp_path / "systems" / f"{table['product']}.toml"
            shutil.copytree(SYSTEMS, path.parent)
            path.write_text(block, encoding="utf-8")
            assert load_preset(tmp_path, path.stem).null_tokens == ("", "-")
            extending += 1
        else:
            kinds = {"kinds": {"Khiếu nại": "khieu_nai"}}
            nested = {"nested": [head[3]]} if head[3] else {}
            preset([record(head[2], table)], codes=kinds, **nested)
            fields += 1
    assert (whole, extending, fields) == (2, 1, 10)


def test_the_document_names_every_key_and_every_finding() -> None:
    text = (DOCS / "presets.md").read_text(encoding="utf-8")
    models = [
        model
        for model in vars(language).values()
        if isinstance(model, type) and issubclass(model, BaseModel)
    ]
    keys = {name for model in models for name in model.model_fields} | {EXTENDS}
    assert len(keys) > 40
    missing = [name for name in {*keys, *FAULTS} if f"`{name}`" not in text]
    assert missing == []


@pytest.mark.parametrize("rule", sorted({*FAULTS} - {"key_blank"}))
def test_every_finding_has_words_for_the_steward(rule: str) -> None:
    assert message_vi(rule, "petition")


def test_the_document_names_every_key_of_an_office_file() -> None:
    text = (DOCS / "adding-an-office.md").read_text(encoding="utf-8")
    models = [
        model
        for module in (tables, succession)
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, BaseModel)
    ]
    keys = {f.alias or n for model in models for n, f in model.model_fields.items()}
    assert len(keys) > 25
    assert [key for key in sorted(keys) if key not in text] == []


def test_the_offices_of_the_document_load(tmp_path: Path) -> None:
    shutil.copytree(SYSTEMS, tmp_path / "systems")
    (tmp_path / "provinces").mkdir()
    stems = []
    for block in _blocks("adding-an-office.md"):
        head = re.match(r"# config/provinces/(\w+)\.toml\n", block)
        assert head is not None
        path = tmp_path / "provinces" / f"{head[1]}.toml"
        path.write_text(block, encoding="utf-8")
        stems.append(head[1])
    assert stems == ["quang_mau", "quang_gop", "quang_mau"]
    for stem in stems:
        assert load_office(tmp_path, stem, {}).stem == stem


def test_a_workbook_does_not_guess_the_decimal_sign_of_scaled_numbers() -> None:
    """A numeric cell is read with a dot: 12.345 must not become 12345 millions."""
    amount = {"column": "a", "scale": 1_000_000, "decimal": ","}
    known = {f.name for f in RECOVERY.fields if f.need is Need.MANDATORY}
    stream = {
        "name": "thu_hoi",
        "glob": "*.xlsx",
        "format": "xlsx",
        "records": [
            {
                "type": "recovery",
                "key": ["so"],
                "not_provided": sorted(known - {"amount_wrong"}),
                "fields": {"amount_wrong": amount},
            }
        ],
    }
    with pytest.raises(ValidationError, match="numeric cell"):
        FilesStreamMap.model_validate(stream)
    FilesStreamMap.model_validate(stream | {"format": "csv"})
