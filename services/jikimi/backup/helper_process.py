"""A program that we start ends when we end: an orphan would go on writing beside the next run."""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path


def bound(command: Sequence[str | Path]) -> list[str]:
    """Return *command* so that Linux kills it together with the process that starts it.

    By a program, not between fork and exec: there, beside the threads of a progress bar, Python may hang.
    """
    words = [str(word) for word in command]
    setpriv = shutil.which("setpriv") if sys.platform == "linux" else None
    return [setpriv, "--pdeathsig", "KILL", "--", *words] if setpriv else words
