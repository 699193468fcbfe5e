"""Where browsers and their drivers keep what nobody needs after them: a folder a child, removed when it is gone.

A browser removes its profile itself, unless it is ended by force: without this the system's temporary folder would
fill with profiles, and with what a session had in them.
"""

import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir, mkdtemp

from jikimi.unit.process_tree import born

VARIABLE = "JIKIMI_SCRATCH"
_NAME = "jikimi-scratch-"
_COMPILED = "compiled"


class Scratch:
    """The folder of one parent, which nobody else may read; what parents before it have left is removed."""

    def __init__(self) -> None:
        # in a container each parent has the same number
        _remove(Path(gettempdir()), _NAME, lambda pid: pid == os.getpid() or not born(pid))
        self.folder = Path(mkdtemp(prefix=f"{_NAME}{os.getpid()}-"))

    def environment(self) -> Mapping[str, str]:
        """Return what children are told: where the folder is, and where a driver finds itself compiled already."""
        return {VARIABLE: str(self.folder), "NODE_COMPILE_CACHE": str(self.folder / _COMPILED)}

    def tidy(self) -> None:
        """Remove what children have left that are gone; make the folder anew if somebody has cleaned it away."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        tidy(self.folder)

    def close(self) -> None:
        """Remove all of it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def tidy(folder: Path) -> None:
    """Remove what children of one parent have left that are gone."""
    _remove(folder, "", lambda pid: not born(pid))


def of_child(folder: Path) -> Mapping[str, str]:
    """Make this process's own folder in its parent's; return what tells those whom it starts to keep to it."""
    own = folder / str(os.getpid())
    own.mkdir(exist_ok=True)
    return dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(own))


def is_compiled(folder: Path) -> bool:
    """Return whether a driver has written down what it has compiled: it does so once, when it ends by itself."""
    return any((folder / _COMPILED).glob("*/*"))


def _remove(folder: Path, name: str, is_left: Callable[[int], bool]) -> None:
    """Remove our own folders that bear *name* and the number of a process that has left them."""
    for path in folder.glob(f"{name}*"):
        number = path.name.removeprefix(name).partition("-")[0]
        with suppress(OSError):  # it may be gone by now
            is_own = path.lstat().st_uid == getattr(os, "geteuid", int)()
            if is_own and number.isdigit() and is_left(int(number)):
                shutil.rmtree(path, ignore_errors=True)
