"""Every way in against a real server that asks for it; no secret is ever shown."""

import logging
import traceback
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from connectors.errors import KntcError, SourceError, TransientError
from connectors.sources.base import Deadline, RestAt, RestStream, SourceSpec
from connectors.sources.rest.http import Call, Wire
from connectors.sources.rest.letting_in import Door
from connectors.sources.rest.reader import RestSource
from connectors.sources.rest.spec import Auth, Credentials, Detail
from tests.certificates import authority
from tests.http_server import Answer, Asked, Decide, as_json, serving
from tests.rest_kinds import spec_for

USER, PASSWORD, TOKEN = "canary-user", "canary-pass:word", "canary-token-4471"
SECRETS = ("canary", b64encode(f"{USER}:{PASSWORD}".encode()).decode())
READ = RestStream("/don", "items", page_size=1, total="total")
HELD = Credentials(lambda: TOKEN, lambda: USER, lambda: PASSWORD)


def spec_at(
    url: str, auth: Auth, held: Credentials = HELD, read: RestStream = READ
) -> SourceSpec:
    at = RestAt(url, held.token, auth=auth, credentials=held)
    return spec_for(url, read, at)


def ids(spec: SourceSpec, waits: list[float] | None = None) -> list[str | None]:
    note: Callable[[float], None] = ([] if waits is None else waits).append
    source = RestSource(spec, sleep=note)
    batches = source.extract(spec.streams[0], None, None, Deadline.after(60))
    return [value for batch in batches for value in batch.frame["id"]]


def three(asked: Asked) -> Answer:
    page = int(asked.query["page"])
    items = [{"id": str(page)}] if page <= 3 else []
    return as_json({"items": items, "total": 3})


def guarded(headers: Mapping[str, str], query: Mapping[str, str]) -> Decide:
    def decide(asked: Asked) -> Answer:
        is_let_in = headers.items() <= asked.headers.items()
        is_let_in = is_let_in and query.items() <= asked.query.items()
        return three(asked) if is_let_in else Answer(b"{}", 401)

    return decide


def test_each_static_way_in_sends_what_the_server_asks_for() -> None:
    basic = "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    ways: list[tuple[Auth, Mapping[str, str], Mapping[str, str]]] = [
        (Auth("bearer"), {"Authorization": f"Bearer {TOKEN}"}, {}),
        (Auth("bearer", scheme="Token"), {"Authorization": f"Token {TOKEN}"}, {}),
        (Auth("bearer", header="X-Auth"), {"X-Auth": TOKEN}, {}),
        (Auth("api_key", header="X-Key"), {"X-Key": TOKEN}, {}),
        (Auth("api_key", parameter="khoa"), {}, {"khoa": TOKEN}),
        (Auth("basic"), {"Authorization": basic}, {}),
    ]
    for auth, headers, query in ways:
        with serving(guarded(headers, query)) as server:
            assert ids(spec_at(server.url, auth)) == ["1", "2", "3"]


def test_no_way_in_sends_nothing() -> None:
    with serving(three) as server:
        ids(spec_at(server.url, Auth("none")))
        assert all("Authorization" not in asked.headers for asked in server.asked)


@pytest.mark.parametrize("extra", ["", f"&khoa={TOKEN}"])
def test_a_key_in_the_address_goes_along_with_a_next_address(extra: str) -> None:
    """The server's next address leaves the key out, or holds it already."""

    def decide(asked: Asked) -> Answer:
        if asked.target.count(TOKEN) != 1:
            return Answer(b"", 401)
        n = int(asked.query.get("n", "1"))
        more = {"next": f"?n={n + 1}{extra}"} if n < 3 else {}
        return as_json({"items": [{"id": str(n)}], **more})

    read = RestStream("/don", "items", paging="cursor")
    with serving(decide) as server:
        spec = spec_at(server.url, Auth("api_key", parameter="khoa"), read=read)
        assert ids(spec) == ["1", "2", "3"]


@dataclass
class LogIns:
    """A server with a log-in; each token is good for so many calls."""

    good_for: int = 1000
    life: object = None
    given: int = 0
    left: int = 0
    calls: list[Asked] = field(default_factory=list)
    answers: Callable[["LogIns"], Answer] | None = None

    def decide(self, asked: Asked) -> Answer:
        if asked.method == "POST":
            self.calls.append(asked)
            if self.answers is not None:
                return self.answers(self)
            self.given, self.left = self.given + 1, self.good_for
            said = {"data": {"token": f"{TOKEN}-{self.given}", "life": self.life}}
            return as_json(said)
        wanted = f"Bearer {TOKEN}-{self.given}"
        if asked.headers.get("Authorization") != wanted or self.left == 0:
            return Answer(b"{}", 401)
        self.left -= 1
        return three(asked)


