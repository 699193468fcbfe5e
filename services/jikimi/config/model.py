"""The shape of `jikimi.toml`. Every setting works as shipped; its description becomes the comment in the file.

A description is "Korean / English" in one line, for the file is written once and read by both.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from jikimi.config.span import Span
from jikimi.config.unit_values import Command, HostPort, HttpUrl, NotOurs, TimeOfDay, check_needs, signs_problem
from jikimi.text import Lang


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f'no such time zone; write one such as "Asia/Seoul" (got {name!r})') from None
    return name


def _one_address(text: str) -> str:
    before, _, after = text.partition("@")
    is_plain = not any(sign.isspace() or sign in '@<>,;:"' for sign in before + after)
    if text and not (before and after and is_plain):
        raise ValueError(f'no mail address; write one such as "kim@example.com" (got {text!r})')
    return text


def _web_address(text: str) -> str:
    _, scheme, rest = text.partition("://")
    if text and not (text.startswith(("https://", "http://")) and scheme and rest.strip("/")):
        raise ValueError("must begin with https:// or http:// (got something else)")
    return text


ZoneName = Annotated[str, AfterValidator(_known_zone)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]

Address = Annotated[str, AfterValidator(_one_address)]
WebAddress = Annotated[str, AfterValidator(_web_address)]


class Table(BaseModel):
    """A table of the file: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Ledger(StrEnum):
    """The ERP database that a profile posts to."""

    COMPANY = "company"
    PRACTICE = "practice"


class StatementKind(StrEnum):
    """Which sort of statement a profile takes."""

    CARD = "card"
    BANK = "bank"
    JOURNAL = "journal"


class Approve(StrEnum):
    """Who lets a profile's drafts be posted."""

    AUTO = "auto"
    PERSON = "person"


class Profile(Table):
    """A kind of statement of this company; its name is its folder below `inbox/`."""

    kind: StatementKind = Field(
        description="명세서 종류: card, bank 또는 journal(전표) / what it takes: card, bank or journal"
    )
    ledger: Ledger = Field(
        default=Ledger.COMPANY,
        description="장부: company 또는 practice(연습) / which ledger it posts to: company or practice",
    )
    rules: Name | None = Field(
        default=None, description="규칙 파일 이름, 비우면 프로필 이름 / name of its file in rules/, else the profile's"
    )
    approve: Approve = Field(
        default=Approve.AUTO,
        description="auto 바로 기표, person 승인까지 초안 / auto: post at once; person: drafts until approved",
    )
    approval_digits: int = Field(
        default=8, ge=4, le=24, description="승인번호 자릿수 / digits of an approval number, for lost leading zeros"
    )


class Company(Table):
    """Who keeps these books."""

    name: str = Field(default="우리회사", description="장부에 쓰이는 회사 이름 / the company's name in the ledger")


class Inbox(Table):
    """When a dropped file is taken."""

    settle: Span = Field(
        default=timedelta(seconds=3),
        description="이만큼 변하지 않은 파일만 가져감 / a file is taken once it has not changed for this long",
    )
    poll: Span = Field(
        default=timedelta(seconds=1), description="폴더를 보는 간격 / how often the folders are looked at"
    )


class Redis(Table):
    """The queue's server; without an address the stack runs its own."""

    url: str = Field(default="", description="비우면 함께 실행되는 서버 / empty: the server that this stack runs")


class Erp(Table):
    """The ERP; without an address the stack runs its own."""

    url: str = Field(default="", description="비우면 함께 실행되는 Tryton / empty: the Tryton that this stack runs")


class Posting(Table):
    """How vouchers are sent."""

    batch: int = Field(default=50, ge=1, le=100, description="한 번에 보내는 전표 수 / vouchers per request")
    lease: Span = Field(
        default=timedelta(seconds=60),
        description="작성 권한이 갱신 없이 유지되는 시간 / how long a silent writer keeps the right to post",
    )


class Security(StrEnum):
    """How the way to the mail server is kept from others' eyes."""

    STARTTLS = "starttls"
    TLS = "tls"
    PLAIN = "plain"


