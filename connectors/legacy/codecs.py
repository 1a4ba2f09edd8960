"""Python codecs tcvn3, tcvn5712_1, vni, viscii and vps; importing registers them.

They read and write NFC. Bytes that a table leaves out are read as Windows shows them;
what a table cannot write is a UnicodeEncodeError (TCVN3 has no `Ộ`: it is drawn by a
font of capitals).
"""

import codecs
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from connectors.legacy.tables import SINGLE_BYTE, VNI, VNI_WRITTEN, WINDOWS

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_Decode: TypeAlias = Callable[[bytes], str]
_Encode: TypeAlias = Callable[[str], "bytes | None"]

_ALIASES = {"abc": "tcvn3", "tcvn": "tcvn5712_1", "vni_win": "vni"}
VNI_SIGN = re.compile("|".join(sorted(map(re.escape, VNI), key=len, reverse=True)))
_VNI_BASES = frozenset(sign[0] for sign in VNI if len(sign) == 2)
_VNI_BYTES = {char: byte for byte, char in WINDOWS.items()}
# A mark cannot be told from the letter that it is elsewhere: it is not written.
_VNI_MARKS = frozenset(c for c in "".join(VNI) if not c.isascii())


def decode_vni(surface: str) -> str:
    """VNI text that was read as Latin-1 or cp1252."""
    return VNI_SIGN.sub(lambda sign: VNI[sign[0]], surface)


def _read_vni(data: bytes) -> str:
    return decode_vni("".join(WINDOWS.get(b, chr(b)) for b in data))


def _write_vni(char: str) -> bytes | None:
    signs = VNI_WRITTEN.get(char, char)
    if char not in VNI_WRITTEN and char in _VNI_MARKS:
        return None
    codes = [_VNI_BYTES.get(sign, ord(sign)) for sign in signs]
    return bytes(codes) if max(codes) < 256 else None


def _reader(table: tuple[str, ...]) -> _Decode:
    as_text = dict(enumerate(table))
    return lambda data: unicodedata.normalize(
        "NFC", data.decode("latin-1").translate(as_text)
    )


def _writer(table: tuple[str, ...]) -> _Encode:
    # Of two bytes that mean the same letter the higher one is written: below 20 they
    # are control characters too.
    bytes_of: Mapping[str, bytes] = {
        char: bytes([byte]) for byte, char in enumerate(table)
    }
    return bytes_of.get


_CODECS: dict[str, tuple[_Decode, _Encode, frozenset[int]]] = {
    name: (_reader(table), _writer(table), frozenset[int]())
    for name, table in SINGLE_BYTE.items()
} | {"vni": (_read_vni, _write_vni, frozenset(map(ord, _VNI_BASES)))}


def _info(name: str) -> codecs.CodecInfo | None:
    name = _ALIASES.get(name, name)
    if name not in _CODECS:
        return None
    read, write, bases = _CODECS[name]

    def encode(text: str, errors: str = "strict") -> tuple[bytes, int]:
        return _encoded(name, write, text, errors), len(text)

    # No byte is an error to these tables, so `errors` has nothing to say.
    def decode(data: "ReadableBuffer", _: str = "strict") -> tuple[str, int]:
        return read(bytes(data)), memoryview(data).nbytes

    class Decoder(codecs.BufferedIncrementalDecoder):
        def _buffer_decode(
            self, data: "ReadableBuffer", _: str, final: bool
        ) -> tuple[str, int]:
            # A letter at the end of a block waits for the mark that may follow.
            held = bytes(data)
            size = len(held)
            if held and not final and held[-1] in bases:
                size -= 1
            return read(held[:size]), size

    class Encoder(codecs.IncrementalEncoder):
        def encode(self, text: str, _: bool = False) -> bytes:
            return encode(text, self.errors)[0]

    class Reader(codecs.StreamReader):
        def decode(self, data: bytes, _: str = "strict") -> tuple[str, int]:
            return decode(data)

    class Writer(codecs.StreamWriter):
        def encode(self, text: str, errors: str = "strict") -> tuple[bytes, int]:
            return encode(text, errors)

    return codecs.CodecInfo(
        encode=encode,
        decode=decode,
        incrementalencoder=Encoder,
        incrementaldecoder=Decoder,
        streamreader=Reader,
        streamwriter=Writer,
        name=name,
    )


def _encoded(name: str, write: _Encode, text: str, errors: str) -> bytes:
    composed = unicodedata.normalize("NFC", text)
    made = []
    for place, char in enumerate(composed):
        code = write(char)
        if code is None:
            why = f"{name} has no code for the character"
            fault = UnicodeEncodeError(name, composed, place, place + 1, why)
            instead, _ = codecs.lookup_error(errors)(fault)
            code = instead if isinstance(instead, bytes) else instead.encode("ascii")
        made.append(code)
    return b"".join(made)


codecs.register(_info)
