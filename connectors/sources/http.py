"""One HTTP GET: verified, bounded in time and size, its faults classed."""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import requests
import urllib3

from connectors import retry
from connectors.errors import KntcError, SourceError, TransientError
from connectors.sources.base import Deadline, RestAt

MAX_BODY_BYTES = 64 << 20
PIECE_BYTES = 64 << 10
# For what was tried again and did not pass.
MEND = "mend the API or the way to it, then kntc sync --failed"
ADVICE = {
    401: "the token is wrong or spent: mend the secret that the office file names",
    403: "the token may not read this: ask the API's owner for the right",
    404: "there is no such address: check base_url and the preset's path",
}


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask, and of whom."""

    at: RestAt
    path: str
    parameters: Mapping[str, str]

    @property
    def url(self) -> str:
        """The address without its parameters."""
        return self.at.base_url.rstrip("/") + "/" + self.path.lstrip("/")

    @property
    def shown(self) -> str:
        """Host and path: what a message may say of the address."""
        parts = urlsplit(self.url)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.hostname}{port}{parts.path}"


def get(where: str, ask: Request, timeout_s: float, deadline: Deadline) -> bytes:
    """The body of a 200.

    Raises TransientError for 429, 5xx, lost connections and time-outs, SourceError for
    any other answer, DeadlineError at the deadline even while the body drips in.
    """
    place = f"{where} ({ask.shown})"
    open_answers: list[requests.Response] = []
    error: KntcError
    try:
        with requests.Session() as session:
            return retry.within(
                deadline.left_s(),
                lambda: _body(place, session, ask, timeout_s, deadline, open_answers),
            )
    except TimeoutError:
        for answer in open_answers:
            with suppress(ValueError, OSError):
                answer.raw.shutdown()  # wakes the thread that still reads
        error = TransientError(f"{place}: no answer in time; {MEND}")
    except requests.exceptions.SSLError:
        error = SourceError(
            f"{place}: the server's certificate is not trusted; give the authority's "
            "certificate as ca_file in the office file (verification cannot be off)"
        )
    except (requests.Timeout, requests.ConnectionError) as fault:
        said = f"no answer ({type(fault).__name__})"
        error = TransientError(f"{place}: {said}; {MEND}")
    except (requests.RequestException, urllib3.exceptions.HTTPError) as fault:
        error = _broken(place, fault)
    deadline.check(place)
    raise error


def _broken(place: str, fault: Exception) -> KntcError:
    if isinstance(
        fault,
        requests.exceptions.ChunkedEncodingError | urllib3.exceptions.ProtocolError,
    ):
        return TransientError(f"{place}: the answer broke off; {MEND}")
    return SourceError(
        f"{place}: the request failed ({type(fault).__name__}); check base_url and path"
    )


def _body(
    place: str,
    session: requests.Session,
    ask: Request,
    timeout_s: float,
    deadline: Deadline,
    open_answers: list[requests.Response],
) -> bytes:
    session.trust_env = False  # a .netrc must not send another secret
    headers = {"Accept": "application/json"}
    if ask.at.token is not None:
        headers["Authorization"] = f"Bearer {ask.at.token()}"
    answer = session.get(
        ask.url,
        params=dict(ask.parameters),
        headers=headers,
        timeout=min(timeout_s, max(deadline.left_s(), 0.001)),
        verify=str(ask.at.ca_file) if ask.at.ca_file else True,
        stream=True,
        # A token must not follow to an address that nobody configured.
        allow_redirects=False,
    )
    open_answers.append(answer)
    with answer:
        _check_status(place, answer)
        return _whole(place, answer, deadline)


def _whole(place: str, answer: requests.Response, deadline: Deadline) -> bytes:
    pieces, size = [], 0
    for piece in answer.iter_content(PIECE_BYTES):
        deadline.check(place)
        size += len(piece)
        if size > MAX_BODY_BYTES:
            raise SourceError(
                f"{place}: the page is larger than {MAX_BODY_BYTES >> 20} MiB; lower "
                "page_size in the preset's stream"
            )
        pieces.append(piece)
    return b"".join(pieces)


def _check_status(place: str, answer: requests.Response) -> None:
    status = answer.status_code
    if status == 200:
        return
    if status == 429 or status >= 500:
        raise TransientError(
            f"{place}: HTTP {status}; {MEND}", _retry_after_s(answer, time.time())
        )
    advice = ADVICE.get(status, "expected 200: ask the API's owner")
    raise SourceError(f"{place}: HTTP {status}; {advice}")


def _retry_after_s(answer: requests.Response, now: float) -> float | None:
    """Seconds that Retry-After asks for, written as seconds or as an HTTP date."""
    asked = answer.headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(asked)
    try:
        moment = parsedate_to_datetime(asked)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.fromtimestamp(now, UTC)).total_seconds())
