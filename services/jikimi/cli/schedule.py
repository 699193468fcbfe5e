"""The timetable: what runs by itself, when it ran and how that ended."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

import click

from jikimi.broker import connect
from jikimi.cli.context import Context, NotRunning, print_document, redis_address
from jikimi.cli.order import control_key
from jikimi.cli.schedules import all_schedules, list_reader
from jikimi.errors import NotWell, WrongUse
from jikimi.queue.rq_queue import RqQueue
from jikimi.schedule.book import Book
from jikimi.schedule.door import Door
from jikimi.schedule.timetable import SERVED, Schedule
from jikimi.supervisor.stack import owner
from jikimi.text import Text

_WITHIN_S = 3.0
_OVERDUE = timedelta(minutes=2)
_LINE = Text(
    "{name:<14} 다음 {next:<17} 마지막 {last:<17} {outcome}  놓침 {missed}",
    "{name:<14} next {next:<17} last {last:<17} {outcome}  missed {missed}",
)
_ZONE = Text("시간대: {zone}", "zone: {zone}")
_PAUSED = Text(
    "  {until}까지 쉽니다. 다시: jikimi schedule resume {name}",
    "  paused until {until}; to go on: jikimi schedule resume {name}",
)
_LATE = Text(
    "  시계가 멈춘 것 같습니다. jikimi status를 보세요", "  the clock seems to stand still; look at `jikimi status`"
)
_RAN = Text("{at}  {name:<14} {outcome}  놓침 {missed}  {job}", "{at}  {name:<14} {outcome}  missed {missed}  {job}")
_NOTHING = Text("아직 실행된 것이 없습니다", "nothing has run yet")
_ASKED = Text("부탁했습니다: {job}", "asked for: {job}")
_RESTS = Text("{name}: {until}까지 쉽니다", "{name}: paused until {until}")
_GOES_ON = Text("{name}: 다시 작동합니다", "{name}: goes on")
_OUTCOMES: Mapping[str, Text] = {
    "": Text("아직 없음", "not yet"),
    "waiting": Text("기다림", "waiting"),
    "running": Text("실행 중", "running"),
    "done": Text("완료", "done"),
    "failed": Text("실패", "failed"),
    "away": Text("ERP가 쉼", "the ERP was away"),
    "stopped": Text("중간에 멈춤", "stopped midway"),
    "refused": Text("거절됨", "refused"),
    "gone": Text("알 수 없음", "not known any more"),
    "late": Text("늦어서 건너뜀", "skipped, too late"),
    "fresh": Text("방금 시작해서 건너뜀", "skipped, all had just started"),
    "paused": Text("쉬는 중이라 건너뜀", "skipped, paused"),
    "fired": Text("실행", "ran"),
    "no_worker": Text("아직 맡을 작업자가 없음", "no worker for it yet"),
}
name_argument = click.argument("name")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")


class NoSuchSchedule(WrongUse):
    """There is no schedule of that name."""

    what = Text("그런 일정이 없습니다: {name}", "no such schedule: {name}")
    remedy = Text("있는 것: {names}", "there are: {names}")


class BadUntil(WrongUse):
    """A pause has no end that lies ahead."""

    what = Text("알 수 없거나 지난 시각입니다: {until}", "this is no time that lies ahead: {until}")
    remedy = Text(
        '"18:00", "2026-12-01" 또는 "2026-12-01 18:00"처럼 쓰세요',
        'write one such as "18:00", "2026-12-01" or "2026-12-01 18:00"',
    )


class NobodyServes(NotWell):
    """No worker takes what this schedule asks for."""

    what = Text("이 일을 맡을 작업자가 아직 없습니다: {name}", "there is no worker for this yet: {name}")
    remedy = Text("jikimi schedule로 다른 일정을 보세요", "`jikimi schedule` shows the others")


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> int:
    """Say what runs by itself: when next, when last, and how that ended; leave with 2 if the clock stands still.

    \b
    Examples:
      jikimi schedule
      jikimi schedule --json
    """
    if ctx.invoked_subcommand:
        return 0
    context: Context = ctx.obj
    _require_stack(context)
    found = list_reader(context, _WITHIN_S)()
    overdue = context.clock.now() - _OVERDUE
    late = [one for one in found if one["next"] and datetime.fromisoformat(one["next"]) < overdue]
    code = 2 if late else 0
    if as_json:
        return print_document("schedule", {"schedules": found}, code)
    context.say(_ZONE, zone=context.config.settings.timezone)
    for one in found:
        context.say(
            _LINE,
            **{
                **one,
                "next": _short(one["next"]),
                "last": _short(one["last"]),
                "outcome": _said(context, one["outcome"]),
            },
        )
        if one["paused_until"]:
            context.say(_PAUSED, name=one["name"], until=_short(one["paused_until"]))
        if one in late:
            context.say(_LATE)
    return code


@command.command()
@name_argument
@json_option
@click.pass_obj
def run(context: Context, name: str, as_json: bool) -> int:
    """Do now what the schedule NAME does; when it is due next stays as it is.

    \b
    Example:
      jikimi schedule run cycle
    """
    schedule, book = _find(context, name)
    if schedule.queue not in SERVED:
        raise NobodyServes(name=name)
    redis = connect(redis_address(context.config), retries=0, timeout_s=_WITHIN_S)
    now = context.clock.now()
    door = Door(context.queue(), RqQueue(redis, control_key(context, "cli"), context.clock), context.clock)
    job = door.submit(schedule, f"run-{round(now.timestamp() * 1000)}", f"schedule: {name}")
    book.note_run(name, job, now)
    if as_json:
        return print_document("schedule-run", {"name": name, "job": job})
    context.say(_ASKED, job=job)
    return 0


@command.command()
@name_argument
@click.option("--until", required=True, help='When it goes on: "18:00", "2026-12-01" or "2026-12-01 18:00".')
@json_option
@click.pass_obj
def pause(context: Context, name: str, until: str, as_json: bool) -> int:
    """Let the schedule NAME rest; what is due meanwhile is not made up for.

    \b
    Example:
      jikimi schedule pause cycle --until 18:00
    """
    _, book = _find(context, name)
    moment = _moment(context, until)
    book.pause(name, moment)
    if as_json:
        return print_document("schedule-pause", {"name": name, "paused_until": moment.isoformat()})
    context.say(_RESTS, name=name, until=_short(moment.isoformat()))
    return 0


@command.command()
@name_argument
@json_option
@click.pass_obj
def resume(context: Context, name: str, as_json: bool) -> int:
    """End the pause of the schedule NAME.

    \b
    Example:
      jikimi schedule resume cycle
    """
    _, book = _find(context, name)
    book.pause(name, None)
    if as_json:
        return print_document("schedule-pause", {"name": name, "paused_until": None})
    context.say(_GOES_ON, name=name)
    return 0


@command.command()
@click.argument("name", default="")
@click.option("--last", type=click.IntRange(min=1), default=20, show_default=True, help="How many of the newest.")
@json_option
@click.pass_obj
def history(context: Context, name: str, last: int, as_json: bool) -> int:
    """List what ran and what was skipped, of the schedule NAME or of all.

    \b
    Examples:
      jikimi schedule history
      jikimi schedule history cycle --last 5
    """
    _require_stack(context)
    book = _find(context, name)[1] if name else _book(context)
    zone = context.config.settings.zone
    lines: list[dict[str, Any]] = [
        {
            **line,
            **{key: datetime.fromisoformat(line[key]).astimezone(zone).isoformat() for key in ("at", "due")},
            "missed": int(line["missed"]),
        }
        for line in book.history(last, name)
    ]
    if as_json:
        return print_document("schedule-history", {"runs": lines})
    if not lines:
        context.say(_NOTHING)
    for line in lines:
        context.say(_RAN, **{**line, "at": _short(line["at"]), "outcome": _said(context, line["why"] or "fired")})
    return 0


def _require_stack(context: Context) -> None:
    if owner(context.home) is None:
        raise NotRunning(home=context.home.root)


def _book(context: Context) -> Book:
    return Book(connect(redis_address(context.config), retries=0, timeout_s=_WITHIN_S))


def _find(context: Context, name: str) -> tuple[Schedule, Book]:
    _require_stack(context)
    schedules = all_schedules(context.config)
    if name not in schedules:
        raise NoSuchSchedule(name=name, names=", ".join(schedules))
    return schedules[name], _book(context)


def _moment(context: Context, text: str) -> datetime:
    """Return the moment that *text* names in the company's zone; a time of day is the next one."""
    zone, now = context.config.settings.zone, context.clock.now()
    local = now.astimezone(zone)
    try:
        found = (
            datetime.combine(local.date(), time.fromisoformat(text), zone)
            if ":" in text[:3]
            else datetime.fromisoformat(text)
        )
    except ValueError:
        raise BadUntil(until=text) from None
    found = found if found.tzinfo else found.replace(tzinfo=zone)
    if ":" in text[:3] and found <= now:
        found = datetime.combine(local.date() + timedelta(days=1), found.timetz())
    if found <= now:
        raise BadUntil(until=text)
    return found


def _short(moment: str | None) -> str:
    return f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M}" if moment else "-"


def _said(context: Context, outcome: str) -> str:
    return _OUTCOMES[outcome].say(context.lang) if outcome in _OUTCOMES else outcome
