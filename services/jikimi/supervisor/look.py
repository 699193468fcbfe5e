"""What the keeper sees, made public: the snapshot that `status` reads, and the page that opens by a double click."""

import json
import shutil
from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from jikimi.beats.beat_file import read_beat
from jikimi.clock import Clock
from jikimi.config import Config
from jikimi.status.document import Check, UnitFact, snapshot
from jikimi.supervisor.keeper import Kept, State
from jikimi.text import Lang, Text
from jikimi.vouchers.cycle import LEAST_FREE_BYTES

_PAGES = Environment(loader=PackageLoader("jikimi.status"), autoescape=True, undefined=StrictUndefined)
_DOWN = Text("{units}이(가) 실행되고 있지 않습니다", "not running: {units}")
_DOWN_CURE = Text("곧 다시 시작합니다", "it is started again by itself")
_STOPPED_CURE = Text("켜려면: jikimi up", "to start: jikimi up")
_UNPROVED = Text("마지막 사이클의 검증이 맞지 않습니다", "the last cycle's proof does not hold")
_UNPROVED_CURE = Text("outputs/results/의 결과를 보세요", "look at the pages in outputs/results/")
_FULL = Text("디스크에 {free} MB만 남았습니다", "only {free} MB are left on the disk")
_FULL_CURE = Text("공간을 비우세요", "free some space")
_WAITING = Text("기다리는 줄: {count}", "lines that wait: {count}")
_WAITING_CURE = Text("까닭은 outputs/results/의 결과에 있습니다", "the pages in outputs/results/ say for what")


def publish(config: Config, clock: Clock, units: Sequence[Kept], erp: str) -> None:
    """Write `state/status.json` and `outputs/status.html`; readers see whole files only."""
    facts = [_fact(config, unit) for unit in units]
    addresses = [{"name": "ERP", "url": f"{erp}/"}] if erp else []
    addresses.append({"name": "inbox", "url": str(config.home / "inbox")})
    document = snapshot(clock.now(), facts, _checks(config, facts), addresses)
    _replace(config, "state", "status.json", json.dumps(document, ensure_ascii=False))
    page = _PAGES.get_template("status.html").render(status=document, ko=config.lang is Lang.KO)
    _replace(config, "outputs", "status.html", page)


def _fact(config: Config, unit: Kept) -> UnitFact:
    name = unit.part.spec.name
    pid = unit.running.pid if unit.running else None
    return UnitFact(name, unit.state.value, pid, unit.restarts, read_beat(config.home / "state/beats", name) or {})


def _checks(config: Config, facts: Sequence[UnitFact]) -> list[Check]:
    return [_units(config.lang, facts), _proof(config.lang, facts), _waiting(config.lang, facts), _disk(config)]


def _units(lang: Lang, facts: Sequence[UnitFact]) -> Check:
    down = [fact for fact in facts if fact.state != State.HEALTHY]
    if not down:
        return Check("units", "ok", "")
    cure = _STOPPED_CURE if any(fact.state == State.STOPPED for fact in down) else _DOWN_CURE
    return Check("units", "ng", _DOWN.say(lang, units=", ".join(fact.name for fact in down)), cure.say(lang))


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


def _replace(config: Config, folder: str, name: str, text: str) -> None:
    """Write without waiting for the disk: after a power cut a new snapshot comes anyway."""
    partial = config.home / folder / f".{name}.partial"
    partial.write_text(text, encoding="utf-8")
    partial.replace(config.home / folder / name)
