"""The rest kind in TOML: a paged list, how the API lets in, and where it stands."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import Field as Key
from pydantic import model_validator

from config.field_map import Strict, refuse
from config.kinds import rest_checks
from config.secrets import path_of, secret_of
from config.stream import StreamBase
from connectors.errors import ConfigError
from connectors.sources.rest.spec import (
    Auth,
    Credentials,
    Detail,
    RestAt,
    RestStream,
)

Constant: TypeAlias = str | bool | int | float
Parameter: TypeAlias = Constant | list[Constant] | dict[str, Constant | list[Constant]]
# What the reader is told under another name or form.
_OWN = {"zone", "detail", "error_ok", "identity", "size_param"}


def _given(table: Strict) -> set[str]:
    """The keys that say something else than their default."""
    fields = type(table).model_fields
    return {
        name
        for name in table.model_fields_set
        if getattr(table, name) != fields[name].get_default(call_default_factory=True)
    }


class DetailTable(Strict):
    """`detail`: a call for each item of the list."""

    path: str
    item: str = ""


class AuthTable(Strict):
    """`[auth]` of a preset: how the product lets in, never a secret."""

    kind: Literal["none", "bearer", "basic", "api_key", "login", "oauth2"]
    header: str | None = None
    parameter: str | None = None
    scheme: str = "Bearer"
    path: str = ""
    user_field: str = "username"
    password_field: str = "password"  # noqa: S105 - the name of a field
    fields: dict[str, str] = Key(default_factory=dict)
    body: Literal["json", "form"] = "json"
    token: str | None = None
    expires: str | None = None
    scope: str | None = None
    client: Literal["auto", "header", "body"] = "auto"

    @model_validator(mode="after")
    def _fitting(self) -> "AuthTable":
        refuse(rest_checks.auth_faults(self, _given(self)))
        return self


class RestStreamMap(StreamBase):
    """A paged JSON list."""

    path: str
    items: str = "items"
    keyed: str | None = Key(default=None, min_length=1)
    paging: Literal["page", "offset", "cursor", "link", "none"] = "page"
    page_param: str = Key(default="page", min_length=1)
    first_page: int = Key(default=1, ge=0)
    size_param: str | None = "size"  # "": no parameter says how many
    page_size: int = Key(default=500, ge=1)
    offset_param: str = Key(default="offset", min_length=1)
    first_offset: int = Key(default=0, ge=0)
    cursor_param: str = Key(default="cursor", min_length=1)
    next: str = Key(default="next", min_length=1)
    total: str | None = None
    total_header: str | None = None
    since_param: str | None = None
    until_param: str | None = None
    since_format: str = "iso"
    parameters: dict[str, Parameter] = Key(default_factory=dict)
    method: Literal["GET", "POST"] = "GET"
    encoding: str | None = None
    error: str | None = None
    error_ok: str | tuple[str, ...] = ""
    error_transient: tuple[str, ...] = ()
    detail: DetailTable | None = None

    @model_validator(mode="after")
    def _fitting(self) -> "RestStreamMap":
        faults = rest_checks.stream_faults(self, _given(self))
        refuse(f"{self.name}: {fault}" for fault in faults)
        return self

    @property
    def ok_codes(self) -> tuple[str, ...]:
        """`error_ok`, one or several."""
        ok = self.error_ok
        return (ok,) if isinstance(ok, str) else ok

    @property
    def identity(self) -> tuple[str, ...]:
        """The columns of the rows' own keys, as far as a row has one by itself."""
        own = (mapping.key for mapping in self.records if mapping.each is None)
        return tuple(sorted({name for key in own for name in key}))

    def read(self, zone: str) -> RestStream:
        """What the reader is told; `zone` is that of naive times."""
        names = RestStream.__dataclass_fields__.keys() - _OWN
        return RestStream(
            **{n: getattr(self, n) for n in names},
            zone=zone,
            size_param=self.size_param or None,
            identity=self.identity,
            error_ok=self.ok_codes,
            detail=Detail(self.detail.path, self.detail.item) if self.detail else None,
        )


class RestTable(Strict):
    """`[sources.rest]`: the API's address and where its secrets are kept."""

    base_url: str | None = None
    base_url_env: str | None = None
    login_url: str | None = None
    token_env: str | None = None
    token_file: str | None = None
    user_env: str | None = None
    user_file: str | None = None
    password_env: str | None = None
    password_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    ca_file: str | None = None
    calls_per_s: float | None = Key(default=None, gt=0)
    max_body_mib: int = Key(default=64, ge=1, le=1024)

    def at(
        self, where: str, env: Mapping[str, str], auth: AuthTable | None = None
    ) -> RestAt:
        """Where the reader calls and with what; raises ConfigError."""
        _refuse(where, rest_checks.secret_faults(self, auth))
        token = secret_of(where, "token", self.token_env, self.token_file, env)
        return RestAt(
            self._base_url(where, env),
            token,
            _file(where, "ca_file", self.ca_file, env),
            Auth(**auth.model_dump()) if auth else None,
            Credentials(
                token,
                secret_of(where, "user", self.user_env, self.user_file, env),
                secret_of(
                    where, "password", self.password_env, self.password_file, env
                ),
                _file(where, "cert_file", self.cert_file, env),
                _file(where, "key_file", self.key_file, env),
            ),
            self.calls_per_s,
            self.max_body_mib,
            self._login_url(where),
        )

    def _base_url(self, where: str, env: Mapping[str, str]) -> str:
        named = env.get(self.base_url_env) if self.base_url_env else None
        base_url = self.base_url or named
        if not base_url:
            raise ConfigError(
                f"{where}: rest.base_url is not given, nor is the environment variable "
                f"that rest.base_url_env names set ({self.base_url_env})"
            )
        _refuse(where, rest_checks.url_faults("base_url", base_url))
        return base_url

    def _login_url(self, where: str) -> str | None:
        if self.login_url is not None:
            _refuse(where, rest_checks.url_faults("login_url", self.login_url))
        return self.login_url


def _refuse(where: str, faults: Iterable[str]) -> None:
    found = list(faults)
    if found:
        raise ConfigError(f"{where}: {'; '.join(found)}")


def _file(
    where: str, key: str, text: str | None, env: Mapping[str, str]
) -> Path | None:
    if text is None:
        return None
    path = path_of(where, text, env)
    if not path.is_file():
        raise ConfigError(f"{where}: rest.{key} {text} does not exist")
    return path