class Mail(Table):
    """The mail server that messages go through."""

    host: str = Field(
        default="", description="메일(SMTP) 서버, 비우면 메일을 보내지 않음 / the SMTP server; empty: no mail is sent"
    )
    port: int = Field(default=587, ge=1, le=65535, description="메일 서버의 포트 / the mail server's port")
    security: Security = Field(
        default=Security.STARTTLS,
        description="starttls, tls(보통 465번 포트) 또는 plain(암호화 없음) / starttls, tls (mostly port 465) or plain",
    )
    user: str = Field(default="", description="로그인 이름, 비우면 로그인 안 함 / the login; empty: none")
    password_file: str = Field(
        default="",
        description="암호가 든 파일(홈 기준), 또는 JIKIMI_SMTP_PASSWORD / file with the password (from the home),"
        " or JIKIMI_SMTP_PASSWORD",
    )
    sender: Address = Field(
        default="", description="보내는 주소, 비우면 로그인 이름 / the sender's address; empty: the login"
    )
    to: tuple[Address, ...] = Field(default=(), description="받는 주소 목록 / the addresses that get the messages")

    @model_validator(mode="after")
    def _has_addresses(self) -> Self:
        if self.host and not any(self.to):
            raise ValueError('write who gets the mail: to = ["kim@example.com"]; got a host and no address')
        if self.host and "@" not in (self.sender or self.user):
            raise ValueError('write the sender: sender = "jikimi@example.com"; got none, and no login that is one')
        return self


class Webhook(Table):
    """The web address that messages are posted to."""

    url: WebAddress = Field(
        default="", description="메시지를 받을 웹 주소, 비우면 안 보냄 / where messages are posted; empty: nowhere"
    )
    secret_file: str = Field(
        default="",
        description="서명에 쓸 비밀이 든 파일(홈 기준), 또는 JIKIMI_WEBHOOK_SECRET / file with the secret that signs"
        " (from the home), or JIKIMI_WEBHOOK_SECRET",
    )


class Notify(Table):
    """How a person is told; with nothing set, messages stay in the outbox and the log."""

    mail: Mail = Mail()
    webhook: Webhook = Webhook()


class Keep(Table):
    """How long what grows is kept."""

    cycle_logs: Span = Field(default=timedelta(days=30), description="사이클 로그 / one file a cycle")


_SIGNS = ("heartbeat", "log", "tcp", "http", "probe")
_COUNTS_ERRORS = ("heartbeat", "log", "probe")
_SELDOM, _OFTEN = timedelta(minutes=60), timedelta(seconds=60)


