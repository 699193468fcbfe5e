"""The process of a driven program, and the home folder that it gets for one attempt."""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import mkdtemp

from jikimi.clock import Clock
from jikimi.rpa.errors import Application

_DOWNLOADS = "Downloads"
_OUTPUT = "output.log"
_ENDS_WITHIN_S = 5.0
_UNCHANGED_S = 0.3
# util-linux: whatever ends this process, and be it SIGKILL, ends what it has started
ENDS_WITH_US = ("setpriv", "--pdeathsig", "KILL", "--")


class Program:
    """One program at a time."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._home = Path(mkdtemp(prefix="jikimi-desktop-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = {
            **environment,
            "HOME": str(self._home),
            "XDG_CONFIG_HOME": str(self._home / ".config"),
            "XDG_DOWNLOAD_DIR": str(self._home / _DOWNLOADS),
        }
        (self._home / _DOWNLOADS).mkdir()
        # where programs that ask their desktop look
        (self._home / ".config").mkdir()
        (self._home / ".config/user-dirs.dirs").write_text(f'XDG_DOWNLOAD_DIR="$HOME/{_DOWNLOADS}"\n', encoding="utf-8")

    @property
    def pid(self) -> int:
        """Its process, 0 before the first start."""
        return self._process.pid if self._process is not None else 0

    def start(self, command: Sequence[str]) -> None:
        """Start *command* in the place of what ran before.

        Raises:
            Application: there is no such program.
        """
        self.end()
        if not command or shutil.which(command[0], path=self._environment.get("PATH")) is None:
            raise Application(why=f"there is no program {' '.join(command[:1])!r}")
        with (self._home / _OUTPUT).open("wb") as output:
            self._process = subprocess.Popen(
                [*ENDS_WITH_US, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environment,
                cwd=self._home,
                start_new_session=True,
            )

    def why_ended(self) -> str | None:
        """Return how it ended and its last word; None while it runs, and before it is started."""
        if self._process is None or (code := self._process.poll()) is None:
            return None
        said = (self._home / _OUTPUT).read_text(encoding="utf-8", errors="replace").split("\n")
        last = next((line for line in reversed(said) if line.strip()), "")
        return f"it ended with {code}: {last}".rstrip(": ")

    def downloads(self) -> set[Path]:
        """Return the files in its folder of downloads."""
        return set((self._home / _DOWNLOADS).iterdir())

    def is_whole(self, file: Path, clock: Clock) -> bool:
        """Return whether *file* has something in it and grows no more."""
        before = _size(file)
        clock.wait(_UNCHANGED_S)
        return 0 < before == _size(file)

    def take(self, file: Path, folder: Path) -> Path:
        """Move *file* into *folder*, and return it there."""
        return Path(shutil.move(file, folder / file.name))

    def end(self) -> None:
        """End it, stopped or not, with all that it has started."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_ENDS_WITHIN_S)

    def close(self) -> None:
        """End it, and take its home away; never raises."""
        self.end()
        shutil.rmtree(self._home, ignore_errors=True)


def _size(file: Path) -> int:
    with contextlib.suppress(OSError):
        return file.stat().st_size
    return 0
