"""`[watch]`: when a unit is given up, and how often it is tried."""

from datetime import timedelta

from pydantic import Field

from jikimi.config.span import Span
from jikimi.config.table import Table


class Watch(Table):
    """The supervisor's limits; those of programs that are not ours stand in their own tables."""

    silent: Span = Field(
        default=timedelta(seconds=5),
        ge=timedelta(seconds=2),
        description="신호가 이만큼 없으면 멈춘 것 / a unit of ours that gives no sign for so long hangs",
    )
    starts_within: Span = Field(
        default=timedelta(seconds=60), description="시작에 주는 시간 / how long a start may take without a sign"
    )
    restarts: int = Field(
        default=5,
        ge=1,
        description="헛된 재시작이 이만큼이면 쉬게 함 / so many restarts in vain, and a unit is given a rest",
    )
    within: Span = Field(
        default=timedelta(minutes=10), description="그 재시작을 세는 기간 / the time in which they are counted"
    )
    tried_again: Span = Field(
        default=timedelta(minutes=5),
        description="쉬는 유닛을 다시 시도하는 간격, 세 배까지, 남들이 기다리면 그 10분의 1"
        " / when it is tried again; grows to three times that, and is a tenth of it where others wait for the unit",
    )
    failed_rounds: int = Field(
        default=3,
        ge=1,
        description="연속 실패한 사이클 수, 넘으면 재시작 / failed cycles in a row that restart a unit",
    )
    drain: Span = Field(
        default=timedelta(seconds=120),
        description="멈추기 전에 하던 일을 끝낼 시간 / how long a batch may take to end before a stop",
    )
