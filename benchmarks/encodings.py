"""How much old-font text comes out right, and how much correct text is damaged: none.

`python -m benchmarks.encodings` prints the table over ../shared/data.
"""

import csv
import json
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import polars as pl
import xlrd

import connectors.legacy.codecs  # noqa: F401 - registers tcvn3 and vni
from connectors.legacy.fonts import encoding_of_font
from flows.engine.normalise.text import clean, clean_all

DATA = Path(__file__).parents[2] / "shared" / "data"
ENCODINGS = DATA / "encodings"
NO_TOKENS = pl.Series([""])
Case = tuple[str, str]  # as it was read, as it should be

# Words of other languages, names of minorities, brands, units and signs.
_STRANGE = (
    "déjà vu|naïve|Noël|Québec|Citroën|Loïc|laïc|Caïn|Thaï|Hanoï|où|août|goût|École"
    "|château|français|José|García|España|niño|São Paulo|leões|Zürich|Köln|Straße|für"
    "|gång|lång|på|Søren|tæt|Škoda|Nestlé|L'Oréal|leány|meän|teát|Caém|Lü|Dvořák|réel"
    "|ABC®|© 2024|Công ty ABC™|§ 5|§5|20°C|100 m²|m³|1½|¼ kg|±5%|10 µm|«texte»|« Ban »"
    "|Nº 5|N° 12|Mª|€|£5|¥|·|A·B|N·m|kW·h|2×3|a×b|6÷2|Ø20|H¹|5¹|¿Qué?|“Hà”|XÃ”|LÃ²"
    "|Ê Đê|Ba Na|Y Blô Niê|H'Mông|Krông Nô|Êban|Kpă|Rơ Châm|M'Nông|Tà Ôi|Thạch Sô Kha"
    "|Ðông Anh|QÐ-UBND|a@b.vn|http://a.vn/?q=é|nh\u00ad|co\u00adop|XÃ\u00a0LAI|HOÀ|quì"
    "|nGUYỄN|tÂN bÌNH|kÔNG|allá»…|ñ|Ñ|ß|þ|ü|æ|ø|Complaint No. 12|ISO 9001:2015|HTTP 404"
)
STRANGE = _STRANGE.split("|")
# Text, not the numbers of a binary file: two words with small letters.
_WORDS = re.compile(r"[A-Za-z]{2}\S* \S*[A-Za-z]{2}")
_TONES = "\u0300\u0301\u0303\u0309\u0323"


def rows(name: str, delimiter: str = "\t") -> list[dict[str, str]]:
    """A table of the shared data."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        if delimiter == "\t":
            return [*csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
        return [*csv.DictReader(file)]


def shown(data: bytes, page: str = "cp1252") -> str:
    """Bytes as a Windows program shows them; what the page leaves out as C1."""
    return "".join(bytes([b]).decode(page, "ignore") or chr(b) for b in data)


def cp1258(text: str) -> bytes:
    """Text in Windows' Vietnamese page, tones after their letters."""
    made = ""
    for char in text:
        parts = unicodedata.normalize("NFD", char)
        letter = "".join(c for c in parts if c not in _TONES)
        tone = "".join(c for c in parts if c in _TONES)
        made += unicodedata.normalize("NFC", letter) + tone
    return made.encode("cp1258")


def phrases() -> list[tuple[str, Case]]:
    """Phrases quoted from real documents, with the encoding."""
    return [
        (row["encoding"], (row["legacy_as_latin1"], row["unicode_nfc"]))
        for row in rows("encodings/phrases_real.tsv")
    ]


