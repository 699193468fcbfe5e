"""A batch is posted in one request; what one voucher in it meets is never the others' loss."""

from collections.abc import Sequence

import pytest

from jikimi.erp.port import Booked, Refused
from jikimi.testing.erp import Fate
from jikimi.vouchers.outcome import State
from tests.unit.vouchers.test_settlement import Room, a_voucher

KEYS = [f"k{number}" for number in range(8)]
POSTED, REJECTED, WAITS = (State.POSTED, ""), (State.REJECTED, "refused"), (State.WAITING, "stopped")


class Watching(Room):
    """A room that counts post requests, and whose ERP will not post some keys."""

    def __init__(self, *refused: str, several: bool = True) -> None:
        super().__init__()
        self.erp.posts_several = several
        self.requests: list[list[str]] = []
        self._refused = refused
        self._as_is = self.erp.post
        self.erp.post = self._post  # type: ignore[method-assign]

    def _post(self, drafts: Sequence[Booked]) -> list[Booked]:
        keys = [draft.key for draft in drafts]
        self.requests.append(keys)
        if set(keys) & set(self._refused):
            raise Refused(answer="no")
        return self._as_is(drafts)

    def ends(self) -> list[tuple[State, str]]:
        found = self.settle(*map(a_voucher, KEYS))
        return [found[key] for key in KEYS]


def test_a_batch_is_one_request_in_the_order_of_the_file() -> None:
    room = Watching()

    assert room.ends() == [POSTED] * 8
    assert room.requests == [KEYS]
    assert [booked.number for booked in room.erp.find(KEYS)] == [f"2026-{number:06d}" for number in range(1, 9)]


def test_one_that_the_erp_refuses_is_found_by_halves_and_the_others_are_posted() -> None:
    room = Watching("k5")

    assert room.ends() == [POSTED] * 5 + [REJECTED] + [POSTED] * 2
    assert room.requests == [KEYS, KEYS[:4], KEYS[4:], ["k4", "k5"], ["k4"], ["k5"], ["k6", "k7"]]
    assert room.erp.drafts() == []


def test_several_that_are_refused_cost_nobody_else_anything() -> None:
    room = Watching("k0", "k5", "k7")

    ends = room.ends()

    assert [place for place, end in enumerate(ends) if end == REJECTED] == [0, 5, 7]
    assert room.standing() == ["k1", "k2", "k3", "k4", "k6"]


@pytest.mark.parametrize("several", [True, False])
def test_one_that_a_dead_writer_s_request_posts_first_is_posted_once_and_ours(several: bool) -> None:  # noqa: FBT001
    room = Watching(several=several)
    late = room.stage("k3")
    as_is = room.erp.post

    def overtaken(drafts: Sequence[Booked]) -> list[Booked]:
        if not room.erp.books[late.id].posted:
            room.erp._post([late.id])
        return as_is(drafts)

    room.erp.post = overtaken  # type: ignore[method-assign]

    assert room.ends() == [POSTED] * 8
    assert room.standing() == KEYS


def test_an_erp_that_posts_one_at_a_time_gets_them_one_by_one_in_order() -> None:
    room = Watching(several=False)

    assert room.ends() == [POSTED] * 8
    assert [keys[0] for keys in room.requests if len(keys) == 1] == KEYS


def test_the_lease_is_compared_before_every_request_to_post() -> None:
    room = Watching("k5")
    room.lease.left = 4  # search, stage, the whole batch, its first half

    ends = room.ends()

    assert room.requests == [KEYS, KEYS[:4]]
    assert ends == [POSTED] * 4 + [WAITS] * 4


def test_a_batch_whose_answer_is_lost_waits_and_is_found_to_be_ours() -> None:
    room = Watching()
    room.erp.fate = iter([Fate.DONE, Fate.UNANSWERED]).__next__

    assert room.ends() == [WAITS] * 8
    room.erp.fate = lambda: Fate.DONE
    room.intents.known |= room.intents.told[-1].keys()

    assert room.ends() == [POSTED] * 8
    assert len(room.requests) == 1
