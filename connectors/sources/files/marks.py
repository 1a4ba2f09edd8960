"""Whether a text file's first bytes contradict the encoding that the preset says."""

import codecs

BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Codecs that read the file with that mark at its head.
READS = {
    "utf-8-sig": ("utf-8", "utf-8-sig"),
    "utf-16": ("utf-16",),
    "utf-32": ("utf-32",),
}
NAMES = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16", "utf-32": "UTF-32"}
# As many Vietnamese letters in UTF-8 do not stand in another encoding by accident.
SURE = 4


def encoding_fault(encoding: str, head: bytes) -> str | None:
    """What is wrong and what to set, or None: `head` is how the file begins."""
    declared = codecs.lookup(encoding).name
    for mark, name in BOMS:
        if head.startswith(mark):
            exact = declared.replace("-le", "").replace("-be", "") == name
            side = "be" if mark == codecs.BOM_UTF16_BE else "le"
            if declared in READS[name] or (exact and declared.endswith(side)):
                return None
            return _fault(f"begins with the mark of {NAMES[name]}", encoding, name)
    wide = _wide(head)
    if wide and not declared.startswith(("utf-16", "utf-32")):
        return _fault("is UTF-16 without a mark", encoding, wide)
    if not declared.startswith("utf") and _is_utf8(head):
        return _fault("is UTF-8", encoding, "utf-8-sig")
    if not wide and declared.startswith("utf-16") and head.isascii() and len(head) > 1:
        return _fault("is plain ASCII or UTF-8", encoding, "utf-8-sig")
    return None


def _fault(found: str, encoding: str, better: str) -> str:
    return (
        f'{found}; the preset says {encoding}. Set encoding = "{better}" in the '
        "preset's stream"
    )


def _wide(head: bytes) -> str | None:
    """UTF-16 by its zero bytes: half of a register is digits, marks and blanks."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) * 6 < len(head) or min(even, odd) * 10 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _is_utf8(head: bytes) -> bool:
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return sum(ord(sign) > 127 for sign in text) >= SURE
