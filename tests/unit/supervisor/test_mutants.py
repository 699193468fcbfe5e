"""Each comparison of the policy broken by hand, and the scenario that sees it."""

from typing import NamedTuple

import pytest

from tests.unit.supervisor.mutate import mutated
from tests.unit.supervisor.scenarios import SCENARIOS

KILLERS = {scenario.__name__: scenario for scenario in SCENARIOS}


class Mutant(NamedTuple):
    """One line that reads otherwise, and who must notice."""

    module: str
    old: str
    new: str
    killer: str


MUTANTS = [
    Mutant("symptoms", "seen.life != unit.life", "False", "down_leaves_alone_what_is_not_ours"),
    Mutant(
        "symptoms",
        "0.0 if has_sign or is_excused else unit.silent_s + dt_s",
        "0.0 if has_sign else unit.silent_s + dt_s",
        "silence_while_redis_was_away_is_forgiven",
    ),
    Mutant(
        "symptoms",
        "0.0 if moved or is_excused or not seen.is_busy else unit.still_s + dt_s",
        "0.0 if is_excused or not seen.is_busy else unit.still_s + dt_s",
        "a_look_that_is_a_little_late_is_no_sleep",
    ),
    Mutant(
        "symptoms",
        "0.0 if moved or is_excused or not seen.is_busy else unit.still_s + dt_s",
        "0.0 if moved or not seen.is_busy else unit.still_s + dt_s",
        "silence_under_a_hold_is_forgiven",
    ),
    Mutant(
        "symptoms",
        "not (is_excused or is_cut_off)",
        "not is_cut_off",
        "blindness_under_a_hold_is_forgiven",
    ),
    Mutant(
        "symptoms",
        "not (is_excused or is_cut_off)",
        "not is_excused",
        "who_can_work_without_redis_is_not_blamed_for_not_finding_it_while_it_is_away",
    ),
    Mutant(
        "symptoms", "if seen.leaves_work and not is_excused", "if seen.leaves_work", "redis_away_is_nobody_elses_fault"
    ),
    Mutant(
        "symptoms",
        "age + dt_s < limits.window_s",
        "age + dt_s < 2 * limits.window_s",
        "failures_of_long_ago_are_forgotten",
    ),
    Mutant(
        "symptoms",
        "age + dt_s < limits.window_s",
        "age + dt_s < limits.window_s / 100",
        "who_failed_often_is_recovered_only_when_it_lasts",
    ),
    Mutant(
        "symptoms",
        "unit.silent_s > boot_s",
        "unit.silent_s > rule.silent_s",
        "a_start_without_signs_is_given_up_after_its_time",
    ),
    Mutant(
        "symptoms",
        "unit.silent_s > boot_s",
        "unit.silent_s > 2 * boot_s",
        "a_start_without_signs_is_given_up_after_its_time",
    ),
    Mutant(
        "symptoms",
        "unit.silent_s > rule.silent_s",
        "unit.silent_s >= rule.silent_s",
        "a_hung_unit_is_restarted_in_seconds",
    ),
    Mutant("symptoms", "unit.silent_s > rule.silent_s", "unit.silent_s > 2 * rule.silent_s", "one_of_two_is_not_many"),
    Mutant(
        "symptoms",
        "unit.still_s > budget_s",
        "unit.still_s > 2 * budget_s",
        "a_stall_is_the_parents_for_three_seconds_then_the_unit_is_restarted",
    ),
    Mutant(
        "symptoms",
        "min(seen.budget_s, limits.longest_budget_s) + limits.margin_s",
        "min(seen.budget_s, limits.longest_budget_s)",
        "a_stall_is_the_parents_for_three_seconds_then_the_unit_is_restarted",
    ),
    Mutant(
        "symptoms",
        "min(seen.budget_s, limits.longest_budget_s) + limits.margin_s",
        "seen.budget_s + limits.margin_s",
        "no_phase_may_ask_for_more_than_half_an_hour",
    ),
    Mutant(
        "symptoms",
        "0 < rule.failures <= seen.failures",
        "0 < rule.failures < seen.failures",
        "three_failed_rounds_restart_the_unit",
    ),
    Mutant(
        "symptoms",
        "0 < rule.failures <= seen.failures",
        "0 <= rule.failures <= seen.failures + 1",
        "three_failed_rounds_restart_the_unit",
    ),
    Mutant(
        "symptoms",
        "unit.starved_s > limits.starved_s",
        "unit.starved_s > 2 * limits.starved_s",
        "work_that_an_idle_unit_leaves_untouched_restarts_it",
    ),
    Mutant(
        "symptoms",
        "unit.blind_s > limits.reconnect_s",
        "unit.blind_s > 2 * limits.reconnect_s",
        "who_does_not_find_redis_again_is_restarted",
    ),
    Mutant("symptoms", "unit.blind_s > limits.reconnect_s", "False", "who_does_not_find_redis_again_is_restarted"),
    Mutant("symptoms", "unit.moves >= _WORTH", "unit.moves >= 0", "who_failed_often_is_recovered_only_when_it_lasts"),
    Mutant("symptoms", "unit.moves >= _WORTH", "False", "what_is_in_vain_waits_its_turn_but_useful_work_does_not"),
    Mutant(
        "symptoms",
        "(serves and unit.well_s is not None)",
        "False",
        "a_storm_of_kills_between_useful_work_never_quarantines",
    ),
    Mutant("symptoms", "(unit.well_s or 0.0) >= limits.fruit_s", "False", "a_long_quiet_life_was_worth_its_start"),
    Mutant(
        "symptoms", "(unit.well_s or 0.0) >= limits.fruit_s", "True", "who_failed_often_is_recovered_only_when_it_lasts"
    ),
    Mutant(
        "orders",
        "is_paused or not (_runs(unit) or op is Op.START)",
        "is_paused",
        "what_a_person_stopped_stays_stopped",
    ),
    Mutant(
        "orders",
        "if not is_named and _rests",
        "if _rests",
        "a_restart_of_what_was_stopped_starts_it",
    ),
    Mutant(
        "orders",
        "is_paused or not (_runs(unit) or op is Op.START)",
        "is_paused or not _runs(unit)",
        "start_all_starts_what_was_stopped_as_well",
    ),
    Mutant("orders", "asked.op is Op.RESUME and unit.wanted is not Wanted.PAUSE", "False", "a_resume_forgives_nobody"),
    Mutant(
        "orders",
        "unit.wanted is Wanted.PAUSE and op is Op.RESTART",
        "False",
        "a_restart_of_all_leaves_paused_what_a_person_has_paused",
    ),
    Mutant("orders", "rule.takes_work and rule.name in units", "rule.name in units", "a_pause_ends_by_itself"),
    Mutant(
        "orders",
        "asked.for_s if asked.for_s is not None else NO_END_S",
        "NO_END_S",
        "an_order_is_obeyed_in_a_maintenance_window",
    ),
    Mutant(
        "orders",
        "unit.wanted is not Wanted.STOP or unit.comes_back",
        "unit.wanted is not Wanted.STOP",
        "a_pause_in_the_middle_of_a_restart_wins",
    ),
    Mutant(
        "orders",
        "fruitless=(), wait_s=0.0, probe_s=None",
        "wait_s=0.0",
        "a_person_who_starts_a_quarantined_unit_gives_it_all_its_trials",
    ),
    Mutant("policy", "min(event.dt_s, limits.longest_tick_s)", "event.dt_s", "a_late_look_is_counted_as_one"),
    Mutant(
        "policy",
        "if event.dt_s > limits.gap_s else",
        "if event.dt_s > 1e9 else",
        "a_dead_unit_after_a_sleep_waits_for_the_grace",
    ),
    Mutant(
        "policy",
        "if event.dt_s > limits.gap_s else",
        "if event.dt_s >= limits.longest_tick_s else",
        "a_look_that_is_a_little_late_is_no_sleep",
    ),
    Mutant("policy", "maintenance_s <= 0", "maintenance_s < -100", "an_order_is_obeyed_in_a_maintenance_window"),
    Mutant("policy", '(GAP if gap_s else "")', '""', "a_dead_unit_after_a_sleep_waits_for_the_grace"),
    Mutant(
        "policy",
        '(MAINTENANCE if maintenance_s is not None else "")',
        '""',
        "in_a_maintenance_window_nothing_is_done_until_its_end",
    ),
    Mutant(
        "policy",
        "lacks = not set(rule.needs) <= set(stack.up)",
        "lacks = False",
        "redis_away_is_nobody_elses_fault",
    ),
    Mutant(
        "policy", 'is_excused = hold not in ("", MAINTENANCE)', "is_excused = False", "silence_under_a_hold_is_forgiven"
    ),
    Mutant(
        "policy",
        "len(at_once) < _FEWEST or 2 * len(at_once) < len(beating)",
        "2 * len(at_once) < len(beating)",
        "one_of_two_is_not_many",
    ),
    Mutant(
        "policy",
        "len(at_once) < _FEWEST or 2 * len(at_once) < len(beating)",
        "len(at_once) < _FEWEST",
        "two_of_five_are_not_many",
    ),
    Mutant("policy", "2 * len(at_once) < len(beating)", "2 * len(at_once) <= len(beating)", "half_of_them_are_many"),
    Mutant("policy", "2 * len(at_once) < len(beating)", "len(at_once) < len(beating)", "half_of_them_are_many"),
    Mutant(
        "policy",
        "late[name] - min(late.values()) <= limits.many_within_s",
        "True",
        "two_that_fell_silent_long_apart_are_not_many",
    ),
    Mutant("policy", "if many.left_s > dt_s", "if False", "many_that_recover_by_themselves_are_left_alone"),
    Mutant(
        "policy",
        "canary.cause is None and canary.well_s is not None",
        "True",
        "many_at_once_is_one_cause_until_a_canary_came_back",
    ),
    Mutant(
        "policy",
        "canary.cause is None and canary.well_s is not None",
        "canary.cause is None",
        "many_at_once_is_one_cause_until_a_canary_came_back",
    ),
    Mutant(
        "policy", "if name not in many.tried", "if True", "a_canary_that_cannot_be_restarted_does_not_block_the_others"
    ),
    Mutant(
        "policy",
        "canary.restarts > many.restarts and canary.flight is None and canary.cause is not None",
        "False",
        "when_the_canary_does_not_come_back_another_is_tried",
    ),
    Mutant("policy", "is_forced=not event.ok", "is_forced=False", "an_action_that_does_not_help_is_repeated_harder"),
    Mutant(
        "policy",
        "is_charged=False, has_fruit=False, is_spent=True",
        "is_charged=False",
        "a_canary_that_cannot_be_restarted_does_not_block_the_others",
    ),
    Mutant(
        "policy",
        "unit.flight.number != event.number",
        "False",
        "a_late_answer_of_an_action_that_was_given_up_is_ignored",
    ),
    Mutant(
        "policy",
        'tells=now not in ("", GAP, MAINTENANCE, SETTLING)',
        "tells=True",
        "a_machine_that_slept_is_given_time",
    ),
    Mutant(
        "policy",
        'tells=now not in ("", GAP, MAINTENANCE, SETTLING)',
        'tells=now not in ("", GAP, MAINTENANCE)',
        "nothing_is_started_while_the_engine_settles",
    ),
    Mutant(
        "symptoms",
        "is_excused or 0.0 < aside_s <= limits.aside_s",
        "is_excused",
        "a_pause_from_outside_that_lasts_is_ended",
    ),
    Mutant(
        "symptoms",
        "is_excused or 0.0 < aside_s <= limits.aside_s",
        "is_excused or 0.0 <= aside_s <= limits.aside_s",
        "a_hung_unit_is_restarted_in_seconds",
    ),
    Mutant(
        "symptoms",
        "is_excused or 0.0 < aside_s <= limits.aside_s",
        "is_excused or 0.0 < aside_s",
        "a_pause_from_outside_that_lasts_is_ended",
    ),
    Mutant(
        "symptoms",
        "if 0.0 < unit.aside_s <= limits.aside_s",
        "if 0.0 < unit.aside_s",
        "what_a_person_stops_from_outside_is_brought_back_after_a_minute",
    ),
    Mutant(
        "symptoms",
        "if 0.0 < unit.aside_s <= limits.aside_s",
        "if 0.0 <= unit.aside_s <= limits.aside_s",
        "a_hung_unit_is_restarted_in_seconds",
    ),
    Mutant(
        "symptoms",
        "if 0.0 < unit.aside_s <= limits.aside_s",
        "if 0.0 < unit.aside_s < limits.aside_s - 1",
        "what_a_person_stops_from_outside_is_brought_back_after_a_minute",
    ),
    Mutant(
        "symptoms",
        "Cause.MISSING if seen.is_missing else",
        "",
        "a_removed_container_is_told_once_and_nothing_is_tried",
    ),
    Mutant(
        "symptoms",
        "Cause.MEMORY if seen.ran_out_of_memory else",
        "",
        "who_ran_out_of_memory_is_told_so",
    ),
    Mutant(
        "healing",
        "or unit.observe_left_s or unit.cause is Cause.MISSING",
        "or unit.observe_left_s",
        "a_removed_container_is_told_once_and_nothing_is_tried",
    ),
    Mutant(
        "healing",
        "is_told = not rule.is_ours or unit.cause is Cause.MISSING",
        "is_told = not rule.is_ours",
        "a_removed_container_is_told_once_and_nothing_is_tried",
    ),
    Mutant(
        "healing",
        "unit.cause is not Cause.MISSING and self._stack.hold not in UNSEEN",
        "self._stack.hold not in UNSEEN",
        "what_its_maker_is_about_to_start_is_left_to_it",
    ),
    Mutant(
        "healing",
        "unit.cause is not Cause.MISSING and self._stack.hold not in UNSEEN",
        "unit.cause is not Cause.MISSING",
        "nothing_is_started_while_the_engine_settles",
    ),
    Mutant(
        "healing",
        "rule.is_deaf and unit.cause is Cause.SILENT",
        "False",
        "a_silent_container_of_ours_is_not_asked_first",
    ),
    Mutant(
        "healing",
        "rule.is_deaf and unit.cause is Cause.SILENT",
        "rule.is_deaf",
        "one_that_beats_and_does_not_move_on_is_asked_first",
    ),
    Mutant(
        "healing",
        "unit.is_unwelcome and unit.life and not self._stack.hold",
        "False",
        "what_was_given_up_is_stopped_again_after_the_engine_started_it",
    ),
    Mutant(
        "healing",
        "unit.is_unwelcome and unit.life and not self._stack.hold",
        "unit.is_unwelcome and unit.life",
        "what_was_given_up_is_stopped_again_after_the_engine_started_it",
    ),
    Mutant(
        "healing",
        "unit.is_unwelcome and unit.life and not self._stack.hold",
        "unit.probe_s is not None and unit.life and not self._stack.hold",
        "what_was_given_up_and_made_anew_is_given_its_chance",
    ),
    Mutant(
        "policy",
        "if not (unit.has_fruit or unit.is_spent) and unit.life",
        "if not unit.has_fruit and unit.life",
        "a_canary_that_cannot_be_restarted_does_not_block_the_others",
    ),
    Mutant(
        "healing", "if age_s <= flight.limit_s", "if True", "a_late_answer_of_an_action_that_was_given_up_is_ignored"
    ),
    Mutant("healing", "elif unit.is_new and not unit.life", "elif unit.is_new", "starting_what_runs_changes_nothing"),
    Mutant("healing", "elif unit.is_new and not unit.life", "elif False", "a_first_failure_is_mended_at_once"),
    Mutant(
        "healing",
        "user.life and _goes_down(user, self._stack)",
        "user.life",
        "stopping_one_does_not_wait_for_those_that_use_it",
    ),
    Mutant(
        "healing",
        "unit.life and rule.is_ours and not is_used",
        "unit.life and not is_used",
        "down_leaves_alone_what_is_not_ours",
    ),
    Mutant("healing", "(unit.pause_left_s or 0.0) <= 0", "(unit.pause_left_s or 0.0) <= -60", "a_pause_ends_by_itself"),
    Mutant("healing", "(unit.pause_left_s or 0.0) <= 0", "(unit.pause_left_s or 0.0) <= 60", "a_pause_ends_by_itself"),
    Mutant(
        "healing",
        "if rule.is_ours and may_start and self._up.issuperset(rule.after + rule.needs)",
        "if rule.is_ours and may_start",
        "units_start_in_their_order",
    ),
    Mutant(
        "healing",
        "unit.probe_s is not None or len(unit.fruitless) >= limits.critical_at",
        "False",
        "who_failed_often_is_recovered_only_when_it_lasts",
    ),
    Mutant(
        "healing",
        "unit.probe_s is not None or len(unit.fruitless) >= limits.critical_at",
        "unit.probe_s is not None or len(unit.fruitless) > limits.critical_at",
        "who_failed_often_is_recovered_only_when_it_lasts",
    ),
    Mutant(
        "healing",
        "if has_failed_often and not unit.has_fruit else",
        "if True else",
        "an_action_that_does_not_help_is_repeated_harder",
    ),
    Mutant("healing", "unit.well_s >= settle_s", "True", "who_failed_often_is_recovered_only_when_it_lasts"),
    Mutant(
        "healing",
        "tells=incident.is_told)",
        "tells=True)",
        "what_dies_while_redis_is_away_comes_back_with_it_and_without_a_message",
    ),
    Mutant(
        "healing",
        "if self._stack.hold or not self._up.issuperset(rule.needs)",
        "if not self._up.issuperset(rule.needs)",
        "a_dead_unit_after_a_sleep_waits_for_the_grace",
    ),
    Mutant(
        "healing",
        "if self._stack.hold or not self._up.issuperset(rule.needs)",
        "if self._stack.hold",
        "what_dies_while_redis_is_away_comes_back_with_it_and_without_a_message",
    ),
    Mutant(
        "healing",
        "if not rule.is_ours or unit.observe_left_s",
        "if not rule.is_ours",
        "a_newcomer_is_only_observed_for_its_first_day",
    ),
    Mutant(
        "healing",
        "if not rule.is_ours or unit.observe_left_s",
        "if unit.observe_left_s",
        "what_is_only_looked_at_is_told_of_and_never_touched",
    ),
    Mutant(
        "healing",
        "is_quiet=unit.is_held",
        "is_quiet=False",
        "what_dies_while_redis_is_away_comes_back_with_it_and_without_a_message",
    ),
    Mutant(
        "healing",
        "used >= limits.most_fruitless",
        "used > limits.most_fruitless",
        "a_person_who_starts_a_quarantined_unit_gives_it_all_its_trials",
    ),
    Mutant(
        "healing",
        "used >= limits.most_fruitless",
        "used >= limits.most_fruitless - 1",
        "a_person_who_starts_a_quarantined_unit_gives_it_all_its_trials",
    ),
    Mutant(
        "healing",
        "min(2.0 ** (used - 1), limits.longest_pause_s) if used else 0.0",
        "0.0",
        "a_restart_that_does_not_help_is_not_tried_without_a_pause",
    ),
    Mutant("healing", "if used else 0.0", "if used else 1.0", "a_first_failure_is_mended_at_once"),
    Mutant("healing", "tells=is_first", "tells=True", "a_crash_loop_ends_in_quarantine_and_is_tried_for_ever"),
    Mutant(
        "healing",
        "min(probe_s + limits.first_probe_s, limits.longest_probe_s)",
        "probe_s + limits.first_probe_s",
        "a_crash_loop_ends_in_quarantine_and_is_tried_for_ever",
    ),
    Mutant(
        "healing",
        "min(probe_s + limits.first_probe_s, limits.longest_probe_s)",
        "probe_s",
        "a_crash_loop_ends_in_quarantine_and_is_tried_for_ever",
    ),
    Mutant(
        "healing", "return unit.wait_s <= 0", "return True", "a_restart_that_does_not_help_is_not_tried_without_a_pause"
    ),
    Mutant(
        "healing",
        "probe_s=0.0 if returned else",
        "probe_s=",
        "a_quarantined_one_is_tried_at_once_when_what_it_needs_is_back",
    ),
    Mutant("healing", "return unit.probe_s == 0.0", "return True", "a_resume_forgives_nobody"),
    Mutant(
        "healing",
        "if any(other.flight is not None",
        "if False and any(other.flight is not None",
        "only_one_is_mended_at_a_time",
    ),
    Mutant(
        "healing",
        "not many.is_passed and many.canary != rule.name",
        "many.canary != rule.name",
        "when_the_canary_does_not_come_back_another_is_tried",
    ),
    Mutant(
        "healing",
        "not many.is_passed and many.canary != rule.name",
        "not many.is_passed",
        "a_canary_that_has_to_wait_for_its_turn_stays_the_canary",
    ),
    Mutant(
        "healing",
        "many is not None and rule.beats and not many.is_passed",
        "False",
        "many_that_recover_by_themselves_are_left_alone",
    ),
    Mutant(
        "healing",
        "unit.has_fruit or unit.probe_s is not None or spent <",
        "unit.probe_s is not None or spent <",
        "what_is_in_vain_waits_its_turn_but_useful_work_does_not",
    ),
    Mutant("healing", "min(probe_s, limits.needed_probe_s)", "probe_s", "what_others_need_is_tried_again_sooner"),
    Mutant(
        "healing",
        "if self._rules.users_of(rule.name):\n            probe_s",
        "if True:\n            probe_s",
        "a_crash_loop_ends_in_quarantine_and_is_tried_for_ever",
    ),
    Mutant(
        "healing",
        "len(unit.fruitless) >= limits.critical_at and not incident.is_critical",
        "len(unit.fruitless) >= limits.critical_at",
        "a_crash_loop_ends_in_quarantine_and_is_tried_for_ever",
    ),
    Mutant(
        "policy",
        "canary.restarts > many.restarts and canary.flight is None",
        "canary.flight is None",
        "a_canary_waits_for_its_turn_however_long",
    ),
    Mutant(
        "healing",
        "other.flight is not None and not other.flight.is_planned",
        "other.flight is not None",
        "a_planned_stop_holds_up_nobody",
    ),
    Mutant(
        "healing", "spent < self._limits.most_fruitless_of_all", "True", "what_fails_all_over_is_tried_less_and_less"
    ),
    Mutant(
        "healing",
        "for other in others if other.probe_s is None)",
        "for other in others)",
        "quarantined_units_do_not_use_up_the_others_trials",
    ),
    Mutant(
        "policy",
        "unit.silent_s > rule.silent_s / 2",
        "unit.silent_s > rule.silent_s",
        "many_need_not_fall_silent_in_the_same_second",
    ),
    Mutant(
        "healing",
        "len(unit.fruitless) >= limits.critical_at and not incident.is_critical",
        "False",
        "a_crash_loop_ends_in_quarantine_and_is_tried_for_ever",
    ),
    Mutant(
        "healing",
        "or becomes_critical or is_one_of_many)",
        "or becomes_critical)",
        "many_at_once_is_one_cause_until_a_canary_came_back",
    ),
    Mutant(
        "healing",
        ".is_frozen or not unit.life or unit.is_forced",
        ".is_frozen or not unit.life",
        "an_action_that_does_not_help_is_repeated_harder",
    ),
    Mutant(
        "healing",
        ".is_frozen or not unit.life or unit.is_forced",
        ".is_frozen",
        "an_action_that_does_not_help_is_repeated_harder",
    ),
    Mutant(
        "healing", "is_dead = self._looked.units[rule.name].is_frozen or", "is_dead =", "a_frozen_one_gets_no_grace"
    ),
    Mutant(
        "healing", "Do.RESTART if unit.life else Do.START", "Do.START", "two_that_fell_silent_long_apart_are_not_many"
    ),
    Mutant("healing", "Do.RESTART if unit.life else Do.START", "Do.RESTART", "a_dead_unit_is_started_at_the_next_look"),
    Mutant(
        "healing",
        "if not any(unit.life or unit.flight for unit in back.values())",
        "if True",
        "a_planned_restart_stops_in_order_and_counts_for_nothing",
    ),
    Mutant(
        "healing",
        "min(limits.incident_grace_s, rule.grace_s)",
        "rule.grace_s",
        "an_action_that_does_not_help_is_repeated_harder",
    ),
    Mutant("healing", "and other.incident is not None]", "]", "what_is_well_again_uses_up_nobody_s_trials"),
    Mutant(
        "symptoms",
        "if seen.is_frozen else rule.boot_s",
        "if False else rule.boot_s",
        "a_start_that_is_frozen_is_given_up_soon",
    ),
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.module}: {mutant.old} -> {mutant.new}")
def test_a_broken_policy_is_noticed(mutant: Mutant) -> None:
    step = mutated(mutant.module, mutant.old, mutant.new)

    with pytest.raises(Exception):  # noqa: B017, PT011 - an assertion of the scenario, or the policy itself breaks
        KILLERS[mutant.killer](step)
