"""Requests that are still under way when their client is gone, and a lease that goes to another in mid-batch."""

import json
import socket
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import pytest

from jikimi.broker import connect
from jikimi.config.model import Ledger
from jikimi.embedded.tryton_server import erp_key_file, erp_url
from jikimi.erp.port import Booked, Entry, Voucher
from jikimi.erp.tryton import Tryton
from jikimi.queue.port import Lease
from jikimi.queue.redis_lease import RedisLease
from jikimi.vouchers.outcome import State
from jikimi.vouchers.posting import Desk, settle, sweep
from tests.conftest import TrytonServer

DAY = date(2026, 11, 4)
TTL = timedelta(seconds=30)
BATCH = 4


class Memory:
    """Intents for one test."""

    def intend(self, ids: Mapping[str, int]) -> None:
        """Forget them: these tests count what stands, not whose it is."""

    def intended(self, keys: Sequence[str]) -> set[str]:
        return set()


@pytest.fixture
def lease_of(redis_address: str) -> Iterator[Callable[[str], Lease]]:
    with connect(redis_address, retries=0) as redis:
        yield lambda unit: RedisLease(redis, "company", unit, TTL)


def vouchers(count: int) -> list[Voucher]:
    sides = [
        (Entry("811", Decimal(900 + n), Decimal(0), ""), Entry("253", Decimal(0), Decimal(900 + n), ""))
        for n in range(count)
    ]
    return [Voucher(f"jk1-flight-{number}", DAY, entries) for number, entries in enumerate(sides)]


def standing(tryton: TrytonServer) -> Counter[object]:
    rows = tryton.execute(Ledger.COMPANY, "SELECT jikimi_key FROM account_move WHERE state = 'posted'")
    return Counter(key for (key,) in rows)


def send_and_drop(tryton: TrytonServer, path: str, body: object) -> None:
    """Send a whole request and close the socket without waiting for a word of the answer."""
    home = tryton.config.home
    address = urlsplit(erp_url(home))
    payload = json.dumps(body).encode()
    head = (
        f"POST /company/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: bearer {erp_key_file(home).read_text().strip()}\r\nContent-Length: {len(payload)}\r\n\r\n"
    )
    with socket.create_connection((str(address.hostname), int(address.port or 0))) as wire:
        wire.sendall(head.encode() + payload)


def test_a_create_in_flight_from_a_dead_client_never_doubles(
    tryton: TrytonServer, lease_of: Callable[[str], Lease]
) -> None:
    erp = tryton.empty_ledger()
    lease = lease_of("erp-worker")
    wanted = vouchers(20)
    lease.take()
    for voucher in wanted:
        send_and_drop(tryton, "rest/model/account.move/create", {"vlist": [erp._values(voucher)]})
        outcomes = settle(Desk(erp, lease, Memory(), 1), [voucher], lambda _: None)
        assert outcomes[voucher.key].state in (State.POSTED, State.ALREADY)

    sweep(Desk(erp, lease, Memory(), 50))

    assert standing(tryton) == {voucher.key: 1 for voucher in wanted}
    assert erp.drafts() == []


def test_a_post_in_flight_from_a_dead_client_never_doubles(
    tryton: TrytonServer, lease_of: Callable[[str], Lease]
) -> None:
    erp = tryton.empty_ledger()
    lease = lease_of("erp-worker")
    wanted = vouchers(20)
    lease.take()
    for draft, voucher in zip(erp.stage(wanted), wanted, strict=True):
        send_and_drop(tryton, f"rest/model/account.move/{draft.id}/post", {})
        settle(Desk(erp, lease, Memory(), 1), [voucher], lambda _: None)

    assert standing(tryton) == {voucher.key: 1 for voucher in wanted}


def test_a_batch_in_flight_from_a_dead_client_never_doubles(
    tryton: TrytonServer, lease_of: Callable[[str], Lease]
) -> None:
    erp = tryton.empty_ledger()
    lease = lease_of("erp-worker")
    wanted = vouchers(40)
    lease.take()
    for start in range(0, len(wanted), BATCH):
        some = wanted[start : start + BATCH]
        send_and_drop(tryton, "jikimi/post", {"moves": [draft.id for draft in erp.stage(some)]})
        outcomes = settle(Desk(erp, lease, Memory(), BATCH), some, lambda _: None)
        assert {outcome.state for outcome in outcomes.values()} <= {State.POSTED, State.ALREADY}

    assert standing(tryton) == {voucher.key: 1 for voucher in wanted}
    assert erp.drafts() == []


class LosesItsLease(Tryton):
    """Lets another writer take over just before the second batch is posted."""

    after = 2
    steal: Callable[[], None]

    def post(self, drafts: Sequence[Booked]) -> list[Booked]:
        self.after -= 1
        if self.after == 0:
            self.steal()
        return super().post(drafts)


@pytest.mark.parametrize("thief", ["erp-worker", "erp-worker-2"])
def test_a_writer_who_lost_the_lease_in_mid_batch_posts_at_most_the_request_under_way(
    tryton: TrytonServer, lease_of: Callable[[str], Lease], redis_address: str, thief: str
) -> None:
    tryton.empty_ledger()
    home = tryton.config.home
    erp = LosesItsLease(erp_url(home), "company", erp_key_file(home).read_text().strip())
    first, second = lease_of("erp-worker"), lease_of(thief)

    def steal() -> None:
        with connect(redis_address, retries=0) as redis:
            if thief != "erp-worker":
                redis.delete("jk:lease:company")
            second.take()

    erp.steal = steal
    wanted = vouchers(20)
    first.take()

    lost = settle(Desk(erp, first, Memory(), 5), wanted, lambda _: None)
    taken = settle(Desk(erp, second, Memory(), 50), wanted, lambda _: None)

    assert Counter(outcome.state for outcome in lost.values()) == {State.POSTED: 10, State.WAITING: 10}
    assert Counter(outcome.state for outcome in taken.values()) == {State.ALREADY: 10, State.POSTED: 10}
    assert standing(tryton) == {voucher.key: 1 for voucher in wanted}


def test_a_database_locked_until_the_server_gives_up_makes_the_lines_wait_and_then_stand_once(
    tryton: TrytonServer, lease_of: Callable[[str], Lease]
) -> None:
    erp = tryton.empty_ledger()
    lease = lease_of("erp-worker")
    wanted = vouchers(5)
    lease.take()
    with closing(sqlite3.connect(tryton.config.home / "erp/company.sqlite", isolation_level=None)) as base:
        base.execute("BEGIN EXCLUSIVE")
        waiting = settle(Desk(erp, lease, Memory(), 50), wanted, lambda _: None)
        base.execute("ROLLBACK")
    lease.take()

    settled = settle(Desk(erp, lease, Memory(), 50), wanted, lambda _: None)
    sweep(Desk(erp, lease, Memory(), 50))

    assert {outcome.state for outcome in waiting.values()} == {State.WAITING}
    assert {outcome.state for outcome in settled.values()} <= {State.POSTED, State.ALREADY}
    assert standing(tryton) == {voucher.key: 1 for voucher in wanted}
    assert erp.drafts() == []
