"""What is done about the units of a stack: a function of what was known, what is seen, and what was asked.

Nothing here reads a clock, throws dice or touches the world. The keeper feeds it one event after the other and
carries out what it answers.
"""

from collections.abc import Collection
from dataclasses import replace

from jikimi.supervisor.events import SETTLING, Asked, Cause, Done, Effect, Event, Looked, Note, Step
from jikimi.supervisor.healing import Round
from jikimi.supervisor.orders import obey
from jikimi.supervisor.rules import Rule, Rules
from jikimi.supervisor.state import Many, Stack, Unit
from jikimi.supervisor.symptoms import is_fruitful, observed, symptom

GAP, MAINTENANCE = "gap", "maintenance"
_FEWEST = 2  # units that are many


def step(stack: Stack, event: Event, rules: Rules) -> tuple[Stack, list[Effect]]:
    """Return the stack after *event*, and what is to be done, in this order."""
    if isinstance(event, Looked):
        return _looked(_complete(stack, rules), event, rules)
    if isinstance(event, Asked):
        return obey(_complete(stack, rules), event, rules)
    return _done(_complete(stack, rules), event)


def adopted(stack: Stack, alive: Collection[str], *, is_same: bool = False) -> Stack:
    """Return *stack* as a keeper takes it over: nobody has been silent yet, and no action is under way.

    Args:
        alive: the units that run now. If none does, the machine was off or the stack was down: all of them are
            started as new, for nothing has failed.
        is_same: nothing was made anew meanwhile, so what was given up and runs all the same was started by the
            engine, and is stopped again.
    """
    fresh = {
        name: replace(
            unit,
            flight=None,
            is_new=unit.is_new or not alive,
            is_unwelcome=is_same and unit.probe_s is not None and name in alive,
            silent_s=0.0,
            still_s=0.0,
            blind_s=0.0,
            starved_s=0.0,
        )
        for name, unit in stack.units.items()
    }
    return replace(stack, units=fresh, many=None, gap_s=0.0, is_ending=False)


def _complete(stack: Stack, rules: Rules) -> Stack:
    """Give every unit of the rules its entry, in their order; one that is no longer there is forgotten."""
    known = stack.units
    names = [rule.name for rule in rules.units]
    if list(known) == names:
        return stack
    units = {rule.name: known.get(rule.name, Unit(observe_left_s=rule.observe_s)) for rule in rules.units}
    return replace(stack, units=units)


def _done(stack: Stack, event: Done) -> tuple[Stack, list[Effect]]:
    unit = stack.units.get(event.unit)
    if unit is None or unit.flight is None or unit.flight.number != event.number:
        return stack, []
    landed = replace(unit, flight=None, is_forced=not event.ok)
    if not unit.flight.is_planned:
        landed = replace(landed, is_charged=False, has_fruit=False, is_spent=True)
    incident = unit.incident.id if unit.incident else ""
    notes: list[Effect] = [] if event.ok else [Note(event.unit, Step.FAILED, incident, event.why)]
    return replace(stack, units={**stack.units, event.unit: landed}), notes


def _looked(stack: Stack, event: Looked, rules: Rules) -> tuple[Stack, list[Effect]]:
    limits = rules.limits
    dt_s = min(event.dt_s, limits.longest_tick_s)
    gap_s = limits.gap_grace_s if event.dt_s > limits.gap_s else max(0.0, stack.gap_s - dt_s)
    maintenance_s = None if stack.maintenance_s is None else stack.maintenance_s - dt_s
    if maintenance_s is not None and maintenance_s <= 0:
        maintenance_s = None
    hold = event.hold or (GAP if gap_s else "") or (MAINTENANCE if maintenance_s is not None else "")
    is_excused = hold not in ("", MAINTENANCE)
    units = _observe(stack, event, dt_s, rules, is_excused=is_excused)
    notes = _hold_notes(stack.hold, hold)
    many, told = _many_at_once(replace(stack, units=units), dt_s, rules)
    stack = replace(stack, units=units, hold=hold, gap_s=gap_s, maintenance_s=maintenance_s, many=many)
    stack, effects = Round(stack, event, dt_s, rules).result()
    return stack, [*notes, *told, *effects]


def _hold_notes(before: str, now: str) -> list[Effect]:
    if before == now:
        return []
    notes: list[Effect] = [Note("", Step.RELEASED, why=before)] if before else []
    return [*notes, Note("", Step.HELD, why=now, tells=now not in ("", GAP, MAINTENANCE, SETTLING))] if now else notes


def _observe(stack: Stack, event: Looked, dt_s: float, rules: Rules, *, is_excused: bool) -> dict[str, Unit]:
    units = {}
    for rule in rules.units:
        seen = event.units[rule.name]
        lacks = not set(rule.needs) <= set(stack.up)
        is_cut_off = not set(rule.after) <= set(stack.up)
        excused = is_excused or lacks
        unit = observed(stack.units[rule.name], seen, dt_s, rules.limits, is_excused=excused, is_cut_off=is_cut_off)
        units[rule.name] = replace(unit, cause=symptom(unit, seen, rule, rules.limits))
    moved = {name for name, unit in units.items() if unit.moves > stack.units[name].moves}
    for name, unit in units.items():
        serves = bool(moved.intersection(rules.users_of(name)))
        if not (unit.has_fruit or unit.is_spent) and unit.life and is_fruitful(unit, rules.limits, serves=serves):
            units[name] = replace(unit, has_fruit=True, fruitless=())
    return units


def _many_at_once(stack: Stack, dt_s: float, rules: Rules) -> tuple[Many | None, list[Effect]]:
    """Return how far the guard against a common cause is."""
    limits, many = rules.limits, stack.many
    beating = [rule.name for rule in rules.units if rule.beats and stack.units[rule.name].life]
    silent = [name for name in beating if stack.units[name].cause is Cause.SILENT]
    if not silent:
        return None, []
    if many is None:
        late = {rule.name: stack.units[rule.name].silent_s for rule in rules.units if _is_late(rule, stack)}
        at_once = [name for name in late if late[name] - min(late.values()) <= limits.many_within_s]
        if len(at_once) < _FEWEST or 2 * len(at_once) < len(beating):
            return None, []
        return Many(limits.many_hold_s), [Note("", Step.HELD, why="many", facts={"units": at_once})]
    if many.canary:
        return _after_canary(stack, many, limits.many_hold_s), []
    if many.left_s > dt_s:
        return replace(many, left_s=many.left_s - dt_s), []
    canary = next((name for name in silent if name not in many.tried), silent[0])
    restarts = stack.units[canary].restarts
    return replace(many, left_s=0.0, canary=canary, restarts=restarts, tried=(*many.tried, canary)), []


def _is_late(rule: Rule, stack: Stack) -> bool:
    """Whether a unit gives no sign just now: beats do not fall due together, so half of the silence says it already."""
    unit = stack.units[rule.name]
    is_silent = unit.well_s is not None and unit.silent_s > rule.silent_s / 2
    return rule.beats and bool(unit.life) and is_silent


def _after_canary(stack: Stack, many: Many, hold_s: float) -> Many:
    """Return whether the one that was tried came back: the others follow then, else another is tried."""
    canary = stack.units[many.canary]
    if canary.cause is None and canary.well_s is not None:
        return replace(many, is_passed=True)
    was_in_vain = canary.restarts > many.restarts and canary.flight is None and canary.cause is not None
    return replace(many, canary="", left_s=hold_s) if was_in_vain else many
