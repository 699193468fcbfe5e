"""Orders come in signed, by the queue or by the door of this machine; whatever else comes is refused and never run."""

import pickle
import socket
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from jikimi.broker import connect
from jikimi.clock import SystemClock
from jikimi.queue.control import CONTROL, ControlQueue, Verifier
from jikimi.queue.local_control import LocalDoor, ask_locally
from jikimi.queue.port import QueueAway
from jikimi.queue.rq_queue import RqQueue
from jikimi.queue.signing import SignedJson
from jikimi.queue.task import refusals
from jikimi.supervisor.events import Asked, Op
from jikimi.supervisor.reception import ALLOWED, Reception
from tests.conftest import Until, cut_off

KEYS = {actor: SignedJson([actor.encode() * 32]) for actor in ALLOWED}
STRANGER = SignedJson([b"x" * 32])
ID = "control-cli-1"


def wish(**facts: Any) -> dict[str, Any]:
    return {"at": SystemClock().now().isoformat(), **facts}


@pytest.fixture
def redis(redis_address: str) -> Iterator[Redis]:
    with connect(redis_address, retries=0) as redis:
        yield redis


class Desk:
    def __init__(self, redis: Redis) -> None:
        clock = SystemClock()
        self.redis, self.verifier = redis, Verifier(KEYS, ALLOWED, clock)
        self.queue = ControlQueue(redis, self.verifier, clock)
        self.reception = Reception(self.queue, self.verifier, KEYS, ["redis", "erp-worker"])

    def submit(self, op: str, key: SignedJson = KEYS["cli"], order_id: str = ID, **facts: Any) -> RqQueue:
        queue = RqQueue(self.redis, key, SystemClock())
        queue.submit(op, wish(**facts), order_id)
        return queue

    def why_refused(self) -> str:
        assert self.reception.orders() == []
        return refusals(self.redis)[-1]["why"]


@pytest.fixture
def desk(redis: Redis) -> Desk:
    return Desk(redis)


def test_an_order_is_taken_and_answered(desk: Desk) -> None:
    queue = desk.submit("pause", units=["erp-worker"], note="kim: lunch", for_s=60.0)

    assert desk.reception.orders() == [Asked(Op.PAUSE, "cli", ("erp-worker",), "kim: lunch", 60.0)]

    assert queue.answer(ID, 1.0) == {"accepted": True, "why": "", "units": ["erp-worker"]}
    assert desk.reception.orders() == []


def test_a_unit_that_there_is_not_is_named_with_those_that_there_are(desk: Desk) -> None:
    queue = desk.submit("restart", units=["erp-wroker"])

    assert desk.reception.orders() == []

    reply = queue.answer(ID, 1.0)
    assert (reply["accepted"], reply["units"]) == (False, [])
    assert "erp-wroker" in reply["why"]
    assert "erp-worker" in reply["why"]


def test_what_a_stranger_has_signed_is_refused(desk: Desk) -> None:
    desk.submit("stop", STRANGER)

    assert desk.why_refused() == "nobody of ours has signed it"


def test_an_actor_gets_only_what_is_his(desk: Desk) -> None:
    desk.submit("stop", KEYS["schedule"])

    assert desk.why_refused() == "schedule may not ask for stop"


def test_an_order_that_comes_again_is_carried_out_once_and_gets_the_same_answer(desk: Desk) -> None:
    queue, at = RqQueue(desk.redis, KEYS["cli"], SystemClock()), wish()
    queue.submit("stop", at, ID)
    assert len(desk.reception.orders()) == 1

    desk.redis.rpush(f"rq:queue:{CONTROL}", ID)  # its taking was lost with the last second of Redis
    queue.submit("stop", at, "control-cli-2")  # somebody copied it

    assert desk.reception.orders() == []
    answers = [queue.answer(order_id, 1.0) for order_id in (ID, "control-cli-2")]
    assert [answer["accepted"] for answer in answers] == [True, True]


