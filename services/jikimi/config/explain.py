"""Every problem of a file that a person wrote, at once, as `file:line: key: problem; cure`."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from jikimi.errors import WrongUse
from jikimi.text import Text

Path = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)
_HEADER = re.compile(r"\s*\[(\[)?\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?")
_KEY = re.compile(r"""\s*([A-Za-z0-9_-]+|"[^"]*"|'[^']*')(\s*\.\s*[A-Za-z0-9_.-]+)*\s*=""")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; *line* is None where the file has no line for it."""

    file: str
    line: int | None
    key: str
    problem: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.key}: {self.problem}" if self.key else f"{place}: {self.problem}"


class BadFile(WrongUse):
    """A file that a person wrote cannot be used; `problems` has all of them."""

    what = Text("{count}곳을 고쳐야 합니다:\n{listing}", "{count} to mend:\n{listing}")
    remedy = Text(
        "위의 줄을 고친 뒤 `jikimi config check`로 확인하세요",
        "mend these lines, then ask `jikimi config check`",
    )

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(count=len(problems), listing="\n".join(str(problem) for problem in problems))


def decode(data: bytes, file: str) -> str:
    """Return *data* as text, without its byte order mark.

    Raises:
        BadFile: it is not UTF-8, as an editor may save Korean text; the line is in the message.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadFile([Problem(file, line, "", "not UTF-8; save it again with the encoding UTF-8")]) from None


def parse_toml(text: str, file: str) -> dict[str, Any]:
    """Return *text* as TOML.

    Raises:
        BadFile: it is not TOML; the line is in the message.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        message = re.sub(r"\s*\(at .*\)$", "", str(error))
        raise BadFile([Problem(file, int(found[1]) if found else None, "", f"not valid TOML: {message}")]) from None


def lines_of(text: str) -> dict[Path, int]:
    """Return the line on which each key and table of a TOML *text* stands; arrays of tables count from 0."""
    found: dict[Path, int] = {}
    table: Path = ()
    counts: dict[Path, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.fullmatch(line):
            table = tuple(part.strip().strip("\"'") for part in header[2].split("."))
            if header[1]:
                index = counts.get(table, 0)
                counts[table] = index + 1
                table = (*table, index)
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            name = key[0].rsplit("=", 1)[0]
            found.setdefault((*table, *(part.strip().strip("\"'") for part in name.split("."))), number)
    return found


def check(model: type[M], data: Mapping[str, Any], text: str, file: str) -> M:
    """Return *data* as a *model*.

    Raises:
        BadFile: with every problem, each on its line of *text*.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        places = lines_of(text)
        raise BadFile([_problem(model, item, places, file) for item in error.errors()]) from None


def _problem(model: type[BaseModel], item: Mapping[str, Any], places: Mapping[Path, int], file: str) -> Problem:
    path: Path = tuple(part for part in item["loc"] if part != "[key]")
    line = next((places[path[:cut]] for cut in range(len(path), 0, -1) if path[:cut] in places), None)
    if item["type"] == "extra_forbidden":
        message = _unknown(str(path[-1]), _fields(model, path[:-1]))
    elif item["type"] == "missing":
        message = "missing"
    elif item["type"] == "enum":
        message = f"must be {item['ctx']['expected']} (got {item['input']!r})"
    else:
        message = str(item["msg"]).removeprefix("Value error, ")
        message = message if "got" in message else f"{message} (got {item['input']!r})"
    return Problem(file, line, ".".join(str(part) for part in path), message)


def _unknown(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"no such setting; did you mean {close[0]!r}?" if close else "no such setting; remove it"


def _fields(model: type[BaseModel], path: Path) -> Iterable[str]:
    """Return the names that may stand at *path* below *model*."""
    current: Any = model
    for part in path:
        if isinstance(current, type) and issubclass(current, BaseModel):
            field = current.model_fields.get(str(part))
            current = field.annotation if field else getattr(current, "tables", None)
        elif get_origin(current) in (dict, list, tuple):
            current = next((arg for arg in reversed(get_args(current)) if arg is not Ellipsis), None)
        while isinstance(current, UnionType):
            current = next(arg for arg in get_args(current) if arg is not type(None))
    return current.model_fields if isinstance(current, type) and issubclass(current, BaseModel) else ()
