"""What the keeper sees, made public: the snapshot that `status` reads, and the page that opens by a double click."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from jikimi.clock import Clock
from jikimi.config import Config
from jikimi.inbox import LEAST_FREE_BYTES
from jikimi.status.document import Check, UnitFact, snapshot
from jikimi.supervisor.events import SETTLING
from jikimi.supervisor.policy import GAP, MAINTENANCE
from jikimi.supervisor.state import State
from jikimi.text import Lang, Text

_PAGES = Environment(loader=PackageLoader("jikimi.status"), autoescape=True, undefined=StrictUndefined)
_DOWN = Text("{units}이(가) 실행되고 있지 않습니다", "not running: {units}")
_DOWN_CURE = Text("곧 다시 시작합니다", "it is started again by itself")
_STOPPED_CURE = Text("켜려면: jikimi up", "to start: jikimi up")
_GONE = Text("컨테이너가 없습니다: {units}", "there is no container: {units}")
_GONE_CURE = Text("다시 만들려면: docker compose up -d", "to make it again: docker compose up -d")
_ASIDE = Text("사람이 멈췄습니다: {units}", "stopped by a person: {units}")
_ASIDE_CURE = Text("다시 켜려면: jikimi start {unit}", "to start again: jikimi start {unit}")
_RESTORED = Text("복원 뒤 기다립니다: {units}", "wait since a restore: {units}")
_PAUSED_CURE = Text("다시 시작하려면: jikimi resume", "to go on: jikimi resume")
_QUARANTINED_CURE = Text(
    "계속 다시 시도합니다. 까닭은 jikimi incidents", "it is tried again and again; `jikimi incidents` says why"
)
_HELD = Text("지금은 아무것도 하지 않습니다: {why}", "nothing is done now: {why}")
_HELD_CURE = Text("그 원인이 끝나면 저절로 이어집니다", "it goes on by itself when that is over")
_WINDOW = Text("점검 중: 고장을 고치지 않습니다", "maintenance: nothing is mended meanwhile")
_WINDOW_CURE = Text("끝내려면: jikimi resume", "to end it: jikimi resume")
_SILENT = Text("다른 곳의 유닛이 조용합니다: {units}", "silent, and run elsewhere: {units}")
_SILENT_CURE = Text("그 유닛을 실행한 곳을 보세요", "look where it runs; this stack cannot mend it")
_OF_A_SCHEDULE = ("name", "last", "next", "zone", "outcome")
_GOES = (State.HEALTHY, State.SUSPECT)
_BY_A_PERSON = (State.STOPPED, State.PAUSED, State.DRAINING)
_UNPROVED = Text("마지막 사이클의 검증이 맞지 않습니다", "the last cycle's proof does not hold")
_UNPROVED_CURE = Text("outputs/results/의 결과를 보세요", "look at the pages in outputs/results/")
_FULL = Text("디스크에 {free} MB만 남았습니다", "only {free} MB are left on the disk")
_FULL_CURE = Text("공간을 비우세요", "free some space")
_WAITING = Text("기다리는 줄: {count}", "lines that wait: {count}")
_WAITING_CURE = Text("까닭은 outputs/results/의 결과에 있습니다", "the pages in outputs/results/ say for what")


@dataclass(frozen=True, slots=True)
class Standing:
    """How the stack as a whole stands.

    Attributes:
        is_down: it was told to stop. hold: why nothing is done now, "" if nothing forbids it.
        elsewhere: units that somebody else runs and that have fallen silent.
        incidents: those that are open, each with id, unit, cause.
        missing: units that are not there at all.
        backup: last_good and verified. checks: how else it stands, beside what is seen here.
        is_restored: the home was restored, and nobody has let the work go on since.
        schedules: what runs by itself, each with name, last, next, zone, outcome.
    """

    is_down: bool = False
    hold: str = ""
    elsewhere: Sequence[str] = ()
    incidents: Sequence[Mapping[str, str]] = ()
    missing: Sequence[str] = ()
    is_restored: bool = False
    schedules: Sequence[Mapping[str, Any]] = ()
    backup: Mapping[str, Any] = field(default_factory=dict)
    checks: Sequence[Check] = ()


def publish(
    config: Config, clock: Clock, facts: Sequence[UnitFact], addresses: Sequence[Mapping[str, str]], stack: Standing
) -> Mapping[str, Any]:
    """Write the snapshot, `state/heartbeat.txt` and `outputs/status.html`, and return the snapshot.

    Readers see whole files only.

    Args:
        addresses: each with name and url, and `login` where a command shows the password.
    """
    checks = [*_checks(config, facts, stack), *stack.checks]
    document = snapshot(clock.now(), facts, checks, addresses, stack.incidents)
    document["backup"] = {**document["backup"], **stack.backup}
    document["lang"] = config.lang.value
    document["schedules"] = [{name: one[name] for name in _OF_A_SCHEDULE} for one in stack.schedules]
    _replace(config.home.status_file, json.dumps(document, ensure_ascii=False))
    _replace(config.home / "state/heartbeat.txt", _heartbeat(document, facts))
    page = _PAGES.get_template("status.html").render(status=document, ko=config.lang is Lang.KO)
    _replace(config.home / "outputs/status.html", page)
    return document


def _heartbeat(document: Mapping[str, Any], facts: Sequence[UnitFact]) -> str:
    """Return the three lines for a person: the time, the supervisor's process, and what was done in all time."""
    pid = next((fact.pid for fact in facts if fact.name == "supervisor"), None)
    stats = {name: document["vouchers"][name] for name in ("total", "success", "failure", "count", "cancellations")}
    return f"{document['at']}\nPID: {pid}\nStats: {json.dumps(stats)}\n"


