"""Workbooks written by hand, part by part: those that no library would write."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

# Styles 0: plain, 1: built-in date, 2: a date and time, 3: .VnTime, 4: .VnTimeH,
# 5: VNI-Times, 6: twelve zeros, 7: hours that go beyond a day, 8: years in quotes only.
STYLES = f"""<styleSheet xmlns="{MAIN}"><numFmts>
<numFmt numFmtId="164" formatCode="dd/mm/yyyy\\ hh:mm:ss"/>
<numFmt numFmtId="165" formatCode="000000000000"/>
<numFmt numFmtId="166" formatCode="[h]:mm:ss"/>
<numFmt numFmtId="167" formatCode="0&quot; ngày&quot;"/></numFmts>
<fonts><font><name val="Times New Roman"/></font><font><name val=".VnTime"/></font>
<font><name val=".VnTimeH"/></font><font><name val="VNI-Times"/></font></fonts>
<cellStyleXfs><xf numFmtId="14" fontId="1"/></cellStyleXfs>
<cellXfs><xf numFmtId="0" fontId="0"/><xf numFmtId="14" fontId="0"/>
<xf numFmtId="164" fontId="0"/><xf numFmtId="0" fontId="1"/>
<xf numFmtId="0" fontId="2"/><xf numFmtId="0" fontId="3"/>
<xf numFmtId="165" fontId="0"/><xf numFmtId="166" fontId="0"/>
<xf numFmtId="167" fontId="0"/></cellXfs>
<dxfs><dxf><font><name val=".VnTime"/></font></dxf></dxfs></styleSheet>"""


def sheet(rows: str, before: str = "", after: str = "", name: str = MAIN) -> str:
    """A sheet's XML around its rows."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{name}">{before}'
        f"<sheetData>{rows}</sheetData>{after}</worksheet>"
    )


def rows(*lines: list[str]) -> str:
    """Rows of cells, each the XML of one cell without its place: `t="n"><v>1</v>`."""
    return "".join(
        f'<row r="{at}">'
        + "".join(
            f'<c r="{chr(65 + column)}{at}" {cell}</c>'
            for column, cell in enumerate(line)
            if cell
        )
        + "</row>"
        for at, line in enumerate(lines, start=1)
    )


def text(value: str) -> str:
    """A cell of text that stands in the sheet itself."""
    return f't="inlineStr"><is><t xml:space="preserve">{value}</t></is>'


def parts(
    sheets: Mapping[str, str],
    shared: str | None = None,
    styles: str | None = STYLES,
    properties: str = "",
    office: str = OFFICE,
    name: str = MAIN,
) -> dict[str, str]:
    """The parts of a workbook: its sheets by name, strings (`<si>` each), styles."""
    links, tabs = [], []
    found = {}
    for at, (tab, xml) in enumerate(sheets.items(), start=1):
        links.append((f"rId{at}", "worksheet", f"worksheets/sheet{at}.xml"))
        tabs.append(f'<sheet name="{tab}" sheetId="{at}" r:id="rId{at}"/>')
        found[f"xl/worksheets/sheet{at}.xml"] = xml
    if shared is not None:
        links.append(("rIdS", "sharedStrings", "sharedStrings.xml"))
        found["xl/sharedStrings.xml"] = f'<sst xmlns="{name}">{shared}</sst>'
    if styles is not None:
        links.append(("rIdT", "styles", "styles.xml"))
        found["xl/styles.xml"] = styles
    book = (
        f'<workbook xmlns="{name}" xmlns:r="{office}">{properties}'
        f"<sheets>{''.join(tabs)}</sheets></workbook>"
    )
    return {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": relations([("rId1", "officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": book,
        "xl/_rels/workbook.xml.rels": relations(links),
        **found,
    }


def relations(links: list[tuple[str, str, str]]) -> str:
    """A part of relationships: id, kind, target."""
    lines = "".join(
        f'<Relationship Id="{i}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for i, kind, target in links
    )
    return f'<Relationships xmlns="{PACKAGE}">{lines}</Relationships>'


def save(path: Path, found: Mapping[str, str | bytes]) -> Path:
    """Pack the parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, part in found.items():
            out.writestr(name, part)
    return path


def book(path: Path, body: str, **more: str | None) -> Path:
    """A workbook with one sheet of those rows."""
    return save(path, parts({"Sổ": sheet(body)}, **more))  # type: ignore[arg-type]
