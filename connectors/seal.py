"""Sealing: keyed tokens, content hashes and the two envelopes of a record.

The personal fields of a record go into one AES-256-GCM envelope, the denouncer's into
a second one under another key (Luật Tố cáo Art. 8, 9, 56). An envelope is
`1 | key id (8) | nonce (12) | ciphertext and tag`, bound to its record by the
additional data, so that an envelope moved to another record does not open.
"""

import hashlib
import hmac
import os
from dataclasses import dataclass, field

import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from connectors.canonical import netstring, netstrings, read_netstrings
from connectors.errors import KntcError
from expectations.frames import RECORD_ID
from expectations.identifiers import canonical_id, canonical_phone
from expectations.records import BY_NAME, DENOUNCING_KINDS, TOKENS, Privacy, RecordType

VERSION = b"\x01"
KEY_ID_BYTES = 8
NONCE_BYTES = 12
HEAD_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES
TOKEN_DIGITS = 32

PERSONAL_TEXT = "kntc:personal"
DENOUNCER_TEXT = "kntc:denouncer"
PERSONAL_TOKEN = "personal_token"  # noqa: S105 - a column's name
DENOUNCER_TOKEN = "denouncer_token"  # noqa: S105
CONTENT_HASH = "content_hash"
SEALED = "sealed"
SEALED_DENOUNCER = "sealed_denouncer"


