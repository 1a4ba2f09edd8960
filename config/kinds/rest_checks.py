"""What contradicts itself in a REST stream, its way in, or an office's secrets."""

import codecs
import re
from collections.abc import Iterator, Set
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

# Registers tcvn3, vni and the like, so that `encoding` may name them.
from connectors.legacy import codecs as legacy

if TYPE_CHECKING:
    from config.kinds.rest import AuthTable, RestStreamMap, RestTable

assert legacy

# Keys that belong to some kinds of paging only.
OF_PAGING = {
    "page_param": ("page",),
    "first_page": ("page",),
    "offset_param": ("offset",),
    "first_offset": ("offset",),
    "cursor_param": ("cursor",),
    "next": ("cursor",),
    "size_param": ("page", "offset", "cursor", "link"),
    "page_size": ("page", "offset", "cursor", "link"),
}
# Keys of [auth] that belong to some kinds only.
OF_AUTH = {
    "header": ("bearer", "api_key", "login", "oauth2"),
    "parameter": ("api_key",),
    "scheme": ("bearer", "login", "oauth2"),
    "path": ("login", "oauth2"),
    "user_field": ("login",),
    "password_field": ("login",),
    "fields": ("login", "oauth2"),
    "body": ("login",),
    "token": ("login", "oauth2"),
    "expires": ("login", "oauth2"),
    "scope": ("oauth2",),
    "client": ("oauth2",),
}
# The secrets that each kind of [auth] needs, no more and no fewer.
SECRETS = {
    "none": (),
    "bearer": ("token",),
    "api_key": ("token",),
    "basic": ("user", "password"),
    "login": ("user", "password"),
    "oauth2": ("user", "password"),
}
_FORMATS = ("iso", "date", "epoch", "epoch_ms")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def stream_faults(stream: "RestStreamMap", given: Set[str]) -> Iterator[str]:
    """What is wrong with a stream; `given` are the keys that are not as by default."""
    for key, kinds in OF_PAGING.items():
        if key in given and stream.paging not in kinds:
            yield (
                f'{key} is of paging = "{kinds[0]}", but paging is "{stream.paging}"; '
                f"take {key} out or mend paging"
            )
    if "page_size" in given and stream.size_param == "":
        yield 'page_size is given, but size_param = "" sends no size'
    if stream.total is not None and stream.total_header is not None:
        yield "give total or total_header, not both"
    if stream.error is None and given & {"error_ok", "error_transient"}:
        yield "error_ok and error_transient need error, the path of what they compare"
    if both := set(stream.ok_codes) & set(stream.error_transient):
        yield f"both error_ok and error_transient: {sorted(both)}"
    if "since_format" in given and not (stream.since_param or stream.until_param):
        yield "since_format needs since_param or until_param"
    if stream.since_format not in _FORMATS and "%" not in stream.since_format:
        yield (
            f'since_format = "{stream.since_format}": expected '
            f"{', '.join(_FORMATS)} or a strftime format such as %d/%m/%Y"
        )
    if len(stream.version) > 1:
        yield "an API takes one version: name one column"
    yield from _parameter_faults(stream)
    yield from _address_faults(stream)


def _parameter_faults(stream: "RestStreamMap") -> Iterator[str]:
    page = {"page": stream.page_param, "offset": stream.offset_param}
    own = {
        "size_param": stream.size_param,
        "since_param": stream.since_param,
        "until_param": stream.until_param,
        "paging": page.get(stream.paging),
    }
    names = [name for name in own.values() if name]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        yield f"two keys send one parameter: {twice}"
    if both := sorted(set(stream.parameters) & set(names)):
        yield f"parameters holds what another key sends: {both}"
    if stream.method == "GET":
        tables = [n for n, v in stream.parameters.items() if isinstance(v, dict)]
        if tables:
            yield f'parameters holds tables, which need method = "POST": {tables}'


def _address_faults(stream: "RestStreamMap") -> Iterator[str]:
    if "://" in stream.path:
        yield "path is a path below base_url, not a whole address"
    if stream.encoding is not None and (fault := _encoding_fault(stream.encoding)):
        yield fault
    if stream.detail is None:
        return
    rest = re.sub(r"\{[^{}]+\}", "", stream.detail.path)
    if rest == stream.detail.path:
        yield (
            f'detail.path = "{stream.detail.path}" is the same for each item: put the '
            "name of its key in braces, as in /api/don/{id}"
        )
    if "{" in rest or "}" in rest:
        yield f'detail.path = "{stream.detail.path}" has a brace without its other half'
    if "://" in stream.detail.path:
        yield "detail.path is a path below base_url, not a whole address"


def _encoding_fault(encoding: str) -> str | None:
    try:
        codecs.lookup(encoding)
    except LookupError:
        return f'encoding = "{encoding}" is not known; examples: utf-8, cp1258, tcvn3'
    return None


def auth_faults(auth: "AuthTable", given: Set[str]) -> Iterator[str]:
    """What is wrong with a way in; `given` are the keys that are not as by default."""
    for key, kinds in OF_AUTH.items():
        if key in given and auth.kind not in kinds:
            yield (
                f'auth.{key} is of kind {" or ".join(kinds)}, but kind is "{auth.kind}"'
            )
    if auth.kind == "api_key" and (auth.header is None) == (auth.parameter is None):
        yield "auth of kind api_key: give header or parameter, exactly one"
    if auth.header is not None and not _HEADER.fullmatch(auth.header):
        yield "auth.header is not the name of a header"
    if auth.header is not None and "scheme" in given:
        yield "auth.scheme is of the header Authorization: take out header or scheme"
    if auth.token == "" and auth.expires is not None:
        yield 'auth.expires needs an answer with a token; token = "" is for a cookie'
    if auth.token == "" and auth.kind == "oauth2":
        yield "auth of kind oauth2 has a token: mend token"


def secret_faults(table: "RestTable", auth: "AuthTable | None") -> Iterator[str]:
    """Secrets that the way in needs and the office does not name, or the reverse."""
    named = {
        what: [
            key
            for key in (f"{what}_env", f"{what}_file")
            if getattr(table, key) is not None
        ]
        for what in ("token", "user", "password")
    }
    for keys in named.values():
        if len(keys) > 1:
            yield f"give {' or '.join(f'rest.{key}' for key in keys)}, not both"
    # A product that says nothing of it lets in with a token or without.
    kind = auth.kind if auth else "bearer" if named["token"] else "none"
    said = (
        f'the preset\'s auth kind is "{kind}"' if auth else "the preset has no [auth]"
    )
    for what in SECRETS[kind]:
        if not named[what]:
            yield f"{said}: add rest.{what}_env or rest.{what}_file"
    for what, keys in named.items():
        if keys and what not in SECRETS[kind]:
            yield f"{said}, which uses no {what}: take out rest.{keys[0]}"
    if table.key_file and not table.cert_file:
        yield "rest.key_file needs rest.cert_file"
    if table.login_url and kind not in ("login", "oauth2"):
        yield f"{said}, which calls no rest.login_url: take it out"


def url_faults(key: str, url: str) -> Iterator[str]:
    """What is wrong with an address, which may itself be secret: never shown."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        yield f"rest.{key} is no address"
        return
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        yield f"rest.{key}: expected an address such as https://host/path"
    if "@" in parts.netloc:
        yield (
            f"rest.{key} holds a user or a password: give them as rest.user_env and "
            'rest.password_env, with auth kind "basic" in the preset'
        )
    if parts.query or parts.fragment:
        yield f"rest.{key} ends in parameters: they stand in the preset's parameters"