LOGIN = Auth("login", path="/dang-nhap", token="data.token", expires="data.life")


def test_a_login_sends_user_and_password_and_uses_the_token() -> None:
    logins = LogIns()
    auth = replace(
        LOGIN, user_field="ten", password_field="mk", fields={"donVi": "025"}
    )
    with serving(logins.decide) as server:
        assert ids(spec_at(server.url, auth)) == ["1", "2", "3"]
    (call,) = logins.calls
    assert call.path == "/dang-nhap"
    assert call.json == {"ten": USER, "mk": PASSWORD, "donVi": "025"}


def test_a_login_can_be_a_form() -> None:
    logins = LogIns()
    with serving(logins.decide) as server:
        assert len(ids(spec_at(server.url, replace(LOGIN, body="form")))) == 3
    assert logins.calls[0].form == {"username": USER, "password": PASSWORD}


def test_a_token_that_ends_in_mid_run_is_renewed_once_each_time() -> None:
    logins = LogIns(good_for=1)
    with serving(logins.decide) as server:
        assert ids(spec_at(server.url, LOGIN)) == ["1", "2", "3"]
    assert logins.given == 4  # three pages, and the one that asks beyond the total


def test_a_user_that_may_not_call_does_not_log_in_for_ever() -> None:
    logins = LogIns(good_for=0)
    waits: list[float] = []
    with (
        serving(logins.decide) as server,
        pytest.raises(SourceError, match="HTTP 401"),
    ):
        ids(replace(spec_at(server.url, LOGIN), attempts=5), waits)
    assert logins.given == 1
    assert waits == []


def test_a_token_refused_again_after_renewal_ends_the_reading() -> None:
    logins = LogIns(good_for=2)

    def decide(asked: Asked) -> Answer:
        said = logins.decide(asked)
        if said.status == 401:
            logins.good_for = 0
        return said

    with serving(decide) as server, pytest.raises(SourceError, match="HTTP 401"):
        ids(spec_at(server.url, LOGIN))
    assert logins.given == 2


def test_one_token_serves_all_streams_and_details() -> None:
    logins = LogIns()

    def decide(asked: Asked) -> Answer:
        if asked.path.startswith("/don/"):
            wanted = f"Bearer {TOKEN}-1"
            is_known = asked.headers.get("Authorization") == wanted
            return as_json({"noi_dung": "x"}, 200 if is_known else 401)
        return logins.decide(asked)

    read = replace(READ, detail=Detail("/don/{id}"))
    with serving(decide) as server:
        spec = spec_at(server.url, LOGIN, read=read)
        source = RestSource(spec)
        for _ in range(2):
            (batch,) = source.extract(spec.streams[0], None, None, Deadline.after(60))
            assert batch.frame["noi_dung"].to_list() == ["x"] * 3
    assert logins.given == 1


@pytest.mark.parametrize(
    ("life", "left_at", "renewed"),
    [(3600, 3539, False), (3600, 3541, True), (10, 8.9, False), (10, 9.1, True)],
)
def test_a_token_is_renewed_a_margin_before_its_end(
    life: float, left_at: float, renewed: bool
) -> None:
    now = [0.0]
    logins = LogIns(life=life)
    with serving(logins.decide) as server:
        at = RestAt(server.url, auth=LOGIN, credentials=HELD)
        door = Door(at, Wire(at, timeout_s=5).send, clock=lambda: now[0])
        call = Call(f"{server.url}/don")
        assert door.admitted("x", call, Deadline.after(9))[1] is True
        now[0] = left_at
        assert door.admitted("x", call, Deadline.after(9))[1] is renewed


@pytest.mark.parametrize("life", ["", "soon", -1, 0, "nan", []])
def test_a_life_that_is_no_time_is_said_by_its_shape(life: object) -> None:
    with (
        serving(LogIns(life=life).decide) as server,
        pytest.raises(SourceError, match=r"data\.life.*mend expires"),
    ):
        ids(spec_at(server.url, LOGIN))


@pytest.mark.parametrize(("let_in", "ended"), [(200, 401), (302, 302), (200, 302)])
def test_a_session_cookie_is_a_way_in(let_in: int, ended: int) -> None:
    """Also where a log-in, and a session that ended, send to another page."""
    auth = replace(LOGIN, token="", expires=None)
    given = [0]

    def decide(asked: Asked) -> Answer:
        if asked.method == "POST":
            given[0] += 1
            cookie = {"Set-Cookie": f"JSESSIONID={TOKEN}-{given[0]}; HttpOnly"}
            return Answer(b"{}", let_in, {**cookie, "Location": "/trang-chu"})
        is_known = asked.headers.get("Cookie") == f"JSESSIONID={TOKEN}-{given[0]}"
        if not is_known or (given[0] == 1 and asked.query["page"] == "2"):
            return Answer(b"", ended, {"Location": "/dang-nhap"})
        return three(asked)

    with serving(decide) as server:
        assert ids(spec_at(server.url, auth)) == ["1", "2", "3"]
    assert given == [2]


