"""The numbers that the policy judges by: those of the whole stack, and those of one unit."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers of the stack, in seconds unless they are counts.

    Attributes:
        tick_s: between two looks. longest_tick_s: what one look may add to any count: a longer one means that
            the keeper itself stood still, not the units.
        gap_s: a look that comes this late means that the machine slept; nothing is judged for gap_grace_s.
        many_within_s: so many units silent within this span are more likely one cause; many_hold_s: how long
            nothing is done then, before one unit is tried.
        margin_s: what a unit's parent gets, on top of a phase's budget, to end the stall itself.
        longest_budget_s: bounds one phase, never a job.
        window_s: how far back fruitless restarts count; after `most_fruitless` a unit is quarantined, after
            `most_fruitless_of_all` a unit that has been fruitless waits.
        critical_at: the fruitless restart that makes the message critical.
        fruit_s: a life that has been well for so long was worth its start, even without work.
        settle_s: how long a unit that failed again and again must be well before it counts as recovered.
        first_probe_s, longest_probe_s: between two trials of a quarantined unit; needed_probe_s: if others
            need it.
        reconnect_s: what a unit gets to find Redis again after it is back.
        starved_s: an idle unit that leaves waiting work untouched.
        aside_s: so long a unit that somebody outside has stopped or paused is left alone.
        incident_grace_s: between asking a sick unit to end and ending it.
        deadline_s: what an action may take on top of its grace.
    """

    tick_s: float = 0.5
    longest_tick_s: float = 1.0
    gap_s: float = 5.0
    gap_grace_s: float = 30.0
    many_within_s: float = 10.0
    many_hold_s: float = 15.0
    margin_s: float = 3.0
    longest_budget_s: float = 1800.0
    window_s: float = 600.0
    most_fruitless: int = 5
    most_fruitless_of_all: int = 6
    critical_at: int = 3
    longest_pause_s: float = 60.0
    fruit_s: float = 600.0
    settle_s: float = 30.0
    first_probe_s: float = 300.0
    longest_probe_s: float = 900.0
    needed_probe_s: float = 30.0
    reconnect_s: float = 30.0
    starved_s: float = 30.0
    aside_s: float = 60.0
    incident_grace_s: float = 2.0
    deadline_s: float = 15.0


@dataclass(frozen=True, slots=True)
class Rule:
    """How one unit is judged.

    Attributes:
        after: units that must be ready before this one is first started, and are stopped after it.
        needs: units without which this one cannot work: while one of them is down, it is not its fault.
        silent_s: how long it may give no sign of life; boot_s: the same until it is first ready.
        grace_s: how long it may take to end when a person or the timetable asks.
        beats: it gives its signs itself, so several silent at once say something.
        is_ours: it is started and stopped here; one that is not is only looked at.
        takes_work: `pause` stops it.
        failures: so many failed rounds in a row restart it; 0 never does.
        is_deaf: once silent it would not hear either that it shall end, so it is not waited for.
        observe_s: since its entry, for so long nothing is done about it.
    """

    name: str
    after: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    silent_s: float = 5.0
    boot_s: float = 60.0
    grace_s: float = 10.0
    beats: bool = True
    is_ours: bool = True
    takes_work: bool = False
    failures: int = 3
    is_deaf: bool = False
    observe_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Rules:
    """All that the policy knows of a stack before it runs; *units* stand in the order of their start."""

    units: tuple[Rule, ...]
    limits: Limits = Limits()

    def users_of(self, name: str) -> tuple[str, ...]:
        """Return the units that are started after *name* or need it."""
        return tuple(rule.name for rule in self.units if name in rule.after or name in rule.needs)
