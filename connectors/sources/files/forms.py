"""What a file really is, by its first bytes; its name and the office may say else."""

import re
import zipfile
from enum import StrEnum
from typing import BinaryIO

from connectors.sources.files.packed import BROKEN

HEAD = 4096


class Form(StrEnum):
    """What a file is, in the words of a message."""

    XLSX = "an .xlsx workbook"
    ODS = "an .ods workbook"
    OLE = "an .xls workbook"
    HTML = "an HTML page with a table"
    XML_2003 = "an XML Spreadsheet 2003"
    ARCHIVE = "a ZIP archive"
    PDF = "a PDF"
    MHTML = "a single-file web page (MHTML)"
    SYLK = "a SYLK file"
    OTHER_ARCHIVE = "an archive other than ZIP (RAR, 7z or gzip)"
    TEXT = "delimited text"
    UNKNOWN = "of no form that is known here"


_STARTS = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Form.OLE),
    (b"\x09\x08\x10\x00", Form.OLE),
    (b"\x09\x08\x08\x00", Form.OLE),
    (b"\x09\x04\x06\x00", Form.OLE),
    (b"\x09\x02\x06\x00", Form.OLE),
    (b"\x09\x00\x04\x00", Form.OLE),
    (b"%PDF", Form.PDF),
    (b"Rar!", Form.OTHER_ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", Form.OTHER_ARCHIVE),
    (b"\x1f\x8b", Form.OTHER_ARCHIVE),
    (b"MIME-Version:", Form.MHTML),
    (b"ID;P", Form.SYLK),
)
_HTML = re.compile(
    rb"^\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|meta|style|table|body|div|tr)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML_2003 = b"urn:schemas-microsoft-com:office:spreadsheet"
_MARKS = re.compile(rb"^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)")


def form_of(file: BinaryIO) -> Form:
    """The form of a file, which is left at its beginning."""
    head = file.read(HEAD)
    file.seek(0)
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
        return _packed(file)
    for start, form in _STARTS:
        if head.startswith(start):
            return form
    return _text(head)


def _packed(file: BinaryIO) -> Form:
    try:
        with zipfile.ZipFile(file) as package:
            names = {name.replace("\\", "/").lower() for name in package.namelist()}
    except (*BROKEN, ValueError):
        return Form.ARCHIVE
    finally:
        file.seek(0)
    if "[content_types].xml" in names or any(n.startswith("xl/") for n in names):
        return Form.XLSX
    return Form.ODS if "content.xml" in names else Form.ARCHIVE


def _text(head: bytes) -> Form:
    # A UTF-16 page shows its marks once every other byte is out.
    bare = _MARKS.sub(b"", head).replace(b"\0", b"")
    if bare.lstrip().startswith(b"<?xml"):
        if _XML_2003 in bare:
            return Form.XML_2003
        bare = bare.partition(b"?>")[2]
    if _HTML.match(bare):
        return Form.HTML
    odd = sum(byte < 9 or 13 < byte < 28 for byte in bare)
    return Form.TEXT if bare and odd * 50 < len(bare) else Form.UNKNOWN
