"""Read the settings: defaults, then `jikimi.toml`, then the environment; each value remembers where it came from.

This is the only file that reads the environment.
"""

import locale
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from jikimi.config.explain import BadFile, Problem, check, decode, lines_of, parse_toml
from jikimi.config.home import Home
from jikimi.config.model import Settings
from jikimi.config.secret import Secret
from jikimi.text import Lang

# variable -> the setting it stands for; the loader itself takes those without one
VARIABLES: Mapping[str, tuple[str, ...] | None] = {
    "JIKIMI_HOME": None,
    "JIKIMI_STATE": None,  # where these folders of the home lie, when not in it
    "JIKIMI_KEYS": None,
    "JIKIMI_RUN": None,
    "JIKIMI_BACKUPS": None,
    "JIKIMI_CLONE": None,  # what else is saved of a stack of containers: each lies in a mount of its own
    "JIKIMI_SERVICES": None,
    "JIKIMI_ATTACHMENTS": None,
    "JIKIMI_CALLED": None,  # how a person calls our commands here
    "JIKIMI_UNIT": None,  # which unit of which stack a process is: the keeper finds it by this
    "JIKIMI_CHILD": None,  # by which its parent finds all that a child has started
    "JIKIMI_SCRATCH": None,  # where what a child starts keeps what nobody needs after it
    "JIKIMI_PROBE": None,  # the file to which a program that is not ours says that it lives
    "JIKIMI_LANG": ("language",),
    "JIKIMI_TIMEZONE": ("timezone",),
    "JIKIMI_ERP_URL": ("erp", "url"),
    "JIKIMI_ERP_DATABASE": ("erp", "database"),
    "JIKIMI_REDIS_URL": ("redis", "url"),
    "JIKIMI_REDIS_PASSWORD": None,
    "JIKIMI_REDIS_PASSWORD_FILE": ("redis", "password_file"),
    "JIKIMI_ENGINE_URL": ("engine", "url"),
    "JIKIMI_PROJECT": ("engine", "project"),
    "JIKIMI_METRICS_LISTEN": ("metrics", "listen"),
    "JIKIMI_LEDGER_PAGE": ("pages", "ledger"),
    "JIKIMI_GRAFANA_PAGE": ("pages", "grafana"),
    "JIKIMI_INBOX_PLACE": ("pages", "inbox"),
    "JIKIMI_BACKUPS_PLACE": ("pages", "backups"),
    "JIKIMI_SMTP_PASSWORD": None,
    "JIKIMI_SMTP_PASSWORD_FILE": ("notify", "mail", "password_file"),
    "JIKIMI_WEBHOOK_SECRET": None,
    "JIKIMI_WEBHOOK_SECRET_FILE": ("notify", "webhook", "secret_file"),
}
SECRETS = (
    "JIKIMI_SMTP_PASSWORD",
    "JIKIMI_WEBHOOK_SECRET",
    "JIKIMI_REDIS_PASSWORD",
)  # they stand in no setting, so that none prints them
DEFAULT_HOME = "home"
ELSEWHERE = {
    name: f"JIKIMI_{name.upper()}" for name in ("state", "keys", "run", "backups", "clone", "services", "attachments")
}


@dataclass(frozen=True, slots=True)
class Config:
    """The settings in force.

    Attributes:
        origins: where each value that is not a default came from, such as "jikimi.toml:9" or "env JIKIMI_LANG".
        lang: the language for this person: setting, else the system's.
        given: the secrets that the environment has, by variable; never shown.
        called: how a person calls our commands here, "" for `jikimi`.
    """

    home: Home
    settings: Settings
    origins: Mapping[str, str]
    lang: Lang
    given: Mapping[str, str] = field(default_factory=dict, repr=False)
    called: str = ""

    def secret(self, variable: str, file: str) -> Secret:
        """Return the secret in *variable*, else in *file* below the home; "" names no file."""
        return Secret(self.given.get(variable, ""), self.home.root / file if file else None)


def inherited() -> dict[str, str]:
    """Return the environment that this process was given, for those that it starts."""
    return dict(os.environ)


def hand_on(variables: Mapping[str, str]) -> None:
    """Give *variables* to all that this process starts from now on; its own temporary folder stays where it is."""
    tempfile.gettempdir()  # asked for once only: our sockets lie below it
    os.environ.update(variables)


def called() -> str:
    """Return how a person calls our commands here, "" for `jikimi`; known even when the settings are wrong."""
    return os.environ.get("JIKIMI_CALLED", "")


def load(home: Path | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """Return the settings of the home at *home*, else at JIKIMI_HOME, else at `./home`.

    Raises:
        BadFile: with every problem of the file and of the environment.
    """
    environ = os.environ if environ is None else environ
    root = home or Path(environ.get("JIKIMI_HOME") or DEFAULT_HOME)
    elsewhere = {folder: Path(environ[name]) for folder, name in ELSEWHERE.items() if environ.get(name)}
    place = Home(root.resolve(), elsewhere)
    name = place.config_file.name
    text = decode(place.config_file.read_bytes(), name) if place.config_file.exists() else ""
    data = parse_toml(text, place.config_file.name)
    origins = {".".join(map(str, path)): f"{place.config_file.name}:{line}" for path, line in lines_of(text).items()}
    problems = _take_environment(environ, data, origins)
    if problems:
        raise BadFile(problems)
    settings = check(Settings, data, text, place.config_file.name)
    given = {name: environ[name] for name in SECRETS if environ.get(name)}
    lang = settings.language or _system_language(environ)
    return Config(place, settings, origins, lang, given, environ.get("JIKIMI_CALLED", ""))


def _take_environment(environ: Mapping[str, str], data: dict[str, Any], origins: dict[str, str]) -> list[Problem]:
    problems = []
    for name, value in sorted(environ.items()):
        if not name.startswith("JIKIMI_"):
            continue
        if name not in VARIABLES:
            close = get_close_matches(name, VARIABLES, n=1)
            hint = f"did you mean {close[0]!r}?" if close else "remove it"
            problems.append(Problem("environment", None, name, f"no such variable; {hint}"))
        elif name in SECRETS and value and environ.get(f"{name}_FILE"):
            problems.append(Problem("environment", None, name, f"stands beside {name}_FILE; remove one of them"))
        elif value and (path := VARIABLES[name]):
            table: Any = data
            for part in path[:-1]:
                table = table.setdefault(part, {}) if isinstance(table, dict) else table
            if not isinstance(table, dict):
                continue  # the file has something else there, and is told so
            table[path[-1]] = value
            origins[".".join(path)] = f"env {name}"
    return problems


def _system_language(environ: Mapping[str, str]) -> Lang:
    tag = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    if not tag and os.name == "nt":
        tag = locale.getlocale()[0] or ""
    return Lang.KO if tag.lower().startswith(("ko", "korean")) else Lang.EN


def flatten(model: BaseModel, prefix: str = "") -> dict[str, object]:
    """Return every setting below *model* as dotted name and value, as the file would write it."""
    flat: dict[str, object] = {}
    for name, value in model.model_dump(mode="json").items():
        _flatten_into(flat, f"{prefix}{name}", value)
    return flat


def _flatten_into(flat: dict[str, object], name: str, value: object) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _flatten_into(flat, f"{name}.{key}", inner)
    else:
        flat[name] = value


def with_language(config: Config, lang: Lang) -> Config:
    """Return *config* with the language that a command was asked for."""
    return replace(config, lang=lang)
