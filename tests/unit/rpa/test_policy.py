from dataclasses import replace

import pytest

from jikimi.rpa.item import OVER, Item, State
from jikimi.rpa.policy import (
    MOST_ASKED,
    SESSION_WAIT_S,
    Ended,
    Next,
    Said,
    Told,
    after_attempt,
    after_probe,
    asked_first,
    begun,
    cut_short,
    given_up,
    resolved,
    retried,
    what_next,
)

NOW = 1000.0
NEW = Item("voucher", "A-1", {"amount": "1"})
TRIED = replace(NEW, state=State.QUEUED, attempts=1)


@pytest.mark.parametrize(
    ("item", "has_probe", "expected"),
    [
        (NEW, True, Next.RUN),
        (NEW, False, Next.RUN),
        (asked_first(NEW), True, Next.PROBE),
        (asked_first(NEW), False, Next.RUN),
        (replace(asked_first(NEW), is_clear=True, is_fenced=False), True, Next.RUN),
        (TRIED, True, Next.PROBE),
        (TRIED, False, Next.RUN),
        (replace(TRIED, is_clear=True), True, Next.RUN),
        (replace(TRIED, state=State.RUNNING), True, Next.PROBE),
        (replace(TRIED, is_fenced=True), True, Next.PROBE),
        (replace(TRIED, is_fenced=True), False, Next.NOTHING),
        (replace(TRIED, attempts=3), True, Next.PROBE),
        (replace(TRIED, attempts=3, is_clear=True), True, Next.NOTHING),
        (replace(TRIED, attempts=2), False, Next.RUN),
        (replace(TRIED, attempts=3), False, Next.NOTHING),
        (replace(TRIED, attempts=3, granted=1), False, Next.RUN),
        (replace(TRIED, attempts=4, granted=1), False, Next.NOTHING),
        (replace(NEW, next_at=NOW), True, Next.RUN),
        (replace(NEW, next_at=NOW + 0.1), True, Next.NOTHING),
        *[(replace(NEW, state=state), True, Next.NOTHING) for state in OVER],
        (replace(NEW, state=State.WAITING_SESSION), True, Next.RUN),
    ],
)
def test_what_is_next(item: Item, *, has_probe: bool, expected: Next) -> None:
    assert what_next(item, 3, NOW, has_probe=has_probe) is expected


def test_an_attempt_that_begins_is_counted_and_has_to_be_asked_about_again() -> None:
    item = begun(replace(TRIED, is_clear=True, asked=2, reason="it was slow"))

    assert (item.state, item.attempts, item.is_clear, item.asked, item.reason) == (State.RUNNING, 2, False, 0, "")


@pytest.mark.parametrize(
    ("attempts", "ended", "has_probe", "state", "is_fenced"),
    [
        (1, Ended(Told.DONE, in_fence=True), True, State.DONE, False),
        (1, Ended(Told.BUSINESS, "no", in_fence=True), True, State.BUSINESS, False),
        (1, Ended(Told.APPLICATION, "slow"), True, State.QUEUED, False),
        (1, Ended(Told.APPLICATION, "slow"), False, State.QUEUED, False),
        (1, Ended(Told.APPLICATION, "slow", in_fence=True), True, State.QUEUED, True),
        (1, Ended(Told.APPLICATION, "slow", in_fence=True), False, State.IN_DOUBT, True),
        (2, Ended(Told.APPLICATION, "slow"), True, State.QUEUED, False),
        (3, Ended(Told.APPLICATION, "slow"), True, State.FAILED, False),
        (3, Ended(Told.APPLICATION, "slow", in_fence=True), True, State.QUEUED, True),
        (1, Ended(Told.NO_SESSION, "locked"), True, State.WAITING_SESSION, False),
        (1, Ended(Told.NO_SESSION, "locked", in_fence=True), False, State.IN_DOUBT, True),
    ],
)
def test_what_an_attempt_makes_of_an_item(
    attempts: int,
    ended: Ended,
    *,
    has_probe: bool,
    state: State,
    is_fenced: bool,
) -> None:
    item = after_attempt(replace(TRIED, attempts=attempts), ended, 3, NOW, has_probe=has_probe)

    assert (item.state, item.is_fenced) == (state, is_fenced)
    assert item.reason == ended.reason


def test_a_screen_that_is_away_uses_up_no_attempt_but_one_behind_the_fence_does() -> None:
    waits = after_attempt(TRIED, Ended(Told.NO_SESSION, "locked"), 3, NOW, has_probe=True)
    fenced = after_attempt(TRIED, Ended(Told.NO_SESSION, "locked", in_fence=True), 3, NOW, has_probe=True)

    assert (waits.granted, waits.next_at) == (1, NOW + SESSION_WAIT_S)
    assert (fenced.granted, fenced.state) == (0, State.WAITING_SESSION)


