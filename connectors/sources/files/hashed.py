"""A file's SHA-256: of the very bytes that a reader was given."""

import hashlib
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from connectors.sources.base import Deadline

BLOCK = 1 << 20


class Readable(Protocol):
    """What a streaming reader needs of a file."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most so many; empty at the end."""
        ...


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


@dataclass(slots=True)
class Hashed:
    """A file that is hashed while it is read, so that it is read once."""

    file: Readable
    digest: _Digest = field(default_factory=hashlib.sha256)
    size: int = 0

    def read(self, size: int, /) -> bytes:
        """See `Readable`."""
        block = self.file.read(size)
        self.digest.update(block)
        self.size += len(block)
        return block

    def finish(self, place: str, deadline: Deadline) -> str:
        """The hash of the whole file; what the reader left (a footer) is read too."""
        while self.read(BLOCK):
            deadline.check(place)
        return self.digest.hexdigest()


def sha256_of(place: str, file: BinaryIO, deadline: Deadline) -> str:
    """A file's hash; the file is at its beginning before and after."""
    digest = Hashed(file).finish(place, deadline)
    file.seek(0)
    return digest
