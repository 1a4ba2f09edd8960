"""Office files and presets: what is wrong is refused, with file and key."""

from pathlib import Path

import pytest

from config.office import load_office, load_preset, office_stems
from config.settings import packaged_config
from connectors.errors import ConfigError
from connectors.sources.base import FilesAt, OdbcAt, OdbcStream, RestAt, RestStream

SECRETS = {
    "KNTC_DROP": "/srv/drop",
    "KNTC_CAN_THO_ODBC": "Driver={x};Pwd=hidden-1",
    "KNTC_QUANG_TRI_ODBC": "Driver={x};Pwd=hidden-2",
    "KNTC_LAO_CAI_URL": "http://127.0.0.1:1",
    "KNTC_LAO_CAI_TOKEN": "hidden-3",
    "KNTC_PHU_THO_URL": "http://127.0.0.1:2",
    "KNTC_PHU_THO_TOKEN": "hidden-4",
}
DEMO = ["can_tho", "ha_tinh", "lao_cai", "phu_tho", "quang_tri", "vinh_long"]

OFFICE = """
name = "Bảo hiểm xã hội tỉnh Thử"
province_code = "44"
code_scheme = "QD19-2025"

[[sources]]
system = "thu_so"
product = "so"

[sources.files]
folder = "${KNTC_DROP}/thu"
"""

PRESET = """
product = "so"
title = "Sổ thử"
kind = "files"

[[streams]]
name = "thu_hoi"
glob = "*.csv"
format = "csv"

[[streams.records]]
type = "recovery"
key = ["so"]
not_provided = ["case_type", "case_id", "hard_to_recover"]

[streams.records.fields]
fund = { column = "quy", codes = { "1" = "bhxh" } }
amount_wrong = "sai"
amount_recovered = "thu"
"""


def _config(folder: Path, office: str = OFFICE, preset: str = PRESET) -> Path:
    for name, text in (("provinces/thu", office), ("systems/so", preset)):
        path = folder / f"{name}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def _refused(config: Path, stem: str = "thu", **env: str) -> str:
    with pytest.raises(ConfigError) as refused:
        load_office(config, stem, {"KNTC_DROP": "/srv"} | env)
    return str(refused.value)


def _with_table(kind: str, body: str) -> str:
    head, _, _ = OFFICE.partition("[sources.files]")
    return f"{head}[sources.{kind}]\n{body}\n"


def test_a_good_office_loads_with_its_folder_from_the_environment(
    tmp_path: Path,
) -> None:
    office = load_office(_config(tmp_path), "thu", {"KNTC_DROP": "/srv/drop"})
    (source,) = office.sources
    assert source.spec.at == FilesAt(Path("/srv/drop/thu"))
    assert (source.spec.province, source.spec.system) == ("thu", "thu_so")
    assert source.stream("thu_hoi").name == "thu_hoi"
    with pytest.raises(KeyError):
        source.stream("don")


@pytest.mark.parametrize("stem", DEMO)
def test_each_packaged_office_loads(stem: str) -> None:
    office = load_office(packaged_config(), stem, SECRETS)
    assert office.table.deadline_s == 60
    assert office.sources


def test_the_demo_offices_stand_in_the_package() -> None:
    assert set(DEMO) <= set(office_stems(packaged_config()))


def test_each_packaged_preset_loads() -> None:
    stems = [path.stem for path in (packaged_config() / "systems").glob("*.toml")]
    assert len(stems) >= 4
    for stem in stems:
        assert load_preset(packaged_config(), stem).product == stem


def test_source_systems_are_unique_over_all_packaged_offices() -> None:
    offices = [load_office(packaged_config(), stem, SECRETS) for stem in DEMO]
    systems = [source.spec.system for office in offices for source in office.sources]
    assert len(set(systems)) == len(systems) == len(DEMO)


def test_incremental_products_have_a_cursor_with_its_zone() -> None:
    case_system = load_office(packaged_config(), "quang_tri", SECRETS).sources[0].spec
    for stream in case_system.streams:
        assert isinstance(stream.read, OdbcStream)
        assert stream.read.cursor == "ngay_cap_nhat"
        assert stream.read.cursor_zone == "Asia/Ho_Chi_Minh"
    api = load_office(packaged_config(), "lao_cai", SECRETS).sources[0].spec
    for stream in api.streams:
        assert isinstance(stream.read, RestStream)
        assert stream.read.since_param == "updatedSince"


def test_no_secret_shows_when_an_office_is_printed() -> None:
    for stem in DEMO:
        assert "hidden-" not in repr(load_office(packaged_config(), stem, SECRETS))


def test_a_secret_is_read_at_the_moment_of_use(tmp_path: Path) -> None:
    env = dict(SECRETS)
    at = load_office(packaged_config(), "quang_tri", env).sources[0].spec.at
    assert isinstance(at, OdbcAt)
    env["KNTC_QUANG_TRI_ODBC"] = "rotated"
    assert at.connection() == "rotated"


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-file\n", encoding="utf-8")
    table = 'base_url = "https://thu.invalid"\ntoken_file = "${HERE}/token"'
    preset = (packaged_config() / "systems/kntc_rest.toml").read_text(encoding="utf-8")
    preset = preset.replace('product = "kntc_rest"', 'product = "so"')
    config = _config(tmp_path, _with_table("rest", table), preset)
    office = load_office(config, "thu", {"HERE": str(tmp_path)})
    at = office.sources[0].spec.at
    assert isinstance(at, RestAt)
    assert at.token is not None
    assert at.token() == "from-file"
    (tmp_path / "token").unlink()
    assert "token_file" in _refused(config, HERE=str(tmp_path))


