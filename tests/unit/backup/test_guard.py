"""A perfect copy of an empty folder is no backup."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.backup.guard import judge
from jikimi.backup.snapshot import Content, Outcome

LAST = Content(
    files=100,
    bytes=1000,
    entries={"home/inbox": True, "also/old": True, "also/never": False},
    rows={"company.sqlite:account_move": 100, "company.sqlite:ir_model": 10_000},
)
REQUIRED = {"home/inbox"}


@pytest.mark.parametrize(
    ("now", "outcome", "reason"),
    [
        (LAST, Outcome.GOOD, ""),
        (replace(LAST, files=50, bytes=500), Outcome.GOOD, ""),
        (replace(LAST, files=49), Outcome.SUSPECT, "shrunk: 49 files of 100"),
        (replace(LAST, bytes=499), Outcome.SUSPECT, "shrunk: 499 bytes of 1000"),
        (replace(LAST, files=0, bytes=0), Outcome.SUSPECT, "empty: 0 files, 0 bytes"),
        (replace(LAST, entries={"home/inbox": False, "also/old": True}), Outcome.SUSPECT, "missing: home/inbox"),
        (replace(LAST, entries={"also/old": True}), Outcome.SUSPECT, "missing: home/inbox"),
        (replace(LAST, entries={"home/inbox": True, "also/old": False}), Outcome.SUSPECT, "missing: also/old"),
        (replace(LAST, entries={"home/inbox": True}), Outcome.GOOD, ""),
        (
            replace(LAST, rows={**LAST.rows, "company.sqlite:account_move": 79}),
            Outcome.SUSPECT,
            "rows: company.sqlite:account_move 79 of 100",
        ),
        (replace(LAST, rows={**LAST.rows, "company.sqlite:account_move": 80}), Outcome.GOOD, ""),
        (
            replace(LAST, rows={**LAST.rows, "company.sqlite:ir_model": 7900}),
            Outcome.SUSPECT,
            "rows: company.sqlite 8000 of 10100",
        ),
        (replace(LAST, rows={}), Outcome.SUSPECT, "rows: company.sqlite 0 of 10100"),
    ],
)
def test_what_a_run_is_worth(now: Content, outcome: Outcome, reason: str) -> None:
    found, reasons = judge(now, LAST, REQUIRED, [])

    assert found is outcome
    assert (reason in reasons) if reason else not reasons


def test_evidence_that_is_cleared_away_is_no_sign_of_harm() -> None:
    last = replace(LAST, files=1000, bytes=90_000, lasting_files=100, lasting_bytes=1000)
    now = replace(LAST, files=100, bytes=1000, lasting_files=100, lasting_bytes=1000)

    assert judge(now, last, REQUIRED, []) == (Outcome.GOOD, ())
    assert judge(replace(now, files=1000, lasting_files=49), last, REQUIRED, [])[0] is Outcome.SUSPECT
    assert judge(replace(now, bytes=90_000, lasting_bytes=499), last, REQUIRED, [])[0] is Outcome.SUSPECT
    assert judge(now, replace(LAST, files=1000), REQUIRED, [])[1] == ("shrunk: 100 files of 1000",)


def test_the_first_one_has_nothing_to_be_compared_with() -> None:
    assert judge(LAST, None, REQUIRED, []) == (Outcome.GOOD, ())
    assert judge(Content(), None, set(), [])[0] is Outcome.SUSPECT


def test_an_unreadable_file_makes_it_partial_unless_it_is_worse() -> None:
    assert judge(LAST, LAST, REQUIRED, ["a"]) == (Outcome.PARTIAL, ("unreadable: a",))
    assert judge(replace(LAST, files=1), LAST, REQUIRED, ["a"])[0] is Outcome.SUSPECT


@given(st.integers(1, 10**9), st.integers(0, 10**9))
def test_growth_is_never_suspect(bytes_: int, more: int) -> None:
    last = Content(files=1, bytes=bytes_)

    assert judge(Content(files=1, bytes=bytes_ + more), last, set(), [])[0] is Outcome.GOOD
