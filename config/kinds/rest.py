"""The rest kind in TOML: a paged list, how the API lets in, and where it stands."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field as Key

from config.field_map import Strict
from config.secrets import path_of, secret_of
from config.stream import StreamBase
from connectors.errors import ConfigError
from connectors.sources.spec_rest import (
    Auth,
    Credentials,
    Detail,
    RestAt,
    RestStream,
)


class DetailTable(Strict):
    """`detail`: a call for each item of the list."""

    path: str
    item: str = ""


class AuthTable(Strict):
    """`[auth]` of a preset: how the product lets in, never a secret."""

    kind: Literal["none", "bearer", "basic", "api_key", "login", "oauth2"]
    header: str | None = None
    parameter: str | None = None
    path: str = ""
    user_field: str = "username"
    password_field: str = "password"  # noqa: S105 - the name of a field
    token: str = "token"  # noqa: S105 - a dotted path
    expires: str | None = None
    scope: str | None = None


class RestStreamMap(StreamBase):
    """A paged JSON list."""

    path: str
    items: str = "items"
    paging: Literal["page", "offset", "cursor", "link", "none"] = "page"
    page_param: str = "page"
    first_page: int = 1
    size_param: str | None = "size"
    page_size: int = Key(default=500, ge=1)
    offset_param: str = "offset"
    cursor_param: str = "cursor"
    next: str = "next"
    total: str | None = None
    since_param: str | None = None
    until_param: str | None = None
    since_format: str = "iso"
    parameters: dict[str, str] = Key(default_factory=dict)
    method: Literal["GET", "POST"] = "GET"
    error: str | None = None
    error_ok: str | tuple[str, ...] = ""
    error_transient: tuple[str, ...] = ()
    detail: DetailTable | None = None

    def read(self, zone: str) -> RestStream:
        """What the reader is told; `zone` is that of naive times."""
        names = RestStream.__dataclass_fields__.keys() - {"zone", "detail", "error_ok"}
        ok = self.error_ok
        return RestStream(
            **{n: getattr(self, n) for n in names},
            zone=zone,
            error_ok=(ok,) if isinstance(ok, str) else ok,
            detail=Detail(self.detail.path, self.detail.item) if self.detail else None,
        )


class RestTable(Strict):
    """`[sources.rest]`: the API's address and where its secrets are kept."""

    base_url: str | None = None
    base_url_env: str | None = None
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
        token = secret_of(where, "token", self.token_env, self.token_file, env)
        return RestAt(
            self._base_url(where, env),
            token,
            self._path(where, self.ca_file, env),
            Auth(**auth.model_dump()) if auth else None,
            Credentials(
                token,
                secret_of(where, "user", self.user_env, self.user_file, env),
                secret_of(
                    where, "password", self.password_env, self.password_file, env
                ),
                self._path(where, self.cert_file, env),
                self._path(where, self.key_file, env),
            ),
            self.calls_per_s,
            self.max_body_mib,
        )

    def _base_url(self, where: str, env: Mapping[str, str]) -> str:
        named = env.get(self.base_url_env) if self.base_url_env else None
        base_url = self.base_url or named
        if not base_url:
            raise ConfigError(
                f"{where}: rest.base_url is not given, nor is the environment variable "
                f"that rest.base_url_env names set ({self.base_url_env})"
            )
        return base_url

    def _path(
        self, where: str, text: str | None, env: Mapping[str, str]
    ) -> Path | None:
        return None if text is None else path_of(where, text, env)
