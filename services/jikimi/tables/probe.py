"""Let a child process open a workbook first: the native reader ends its process on some damaged files.

What it cannot allocate it does not report but aborts on, and no `except` sees that. The worker that reads
files must outlive them, so one is opened here only after a child has opened it and lived.
"""

import subprocess
import sys

from jikimi.tables.refusal import refused

_SECONDS = 120
_LIVED = (0, 1)
"""Done, or an exception in Python: that one the caller will meet itself, and can name."""

_OPEN_EVERY_SHEET = """
import io, sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except (ImportError, ValueError, OSError):
    pass
from python_calamine import CalamineWorkbook
book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
for name in book.sheet_names:
    book.get_sheet_by_name(name).to_python(skip_empty_area=False)
"""


def probe(data: bytes) -> None:
    """Make sure that the workbook *data* can be opened by this process and leave it alive.

    Raises:
        FileRefused: the child that tried did not live.
    """
    try:
        command = [sys.executable, "-c", _OPEN_EVERY_SHEET]
        ended = subprocess.run(command, input=data, capture_output=True, check=False, timeout=_SECONDS)
    except subprocess.TimeoutExpired as stuck:
        raise refused("broken_workbook") from stuck
    if ended.returncode not in _LIVED:
        raise refused("broken_workbook")
