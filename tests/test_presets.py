"""Presets: what is refused at load, the golden samples, the documents about both."""

import json
import re
import shutil
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from config import preset as language
from config import succession, tables
from config.agencies import load_agencies
from config.columns import used_columns
from config.kinds import rest as rest_kind
from config.kinds.rest import RestTable
from config.office import load_office, load_preset
from config.preset import FilesStreamMap, Preset
from config.products import EXTENDS
from config.settings import packaged_config
from config.tables import OfficeTable
from connectors.errors import ConfigError
from expectations.records import RECOVERY, Need
from expectations.rules import message_vi
from flows.engine.normalise import FAULTS
from tests.golden.made import preset, record
from tests.golden.snapshot import folders, snapshot

# Each page about presets, and how many TOML blocks it holds at least.
PAGES = {
    "presets.md": 7,
    "presets-fields.md": 15,
    "presets-sources.md": 6,
    "presets-text.md": 0,
}
DOCS = Path(__file__).parents[1] / "docs"
SYSTEMS = packaged_config() / "systems"
COLUMNS: dict[str, object] = {"key": "col", "value": "value", "columns": ["1"]}


def _page(document: str) -> str:
    return (DOCS / document).read_text(encoding="utf-8")


def _blocks(document: str) -> list[str]:
    """The TOML blocks of a page."""
    return re.findall(r"^```toml\n(.*?)^```", _page(document), re.MULTILINE | re.DOTALL)


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


@pytest.mark.parametrize("product", ["kntc_rest", "qlkntc_mariadb"])
def test_a_golden_sample_of_rows_needs_nothing_but_the_rows(
    product: str, tmp_path: Path
) -> None:
    golden, scratch = tmp_path / product, tmp_path / "scratch"
    streams = load_preset(packaged_config(), product).streams
    for stream in streams:
        path = golden / "rows" / f"{stream.name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        row = dict.fromkeys(used_columns(stream))
        path.write_text(json.dumps([row | {used_columns(stream)[0]: 7}]), "utf-8")
    scratch.mkdir()
    told = snapshot(golden, scratch)
    assert list(told) == [f"so_mau.{stream.name}" for stream in streams]
    (golden / "rows" / f"{streams[0].name}.json").unlink()
    shutil.rmtree(scratch)
    scratch.mkdir()
    with pytest.raises(AssertionError, match="has no sample"):
        snapshot(golden, scratch)


def test_there_are_golden_samples() -> None:
    assert all((folder / "expected.json").is_file() for folder in folders())
    assert "so_don_thu_tinh" in [folder.name for folder in folders()]


HEAD = re.compile(
    r"# (?:(fields) of (\w+)(?: inside (\w+))?|(extends) (\w+)|(part) of a preset"
    r"(?: of kind (\w+))?|config/(provinces)/\w+\.toml)\n"
)


@pytest.mark.parametrize(("document", "least"), PAGES.items())
def test_every_toml_block_about_presets_loads(
    document: str, least: int, tmp_path: Path
) -> None:
    blocks = _blocks(document)
    assert len(blocks) >= least
    for number, block in enumerate(blocks):
        head = HEAD.match(block)
        folder = tmp_path / str(number)
        folder.mkdir()
        _load_block(block, head, folder)


def _load_block(block: str, head: re.Match[str] | None, folder: Path) -> None:
    table = tomllib.loads(block)
    if head is None:
        assert "product" in table, block.partition("\n")[0]
        TypeAdapter[Preset](Preset).validate_python(table)
    elif head[1]:
        kinds = {"kinds": {"Khiếu nại": "khieu_nai"}}
        nested = {"nested": [head[3]]} if head[3] else {}
        preset([record(head[2], table)], codes=kinds, **nested)
    elif head[4]:
        assert table["extends"] == head[5]
        path = folder / "systems" / f"{table['product']}.toml"
        shutil.copytree(SYSTEMS, path.parent)
        path.write_text(block, encoding="utf-8")
        assert load_preset(folder, path.stem).title == table["title"]
    elif head[6]:
        _load_part(table, head[7] or "files")
    else:
        OfficeTable.model_validate(table)


BARE: dict[str, dict[str, object]] = {
    "files": {"glob": "*.csv", "format": "csv"},
    "odbc": {"query": "SELECT 1"},
    "rest": {"path": "/"},
}


def _load_part(table: dict[str, object], kind: str) -> None:
    """A part of a preset, with the rest of one round it."""
    records = ({"name": "a", **BARE[kind], "records": [record("petition", {})]},)
    said = table.pop("streams", {})
    streams = said if isinstance(said, list) else [said]
    whole = {"product": "made", "title": "made", "kind": kind, **table}
    for stream in streams:
        assert isinstance(stream, dict)
        made = {**records[0], **stream}
        TypeAdapter[Preset](Preset).validate_python({**whole, "streams": (made,)})


def test_the_documents_name_every_key_and_every_finding() -> None:
    text = "".join(map(_page, PAGES))
    keys = _keys(language, rest_kind) | {EXTENDS}
    keys -= {*RestTable.model_fields}
    assert len(keys) > 80
    missing = [name for name in {*keys, *FAULTS} if f"`{name}`" not in text]
    assert sorted(missing) == []


def _keys(*modules: ModuleType) -> set[str]:
    """The keys of all tables that the modules declare or use."""
    models = {
        model
        for module in modules
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, BaseModel)
    }
    return {f.alias or n for model in models for n, f in model.model_fields.items()}


@pytest.mark.parametrize("rule", sorted({*FAULTS} - {"key_blank"}))
def test_every_finding_has_words_for_the_steward(rule: str) -> None:
    assert message_vi(rule, "petition")


def test_the_document_names_every_key_of_an_office_file() -> None:
    text, keys = _page("adding-an-office.md"), _keys(tables, succession)
    assert len(keys) > 40
    assert [key for key in sorted(keys) if key not in text] == []


def test_the_offices_of_the_document_load(tmp_path: Path) -> None:
    systems, secrets = tmp_path / "systems", tmp_path / "secrets"
    shutil.copytree(SYSTEMS, systems)
    for page in PAGES:  # an office may run a product that another page shows
        for block in _blocks(page):
            if (made := re.match(r'product = "(\w+)"', block)) is not None:
                (systems / f"{made[1]}.toml").write_text(block, encoding="utf-8")
    secrets.mkdir()
    stems = []
    for block in _blocks("adding-an-office.md"):
        head = re.match(r"# config/(provinces|agencies)/(\w+)\.toml\n", block)
        assert head is not None
        path = tmp_path / head[1] / f"{head[2]}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(block, encoding="utf-8")
        if head[1] == "agencies":
            assert load_agencies(tmp_path, head[2]).height == 4
            continue
        env = dict.fromkeys(re.findall(r'_env = "(\w+)"', block), "x")
        for name in re.findall(r"\$SECRETS/(\w+(?:\.\w+)?)", block):
            (secrets / name).write_text("x", encoding="utf-8")
        office = load_office(tmp_path, head[2], env | {"SECRETS": str(secrets)})
        assert office.sources
        stems.append(office.stem)
    assert len(stems) >= 5
    assert set(stems) == {"quang_mau", "quang_gop"}


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