def law() -> list[tuple[str, Case]]:
    """Lines of the law in each encoding that two converters agree on."""
    found = []
    for row in rows("encodings/law_lines_reencoded.tsv"):
        right = row["unicode_nfc"]
        if row["tcvn3_agrees_viparse"] == "1":
            old = row["tcvn3_as_latin1"]
            found.append(("tcvn3", (old, right)))
            found.append(
                ("tcvn3 as cp1258", (shown(old.encode("latin-1"), "cp1258"), right))
            )
        if row["vni_agrees_viparse"] == "1":
            found.append(("vni", (row["vni_as_latin1"], right)))
        for page in ("latin-1", "cp1252"):
            old = shown(bytes.fromhex(row["cp1258_hex"]), page)
            found.append((f"cp1258 as {page}", (old, right)))
        for page in ("latin-1", "cp1252", "cp1258"):
            once = shown(right.encode(), page)
            found.append((f"utf-8 as {page}", (once, right)))
            found.append(
                (f"utf-8 twice as {page}", (shown(once.encode(), page), right))
            )
    return found


def places() -> list[tuple[str, Case]]:
    """Names of places, alone in their cells: the hardest, for they are short."""
    found = []
    for right in names():
        old = {
            "vni": shown(right.encode("vni")),
            "cp1258": shown(cp1258(right)),
            "utf-8": shown(right.encode()),
        }
        with suppress(UnicodeEncodeError):  # a capital with a tone: TCVN3 has none
            old["tcvn3"] = right.encode("tcvn3").decode("latin-1")
        cases = ((name, (text, right)) for name, text in old.items() if text != right)
        found += [(f"place in {name}", case) for name, case in cases]
    return found


def names() -> list[str]:
    """Every name of a province, district or ward, old and new."""
    columns = (
        ("wards_old_63", "ward"),
        ("wards_new_34", "ward"),
        ("districts_old", "district"),
        ("provinces_63", "name"),
    )
    found = {row[c] for f, c in columns for row in rows(f"ref/{f}.csv", ",")}
    return sorted(found - {""})


def score(cases: Iterable[tuple[str, Case]]) -> dict[str, Counter[str]]:
    """By encoding how many cells are right, wrong, left as they are."""
    table: dict[str, Counter[str]] = {}
    listed = list(cases)
    read = clean(pl.Series([old for _, (old, _) in listed]), NO_TOKENS).text
    for (name, (old, right)), now in zip(listed, read, strict=True):
        kind = "left" if now == _plain(old) else "wrong"
        kind = "right" if now == right else kind
        table.setdefault(name, Counter())[kind] += 1
    return table


def good_lines(seed: int = 7) -> Iterator[str]:
    """Correct text: names, addresses, law, their pieces, with words of other languages,
    signs and codes; above all words whose letters an old encoding could show too."""
    chance = random.Random(seed)
    places_known = names()
    lines = [row["unicode_nfc"] for row in rows("encodings/law_lines_reencoded.tsv")]
    words = sorted({w for line in (*lines, *places_known) for w in line.split()})
    latin = [w for w in words if not w.isascii() and max(map(ord, w)) < 256]
    made = [*places_known, *lines, *latin, *STRANGE]
    for _ in range(6000):
        made.append(", ".join(chance.sample(places_known, 3)))
        piece = chance.choice(lines).split()
        start = chance.randrange(len(piece))
        made.append(" ".join(piece[start : start + chance.randint(1, 9)]))
        made.append(" ".join(chance.choices(latin, k=chance.randint(1, 6))))
        code = f"{chance.randint(1, 999)}/QĐ-BHXH"
        both = [chance.choice(STRANGE), chance.choice(made), code]
        chance.shuffle(both)
        made.append(" ".join(both[: chance.randint(2, 3)]))
    for text in made:
        decomposed = unicodedata.normalize("NFD", text)
        yield from (text, text.upper(), text.title(), text.lower(), decomposed)


def damaged(lines: Iterable[str]) -> list[str]:
    """Of correct lines those that do not come out as they were, but for NFC."""
    listed = list(lines)
    read = clean(pl.Series(listed), NO_TOKENS).text
    return [
        line
        for line, now in zip(listed, read, strict=True)
        if (now or "") != _plain(line)
    ]


def _plain(line: str) -> str:
    return unicodedata.normalize("NFC", line).replace("\u00a0", " ").strip()


