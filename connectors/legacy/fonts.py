"""The encoding of a cell's text by the name of the font that draws it."""

import re

# ABC's family begins with ".Vn". Without the dot `Vn` is also how other makers begin
# (ĐHBK, Vietware), so there only the families that ABC alone had are taken.
_ABC = re.compile(r"\.\s*vn[a-z0-9]", re.IGNORECASE)
_ABC_UNDOTTED = re.compile(
    r"vn(?:time|arial|avant|courier|clarendon)(?![a-gi-z])", re.I
)
# "VNI-Times", "VNI Helve", "VniAptima"; UVN, UTM, SVN and VNF fonts hold Unicode.
_VNI = re.compile(
    r"vni(?:[-_ ]|$|times|helv|aptima|ari|avo|bodon|book|cent|cour|free|univers)", re.I
)
_DRESS = re.compile(r"(?:[\s,]+(?:bold|italic|regular|normal|đậm))+$", re.IGNORECASE)


def encoding_of_font(name: str) -> str | None:
    """`tcvn3`, `tcvn3_capitals`, `vni`, or None: the font holds Unicode, or who knows.

    `tcvn3_capitals`: the font (.VnTimeH) draws small letters' codes as capitals.
    """
    plain = _DRESS.sub("", name.strip().strip("@'\"").strip())
    if _VNI.match(plain):
        return "vni"
    if not _ABC.match(plain) and not _ABC_UNDOTTED.match(plain):
        return None
    return "tcvn3_capitals" if _draws_capitals(plain) else "tcvn3"


def _draws_capitals(name: str) -> bool:
    """An H at the end: of `.VnTimeH`, `.vntimeh`, but not of a name like `.VnBrush`."""
    if name.endswith("H"):
        return True
    return name.endswith("h") and bool(
        re.match(r"\.?\s*vn\w*(?:time|arial|avant)", name)
    )