def _checks(config: Config, facts: Sequence[UnitFact], stack: Standing) -> list[Check]:
    lang = config.lang
    return [
        _units(lang, facts, stack),
        _missing(lang, stack),
        _aside(lang, facts, stack),
        _held(lang, stack),
        _elsewhere(lang, stack),
        _proof(lang, facts),
        _waiting(lang, facts),
        _disk(config),
    ]


def _units(lang: Lang, facts: Sequence[UnitFact], stack: Standing) -> Check:
    aside = () if stack.is_down else _BY_A_PERSON
    down = [fact for fact in facts if fact.state not in (*_GOES, *aside)]
    if not down:
        return Check("units", "ok", "")
    states = {fact.state for fact in down}
    cure = _QUARANTINED_CURE if State.QUARANTINED in states else _STOPPED_CURE if stack.is_down else _DOWN_CURE
    return Check("units", "ng", _DOWN.say(lang, units=", ".join(fact.name for fact in down)), cure.say(lang))


def _missing(lang: Lang, stack: Standing) -> Check:
    if not stack.missing:
        return Check("missing", "ok", "")
    return Check("missing", "ng", _GONE.say(lang, units=", ".join(stack.missing)), _GONE_CURE.say(lang))


def _aside(lang: Lang, facts: Sequence[UnitFact], stack: Standing) -> Check:
    """What a person has stopped is no trouble, but must not be forgotten."""
    aside = [fact for fact in facts if fact.state in _BY_A_PERSON]
    if stack.is_down or not aside:
        return Check("stopped", "ok", "")
    is_paused = all(fact.state != State.STOPPED for fact in aside)
    cure = _PAUSED_CURE.say(lang) if is_paused else _ASIDE_CURE.say(lang, unit=aside[0].name)
    said = _RESTORED if stack.is_restored and is_paused else _ASIDE
    return Check("stopped", "warn", said.say(lang, units=", ".join(fact.name for fact in aside)), cure)


def _held(lang: Lang, stack: Standing) -> Check:
    if not stack.hold:
        return Check("hold", "ok", "")
    if stack.hold == MAINTENANCE:
        return Check("hold", "warn", _WINDOW.say(lang), _WINDOW_CURE.say(lang))
    state = "warn" if stack.hold in (GAP, SETTLING) else "ng"
    return Check("hold", state, _HELD.say(lang, why=stack.hold), _HELD_CURE.say(lang))


def _elsewhere(lang: Lang, stack: Standing) -> Check:
    if not stack.elsewhere:
        return Check("elsewhere", "ok", "")
    return Check("elsewhere", "warn", _SILENT.say(lang, units=", ".join(stack.elsewhere)), _SILENT_CURE.say(lang))


def _proof(lang: Lang, facts: Sequence[UnitFact]) -> Check:
    cycle: dict[str, Any] = next((fact.beat.get("last_cycle", {}) for fact in facts if fact.name == "erp-worker"), {})
    if cycle.get("proof", True):
        return Check("proof", "ok", "")
    return Check("proof", "ng", _UNPROVED.say(lang), _UNPROVED_CURE.say(lang))


def _waiting(lang: Lang, facts: Sequence[UnitFact]) -> Check:
    totals: dict[str, int] = next((fact.beat.get("totals", {}) for fact in facts if fact.name == "erp-worker"), {})
    count = totals.get("waiting", 0) + totals.get("unknown", 0)
    if not count:
        return Check("waiting", "ok", "")
    return Check("waiting", "warn", _WAITING.say(lang, count=count), _WAITING_CURE.say(lang))


def _disk(config: Config) -> Check:
    free = shutil.disk_usage(config.home.root).free
    if free >= LEAST_FREE_BYTES:
        return Check("disk", "ok", "")
    return Check("disk", "ng", _FULL.say(config.lang, free=free // 1_000_000), _FULL_CURE.say(config.lang))


def _replace(path: Path, text: str) -> None:
    """Write without waiting for the disk: after a power cut a new snapshot comes anyway."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
