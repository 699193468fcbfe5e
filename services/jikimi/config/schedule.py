"""`[schedule]`: when the stack works by itself, and `[schedule.NAME]`: what a person wants done at set times."""

import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from jikimi.config.span import Span
from jikimi.config.table import Name, Table
from jikimi.config.unit_values import TimeOfDay, time_of_day

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SHORTEST, _LONGEST = timedelta(minutes=1), timedelta(days=1)
_HOURS = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)")
_SHIPPED_COUNTRY = "KR"


def minutes(clock: str) -> int:
    """Return the minutes after midnight of a time of day such as "05:55"."""
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def _hours(value: str) -> str:
    match = _HOURS.fullmatch(value)
    if match is None or minutes(match[1]) >= minutes(match[2]):
        raise ValueError(f'write two times of one day, the earlier first, such as "06:00-18:00" (got {value!r})')
    return value


def _often(value: timedelta) -> timedelta:
    if not _SHORTEST <= value <= _LONGEST:
        raise ValueError('write a span between "1m" and "1d"')
    return value


def _often_or_off(value: timedelta) -> timedelta:
    return value and _often(value)


def _country(value: str) -> str:
    if value in ("", _SHIPPED_COUNTRY):
        return value
    from holidays import list_supported_countries  # noqa: PLC0415 - takes a second, and few ever ask

    country, _, part = value.partition("-")
    known = list_supported_countries()
    if country not in known or (part and part not in known[country]):
        raise ValueError(f'no such country; write its two letters, such as "KR", or "" for none (got {value!r})')
    return value


def _weekdays(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value or set(value) - set(WEEKDAYS):
        raise ValueError(f"write one or more of {', '.join(WEEKDAYS)} (got {list(value)})")
    return value


def _days(value: object) -> object:
    if value in ("daily", "business"):
        return (value,)
    if not isinstance(value, list | tuple) or not value or set(value) - set(WEEKDAYS):
        raise ValueError(f'write "daily", "business", or a list such as ["mon", "fri"] (got {value!r})')
    return value


def _table(value: object) -> object:
    if not isinstance(value, dict | BaseModel):
        raise PydanticCustomError("extra_forbidden", "no such setting")
    return value


Hours = Annotated[str, AfterValidator(_hours)]
Weekdays = Annotated[tuple[str, ...], AfterValidator(_weekdays)]
# ("daily",), ("business",) or weekdays; written as the word or the list
Days = Annotated[
    tuple[str, ...],
    BeforeValidator(_days),
    PlainSerializer(lambda days: days[0] if days[0] in ("daily", "business") else list(days)),
]
Often = Annotated[Span, AfterValidator(_often)]
OftenOrOff = Annotated[Span, AfterValidator(_often_or_off)]
TimeOrNever = Annotated[str, AfterValidator(lambda value: value and time_of_day(value))]
Country = Annotated[str, AfterValidator(_country)]


class OwnSchedule(Table):
    """What a person wants done at set times."""

    flow: Name | None = Field(default=None, description="실행할 플로우 / the flow that is run")
    unit: Name | None = Field(default=None, description="다시 시작할 유닛 / or the unit that is restarted")
    at: TimeOfDay | None = Field(default=None, description='시각, "07:30" / a time of day, such as "07:30"')
    every: Often | None = Field(
        default=None, description='또는 간격, "30m" / or a span between two runs, such as "30m"'
    )
    days: Days = Field(
        default=("daily",),
        description='daily, business(영업일) 또는 ["mon", "fri"] / daily, business (days) or such as ["mon", "fri"]',
    )
    hours: Literal["all", "business", "outside"] = Field(
        default="all",
        description="every의 시간대: all, business 또는 outside / the hours of `every`: all, business or outside",
    )
    missed: Literal["once", "skip"] | None = Field(
        default=None,
        description="놓친 실행: once 한 번 만회, skip 건너뜀, 비우면 flow once, unit skip"
        " / runs that were missed: once for all, or skip; unset: once for a flow, skip for a unit",
    )

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        for pair in (("flow", "unit"), ("at", "every")):
            given = [name for name in pair if getattr(self, name) is not None]
            if len(given) != 1:
                raise ValueError(f"give {pair[0]} or {pair[1]}, one of them (got {' and '.join(given) or 'none'})")
        if self.at is not None and self.hours != "all":
            raise ValueError(f"hours goes with every, not with at (got {self.hours!r})")
        return self


class Timetable(BaseModel):
    """When the stack works by itself; a table in it is a schedule of a person's own."""

    __pydantic_extra__: dict[str, Annotated[OwnSchedule, BeforeValidator(_table)]]
    model_config = ConfigDict(extra="allow", frozen=True)
    tables: ClassVar[type[BaseModel]] = OwnSchedule

    business_hours: Hours = Field(default="06:00-18:00", description="영업시간 / business hours")
    business_days: Weekdays = Field(default=WEEKDAYS[:5], description="영업 요일 / business days")
    holidays: Country = Field(
        default=_SHIPPED_COUNTRY,
        description='공휴일을 쉬는 나라, 비우면 없음 / whose public holidays are no business days; "" for none',
    )
    cycle: OftenOrOff = Field(
        default=timedelta(minutes=30),
        description='영업시간의 사이클 간격, "0s"는 끔 / between cycles in business hours; "0s" for none',
    )
    idle: OftenOrOff = Field(
        default=timedelta(minutes=10),
        description='그 밖의 시간에 시험 작업을 보내는 간격, "0s"는 끔'
        ' / between test jobs to the ERP and back outside them; "0s" for none',
    )
    restart: TimeOrNever = Field(
        default="05:55",
        description='매일 모두 다시 시작하는 시각, 비우면 안 함 / when all is restarted each day; "" for never',
    )
    backup: TimeOrNever = Field(
        default="03:30", description='매일 백업하는 시각, 비우면 안 함 / when the backup is made each day; "" for never'
    )

    @property
    def own(self) -> Mapping[str, OwnSchedule]:
        """The schedules of a person's own, by name."""
        found: dict[str, Any] = self.__pydantic_extra__ or {}
        return found


def check_own(own: Mapping[str, OwnSchedule], units: Collection[str]) -> None:
    """See that every schedule has a name as all tables have, and that the unit that it restarts exists.

    Raises:
        ValidationError: with every one that does not, at its place below `schedule`.
    """
    names = ", ".join(units)
    wrong = [
        *(
            _at((name,), f"write a name in small letters, digits and hyphens (got {name!r})")
            for name in own
            if not _is_name(name)
        ),
        *(
            _at((name, "unit"), f"no such unit; there are {names} (got {one.unit!r})")
            for name, one in own.items()
            if one.unit and one.unit not in units
        ),
    ]
    if wrong:
        raise ValidationError.from_exception_data("schedule", wrong)


def _is_name(name: str) -> bool:
    try:
        _NAME.validate_python(name)
    except ValidationError:
        return False
    return True


def _at(place: tuple[str, ...], message: str) -> InitErrorDetails:
    error = PydanticCustomError("schedule", "{message}", {"message": message})
    return InitErrorDetails(type=error, loc=("schedule", *place), input=place[0])


_NAME: TypeAdapter[str] = TypeAdapter(Name)