def test_the_pause_grows_from_attempt_to_attempt_and_then_no_more() -> None:
    pauses = [
        after_attempt(replace(TRIED, attempts=tried), Ended(Told.APPLICATION), 9, NOW, has_probe=True).next_at - NOW
        for tried in (1, 2, 3, 4)
    ]

    assert pauses == [2.0, 15.0, 60.0, 60.0]


def test_attempts_that_a_person_gave_anew_begin_with_the_short_pause() -> None:
    item = after_attempt(replace(TRIED, attempts=4, granted=3), Ended(Told.APPLICATION), 9, NOW, has_probe=True)

    assert item.next_at == NOW + 2.0


def test_a_probe_that_finds_it_ends_the_item_with_what_it_found() -> None:
    item = after_probe(replace(TRIED, is_fenced=True), Said.WENT_THROUGH, "", NOW, {"no": "V1"})

    assert (item.state, item.is_fenced, item.result) == (State.DONE, False, {"no": "V1"})


def test_a_probe_that_does_not_find_it_opens_the_fence() -> None:
    item = after_probe(replace(TRIED, is_fenced=True, asked=2), Said.NOT_THERE, "", NOW)

    assert (item.state, item.is_fenced, item.is_clear, item.asked) == (State.QUEUED, False, True, 0)
    assert what_next(item, 3, NOW, has_probe=True) is Next.RUN


@pytest.mark.parametrize("is_fenced", [True, False])
def test_a_probe_that_cannot_tell_leaves_it_to_a_person(*, is_fenced: bool) -> None:
    item = after_probe(replace(TRIED, is_fenced=is_fenced), Said.UNSURE, "two are alike", NOW)

    assert (item.state, item.reason) == (State.IN_DOUBT, "two are alike")


def test_a_probe_without_an_answer_is_asked_a_few_times() -> None:
    item, pauses = replace(TRIED, is_fenced=True), []
    for _ in range(MOST_ASKED - 1):
        item = after_probe(item, Said.NO_ANSWER, "the site is down", NOW)
        assert item.state is State.QUEUED
        pauses.append(item.next_at - NOW)
    assert pauses == [2.0, 15.0, 60.0, 60.0]
    assert after_probe(item, Said.NO_ANSWER, "", NOW).state is State.IN_DOUBT
    assert after_probe(replace(item, is_fenced=False), Said.NO_ANSWER, "", NOW).state is State.FAILED


def test_a_probe_without_a_screen_waits_for_one_and_is_not_counted() -> None:
    item = after_probe(replace(TRIED, is_fenced=True, asked=3), Said.NO_SESSION, "locked", NOW)

    assert (item.state, item.asked, item.is_fenced, item.next_at) == (
        State.WAITING_SESSION,
        3,
        True,
        NOW + SESSION_WAIT_S,
    )
    assert what_next(replace(item, next_at=0.0), 3, NOW, has_probe=True) is Next.PROBE


def test_what_there_is_nothing_left_to_try_for_is_in_doubt_behind_the_fence_and_failed_before_it() -> None:
    assert given_up(replace(TRIED, is_fenced=True)).state is State.IN_DOUBT
    assert given_up(TRIED).state is State.FAILED


def test_a_person_who_says_that_it_did_not_go_through_lets_it_begin_anew() -> None:
    doubted = replace(TRIED, state=State.IN_DOUBT, attempts=3, is_fenced=True)

    again = resolved(doubted, went_through=False)

    assert what_next(again, 3, NOW, has_probe=True) is Next.RUN
    assert what_next(again, 3, NOW, has_probe=False) is Next.RUN
    assert resolved(doubted, went_through=True, result={"resolved_by": "kim"}).state is State.DONE


def test_an_attempt_that_was_cut_short_says_so() -> None:
    assert cut_short(replace(TRIED, state=State.RUNNING)).reason == "the attempt was cut short"


def test_an_item_that_is_only_asked_about_first_has_no_attempt_behind_its_fence() -> None:
    first = asked_first(NEW)

    unanswered = after_probe(replace(first, asked=MOST_ASKED - 1), Said.NO_ANSWER, "away", NOW)

    assert (unanswered.state, given_up(first).state) == (State.FAILED, State.FAILED)
    assert after_probe(first, Said.UNSURE, "?", NOW).state is State.IN_DOUBT
    assert what_next(retried(unanswered), 3, NOW, has_probe=True) is Next.PROBE
    assert not begun(first).is_fenced
