"""Texts that sources must bring through unchanged."""

import unicodedata

_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
# The 134 letters of Vietnamese that ASCII lacks, each composed.
LETTERS = tuple(
    letter
    for base in "aăâeêioôơuưyđ"
    for tone in (_TONES if base != "đ" else ("",))
    for letter in unicodedata.normalize("NFC", base + tone + base.upper() + tone)
    if not letter.isascii()
)
DECOMPOSED = tuple(unicodedata.normalize("NFD", letter) for letter in LETTERS)

ODD: dict[str, str] = {
    "phrase": "Đề nghị giải quyết chế độ hưu trí, trợ cấp một lần",
    "capitals": "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM ĐỘC LẬP",
    "two forms": "Hoà\u0300 Ho\u0061\u0300",
    "emoji": "😀 đơn 👨‍👩‍👧 \U00020000",  # beyond the first plane, and joined
    "typographer": "“Đơn” – số ‘2’ … №",
    "joiners": "a\u200bb\u200d\ufeffc\u00a0d",
    "quotes": 'nói: "chi trả" và \'hưu\' "',
    "one quote": '"',
    "delimiters": "a,b;c|d\te",
    "line break": "dòng một\ndòng hai\n\ndòng bốn",
    "windows break": "dòng một\r\ndòng hai",
    "ends in a break": "dòng một\n",
    "outer blanks": "  hai trước và ba sau   ",
    "only blanks": "   ",
    "inner blanks": "a  b   c",
    "backslash": "C:\\don\\n \\' \\",
    "leading zeros": "007",
    "exponent": "1e5",
    "decimal": "1.0",
    "comma decimal": "12,50",
    "long number": "001090012345678901234567890",
    "date": "01/02/2026",
    "boolean": "TRUE",
    "null word": "NULL",
    "none word": "None",
    "nan word": "nan",
    "not there": "#N/A",
    "formula": "=1+1",
    "phone": "+84 912 345 678",
    "minus": "-",
    "at": "@SUM(A1)",
    "comment": "# ghi chú",
    "injection": "'; DROP TABLE don; --",
    "marks": "100% {0} %s ${HOME} <b>&amp;</b> &lt;",
    "escape of a workbook": "_x000D_ và _x0041_",
    "dollar": "$1 \\1",
    "long": "Nội dung đơn rất dài ạ. " * 1250,  # 30,000: a cell of Excel has 32,767
}
