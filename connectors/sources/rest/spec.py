"""What the rest kind is told: an API, its way of letting in, and a paged list."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from connectors.sources.secret import Secret

Paging = Literal["page", "offset", "cursor", "link", "none"]


@dataclass(frozen=True, slots=True)
class Detail:
    """A call for each item of a thin list; its answer is laid over the item."""

    path: str  # {name} stands for the item's value at that dotted path
    item: str = ""  # dotted path of the object in the answer


@dataclass(frozen=True, slots=True)
class RestStream:
    """A paged JSON list."""

    path: str
    items: str  # dotted path of the list in the answer, "" when it is the answer
    paging: Paging = "page"
    page_param: str = "page"
    first_page: int = 1
    size_param: str | None = "size"
    page_size: int = 500
    offset_param: str = "offset"
    first_offset: int = 0
    cursor_param: str = "cursor"
    # cursor: dotted path of the next page's cursor in the answer; absent, null or ""
    # on the last one. A whole address on the API's own host is followed as it is.
    next: str = "next"
    total: str | None = None  # dotted path of the record total, checked at the end
    total_header: str | None = None  # the header that says it instead
    # The list is an object of objects: this column takes each one's name there.
    keyed: str | None = None
    # Columns that tell one item from another. With them a reading knows when the list
    # moved under it; without them the whole item tells.
    identity: tuple[str, ...] = ()
    since_param: str | None = None
    until_param: str | None = None
    # How bounds are written: iso (UTC, Z), date (local), epoch, epoch_ms, or strftime
    since_format: str = "iso"
    zone: str = "Asia/Ho_Chi_Minh"  # of `date` and strftime bounds
    version: tuple[str, ...] = ()  # as in OdbcStream; one name, sent as since_param
    parameters: Mapping[str, object] = field(default_factory=dict)  # on every call
    # POST: parameters as a JSON body, where a dotted name is a place in an object.
    method: Literal["GET", "POST"] = "GET"
    # Of the answers, when it is no UTF-8 and Content-Type does not tell or is wrong.
    encoding: str | None = None
    error: str | None = None  # dotted path that must equal one of `error_ok` if present
    error_ok: tuple[str, ...] = ("",)
    error_transient: tuple[str, ...] = ()  # values there that may pass by themselves
    detail: Detail | None = None


@dataclass(frozen=True, slots=True)
class Auth:
    """How the product lets in; the office's secrets are in Credentials."""

    kind: Literal["none", "bearer", "basic", "api_key", "login", "oauth2"]
    # api_key: the header; bearer, login, oauth2: the token's, instead of Authorization
    header: str | None = None
    parameter: str | None = None  # api_key: a query parameter instead of a header
    scheme: str = "Bearer"  # the word before the token in Authorization
    # login, oauth2: where to ask, unless the office says login_url
    path: str = ""
    user_field: str = "username"
    password_field: str = "password"  # noqa: S105 - the name of a field
    fields: Mapping[str, str] = field(default_factory=dict)  # sent along, no secrets
    body: Literal["json", "form"] = "json"  # of a login call
    # Dotted path of the token in the answer: by default "token", of oauth2
    # "access_token". "" for login: the cookie that the answer sets is enough.
    token: str | None = None
    expires: str | None = None  # dotted path of the seconds it lives
    scope: str | None = None
    # oauth2: where the client says who it is; auto: first in the header (RFC 6749,
    # 2.3.1), and in the body of a server that does not take that.
    client: Literal["auto", "header", "body"] = "auto"


@dataclass(frozen=True, slots=True)
class Credentials:
    """An office's secrets for an API; those its product's Auth asks for."""

    token: Secret | None = field(default=None, repr=False)  # bearer, api_key
    user: Secret | None = field(default=None, repr=False)  # user or client id
    password: Secret | None = field(default=None, repr=False)  # or client secret
    cert_file: Path | None = None  # client certificate, PEM
    key_file: Path | None = None


@dataclass(frozen=True, slots=True)
class RestAt:
    """Base address, how it lets in, and the limits of calls to it."""

    base_url: str
    token: Secret | None = field(default=None, repr=False)
    ca_file: Path | None = None
    auth: Auth | None = None  # None: bearer when a token is given
    credentials: Credentials = Credentials()
    calls_per_s: float | None = None
    max_body_mib: int = 64  # of one answer, unpacked
    login_url: str | None = None  # a login or token address on another host
