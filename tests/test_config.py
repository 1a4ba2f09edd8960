"""Office files and presets: what is wrong is refused, with file and key."""

import re
from pathlib import Path

import polars as pl
import pytest

from config.office import (
    load_office,
    load_preset,
    load_table,
    office_stems,
    refuse_shared_systems,
)
from config.settings import packaged_config
from connectors.errors import ConfigError
from connectors.sources.base import FilesAt, OdbcAt, OdbcStream, RestAt, RestStream
from expectations.provinces import Scheme, provinces


def _secrets() -> dict[str, str]:
    """A value for every environment variable that a packaged office names."""
    files = sorted((packaged_config() / "provinces").glob("*.toml"))
    named = [
        name
        for path in files
        for name in re.findall(r'_env = "(KNTC_\w+)"', path.read_text(encoding="utf-8"))
    ]
    assert len(set(named)) == len(named) > 20
    return {"KNTC_DROP": "/srv/drop"} | {
        name: f"http://hidden-{n}.invalid" for n, name in enumerate(named)
    }


SECRETS = _secrets()
OFFICES = office_stems(packaged_config())

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


@pytest.mark.parametrize("stem", OFFICES)
def test_each_packaged_office_loads(stem: str) -> None:
    office = load_office(packaged_config(), stem, SECRETS)
    assert office.sources
    refuse_shared_systems(packaged_config(), office)
    for source in office.sources:
        stream = source.preset.streams[0]
        assert source.stream(stream.name) is stream


def test_the_packaged_offices_are_the_provinces_and_two_central_units() -> None:
    tables = [load_table(packaged_config(), stem) for stem in OFFICES]
    assert len(OFFICES) == 36
    central = [stem for stem in OFFICES if stem.startswith("trung_uong_")]
    assert len(central) == 2
    codes = {
        table.province_code
        for stem, table in zip(OFFICES, tables, strict=True)
        if stem not in central
    }
    assert codes == set(provinces(Scheme.QD19_2025))


def test_each_packaged_preset_loads_and_is_used() -> None:
    stems = {path.stem for path in (packaged_config() / "systems").glob("*.toml")}
    tables = [load_table(packaged_config(), stem) for stem in OFFICES]
    assert len(stems) >= 6
    assert stems == {source.product for table in tables for source in table.sources}
    for stem in stems:
        assert load_preset(packaged_config(), stem).product == stem


def test_source_systems_are_unique_over_all_packaged_offices() -> None:
    offices = [load_office(packaged_config(), stem, SECRETS) for stem in OFFICES]
    systems = [source.spec.system for office in offices for source in office.sources]
    assert len(set(systems)) == len(systems) > len(OFFICES)


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
    for stem in OFFICES:
        assert "hidden-" not in repr(load_office(packaged_config(), stem, SECRETS))


def test_a_secret_is_read_at_the_moment_of_use(tmp_path: Path) -> None:
    env = dict(SECRETS)
    at = load_office(packaged_config(), "quang_tri", env).sources[0].spec.at
    assert isinstance(at, OdbcAt)
    env["KNTC_QUANG_TRI_QLKNTC_ODBC"] = "rotated"
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


@pytest.mark.parametrize("stem", ["quang_tri", "phu_tho"])
def test_a_secret_that_is_not_set_names_its_variable(stem: str) -> None:
    names = [n for n in SECRETS if f"KNTC_{stem.upper()}_" in n]
    assert names
    for name in names:
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


def test_how_often_a_source_is_read_whole_is_said_in_its_table(tmp_path: Path) -> None:
    env = {"KNTC_DROP": "/srv"}
    (source,) = load_office(_config(tmp_path), "thu", env).sources
    assert source.full_every_days == 7
    daily = OFFICE.replace("product =", "full_every_days = 1\nproduct =")
    (source,) = load_office(_config(tmp_path, daily), "thu", env).sources
    assert source.full_every_days == 1
    for wrong in ("0", "367", '"x"'):
        text = daily.replace("days = 1", f"days = {wrong}")
        assert "full_every_days" in _refused(_config(tmp_path, text))


MOVED = """
[[succession]]
from = "cu_so"
to = "thu_so"
record_types = ["recovery"]
pattern = "^CU-(.+)$"
replace = "$1"
"""
BY_FILE = """
[[succession]]
from = "cu_so"
to = "thu_so"
keys_file = "keys/cu.csv"
"""


