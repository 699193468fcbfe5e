"""The route that our own server has beside Tryton's REST: who may use it, and what it does to a batch."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
import urllib3

from jikimi.config.model import Ledger
from jikimi.embedded.tryton_server import erp_key_file, erp_url
from jikimi.erp.port import Entry, Refused, Voucher
from jikimi.erp.tryton import Tryton
from jikimi.testing.queue import FakeLeases
from jikimi.vouchers.outcome import State
from jikimi.vouchers.posting import Desk, settle
from tests.conftest import TrytonServer
from tests.live.test_in_flight import Memory

DAY = date(2026, 11, 4)


@pytest.fixture
def erp(tryton: TrytonServer) -> Tryton:
    return tryton.empty_ledger()


def voucher(key: str) -> Voucher:
    amount, nothing = Decimal(4500), Decimal(0)
    return Voucher(key, DAY, (Entry("811", amount, nothing, "커피"), Entry("253", nothing, amount, "카드")))


def ask(tryton: TrytonServer, body: object, key: str | None = None, method: str = "POST") -> tuple[int, str]:
    home = tryton.config.home
    headers: Mapping[str, str] = {
        "Authorization": f"bearer {key or erp_key_file(home).read_text().strip()}",
        "Content-Type": "application/json",
    }
    url = f"{erp_url(home)}/company/jikimi/post"
    answer = urllib3.request(method, url, body=json.dumps(body).encode(), headers=headers, retries=False)
    return answer.status, answer.data.decode()


def test_a_batch_is_answered_in_its_order_with_numbers_and_states(tryton: TrytonServer, erp: Tryton) -> None:
    first, second = erp.stage([voucher("jk1-a"), voucher("jk1-b")])

    status, said = ask(tryton, {"moves": [second.id, first.id]})

    found = {booked.id: booked.number for booked in erp.find(["jk1-a", "jk1-b"])}
    assert status == 200
    assert json.loads(said) == [
        {"id": second.id, "number": found[second.id], "state": "posted"},
        {"id": first.id, "number": found[first.id], "state": "posted"},
    ]


def test_a_key_that_is_not_ours_posts_nothing(tryton: TrytonServer, erp: Tryton) -> None:
    (draft,) = erp.stage([voucher("jk1-a")])

    assert ask(tryton, {"moves": [draft.id]}, key="0" * 128)[0] == 401
    assert erp.drafts() == [draft]


def test_the_route_answers_to_post_alone(tryton: TrytonServer) -> None:
    assert ask(tryton, {}, method="GET")[0] == 405


@pytest.mark.parametrize("body", [{}, [], {"moves": []}, {"moves": 7}, {"moves": ["7"]}, {"moves": [True]}])
def test_a_body_that_names_no_moves_is_refused_in_json(tryton: TrytonServer, body: object) -> None:
    status, said = ask(tryton, body)

    assert status == 400
    assert json.loads(said)["message"]


def test_a_move_that_is_not_there_is_refused_in_json_and_the_others_stay_drafts(
    tryton: TrytonServer, erp: Tryton
) -> None:
    (draft,) = erp.stage([voucher("jk1-a")])

    status, said = ask(tryton, {"moves": [draft.id, 987_654]})

    assert (status, json.loads(said)["message"]) == (400, "there is no move 987654")
    assert erp.drafts() == [draft]


def test_one_that_tryton_will_not_post_is_rejected_alone_with_its_words(tryton: TrytonServer, erp: Tryton) -> None:
    lease = FakeLeases().lease("company", "erp-worker")
    lease.take()
    wanted = [voucher("jk1-a"), voucher("jk1-empty"), voucher("jk1-c")]
    drafts = erp.stage(wanted)
    tryton.execute(
        Ledger.COMPANY,
        "DELETE FROM account_move_line WHERE move = (SELECT id FROM account_move WHERE jikimi_key = 'jk1-empty')",
    )

    with pytest.raises(Refused):
        erp.post(drafts)
    outcomes = settle(Desk(erp, lease, Memory(), 50), wanted, lambda _: None)

    assert {key: outcome.state for key, outcome in outcomes.items()} == {
        "jk1-a": State.POSTED,
        "jk1-empty": State.REJECTED,
        "jk1-c": State.POSTED,
    }
    reason = outcomes["jk1-empty"].reason
    assert reason is not None
    assert "fill in its lines" in str(reason.facts["answer"])
    assert erp.drafts() == []
