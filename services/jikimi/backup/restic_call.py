"""One call of the restic program: its key by a file, its answer as JSON lines, its end in time."""

import json
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any

from jikimi.backup.helper_process import bound
from jikimi.backup.port import NotStored, Told, nobody
from jikimi.config.load import inherited
from jikimi.errors import NotWell
from jikimi.text import Text
from jikimi.unit.dies_with_parent import take_along

OLDEST = (0, 17, 1)  # older ones say 1 for every failure
_LONG_S, _SHORT_S = 4 * 3600.0, 600.0
_LONG = frozenset({"backup", "restore", "check", "prune", "repair", "copy"})
_TERM_S = 10.0  # it removes its lock when it is asked to end
_PERCENT = re.compile(rb"\]\s+(\d+(?:\.\d+)?)%")


class Code(IntEnum):
    """What restic's exit codes mean."""

    WELL = 0
    FAILED = 1
    PARTLY = 3
    NO_REPOSITORY = 10
    LOCKED = 11
    WRONG_KEY = 12


class NoRestic(NotWell):
    """The repository is restic's, and restic is not here."""

    what = Text("restic 0.17.1 이상이 필요합니다", "restic 0.17.1 or newer is needed")
    remedy = Text(
        'restic을 설치하거나, jikimi.toml에 [backup] engine = "file"을 적고 `jikimi backup init`',
        'install restic, or set [backup] engine = "file" in jikimi.toml and run `jikimi backup init`',
    )


@dataclass(frozen=True, slots=True)
class Called:
    """What came of a call: *summary* is the last one that was printed, *errors* those about single files."""

    code: int
    raw: bytes = b""
    said: str = ""
    summary: Mapping[str, Any] = field(default_factory=dict)
    errors: tuple[Mapping[str, Any], ...] = ()

    @property
    def out(self) -> str:
        """The standard output as text."""
        return self.raw.decode(errors="replace")

    def why(self) -> str:
        """Return the last words of it."""
        texts = [str(error.get("error", {}).get("message", "")) for error in self.errors]
        lines = [line for line in self.said.splitlines() if line.strip()]
        return "; ".join([*texts, *lines][-3:]) or f"exit code {self.code}"


_MEMORY = "96MiB"
"""What its heap is kept to: opening a repository takes 64 MB, and a container of 256 MB holds us as well."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How a repository is reached that is not a folder: options of the program, and names of its environment."""

    options: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