def _moved(folder: Path, text: str = MOVED, keys: str = "") -> Path:
    _config(folder, OFFICE + text)
    (folder / "provinces/keys").mkdir(exist_ok=True)
    (folder / "provinces/keys/cu.csv").write_text(keys, encoding="utf-8")
    return folder


def test_a_source_knows_the_closed_systems_that_it_succeeds(tmp_path: Path) -> None:
    other = OFFICE[OFFICE.index("[[sources]]") :].replace("thu_so", "thu_so_2")
    office = load_office(_moved(tmp_path, other + MOVED), "thu", {"KNTC_DROP": "/srv"})
    first, second = office.sources
    assert second.succession == ()
    (moved,) = first.succession
    assert moved.from_system == "cu_so"
    assert moved.covers("recovery")
    assert not moved.covers("petition")
    keys = pl.Series(["CU-7", "7", None])
    assert moved.old_keys(keys).to_list() == ["7", None, None]


def test_a_file_of_keys_is_read_beside_its_office_file(tmp_path: Path) -> None:
    keys = "\ufeffold,new\r\n a\u0300 ,n1\r\n\r\no2,n2\r\n"
    office = load_office(_moved(tmp_path, BY_FILE, keys), "thu", {"KNTC_DROP": "/srv"})
    (moved,) = office.sources[0].succession
    found = moved.old_keys(pl.Series(["n1", "n2", "o2", None]))
    assert found.to_list() == ["à", "o2", None, None]
    assert moved.covers("petition")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("", "header old,new"),
        ("new,old\n1,2\n", "header old,new"),
        ("old,new\n", "no pair"),
        ("old,new\n11111111,2\n11111111,3\n", "line 3: the old key"),
        ("old,new\n1,22222222\n3, 22222222\n", "line 3: the new key"),
        ("old,new\n1\n", "line 2: expected two keys, found 1"),
        ("old,new\n1, \n", "line 2: expected two keys, found 1"),
        ("old,new\n1,2,3\n", "line 2: expected two keys, found 3"),
        ('old,new\n"1,2\n', "cannot be read"),
    ],
)
def test_a_wrong_file_of_keys_is_refused_without_a_key(
    tmp_path: Path, keys: str, said: str
) -> None:
    message = _refused(_moved(tmp_path, BY_FILE, keys))
    assert message.startswith("thu.toml: succession from cu_so: keys_file keys/cu.csv")
    assert said in message
    assert "1111" not in message
    assert "2222" not in message


def test_a_file_of_keys_that_is_not_there_or_not_text_is_refused(
    tmp_path: Path,
) -> None:
    _moved(tmp_path, BY_FILE)
    path = tmp_path / "provinces/keys/cu.csv"
    path.write_bytes("old,new\n".encode("utf-16"))
    assert "UTF-8" in _refused(tmp_path)
    path.unlink()
    assert "keys/cu.csv does not exist" in _refused(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('to = "thu_so"', 'to = "thu"', "no source of this office"),
        ('from = "cu_so"', 'from = "thu_so"', "from and to"),
        ('from = "cu_so"', 'from = "Cũ"', "succession.0.from"),
        ('["recovery"]', '["refund"]', "refund"),
        ('"^CU-(.+)$"', '"^CU-(.+$"', "regular expression"),
        ('"^CU-(.+)$"', '"^CU-(?=x)$"', "regular expression"),
        ('"$1"', '"$2"', "group $2"),
        ('"$1"', '"$1a"', "group $1a"),
        ('"$1"', '"${ten}"', "group $ten"),
        ('"$1"', '"x$"', "group $"),
        ('replace = "$1"', "", "pattern and replace, or keys_file"),
        ('replace = "$1"', 'replace = "$1"\nkeys_file = "k"', "or keys_file"),
        ('replace = "$1"', 'keys_file = "k"', "or keys_file"),
        ('replace = "$1"', 'replace = "$1"\nuntil = 1', "succession.0.until"),
    ],
)
def test_a_wrong_succession_is_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert MOVED.count(old) == 1
    message = _refused(_moved(tmp_path, MOVED.replace(old, new)))
    assert "thu.toml: " in message
    assert said in message


@pytest.mark.parametrize("replace", ["$1", "${1}x", "A-$ten", "${ten}", "$$1", "5", ""])
def test_a_replacement_may_use_what_the_pattern_has(
    tmp_path: Path, replace: str
) -> None:
    text = MOVED.replace("(.+)", "(?P<ten>.+)").replace('"$1"', f'"{replace}"')
    env = {"KNTC_DROP": "/srv"}
    assert load_office(_moved(tmp_path, text), "thu", env).sources[0].succession


