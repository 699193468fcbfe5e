"""Flows under fire: whatever is killed, however the site behaves, each item stands in the site once."""

import json
import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jikimi.clock import SystemClock
from jikimi.config import Config
from jikimi.config.model import StatementKind
from jikimi.rpa.reception import hand_in
from jikimi.vouchers.readers import ReadOptions, read_statement
from tests.conftest import Until
from tests.live.rpa_room import RpaRoom, csv_of, kill
from tests.office_site import OfficeSite

Open = Callable[..., RpaRoom]
CLOCK = SystemClock()
_BLOWS = ("child", "browser", "node", "parent", "freeze")
_STALL_S = 5.0
pytestmark = pytest.mark.usefixtures("browser")
QUICK = 'attempts=5, timeout="2m", stall="20s"'


@pytest.fixture
def room(config: Config, site: OfficeSite, until: Until) -> Iterator[RpaRoom]:
    """A worker whose flows may stand still for five seconds, and are tried as often as it takes."""
    flows = Path("examples/flows/office.py").read_text(encoding="utf-8")
    assert QUICK in flows
    room = RpaRoom(config, site, until, flows.replace(QUICK, f'attempts=50, timeout="1m", stall="{_STALL_S:.0f}s"'))
    yield room
    room.close()


def strike(room: RpaRoom, what: str) -> bool:
    """Deal one blow; return whether it hit anybody."""
    if what == "parent":
        room.start_again()
        return True
    if what in ("child", "freeze"):
        return kill(room.child(), signal.SIGSTOP if what == "freeze" else signal.SIGKILL)
    return max((kill(one) for one in room.below(what)), default=False)


