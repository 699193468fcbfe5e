"""A voucher that was booked to a wrong account is corrected in one step that no kill can halve."""

from dataclasses import replace
from datetime import date

import pytest

from jikimi.config.model import Ledger
from jikimi.erp.port import Voucher
from jikimi.tables.reasons import Reason
from jikimi.testing.erp import Fate
from jikimi.vouchers.accounts import account_named
from jikimi.vouchers.correction import CORRECTED, correct
from jikimi.vouchers.identity import group_of
from jikimi.vouchers.outcome import Outcome, State
from jikimi.vouchers.posting import Desk
from jikimi.vouchers.rulebook import no_vat_accounts
from jikimi.vouchers.undo import undo
from tests.unit.vouchers.office import CARD_HEADER, Office, card_file, card_row, counts

DAY = date(2026, 11, 30)


def corrected(office: Office, key: str, account: str) -> dict[str, Outcome]:
    lease = office.leases.lease("company", "erp-worker")
    lease.take()
    return correct(Desk(office.company, lease, office.journal, 1), key, account, DAY, lambda _: None)


def posted(office: Office) -> str:
    office.settle(card_file(card_row(1)))
    return next(iter(office.posted_keys()))


def balances(office: Office) -> tuple[int, int, int]:
    return int(office.balance("811")), int(office.balance("830")), int(office.balance("253"))


def test_corrected_voucher_bears_the_new_account(office: Office) -> None:
    key = posted(office)

    outcomes = corrected(office, key, "830")

    assert {outcome.state for outcome in outcomes.values()} == {State.POSTED}
    assert outcomes.keys() == {key, CORRECTED}
    assert balances(office) == (0, 4500, -4500)


def test_correction_does_nothing_when_it_is_asked_for_twice(office: Office) -> None:
    key = posted(office)
    corrected(office, key, "830")

    again = corrected(office, key, "830")

    assert {outcome.state for outcome in again.values()} == {State.ALREADY}
    assert balances(office) == (0, 4500, -4500)


@pytest.mark.parametrize("posts_several", [True, False])
@pytest.mark.parametrize("fate", [Fate.LOST, Fate.UNANSWERED, Fate.LATE])
@pytest.mark.parametrize("step", range(4))
def test_correction_is_finished_when_it_was_cut_off_anywhere(
    office: Office, *, fate: Fate, step: int, posts_several: bool
) -> None:
    key = posted(office)
    office.company.posts_several = posts_several
    fates = iter([Fate.DONE] * step + [fate])
    office.company.fate = lambda: next(fates, Fate.DONE)

    corrected(office, key, "830")
    office.company.fate = lambda: Fate.DONE
    while office.company.late:
        office.company.arrive()
    corrected(office, key, "830")

    assert balances(office) == (0, 4500, -4500)


def test_statement_is_already_there_when_its_voucher_was_corrected(office: Office) -> None:
    corrected(office, posted(office), "830")
    office.lose_state()

    again = office.settle(card_file(card_row(1), ""), "again.csv")

    assert counts(again) == (1, 0, 1, 0, 0)


def test_correction_is_refused_when_the_account_is_unknown(office: Office) -> None:
    (outcome,) = corrected(office, posted(office), "999").values()

    assert outcome.reason is not None
    assert outcome.reason.code == "no_such_account"


def test_correction_is_refused_when_a_cancellation_rests_on_the_voucher(office: Office) -> None:
    office.settle(card_file(card_row(1), card_row(1, amount="1000", cancelled="부분취소", day="05")))
    key = next(booked.key for booked in office.company.books.values() if booked.origin is None)

    (outcome,) = corrected(office, key, "830").values()

    assert outcome.reason is not None
    assert outcome.reason.code == "has_cancellations"