def test_a_live_system_has_no_successor(tmp_path: Path) -> None:
    other = OFFICE[OFFICE.index("[[sources]]") :].replace("thu_so", "cu_so")
    assert "live source" in _refused(_moved(tmp_path, other + MOVED))

    config = _moved(tmp_path)
    office = load_office(config, "thu", {"KNTC_DROP": "/srv"})
    refuse_shared_systems(config, office)
    path = tmp_path / "provinces/cu.toml"
    path.write_text(OFFICE.replace("thu_so", "cu_so"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"thu\.toml.*cu_so.*live source of cu\.toml"):
        refuse_shared_systems(config, office)
    theirs = load_office(config, "cu", {"KNTC_DROP": "/srv"})
    with pytest.raises(ConfigError, match=r"cu\.toml.*cu_so is closed.*thu\.toml"):
        refuse_shared_systems(config, theirs)


EXTENDING = """
product = "so_moi"
extends = "so"
null_tokens = ["-"]

[codes.quy]
"2" = "bhyt"
"""


def _extending(folder: Path, text: str = EXTENDING, base: str = PRESET) -> Path:
    base = base.replace('codes = { "1" = "bhxh" }', 'codes = "quy"')
    base = base.replace('kind = "files"', 'kind = "files"\n[codes.quy]\n"1" = "bhxh"')
    _config(folder, preset=base)
    (folder / "systems/so_moi.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_preset_says_what_differs_from_the_one_it_extends(tmp_path: Path) -> None:
    stream = '[[streams]]\nname = "thu_hoi"\nglob = "moi_*.csv"\n'
    config = _extending(tmp_path, EXTENDING + stream)
    base, made = load_preset(config, "so"), load_preset(config, "so_moi")
    assert (made.product, made.title, made.null_tokens) == ("so_moi", "Sổ thử", ("-",))
    assert made.codes == {"quy": {"1": "bhxh", "2": "bhyt"}}
    (stream_of_base,), (stream_made) = base.streams, made.streams[0]
    assert stream_made == stream_of_base.model_copy(update={"glob": "moi_*.csv"})
    assert base.codes == {"quy": {"1": "bhxh"}}
    assert base.null_tokens == ("",)


def test_a_preset_may_add_a_stream_to_the_one_it_extends(tmp_path: Path) -> None:
    head = PRESET[PRESET.index("[[streams]]") :]
    config = _extending(tmp_path, EXTENDING + head.replace('"thu_hoi"', '"thu_them"'))
    names = [stream.name for stream in load_preset(config, "so_moi").streams]
    assert names == ["thu_hoi", "thu_them"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"so"', '"so_moi"', "names the preset itself"),
        ('"so"', '"so_cu"', "systems/so_cu.toml does not exist"),
        ('"so"', '"../so"', "name of a product"),
        ('"so"', "1", "name of a product"),
        ('"so"', '""', "name of a product"),
        ('product = "so_moi"', "", "product is not given"),
        ('"so_moi"', '"so_2"', "so_2"),
        ('"bhyt"', '"bhxx"', "extends so.toml"),
        ("null_tokens =", "tokens =", "(extends so.toml): files.tokens: unknown key"),
    ],
)
def test_a_fault_in_an_extending_preset_names_its_file(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert EXTENDING.count(old) == 1
    with pytest.raises(ConfigError) as refused:
        load_preset(_extending(tmp_path, EXTENDING.replace(old, new)), "so_moi")
    assert "so_moi.toml" in str(refused.value)
    assert said in str(refused.value)


def test_a_chain_or_a_circle_of_presets_is_refused(tmp_path: Path) -> None:
    config = _extending(tmp_path)
    again = EXTENDING.replace("so_moi", "so_ba").replace('"so"', '"so_moi"')
    (config / "systems/so_ba.toml").write_text(again, encoding="utf-8")
    with pytest.raises(
        ConfigError, match=r"so_ba\.toml: extends so_moi\.toml.*one level"
    ):
        load_preset(config, "so_ba")
    circle = f'extends = "so_moi"\n{PRESET}'
    (config / "systems/so.toml").write_text(circle, encoding="utf-8")
    for product in ("so", "so_moi"):
        with pytest.raises(ConfigError, match="one level"):
            load_preset(config, product)


def test_two_streams_of_one_name_are_refused_in_an_extending_preset_too(
    tmp_path: Path,
) -> None:
    twice = PRESET[PRESET.index("[[streams]]") :] * 2
    with pytest.raises(ConfigError, match="two streams share one name"):
        load_preset(_extending(tmp_path, EXTENDING + twice), "so_moi")


def _with_source(body: str) -> str:
    """The office with more keys of its source, before the place."""
    head, _, rest = OFFICE.partition("[sources.files]")
    return f"{head}{body}\n[sources.files]{rest}"


def test_an_installation_says_what_differs_from_its_preset(tmp_path: Path) -> None:
    body = """
preset.null_tokens = ["", "0"]
[sources.preset.drift]
code_new = "hold"
[[sources.preset.streams]]
name = "thu_hoi"
delimiter = ";"
"""
    config = _config(tmp_path, _with_source(body))
    (source,) = load_office(config, "thu", {"KNTC_DROP": "/srv"}).sources
    assert source.preset.null_tokens == ("", "0")
    assert source.preset.drift.code_new == "hold"
    assert source.spec.streams[0].read.delimiter == ";"  # type: ignore[union-attr]
    assert source.stream("thu_hoi").records == (
        load_preset(config, "so").streams[0].records
    )
    assert load_preset(config, "so").null_tokens == ("",)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('preset.colour = "x"', "provinces/thu.toml: source thu_so: preset over"),
        ('preset.product = "x"', "cannot say product"),
        ('preset.extends = "x"', "cannot say extends"),
        ('preset.kind = "rest"', "cannot say kind"),
        ('preset.timezone = "Hanoi"', "timezone"),
        ('[[sources.preset.streams]]\nname = "moi"', "streams.1"),
    ],
)
def test_a_wrong_difference_names_the_office_and_the_preset(
    tmp_path: Path, body: str, said: str
) -> None:
    message = _refused(_config(tmp_path, _with_source(body)))
    assert said in message
    assert "thu.toml" in message


