"""One HTTP call: verified, bounded in time and size, its faults classed."""

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import Message
from urllib.parse import urlsplit

import requests
import urllib3

from connectors import retry
from connectors.errors import KntcError, SourceError, TransientError
from connectors.sources.base import Deadline
from connectors.sources.rest.http_faults import classed
from connectors.sources.rest.http_pace import Pace
from connectors.sources.rest.http_status import MEND, check_status
from connectors.sources.rest.spec import RestAt

# urllib3 writes whole addresses to its debug log, and a key may be a parameter.
logging.getLogger("urllib3").setLevel(logging.INFO)

PIECE_BYTES = 64 << 10
# timeout_s bounds each wait for bytes; a server that drips them is given up after so
# many of those, long before it has eaten the office's deadline.
CALL_TIMEOUTS = 10


@dataclass(frozen=True, slots=True)
class Call:
    """What to send; all that can hold a secret stays out of its repr."""

    url: str = field(repr=False)
    method: str = "GET"
    query: Mapping[str, object] = field(default_factory=dict, repr=False)
    json: object = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    name: str = ""  # what messages call it, when its path must not be shown
    takes_redirect: bool = False  # 302 is an answer too; it is never followed


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of 200, 204 or 206; of 302 where the call takes it.

    `is_framed`: it said its own length, so that a cut would have been noticed.
    """

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    links: Mapping[str, str] = field(repr=False)  # by rel, as they were written
    is_framed: bool = True

    @property
    def media(self) -> str:
        """The media type, in small letters."""
        return self._content_type().get_content_type() if self._typed() else ""

    @property
    def charset(self) -> str | None:
        """The charset that Content-Type tells."""
        return self._content_type().get_content_charset() if self._typed() else None

    def _typed(self) -> str:
        return self.headers.get("Content-Type", "")

    def _content_type(self) -> Message:
        message = Message()
        message["Content-Type"] = self._typed()
        return message


def shown(url: str) -> str:
    """Host and path: what a message may say of an address."""
    parts = urlsplit(url)
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    return f"{parts.hostname}{port}{parts.path}"


@dataclass(slots=True)
class Wire:
    """The way to one API; calls share its connection, cookies and rate limit."""

    at: RestAt
    timeout_s: float
    sleep: Callable[[float], None] = time.sleep
    _pace: Pace = field(init=False, repr=False)
    _session: requests.Session = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._pace = Pace(self.at.calls_per_s, self.sleep)
        self._session = _session(self.at)

    def forget_cookies(self) -> None:
        """What an earlier login set is not sent again."""
        self._session.cookies.clear()

    def send(self, where: str, call: Call, deadline: Deadline) -> Reply:
        """The answer, when it is 200, 204 or 206.

        Raises TransientError for what may pass (408, 425, 429, 5xx, lost connections,
        time-outs), RefusedError for any other status, SourceError for the rest, and
        DeadlineError at the deadline even while the body drips in.
        """
        place = f"{where} ({call.name or shown(call.url)})"
        self._pace.wait(place, deadline)
        most_s = min(deadline.left_s(), CALL_TIMEOUTS * self.timeout_s)
        answers = list[requests.Response]()
        error: KntcError
        try:
            return retry.within(
                most_s, lambda: self._reply(place, call, deadline, answers)
            )
        except TimeoutError:
            for answer in answers:
                with suppress(ValueError, OSError):
                    answer.raw.shutdown()  # wakes the thread that still reads
            error = TransientError(f"{place}: no answer in time; {MEND}")
        except (OSError, ValueError, urllib3.exceptions.HTTPError) as fault:
            error = classed(place, fault)
        deadline.check(place)
        raise error

    def _reply(
        self,
        place: str,
        call: Call,
        deadline: Deadline,
        answers: list[requests.Response],
    ) -> Reply:
        answer = self._session.request(
            call.method,
            call.url,
            params=_texts(call.query),
            json=call.json,
            data=call.form,
            headers=dict(call.headers),
            timeout=min(self.timeout_s, max(deadline.left_s(), 0.001)),
            stream=True,
            # A token must not follow to an address that nobody configured.
            allow_redirects=False,
        )
        answers.append(answer)
        with answer:
            if not (call.takes_redirect and answer.is_redirect):
                check_status(place, answer.status_code, answer.headers, time.time())
            body = self._whole(place, answer, deadline)
        # Not by the header's name alone, of which a cut may leave the half.
        length = answer.headers.get("Content-Length", "")
        is_framed = answer.raw.chunked or length.strip().isdigit()
        links = {
            rel.lower(): link["url"]
            for link in requests.utils.parse_header_links(
                answer.headers.get("Link", "")
            )
            for rel in link.get("rel", "").split()
        }
        return Reply(answer.status_code, body, answer.headers, links, is_framed)

    def _whole(
        self, place: str, answer: requests.Response, deadline: Deadline
    ) -> bytes:
        pieces, size = [], 0
        for piece in answer.iter_content(PIECE_BYTES):  # unpacked
            deadline.check(place)
            size += len(piece)
            if size > self.at.max_body_mib << 20:
                raise SourceError(
                    f"{place}: the page is larger than {self.at.max_body_mib} MiB; "
                    "lower page_size in the preset's stream, or raise max_body_mib in "
                    "the office file"
                )
            pieces.append(piece)
        return b"".join(pieces)


def _session(at: RestAt) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # a .netrc or a proxy must not see or send a secret
    session.headers["Accept"] = "application/json"
    session.headers["Accept-Encoding"] = "gzip, deflate"  # what is always installed
    session.verify = str(at.ca_file) if at.ca_file else True
    held = at.credentials
    if held.cert_file is not None:
        certificate = str(held.cert_file)
        session.cert = (
            (certificate, str(held.key_file)) if held.key_file else certificate
        )
    return session


def _texts(query: Mapping[str, object]) -> dict[str, str | list[str]]:
    return {
        name: [_text(v) for v in value] if isinstance(value, list) else _text(value)
        for name, value in query.items()
    }


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
