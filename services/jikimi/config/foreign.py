"""`[units.NAME]`: a program that is not ours."""

from datetime import timedelta
from typing import Literal, Self

from pydantic import Field, model_validator

from jikimi.config.span import Span
from jikimi.config.table import Name, Table
from jikimi.config.unit_values import Command, ContainerName, HostPort, HttpUrl, TimeOfDay, signs_problem

_SIGNS = ("heartbeat", "log", "tcp", "http", "probe")
_OF_CONTAINERS = ("tcp", "http")
_NOT_OF_CONTAINERS = ("folder", "errors_in_a_row", "clear", "priority", "memory")
_COUNTS_ERRORS = ("heartbeat", "log", "probe")
_SELDOM, _OFTEN = timedelta(minutes=60), timedelta(seconds=60)


class ForeignUnit(Table):
    """A program that is not ours, and how anyone can see that it lives."""

    command: Command = Field(
        default=(),
        description="실행할 명령, 단어 목록 또는 한 줄 / what is run: a list of words, or one line of them",
    )
    container: ContainerName | None = Field(
        default=None,
        description="명령 대신 이미 있는 컨테이너의 이름, compose에서만"
        " / in place of a command: the name of a container that is there; in compose only",
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
    def _one_way_to_run(self) -> Self:
        if bool(self.command) is bool(self.container):
            given = "both" if self.command else "none"
            raise ValueError(f"give a command or a container, one of them (got {given})")
        return self

    @model_validator(mode="after")
    def _one_sign(self) -> Self:
        signs = [name for name in _SIGNS if getattr(self, name)]
        if self.container:
            if set(signs) - set(_OF_CONTAINERS) or len(signs) > 1:
                raise ValueError(f"of a container only tcp or http can be seen (got {' and '.join(signs)})")
            if vain := [name for name in _NOT_OF_CONTAINERS if name in self.model_fields_set]:
                raise ValueError(f"a container has that from its own settings; leave it out (got {', '.join(vain)})")
            return self
        if problem := signs_problem([name for name in _SIGNS if getattr(self, name)], _SIGNS):
            raise ValueError(problem)
        if self.errors_in_a_row and self.sign not in _COUNTS_ERRORS:
            names = " or ".join(_COUNTS_ERRORS)
            raise ValueError(f"errors_in_a_row needs a sign that tells of errors: {names} (got {self.sign})")
        return self

    @property
    def sign(self) -> str:
        """The key of its one sign of life; of a container that it runs is one."""
        return next((name for name in _SIGNS if getattr(self, name)), "container")

    @property
    def silent(self) -> timedelta:
        """How long it may give no sign: what writes a file may do so seldom, a port can be asked at any time."""
        return self.stale_after or (_SELDOM if self.sign in ("heartbeat", "log") else _OFTEN)
