"""Finds a personal value in any bytes, in every form it may take on its way out."""

import base64
import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

ZONES = 3  # base64 has three forms, by the place of the value in what was encoded


@dataclass(frozen=True, slots=True)
class Leak:
    """A value that stands where it must not: where, and in which form."""

    where: str
    value: str
    form: str


def forms(value: str) -> Iterator[tuple[str, bytes]]:
    """The value as programs write it: encodings, escapes, unkeyed hashes."""
    decomposed = unicodedata.normalize("NFD", value)
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    for name, text in (
        ("NFC", value),
        ("NFD", decomposed),
        ("lower", value.lower()),
        ("upper", value.upper()),
        ("folded", plain.lower().replace("đ", "d")),
    ):
        yield name, text.encode()
        yield f"{name} UTF-16", text.encode("utf-16-le")
        yield f"{name} JSON", json.dumps(text)[1:-1].encode()
        yield f"{name} percent", quote(text).encode()
        yield f"{name} form", quote_plus(text).encode()
        yield f"{name} hex", text.encode().hex().encode()
    for name in ("md5", "sha1", "sha256", "sha512"):
        digest = hashlib.new(name, value.encode()).hexdigest()
        yield name, digest[:32].encode()
    for shift in range(ZONES):
        # The first and last characters depend on the neighbours.
        encoded = base64.b64encode(b"\0" * shift + value.encode())
        yield "base64", encoded[4 if shift else 0 : -4]


def leaks(
    texts: Mapping[str, bytes], values: Iterable[str], enough: int = 20
) -> list[Leak]:
    """Where any of the values stands in any of its forms."""
    sought = {form: (v, name) for v in set(values) for name, form in forms(v)}
    found = []
    for where, content in texts.items():
        for form, (value, name) in sought.items():
            if form in content:
                found.append(Leak(where, value, name))
                if len(found) == enough:
                    return found
    return found


def files_under(folder: Path) -> dict[str, bytes]:
    """Every file below a folder; their names are text too."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    names = "\n".join(str(path.relative_to(folder)) for path in folder.rglob("*"))
    return {str(p): p.read_bytes() for p in paths} | {"names": names.encode()}
