"""One statement against one ledger, one step at a time; and what posting says of what stands already."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from jikimi.config.model import StatementKind
from jikimi.erp.port import Booked, Books, Catalogue, Entry, Period, Refused, Unavailable, Voucher
from jikimi.queue.port import LeaseLost
from jikimi.tables.reasons import Reason
from jikimi.testing.erp import FakeErp
from jikimi.testing.queue import FakeLease, FakeLeases
from jikimi.vouchers.identity import first_release_key, first_release_keys
from jikimi.vouchers.line import Kind, Line, Statement
from jikimi.vouchers.outcome import Outcome, State
from jikimi.vouchers.posting import Desk, by_key, judge, settle, sweep
from jikimi.vouchers.recognition import Recognised, recognise
from jikimi.vouchers.rules import Rule, Rules
from jikimi.vouchers.settlement import Outcomes, Settlement

DAY = date(2026, 11, 4)
CATALOGUE = Catalogue({"811": "", "253": ""}, (Period(date(2026, 1, 1), date(2026, 12, 31), is_open=True),), "KRW", 0)
RULES = Rules("card.toml", "253", "135", (Rule(account="811"),), (2,))


def a_line(row: int, number: str = "1", amount: int = 1000, kind: Kind = Kind.CARD_APPROVAL, **more: Any) -> Line:
    facts: dict[str, Any] = {"on": DAY, "natural": ("1", "day", number), "reference": f"1 {number}", **more}
    facts.setdefault("approval", number if facts["reference"] else "")
    texts: dict[str, Any] = {
        "currency": "KRW",
        "counterparty": "가게",
        "instrument": "1",
        "content": ("x",),
        "cells": {},
    }
    return Line(row=row, kind=kind, amount=Decimal(amount), **texts, **facts)


def a_cancellation(row: int, number: str = "1", amount: int = 1000, **more: Any) -> Line:
    return a_line(row, number, amount, Kind.CARD_CANCELLATION, **more)


def found_in(books: Books, *lines: Line) -> list[Recognised]:
    return recognise(Statement("csv", StatementKind.CARD, (), lines, (), 0), "file", books, "253")


class Ledger(FakeErp):
    """Books that take every voucher at once, and remember in which order they were asked."""

    def __init__(self) -> None:
        super().__init__()
        self.settled: list[list[str]] = []
        self.is_away = False

    def settle(self, vouchers: Sequence[Voucher]) -> Mapping[str, Outcome]:
        self.settled.append([voucher.key for voucher in vouchers])
        for booked in self._stage(vouchers):
            self._post([booked.id])
        return {item.key: Outcome(State.POSTED, None, item.key, item.debit, item.credit) for item in vouchers}

    def find(self, keys: Sequence[str]) -> list[Booked]:
        if self.is_away:
            raise Unavailable(answer="away")
        return super().find(keys)

    def find_by_text(self, texts: Sequence[str]) -> list[Booked]:
        if self.is_away:
            raise Unavailable(answer="away")
        return super().find_by_text(texts)

    def outcomes(self, *lines: Line, mended: bool = False) -> Outcomes:
        return Settlement(RULES, self, CATALOGUE, self.settle).outcomes(found_in(self, *lines), mended=mended)

    def undone(self) -> list[Decimal]:
        return [booked.debit for booked in self.books.values() if booked.origin is not None]


def said(outcomes: Outcomes) -> dict[int, tuple[State, str]]:
    return {row: (item.state, item.reason.code if item.reason else "") for row, item in outcomes.items()}


def test_keys_are_made_of_the_whole_statement_whatever_stands() -> None:
    ledger = Ledger()
    lines = [a_line(row, natural=None, reference="") for row in (2, 3, 4)]
    ledger.outcomes(*lines[:1])

    assert [one.key.rpartition("-")[2] for one in found_in(ledger, *lines)] == ["1", "2", "3"]


def test_a_row_of_a_mended_file_without_an_account_is_not_taken_even_if_it_is_pending() -> None:
    ledger = Ledger()

    found = ledger.outcomes(a_line(2, "1", pending=True), a_line(3, "2", account="811"), mended=True)

    assert said(found) == {2: (State.REJECTED, "no_account_written"), 3: (State.POSTED, "")}


def test_a_row_without_an_account_is_taken_in_a_file_that_is_not_mended() -> None:
    assert said(Ledger().outcomes(a_line(2))) == {2: (State.POSTED, "")}


def test_a_pending_row_waits_and_is_not_booked() -> None:
    ledger = Ledger()

    assert said(ledger.outcomes(a_line(2, pending=True))) == {2: (State.WAITING, "pending")}
    assert ledger.books == {}


def test_approvals_are_booked_before_the_cancellations_above_them() -> None:
    ledger = Ledger()

    found = ledger.outcomes(a_cancellation(2), a_line(3))

    assert said(found) == {2: (State.POSTED, ""), 3: (State.POSTED, "")}
    assert [len(keys) for keys in ledger.settled] == [1, 1]
    assert ledger.undone() == [Decimal(1000)]


def test_a_cancellation_whose_original_is_unknown_waits() -> None:
    assert said(Ledger().outcomes(a_cancellation(2))) == {2: (State.WAITING, "no_original")}


def test_a_line_that_cannot_be_booked_is_rejected_with_its_reason() -> None:
    assert said(Ledger().outcomes(a_line(2, account="999"))) == {2: (State.REJECTED, "no_such_account")}


def test_two_parts_of_one_file_may_undo_no_more_than_the_whole() -> None:
    ledger = Ledger()

    found = ledger.outcomes(a_line(2), a_cancellation(3, amount=600), a_cancellation(4, amount=400))

    assert {state for state, _ in said(found).values()} == {State.POSTED}
    late = ledger.outcomes(a_cancellation(5, amount=1))
    assert late[5].reason is not None
    assert (late[5].reason.code, late[5].reason.facts["undone"]) == ("cancels_too_much", Decimal(1000))


def test_what_an_earlier_part_of_the_same_file_undid_counts_for_the_next() -> None:
    found = Ledger().outcomes(a_line(2), a_cancellation(3, amount=600), a_cancellation(4, amount=500))

    assert said(found)[4] == (State.REJECTED, "cancels_too_much")


def test_what_is_too_much_itself_takes_nothing_from_the_next() -> None:
    found = Ledger().outcomes(a_line(2), a_cancellation(3, amount=1500), a_cancellation(4, amount=1000))

    assert [state for state, _ in said(found).values()] == [State.POSTED, State.REJECTED, State.POSTED]


def test_a_cancellation_without_a_reference_is_a_refund_by_rule() -> None:
    ledger = Ledger()

    found = ledger.outcomes(a_cancellation(2, reference="", natural=None))

    assert said(found) == {2: (State.POSTED, "")}
    (refund,) = ledger.books.values()
    assert (refund.entries[0].account, refund.entries[0].credit) == ("811", Decimal(1000))


def test_a_cancellation_that_stands_already_is_settled_as_it_stands() -> None:
    ledger = Ledger()
    ledger.outcomes(a_line(2), a_cancellation(3))
    asked: list[Voucher] = []

    def answer(vouchers: Sequence[Voucher]) -> Mapping[str, Outcome]:
        asked.extend(vouchers)
        return {voucher.key: Outcome(State.ALREADY) for voucher in vouchers}

    found = Settlement(RULES, ledger, CATALOGUE, answer).outcomes(found_in(ledger, a_cancellation(2)), mended=False)

    (mine,) = [booked for booked in ledger.books.values() if booked.origin is not None]
    assert asked == [Voucher(mine.key, mine.on, mine.entries, mine.origin, mine.description, mine.witnesses)]
    assert said(found) == {2: (State.ALREADY, "")}


def test_the_draft_of_a_cancellation_is_no_cancellation_that_stands() -> None:
    ledger = Ledger()
    ledger.outcomes(a_line(2))
    key = found_in(ledger, a_cancellation(3))[0].key
    ledger._stage([Voucher(key, DAY, (), None)])

    assert said(ledger.outcomes(a_cancellation(3))) == {3: (State.POSTED, "")}
    assert ledger.undone() == [Decimal(1000)]


def test_cancellations_wait_while_the_erp_is_away_and_say_why() -> None:
    ledger = Ledger()
    ledger.is_away = True

    found = ledger.outcomes(a_line(2), a_cancellation(3), a_cancellation(4, "2"))

    assert said(found) == {2: (State.POSTED, ""), 3: (State.WAITING, "stopped"), 4: (State.WAITING, "stopped")}
    assert found[3].reason is not None
    assert "away" in str(found[3].reason.facts["why"])


def test_a_cancellation_is_of_the_newest_approval_that_is_not_younger() -> None:
    ledger = Ledger()
    days = [date(2026, 11, day) for day in (2, 3, 4)]
    for day in days:
        ledger.outcomes(a_line(2, on=day, natural=(str(day),)))

    ledger.outcomes(a_cancellation(3, on=days[1]))

    (origin,) = [booked.origin for booked in ledger.books.values() if booked.origin is not None]
    assert origin is not None
    assert ledger.books[origin].on == days[1]


def test_of_two_approvals_of_one_day_the_later_is_cancelled() -> None:
    ledger = Ledger()
    for number in ("a", "b"):
        ledger.outcomes(a_line(2, natural=(number,)))

    ledger.outcomes(a_cancellation(3))

    assert [booked.origin for booked in ledger.books.values()] == [None, None, 2]


def test_an_approval_of_a_later_day_is_not_what_was_cancelled() -> None:
    ledger = Ledger()
    ledger.outcomes(a_line(2, on=date(2026, 11, 5)))

    assert said(ledger.outcomes(a_cancellation(3))) == {3: (State.WAITING, "no_original")}


def test_a_reversal_with_the_same_reference_is_no_approval() -> None:
    ledger = Ledger()
    ledger.outcomes(a_line(2), a_cancellation(3, amount=400))

    found = ledger.outcomes(a_cancellation(3, amount=600, on=date(2026, 11, 5)))

    assert said(found) == {3: (State.POSTED, "")}
    assert sorted(ledger.undone()) == [400, 600]


def test_equal_rows_of_one_transaction_are_told_once_as_posted_and_then_as_the_same() -> None:
    found = Ledger().outcomes(a_line(2), a_line(3), a_line(4))

    assert said(found) == {2: (State.POSTED, ""), 3: (State.ALREADY, "same_row"), 4: (State.ALREADY, "same_row")}
    assert found[3] == replace(found[2], state=State.ALREADY, reason=Reason("same_row", {"row": 2}))


def test_a_row_that_repeats_one_that_is_not_posted_shares_its_fate() -> None:
    found = Ledger().outcomes(a_line(2, account="999"), a_line(3, account="999"))

    assert said(found) == dict.fromkeys((2, 3), (State.REJECTED, "no_such_account"))


def test_a_repeated_row_keeps_an_outcome_of_its_own() -> None:
    found = Ledger().outcomes(a_line(2), a_line(3, pending=True))

    assert said(found) == {2: (State.POSTED, ""), 3: (State.WAITING, "pending")}


def test_rows_of_one_transaction_with_other_amounts_are_all_rejected_with_their_rows() -> None:
    ledger = Ledger()

    found = ledger.outcomes(a_line(2), a_line(3), a_line(4, amount=9), a_line(5, "2"))

    assert said(found) == {
        **dict.fromkeys((2, 3, 4), (State.REJECTED, "conflict_in_file")),
        5: (State.POSTED, ""),
    }
    assert found[2].reason == Reason("conflict_in_file", {"rows": "2, 3, 4"})
    assert len(ledger.books) == 1


def booked(
    number: str = "n1",
    *,
    posted: bool = True,
    amount: int = 1000,
    id_: int = 1,
    key: str = "k",
    credit: int | None = None,
) -> Booked:
    entries = (
        Entry("811", Decimal(amount), Decimal(0), ""),
        Entry("253", Decimal(0), Decimal(amount if credit is None else credit), ""),
    )
    return Booked(id_, key, number, posted=posted, on=DAY, entries=entries)


def a_voucher(key: str = "k", amount: int = 1000) -> Voucher:
    return Voucher(key, DAY, booked(amount=amount).entries)


@pytest.mark.parametrize(
    ("ours", "state", "code"), [(True, State.POSTED, ""), (False, State.ALREADY, "stands_already")]
)
def test_what_stands_is_posted_by_us_or_stands_already(ours: bool, state: State, code: str) -> None:  # noqa: FBT001
    outcome = judge(a_voucher(), [booked(), booked("", posted=False)], ours=ours)

    assert (outcome.state, outcome.reason.code if outcome.reason else "") == (state, code)
    assert (outcome.number, outcome.debit, outcome.credit) == ("n1", Decimal(1000), Decimal(1000))


def test_what_stands_with_another_amount_is_a_conflict_with_both_amounts() -> None:
    outcome = judge(a_voucher(amount=999), [booked()], ours=True)

    facts = {"number": "n1", "amount": Decimal(1000), "asked": Decimal(999)}
    assert outcome == Outcome(State.REJECTED, Reason("conflict", facts))


def test_what_stands_twice_is_told_with_both_numbers() -> None:
    outcome = judge(a_voucher(), [booked(), booked("n2"), booked("d", posted=False)], ours=True)

    assert outcome == Outcome(
        State.ALREADY, Reason("doubled", {"numbers": "n1, n2"}), "n1", Decimal(1000), Decimal(1000)
    )


def test_what_bears_one_key_is_in_order_of_its_worth() -> None:
    items = [booked("", posted=False, id_=1), booked(id_=3), booked("", posted=False, id_=0), booked(id_=2)]

    assert [item.id for item in by_key(items)["k"]] == [2, 3, 0, 1]


class Intents:
    def __init__(self, *known: str) -> None:
        self.known, self.told = set(known), [dict[str, int]()]

    def intend(self, ids: Mapping[str, int]) -> None:
        self.told.append(dict(ids))

    def intended(self, keys: Sequence[str]) -> set[str]:
        return self.known & set(keys)


class Watched(FakeLease):
    """A lease that another writer takes after so many checks."""

    left = 1000

    def check(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise LeaseLost(holder="another")
        super().check()


class Room:
    def __init__(self, *known: str, batch: int = 10, posts: bool = True) -> None:
        self.erp, self.intents = FakeErp(), Intents(*known)
        self.lease = Watched(FakeLeases(), "company", "worker")
        self.lease.take()
        self.desk = Desk(self.erp, self.lease, self.intents, batch, posts)

    def stage(self, key: str = "k", amount: int = 1000) -> Booked:
        return self.erp._stage([a_voucher(key, amount)])[0]

    def settle(self, *vouchers: Voucher) -> dict[str, tuple[State, str]]:
        self.progress: list[int] = []
        found = settle(self.desk, vouchers, self.progress.append)
        return {key: (item.state, item.reason.code if item.reason else "") for key, item in found.items()}

    def standing(self) -> list[str]:
        return sorted(item.key for item in self.erp.books.values() if item.posted)


def test_a_draft_that_waits_is_posted_and_no_other_is_made() -> None:
    room = Room()
    draft = room.stage()

    assert room.settle(a_voucher()) == {"k": (State.POSTED, "")}
    assert list(room.erp.books) == [draft.id]
    assert room.intents.told[-1] == {"k": draft.id}


def test_of_two_drafts_the_older_is_posted_and_the_other_deleted() -> None:
    room = Room()
    older, _ = room.stage(), room.stage()

    room.settle(a_voucher())

    assert [(item.id, item.posted) for item in room.erp.books.values()] == [(older.id, True)]


@pytest.mark.parametrize(("known", "state"), [([], State.ALREADY), (["k"], State.POSTED)])
def test_what_stands_is_ours_if_we_were_about_to_post_it(known: list[str], state: State) -> None:
    room = Room(*known)
    room.erp._post([room.stage().id])
    room.stage()

    assert room.settle(a_voucher())["k"][0] is state
    assert [item.posted for item in room.erp.books.values()] == [True]
    assert room.intents.told[-1] == {}


def test_drafts_wait_where_a_person_approves_and_no_intent_is_kept() -> None:
    room = Room(posts=False)

    assert room.settle(a_voucher("a"), a_voucher("b")) == dict.fromkeys("ab", (State.WAITING, "needs_approval"))
    assert len(room.erp.drafts()) == 2
    assert room.intents.told == [{}]


@pytest.mark.parametrize("posts", [True, False])
@pytest.mark.parametrize("how", [{"credit": 999}, {}])
def test_a_draft_that_does_not_balance_is_deleted_and_rejected(posts: bool, how: dict[str, int]) -> None:  # noqa: FBT001
    room = Room(posts=posts)
    draft = replace(booked("", posted=False, **how), balanced=bool(how), id=9)  # type: ignore[arg-type]
    room.erp.books[9] = draft

    assert room.settle(a_voucher(), a_voucher("b"))["k"] == (State.REJECTED, "unbalanced")
    assert "k" not in {item.key for item in room.erp.books.values()}


def test_a_voucher_that_is_refused_stands_alone_in_the_end() -> None:
    room = Room()
    bad = Voucher("bad", DAY, (Entry("999", Decimal(1), Decimal(0), ""), Entry("253", Decimal(0), Decimal(1), "")))

    found = room.settle(*(a_voucher(f"k{number}") for number in range(4)), bad, a_voucher("k5"))

    assert found.pop("bad") == (State.REJECTED, "refused")
    assert set(found.values()) == {(State.POSTED, "")}
    assert room.standing() == ["k0", "k1", "k2", "k3", "k5"]


def refuse_to_post(room: Room, before: Any) -> None:
    def refuse(drafts: Sequence[Booked]) -> list[Booked]:
        for draft in drafts:
            before(draft)
        raise Refused(answer="no")

    room.erp.post = refuse  # type: ignore[method-assign]


def test_a_refusal_to_post_what_stands_by_then_is_no_refusal() -> None:
    room = Room()
    refuse_to_post(room, lambda draft: room.erp._post([draft.id]))

    assert room.settle(a_voucher()) == {"k": (State.POSTED, "")}


def test_a_draft_that_is_really_refused_is_deleted_and_rejected() -> None:
    room = Room()
    refuse_to_post(room, lambda _: None)

    assert room.settle(a_voucher()) == {"k": (State.REJECTED, "refused")}
    assert room.erp.books == {}


@pytest.mark.parametrize("another", [True, False])
def test_a_draft_that_is_gone_waits_for_the_next_look(another: bool) -> None:  # noqa: FBT001
    room = Room()

    def take_away(draft: Booked) -> None:
        del room.erp.books[draft.id]
        if another:
            room.stage()

    refuse_to_post(room, take_away)

    assert room.settle(a_voucher()) == {"k": (State.WAITING, "draft_gone")}


@pytest.mark.parametrize(
    ("several", "checks", "posted"),
    [
        (True, 5, 2),  # search, stage and one post for the first batch, the same but the post for the second
        (False, 9, 3),  # three posts for a batch: both at once, which is refused, then each; not the last one
    ],
)
def test_what_is_settled_before_the_lease_is_lost_keeps_its_outcome_and_the_rest_waits(
    several: bool,  # noqa: FBT001
    checks: int,
    posted: int,
) -> None:
    room = Room(batch=2)
    room.erp.posts_several = several
    room.lease.left = checks

    found = room.settle(*(a_voucher(f"k{number}") for number in range(6)))

    states = [found[f"k{number}"] for number in range(6)]
    assert states == [(State.POSTED, "")] * posted + [(State.WAITING, "stopped")] * (6 - posted)
    assert room.progress == [2]
    assert room.standing() == [f"k{number}" for number in range(posted)]


@pytest.mark.parametrize("checks", range(6))
def test_nothing_is_written_once_the_lease_is_lost(checks: int) -> None:
    room = Room()
    room.stage("a")
    room.stage("a")
    room.erp.books[9] = replace(booked("", posted=False, key="u"), balanced=False, id=9)
    room.lease.left = checks

    room.settle(a_voucher("a"), a_voucher("u"), a_voucher("n"))

    drafts = len([item for item in room.erp.drafts() if item.key == "a"])
    assert drafts == (2 if checks < 2 else 1 if checks < 5 else 0)
    assert ("n" in {item.key for item in room.erp.books.values()}) == (checks >= 3)
    assert ("u" in {item.key for item in room.erp.books.values()}) == (checks < 4)


def test_a_batch_takes_so_many_vouchers_and_no_more() -> None:
    room = Room(batch=3)

    room.settle(*(a_voucher(f"k{number}") for number in range(7)))

    assert room.progress == [3, 6, 7]
    assert [len(told) for told in room.intents.told[1:]] == [3, 3, 1]


def test_a_sweep_deletes_the_drafts_of_what_stands_and_no_others() -> None:
    room = Room()
    room.erp._post([room.stage("a").id])
    room.stage("a")
    kept = room.stage("b")

    assert sweep(room.desk) == 1
    assert room.erp.drafts() == [kept]


def test_a_sweep_that_finds_nothing_asks_for_nothing_to_be_deleted() -> None:
    room = Room()
    room.stage("b")
    room.erp.fate = lambda: pytest.fail("asked")

    assert sweep(room.desk) == 0


@pytest.mark.parametrize("checks", [0, 1])
def test_a_sweep_without_the_lease_deletes_nothing(checks: int) -> None:
    room = Room()
    room.erp._post([room.stage("a").id])
    room.stage("a")
    room.lease.left = checks

    with pytest.raises(LeaseLost):
        sweep(room.desk)

    assert len(room.erp.drafts()) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["a\x1fb"], ["a", "b"]),
        (["a\x1f", "b"], ["a", "\x1fb"]),
        (["\x1b"], ["\x1f"]),
        (["\x1b1"], ["\x1f"]),
        (["\x1b0"], ["\x1b"]),
        (["\x1b\x1f"], ["\x1b0\x1f"]),
        (["a", ""], ["a"]),
    ],
)
def test_fields_that_hold_what_stands_between_fields_have_a_key_of_their_own(one: list[str], other: list[str]) -> None:
    assert first_release_key(one) != first_release_key(other)


def test_the_key_of_ordinary_fields_is_what_it_always_was() -> None:
    assert first_release_key(["card_approval", "9999", "2026-11-04", "00000001"]) == "jk1-ttj4nqn3dtpphbuvwati"


def test_keys_are_told_apart_by_kind_and_occurrence() -> None:
    lines = [
        a_line(2),
        a_line(3),
        a_line(4, natural=None),
        a_line(5, natural=None),
        a_cancellation(6),
        a_cancellation(7),
    ]
    first, second, *others = first_release_keys(lines)

    assert first == second
    assert len({first, *others}) == 5
    assert others[0] == first_release_key(["card_approval", "x", "1"])
    assert others[3] == first_release_key(["card_cancellation", "1", "day", "1", "1000", "2"])


def test_a_desk_posts_unless_it_is_told_to_wait() -> None:
    room = Room()

    assert Desk(room.erp, room.lease, room.intents, 1).posts


def test_only_references_that_are_stated_are_looked_for() -> None:
    asked: list[Sequence[str]] = []

    class Listening(Ledger):
        def find_by_text(self, texts: Sequence[str]) -> list[Booked]:
            asked.append(texts)
            return []

    Listening().outcomes(a_cancellation(2, reference="", natural=None), a_cancellation(3, "7"))

    assert asked == [["- 7", "1 7"]]


def test_what_stands_twice_is_told_and_neither_is_touched() -> None:
    room = Room()
    for _ in range(2):
        room.erp._post([room.stage().id])

    assert room.settle(a_voucher()) == {"k": (State.ALREADY, "doubled")}
    assert room.standing() == ["k", "k"]