@pytest.mark.parametrize("stem", [s for s in DEMO if s not in ("ha_tinh", "vinh_long")])
def test_a_secret_that_is_not_set_names_its_variable(stem: str) -> None:
    for name in [n for n in SECRETS if stem.upper() in n]:
        env = {n: v for n, v in SECRETS.items() if n != name}
        with pytest.raises(ConfigError, match=name):
            load_office(packaged_config(), stem, env)
        with pytest.raises(ConfigError, match=name):
            load_office(packaged_config(), stem, SECRETS | {name: ""})


def test_a_folder_that_names_an_unset_variable_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"thu\.toml.*KNTC_DROP"):
        load_office(_config(tmp_path), "thu", {})


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("name =", "nmae = 1\nname =", "nmae"),
        ("system =", 'sytem = "x"\nsystem =', r"sources\.0\.sytem"),
        ("folder =", "max_mb = 3\nfolder =", r"sources\.0\.files\.max_mb"),
        ('"44"', "44", "province_code"),
        ('"44"', '"4"', "province_code"),
        ('"QD19-2025"', '"QD19"', "code_scheme"),
        ('"thu_so"', '"Thử"', r"sources\.0\.system"),
        ('name = "Bảo hiểm xã hội tỉnh Thử"\n', "", "name"),
        ("system =", 'overlap_days = "ba"\nsystem =', r"sources\.0\.overlap_days"),
    ],
)
def test_a_fault_in_an_office_file_names_file_and_key(
    tmp_path: Path, old: str, new: str, key: str
) -> None:
    assert OFFICE.count(old) >= 1
    message = _refused(_config(tmp_path, OFFICE.replace(old, new, 1)))
    assert message.startswith("provinces/thu.toml: ")
    with pytest.raises(ConfigError, match=key):
        load_office(tmp_path, "thu", {"KNTC_DROP": "/srv"})


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("title =", "titel = 1\ntitle =", "titel"),
        ("glob =", 'sheets = "x"\nglob =', "sheets"),
        ('"files"', '"fax"', "kind"),
        ('"recovery"', '"refund"', "refund"),
        ("amount_wrong =", "amount_owed =", "amount_owed"),
        ('"hard_to_recover"]', "]", "hard_to_recover"),
        ('"1" = "bhxh"', '"1" = "bhxx"', "fund"),
        ('amount_wrong = "sai"', "amount_wrong = { scale = 2 }", "amount_wrong"),
        ('"thu_hoi"', "7", "name"),
    ],
)
def test_a_fault_in_a_preset_names_file_and_key(
    tmp_path: Path, old: str, new: str, key: str
) -> None:
    assert PRESET.count(old) == 1
    message = _refused(_config(tmp_path, preset=PRESET.replace(old, new)))
    assert message.startswith("systems/so.toml: ")
    assert key in message


def test_what_is_not_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    message = _refused(_config(tmp_path, OFFICE.replace('"thu_so"', '"thu_so')))
    assert "provinces/thu.toml is not TOML" in message
    assert "line 7" in message


def test_what_is_not_utf8_is_refused(tmp_path: Path) -> None:
    _config(tmp_path)
    (tmp_path / "provinces/thu.toml").write_bytes(OFFICE.encode("utf-16"))
    assert "provinces/thu.toml is not TOML" in _refused(tmp_path)


def test_the_same_key_twice_is_refused(tmp_path: Path) -> None:
    twice = OFFICE.replace("name =", 'name = "Hai"\nname =')
    assert "provinces/thu.toml is not TOML" in _refused(_config(tmp_path, twice))


def test_two_sources_of_one_name_are_refused(tmp_path: Path) -> None:
    source = OFFICE[OFFICE.index("[[sources]]") :]
    message = _refused(_config(tmp_path, OFFICE + source))
    assert "thu.toml" in message
    assert "thu_so" in message


def test_an_office_without_a_source_is_refused(tmp_path: Path) -> None:
    head = OFFICE[: OFFICE.index("[[sources]]")]
    assert "sources" in _refused(_config(tmp_path, head))


def test_the_table_of_another_kind_is_refused(tmp_path: Path) -> None:
    office = _with_table("odbc", 'connection_env = "X"')
    message = _refused(_config(tmp_path, office), X="secret")
    assert "[sources.files]" in message
    assert "odbc" in message
    assert "secret" not in message


def test_an_unknown_office_or_product_is_refused(tmp_path: Path) -> None:
    config = _config(tmp_path)
    assert "provinces/hue.toml does not exist" in _refused(config, "hue")
    (config / "systems/so.toml").unlink()
    assert "systems/so.toml does not exist" in _refused(config)


def test_a_preset_under_another_name_is_refused(tmp_path: Path) -> None:
    other = PRESET.replace('product = "so"', 'product = "so_2"')
    assert "so_2" in _refused(_config(tmp_path, preset=other))


def test_a_folder_without_offices_is_refused(tmp_path: Path) -> None:
    (tmp_path / "provinces").mkdir()
    with pytest.raises(ConfigError, match="no office file"):
        office_stems(tmp_path)