@dataclass(frozen=True, slots=True)
class Sealer:
    """Holds the three keys; nothing else in the program sees them."""

    seal_key: bytes = field(repr=False)
    denouncer_key: bytes = field(repr=False)
    token_key: bytes = field(repr=False)

    def tokens(self, purpose: str, texts: list[str | None]) -> list[str | None]:
        """HMAC-SHA256 of each text under the token key, 32 hexadecimal digits.

        The purpose keeps equal texts of different meaning apart; null and the empty
        text have no token.
        """
        head = purpose.encode() + b"\x00"
        keyed = hmac.new(self.token_key, head, "sha256")
        return [_token(keyed, text) if text else None for text in texts]

    def source_id_tokens(self, source_ids: list[str]) -> list[str]:
        """Tokens of source ids that are themselves personal."""
        return [token or "" for token in self.tokens("source_id", list(source_ids))]

    def fingerprint(self, record_type: str, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with its canonical personal texts, their tokens, content_hash.

        Open fields enter the hash as they are, sealed ones as their token, so that a
        new nonce or a rotated sealing key changes nothing.
        """
        declared = BY_NAME[record_type]
        texts = frame.with_columns(*personal_texts(declared))
        tokened = texts.with_columns(
            self._token_column(record_type, texts, PERSONAL_TEXT, PERSONAL_TOKEN),
            self._token_column(record_type, texts, DENOUNCER_TEXT, DENOUNCER_TOKEN),
        )
        return tokened.with_columns(content_hashes(declared, tokened))

    def seal(self, record_type: str, frame: pl.DataFrame) -> pl.DataFrame:
        """A fingerprinted frame with its envelopes and equality tokens.

        The clear personal columns and texts are gone from the result.
        """
        ids = frame[RECORD_ID].to_list()
        equality = [
            self._token_column(record_type, frame, column, name, folded=True)
            for name, column in TOKENS[record_type].items()
        ]
        declared = BY_NAME[record_type]
        closed = [f.name for f in declared.fields if f.privacy is not Privacy.OPEN]
        return frame.with_columns(
            self._envelopes(self.seal_key, frame[PERSONAL_TEXT], ids, SEALED),
            self._envelopes(
                self.denouncer_key, frame[DENOUNCER_TEXT], ids, SEALED_DENOUNCER
            ),
            *equality,
        ).drop(*closed, PERSONAL_TEXT, DENOUNCER_TEXT)

    def seal_rows(self, texts: list[str], ids: list[str]) -> pl.Series:
        """Whole raw rows under the denouncer's key: their kind is not known."""
        return self._envelopes(self.denouncer_key, pl.Series(texts), ids, SEALED)

    def open(self, envelope: bytes, record: str) -> dict[str, str]:
        """The values inside an envelope.

        Raises KntcError when neither key opens it for that record.
        """
        return read_netstrings(self.open_text(envelope, record))

    def open_text(self, envelope: bytes, record: str) -> bytes:
        """The plain bytes of an envelope; see `open`."""
        nonce = envelope[1 + KEY_ID_BYTES : HEAD_BYTES]
        key_id = envelope[1 : 1 + KEY_ID_BYTES]
        for key in (self.seal_key, self.denouncer_key):
            if identify_key(key) == key_id:
                try:
                    sealed = envelope[HEAD_BYTES:]
                    return AESGCM(key).decrypt(nonce, sealed, record.encode())
                except InvalidTag:
                    break
        raise KntcError(
            f"the envelope of record {record} does not open: it was altered, moved, "
            "or sealed under a key that is not given (KNTC_SEAL_KEY, "
            "KNTC_DENOUNCER_KEY)"
        )

    def knows(self, envelope: bytes) -> bool:
        """True when the envelope names one of our keys."""
        ours = (identify_key(self.seal_key), identify_key(self.denouncer_key))
        return envelope[1 : 1 + KEY_ID_BYTES] in ours

    def token_of(self, record_type: str, column: str, text: bytes) -> str | None:
        """The token a canonical personal text must have; for verification."""
        return self.tokens(f"{record_type}.{column}", [text.decode()])[0]

    def _token_column(
        self,
        record_type: str,
        frame: pl.DataFrame,
        column: str,
        name: str,
        folded: bool = False,
    ) -> pl.Series:
        texts = frame[column]
        if folded:
            texts = frame.select(compared(column).alias(column)).to_series()
        purpose = column if folded else f"{record_type}.{name}"
        return pl.Series(name, self.tokens(purpose, texts.to_list()), pl.String)

    def _envelopes(
        self, key: bytes, texts: pl.Series, ids: list[str], name: str
    ) -> pl.Series:
        """One envelope a text; null where the text is empty."""
        encrypt = AESGCM(key).encrypt
        head = VERSION + identify_key(key)
        # One draw of randomness a batch; 96-bit random nonces stay safe far beyond
        # the 2^32 messages that one key may seal.
        pool = os.urandom(NONCE_BYTES * len(ids))
        nonces = [pool[i : i + NONCE_BYTES] for i in range(0, len(pool), NONCE_BYTES)]
        sealed = [
            head + nonce + encrypt(nonce, text.encode(), record.encode())
            if text
            else None
            for nonce, text, record in zip(nonces, texts.to_list(), ids, strict=True)
        ]
        return pl.Series(name, sealed, pl.Binary)


def _token(keyed: hmac.HMAC, text: str) -> str:
    """A copy of the keyed hash is half the cost of keying it again for each text."""
    copy = keyed.copy()
    copy.update(text.encode())
    return copy.hexdigest()[:TOKEN_DIGITS]


def identify_key(key: bytes) -> bytes:
    """The public name of a key, stored in each envelope it made."""
    return hashlib.sha256(b"kntc-key-id" + key).digest()[:KEY_ID_BYTES]


def personal_texts(declared: RecordType) -> tuple[pl.Expr, pl.Expr]:
    """The two canonical texts of a record's personal and denouncer fields.

    A sender's fields go to the denouncer's text when the kind is a denunciation,
    mixed, or unknown.
    """
    sender = netstrings(declared.having(Privacy.SENDER))
    personal = netstrings(declared.having(Privacy.PERSONAL))
    denouncer = netstrings(declared.having(Privacy.DENOUNCER))
    if declared.having(Privacy.SENDER):
        kind = pl.col(declared.kind_field)
        secret = kind.is_null() | kind.is_in(list(DENOUNCING_KINDS))
        personal += pl.when(secret).then(pl.lit("")).otherwise(sender)
        denouncer += pl.when(secret).then(sender).otherwise(pl.lit(""))
    return personal.alias(PERSONAL_TEXT), denouncer.alias(DENOUNCER_TEXT)


def content_hashes(declared: RecordType, frame: pl.DataFrame) -> pl.Series:
    """SHA-256 of type, open fields and tokens; computable from a stored row alone."""
    tokens = [netstring(c, pl.col(c)) for c in (PERSONAL_TOKEN, DENOUNCER_TOKEN)]
    text = pl.concat_str(netstrings(declared.having(Privacy.OPEN)), *tokens)
    head = hashlib.sha256(f"kntc-content-1\n{declared.name}\n".encode())
    hashes = [_hash(head, t) for t in frame.select(text).to_series()]
    return pl.Series(CONTENT_HASH, hashes, dtype=pl.String)


def _hash(head: "hashlib._Hash", text: str) -> str:
    copy = head.copy()
    copy.update(text.encode())
    return copy.hexdigest()


def compared(column: str) -> pl.Expr:
    """What two values of a personal column must share to have one equality token.

    A number counts as it is now, whatever its separators; the record keeps what its
    source wrote, and the content hash reads that.
    """
    text = pl.col(column)
    if column.endswith("id_number"):
        return pl.coalesce(canonical_id(text), fold(text))
    if column.endswith("_contact"):
        return pl.coalesce(canonical_phone(text), fold(text))
    return fold(text)


def fold(text: pl.Expr) -> pl.Expr:
    """Text for equality: no case, no diacritics, single blanks."""
    plain = text.str.to_lowercase().str.normalize("NFD")
    bare = plain.str.replace_all(r"\p{M}", "").str.replace_all("đ", "d")
    return bare.str.replace_all(r"\s+", " ").str.strip_chars()
