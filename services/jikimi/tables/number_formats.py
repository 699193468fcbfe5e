"""What a number format of a spreadsheet shows beside the number: a currency, or a unit."""

import re
from collections.abc import Mapping
from html import unescape

_LITERAL = re.compile(r'"([^"]*)"|\[\$([^\]-]*)(?:-[0-9A-Fa-f]*)?\]|\\(.)|([$€£¥₩])')
_NOT_SHOWN = re.compile(r"_.|\*.|\[(?!\$)[^\]]*\]")
_SCALED = re.compile(r"[0#?],+(?![0#?,])")
_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\b([^>]*)>")
_CELL_STYLES = re.compile(rb"<(?:\w+:)?cellXfs\b[^>]*>(.*?)</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(rb"<(?:\w+:)?xf\b([^>]*)>")
_WON = frozenset({"₩", "원", "krw", "won", "￦", "\\"})


def shown_beside(code: str) -> str:
    """Return the words that *code* shows beside a number above zero, "" if they are none or the won's own.

    A format that hides thousands (`#,##0,`) shows another number than is stored; it returns the format itself.
    """
    first = _first_part(_NOT_SHOWN.sub("", code))
    words = "".join("".join(found) for found in _LITERAL.findall(first)).strip(" ()-+")
    if _SCALED.search(_LITERAL.sub("", first)):
        return code.strip()
    return "" if words.casefold() in _WON else words if any(sign.isalpha() or sign in "$€£¥" for sign in words) else ""


def _first_part(code: str) -> str:
    quoted = False
    for place, sign in enumerate(code):
        quoted ^= sign == '"'
        if sign == ";" and not quoted:
            return code[:place]
    return code


def styles(xml: bytes) -> Mapping[int, str]:
    """Return what each cell style of `styles.xml` shows beside a number, without those that show nothing."""
    codes = {_attribute(tag, b"numFmtId"): _text(_attribute(tag, b"formatCode")) for tag in _FORMAT.findall(xml)}
    cells = _CELL_STYLES.search(xml)
    used = [_attribute(tag, b"numFmtId") for tag in _STYLE.findall(cells[1])] if cells else []
    shown = {place: shown_beside(codes.get(number, "")) for place, number in enumerate(used)}
    return {place: words for place, words in shown.items() if words}


def _attribute(tag: bytes, name: bytes) -> bytes:
    found = re.search(rb"(?<![\w:])" + name + rb"""\s*=\s*(?:"([^"]*)"|'([^']*)')""", tag)
    return (found[1] or found[2] or b"") if found else b""


def _text(raw: bytes) -> str:
    return unescape(raw.decode("utf-8", "replace"))
