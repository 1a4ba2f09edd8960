"""What went wrong with a call, as one of our errors.

The library's own text may quote an address, a header or a body: it is never shown.
"""

import requests
import urllib3

from connectors.breaker import UnreachableError
from connectors.errors import KntcError, SourceError, TransientError
from connectors.sources.rest.http_status import MEND


def classed(place: str, fault: Exception) -> KntcError:
    """Our error for the library's, chosen by whether trying again can help."""
    name = type(fault).__name__
    if isinstance(fault, requests.exceptions.SSLError | urllib3.exceptions.SSLError):
        return SourceError(_tls(place, fault))
    if isinstance(
        fault,
        requests.exceptions.ChunkedEncodingError | urllib3.exceptions.ProtocolError,
    ):
        return TransientError(f"{place}: the answer broke off; {MEND}")
    if _is_unreachable(fault):
        return UnreachableError(f"{place}: no answer ({name}); {MEND}")
    if isinstance(fault, requests.Timeout | requests.ConnectionError):
        return TransientError(f"{place}: no answer ({name}); {MEND}")
    if isinstance(fault, requests.RequestException | urllib3.exceptions.HTTPError):
        return SourceError(
            f"{place}: the request failed ({name}); check base_url and path"
        )
    return SourceError(
        f"{place}: the call cannot be made ({name}); check base_url, ca_file, "
        "cert_file and key_file in the office file"
    )


def _is_unreachable(fault: Exception) -> bool:
    """True when no connection came about, which is what opens a circuit."""
    if isinstance(fault, requests.ConnectTimeout):
        return True
    cause = fault.args[0] if fault.args else None
    reason = getattr(cause, "reason", None)  # of urllib3's MaxRetryError
    return isinstance(reason, urllib3.exceptions.NewConnectionError)


def _tls(place: str, fault: Exception) -> str:
    said = str(fault)  # tested, never shown
    if "CERTIFICATE_VERIFY_FAILED" in said or "certificate verify failed" in said:
        return (
            f"{place}: the server's certificate is not trusted; give the authority's "
            "certificate as ca_file in the office file (verification cannot be off)"
        )
    if "ALERT" in said.upper():
        return (
            f"{place}: the server broke off the TLS greeting; it may want a client "
            "certificate, or another one: check cert_file and key_file in the office "
            "file"
        )
    return (
        f"{place}: no TLS with this server; check that base_url, ca_file, cert_file "
        "and key_file are right in the office file"
    )
