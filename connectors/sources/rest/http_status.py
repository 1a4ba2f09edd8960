"""What an HTTP status means for the caller: go on, try again, or give up."""

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from connectors.errors import SourceError, TransientError

# For what was tried again and did not pass.
MEND = "mend the API or the way to it, then kntc sync --failed"
SOUND = {200, 204, 206}
PASSING = {408, 425, 429}  # and 5xx
ADVICE = {
    400: "the API does not take these parameters: check the preset's stream",
    401: "the token is wrong or spent: mend the secret that the office file names",
    403: "this account may not read this: ask the API's owner for the right",
    404: "there is no such address: check base_url and the preset's path",
    405: "the API takes another method: check method in the preset's stream",
}
REDIRECT = (
    "it sends elsewhere, which is not followed: give the address it means as base_url "
    "and path"
)


class RefusedError(SourceError):
    """A status that no retry mends."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class UnavailableError(TransientError):
    """A status that may pass by itself."""

    def __init__(self, message: str, status: int, retry_after_s: float | None) -> None:
        super().__init__(message, retry_after_s)
        self.status = status


def check_status(
    place: str, status: int, headers: Mapping[str, str], now: float
) -> None:
    """Raise UnavailableError or RefusedError unless the answer is sound."""
    if status in SOUND:
        return
    if status in PASSING or status >= 500:
        asked = headers.get("Retry-After", "")
        raise UnavailableError(
            f"{place}: HTTP {status}; {MEND}", status, retry_after_s(asked, now)
        )
    advice = REDIRECT if 300 <= status < 400 else "expected 200: ask the API's owner"
    raise RefusedError(f"{place}: HTTP {status}; {ADVICE.get(status, advice)}", status)


def retry_after_s(asked: str, now: float) -> float | None:
    """Seconds that Retry-After asks for, written as seconds or as an HTTP date."""
    asked = asked.strip()
    if asked.isascii() and asked.isdigit():
        return float(asked)  # of any length: infinity is capped by the deadline
    try:
        moment = parsedate_to_datetime(asked)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, moment.timestamp() - now)
    except (ValueError, OverflowError):
        return None
