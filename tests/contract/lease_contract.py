"""What every writer's lease must do; subclass it and give an `office` fixture."""

from typing import Protocol

import pytest

from jikimi.queue.port import Lease, LeaseLost, QueueAway


class Office(Protocol):
    """Where leases are kept, with what a test can do to it."""

    def lease(self, ledger: str, unit: str) -> Lease: ...

    def expire(self, ledger: str) -> None: ...

    def go_away(self) -> None: ...


class LeaseContract:
    def test_whoever_took_a_free_lease_holds_it(self, office: Office) -> None:
        lease = office.lease("company", "erp-worker")

        lease.take()

        lease.check()
        lease.check()

    def test_a_lease_that_was_never_taken_is_not_held(self, office: Office) -> None:
        with pytest.raises(LeaseLost):
            office.lease("company", "erp-worker").check()

    def test_another_unit_is_kept_out(self, office: Office) -> None:
        office.lease("company", "erp-worker").take()

        with pytest.raises(LeaseLost) as lost:
            office.lease("company", "erp-worker-2").take()

        assert lost.value.facts["holder"] == "erp-worker"

    def test_another_ledger_has_a_lease_of_its_own(self, office: Office) -> None:
        office.lease("company", "erp-worker").take()

        office.lease("practice", "erp-worker-2").take()

    def test_a_later_life_of_the_same_unit_takes_over_and_fences_the_earlier_one(self, office: Office) -> None:
        earlier, later = office.lease("company", "erp-worker"), office.lease("company", "erp-worker")
        earlier.take()

        later.take()

        later.check()
        with pytest.raises(LeaseLost):
            earlier.check()

    def test_an_expired_lease_is_lost_even_if_nobody_took_it(self, office: Office) -> None:
        lease = office.lease("company", "erp-worker")
        lease.take()

        office.expire("company")

        with pytest.raises(LeaseLost):
            lease.check()
        office.lease("company", "erp-worker-2").take()

    def test_a_released_lease_is_free_for_another_unit(self, office: Office) -> None:
        lease = office.lease("company", "erp-worker")
        lease.take()

        lease.release()

        office.lease("company", "erp-worker-2").take()
        with pytest.raises(LeaseLost):
            lease.check()

    def test_who_lost_the_lease_releases_nothing(self, office: Office) -> None:
        earlier, later = office.lease("company", "erp-worker"), office.lease("company", "erp-worker")
        earlier.take()
        later.take()

        earlier.release()

        later.check()

    def test_when_nobody_can_tell_nothing_may_be_posted(self, office: Office) -> None:
        lease = office.lease("company", "erp-worker")
        lease.take()

        office.go_away()

        with pytest.raises(QueueAway):
            lease.check()
        with pytest.raises(QueueAway):
            lease.take()
        lease.release()
