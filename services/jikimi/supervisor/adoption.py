"""What a program that is to be adopted needs in `jikimi.toml`, as far as its folder and its source tell."""

import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jikimi.config.foreign import ForeignUnit
from jikimi.config.span import write_span
from jikimi.config.unit_values import OUR_UNITS
from jikimi.errors import WrongUse
from jikimi.supervisor.foreign_files import read_after
from jikimi.text import Text

_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
_PROBE = re.compile(r"^\s{0,20}(?:from|import)\s{1,5}(?:jikimi\.)?probe\b", re.MULTILINE)
_QUOTED = re.compile(r"""["']([^"'\n\r<>|?*{}]{1,120})["']""")
_DATE = re.compile(r"\d{4}-?\d\d-?\d\d|\d{6,8}")
_HEARTBEAT = re.compile(r"[^/\\]*heart_?beat[^/\\]*\.(?:txt|json|dat)$", re.IGNORECASE)
_LOG = re.compile(r"[^/\\]+\.log$", re.IGNORECASE)
_LOCK = re.compile(r"(?!(?:poetry|uv|pdm|Pipfile|package-lock|yarn)\.)[^/\\]+\.(?:lock|pid)$", re.IGNORECASE)
_INTERPRETERS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    ".py": (("python3",), ("python",), ("py",)),
    ".pyw": (("pythonw",), ("python3",), ("python",)),
    ".js": (("node",),),
    ".sh": (("bash",), ("sh",)),
    ".bat": (("cmd", "/c"),),
    ".cmd": (("cmd", "/c"),),
    ".ps1": (("powershell", "-File"), ("pwsh", "-File")),
}
_ENVIRONMENTS = (".venv/bin/python", "venv/bin/python", ".venv/Scripts/python.exe", "venv/Scripts/python.exe")
_OFFERED = ("stale_after", "starts_within", "errors_in_a_row", "restart_at", "needs", "priority")
OBSERVED = "1d"


class NoSuchScript(WrongUse):
    """There is no such file."""

    what = Text("파일이 없습니다: {script}", "there is no such file: {script}")
    remedy = Text("경로를 확인하세요", "look at its path")


class NoName(WrongUse):
    """The unit would have no name that can stand in the settings."""

    what = Text("유닛 이름으로 쓸 수 없습니다: {name}", "this cannot be the name of a unit: {name}")
    remedy = Text(
        "`--name`으로 영어 소문자, 숫자, -로 된 이름을 주세요 (지킴이 자신의 유닛 이름은 안 됨)",
        "give one with `--name`: small letters, digits and -, and not one of our own units",
    )


class NoInterpreter(WrongUse):
    """Nothing is known that could run the script."""

    what = Text("{script}을(를) 실행할 프로그램을 찾지 못했습니다", "no program was found that runs {script}")
    remedy = Text(
        "jikimi.toml에 [units.이름]을 직접 쓰고 command에 명령을 적으세요",
        "write its table [units.NAME] into jikimi.toml yourself, with its command",
    )


class NoSignOfLife(WrongUse):
    """Nothing tells whether the program lives."""

    what = Text("{script}의 생존 신호를 찾지 못했습니다", "no sign of life of {script} was found")
    remedy = Text(
        "하나를 알려 주세요: --heartbeat 파일, --log 파일, --tcp host:port, --http 주소,"
        " 또는 프로그램에 probe.py 세 줄을 넣고 --probe",
        "name one: --heartbeat FILE, --log FILE, --tcp host:port, --http URL,"
        " or give the program three lines with probe.py and use --probe",
    )


def name_for(script: Path, asked: str | None) -> str:
    """Return the unit's name: as asked, else after the script.

    Raises:
        NoName: it cannot be one.
    """
    name = asked or re.sub(r"[^a-z0-9]+", "-", script.stem.lower()).strip("-")[:31]
    if not _NAME.fullmatch(name) or name in OUR_UNITS:
        raise NoName(name=name or script.name)
    return name


def command_for(script: Path, which: Callable[[str], str | None] = shutil.which) -> list[str]:
    """Return how *script* is run: by the Python of its own environment where it has one.

    Raises:
        NoInterpreter: nothing is known that runs it.
    """
    ending = script.suffix.lower()
    if ending in (".py", ".pyw"):
        own = next((path for name in _ENVIRONMENTS if (path := script.parent / name).exists()), None)
        if own is not None:
            return [str(own), str(script)]
    for program, *options in _INTERPRETERS.get(ending, ()):
        if found := which(program):
            return [found, *options, str(script)]
    if ending in (".py", ".pyw"):
        return [sys.executable, str(script)]
    if ending == ".exe" or which(str(script)):
        return [str(script)]
    raise NoInterpreter(script=script.name)


def sign_for(script: Path) -> dict[str, str | bool]:
    """Return the surest sign of life that can be seen.

    Raises:
        NoSignOfLife: there is none.
    """
    source = _source(script)
    if _PROBE.search(source):
        return {"probe": True}
    if heartbeat := next(_files(script.parent, source, _HEARTBEAT), None):
        return {"heartbeat": heartbeat}
    if log := next(_files(script.parent, source, _LOG), None):
        folder, slash, name = log.rpartition("/")
        return {"log": folder + slash + _DATE.sub("*", name, count=1)}
    raise NoSignOfLife(script=script.name)


def locks_for(script: Path) -> list[str]:
    """Return the lock files that the program seems to take: those that its source names."""
    source = _source(script)
    named = {Path(word.replace("\\", "/")).name for word in _QUOTED.findall(source) if _LOCK.search(word)}
    found = _files(script.parent, source, _LOCK)
    return [lock for lock in found if Path(lock).name in named or Path(lock).name == "runtime.lock"]


def _files(folder: Path, source: str, wanted: re.Pattern[str]) -> Iterator[str]:
    """Yield paths below *folder*: files that are there, the last written first, then those that the source names."""
    there = [
        path for path in [*folder.glob("*"), *folder.glob("*/*")] if wanted.fullmatch(path.name) and path.is_file()
    ]
    names = [path.relative_to(folder).as_posix() for path in sorted(there, key=_changed, reverse=True)]
    yield from names
    known = {Path(name).name for name in names}
    for word in dict.fromkeys(word.replace("\\\\", "/").replace("\\", "/") for word in _QUOTED.findall(source)):
        if wanted.search(word) and Path(word).name not in known:
            yield word


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _source(script: Path) -> str:
    piece = read_after(script, None)
    return piece.data.decode("utf-8", "replace") if piece else ""


def entry(name: str, script: Path, values: Mapping[str, object]) -> str:
    """Return the table `[units.NAME]` with *values*, each explained; what else may be set stands there as a comment."""
    fields = ForeignUnit.model_fields
    lines = [f"# {script.name}: jikimi adopt", f"[units.{name}]"]
    for key, value in values.items():
        lines += [f"# {fields[key].description}", f"{key} = {_toml(value)}"]
    unit: ForeignUnit = ForeignUnit.model_construct(None, **dict[str, Any](values))  # what is wrong is told on its line
    silent = write_span(unit.silent)
    examples = {"stale_after": silent, "starts_within": silent, "restart_at": "05:55"}
    for key in _OFFERED:
        if key not in values:
            lines += [f"# {fields[key].description}", f"# {key} = {_toml(examples.get(key, fields[key].default))}"]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    """Return *value* as TOML: text, numbers, truth and lists of them are written as in JSON."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
