"""The journal remembers by ledger, and never what it was not told."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jikimi.config.model import Ledger
from jikimi.tables.reasons import Reason
from jikimi.testing.clock import FakeClock
from jikimi.vouchers.entry import Entry
from jikimi.vouchers.journal import Journal, NewerJournal
from jikimi.vouchers.outcome import Outcome, State


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.sqlite", FakeClock())
    yield journal
    journal.close()


def an_entry(row: int, key: str, state: State = State.POSTED, number: str = "") -> Entry:
    return Entry(row, key, "2026-11-04", "가게", "4500", Outcome(state, None, number))


def close(journal: Journal, sha: str, *entries: Entry, claim: str = "c1", done: bool = True, **totals: int) -> None:
    document: dict[str, Any] = {"sha": sha, "name": f"{sha}.csv", "profile": "card"}
    journal.close_file(claim, entries, document, totals, done=done)


def test_an_intent_is_remembered_until_its_voucher_is_told_as_posted(journal: Journal) -> None:
    journal.intend({"a": 1, "b": 2})
    close(journal, "s", an_entry(1, "a"), an_entry(2, "b", State.WAITING))

    assert journal.intended(["a", "b", "c"]) == {"b"}


def test_only_the_keys_that_are_asked_for_are_answered(journal: Journal) -> None:
    journal.intend({"a": 1, "b": 2})

    assert journal.intended(["a"]) == {"a"}
    assert journal.intended([]) == set()


@pytest.mark.parametrize("state", [state for state in State if state is not State.POSTED])
def test_any_other_outcome_leaves_an_intent_open(journal: Journal, state: State) -> None:
    journal.intend({"a": 1})
    close(journal, "s", an_entry(1, "a", state))

    assert journal.intended(["a"]) == {"a"}


def test_an_intent_belongs_to_one_ledger_and_so_does_its_end(journal: Journal) -> None:
    practice = journal.of(Ledger.PRACTICE)
    journal.intend({"a": 1})
    assert practice.intended(["a"]) == set()

    close(practice, "s", an_entry(1, "a"))

    assert journal.intended(["a"]) == {"a"}


def test_another_key_that_is_posted_ends_no_intent(journal: Journal) -> None:
    journal.intend({"a": 1})
    close(journal, "s", an_entry(1, "b"))

    assert journal.intended(["a"]) == {"a"}


def test_an_intent_that_was_had_twice_is_answered_once_and_told_twice(journal: Journal) -> None:
    journal.intend({"a": 1})
    journal.intend({"a": 2})
    close(journal, "s", an_entry(1, "a", number="n1"))

    (line,) = journal.story("a")
    assert [attempt["erp_id"] for attempt in line["attempts"]] == [1, 2]


@pytest.mark.parametrize("done", [True, False])
def test_a_claim_is_found_by_the_bytes_within_its_ledger(journal: Journal, done: bool) -> None:  # noqa: FBT001
    close(journal, "other", claim="c0", done=not done)
    close(journal, "s", claim="c1", done=done)
    close(journal.of(Ledger.PRACTICE), "s", claim="c2", done=not done)

    assert journal.claim_of("s") == ("c1", done)
    assert journal.of(Ledger.PRACTICE).claim_of("s") == ("c2", not done)
    assert journal.claim_of("never") is None


def test_the_rows_of_an_unknown_file_are_not_those_of_a_file_without_open_rows(journal: Journal) -> None:
    close(journal, "s", an_entry(1, "a"), an_entry(2, "b", State.REJECTED))

    assert journal.open_rows("s") == set()
    assert journal.open_rows("never") is None


def test_the_open_rows_are_those_that_wait_or_are_unknown(journal: Journal) -> None:
    close(journal, "s", *(an_entry(row, str(row), state) for row, state in enumerate(State, 1)))
    close(journal, "t", an_entry(9, "9", State.WAITING))

    assert journal.open_rows("s") == {4, 5}


def test_totals_add_up_over_files_and_cycles(journal: Journal) -> None:
    close(journal, "s", posted=2)
    journal.add({"posted": 3, "total": 1})

    assert journal.totals() == {"posted": 5, "total": 1, "waiting": 0, "unknown": 0}


@pytest.mark.parametrize("state", [State.WAITING, State.UNKNOWN])
def test_what_waits_now_is_counted_from_the_lines(journal: Journal, state: State) -> None:
    close(journal, "s", an_entry(1, "a", state), an_entry(2, "b", state), an_entry(3, "c"), an_entry(4, "d"))

    totals = journal.totals()

    assert totals == {"waiting": 0, "unknown": 0, state: 2}


@pytest.mark.parametrize("state", [State.POSTED, State.ALREADY])
def test_a_line_that_stands_by_another_file_does_not_wait(journal: Journal, state: State) -> None:
    close(journal, "s", an_entry(1, "a", State.WAITING))
    close(journal, "t", an_entry(1, "a", state))

    assert journal.totals()["waiting"] == 0


@pytest.mark.parametrize("state", [State.REJECTED, State.UNKNOWN])
def test_a_line_that_does_not_stand_by_another_file_waits(journal: Journal, state: State) -> None:
    close(journal, "s", an_entry(1, "a", State.WAITING))
    close(journal, "t", an_entry(1, "a", state))

    assert journal.totals()["waiting"] == 1


def test_a_line_that_stands_in_another_ledger_waits_in_this_one(journal: Journal) -> None:
    close(journal, "s", an_entry(1, "a", State.WAITING))
    close(journal.of(Ledger.PRACTICE), "s", an_entry(1, "a"))

    assert journal.totals()["waiting"] == 1


def test_a_line_is_found_by_the_beginning_of_its_key_or_by_its_number(journal: Journal) -> None:
    close(journal, "s", an_entry(1, "jk1-abc", number="n1"), an_entry(2, "jk1-xyz", number="n2"))

    assert [line["row"] for line in journal.story("jk1-a")] == [1]
    assert [line["row"] for line in journal.story("n2")] == [2]
    assert journal.story("abc") == []


def test_a_reversal_is_told_with_its_line_and_its_ledger_only(journal: Journal) -> None:
    for ledger in Ledger:
        close(journal.of(ledger), "s", an_entry(1, "a"))
    journal.reversals.record("a", "n9", "kim")

    told = {line["ledger"]: line["reversal"] for line in journal.story("a")}

    assert told["company"] == {"number": "n9", "who": "kim", "at": "2026-11-20T03:00:00.000+00:00"}
    assert told["practice"] is None


def test_an_approval_is_of_one_file_in_one_ledger(journal: Journal) -> None:
    journal.approve("s", "kim")

    assert journal.is_approved("s")
    assert not journal.is_approved("t")
    assert not journal.of(Ledger.PRACTICE).is_approved("s")


def test_an_entry_comes_back_as_it_was_kept(journal: Journal) -> None:
    reason = Reason("no_rule", {"name": "별빛"})
    outcome = Outcome(State.ALREADY, reason, "n1", Decimal("4500.10"), Decimal("4500.10"))
    entries = [Entry(2, "b", "2026-11-04", "가게", "1", outcome), an_entry(1, "a", State.WAITING)]
    close(journal, "s", *entries)

    assert journal.entries("s") == [entries[1], entries[0]]


def test_an_entry_is_shown_in_both_languages_with_the_number_as_it_is_now() -> None:
    entry = Entry(2, "b", "2026-11-04", "가게", "1", Outcome(State.REJECTED, Reason("no_rule", {"name": "별빛"})))

    shown = entry.shown("n7")

    assert (shown["outcome"], shown["number"]) == ("rejected", "n7")
    assert shown["reason"]["en"] == "no rule fits '별빛'"
    assert "별빛" in shown["reason"]["ko"]
    assert an_entry(1, "a").shown("")["reason"] == {}


def test_what_fails_halfway_leaves_nothing_behind(journal: Journal) -> None:
    with pytest.raises(KeyError):
        close_without_name(journal)
    with pytest.raises(sqlite3.IntegrityError):
        journal.add({"posted": None})  # type: ignore[dict-item]

    close(journal, "s", an_entry(1, "a"))

    assert journal.totals() == {"waiting": 0, "unknown": 0}


def close_without_name(journal: Journal) -> None:
    journal.close_file("c1", [an_entry(1, "a")], {"sha": "s"}, {}, done=True)


def test_posted_keys_are_those_that_the_file_itself_has_brought(journal: Journal) -> None:
    mine, others = an_entry(1, "a"), an_entry(2, "b")
    close(journal, "s", mine, an_entry(3, ""), replace(others, outcome=Outcome(State.ALREADY, None, "7")))

    assert journal.posted_keys("s") == ["a"]


def test_files_of_one_name_are_told_apart_by_their_ids(journal: Journal) -> None:
    close(journal, "11111111aaaa", an_entry(1, "a"))
    close(journal, "22222222aaaa", an_entry(1, "b"))

    assert [file.sha for file in journal.files("22222222")] == ["22222222aaaa"]
    assert journal.of(Ledger.PRACTICE).files() == []


def test_a_journal_that_is_opened_again_knows_everything(tmp_path: Path) -> None:
    for _ in range(2):
        journal = Journal(tmp_path / "j.sqlite", FakeClock())
        journal.add({"posted": 1})
        journal.close()

    with closing(sqlite3.connect(tmp_path / "j.sqlite")) as base:
        assert base.execute("SELECT value FROM totals").fetchall() == [(2,)]


def test_a_journal_of_a_newer_jikimi_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "j.sqlite")) as base:
        base.execute("PRAGMA user_version=2")

    with pytest.raises(NewerJournal):
        Journal(tmp_path / "j.sqlite", FakeClock())
