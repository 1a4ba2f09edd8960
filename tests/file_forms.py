"""A register in every form of file that an office leaves in a drop folder."""

import csv
import html
import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import openpyxl
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P
from openpyxl.cell.cell import Cell

import connectors.legacy.codecs  # noqa: F401 - registers tcvn3, vni
from connectors.sources.base import FilesAt, FilesStream, SourceSpec, Stream

Rows: TypeAlias = Sequence[Sequence[str]]
Writer: TypeAlias = Callable[[Path, Sequence[str], Rows], FilesStream]

NAME = "so"
SHEET = "Sổ đơn"


def spec_of(
    form: str, folder: Path, header: Sequence[str], rows: Rows, batch_rows: int = 100
) -> SourceSpec:
    """Write the rows into `folder` as one register of that form (see FORMS), and say
    how it is read: one stream, `don`.

    An empty text is an empty cell. Raises UnicodeEncodeError when the form's encoding
    lacks a character.
    """
    read = FORMS[form](folder, header, rows)
    at = FilesAt(folder)
    streams = (Stream("don", read),)
    return SourceSpec("quang_tri", "qt_tep", "files", at, streams, 30, 1, batch_rows)


def delimited(
    encoding: str = "utf-8-sig", delimiter: str = ",", line_end: str = "\r\n"
) -> Writer:
    def write(folder: Path, header: Sequence[str], rows: Rows) -> FilesStream:
        body = csv_bytes([header, *rows], encoding, delimiter, line_end)
        (folder / f"{NAME}.csv").write_bytes(body)
        return FilesStream("*.csv", "csv", delimiter=delimiter, encoding=encoding)

    return write


def csv_bytes(
    rows: Rows, encoding: str, delimiter: str = ",", line_end: str = "\r\n"
) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=line_end)
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def xlsx(folder: Path, header: Sequence[str], rows: Rows) -> FilesStream:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = SHEET
    for at, row in enumerate([header, *rows], start=1):
        for column, text in enumerate(row, start=1):
            if text:
                cell = sheet.cell(at, column)
                assert isinstance(cell, Cell)
                cell.value, cell.data_type = text, "s"
    book.save(folder / f"{NAME}.xlsx")
    return FilesStream("*.xlsx", "xlsx")


def xls(folder: Path, header: Sequence[str], rows: Rows) -> FilesStream:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet(SHEET)
    for at, row in enumerate([header, *rows]):
        for column, text in enumerate(row):
            if text:
                sheet.write(at, column, text)
    book.save(str(folder / f"{NAME}.xls"))
    return FilesStream("*.xls", "xls")


def ods(folder: Path, header: Sequence[str], rows: Rows) -> FilesStream:
    book = OpenDocumentSpreadsheet()
    table = Table(name=SHEET)
    for row in [header, *rows]:
        line = TableRow()
        for text in row:
            cell = TableCell(valuetype="string") if text else TableCell()
            for part in text.split("\n") if text else ():
                cell.addElement(P(text=part))
            line.addElement(cell)
        table.addElement(line)
    book.spreadsheet.addElement(table)
    book.save(str(folder / f"{NAME}.ods"))
    return FilesStream("*.ods", "ods")


def html_page(folder: Path, header: Sequence[str], rows: Rows) -> FilesStream:
    lines = ["<html><head><meta charset=utf-8></head><body><table border=1>"]
    for row in [header, *rows]:
        cells = [html.escape(text).replace("\n", "<br>") for text in row]
        lines.append("<tr>" + "".join(f"<td>{c}</td>" for c in cells) + "</tr>")
    page = "\n".join([*lines, "</table></body></html>"])
    (folder / f"{NAME}.xls").write_text(page, encoding="utf-8")
    return FilesStream("*.xls", "html")


def zipped(inner: Writer, ending: str) -> Writer:
    def write(folder: Path, header: Sequence[str], rows: Rows) -> FilesStream:
        read = inner(folder, header, rows)
        loose = folder / f"{NAME}{ending}"
        with zipfile.ZipFile(folder / f"{NAME}.zip", "w", zipfile.ZIP_DEFLATED) as out:
            out.write(loose, f"Tháng 1/{loose.name}")
        loose.unlink()
        return FilesStream(
            "*.zip",
            read.format,
            member=f"*{ending}",
            delimiter=read.delimiter,
            encoding=read.encoding,
        )

    return write


# TCVN3 and VNI hold Vietnamese alone, and TCVN3 no capital letter with a tone.
FORMS: dict[str, Writer] = {
    "csv": delimited(),
    "csv-lf": delimited("utf-8", line_end="\n"),
    "tsv": delimited("utf-8", "\t"),
    "csv-semicolon-utf16": delimited("utf-16", ";"),
    "csv-pipe-utf16le": delimited("utf-16-le", "|"),
    "csv-tcvn3": delimited("tcvn3", ";"),
    "csv-vni": delimited("vni", "|"),
    "csv-zip": zipped(delimited(), ".csv"),
    "xlsx": xlsx,
    "xlsx-zip": zipped(xlsx, ".xlsx"),
    "xls": xls,
    "ods": ods,
    "html": html_page,
}
LEGACY = ("csv-tcvn3", "csv-vni")
