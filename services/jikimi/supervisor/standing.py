"""How a unit stands, in one word, from what the policy remembers of it."""

from jikimi.supervisor.rules import Rule
from jikimi.supervisor.state import Stack, State, Unit, Wanted

_SUSPECT = 0.5  # of the silence that is allowed


def state_of(unit: Unit, rule: Rule, stack: Stack) -> State:
    """Return the word for *unit*, the same in status, page, metrics and logs."""
    if stack.is_ending or (unit.wanted is not Wanted.RUN and not unit.comes_back):
        return _unwanted(unit)
    if unit.comes_back or unit.flight is not None or unit.incident is not None:
        return _in_trouble(unit)
    if (unit.cause and stack.hold) or not set(rule.needs) <= set(stack.up):
        return State.STARTING if unit.is_new else State.HELD
    return _at_work(unit, rule)


def _at_work(unit: Unit, rule: Rule) -> State:
    if unit.aside_s:
        return State.PAUSED if unit.life else State.STOPPED
    if unit.cause is not None:
        return State.STALE if unit.life else State.RECOVERING
    if unit.well_s is None:
        return State.STARTING
    return State.SUSPECT if unit.silent_s > _SUSPECT * rule.silent_s else State.HEALTHY


def _unwanted(unit: Unit) -> State:
    if unit.life:
        return State.DRAINING
    return State.PAUSED if unit.wanted is Wanted.PAUSE else State.STOPPED


def _in_trouble(unit: Unit) -> State:
    if unit.probe_s is not None and not unit.life:
        return State.QUARANTINED
    if unit.flight is not None and unit.flight.is_planned and not unit.comes_back and unit.incident is None:
        return State.STARTING
    if unit.is_held:
        return State.HELD
    return State.STALE if unit.life and unit.cause is not None and unit.flight is None else State.RECOVERING
