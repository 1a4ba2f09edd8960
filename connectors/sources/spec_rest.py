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
    cursor_param: str = "cursor"
    # cursor: dotted path of the next page's cursor in the answer; absent, null or ""
    # on the last one. A whole address on the API's own host is followed as it is.
    next: str = "next"
    total: str | None = None  # dotted path of the record total, checked at the end
    since_param: str | None = None
    until_param: str | None = None
    # How bounds are written: iso (UTC, Z), date (local), epoch, epoch_ms, or strftime
    since_format: str = "iso"
    zone: str = "Asia/Ho_Chi_Minh"  # of `date` and strftime bounds
    version: tuple[str, ...] = ()  # as in OdbcStream; one name, sent as since_param
    parameters: Mapping[str, str] = field(default_factory=dict)  # on every call
    method: Literal["GET", "POST"] = "GET"  # POST: parameters as a JSON body
    error: str | None = None  # dotted path that must equal one of `error_ok` if present
    error_ok: tuple[str, ...] = ("",)
    error_transient: tuple[str, ...] = ()  # values there that may pass by themselves
    detail: Detail | None = None


@dataclass(frozen=True, slots=True)
class Auth:
    """How the product lets in; the office's secrets are in Credentials."""

    kind: Literal["none", "bearer", "basic", "api_key", "login", "oauth2"]
    header: str | None = None  # api_key: the header; bearer, login: instead of Bearer
    parameter: str | None = None  # api_key: a query parameter instead of a header
    # login: where user and password go, and what they are called; oauth2: token path
    path: str = ""
    user_field: str = "username"
    password_field: str = "password"  # noqa: S105 - the name of a field
    token: str = "token"  # noqa: S105 - dotted path of the token in the answer
    expires: str | None = None  # dotted path of the seconds it lives
    scope: str | None = None


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
    max_body_mib: int = 64
