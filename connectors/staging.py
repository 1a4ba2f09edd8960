"""Staging: a source's batches on disk, encrypted whole, and the manifest of them.

One Parquet file a batch, AES-256-GCM over its bytes, written under a temporary name,
fsynced, renamed; then one line in manifest.jsonl. A complete manifest ends with a
`complete` line: what stands in it is what was read, and it is the replay point.
"""

import hashlib
import io
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from connectors.errors import SourceError
from connectors.sources.base import FileRead, RawBatch

NONCE_BYTES = 12
MANIFEST = "manifest.jsonl"


@dataclass(frozen=True, slots=True)
class Line:
    """One staged batch: file name, stream, rows, columns and the file's SHA-256.

    `files`: those of the source that end with it.
    """

    file: str
    stream: str
    rows: int
    columns: tuple[str, ...]
    sha256: str
    files: tuple[FileRead, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """One reading of one source, in a folder of its own."""

    folder: Path
    key: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """Unique among all readings: the folder's name."""
        return self.folder.name

    def write(self, name: str, frame: pl.DataFrame) -> str:
        """Encrypt and store a frame durably; returns the stored file's SHA-256."""
        buffer = io.BytesIO()
        frame.write_parquet(buffer, compression="lz4", statistics=False)
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(self.key).encrypt(nonce, buffer.getvalue(), name.encode())
        temporary = self.folder / f".{name}.part"
        with temporary.open("wb") as file:
            file.write(nonce)
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.folder / name)
        _fsync_folder(self.folder)
        return hashlib.sha256(nonce + sealed).hexdigest()

    def read(self, name: str) -> pl.DataFrame:
        """A stored frame; SourceError when the file was altered or is another's."""
        stored = (self.folder / name).read_bytes()
        try:
            nonce, sealed = stored[:NONCE_BYTES], stored[NONCE_BYTES:]
            plain = AESGCM(self.key).decrypt(nonce, sealed, name.encode())
        except InvalidTag:
            raise SourceError(
                f"staging {self.name}/{name} does not open: altered, or written under "
                "another KNTC_STAGING_KEY; run the office again"
            ) from None
        return pl.read_parquet(io.BytesIO(plain))

    def drop(self, name: str) -> None:
        """Remove a stored frame that is no longer needed."""
        (self.folder / name).unlink(missing_ok=True)

    def add(self, batch: RawBatch) -> Line:
        """Stage one batch: its file first, then its line."""
        number = len(self.lines())
        name = f"raw-{number:05d}"
        digest = self.write(name, batch.frame)
        columns = tuple(c for c in batch.frame.columns if not c.startswith("kntc:"))
        line = Line(
            name, batch.stream, batch.frame.height, columns, digest, batch.files
        )
        files = [asdict(file) for file in batch.files]
        self._append(
            asdict(line)
            | {"columns": self._hidden(columns), "files": self._hidden(files)}
        )
        return line

    def complete(self) -> None:
        """Say that the whole source has been read."""
        self._append({"complete": True})

    def lines(self) -> list[Line]:
        """The batches staged so far, in order."""
        return [
            Line(
                entry["file"],
                entry["stream"],
                entry["rows"],
                tuple(self._shown(entry["columns"])),
                entry["sha256"],
                tuple(FileRead(**file) for file in self._shown(entry["files"])),
            )
            for entry in self._entries()
            if "file" in entry
        ]

    def is_complete(self) -> bool:
        """True when the whole source was read into here."""
        return any("complete" in entry for entry in self._entries())

    def batch(self, line: Line) -> RawBatch:
        """A staged batch back."""
        return RawBatch(line.stream, self.read(line.file))

    def remove(self) -> None:
        """Delete this reading."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _entries(self) -> Iterator[dict[str, Any]]:
        path = self.folder / MANIFEST
        if not path.exists():
            return
        with path.open(encoding="utf-8") as file:
            for text in file:
                if text.endswith("\n"):  # a line cut by a crash is no line
                    yield json.loads(text)

    def _hidden(self, names: Sequence[object]) -> str:
        """Names of columns and files, encrypted: a file without its header names a
        citizen there."""
        nonce = os.urandom(NONCE_BYTES)
        plain = json.dumps(names).encode()
        return (nonce + AESGCM(self.key).encrypt(nonce, plain, b"names")).hex()

    def _shown(self, text: str) -> list[Any]:
        stored = bytes.fromhex(text)
        nonce, sealed = stored[:NONCE_BYTES], stored[NONCE_BYTES:]
        names: list[Any] = json.loads(AESGCM(self.key).decrypt(nonce, sealed, b"names"))
        return names

    def _append(self, entry: dict[str, object]) -> None:
        with (self.folder / MANIFEST).open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())


def open_stage(root: Path, province: str, system: str, name: str, key: bytes) -> Stage:
    """A new, empty stage; its name must be new."""
    folder = root / province / system / name
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    root.chmod(0o700)
    folder.mkdir(parents=True, exist_ok=False, mode=0o700)
    return Stage(folder, key)


def prune(root: Path, province: str, system: str, keep: int) -> None:
    """Remove all but the newest readings of a source; names sort by time."""
    folder = root / province / system
    if not folder.is_dir():
        return
    for old in sorted(path for path in folder.iterdir() if path.is_dir())[:-keep]:
        shutil.rmtree(old, ignore_errors=True)


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
