"""Secrets on their way into a call: read now, and fit for where they go."""

from base64 import b64encode

from connectors.errors import SourceError
from connectors.sources.secret import Secret


def basic(user: str, password: str) -> str:
    """The value of Authorization for a user and a password."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def secret_text(where: str, what: str, secret: Secret | None) -> str:
    """The secret's value; SourceError, without it, when it is not there now."""
    if secret is None:
        raise SourceError(
            f"{where}: this API wants a {what}; name it in the office file as "
            f"rest.{what}_env or rest.{what}_file"
        )
    try:
        value = secret().strip("\r\n")
        value.encode()  # an environment variable may hold bytes that are no text
    except (OSError, KeyError, ValueError):
        value = ""
    if not value:
        raise SourceError(
            f"{where}: the {what} that the office file names cannot be read now, or is "
            "empty; mend the file or the environment variable"
        )
    return value


def fit(where: str, what: str, value: str) -> str:
    """A value that a header can carry, without outer blanks."""
    value = value.strip()
    if not value.isascii() or not value.isprintable():
        raise SourceError(
            f"{where}: the {what} holds a sign that no HTTP header carries; mend the "
            "secret that the office file names"
        )
    return value
