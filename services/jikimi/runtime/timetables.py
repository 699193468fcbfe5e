"""What else may start a program on this machine, as text: the crontab, scheduled tasks, supervisord's own settings."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

_WITHIN_S = 10.0
_MOST_CHARACTERS = 2_000_000
_FOLDERS = ("/etc/cron.d", "/etc/supervisor/conf.d", "/etc/supervisord.d")
_FILES = ("/etc/crontab", "/etc/supervisord.conf", "/etc/supervisor/supervisord.conf")


def timetables() -> Mapping[str, str]:
    """Return every timetable that we may read, by the name that a person knows it by."""
    if sys.platform == "win32":
        return {"schtasks": _said("schtasks", "/query", "/fo", "csv", "/v")}
    files = {str(path): _text(path) for path in _paths()}
    return {"crontab -l": _said("crontab", "-l"), **files}


def programs_beside(folder: Path) -> Mapping[str, str]:
    """Return the batch files and shell scripts in *folder*, by path."""
    found = [
        path for ending in ("bat", "cmd", "ps1", "sh", "vbs", "conf") for path in sorted(folder.glob(f"*.{ending}"))
    ]
    return {str(path): _text(path) for path in found}


def _paths() -> Iterator[Path]:
    yield from map(Path, _FILES)
    for folder in _FOLDERS:
        yield from sorted(Path(folder).glob("*"))


def _said(*command: str) -> str:
    """Return what *command* prints; "" where there is no such program or it refuses."""
    try:
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False, timeout=_WITHIN_S)
    except (OSError, subprocess.SubprocessError):
        return ""
    return _decoded(done.stdout)


def _text(path: Path) -> str:
    try:
        return _decoded(path.read_bytes()) if path.is_file() else ""
    except OSError:
        return ""


def _decoded(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp949", "replace")
    return text[:_MOST_CHARACTERS]
