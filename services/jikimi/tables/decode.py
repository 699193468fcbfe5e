"""Turn bytes into text without ever guessing: each encoding is tried strictly, and the order decides.

UTF-8 comes before CP949 because CP949 text is next to never valid UTF-8. It is always CP949 and never
EUC-KR: 똠, 펲 and 햏 stand only in the larger set.
"""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE

from jikimi.tables.refusal import refused

_BY_BOM = ((BOM_UTF8, "utf-8"), (BOM_UTF16_LE, "utf-16-le"), (BOM_UTF16_BE, "utf-16-be"))
_IN_ORDER = ("utf-8", "cp949")


def decode(data: bytes) -> str:
    """Return the text of *data*, without its byte order mark.

    Raises:
        FileRefused: no encoding fits; the reason names the furthest byte that any of them reached.
    """
    for bom, encoding in _BY_BOM:
        if data.startswith(bom):
            return _decode(data[len(bom) :], (encoding,), len(bom))
    return _decode(data, _IN_ORDER, 0)


def _decode(data: bytes, encodings: tuple[str, ...], before: int) -> str:
    reached = 0
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as wrong:
            reached = max(reached, wrong.start)
    raise refused("undecodable", offset=before + reached)
