"""How an API lets us in: what each call carries, and the token it must first get.

A secret is read at each use and stands in nothing that is shown: not in a message, a
repr, nor an exception that an error of ours was raised from.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import TypeAlias
from urllib.parse import quote_plus, unquote_plus

from connectors.breaker import UnreachableError
from connectors.errors import SourceError, TransientError
from connectors.sources.base import Deadline
from connectors.sources.rest import jsontext
from connectors.sources.rest.answers import json_of
from connectors.sources.rest.http import Call, Reply
from connectors.sources.rest.http_secrets import basic, fit, secret_text
from connectors.sources.rest.http_status import RefusedError
from connectors.sources.rest.spec import Auth, RestAt
from connectors.sources.secret import Secret

Send: TypeAlias = Callable[[str, Call, Deadline], Reply]

# A token is renewed this long before its end, so that it does not end on the way; of
# a short life a tenth, or each call would log in.
MARGIN_S = 60.0
MARGIN_SHARE = 0.1


@dataclass(slots=True)
class Door:
    """The way in to one API, for all its calls; holds at most one token."""

    at: RestAt
    send: Send = field(repr=False)
    clock: Callable[[], float] = monotonic
    _token: str | None = field(default=None, init=False, repr=False)
    _ends_at: float = field(default=float("inf"), init=False)
    _in_body: bool = field(default=False, init=False)  # an oauth2 server's choice

    @property
    def auth(self) -> Auth:
        """The way in; a token without one is a bearer's."""
        given = Auth("none" if self.at.token is None else "bearer")
        return self.at.auth or given

    def admitted(self, where: str, call: Call, deadline: Deadline) -> tuple[Call, bool]:
        """The call with what lets it in, and whether a token was got for it just now.

        Raises what `send` raises when a token must be got, and SourceError when the
        API gives none for these secrets.
        """
        kind, is_new = self.auth.kind, False
        if kind in ("login", "oauth2") and self._is_spent():
            self._log_in(where, deadline)
            is_new = True
        headers = self._headers(where)
        if kind == "api_key" and self.auth.parameter:
            key = secret_text(
                where, "token", self.at.credentials.token or self.at.token
            )
            url = _without(call.url, self.auth.parameter)
            query = {**call.query, self.auth.parameter: key}
            call = replace(call, url=url, query=query)
        return replace(call, headers={**call.headers, **headers}), is_new

    def may_renew(self, status: int) -> bool:
        """Forget the token if that status says it is spent; True when one was held."""
        # A session that ended is often said by sending to the log-in page.
        if status not in ((302, 303, 401) if self._is_by_cookie else (401,)):
            return False
        held, self._token = self._token, None
        return held is not None

    @property
    def _is_by_cookie(self) -> bool:
        return self.auth.kind == "login" and self.auth.token == ""

    @property
    def _given(self) -> Secret | None:
        return self.at.credentials.token or self.at.token

    def _is_spent(self) -> bool:
        return self._token is None or self.clock() >= self._ends_at

    def _headers(self, where: str) -> Mapping[str, str]:
        auth, held = self.auth, self.at.credentials
        if auth.kind == "basic":
            user = secret_text(where, "user", held.user)
            return {
                "Authorization": basic(
                    user, secret_text(where, "password", held.password)
                )
            }
        if auth.kind in ("bearer", "api_key"):
            if auth.kind == "api_key" and auth.parameter:
                return {}
            token = secret_text(where, "token", self._given)
            if auth.kind == "api_key":
                return {auth.header or "X-API-Key": fit(where, "token", token)}
            return self._bearing(fit(where, "token", token))
        return self._bearing(self._token) if self._token else {}

    def _bearing(self, token: str) -> Mapping[str, str]:
        if self.auth.header is not None:
            return {self.auth.header: token}
        return {"Authorization": f"{self.auth.scheme} {token}".strip()}

    def _log_in(self, where: str, deadline: Deadline) -> None:
        place = f"{where}: logging in"
        is_oauth2 = self.auth.kind == "oauth2"
        try:
            reply = (
                self._client_credentials(place, deadline)
                if is_oauth2
                else self._refusable(place, self._login_call(place), deadline)
            )
        except UnreachableError as fault:
            if self.at.login_url is None:
                raise
            said = str(fault)
        else:
            self._take(place, reply)
            return
        # Another host than the API's: its circuit is not the API's.
        raise TransientError(said)

    @property
    def _url(self) -> str:
        path = self.auth.path
        return self.at.login_url or under(self.at.base_url, path)

    def _login_call(self, place: str) -> Call:
        auth, held = self.auth, self.at.credentials
        said = {
            **auth.fields,
            auth.user_field: secret_text(place, "user", held.user),
            auth.password_field: secret_text(place, "password", held.password),
        }
        is_form = auth.body == "form"
        return Call(
            self._url,
            "POST",
            json=None if is_form else said,
            form=said if is_form else None,
            takes_redirect=self._is_by_cookie,
        )

    def _client_credentials(self, place: str, deadline: Deadline) -> Reply:
        """The token answer; the client says who it is where this server takes it."""
        choice = self.auth.client
        in_body = choice == "body" or self._in_body
        if choice == "auto" and not in_body:
            try:
                return self.send(
                    place, self._token_call(place, in_body=False), deadline
                )
            except RefusedError as refusal:
                if refusal.status not in (400, 401, 403):
                    raise
            reply = self._refusable(
                place, self._token_call(place, in_body=True), deadline
            )
            self._in_body = True
            return reply
        return self._refusable(
            place, self._token_call(place, in_body=in_body), deadline
        )

    def _token_call(self, place: str, *, in_body: bool) -> Call:
        held = self.at.credentials
        client = secret_text(place, "user", held.user)
        secret = secret_text(place, "password", held.password)
        said = {"grant_type": "client_credentials", **self.auth.fields}
        if self.auth.scope:
            said["scope"] = self.auth.scope
        if in_body:
            said |= {"client_id": client, "client_secret": secret}
            return Call(self._url, "POST", form=said)
        # RFC 6749, 2.3.1: both are form-encoded before they are joined.
        header = basic(quote_plus(client), quote_plus(secret))
        return Call(self._url, "POST", form=said, headers={"Authorization": header})

    def _refusable(self, place: str, call: Call, deadline: Deadline) -> Reply:
        try:
            return self.send(place, call, deadline)
        except RefusedError as refusal:
            status = refusal.status
        raise RefusedError(
            f"{place}: HTTP {status}; the API does not let this user in: mend the "
            "user and password that the office file names, or path and fields of the "
            "preset's [auth]",
            status,
        )

    def _take(self, place: str, reply: Reply) -> None:
        """Keep the token of an answer and when it ends."""
        default = "access_token" if self.auth.kind == "oauth2" else "token"
        path = default if self.auth.token is None else self.auth.token
        if path == "":  # the cookie that came with the answer
            self._token, self._ends_at = "", self._end(place, None)
            return
        answer = json_of(place, reply, reply.body)
        token = jsontext.at(answer, path)
        if not isinstance(token, str) or not token:
            raise SourceError(
                f"{place}: expected a token at {path}, found {_kind(token)} in "
                f"{jsontext.shape(answer)}; the user or password may be wrong, or mend "
                "token in the preset's [auth]"
            )
        ends_at = self._end(place, answer)
        self._token, self._ends_at = fit(place, "token", str(token)), ends_at

    def _end(self, place: str, answer: jsontext.Json) -> float:
        path = self.auth.expires
        if path is None and self.auth.kind == "oauth2":
            path = "expires_in"
        said = jsontext.ABSENT if path is None else jsontext.at(answer, path)
        if said is jsontext.ABSENT or said is None:
            return float("inf")  # until a 401 says so
        try:
            life_s = float(str(jsontext.plain(said)))
        except ValueError:
            life_s = float("nan")
        if not life_s > 0:  # also what is not a number
            raise SourceError(
                f"{place}: expected the seconds that the token lives at {path}, found "
                f"{jsontext.shape(said)}; mend expires in the preset's [auth]"
            )
        return self.clock() + life_s - min(MARGIN_S, MARGIN_SHARE * life_s)


def under(base_url: str, path: str) -> str:
    """A path below the base address."""
    return base_url.rstrip("/") + "/" + path.lstrip("/")


def _without(url: str, parameter: str) -> str:
    """An address without that parameter: a next address may hold the key already."""
    head, _, query = url.partition("?")
    kept = [
        part
        for part in query.split("&")
        if unquote_plus(part.partition("=")[0]) != parameter
    ]
    return f"{head}?{'&'.join(kept)}" if any(kept) else head


def _kind(token: jsontext.Json) -> str:
    """What stands where the token should; a token may be short, so never itself."""
    is_text = isinstance(token, str)
    return "an empty text" if is_text and not token else jsontext.shape(token)
