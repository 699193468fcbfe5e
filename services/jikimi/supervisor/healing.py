"""What is done about one unit after another: one round over the stack."""

from dataclasses import replace

from jikimi.supervisor.events import UNSEEN, Act, Cause, Do, Effect, Looked, Note, Step
from jikimi.supervisor.rules import Rule, Rules
from jikimi.supervisor.state import Flight, Incident, Stack, Unit, Wanted


class Round:
    """One round of decisions; it changes only its own copies, which `result` returns.

    Args:
        stack: as observed at this look, each unit with its cause.
    """

    def __init__(self, stack: Stack, looked: Looked, dt_s: float, rules: Rules) -> None:
        self._stack, self._looked, self._dt_s, self._rules, self._limits = stack, looked, dt_s, rules, rules.limits
        self._units = dict(stack.units)
        self._effects: list[Effect] = []
        self._serial = stack.serial
        self._up = {name for name, unit in stack.units.items() if unit.well_s is not None and unit.cause is None}

    def result(self) -> tuple[Stack, list[Effect]]:
        """Decide about every unit in turn, and return the stack and what is to be done."""
        for rule in self._rules.units:
            self._decide(rule)
        self._bring_back()
        up = tuple(name for name in self._units if name in self._up)
        return replace(self._stack, units=self._units, serial=self._serial, up=up), self._effects

    def _decide(self, rule: Rule) -> None:
        unit = self._units[rule.name]
        if unit.flight is not None:
            self._wait_for(rule, unit, unit.flight)
        elif _goes_down(unit, self._stack):
            self._bring_down(rule, unit)
        elif unit.is_unwelcome and unit.life and not self._stack.hold:
            grace_s = self._limits.incident_grace_s
            self._act(rule, replace(unit, is_unwelcome=False), Do.STOP, grace_s, is_planned=True)
        elif unit.is_new and not unit.life:
            self._start_first(rule, unit)
        elif unit.cause is None:
            self._close(rule, unit)
        else:
            self._heal(rule, unit)

    def _wait_for(self, rule: Rule, unit: Unit, flight: Flight) -> None:
        """Wait for the action, but not for ever."""
        age_s = flight.age_s + self._dt_s
        if age_s <= flight.limit_s:
            self._units[rule.name] = replace(unit, flight=replace(flight, age_s=age_s))
            return
        self._units[rule.name] = replace(
            unit, flight=None, is_forced=True, is_charged=False, has_fruit=False, is_spent=True
        )
        self._note(rule, Step.FAILED, unit.incident, "no answer")

    def _bring_down(self, rule: Rule, unit: Unit) -> None:
        """Stop what is not wanted, once those that use it are gone; end a pause that is over."""
        if unit.incident is not None:
            self._note(rule, Step.RECOVERED, unit.incident, "not wanted any more")
        unit = replace(unit, incident=None)
        if unit.pause_left_s is not None and not self._stack.is_ending:
            unit = replace(unit, pause_left_s=unit.pause_left_s - self._dt_s)
            if (unit.pause_left_s or 0.0) <= 0:
                unit = replace(unit, wanted=Wanted.RUN, pause_left_s=None, is_new=True)
        self._units[rule.name] = unit
        users = [self._units[name] for name in self._rules.users_of(rule.name)]
        is_used = any(user.life and _goes_down(user, self._stack) for user in users)
        if unit.life and rule.is_ours and not is_used and _goes_down(unit, self._stack):
            self._act(rule, unit, Do.STOP, rule.grace_s, is_planned=True)

    def _start_first(self, rule: Rule, unit: Unit) -> None:
        """Start what was never started, or what a person wants again, once what it comes after is ready."""
        may_start = unit.cause is not Cause.MISSING and self._stack.hold not in UNSEEN
        if rule.is_ours and may_start and self._up.issuperset(rule.after + rule.needs):
            self._act(rule, replace(unit, is_new=False, is_charged=False), Do.START, 0.0, is_planned=True)

    def _close(self, rule: Rule, unit: Unit) -> None:
        """Close the incident of a unit that is well again, at once or, after many failures, when that lasts."""
        limits = self._limits
        has_failed_often = unit.probe_s is not None or len(unit.fruitless) >= limits.critical_at
        settle_s = limits.settle_s if has_failed_often and not unit.has_fruit else 0.0
        unit = replace(unit, is_held=False)
        if unit.well_s is not None and unit.well_s >= settle_s:
            if (incident := unit.incident) is not None:
                self._note(rule, Step.RECOVERED, incident, incident.cause, tells=incident.is_told)
            unit = replace(unit, incident=None, probe_s=None, wait_s=0.0)
        self._units[rule.name] = unit

    def _heal(self, rule: Rule, unit: Unit) -> None:
        """Do the least that may help, unless something forbids it or speaks for another cause."""
        if self._stack.hold or not self._up.issuperset(rule.needs):
            self._units[rule.name] = replace(unit, is_held=True)
            return
        incident = unit.incident or self._begin(rule, unit)
        unit = replace(unit, incident=incident, is_held=False)
        self._units[rule.name] = unit
        if not rule.is_ours or unit.observe_left_s or unit.cause is Cause.MISSING:
            return
        if not unit.is_charged:
            unit = self._charge(rule, unit, incident)
        if unit.flight is None and self._is_due(rule, unit) and self._may_act(rule):
            self._treat(rule, self._units[rule.name], incident)

    def _begin(self, rule: Rule, unit: Unit) -> Incident:
        """Open an incident; for what was only held while its root cause lasted, that one has had its message."""
        self._serial += 1
        cause = str(unit.cause)
        # where nothing will be done about it, it is told at once
        is_told = not rule.is_ours or unit.cause is Cause.MISSING
        incident = Incident(f"{self._stack.era}-{self._serial}", cause, is_told=is_told, is_quiet=unit.is_held)
        detect_s = round(max(unit.silent_s, unit.still_s), 1) if unit.life else 0.0
        self._note(rule, Step.BEGAN, incident, cause, tells=is_told, detect_s=detect_s)
        if unit.observe_left_s:
            self._note(rule, Step.WOULD, incident, cause)
        return incident

    def _charge(self, rule: Rule, unit: Unit, incident: Incident) -> Unit:
        """Count what has happened to this life once: a fruitless one lengthens the pause, too many end the trials."""
        used, limits = len(unit.fruitless), self._limits
        unit = replace(unit, is_charged=True, wait_s=0.0)
        if unit.probe_s is not None:
            return self._quarantine(rule, unit, incident, unit.next_probe_s)
        if used >= limits.most_fruitless:
            return self._quarantine(rule, unit, incident, limits.first_probe_s)
        if not unit.has_fruit:
            pause_s = min(2.0 ** (used - 1), limits.longest_pause_s) if used else 0.0
            unit = replace(unit, wait_s=pause_s, fruitless=(*unit.fruitless, 0.0))
        self._units[rule.name] = unit
        return unit

    def _quarantine(self, rule: Rule, unit: Unit, incident: Incident, probe_s: float) -> Unit:
        """Stop trying for a while; there is always a next trial."""
        limits = self._limits
        is_first = unit.probe_s is None
        if self._rules.users_of(rule.name):
            probe_s = min(probe_s, limits.needed_probe_s)  # all that need it wait for nothing else
        self._note(rule, Step.QUARANTINED, incident, incident.cause, tells=is_first, next_trial_s=probe_s)
        unit = replace(
            unit,
            probe_s=probe_s,
            next_probe_s=min(probe_s + limits.first_probe_s, limits.longest_probe_s),
            incident=replace(incident, is_told=True, is_critical=True),
        )
        self._units[rule.name] = unit
        if unit.life:
            self._act(rule, unit, Do.STOP, limits.incident_grace_s, is_planned=True)
        return self._units[rule.name]

    def _is_due(self, rule: Rule, unit: Unit) -> bool:
        """Count down the pause; a quarantined unit is also tried at once when what it needs is back."""
        if unit.probe_s is None:
            unit = replace(unit, wait_s=max(0.0, unit.wait_s - self._dt_s))
            self._units[rule.name] = unit
            return unit.wait_s <= 0
        returned = self._up.difference(self._stack.up).intersection(rule.after + rule.needs)
        unit = replace(unit, probe_s=0.0 if returned else max(0.0, unit.probe_s - self._dt_s))
        self._units[rule.name] = unit
        return unit.probe_s == 0.0

    def _may_act(self, rule: Rule) -> bool:
        """Whether nothing else is being mended, this unit is not one of many, and not too much was in vain."""
        if any(other.flight is not None and not other.flight.is_planned for other in self._units.values()):
            return False
        many, unit = self._stack.many, self._units[rule.name]
        if many is not None and rule.beats and not many.is_passed and many.canary != rule.name:
            return False
        others = [other for name, other in self._units.items() if name != rule.name and other.incident is not None]
        spent = sum(len(other.fruitless) for other in others if other.probe_s is None)
        if self._rules.users_of(rule.name):
            return True  # those that cannot work without it would wait for it, and it for them
        return unit.has_fruit or unit.probe_s is not None or spent < self._limits.most_fruitless_of_all

    def _treat(self, rule: Rule, unit: Unit, incident: Incident) -> None:
        """Start what is gone, restart what is sick; a person hears of it once before, and again if it gets critical."""
        limits = self._limits
        becomes_critical = len(unit.fruitless) >= limits.critical_at and not incident.is_critical
        if becomes_critical:
            self._note(rule, Step.CRITICAL, incident, incident.cause, tells=True)
        many = self._stack.many  # those that fell silent with another one share its message
        is_one_of_many = many is not None and rule.beats and many.canary != rule.name
        tells = not (incident.is_told or incident.is_quiet or becomes_critical or is_one_of_many)
        do = Do.RESTART if unit.life else Do.START
        attempt = incident.attempts + 1
        self._note(rule, Step.ACTED, incident, str(unit.cause), tells=tells, do=do.value, attempt=attempt)
        is_dead = self._looked.units[rule.name].is_frozen or not unit.life or unit.is_forced
        is_deaf = rule.is_deaf and unit.cause is Cause.SILENT
        incident = replace(
            incident,
            attempts=attempt,
            is_told=incident.is_told or tells or becomes_critical,
            is_critical=incident.is_critical or becomes_critical,
        )
        unit = replace(unit, incident=incident, restarts=unit.restarts + 1)
        grace_s = 0.0 if is_dead or is_deaf else min(limits.incident_grace_s, rule.grace_s)
        self._act(rule, unit, do, grace_s, is_planned=False)

    def _bring_back(self) -> None:
        """Let those run again that were stopped for that, once all of them are down."""
        back = {name: unit for name, unit in self._units.items() if unit.comes_back}
        if not any(unit.life or unit.flight for unit in back.values()):
            for name, unit in back.items():
                self._units[name] = replace(unit, wanted=Wanted.RUN, comes_back=False, is_new=True)

    def _act(self, rule: Rule, unit: Unit, do: Do, grace_s: float, *, is_planned: bool) -> None:
        self._serial += 1
        limit_s = grace_s + self._limits.deadline_s
        self._units[rule.name] = replace(unit, flight=Flight(self._serial, do, limit_s=limit_s, is_planned=is_planned))
        self._effects.append(Act(rule.name, self._serial, do, grace_s, is_planned=is_planned, force=unit.is_forced))

    def _note(
        self, rule: Rule, step: Step, incident: Incident | None, why: str, *, tells: bool = False, **facts: object
    ) -> None:
        self._effects.append(Note(rule.name, step, incident.id if incident else "", why, tells=tells, facts=facts))


def _goes_down(unit: Unit, stack: Stack) -> bool:
    return stack.is_ending or unit.wanted is not Wanted.RUN