class ForeignUnit(Table):
    """A program that is not ours, and how anyone can see that it lives."""

    command: Command = Field(
        description="실행할 명령, 단어 목록 또는 한 줄 / what is run: a list of words, or one line of them"
    )
    folder: str = Field(
        default="",
        description="시작 폴더, 아래 경로의 기준, 비우면 홈 / where it starts, and paths count from; else the home",
    )
    heartbeat: str | None = Field(
        default=None,
        description="생존 신호: 내용이 바뀌는 파일 / sign of life: a file that it rewrites with another content",
    )
    log: str | None = Field(
        default=None,
        description='생존 신호: 자라는 로그, "*" 가능 / sign of life: a log that grows; its name may have a "*"',
    )
    tcp: HostPort | None = Field(
        default=None, description="생존 신호: 연결되는 host:port / sign of life: a host:port that takes connections"
    )
    http: HttpUrl | None = Field(
        default=None,
        description="생존 신호: 2xx나 3xx로 답하는 주소 / sign of life: an address that answers 2xx or 3xx",
    )
    probe: bool = Field(
        default=False, description="생존 신호: probe.py를 쓰는 프로그램 / sign of life: it uses our probe.py"
    )
    stale_after: Span | None = Field(
        default=None,
        description="이만큼 신호가 없으면 멈춘 것, 비우면 heartbeat와 log 60m, 나머지 60s"
        " / silent for so long it hangs; unset: 60m for heartbeat and log, else 60s",
    )
    starts_within: Span | None = Field(
        default=None,
        description="시작 후 첫 신호까지, 비우면 stale_after / from its start to its first sign; unset: as stale_after",
    )
    errors_in_a_row: int = Field(
        default=0,
        ge=0,
        description="연속 실패가 이만큼이면 재시작, 0은 안 함 / so many failures in a row restart it; 0 never does",
    )
    clear: tuple[str, ...] = Field(
        default=(),
        description="죽은 프로그램이 남긴 잠금 파일, 시작 전에 지움"
        " / lock files that a dead one leaves, removed before a start",
    )
    restart_at: TimeOfDay | None = Field(
        default=None, description='매일 다시 시작할 시각, "05:55" / when it is restarted each day, such as "05:55"'
    )
    grace: Span = Field(
        default=timedelta(seconds=10),
        description="끝내라고 한 뒤 기다리는 시간 / between asking it to end and ending it",
    )
    priority: Literal["normal", "low", "idle"] = Field(
        default="normal", description="normal, low 또는 idle / how much it gives way: normal, low or idle"
    )
    memory: int | None = Field(
        default=None,
        ge=16,
        description="쓸 수 있는 메모리 MB, 리눅스만 / memory it may use in MB, where the system can",
    )
    needs: tuple[Name, ...] = Field(default=(), description="먼저 있어야 할 유닛 / units without which it cannot work")
    observe: Span = Field(
        default=timedelta(0),
        description="이만큼은 보기만 하고 손대지 않음 / for so long it is only observed, and nothing is done",
    )

    @model_validator(mode="after")
    def _one_sign(self) -> Self:
        if problem := signs_problem([name for name in _SIGNS if getattr(self, name)], _SIGNS):
            raise ValueError(problem)
        if self.errors_in_a_row and self.sign not in _COUNTS_ERRORS:
            names = " or ".join(_COUNTS_ERRORS)
            raise ValueError(f"errors_in_a_row needs a sign that tells of errors: {names} (got {self.sign})")
        return self

    @property
    def sign(self) -> str:
        """The key of its one sign of life."""
        return next(name for name in _SIGNS if getattr(self, name))

    @property
    def silent(self) -> timedelta:
        """How long it may give no sign: what writes a file may do so seldom, a port can be asked at any time."""
        return self.stale_after or (_SELDOM if self.sign in ("heartbeat", "log") else _OFTEN)


def _agreeing(units: dict[str, ForeignUnit]) -> dict[str, ForeignUnit]:
    check_needs({name: unit.needs for name, unit in units.items()})
    return units


def _shipped_profiles() -> dict[str, Profile]:
    card, bank, journal = StatementKind
    practice = Ledger.PRACTICE
    return {
        "card": Profile(kind=card),
        "bank": Profile(kind=bank),
        "journal": Profile(kind=journal),
        "practice-card": Profile(kind=card, ledger=practice, rules="card"),
        "practice-bank": Profile(kind=bank, ledger=practice, rules="bank"),
        "practice-journal": Profile(kind=journal, ledger=practice, rules="journal"),
    }


class Settings(Table):
    """The whole file."""

    language: Lang | None = Field(
        default=None, description="ko 또는 en, 비우면 시스템 언어 / ko or en; unset: the system's language"
    )
    timezone: ZoneName = Field(default="Asia/Seoul", description="회사의 시간대 / the company's time zone")
    company: Company = Company()
    inbox: Inbox = Inbox()
    redis: Redis = Redis()
    erp: Erp = Erp()
    posting: Posting = Posting()
    notify: Notify = Notify()
    keep: Keep = Keep()
    profiles: dict[Name, Profile] = Field(default_factory=_shipped_profiles)
    units: Annotated[dict[Annotated[Name, NotOurs], ForeignUnit], AfterValidator(_agreeing)] = Field(
        default_factory=dict,
        description="지킴이가 함께 지키는 다른 프로그램 / programs of others that are kept as well",
    )

    @property
    def zone(self) -> ZoneInfo:
        """The company's time zone."""
        return ZoneInfo(self.timezone)
