"""Every problem of a file that a person wrote, at once, as `file:line: key: problem; cure`."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from jikimi.config.mistakes import (
    MEANT,
    MISSING,
    MISSING_SUCH,
    NOT_UTF8,
    ONE_OF,
    UNKNOWN,
    UNKNOWN_OF,
    Mistake,
    of_toml,
    of_type,
)
from jikimi.errors import WrongUse
from jikimi.text import Lang, Text

Path = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)
_HEADER = re.compile(r"\s*\[(\[)?\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?")
_FEW = 12  # names that are told all at once
_KEY = re.compile(r"""\s*([A-Za-z0-9_-]+|"[^"]*"|'[^']*')(\s*\.\s*[A-Za-z0-9_.-]+)*\s*=""")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; *line* is None where the file has no line for it."""

    file: str
    line: int | None
    key: str
    problem: Text | str

    def say(self, lang: Lang) -> str:
        """Return the place and what is wrong there, in *lang* where that is known."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        problem = self.problem.say(lang) if isinstance(self.problem, Text) else self.problem
        return f"{place}: {self.key}: {problem}" if self.key else f"{place}: {problem}"

    def __str__(self) -> str:
        return self.say(Lang.EN)


class BadFile(WrongUse):
    """A file that a person wrote cannot be used; `problems` has all of them."""

    what = Text("{count}곳을 고쳐야 합니다:\n{listing}", "{count} to mend:\n{listing}")
    remedy = Text(
        "위의 줄을 고친 뒤 `jikimi config check`로 확인하세요",
        "mend these lines, then ask `jikimi config check`",
    )

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(count=len(problems), listing=self._listing(Lang.EN))

    def explain(self, lang: Lang) -> str:
        """Return the problems and the remedy, wholly in *lang*."""
        self.facts = {**self.facts, "listing": self._listing(lang)}
        return super().explain(lang)

    def _listing(self, lang: Lang) -> str:
        return "\n".join(problem.say(lang) for problem in self.problems)


def decode(data: bytes, file: str) -> str:
    """Return *data* as text, without its byte order mark.

    Raises:
        BadFile: it is not UTF-8, as an editor may save Korean text; the line is in the message.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadFile([Problem(file, line, "", NOT_UTF8)]) from None


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
        number = int(found[1]) if found else None
        there = text.splitlines()[number - 1 : number] if number else []
        raise BadFile([Problem(file, number, "", of_toml(message, "".join(there).strip()))]) from None


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
    return problem_at(path, _message(model, path, item), places, file)


def problem_at(path: Path, problem: Text | str, places: Mapping[Path, int], file: str) -> Problem:
    """Return *problem* on the line of *path*, else on that of the nearest table around it."""
    line = next((places[path[:cut]] for cut in range(len(path), 0, -1) if path[:cut] in places), None)
    return Problem(file, line, ".".join(str(part) for part in path), problem)


def _message(model: type[BaseModel], path: Path, item: Mapping[str, Any]) -> Text | str:
    kind, context = item["type"], item.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(str(path[-1]), list(_fields(model, path[:-1])))
    if kind == "missing":
        return _missing(str(path[-1]), _fields(model, path[:-1]))
    if kind in ("enum", "literal_error"):
        expected = str(context["expected"])
        return ONE_OF.filled(expected=Text.verbatim(expected.replace(" or ", " 또는 "), expected), got=item["input"])
    error = context.get("error")
    if isinstance(error, Mistake):
        return error.text
    if known := of_type(kind, str(item["msg"]), item["input"], context):
        return known
    message = str(item["msg"]).removeprefix("Value error, ")
    return message if "got" in message else f"{message} (got {item['input']!r})"


def _unknown(name: str, known: Sequence[str]) -> Text:
    if close := get_close_matches(name, known, n=1, cutoff=0.5):
        return MEANT.filled(close=close[0])
    return UNKNOWN_OF.filled(known=", ".join(known)) if 0 < len(known) <= _FEW else UNKNOWN


def _missing(name: str, known: Mapping[str, FieldInfo]) -> Text:
    examples = known[name].examples if name in known else None
    return MISSING_SUCH.filled(key=name, example=examples[0]) if examples else MISSING


def _fields(model: type[BaseModel], path: Path) -> Mapping[str, FieldInfo]:
    """Return what may stand at *path* below *model*, by name."""
    current: Any = model
    for part in path:
        if isinstance(current, type) and issubclass(current, BaseModel):
            field = current.model_fields.get(str(part))
            current = field.annotation if field else getattr(current, "tables", None)
        elif get_origin(current) in (dict, list, tuple):
            current = next((arg for arg in reversed(get_args(current)) if arg is not Ellipsis), None)
        while isinstance(current, UnionType):
            current = next(arg for arg in get_args(current) if arg is not type(None))
    return current.model_fields if isinstance(current, type) and issubclass(current, BaseModel) else {}