def test_items_stand_once_whatever_is_killed_half_of_it_behind_the_fence(
    room: RpaRoom, request: pytest.FixtureRequest
) -> None:
    count = 100 if request.config.getoption("--soak") else 20
    dice, struck = random.Random(8), {"in the fence": 0, "elsewhere": 0}  # noqa: S311 - the same blows each time
    room.site.misbehave(slow_save_s=0.4)  # it stores, and then lets the robot wait: the fence stays open for longer
    room.drop("office_voucher", "vouchers.csv", csv_of(count))

    for number in range(count):
        wanted, what = number % 2 == 0, dice.choice(_BLOWS)

        def hits(*, wanted: bool = wanted, what: str = what) -> bool:
            return room.states()["done"] == count or (room.is_in_fence() is wanted and strike(room, what))

        room.until(hits, 120.0)
        if room.states()["done"] == count:
            break
        struck["in the fence" if wanted else "elsewhere"] += 1
        if number in (count // 3, 2 * count // 3):
            room.restart_redis()
        room.until_busy_again()
    room.until(lambda: room.states()["done"] == count, 240.0 + 6.0 * count)  # beside other work

    print(f"\nblows: {struck}; attempts: {sum(item['attempts'] for item in room.items().values())}")  # noqa: T201
    assert room.posted() == {f"K-{number:03}": 1 for number in range(1, count + 1)}
    assert min(struck.values()) >= count // 5
    room.until(lambda: not list((room.home / "work/flows").rglob("*.csv")), 10.0)
    room.until(lambda: room.leftovers() == [], 10.0)
    room.until(lambda: len(room.scratch()) == 2, 30.0)  # of all the browsers that were killed


def until_first_attempt_ended(room: RpaRoom) -> float:
    """Wait until an attempt has gone wrong; return for how long the step that hung was waited for."""
    evidence = room.home / "outputs/evidence/office_voucher-K-002"
    room.until(lambda: '"error"' in room.steps(evidence / "1") or len(list(evidence.glob("*"))) > 1, 60.0)
    steps = [json.loads(line) for line in room.steps(evidence / "1").splitlines()]
    return next((step["ms"] / 1000 for step in steps if "error" in step and "ms" in step), 0.0)


@pytest.mark.parametrize(
    ("fault", "most_s"),
    [
        ({"never_answer": "/vouchers/new"}, _STALL_S + 2.0),
        ({"endless_script": "/vouchers/new"}, _STALL_S + 2.0),
        ({"endless_click": "/vouchers/new"}, _STALL_S + 2.0),
        ({"error_every": 1}, 5.0),
    ],
    ids=str,
)
def test_a_site_that_hangs_is_given_up_and_the_next_attempt_succeeds(
    room: RpaRoom, fault: dict[str, object], most_s: float
) -> None:
    room.until_ready()
    room.drop("office_voucher", "first.csv", csv_of(1))
    room.until(lambda: room.states()["done"] == 1)  # its sign-in works
    room.site.misbehave(**fault)
    room.drop("office_voucher", "second.csv", csv_of(1, first=2))
    room.until(lambda: room.items().get("K-002", {}).get("state") == "running", 20.0)

    took = until_first_attempt_ended(room)
    room.site.misbehave()

    print(f"\n{fault}: noticed after {took:.1f} s")  # noqa: T201
    assert took <= most_s
    evidence = room.home / "outputs/evidence/office_voucher-K-002/1"
    room.until(lambda: room.states()["done"] == 2)
    assert (evidence / "session.json").exists()
    assert room.posted() == {"K-001": 1, "K-002": 1}


MORE = """

import time


@flow(attempts=2, timeout="1m", stall="3s")
def stuck(item, ui):
    ui.open(ui.value("office-address") + "login")
    if item.attempt == 1:
        time.sleep(600)  # as a call into a library would, which nothing in this process could end
    return {}


@flow(attempts=2, timeout="1m", stall="3s")
def tells(item, ui):
    word = ui.secret("office-password")
    print("the password is", word.reveal())
    ui.open(ui.value("office-address") + "login?password=" + word.reveal())
    ui.fill({"아이디": word.reveal(), "비밀번호": word})
    raise ValueError("wrong password: " + word.reveal())
"""


def test_a_flow_that_is_stuck_where_nothing_ends_it_is_seen_from_outside_ended_and_tried_again(room: RpaRoom) -> None:
    room.add_flows(MORE)
    room.until_ready()
    room.drop("stuck", "one.csv", "키\nS-1\n")
    evidence = room.home / "outputs/evidence/stuck-S-1"
    room.until(lambda: '"open"' in room.steps(evidence / "1"), 20.0)
    began = CLOCK.ticks()

    room.until((evidence / "1/outside.json").exists, 20.0)

    took = CLOCK.ticks() - began
    print(f"\nstuck: noticed after {took:.1f} s")  # noqa: T201
    assert took <= 3.0 + 2.0
    room.until(lambda: room.states()["done"] == 1, 30.0)
    assert (evidence / "1/screen.png").read_bytes().startswith(b"\x89PNG")
    assert "/login" in (evidence / "1/outside.json").read_text(encoding="utf-8")
    assert room.items()["S-1"]["attempts"] == 2


def test_a_secret_is_found_nowhere(room: RpaRoom) -> None:
    room.add_flows(MORE)
    room.drop("tells", "one.csv", "키\nT-1\n")
    room.until(lambda: room.states()["running"] == 1, 30.0)
    seen: list[str] = []

    def is_over() -> bool:
        seen.extend(room.command_lines())
        return room.states()["failed"] == 1

    room.until(is_over, 60.0)

    room.until((room.home / "outputs/results/one.csv.html").exists, 30.0)
    secret = room.site.password
    written = [path for path in room.home.root.rglob("*") if path.is_file() and "keys" not in path.parts]
    assert len(written) > 5
    assert [path for path in written if secret.encode() in _bytes_of(path)] == []
    assert [line for line in seen if secret in line] == []
    assert [key for key, value in room.redis_values() if secret.encode() in value] == []


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # a beat's or an answer's partial file, whole and under its own name by now
        return b""


def test_after_many_jobs_nothing_is_left_over_and_no_memory_is_lost(
    room: RpaRoom, request: pytest.FixtureRequest
) -> None:
    count, first = (100, 10) if request.config.getoption("--soak") else (12, 4)
    room.drop("office_voucher", "first.csv", csv_of(first))
    room.until(lambda: room.states()["done"] == first, 90.0)
    before = room.memory_at_rest_mb()

    room.drop("office_voucher", "second.csv", csv_of(count - first, first=first + 1))
    room.until(lambda: room.states()["done"] == count, 10.0 * count)

    after = room.memory_at_rest_mb()
    print(f"\nmemory after {first} jobs {before:.0f} MB, after {count} jobs {after:.0f} MB")  # noqa: T201
    assert after <= 1.2 * before
    room.until(lambda: room.leftovers() == [], 10.0)
    # what the driver has compiled, and the folder of the child at rest with its browser's profile
    room.until(lambda: len(room.scratch()) == 2, 30.0)
    assert any(list(folder.glob("playwright*")) for folder in room.scratch())


@pytest.mark.parametrize("fault", [{"notice": "오늘 18시 점검"}, {"popup": "공지: 연말 마감 안내"}], ids=str)
def test_a_window_that_nobody_asked_for_is_read_and_closed_and_the_item_goes_on(
    room: RpaRoom, fault: dict[str, object]
) -> None:
    room.site.misbehave(**fault)
    room.drop("office_voucher", "one.csv", csv_of(1))

    room.until(lambda: room.states()["done"] == 1)

    assert room.items()["K-001"]["attempts"] == 1
    (text,) = fault.values()
    assert str(text) in room.steps(room.home / "outputs/evidence/office_voucher-K-001/1")


def test_a_statement_that_a_flow_has_fetched_lies_in_the_inbox_and_can_be_read(room: RpaRoom) -> None:
    hand_in(room.home, "office_statement", "2026-11", {}, CLOCK.now())

    room.until(lambda: room.states()["done"] == 1)

    (file,) = (room.home / "inbox/card").iterdir()
    statement = read_statement(file.read_bytes(), StatementKind.CARD, ReadOptions(CLOCK.now().date()))
    assert file.name == room.items()["2026-11"]["result"]["file"]
    assert len(statement.lines) > 0
    assert statement.faults == ()


def test_a_session_that_ends_again_and_again_costs_attempts_and_no_item(room: RpaRoom) -> None:
    room.site.misbehave(sessions_last=5)
    room.drop("office_voucher", "some.csv", csv_of(3))

    room.until(lambda: room.states()["done"] == 3, 90.0)

    assert room.posted() == {"K-001": 1, "K-002": 1, "K-003": 1}
