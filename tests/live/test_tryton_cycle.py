"""Cycles over the real Tryton: what it refuses costs its own line and no other."""

from collections.abc import Iterator

import pytest

from jikimi.config import Config
from jikimi.config.model import Ledger
from jikimi.erp.tryton import Tryton
from tests.conftest import TrytonServer
from tests.unit.vouchers.office import AnyOffice, card_file, card_row, counts


@pytest.fixture
def office(config: Config, tryton: TrytonServer) -> Iterator[AnyOffice[Tryton]]:
    office = AnyOffice(config, {ledger: tryton.empty_ledger(ledger) for ledger in Ledger}, batch=50)
    yield office
    office.close()


def reasons(office: AnyOffice[Tryton], sha: str) -> dict[int, str]:
    return {row: code for row, code in office.reasons(sha).items() if code != "same_row"}


def test_a_line_that_tryton_refuses_is_rejected_alone(office: AnyOffice[Tryton], tryton: TrytonServer) -> None:
    tryton.execute(Ledger.COMPANY, "UPDATE account_account SET party_required = 1 WHERE code = '812'")
    rows = [card_row(number) for number in range(99)] + [card_row(99, "카카오T택시")]
    try:
        document = office.settle(card_file(*rows))
    finally:
        tryton.execute(Ledger.COMPANY, "UPDATE account_account SET party_required = 0 WHERE code = '812'")

    assert counts(document) == (100, 99, 0, 1, 0)
    assert reasons(office, document["files"][0]["sha"]) == {101: "refused"}
    assert document["proof"]
    assert tryton.execute(Ledger.COMPANY, "SELECT count(*) FROM account_move WHERE state = 'draft'") == [(0,)]


def test_a_closed_period_takes_nothing_and_the_open_ones_do(office: AnyOffice[Tryton], tryton: TrytonServer) -> None:
    tryton.execute(Ledger.COMPANY, "UPDATE account_period SET state = 'closed' WHERE start_date = '2026-10-01'")

    document = office.settle(card_file(card_row(1).replace("2026-11", "2026-10"), card_row(2)))

    assert counts(document) == (2, 1, 0, 1, 0)
    assert reasons(office, document["files"][0]["sha"]) == {2: "period_closed"}


def test_shares_that_make_no_whole_never_reach_tryton(office: AnyOffice[Tryton], tryton: TrytonServer) -> None:
    rules = office.config.home / "rules/card.toml"
    rules.write_text('counter = "253"\n[[rule]]\nsplit = { 811 = 60, 812 = 30 }\n', encoding="utf-8")

    document = office.settle(card_file(card_row(1)))

    assert counts(document) == (1, 0, 0, 0, 1)
    assert tryton.execute(Ledger.COMPANY, "SELECT count(*) FROM account_move") == [(0,)]


def test_an_approval_its_partial_and_its_last_cancellation_net_to_nothing(
    office: AnyOffice[Tryton], tryton: TrytonServer
) -> None:
    office.settle(card_file(card_row(1, amount="10001")))

    partial = office.settle(card_file(card_row(1, amount="3333", cancelled="취소", day="05")), "part.csv")
    rest = office.settle(card_file(card_row(1, amount="6668", cancelled="취소", day="06")), "rest.csv")
    over = office.settle(card_file(card_row(1, amount="1", cancelled="취소", day="07")), "over.csv")

    assert (counts(partial), counts(rest)) == ((1, 1, 0, 0, 0), (1, 1, 0, 0, 0))
    assert reasons(office, over["files"][0]["sha"]) == {2: "cancels_too_much"}
    sums = tryton.execute(
        Ledger.COMPANY,
        "SELECT a.code, sum(CAST(l.debit AS REAL)) - sum(CAST(l.credit AS REAL)) FROM account_move_line l"
        " JOIN account_account a ON a.id = l.account GROUP BY a.code ORDER BY a.code",
    )
    assert sums == [("253", 0.0), ("811", 0.0)]


def test_the_same_files_after_losing_the_state_post_nothing(office: AnyOffice[Tryton]) -> None:
    statement = card_file(card_row(1), card_row(2), card_row(1, cancelled="취소", day="05"))
    office.settle(statement)

    office.lose_state()
    document = office.settle(statement, "again.csv")

    assert counts(document) == (3, 0, 3, 0, 0)
    assert document["proof"]
