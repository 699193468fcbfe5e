"""The flows' own Python environment: what `flows/requirements.txt` asks for, beside all of ours.

It is made beside the one in use and takes its place only when it works, so that a mistake in the file stops nothing.
"""

import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from threading import Lock, Thread

import structlog

log = structlog.get_logger()
_READY = "ready"
_WITHIN_S = 900.0
_NAMED = re.compile(r"requirement ([A-Za-z0-9][\w.-]*)|Invalid requirement: '([^']+)'", re.IGNORECASE)
_LONGEST = 300


class NotInstalled(Exception):
    """The file asks for what cannot be had; *line* is 0 where nobody says which."""

    def __init__(self, line: int, problem: str) -> None:
        self.line, self.problem = line, problem
        super().__init__(problem)


class FlowEnvironment:
    """The environment of the flows in *flows*, kept below *folder*.

    Args:
        paths: what children need besides: our own packages.
        check: a module that must still be importable with all that was installed.
    """

    def __init__(self, flows: Path, folder: Path, paths: Sequence[str], check: str) -> None:
        self._file, self._folder = flows / "requirements.txt", folder
        self._paths, self._check = list(paths), check
        self._lock, self._tried = Lock(), ""
        self._making = Lock()

    @property
    def is_ours(self) -> bool:
        """Whether flows ask for nothing of their own, so that what the worker has loaded is what they get."""
        return not self._file.exists()

    def python(self) -> str:
        """Return the interpreter to start a child with now; what the file asks for anew is installed meanwhile."""
        wanted = self._wanted()
        if not wanted:
            return sys.executable
        if (self._folder / wanted / _READY).exists():
            return str(_python_of(self._folder / wanted))
        with self._lock:
            if self._tried != wanted:
                self._tried = wanted
                Thread(target=self.install, args=(wanted,), name="flows", daemon=True).start()
        ready = self._ready()
        return str(_python_of(ready[-1])) if ready else sys.executable

    def install(self, wanted: str = "") -> bool:
        """Make the environment that the file asks for; return whether it is there now. Never raises."""
        wanted = wanted or self._wanted()
        place = self._folder / wanted
        # two that make one place at once would each delete what the other has begun
        with self._making:
            if (place / _READY).exists():
                return True
            problem = self._try_making(place)
            if problem:
                shutil.rmtree(place, ignore_errors=True)
                log.error("flows.not_installed", file=self._file.name, line=problem.line, why=problem.problem)
                return False
            log.info("flows.installed", file=self._file.name)
            self._tidy(wanted)
        return True

    def _try_making(self, place: Path) -> NotInstalled | None:
        try:
            self._make(place)
        except NotInstalled as problem:
            return problem
        except (OSError, subprocess.SubprocessError) as error:
            return NotInstalled(0, str(error))
        return None

    def _tidy(self, wanted: str) -> None:
        """Remove what is neither in use now nor was before: a child may be at work out of the newest of those still."""
        for old in [place for place in self._ready() if place.name != wanted][:-1]:
            shutil.rmtree(old, ignore_errors=True)

    def _ready(self) -> list[Path]:
        """Return the environments that work, the newest last."""
        ready = sorted(self._folder.glob(f"*/{_READY}"), key=lambda path: path.stat().st_mtime)
        return [path.parent for path in ready]

    def _wanted(self) -> str:
        """Return the name of the environment for the file as it is now, "" without one."""
        try:
            text = self._file.read_bytes()
        except OSError:
            return ""
        return sha256(b"\0".join([text, sys.version.encode(), *map(str.encode, self._paths)])).hexdigest()[:16]

    def _make(self, place: Path) -> None:
        shutil.rmtree(place, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)
        venv.create(place, with_pip=True)
        python = str(_python_of(place))
        pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-q"]
        install = [*pip, "-r", str(self._file)]
        done = subprocess.run(install, capture_output=True, text=True, timeout=_WITHIN_S, check=False)
        if done.returncode:
            raise self._problem(done.stderr)
        found = [*place.glob("lib/python*/site-packages"), *place.glob("Lib/site-packages")]
        (found[0] / "jikimi.pth").write_text("\n".join(self._paths) + "\n", encoding="utf-8")
        tried = [python, "-c", f"import {self._check}"]
        done = subprocess.run(tried, capture_output=True, text=True, timeout=_WITHIN_S, check=False)
        if done.returncode:
            raise NotInstalled(0, f"with it our own programs do not start: {_last_line(done.stderr)}")
        (place / _READY).touch()

    def _problem(self, said: str) -> NotInstalled:
        """Return what pip complained of, with the line of the file that names it."""
        name = next((first or second for first, second in _NAMED.findall(said)), "").casefold()
        lines = self._file.read_text(encoding="utf-8", errors="replace").splitlines()
        line = next((number for number, text in enumerate(lines, 1) if name and name in text.casefold()), 0)
        errors = [text for text in said.splitlines() if text.startswith("ERROR")]
        return NotInstalled(line, (errors or [_last_line(said)])[-1].removeprefix("ERROR: ")[:_LONGEST])


def _python_of(place: Path) -> Path:
    return place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "")[:_LONGEST]