def test_two_orders_under_one_name_are_both_carried_out(desk: Desk) -> None:
    ask = [desk.reception.answer(ID, KEYS["cli"].dumps([op, None, [], wish()])) for op in ("stop", "start")]

    assert [reply["accepted"] for reply in ask] == [True, True]
    assert [asked.op for asked in desk.reception.orders()] == [Op.STOP, Op.START]


def test_an_order_of_long_ago_is_not_carried_out(desk: Desk) -> None:
    at = (SystemClock().now() - timedelta(seconds=130)).isoformat()
    RqQueue(desk.redis, KEYS["cli"], SystemClock()).submit("stop", {"at": at}, ID)

    assert "too long ago" in desk.why_refused()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not packed",
        zlib.compress(b"0" * 10_000_000),
        zlib.compress(pickle.dumps(("os.system", None, ("true",), {}))),
        zlib.compress(KEYS["cli"].dumps(["stop", None, ["positional"], wish()])),
        zlib.compress(KEYS["cli"].dumps(["stop", None, [], {**wish(), "surplus": 1}])),
        zlib.compress(KEYS["cli"].dumps(["stop", None, [], {}])),
        zlib.compress(KEYS["cli"].dumps("stop")),
        zlib.compress(KEYS["cli"].dumps(["os.system", None, [], wish()])),
    ],
)
def test_what_is_no_order_is_refused_and_recorded(desk: Desk, data: bytes) -> None:
    desk.redis.hset(f"rq:job:{ID}", "data", data)
    desk.redis.rpush(f"rq:queue:{CONTROL}", ID)

    assert desk.why_refused()
    assert not desk.redis.exists(f"rq:job:{ID}")


def test_orders_behind_a_refused_one_are_taken(desk: Desk) -> None:
    desk.submit("stop", STRANGER, "control-x-1")
    desk.submit("start", order_id="control-cli-2")

    assert [asked.op for asked in desk.reception.orders()] == [Op.START]


def test_without_redis_nothing_is_taken_and_nothing_breaks(desk: Desk) -> None:
    cut_off(desk.redis)

    assert desk.reception.orders() == []
    desk.queue.answer(ID, {}, KEYS["cli"])


@pytest.fixture
def door(desk: Desk, tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "control.sock"
    door = LocalDoor(path, desk.reception.answer)
    yield path
    door.close()


def test_the_door_of_this_machine_takes_the_same_orders(desk: Desk, door: Path) -> None:
    reply = ask_locally(door, ID, "restart", wish(units=["redis"]), KEYS["cli"])

    assert reply == {"accepted": True, "why": "", "units": ["redis"]}
    assert desk.reception.orders() == [Asked(Op.RESTART, "cli", ("redis",))]
    assert door.stat().st_mode & 0o777 == 0o600


def test_the_door_refuses_what_the_queue_refuses(desk: Desk, door: Path) -> None:
    forged = ask_locally(door, ID, "restart", wish(), STRANGER)

    assert (forged["accepted"], forged["why"]) == (False, "nobody of ours has signed it")
    assert desk.reception.orders() == []


def test_who_heard_nothing_from_redis_hears_it_at_the_door(desk: Desk, door: Path) -> None:
    at = wish(units=["redis"])
    RqQueue(desk.redis, KEYS["cli"], SystemClock()).submit("restart", at, ID)
    assert len(desk.reception.orders()) == 1

    reply = ask_locally(door, ID, "restart", at, KEYS["cli"])

    assert reply == {"accepted": True, "why": "", "units": ["redis"]}
    assert desk.reception.orders() == []


@pytest.mark.parametrize("text", [b"", b"\n", b"x" * 100_000, b"\xff\xfe \x00\n"])
def test_the_door_survives_whatever_is_said(desk: Desk, door: Path, until: Until, text: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(door))
        caller.sendall(text)

    until(lambda: ask_locally(door, ID, "stop", wish(), KEYS["cli"]), 5.0)


def test_where_nobody_listens_the_caller_is_told(tmp_path: Path) -> None:
    with pytest.raises(QueueAway):
        ask_locally(tmp_path / "none.sock", ID, "stop", wish(), KEYS["cli"])