class Restic:
    """The program with its repository and its key file.

    Args:
        repository: a folder, or an address as restic writes it.
        cache: where it keeps what it has read; may be lost.
    """

    def __init__(self, program: Path, repository: Path | str, key: Path, cache: Path, reach: Reach = Reach()) -> None:
        self._program, self._repository, self._key, self._cache = program, repository, key, cache
        self._reach = reach

    def with_key(self, key: Path) -> "Restic":
        """Return the same with another key."""
        return Restic(self._program, self._repository, key, self._cache, self._reach)

    def as_source(self) -> dict[str, str]:
        """Return the environment by which another repository is filled from this one."""
        return {"RESTIC_FROM_REPOSITORY": str(self._repository), "RESTIC_FROM_PASSWORD_FILE": str(self._key)}

    def call(
        self,
        *words: str,
        told: Told = nobody,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        within_s: float | None = None,
    ) -> Called:
        """Run it to its end.

        Args:
            within_s: how long that may take, in seconds, if not as long as such a call commonly may.

        Raises:
            NotStored: the program is gone, or did not end in time and was ended.
        """
        asks = ["--json"] if words[0] in ("backup", "restore") else []
        # whatever else this machine is set up for, it works with what the settings say
        given = {name: value for name, value in inherited().items() if not name.startswith(("RESTIC_", "AWS_"))}
        given |= {
            "RESTIC_REPOSITORY": str(self._repository),
            "RESTIC_PASSWORD_FILE": str(self._key),
            "RESTIC_CACHE_DIR": str(self._cache),
            "RESTIC_PROGRESS_FPS": "4",
            "GOMEMLIMIT": _MEMORY,
            **self._reach.environment,
            **(environment or {}),
        }
        options = [word for option in self._reach.options for word in ("-o", _as_csv(option))]
        try:
            child = subprocess.Popen(
                bound([self._program, *asks, "--retry-lock", "1m", *options, *words]),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=given, cwd=folder,
            )  # fmt: skip
        except OSError as error:
            raise NotStored(doing=f"restic {words[0]}", why=str(error)) from error
        take_along(child.pid)
        limit = within_s or (_LONG_S if words[0] in _LONG else _SHORT_S)
        return self._until_it_ends(child, words[0], told, limit, is_json=bool(asks))

    def _until_it_ends(
        self, child: "subprocess.Popen[bytes]", doing: str, told: Told, limit: float, *, is_json: bool
    ) -> Called:
        over = threading.Event()

        def end() -> None:
            over.set()
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(_TERM_S)
            except subprocess.TimeoutExpired:
                child.kill()

        timer = threading.Timer(limit, end)
        timer.daemon = True
        timer.start()
        errors = list[str]()
        ear = threading.Thread(target=_hear, args=(child.stderr, errors), daemon=True)
        ear.start()
        try:
            raw, summary, found = _read(child.stdout or (), told, is_json=is_json)
            child.wait()
        except BaseException:
            end()
            raise
        finally:
            timer.cancel()
            ear.join()
            for pipe in (child.stdout, child.stderr):
                if pipe:
                    pipe.close()
        if over.is_set():
            last = "".join(f"; {line}" for line in errors[-3:])
            raise NotStored(doing=f"restic {doing}", why=f"not done within {round(limit)} s{last}")
        said, more = _told_apart(errors)
        return Called(child.returncode, raw, said, summary, (*found, *more))


def find_restic() -> Path | None:
    """Return the program on PATH, None if there is none that is new enough."""
    found = shutil.which("restic")
    if found is None:
        return None
    try:
        said = subprocess.run([found, "version"], capture_output=True, text=True, check=True, timeout=10).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"restic (\d+)\.(\d+)\.(\d+)", said)
    return Path(found) if version and tuple(map(int, version.groups())) >= OLDEST else None


def _hear(pipe: Iterable[bytes], into: list[str]) -> None:
    into.extend(line.decode(errors="replace").rstrip() for line in pipe)


def _read(
    pipe: Iterable[bytes], told: Told, *, is_json: bool
) -> tuple[bytes, Mapping[str, Any], list[Mapping[str, Any]]]:
    """Return the raw output or, of JSON lines, the summary and the errors."""
    if not is_json:
        return b"".join(_overheard(pipe, told)), {}, []
    summary: Mapping[str, Any] = {}
    errors = []
    for line in pipe:
        document = _document(line)
        match document.get("message_type"):
            case "status":
                told(float(document.get("percent_done", 0.0)))
            case "summary":
                summary = document
            case "error":
                errors.append(document)
            case _:
                pass
    return b"", summary, errors


def _as_csv(option: str) -> str:
    """Return *option* as the program takes one: as a field of a line of CSV."""
    return '"' + option.replace('"', '""') + '"' if set('",') & set(option) else option


def _overheard(pipe: Iterable[bytes], told: Told) -> Iterator[bytes]:
    """Yield the lines of *pipe*, and tell how far it is where one says so: "[0:02] 61.11%  11 / 18 packs copied"."""
    for line in pipe:
        if found := _PERCENT.search(line):
            told(float(found[1]) / 100)
        yield line


def _told_apart(lines: list[str]) -> tuple[str, list[Mapping[str, Any]]]:
    """Return the plain words and the documents of its standard error."""
    said, errors = [], []
    for line in lines:
        document = _document(line.encode())
        if document.get("message_type") == "error":
            errors.append(document)
        else:
            said.append(str(document.get("message", line)) if document else line)
    return "\n".join(said), errors


def _document(line: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
