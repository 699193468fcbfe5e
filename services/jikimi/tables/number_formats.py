"""What a number format of a spreadsheet shows beside the number: a currency, or a unit."""

import re
from collections.abc import Mapping
from html import unescape

_LITERAL = re.compile(r'"([^"]*)"|\[\$([^\]-]*)(?:-[0-9A-Fa-f]*)?\]|\\(.)|([$€£¥₩])')
_NOT_SHOWN = re.compile(r"_.|\*.|\[(?!\$)[^\]]*\]")
_TIME = re.compile(r"[ymdhs]", re.IGNORECASE)
_MONEY = re.compile(
    r"[$€£¥₫฿]|(?<![A-Za-z])(?:USD|EUR|JPY|CNY|RMB|GBP|HKD|TWD|SGD|THB|VND|AUD|CAD|CHF)(?![A-Za-z])"
    r"|달러|엔|유로|위안|파운드|[백천만억]\s*원?",
    re.IGNORECASE,
)
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
    bare = _LITERAL.sub("", first)
    if _TIME.search(bare):
        return ""
    if _SCALED.search(bare):
        return code.strip()
    return words if words.casefold() not in _WON and _MONEY.search(words) else ""


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