def cells(book: Path) -> list[tuple[str, str | None]]:
    """The text cells of a workbook with the encoding of their fonts."""
    read = xlrd.open_workbook(str(book), formatting_info=True)
    found = []
    for sheet in read.sheets():
        for row in range(sheet.nrows):
            for column in range(sheet.ncols):
                if sheet.cell_type(row, column) == xlrd.XL_CELL_TEXT:
                    style = read.xf_list[sheet.cell_xf_index(row, column)]
                    font = read.font_list[style.font_index].name
                    text = sheet.cell_value(row, column)
                    found.append((text, encoding_of_font(font)))
    return found


def runs(document: Path) -> list[str]:
    """The text runs of a .doc or .rtf, crudely: no reader of such files is here."""
    data = document.read_bytes()
    if document.suffix == ".rtf":
        text = data.decode("latin-1")
        text = re.sub(r"\\'([0-9a-f]{2})", lambda m: chr(int(m[1], 16)), text)
        text = re.sub(r"\\(?:par|cell|row|line|tab)\b ?", "\r", text)
        text = re.sub(r"\\[a-z]+-?[0-9]* ?|[{}\n]", "", text)
    else:
        text = data.decode("latin-1")
    found = re.findall(r"[ -~\xa0-\xff\x91-\x97]{6,}", text)
    return [run for run in found if not run.isascii() and _WORDS.search(run)]


def documents() -> dict[str, Counter[str]]:
    """By real document how many cells or runs with signs are right, wrong, left."""
    table = {}
    for expected in sorted((ENCODINGS / "real").glob("*.expected.txt")):
        document = expected.with_name(expected.name.removesuffix(".expected.txt"))
        encoding = document.name.partition("__")[0]
        whole = _compared(expected.read_text(encoding="utf-8"))
        if document.suffix == ".xls":
            told = cells(document)
            table[f"{document.name}, by font"] = _of_document(told, whole, encoding)
            told = [(text, None) for text, _ in told]
        else:
            told = [(text, None) for text in runs(document)]
        table[f"{document.name}, by content"] = _of_document(told, whole, encoding)
    return table


def _of_document(
    told: list[tuple[str, str | None]], whole: str, encoding: str
) -> Counter[str]:
    told = [(text, font) for text, font in told if not text.isascii()]
    texts = pl.DataFrame({"c": [text for text, _ in told]})
    fonts = [json.dumps({"c": font}) if font else None for _, font in told]
    column = clean_all(texts, NO_TOKENS, pl.Series(fonts, dtype=pl.String))["c"]
    counts = Counter[str]()
    ways = column.repaired
    for place, text in enumerate(column.text):
        if ways is None or ways[place] is None:
            counts["left"] += 1
        else:
            # A run may be cut, or stand in a table that the expected text leaves out.
            now = _compared(text or "")
            other = _compared(_by_table(encoding, told[place][0]))
            is_right = now in whole or now == other
            counts["right" if is_right else "wrong"] += 1
    return counts


def _by_table(encoding: str, text: str) -> str:
    """The text as another project's table reads it, the longest sign first."""
    table = {
        row["legacy_surface"]: row["unicode"]
        for row in rows("encodings/legacy_tables.tsv")
        if row["encoding"] == encoding
    }
    signs = sorted(map(re.escape, table), key=len, reverse=True)
    return re.sub("|".join(signs), lambda sign: table[sign[0]], text)


def _compared(text: str) -> str:
    """Case is lost in TCVN3, and blanks in the expected text."""
    return " ".join(text.split()).casefold()


def main() -> None:
    """Print the table."""
    table = score([*phrases(), *law(), *places()]) | documents()
    print("| encoding | right | wrong | left alone |\n| --- | --- | --- | --- |")
    for name, found in table.items():
        print(f"| {name} | {found['right']} | {found['wrong']} | {found['left']} |")
    lines = [*good_lines()]
    print(f"\ncorrect lines: {len(lines):,}, damaged: {len(damaged(lines)):,}")


if __name__ == "__main__":
    main()
