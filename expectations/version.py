"""The version of the policy: what a record was checked with."""

import hashlib
from functools import cache
from pathlib import Path


@cache
def policy_version() -> str:
    """SHA-256 over this package's source and code lists.

    Any change to a rule makes another version, and what is read again is checked
    again; while it stays, a record that is stored as it was read needs no check.
    """
    whole = hashlib.sha256()
    folder = Path(__file__).parent
    for path in sorted([*folder.glob("*.py"), *folder.glob("codes/*.csv")]):
        body = path.read_bytes()
        whole.update(f"{path.name}\n{len(body)}\n".encode() + body)
    return whole.hexdigest()
