"""What the rest of Jikimi needs of the queue: to submit work, to wait for an answer, and to hold a lease."""

from collections.abc import Mapping
from typing import Any, Protocol

from jikimi.errors import NotWell
from jikimi.text import Text

Json = Mapping[str, Any]
KEPT_S = 3600


class QueueAway(NotWell):
    """Redis does not answer."""

    what = Text("작업 대기열(Redis)에 연결할 수 없습니다: {answer}", "the queue (Redis) is not available: {answer}")
    remedy = Text("`jikimi up`으로 스택을 켜세요", "start the stack with `jikimi up`")


class NoAnswer(NotWell):
    """A job did not end within the time that its sender would wait; it may still end."""

    what = Text("{seconds}초 안에 답이 없었습니다: {job}", "no answer within {seconds} s: {job}")
    remedy = Text("`jikimi status`로 작업자가 사는지 보세요", "see with `jikimi status` whether the worker lives")


class JobFailed(NotWell):
    """A job ended with an error."""

    what = Text("작업이 실패했습니다: {error}", "the job failed: {error}")
    remedy = Text("logs/ 폴더의 최근 로그를 보세요", "look at the newest file in logs/")


class LeaseLost(NotWell):
    """Another writer holds the lease, or nobody can tell: no voucher may be posted any more."""

    what = Text("작성 권한을 {holder}이(가) 가졌습니다", "the right to post is held by {holder}")
    remedy = Text("기다리면 다음 사이클에서 이어집니다", "the next cycle goes on by itself")


class JobQueue(Protocol):
    """Where jobs are submitted."""

    def submit(self, task: str, arguments: Json, job_id: str, *, kept_s: int = KEPT_S) -> bool:
        """Queue the job unless one with *job_id* is there already; return whether it was queued.

        The queue is the part of *job_id* before its first hyphen. So long after its end the job is known: for
        *kept_s* seconds, a failed one for a week at least.

        Raises:
            QueueAway: nothing was queued, or we cannot tell.
        """
        ...

    def waiting(self, queue: str) -> int:
        """Return how many jobs wait on *queue*, the running one not among them."""
        ...

    def answer(self, job_id: str, seconds: float) -> Json:
        """Return the answer of a job, waiting at most *seconds* for it.

        Raises:
            NoAnswer, JobFailed, QueueAway
        """
        ...

    def outcome(self, job_id: str) -> str:
        """Return how a job stands: waiting, running, failed, gone, or what its answer calls `outcome`, else done.

        An order that was not accepted is refused.

        Raises:
            QueueAway
        """
        ...


class Lease(Protocol):
    """The right to post, held by one writer of a ledger at a time."""

    def take(self) -> None:
        """Take the lease: at once from an earlier life of the same unit, else when it is free.

        Raises:
            LeaseLost: another unit holds it.
            QueueAway: nobody can tell.
        """
        ...

    def check(self) -> None:
        """Prolong the lease if it is still ours, by equality of the whole value.

        Raises:
            LeaseLost, QueueAway
        """
        ...

    def release(self) -> None:
        """Give the lease back if it is still ours; never raises."""
        ...