CORRECTION = """
[[sources.corrections]]
stream = "thu_hoi"
match = { so = "12" }
set = { sai = "1500000" }
expect = { sai = "15000000" }
because = "thừa một số 0"
reported_on = 2026-11-01
"""


def test_an_office_file_corrects_cells_of_its_source(tmp_path: Path) -> None:
    config = _config(tmp_path, _with_source(CORRECTION))
    (source,) = load_office(config, "thu", {"KNTC_DROP": "/srv"}).sources
    (correction,) = source.corrections
    assert correction.set == {"sai": "1500000"}
    assert str(correction.reported_on) == "2026-11-01"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"thu_hoi"', '"don"', "correction 1: stream don"),
        ("sai = ", "thua = ", "correction 1: sets .*'thua'"),
        ("so = ", "ma = ", "correction 1: matches .*'ma'"),
        ("expect = { sai", "expect = { so", "corrections.0"),
        ('"thừa một số 0"', '""', "corrections.0.because"),
        ('expect = { sai = "15000000" }', "", "corrections.0.expect"),
    ],
)
def test_a_wrong_correction_is_refused_with_its_number(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in CORRECTION
    body = CORRECTION.replace(old, new)
    message = _refused(_config(tmp_path, _with_source(body)))
    assert re.search(said, message)
    assert message.startswith("provinces/thu.toml: ")
    assert "1500000" not in message


def test_a_correction_may_name_what_only_this_installation_has(
    tmp_path: Path,
) -> None:
    body = '[[sources.preset.streams]]\nname = "thu_hoi"\nignored = ["ma"]\n'
    told = CORRECTION.replace("so = ", "ma = ")
    config = _config(tmp_path, _with_source(body + told))
    assert load_office(config, "thu", {"KNTC_DROP": "/srv"}).sources


@pytest.mark.parametrize(
    ("code", "scheme", "is_known"),
    [
        ("99", "QD19-2025", False),
        ("99", "GSO2004", False),
        ("45", "GSO2004", True),  # Quảng Trị before 01/7/2025
        ("45", "QD19-2025", False),
        ("44", "QD19-2025", True),
    ],
)
def test_a_province_code_is_of_its_scheme(
    tmp_path: Path, code: str, scheme: str, is_known: bool
) -> None:
    office = OFFICE.replace('"44"', f'"{code}"').replace("QD19-2025", scheme)
    config = _config(tmp_path, office)
    if is_known:
        assert load_office(config, "thu", {"KNTC_DROP": "/srv"})
    else:
        message = _refused(config)
        assert f'province_code "{code}"' in message
        assert scheme in message
