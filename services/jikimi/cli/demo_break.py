"""Break the worker in mid-batch, and measure how it is mended and what became of the vouchers."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from jikimi.beats.beat_file import read_beat
from jikimi.cli.context import Context
from jikimi.cli.examples import HISTORY, cycles_until
from jikimi.cli.show import Show
from jikimi.clock import today
from jikimi.compose.names import container_of
from jikimi.config.model import Ledger
from jikimi.errors import NotWell
from jikimi.runtime.docker import send_signal
from jikimi.runtime.faults import freeze, kill
from jikimi.status.reader import read
from jikimi.supervisor.incidents import fold, read_lines
from jikimi.text import Text

T = TypeVar("T")
LINES = 240
_WITHIN_S = 120.0
_LOOK_S = 0.02
_HEAD = "승인일자,승인시간,카드번호,승인번호,가맹점명,사업자번호,승인금액,공급가액,부가세,할부,취소여부\n"
_DROPPED = Text(
    "연습 장부에 카드 명세서 {count}줄을 넣었습니다", "a card statement of {count} lines was dropped into practice"
)
_KILLED = Text(
    "작업자를 기표 중에 죽였습니다: {detect}초에 알아채고 {heal}초에 다시 일함",
    "the worker's process was killed in mid-batch: noticed after {detect} s, at work again after {heal} s",
)
_FROZEN = Text(
    "작업자를 기표 중에 얼렸습니다: {detect}초에 알아채고 {heal}초에 다시 일함",
    "the worker was frozen in mid-batch: noticed after {detect} s, at work again after {heal} s",
)
_RESULT = Text(
    "{count}줄: 전표 {stands}건, 잃음 {lost}, 중복 {doubled}  {mark}",
    "{count} lines: {stands} vouchers stand, lost {lost}, doubled {doubled}  {mark}",
)


class NothingToBreak(NotWell):
    """The worker was done before it could be broken."""

    what = Text("{seconds}초 안에 {what}이(가) 일어나지 않았습니다", "{what} did not happen within {seconds} s")
    remedy = Text("`jikimi status`가 정상일 때 다시 해 보세요", "try again when `jikimi status` is OK")


@dataclass(frozen=True, slots=True)
class Blow:
    """One fault and how it was mended, in seconds since it was dealt."""

    kind: str
    detect_s: float
    heal_s: float


def break_and_measure(context: Context, show: Show) -> dict[str, Any]:
    """Deal two blows in mid-batch, and return what was measured: each blow, and the vouchers as the ERP has them."""
    statement, history = _statement(context), context.home / HISTORY
    start = history.stat().st_size if history.exists() else 0
    name = f"break-{hashlib.sha256(statement).hexdigest()[:8]}.csv"
    partial = context.home / "inbox/practice-card" / f".{name}.part"
    partial.write_bytes(statement)
    partial.rename(partial.with_name(name))
    show.say(_DROPPED, count=LINES)
    blows = []
    for deal, text in _blows(context):
        blow = deal(context)
        blows.append({"kind": blow.kind, "detect_s": blow.detect_s, "heal_s": blow.heal_s})
        show.say(text, detect=blow.detect_s, heal=blow.heal_s)
    for _ in cycles_until(context, history, start, {name}):
        pass
    return {"blows": blows, **_count(context, show, statement)}


def _blows(context: Context) -> Sequence[tuple[Callable[[Context], Blow], Text]]:
    if context.config.settings.engine.url:
        return (_kill_container, _KILLED), (_freeze_container, _FROZEN)
    return (_kill, _KILLED), (_freeze, _FROZEN)


def _kill(context: Context) -> Blow:
    """Kill the child that posts; its parent sees that and starts another."""
    child = int(_when_posting(context)["child_pid"])
    began = context.clock.now().timestamp()
    kill(child)
    given_up = _wait_for(context, "child.given_up", lambda: _event(context, "child.given_up", began))
    started = _wait_for(context, "child.started", lambda: _event(context, "child.started", given_up))
    return Blow("killed", round(given_up - began, 2), round(started - began, 2))


def _freeze(context: Context) -> Blow:
    """Freeze the parent; the supervisor hears no beat any more and restarts the unit."""
    worker = _when_posting(context)
    began = context.clock.now().timestamp()
    freeze(int(worker["pid"]))
    return _healed("frozen", context, began)


def _kill_container(context: Context) -> Blow:
    """Kill the whole container by the engine, which then leaves it dead; the supervisor starts it."""
    _when_posting(context)
    began = context.clock.now().timestamp()
    _signal_worker(context, "SIGKILL")
    return _healed("killed", context, began)


def _freeze_container(context: Context) -> Blow:
    """Freeze the first process of the container; its child sees that and wakes it."""
    _when_posting(context)
    began = context.clock.now().timestamp()
    _signal_worker(context, "SIGSTOP")
    woken = _wait_for(context, "parent.woken", lambda: _event(context, "parent.woken", began))
    beat = _wait_for(context, "beat", lambda: _beat_after(context, woken))
    return Blow("frozen", round(woken - began, 2), round(beat - began, 2))


def _signal_worker(context: Context, signal: str) -> None:
    engine = context.config.settings.engine
    send_signal(engine.url, container_of(engine.project, "erp-worker"), signal)


def _beat_after(context: Context, when: float) -> float | None:
    beat = read_beat(context.home / "state/beats", "erp-worker") or {}
    at = datetime.fromisoformat(beat["at"]).timestamp() if beat else 0.0
    return at if at > when else None


def _healed(kind: str, context: Context, began: float) -> Blow:
    incident = _wait_for(context, "recovery", lambda: _recovered(context, began))
    detected, recovered = (datetime.fromisoformat(incident[name]) for name in ("detected_at", "recovered_at"))
    return Blow(kind, round(detected.timestamp() - began, 2), round(recovered.timestamp() - began, 2))


def _count(context: Context, show: Show, statement: bytes) -> dict[str, Any]:
    """Ask the ERP how many vouchers stand for each line."""
    queue, sha = context.queue(), hashlib.sha256(statement).hexdigest()
    job = f"erp-readback-{sha[:12]}-{round(context.clock.now().timestamp() * 1000)}"
    queue.submit("read_back", {"sha": sha, "ledger": Ledger.PRACTICE.value}, job)
    stands = [int(row["stands"]) for row in queue.answer(job, _WITHIN_S)["rows"]]
    lost, doubled = LINES - sum(count > 0 for count in stands), sum(count > 1 for count in stands)
    mark = "✗" if lost or doubled else "✓"
    show.say(_RESULT, count=LINES, stands=sum(stands), lost=lost, doubled=doubled, mark=mark)
    return {"in": LINES, "stands": sum(stands), "lost": lost, "doubled": doubled}


def _statement(context: Context) -> bytes:
    """Return a statement that was never seen before: its approval numbers come from the clock."""
    day = today(context.clock, context.config.settings.zone)
    first = round(context.clock.now().timestamp() * 10) % 90_000_000 + 10_000_000 - LINES
    rows = "".join(
        f"{day},{9 + line // 60:02}:{line % 60:02}:00,9999-12**-****-3456,{first + line},스타벅스 강남대로점,"
        f'900-81-00015,"{1100 + 11 * line:,}","{1000 + 10 * line:,}",{100 + line},일시불,\n'
        for line in range(LINES)
    )
    return ("\ufeff" + _HEAD + rows).encode()


def _when_posting(context: Context) -> Mapping[str, Any]:
    """Return the worker as soon as it is in the middle of posting."""
    return _wait_for(context, "posting", lambda: next(_posting(context), None))


def _posting(context: Context) -> Iterator[Mapping[str, Any]]:
    status = read(context.home.status_file, context.clock.now().timestamp())
    for unit in status.get("units", []):
        is_at_work = unit["state"] == "healthy" and unit["mode"] == "busy" and unit["child_pid"]
        if unit["name"] == "erp-worker" and is_at_work and "post" in (unit["phase"] or ""):
            yield unit


def _event(context: Context, name: str, since: float) -> float | None:
    """Return when the worker's parent logged the event *name* for the first time after *since*."""
    for line in _log(context.home / "logs/erp-worker.jsonl"):
        at = datetime.fromisoformat(line["at"]).timestamp()
        if line.get("event") == name and at >= since:
            return at
    return None


def _log(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.endswith("\n"):
                yield json.loads(line)


def _recovered(context: Context, since: float) -> Mapping[str, Any] | None:
    incidents = fold(read_lines(context.home / "outputs/watchdog_log.jsonl"))
    return next(
        (
            incident
            for incident in incidents
            if incident["unit"] == "erp-worker"
            and incident["recovered_at"]
            and datetime.fromisoformat(incident["detected_at"]).timestamp() >= since
        ),
        None,
    )


def _wait_for(context: Context, what: str, look: Callable[[], T | None]) -> T:
    give_up_at = context.clock.ticks() + _WITHIN_S
    while (found := look()) is None:
        if context.clock.ticks() > give_up_at:
            raise NothingToBreak(what=what, seconds=round(_WITHIN_S))
        context.clock.wait(_LOOK_S)
    return found
