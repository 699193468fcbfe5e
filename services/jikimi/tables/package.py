"""Unpack a zipped workbook within limits, and pack it again without compression.

The native reader behind `workbook` trusts what the zip says of itself, and lays out the whole rectangle
between the first and the last cell: a few hundred bytes can end the process. What it gets from here has
been unpacked once, has true sizes, and spans no more than a person's table does.
"""

import io
import re
import zipfile
from collections.abc import Iterator

from jikimi.tables.area import area
from jikimi.tables.limits import CELLS, FREE_BYTES, INFLATED_BYTES, MIB, RATIO
from jikimi.tables.refusal import refused
from jikimi.tables.sniff import BROKEN_ZIP, Format

_UNUSED = re.compile(r"\.(png|jpe?g|gif|emf|wmf|bmp)$|vbaProject\.bin$", re.IGNORECASE)
_CHUNK = MIB


def repack(data: bytes, kind: Format) -> bytes:
    """Return the workbook *data* as a plain, stored zip.

    Raises:
        FileRefused: it is broken, needs a password, or is larger inside than any table of a person's.
    """
    packed = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(packed, "w") as target:
            for name, content in _parts(source, len(data)):
                if area(name, content, kind) > CELLS:
                    raise refused("too_many_cells", limit=CELLS)
                target.writestr(zipfile.ZipInfo(name), content)
    except BROKEN_ZIP as broken:
        raise refused("broken_workbook") from broken
    return packed.getvalue()


def _parts(source: zipfile.ZipFile, size: int) -> Iterator[tuple[str, bytes]]:
    room = min(INFLATED_BYTES, max(FREE_BYTES, RATIO * size))
    if len(set(source.namelist())) < len(source.namelist()):
        raise refused("broken_workbook")
    for part in source.infolist():
        if part.flag_bits & 1:
            raise refused("password_needed")
        if part.is_dir() or _UNUSED.search(part.filename):
            continue
        content = _inflate(source, part, room)
        room -= len(content)
        yield part.filename, content


def _inflate(source: zipfile.ZipFile, part: zipfile.ZipInfo, room: int) -> bytes:
    content = bytearray()
    with source.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            content += chunk
            if len(content) > room:
                raise refused("inflates_too_much", limit=INFLATED_BYTES // MIB)
    return bytes(content)
