"""What every command starts from: the settings, the language, and the way to a running stack."""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import click

from jikimi.broker import connect, with_password
from jikimi.clock import Clock, SystemClock
from jikimi.config import Config, Home, load
from jikimi.config.load import with_language
from jikimi.config.model import Ledger
from jikimi.embedded.redis_server import redis_url
from jikimi.embedded.tryton_server import erp_key_file, erp_url
from jikimi.erp.flow_erp import FlowErp
from jikimi.erp.port import Erp
from jikimi.erp.tryton import Tryton
from jikimi.errors import NotWell
from jikimi.queue.rq_queue import RqQueue
from jikimi.queue.signing import SignedJson, signing_keys
from jikimi.status.reader import as_called
from jikimi.supervisor.stack import owner
from jikimi.text import Lang, Text


class NotRunning(NotWell):
    """The command needs a running stack."""

    what = Text("이 홈에서 실행 중인 지킴이가 없습니다: {home}", "nothing runs in this home: {home}")
    remedy = Text("먼저 켜세요: jikimi up --detach", "start it first: jikimi up --detach")


class Context:
    """The settings in force for one command, read when they are first needed.

    Attributes:
        began: when all this began, in seconds since 1970; the set-up of `start.py` counts.
        called: how this person calls our commands, when it is not `jikimi`.
    """

    def __init__(self, home: Path | None, lang: Lang | None, *, began: float | None = None, called: str = "") -> None:
        self._home = home
        self.called = called
        self._lang = lang
        self.clock: Clock = SystemClock()
        self.began = self.clock.now().timestamp() if began is None else began

    def anew(self) -> "Context":
        """Return the same for a new process: the settings are read again."""
        return Context(self._home, self._lang, began=self.began, called=self.called)

    @cached_property
    def config(self) -> Config:
        """The settings, with the language that was asked for."""
        config = load(self._home)
        return with_language(config, self._lang) if self._lang else config

    @property
    def home(self) -> Home:
        """The home folder."""
        return self.config.home

    @property
    def lang(self) -> Lang:
        """The language of what is printed."""
        return self.config.lang

    def say(self, text: Text, **facts: object) -> None:
        """Print one sentence."""
        click.echo(as_called(text.say(self.lang, **facts), self.called))

    def queue(self) -> RqQueue:
        """Return the queue of the running stack.

        Raises:
            NotRunning: there is none.
        """
        if owner(self.home) is None:
            raise NotRunning(home=self.home.root)
        redis = connect(redis_address(self.config), retries=3)
        return RqQueue(redis, serializer(self.home), self.clock)


def redis_address(config: Config) -> str:
    """Return where Redis is: as set, with its password, else the embedded one. Never to be shown."""
    redis = config.settings.redis
    if not redis.url:
        return redis_url(config.home)
    return with_password(redis.url, config.secret("JIKIMI_REDIS_PASSWORD", redis.password_file).read())


def erp_address(config: Config) -> str:
    """Return where the ERP is: as set, else the embedded one, "" if that was never started."""
    return config.settings.erp.url or erp_url(config.home)


def erp_of(config: Config, ledger: Ledger, clock: Clock) -> Erp:
    """Return the ERP that keeps *ledger*: the flow that enters the company's vouchers, else a Tryton.

    Raises:
        NotRunning: it is our own Tryton, and that was never started.
    """
    if ledger is Ledger.COMPANY and config.settings.erp.flow:
        return FlowErp(config.home, config.settings.erp.flow, clock)
    if not (url := erp_address(config)):
        raise NotRunning(home=config.home.root)
    return Tryton(url, ledger.value, erp_key(config))


def addresses_of(config: Config) -> list[dict[str, str]]:
    """Return where a person opens what this stack shows, each with the command that shows its password, if any."""
    pages, in_containers = config.settings.pages, bool(config.settings.engine.url)
    by_flow = config.settings.erp.flow  # only a person knows where that program is
    ledger = pages.ledger or (f"{url}/" if not by_flow and (url := erp_address(config)) else "")
    login = "docker compose exec erp erp-login" if in_containers else "jikimi erp login"
    admin = "admin: docker compose exec grafana cat /keys/admin-password"
    found = [
        {"name": "ERP", "url": ledger, **({} if by_flow else {"login": login})},
        {"name": "Grafana", "url": pages.grafana, "login": admin},
        {"name": "inbox", "url": pages.inbox or str(config.home / "inbox")},
    ]
    return [address for address in found if address["url"]]


def erp_key(config: Config) -> str:
    """Return the application key."""
    return erp_key_file(config.home).read_text(encoding="ascii").strip()


def serializer(home: Home) -> SignedJson:
    """Return what signs and verifies this home's jobs."""
    return SignedJson(signing_keys(home / "keys/signing"))


def print_document(name: str, document: dict[str, Any], exit_code: int = 0) -> int:
    """Print a document for scripts and return *exit_code*."""
    head = {"schema": f"jikimi.{name}", "schema_version": 1, "exit_code": exit_code}
    click.echo(json.dumps({**head, **document}, ensure_ascii=False))
    return exit_code