@pytest.mark.parametrize(
    ("no_vat", "entries"),
    [
        (frozenset(), [("813", 4091, 0), ("135", 409, 0), ("253", 0, 4500)]),
        (frozenset({"813"}), [("813", 4500, 0), ("253", 0, 4500)]),
    ],
)
def test_correction_deducts_no_vat_when_its_account_takes_none(
    office: Office, no_vat: frozenset[str], entries: list[tuple[str, int, int]]
) -> None:
    office.company.accounts["813"] = "접대비"
    office.settle(card_file(f"{card_row(1)},409", header=f"{CARD_HEADER},부가세"))
    (key,) = office.posted_keys()
    lease = office.leases.lease("company", "erp-worker")
    lease.take()

    desk = Desk(office.company, lease, office.journal, 1)
    outcomes = correct(desk, key, "813", DAY, lambda _: None, no_vat=no_vat)

    number = outcomes[CORRECTED].number
    (voucher,) = [booked for booked in office.company.books.values() if number and booked.number == number]
    assert [(entry.account, int(entry.debit), int(entry.credit)) for entry in voucher.entries] == entries


def test_the_accounts_without_vat_are_those_of_the_ledger_s_rules(office: Office) -> None:
    settings, home = office.config.settings, office.config.home

    assert no_vat_accounts(home, settings.profiles, Ledger.COMPANY) == {"812", "813", "822"}
    (home / "rules/card.toml").write_text("?", encoding="utf-8")
    assert no_vat_accounts(home, settings.profiles, Ledger.COMPANY) == {"813"}


def test_row_is_booked_by_its_rule_when_the_draft_of_a_killed_correction_comes_late(office: Office) -> None:
    statement = card_file(card_row(1))
    office.settle(statement)
    key = next(iter(office.posted_keys()))
    fates = iter([Fate.LATE])
    office.company.fate = lambda: next(fates, Fate.DONE)
    corrected(office, key, "830")
    lease = office.leases.lease("company", "erp-worker")
    lease.take()
    outcomes = undo(Desk(office.company, lease, office.journal, 1), [key], DAY, lambda _: None)
    office.journal.reversals.record(key, outcomes[key].number, "kim")
    office.company.arrive()

    office.settle(statement)

    assert balances(office) == (4500, 0, -4500)


def test_correction_is_refused_when_a_person_has_reversed_the_voucher(office: Office) -> None:
    key = posted(office)
    lease = office.leases.lease("company", "erp-worker")
    lease.take()
    undo(Desk(office.company, lease, office.journal, 1), [key], DAY, lambda _: None)

    (outcome,) = corrected(office, key, "830").values()

    assert (outcome.state, outcome.reason and outcome.reason.code) == (State.REJECTED, "reversed_already")
    assert balances(office) == (0, 0, 0)


def test_correction_takes_no_key_of_a_draft_that_waits_for_approval(office: Office) -> None:
    key = posted(office)
    (original,) = office.company.find([key])
    waiting = Voucher(f"{group_of(key)}-2", original.on, original.entries, None, "", original.witnesses)
    office.company.stage([waiting])

    corrected(office, key, "830")

    assert [draft.key for draft in office.company.drafts()] == [waiting.key]
    assert balances(office) == (0, 4500, -4500)


@pytest.mark.parametrize(("wanted", "found"), [("830", "830"), (" 소모품비 ", "830"), ("소모 품비", "830"), ("?", "")])
def test_account_is_found_when_its_code_or_its_name_is_given(office: Office, wanted: str, found: str) -> None:
    account = account_named(office.company.catalogue(), wanted)

    assert account == found if found else isinstance(account, Reason)


def test_nothing_is_reversed_when_the_erp_refuses_the_corrected_voucher(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = posted(office)
    known = office.company.catalogue()
    more = replace(known, accounts={**known.accounts, "999": "닫힌 계정"})
    monkeypatch.setattr(office.company, "catalogue", lambda: more)

    (outcome,) = corrected(office, key, "999").values()

    assert (outcome.state, outcome.reason and outcome.reason.code) == (State.REJECTED, "refused")
    assert office.company.drafts() == []
    assert balances(office) == (4500, 0, -4500)
