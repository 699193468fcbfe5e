"""Tell a file's format by its content; a name proves nothing."""

import io
import lzma
import re
import struct
import zipfile
import zlib
from enum import StrEnum

from jikimi.tables.limits import FILE_BYTES, MIB
from jikimi.tables.refusal import refused

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
BROKEN_ZIP = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, OSError, ValueError, IndexError, NotImplementedError, RuntimeError),
)
"""What Python's zip reader raises, by and by, on files that are no whole zip."""

_MHTML = re.compile(rb"(?:[\w-]+:[^\n]*\n){0,20}?mime-version:", re.IGNORECASE)
_SPREADSHEETML = "urn:schemas-microsoft-com:office:spreadsheet"
_FOREIGN_OLE = ((b"HWP Document File", "HWP"), ("WordDocument".encode("utf-16-le"), "Word"))
_FOREIGN = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")


class Format(StrEnum):
    """A format that can be read; text is told apart further once it is decoded."""

    CSV = "csv"
    HTML = "html"
    MHTML = "mhtml"
    ODS = "ods"
    OFX = "ofx"
    SPREADSHEETML = "spreadsheetml"
    TEXT = "text"
    XLS = "xls"
    XLSX = "xlsx"


def sniff(data: bytes) -> Format:
    """Return the format of *data*.

    Raises:
        FileRefused: it is too large, empty, encrypted, cut short, or has no table by its very form.
    """
    if len(data) > FILE_BYTES:
        raise refused("too_large", limit=FILE_BYTES // MIB)
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise refused("empty_file")
    if data.startswith(_ZIP):
        return _sniff_zip(data)
    if data.startswith(_OLE):
        return _sniff_ole(data)
    if data.startswith(_FOREIGN):
        raise refused("unknown_format")
    if _MHTML.match(data[:4096]) and b"text/html" in data[:65_536].lower():
        return Format.MHTML
    return Format.OFX if _is_ofx(data) else Format.TEXT


def sniff_text(text: str) -> Format:
    """Return the format of decoded *text*."""
    start = text[:4096].lstrip().casefold()
    if not start.startswith("<"):
        return Format.CSV
    if "<table" in text.casefold() and _SPREADSHEETML in start and "<html" not in start.partition(_SPREADSHEETML)[0]:
        return Format.SPREADSHEETML
    if "<table" in text.casefold():
        return Format.HTML
    raise refused("unknown_format")


def _is_ofx(data: bytes) -> bool:
    """Tell whether the file begins as OFX does: with its header, or in XML with its outermost tag."""
    start = data[:4096].replace(b"\0", b"").lstrip(b" \t\r\n\xef\xbb\xbf\xff\xfe").lower()
    return start.startswith(b"ofxheader") or (start.startswith(b"<") and (b"<?ofx" in start or b"<ofx>" in start))


def _sniff_zip(data: bytes) -> Format:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = set(package.namelist())
    except BROKEN_ZIP as broken:
        raise refused("broken_workbook") from broken
    if "xl/workbook.xml" in names:
        return Format.XLSX
    if "xl/workbook.bin" in names:
        raise refused("save_as_xlsx", name="XLSB")  # what it hides could not be seen
    if "content.xml" in names:
        return Format.ODS
    raise refused("unknown_format")


def _sniff_ole(data: bytes) -> Format:
    if _ENCRYPTED in data:
        raise refused("password_needed")
    for mark, name in _FOREIGN_OLE:
        if mark in data and "Workbook".encode("utf-16-le") not in data:
            raise refused("save_as_xlsx", name=name)
    return Format.XLS
