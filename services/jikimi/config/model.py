"""The shape of `jikimi.toml`. Every setting works as shipped; its description becomes the comment in the file.

A description is "Korean / English" in one line, for the file is written once and read by both.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from jikimi.config.backup import Backup
from jikimi.config.foreign import ForeignUnit
from jikimi.config.notify import Notify
from jikimi.config.rpa import Rpa
from jikimi.config.schedule import Timetable, check_own
from jikimi.config.span import Span
from jikimi.config.table import Name, Table
from jikimi.config.unit_values import OUR_UNITS, NotOurs, check_needs
from jikimi.config.watch import Watch
from jikimi.text import Lang


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f'no such time zone; write one such as "Asia/Seoul" (got {name!r})') from None
    return name


ZoneName = Annotated[str, AfterValidator(_known_zone)]
FlowName = Annotated[str, StringConstraints(pattern=r"^\w*$")]


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


class Gap(StrEnum):
    """What becomes of a bank statement that does not go on where the last one ended."""

    TELL = "tell"
    WAIT = "wait"


FLOWS = "flows"  # the folder below inbox/ in which each flow has its own
OUTGOING = "outgoing"  # the folder below work/ for vouchers that a flow enters


def _not_ours(name: str) -> str:
    if name in (FLOWS, OUTGOING):
        raise ValueError(f"a folder of that name is used for flows; choose another name (got {name!r})")
    return name


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
    gap: Gap = Field(
        default=Gap.TELL,
        description="은행 명세서가 빠졌을 때: tell 알리고 기표, wait 빠진 것이 오거나 승인할 때까지 대기"
        " / when a bank statement is missing: tell: say so and post; wait: until it comes or a person approves",
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
    password_file: str = Field(default="", description="암호가 든 파일 / the file with its password")


class Engine(Table):
    """The container engine; without an address units are processes of this machine."""

    url: str = Field(
        default="", description="비우면 유닛은 이 컴퓨터의 프로세스 / empty: units are processes of this machine"
    )
    project: Name = Field(default="jikimi", description="compose 프로젝트 이름 / the compose project's name")


class Metrics(Table):
    """Figures for Prometheus."""

    listen: str = Field(
        default="", description="host:port, 비우면 끔 / host:port where they can be fetched; empty: nowhere"
    )


class Pages(Table):
    """Where a person opens what this stack shows, when that is not where the stack itself finds it."""

    ledger: str = Field(default="", description="장부의 주소 / the ledger's address")
    grafana: str = Field(default="", description="Grafana의 주소 / Grafana's address")
    inbox: str = Field(default="", description="편지함 폴더 / the inbox folder")
    backups: str = Field(default="", description="백업 폴더 / the folder of the backups")


class Erp(Table):
    """The ERP; without an address the stack runs its own."""

    url: str = Field(default="", description="비우면 함께 실행되는 Tryton / empty: the Tryton that this stack runs")
    flow: FlowName = Field(
        default="",
        description="API가 없는 ERP: 회사 장부의 전표를 넣는 흐름의 이름"
        " / for an ERP without an API: the flow that enters the vouchers of the company's ledger",
    )
    database: str = Field(
        default="",
        description="백업할 PostgreSQL 서버, postgresql://사용자@서버:5432 형식. 암호는 PGPASSFILE"
        " / the PostgreSQL server of the books, postgresql://user@host:5432, for backups; password by PGPASSFILE",
    )


class Posting(Table):
    """How vouchers are sent."""

    batch: int = Field(default=50, ge=1, le=100, description="한 번에 보내는 전표 수 / vouchers per request")
    lease: Span = Field(
        default=timedelta(seconds=60),
        description="작성 권한이 갱신 없이 유지되는 시간 / how long a silent writer keeps the right to post",
    )


class Keep(Table):
    """How long what grows is kept."""

    cycle_logs: Span = Field(default=timedelta(days=30), description="사이클 로그 / one file a cycle")
    evidence: Span = Field(default=timedelta(days=14), description="사고의 증거 / what is kept of an incident")
    evidence_gb: float = Field(
        default=2.0,
        gt=0,
        le=1000,
        description="증거의 최대 크기(GB), 넘으면 오래된 것부터 / the most of it, the oldest goes",
    )
    backup_days: int = Field(
        default=14, ge=1, le=3660, description="모든 좋은 백업을 두는 날수 / days for which every good backup is kept"
    )
    backup_weeks: int = Field(
        default=8, ge=0, le=520, description="그 뒤 한 주에 하나씩 두는 주 수 / weeks of which one is kept each"
    )
    backup_months: int = Field(
        default=12, ge=0, le=240, description="한 달에 하나씩 두는 달 수 / months of which one is kept each"
    )


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
    engine: Engine = Engine()
    metrics: Metrics = Metrics()
    pages: Pages = Pages()
    posting: Posting = Posting()
    rpa: Rpa = Rpa()
    schedule: Timetable = Timetable.model_validate({})
    watch: Watch = Watch()
    notify: Notify = Notify()
    keep: Keep = Keep()
    backup: Backup = Backup()
    profiles: dict[Annotated[Name, AfterValidator(_not_ours)], Profile] = Field(default_factory=_shipped_profiles)
    units: Annotated[dict[Annotated[Name, NotOurs], ForeignUnit], AfterValidator(_agreeing)] = Field(
        default_factory=dict,
        description="지킴이가 함께 지키는 다른 프로그램 / programs of others that are kept as well",
    )

    @model_validator(mode="after")
    def _schedules_agree(self) -> Self:
        check_own(self.schedule.own, [name for name in (*OUR_UNITS, *self.units) if name != "supervisor"])
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The company's time zone."""
        return ZoneInfo(self.timezone)