# OAuth2 client credentials


def oauth2(takes: str, tokens: list[Asked]) -> Decide:
    def decide(asked: Asked) -> Answer:
        if asked.path != "/oauth/token":
            wanted = f"Bearer {TOKEN}-{len(tokens)}"
            is_known = asked.headers.get("Authorization") == wanted
            return three(asked) if is_known else Answer(b"", 401)
        form = asked.form
        in_body = form.get("client_id") == USER
        in_header = asked.headers.get("Authorization", "").startswith("Basic ")
        if takes == "header" and (not in_header or in_body):
            return as_json({"error": "invalid_client"}, 401)
        if takes == "body" and (not in_body or in_header):
            return as_json({"error": "invalid_request"}, 400)
        assert form["grant_type"] == "client_credentials"
        tokens.append(asked)
        said = {"access_token": f"{TOKEN}-{len(tokens)}", "expires_in": 3600}
        return as_json(said)

    return decide


@pytest.mark.parametrize("takes", ["header", "body"])
@pytest.mark.parametrize("client", ["auto", "same"])
def test_client_credentials_go_where_the_server_takes_them(
    takes: str, client: str
) -> None:
    tokens: list[Asked] = []
    auth = Auth(
        "oauth2",
        path="/oauth/token",
        scope="don.doc",
        client=takes if client == "same" else "auto",  # type: ignore[arg-type]
    )
    with serving(oauth2(takes, tokens)) as server:
        assert ids(spec_at(server.url, auth)) == ["1", "2", "3"]
    (call,) = tokens
    assert call.form["scope"] == "don.doc"
    if takes == "header":
        sent = b64decode(call.headers["Authorization"].removeprefix("Basic "))
        assert sent == b"canary-user:canary-pass%3Aword"


def test_client_credentials_that_are_wrong_say_so_once() -> None:
    with (
        serving(lambda _: as_json({"error": "invalid_client"}, 401)) as server,
        pytest.raises(SourceError, match="does not let this user in"),
    ):
        ids(spec_at(server.url, Auth("oauth2", path="/oauth/token")))
    assert len(server.asked) == 2  # once in the header, once in the body


def test_a_token_may_come_from_another_host() -> None:
    tokens: list[Asked] = []
    decide = oauth2("header", tokens)
    with serving(decide) as issuer, serving(decide) as api:
        at = RestAt(
            api.url,
            auth=Auth("oauth2"),
            credentials=HELD,
            login_url=f"{issuer.url}/oauth/token",
        )
        assert ids(spec_for(api.url, READ, at)) == ["1", "2", "3"]
    assert {asked.path for asked in api.asked} == {"/don"}


# What may pass, and what is said


def test_a_login_that_fails_for_a_moment_is_tried_again() -> None:
    logins = LogIns()
    first = [Answer(b"", 503, {"Retry-After": "3"})]
    waits: list[float] = []
    with serving(lambda a: first.pop() if first else logins.decide(a)) as server:
        spec = replace(spec_at(server.url, LOGIN), attempts=2)
        assert len(ids(spec, waits)) == 3
    assert len(waits) == 1
    assert waits[0] >= 3


def test_a_login_server_that_is_down_is_transient() -> None:
    at = RestAt(
        "http://127.0.0.1:9",
        auth=LOGIN,
        credentials=HELD,
        login_url="http://127.0.0.1:9/x",
    )
    with pytest.raises(TransientError, match="logging in") as caught:
        ids(spec_for("http://127.0.0.1:9", READ, at))
    check_secret(caught.value)


def check_secret(error: BaseException) -> None:
    """No secret in the error, nor in anything that it was raised from."""
    said = "".join(traceback.format_exception(error)) + repr(error)
    chain: BaseException | None = error
    while chain is not None:
        said += str(chain) + repr(vars(chain)) + repr(chain.args)
        chain = chain.__cause__ or chain.__context__
    assert not [secret for secret in SECRETS if secret in said]


