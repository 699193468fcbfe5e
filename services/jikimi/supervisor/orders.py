"""What a person or the timetable asks for: it changes what is wanted, and that wins over every symptom."""

from dataclasses import replace

from jikimi.supervisor.events import Asked, Effect, Note, Op, Step
from jikimi.supervisor.rules import Rules
from jikimi.supervisor.state import Stack, Unit, Wanted

NO_END_S = 1e12


def obey(stack: Stack, asked: Asked, rules: Rules) -> tuple[Stack, list[Effect]]:
    """Return the stack with what is wanted now, and the note that keeps who asked and why."""
    note = Note(
        ", ".join(asked.units) or "all",
        Step.ASKED,
        why=asked.note,
        facts={"op": asked.op.value, "by": asked.by, "for_s": asked.for_s},
    )
    if asked.op is Op.MAINTENANCE:
        return replace(stack, maintenance_s=asked.for_s if asked.for_s is not None else NO_END_S), [note]
    if asked.op is Op.DOWN:
        return replace(stack, is_ending=True), [note]
    stack = replace(stack, is_ending=False, maintenance_s=None if asked.op is Op.RESUME else stack.maintenance_s)
    concerned = _concerned(asked, rules)
    units = {
        name: _wanted(unit, asked, is_named=name in asked.units) if name in concerned else unit
        for name, unit in stack.units.items()
    }
    return replace(stack, units=units), [note]


def _concerned(asked: Asked, rules: Rules) -> set[str]:
    units = {rule.name for rule in rules.units if rule.is_ours and (rule.name in asked.units or not asked.units)}
    if asked.op is Op.PAUSE:
        return {rule.name for rule in rules.units if rule.takes_work and rule.name in units}
    return units


def _wanted(unit: Unit, asked: Asked, *, is_named: bool) -> Unit:
    if asked.op is Op.STOP:
        return replace(unit, wanted=Wanted.STOP, comes_back=False, pause_left_s=None)
    if not is_named and _rests(unit, asked.op):
        return unit
    if asked.op is Op.PAUSE:
        return replace(unit, wanted=Wanted.PAUSE, comes_back=False, pause_left_s=asked.for_s)
    if asked.op is Op.RESTART:
        return replace(_forgiven(unit), wanted=Wanted.STOP, comes_back=True)
    if asked.op is Op.RESUME and unit.wanted is not Wanted.PAUSE:
        return unit
    return replace(_forgiven(unit), wanted=Wanted.RUN, comes_back=False, pause_left_s=None)


def _rests(unit: Unit, op: Op) -> bool:
    """Whether a person has stopped or paused it, so that an order to all passes it by."""
    is_paused = unit.wanted is Wanted.PAUSE and op is Op.RESTART
    return is_paused or not (_runs(unit) or op is Op.START)


def _runs(unit: Unit) -> bool:
    """Whether it is meant to run, now or after the pause or restart that it is in."""
    return unit.wanted is not Wanted.STOP or unit.comes_back


def _forgiven(unit: Unit) -> Unit:
    """Return *unit* with a clean sheet: a person who asks for it has seen to the cause."""
    return replace(unit, is_new=True, is_charged=False, fruitless=(), wait_s=0.0, probe_s=None, next_probe_s=0.0)
