"""The values that a table `[units.NAME]` is made of: a command, an address, a time of day, and how the tables agree."""

import re
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

OUR_UNITS = (
    "redis",
    "erp-db",
    "erp",
    "erp-worker",
    "rpa-worker",
    "scheduler",
    "backup",
    "prometheus",
    "grafana",
    "supervisor",
)
_MOST_PORTS = 65_535
_TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_CONTAINER = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}")
_HOST_PORT = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+):(\d{1,5})")
# Windows: a backslash is itself, unless backslashes stand before a quotation mark
_WINDOWS_PART = re.compile(r'(\\*)"|(\s+)|(\\+|[^\\"\s]+)')


def split_command(text: str, *, windows: bool) -> tuple[str, ...]:
    """Return the words of a command line, as a shell, or as a program on Windows, takes them apart.

    Raises:
        ValueError: a quotation is not closed.
    """
    return tuple(_split_windows(text) if windows else shlex.split(text))


def _split_windows(text: str) -> Iterator[str]:
    word, in_quotes, has_word = "", False, False
    for backslashes, space, plain in (match.groups() for match in _WINDOWS_PART.finditer(text)):
        if plain is not None:
            word, has_word = word + plain, True
        elif space is not None and in_quotes:
            word += space
        elif space is not None:
            yield from [word] if has_word else []
            word, has_word = "", False
        else:
            word, has_word = word + "\\" * (len(backslashes) // 2), True
            if len(backslashes) % 2:
                word += '"'
            else:
                in_quotes = not in_quotes
    if in_quotes:
        raise ValueError("No closing quotation")
    yield from [word] if has_word else []


def _command(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return split_command(value, windows=sys.platform == "win32")
    except ValueError:
        raise ValueError(
            f"a quotation mark is not closed; close it, or write a list of words (got {value!r})"
        ) from None


def _some_words(words: tuple[str, ...]) -> tuple[str, ...]:
    if not words or not words[0]:
        raise ValueError(f'names no program; write one such as ["python", "main.py"] (got {list(words)})')
    return words


def _container(value: str) -> str:
    if not _CONTAINER.fullmatch(value):
        raise ValueError(f'write the name that `docker ps` shows, such as "shop-web-1" (got {value!r})')
    return value


def time_of_day(value: str) -> str:
    """Return *value* if it is a time of day.

    Raises:
        ValueError: it is none.
    """
    if not _TIME_OF_DAY.fullmatch(value):
        raise ValueError(f'write a time of day such as "05:55" (got {value!r})')
    return value


def _host_port(value: str) -> str:
    match = _HOST_PORT.fullmatch(value)
    if match is None or not 0 < int(match[2]) <= _MOST_PORTS:
        raise ValueError(f'write a host and a port such as "localhost:8080" (got {value!r})')
    return value


def _http_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_one = False
    if not is_one:
        raise ValueError(f'write an address such as "http://localhost:8080/health" (got {value!r})')
    return value


def _not_ours(name: str) -> str:
    if name in OUR_UNITS:
        raise ValueError(f"one of our own units has this name; choose another (got {name!r})")
    return name


Command = Annotated[tuple[str, ...], BeforeValidator(_command), AfterValidator(_some_words)]
ContainerName = Annotated[str, AfterValidator(_container)]
TimeOfDay = Annotated[str, AfterValidator(time_of_day)]
HostPort = Annotated[str, AfterValidator(_host_port)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
NotOurs = AfterValidator(_not_ours)


def host_and_port(value: str) -> tuple[str, int]:
    """Return both halves of a `HostPort`, an IPv6 address without its brackets."""
    host, _, port = value.rpartition(":")
    return host.strip("[]"), int(port)


def signs_problem(given: Sequence[str], possible: Sequence[str]) -> str:
    """Return what is wrong with the signs of life that a table gives, "" if it is exactly one."""
    if not given:
        return f"no sign of life; give one of {', '.join(possible)} (got none)"
    return f"more than one sign of life; keep one (got {' and '.join(given)})" if len(given) > 1 else ""


def check_needs(needs: Mapping[str, Sequence[str]]) -> None:
    """See that every unit that is needed exists, and that none needs itself, be it through others.

    Raises:
        ValidationError: with every one that does not, at its place below `units`.
    """
    known = [*needs, *(name for name in OUR_UNITS if name != "supervisor")]
    missing = [(name, other) for name, wanted in needs.items() for other in wanted if other not in known]
    circular = [name for name in needs if name in _all_needs(name, needs)]
    names = ", ".join(known)
    wrong = [
        *(_at_needs(name, f"no such unit; there are {names} (got '{other}')") for name, other in missing),
        *(
            _at_needs(name, f"'{name}' needs itself, so it never starts; break the circle (got {list(needs[name])})")
            for name in circular
        ),
    ]
    if wrong:
        raise ValidationError.from_exception_data("units", wrong)


def _at_needs(name: str, message: str) -> InitErrorDetails:
    return InitErrorDetails(
        type=PydanticCustomError("needs", "{message}", {"message": message}), loc=(name, "needs"), input=name
    )


def _all_needs(name: str, needs: Mapping[str, Sequence[str]]) -> set[str]:
    found: set[str] = set()
    waiting: list[Any] = [*needs[name]]
    while waiting:
        other = waiting.pop()
        if other not in found:
            found.add(other)
            waiting += needs.get(other, ())
    return found