ECHOES: list[Answer] = [
    Answer(b"", 401),
    Answer(b"", 403),
    Answer(b"", 302, {"Location": f"http://127.0.0.1:1/?khoa={TOKEN}"}),
    Answer(TOKEN.encode()),
    Answer(f'{{"items": "{TOKEN}"}}'.encode()),
    Answer(f'{{"token": {{"{TOKEN}": 1}}, "items": ["{PASSWORD}"]}}'.encode()),
    Answer(b"", 503),
    Answer(b"x", 200, {"Content-Encoding": "gzip"}),
    Answer(b"{}", cut_after=0),
]
WAYS = [
    Auth("bearer"),
    Auth("api_key", header="X-Key"),
    Auth("api_key", parameter="khoa"),
    Auth("basic"),
    LOGIN,
    Auth("oauth2", path="/t"),
]


@pytest.mark.parametrize("auth", WAYS, ids=lambda auth: str(auth.kind))
def test_no_secret_is_in_any_error(
    auth: Auth, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for answer in ECHOES:
        with serving(lambda _, answer=answer: answer) as server:  # type: ignore[misc]
            spec = spec_at(server.url, auth)
            with pytest.raises(KntcError) as caught:
                ids(spec)
            check_secret(caught.value)
            assert "canary" not in repr(spec) + repr(RestSource(spec))
    assert not [secret for secret in SECRETS if secret in caplog.text]


@pytest.mark.parametrize("auth", WAYS, ids=lambda auth: str(auth.kind))
@pytest.mark.parametrize(
    "bad", ["canary\nX-Evil: 1", "canaryĐ", "canary\x00", "canary\udc80", ""]
)
def test_a_secret_that_cannot_be_sent_is_not_shown(auth: Auth, bad: str) -> None:
    held = Credentials(lambda: bad, lambda: bad, lambda: bad)
    with serving(lambda _: Answer(b"", 403)) as server:
        with pytest.raises(SourceError) as caught:
            ids(spec_at(server.url, auth, held))
        check_secret(caught.value)


def test_a_secret_whose_file_is_gone_is_a_source_error() -> None:
    def gone() -> str:
        return Path("canary-nowhere").read_text(encoding="utf-8")

    with serving(three) as server:
        spec = spec_at(server.url, Auth("bearer"), Credentials(gone))
        with pytest.raises(SourceError, match="cannot be read now") as caught:
            ids(spec)
        check_secret(caught.value)


def test_a_token_is_read_at_each_use() -> None:
    turns = iter(["a", "b", "c", "d"])
    with serving(three) as server:
        ids(spec_at(server.url, Auth("bearer"), Credentials(lambda: next(turns))))
        sent = [asked.headers["Authorization"] for asked in server.asked]
    assert sent == ["Bearer a", "Bearer b", "Bearer c", "Bearer d"]


def test_no_netrc_and_no_proxy_of_the_machine_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login x password canary-rc")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with serving(three) as server:
        assert len(ids(spec_at(server.url, Auth("none")))) == 3
        assert all("Authorization" not in asked.headers for asked in server.asked)


# TLS


def test_a_client_certificate_is_a_way_in(tmp_path: Path) -> None:
    ours, theirs = authority(tmp_path, "ours"), authority(tmp_path, "theirs")
    server_file = ours.issue(tmp_path / "server.pem")
    whole = ours.issue(tmp_path / "whole.pem")
    split = ours.issue(tmp_path / "split.pem", split=True)
    strange = theirs.issue(tmp_path / "strange.pem")

    def asked_with(cert: Path | None, key: Path | None) -> list[str | None]:
        held = Credentials(cert_file=cert, key_file=key)
        with serving(three, server_file, client_ca=ours.file) as server:
            at = RestAt(
                server.url, ca_file=ours.file, auth=Auth("none"), credentials=held
            )
            return ids(replace(spec_for(server.url, READ, at), timeout_s=3))

    assert asked_with(whole, None) == ["1", "2", "3"]
    assert asked_with(split, split.with_suffix(".key")) == ["1", "2", "3"]
    for cert in (None, strange):
        with pytest.raises(KntcError, match=r"cert_file|broke off|no answer"):
            asked_with(cert, None)
    for cert in (tmp_path / "gone.pem", ours.file):
        with pytest.raises(SourceError, match="cert_file"):
            asked_with(cert, None)


def test_another_authority_is_not_trusted(tmp_path: Path) -> None:
    ours, theirs = authority(tmp_path, "ours"), authority(tmp_path, "theirs")
    with serving(three, ours.issue(tmp_path / "server.pem")) as server:
        for ca_file in (None, theirs.file):
            at = RestAt(server.url, ca_file=ca_file)
            with pytest.raises(SourceError, match="certificate is not trusted"):
                ids(spec_for(server.url, READ, at))
    at = RestAt("https://127.0.0.1:9", ca_file=tmp_path / "gone.pem")
    with pytest.raises(SourceError, match="ca_file"):
        ids(spec_for("https://127.0.0.1:9", READ, at))
