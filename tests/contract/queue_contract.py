"""What every job queue must do; subclass it and give a `floor` fixture whose worker knows `double` and `say`."""

from typing import Protocol

import pytest

from jikimi.queue.port import JobFailed, JobQueue, Json, NoAnswer, QueueAway

SOON_S = 0.2


class Floor(Protocol):
    """A queue, its worker, and what a test can do to them."""

    @property
    def queue(self) -> JobQueue: ...

    def work(self) -> None:
        """Run every job that waits."""
        ...

    def go_away(self) -> None: ...


class QueueContract:
    def test_a_job_is_answered_once_it_has_run(self, floor: Floor) -> None:
        assert floor.queue.submit("double", {"number": 21}, "erp-double-1")
        assert floor.queue.waiting("erp") == 1

        floor.work()

        assert floor.queue.answer("erp-double-1", SOON_S) == {"number": 42}
        assert floor.queue.waiting("erp") == 0

    def test_a_job_with_a_known_id_is_not_queued_again(self, floor: Floor) -> None:
        floor.queue.submit("double", {"number": 1}, "erp-double-1")

        assert not floor.queue.submit("double", {"number": 2}, "erp-double-1")
        floor.work()
        assert not floor.queue.submit("double", {"number": 3}, "erp-double-1")

        assert floor.queue.answer("erp-double-1", SOON_S) == {"number": 2}

    def test_the_queue_is_the_first_part_of_the_id(self, floor: Floor) -> None:
        floor.queue.submit("double", {"number": 1}, "rpa-double-1")

        assert floor.queue.waiting("erp") == 0
        assert floor.queue.waiting("rpa") == 1

    def test_a_job_that_has_not_run_has_no_answer(self, floor: Floor) -> None:
        floor.queue.submit("double", {"number": 1}, "erp-double-1")

        with pytest.raises(NoAnswer):
            floor.queue.answer("erp-double-1", SOON_S)

    def test_a_job_that_nobody_queued_has_failed(self, floor: Floor) -> None:
        with pytest.raises(JobFailed):
            floor.queue.answer("erp-double-9", SOON_S)

    def test_a_task_that_is_not_on_the_list_fails_its_job_and_nothing_else(self, floor: Floor) -> None:
        floor.queue.submit("os.system", {"command": "true"}, "erp-evil-1")
        floor.queue.submit("double", {"number": 3}, "erp-double-1")

        floor.work()

        with pytest.raises(JobFailed):
            floor.queue.answer("erp-evil-1", SOON_S)
        assert floor.queue.answer("erp-double-1", SOON_S) == {"number": 6}

    def test_arguments_that_do_not_fit_fail_the_job(self, floor: Floor) -> None:
        floor.queue.submit("double", {"number": "many"}, "erp-double-1")

        floor.work()

        with pytest.raises(JobFailed):
            floor.queue.answer("erp-double-1", SOON_S)

    def test_a_job_is_seen_to_wait_to_end_and_to_fail(self, floor: Floor) -> None:
        floor.queue.submit("double", {"number": 1}, "erp-double-1", kept_s=7 * 24 * 3600)
        floor.queue.submit("double", {"number": "many"}, "erp-double-2")
        before = [floor.queue.outcome(f"erp-double-{number}") for number in (1, 2, 9)]

        floor.work()

        assert before == ["waiting", "waiting", "gone"]
        assert [floor.queue.outcome(f"erp-double-{number}") for number in (1, 2, 9)] == ["done", "failed", "gone"]

    @pytest.mark.parametrize(
        ("answer", "outcome"), [({"outcome": "away"}, "away"), ({"accepted": False}, "refused"), ({}, "done")]
    )
    def test_what_an_answer_says_of_its_outcome_counts(self, floor: Floor, answer: Json, outcome: str) -> None:
        floor.queue.submit("say", {"answer": answer}, "erp-say-1")

        floor.work()

        assert floor.queue.outcome("erp-say-1") == outcome

    def test_a_queue_that_is_away_says_so(self, floor: Floor) -> None:
        floor.go_away()

        with pytest.raises(QueueAway):
            floor.queue.submit("double", {"number": 1}, "erp-double-1")
        with pytest.raises(QueueAway):
            floor.queue.waiting("erp")
        with pytest.raises(QueueAway):
            floor.queue.outcome("erp-double-1")
        with pytest.raises(QueueAway):
            floor.queue.answer("erp-double-1", SOON_S)
