"""The REST kind's TOML: what is told to the reader, and what is refused and how."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from config.kinds.rest import AuthTable, RestStreamMap, RestTable
from config.preset import Preset, RestPreset
from connectors.errors import ConfigError
from connectors.sources.rest.spec import RestAt, RestStream
from tests.golden.made import record

BASE = {"base_url": "https://kntc.invalid/v1"}
SECRETS = {"T": "canary-token", "U": "canary-user", "P": "canary-password"}


def stream(text: str) -> RestStreamMap:
    """A stream with those keys of TOML."""
    keys = {"name": "don", "path": "/don", **tomllib.loads(text)}
    keys.setdefault("records", [record("recovery", {})])
    return RestStreamMap.model_validate(keys)


def at(
    keys: Mapping[str, object],
    auth: Mapping[str, object] | None = None,
    env: Mapping[str, str] = SECRETS,
) -> RestAt:
    table = RestTable.model_validate({**BASE, **keys})
    way = None if auth is None else AuthTable.model_validate(auth)
    return table.at("thu.toml: source thu", env, way)


def test_a_stream_that_says_nothing_is_read_with_the_defaults() -> None:
    read = stream("").read("Asia/Ho_Chi_Minh")
    assert read == RestStream("/don", "items", identity=("id",))


def test_every_key_of_a_stream_reaches_the_reader() -> None:
    read = stream(
        """
        path = "/tra-cuu"
        items = "data.rows"
        keyed = "ma"
        paging = "offset"
        offset_param = "start"
        first_offset = 1
        size_param = "limit"
        page_size = 200
        total_header = "X-Total-Count"
        since_param = "tu"
        until_param = "den"
        since_format = "%d/%m/%Y"
        parameters = { donVi = "025", full = true, loai = ["KN"], loc = { a = 1 } }
        method = "POST"
        encoding = "cp1258"
        error = "Status"
        error_ok = ["0", "1"]
        error_transient = ["-5"]
        detail = { path = "/don/{id}", item = "data" }
        """
    ).read("UTC")
    assert (read.keyed, read.paging, read.offset_param) == ("ma", "offset", "start")
    assert (read.first_offset, read.size_param, read.page_size) == (1, "limit", 200)
    assert read.total_header == "X-Total-Count"
    assert (read.since_format, read.zone) == ("%d/%m/%Y", "UTC")
    assert read.parameters["full"] is True
    assert read.parameters["loc"] == {"a": 1}
    assert (read.method, read.encoding) == ("POST", "cp1258")
    assert (read.error_ok, read.error_transient) == (("0", "1"), ("-5",))
    assert read.detail is not None
    assert read.detail.path == "/don/{id}"


def test_an_empty_size_param_sends_no_size() -> None:
    assert stream('size_param = ""').read("UTC").size_param is None


def test_the_identity_is_the_key_of_rows_not_of_what_is_inside_them() -> None:
    inside = record("recovery", {}, key=["thu_hoi.id"], each="thu_hoi")
    keys = {
        "name": "don",
        "path": "/don",
        "nested": ["thu_hoi"],
        "records": [record("recovery", {}, key=["so", "quy"]), inside],
    }
    assert RestStreamMap.model_validate(keys).identity == ("quy", "so")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('paging = "cursor"\npage_param = "p"', 'page_param is of paging = "page"'),
        ('paging = "link"\nnext = "links.next"', 'next is of paging = "cursor"'),
        ('paging = "none"\npage_size = 5', "page_size is of paging"),
        ('cursor_param = "c"', "cursor_param is of paging"),
        ('paging = "cursor"\noffset_param = "o"', "offset_param is of paging"),
        ('paging = "pages"', "'page', 'offset', 'cursor', 'link' or 'none'"),
        ('size_param = ""\npage_size = 5', "sends no size"),
        ('total = "a"\ntotal_header = "b"', "total or total_header, not both"),
        ('error_ok = "0"', "need error"),
        ('error = "s"\nerror_ok = "0"\nerror_transient = ["0"]', "both error_ok and"),
        ('since_format = "date"', "needs since_param or until_param"),
        ('since_param = "a"\nsince_format = "days"', "a strftime format such as"),
        ('since_param = "a"\nuntil_param = "a"', "send one parameter: ['a']"),
        ('since_param = "page"', "send one parameter: ['page']"),
        ("parameters = { size = 5 }", "what another key sends: ['size']"),
        ("parameters = { loc = { a = 1 } }", 'need method = "POST"'),
        ('version = ["a", "b"]', "one version"),
        ('path = "https://kntc.invalid/don"', "not a whole address"),
        ('encoding = "tcvn9"', "is not known"),
        ('detail = { path = "/don" }', "put the name of its key in braces"),
        ('detail = { path = "/don/{id" }', "in braces"),
        ('detail = { path = "/don/{id}/{so" }', "without its other half"),
        ('detail = { path = "/don/{}" }', "in braces"),
        ('detail = { path = "http://x/{id}" }', "not a whole address"),
        ("page_size = 0", "greater than or equal to 1"),
        ('pages = "x"', "Extra inputs are not permitted"),
    ],
)
def test_a_stream_that_contradicts_itself_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        stream(text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("auth", "said"),
    [
        ({"kind": "api_key"}, "header or parameter, exactly one"),
        (
            {"kind": "api_key", "header": "a", "parameter": "b"},
            "header or parameter, exactly one",
        ),
        ({"kind": "basic", "header": "X"}, "auth.header is of kind bearer or api_key"),
        ({"kind": "bearer", "path": "/login"}, "auth.path is of kind login or oauth2"),
        ({"kind": "login", "scope": "a"}, "auth.scope is of kind oauth2"),
        ({"kind": "api_key", "header": "X Y"}, "not the name of a header"),
        ({"kind": "bearer", "header": "X", "scheme": "Token"}, "take out header"),
        ({"kind": "login", "token": "", "expires": "e"}, "auth.expires needs"),
        ({"kind": "digest"}, "'none', 'bearer', 'basic'"),
    ],
)
def test_a_way_in_that_contradicts_itself_is_refused(
    auth: dict[str, object], said: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        AuthTable.model_validate(auth)
    assert said in str(caught.value)


USER = {"user_env": "U", "password_env": "P"}
TOKEN = {"token_env": "T"}


@pytest.mark.parametrize(
    ("keys", "kind"),
    [
        ({}, None),
        (TOKEN, None),
        ({}, "none"),
        (TOKEN, "bearer"),
        (USER, "basic"),
        (USER, "login"),
        (USER, "oauth2"),
    ],
)
def test_an_office_names_the_secrets_that_its_product_asks_for(
    keys: dict[str, object], kind: str | None
) -> None:
    found = at(keys, {"kind": kind} if kind else None)
    assert "canary" not in repr(found)
    if "token_env" in keys:
        assert found.credentials.token is not None
        assert found.credentials.token() == "canary-token"
    if "user_env" in keys:
        assert found.credentials.user is not None
        assert found.credentials.user() == "canary-user"


@pytest.mark.parametrize(
    ("keys", "kind", "said"),
    [
        ({}, "bearer", "add rest.token_env or rest.token_file"),
        ({}, "basic", "add rest.user_env or rest.user_file"),
        ({"user_env": "U"}, "login", "add rest.password_env or rest.password_file"),
        ({"password_env": "P"}, "oauth2", "add rest.user_env or rest.user_file"),
        ({**USER, **TOKEN}, "basic", "uses no token: take out rest.token_env"),
        (TOKEN, "none", "uses no token: take out rest.token_env"),
        (USER, None, "the preset has no [auth], which uses no user"),
        ({"token_env": "T", "token_file": "t"}, None, "not both"),
        ({"key_file": "k"}, None, "rest.key_file needs rest.cert_file"),
        ({"cert_file": "gone.pem"}, None, "rest.cert_file gone.pem does not exist"),
        ({"ca_file": "$GONE/ca.pem"}, None, "environment variable"),
        ({"login_url": "https://sso.invalid"}, None, "calls no rest.login_url"),
        ({"token_env": "CANARY_GONE"}, None, "CANARY_GONE is not set"),
    ],
)
def test_a_wrong_set_of_secrets_names_the_key_to_mend(
    keys: dict[str, object], kind: str | None, said: str
) -> None:
    with pytest.raises(ConfigError, match=r"^thu\.toml: source thu: ") as caught:
        at(keys, {"kind": kind} if kind else None)
    assert said in str(caught.value)
    assert "canary-" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("kntc.invalid", "expected an address such as"),
        ("ftp://kntc.invalid", "expected an address such as"),
        ("https://", "expected an address such as"),
        ("https://canary:pw@kntc.invalid", "holds a user or a password"),
        ("https://kntc.invalid/?key=canary", "ends in parameters"),
        ("https://kntc.invalid:99999", "is no address"),
        ("https://[::1", "is no address"),
    ],
)
def test_a_wrong_address_is_refused_without_being_shown(url: str, said: str) -> None:
    for keys, auth in (
        ({"base_url": url}, None),
        ({"base_url": None, "base_url_env": "URL"}, None),
        ({"login_url": url, **USER}, {"kind": "login"}),
    ):
        with pytest.raises(ConfigError, match=r"rest\.") as caught:
            at(keys, auth, {**SECRETS, "URL": url})
        assert said in str(caught.value)
        assert "canary" not in str(caught.value)


def test_certificates_are_files_that_exist(tmp_path: Path) -> None:
    for name in ("ca.pem", "cert.pem", "cert.key"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    keys = {
        "ca_file": "$D/ca.pem",
        "cert_file": "$D/cert.pem",
        "key_file": "$D/cert.key",
    }
    found = at(keys, env={"D": str(tmp_path)})
    assert found.credentials.key_file == tmp_path / "cert.key"
    assert found.ca_file == tmp_path / "ca.pem"


def test_a_whole_preset_with_its_way_in_loads() -> None:
    made = TypeAdapter[Preset](Preset).validate_python(
        {
            "product": "made",
            "title": "made",
            "kind": "rest",
            "auth": {"kind": "login", "path": "/login", "fields": {"donVi": "025"}},
            "streams": [
                {"name": "d", "path": "/d", "records": [record("recovery", {})]}
            ],
        }
    )
    assert isinstance(made, RestPreset)
    found = at(USER, made.auth.model_dump() if made.auth else None)
    assert found.auth is not None
    assert found.auth.fields == {"donVi": "025"}
