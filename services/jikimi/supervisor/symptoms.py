"""What one look says of one unit: its counts moved on, and what is wrong with it, if anything."""

from dataclasses import replace

from jikimi.supervisor.events import Cause, Seen
from jikimi.supervisor.rules import Limits, Rule
from jikimi.supervisor.state import Unit

_WORTH = 2  # tokens: the first one only says that work began


def observed(unit: Unit, seen: Seen, dt_s: float, limits: Limits, *, is_excused: bool, is_cut_off: bool) -> Unit:
    """Return *unit* after one look, *dt_s* capped seconds after the last one.

    Args:
        is_excused: something else is away that it cannot do without: its counts begin anew.
        is_cut_off: something that it can do without is away, so that it may well be blind.
    """
    if seen.life != unit.life:
        unit = _reborn(unit, seen)
    has_sign = seen.sign not in ("", unit.sign)
    moved = seen.token != unit.token
    is_well = seen.is_ready or unit.well_s is not None
    aside_s = unit.aside_s + dt_s if seen.is_set_aside else 0.0
    is_excused = is_excused or 0.0 < aside_s <= limits.aside_s
    return replace(
        unit,
        aside_s=aside_s,
        sign=seen.sign or unit.sign,
        token=seen.token,
        is_busy=seen.is_busy,
        silent_s=0.0 if has_sign or is_excused else unit.silent_s + dt_s,
        still_s=0.0 if moved or is_excused or not seen.is_busy else unit.still_s + dt_s,
        blind_s=unit.blind_s + dt_s if seen.is_blind and not (is_excused or is_cut_off) else 0.0,
        starved_s=unit.starved_s + dt_s if seen.leaves_work and not is_excused else 0.0,
        well_s=(unit.well_s or 0.0) + dt_s if is_well and seen.life else None,
        moves=unit.moves + moved,
        fruitless=tuple(age + dt_s for age in unit.fruitless if age + dt_s < limits.window_s),
        observe_left_s=max(0.0, unit.observe_left_s - dt_s),
        cause=None,
    )


def _reborn(unit: Unit, seen: Seen) -> Unit:
    """Return *unit* at the first look at another life of it; a death leaves what that life was worth."""
    if not seen.life:
        return replace(unit, life="", sign="", silent_s=0.0, still_s=0.0, well_s=None)
    return replace(
        unit,
        life=seen.life,
        sign="",
        token=seen.token,
        silent_s=0.0,
        still_s=0.0,
        well_s=None,
        moves=0,
        has_fruit=False,
        is_spent=False,
        is_forced=False,
        is_charged=False,
        is_new=False,
    )


def is_fruitful(unit: Unit, limits: Limits, *, serves: bool) -> bool:
    """Return whether this life has been worth its start.

    Args:
        serves: a unit that needs this one has moved on meanwhile.
    """
    return unit.moves >= _WORTH or (serves and unit.well_s is not None) or (unit.well_s or 0.0) >= limits.fruit_s


def symptom(unit: Unit, seen: Seen, rule: Rule, limits: Limits) -> Cause | None:
    """Return what is wrong with an observed unit: the first that holds, from the surest sign to the least sure."""
    if 0.0 < unit.aside_s <= limits.aside_s:
        return None
    if not seen.life:
        return Cause.MISSING if seen.is_missing else Cause.MEMORY if seen.ran_out_of_memory else Cause.EXITED
    if unit.well_s is None:
        boot_s = min(rule.silent_s, rule.boot_s) if seen.is_frozen else rule.boot_s  # a stopped one does not start
        return Cause.SLOW if unit.silent_s > boot_s else None
    budget_s = min(seen.budget_s, limits.longest_budget_s) + limits.margin_s
    signs = {
        Cause.SILENT: unit.silent_s > rule.silent_s,
        Cause.STALLED: unit.still_s > budget_s,
        Cause.FAILING: 0 < rule.failures <= seen.failures,
        Cause.STARVED: unit.starved_s > limits.starved_s,
        Cause.BLIND: unit.blind_s > limits.reconnect_s,
    }
    return next((cause for cause, holds in signs.items() if holds), None)
