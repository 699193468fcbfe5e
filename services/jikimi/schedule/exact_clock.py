"""rq-scheduler as a clock that fires once: its set of due times in Redis outlives every process, all else is ours.

Why not its own way of firing: `docs/decisions/0013-rq-scheduler-keeps-the-due-times-and-nothing-else.md`.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq.job import Job, JobStatus
from rq_scheduler import Scheduler

from jikimi.calendar import decide, next_due
from jikimi.clock import Clock
from jikimi.queue.port import QueueAway
from jikimi.queue.signing import SignedJson
from jikimi.queue.task import template_class
from jikimi.schedule.book import CHANGED, KEPT, NEW, PUT_BACK, TEMPLATE, Book
from jikimi.schedule.door import Door
from jikimi.schedule.timetable import Schedule

log = structlog.get_logger()
_VERIFIED_EACH_S = 5.0
_AGAIN_AFTER_S = 2.0
_VANISHED = "vanished"


class ExactScheduler(Scheduler):  # type: ignore[misc] # rq-scheduler has no types
    """Makes one job of each due time, however many schedulers there are and wherever one of them dies.

    Args:
        redis: built without retries and with a short time limit.
        started: tells when the unit that has run for the longest was started, None if nobody knows.
    """

    def __init__(
        self,
        redis: Redis,
        schedules: Mapping[str, Schedule],
        *,
        door: Door,
        clock: Clock,
        serializer: SignedJson,
        started: Callable[[], datetime | None],
    ) -> None:
        super().__init__(connection=redis, job_class=template_class(serializer))  # its name is a random one
        self.book = Book(redis)
        self._schedules, self._door, self._clock, self._started = schedules, door, clock, started
        self._remembered: dict[str, datetime] = {}
        self._is_new = True

    def get_jobs_to_queue(self, with_times: bool = False) -> Any:  # noqa: FBT001, FBT002 - rq-scheduler's signature
        """Return what is due by our clock."""
        return self.get_jobs(int(self._clock.now().timestamp()), with_times=with_times)

    def enqueue_job(self, job: Job) -> None:
        """Deal with one schedule that is due: the job first, then its next time, so that no crash loses either."""
        name, now = job.id.removeprefix(TEMPLATE), self._clock.now()
        schedule = self._schedules.get(name)
        (entry,) = self.book.entries([name])
        if schedule is None or entry.next is None or entry.next > now:
            return  # it is nobody's, and will be forgotten; or another has just dealt with it
        due = entry.next
        verdict = decide(schedule.spec, due, now, started=self._started(), paused_until=entry.paused_until)
        stamp = str(round(verdict.fires.timestamp())) if verdict.fires else ""
        made = self._door.submit(schedule, stamp, f"schedule: {name}") if stamp else ""
        is_ours = self.book.settle(name, due, verdict, made, now)
        self._remembered[name] = verdict.next
        if not is_ours:
            return
        if verdict.fires:
            late_s = round((now - verdict.fires).total_seconds(), 1)
            log.info("schedule.fired", schedule=name, job=made, late_s=late_s, missed=verdict.missed)
        else:
            log.warning("schedule.skipped", schedule=name, why=verdict.why, missed=verdict.missed)

    def verify(self) -> None:
        """See that Redis has every schedule; put back what has vanished, and forget what no timetable has."""
        for schedule in self.book.incomplete(self._schedules.values()):
            self._enter(schedule)
        if self._is_new:  # later on, what another timetable has is left to the newer process
            for member in self.book.forget_all_but(self._schedules):
                log.info("schedule.removed", schedule=member.removeprefix(TEMPLATE))
            self._is_new = False
        for entry in self.book.entries(list(self._schedules)):
            if entry.next:
                self._remembered[entry.name] = entry.next

    def _enter(self, schedule: Schedule) -> None:
        now, known = self._clock.now(), self._remembered.get(schedule.name)
        had_job = self._keep_template(schedule)
        said, due = self.book.enter(schedule, next_due(schedule.spec, now), known)
        if said == KEPT and not had_job:
            said = PUT_BACK
        facts = {"schedule": schedule.name, "due": due.astimezone(UTC).isoformat()}
        if said == PUT_BACK:
            self.book.report(schedule.name, _VANISHED, now)
            log.warning("schedule.put_back", **facts)
        elif said in (NEW, CHANGED):
            log.info("schedule.registered", **facts, is_changed=said == CHANGED)

    def _keep_template(self, schedule: Schedule) -> bool:
        """Make the job that stands for the schedule in rq-scheduler's set, if need be; return whether it was there."""
        job_id = TEMPLATE + schedule.name
        if self.job_class.exists(job_id, connection=self.connection):
            return True
        template = self.job_class.create(
            schedule.task,
            connection=self.connection,
            id=job_id,
            origin=schedule.queue,
            result_ttl=-1,
            description=job_id,
            status=JobStatus.SCHEDULED,
        )
        template.save()
        return False


class ExactClock:
    """Looks at the schedules each second; without Redis it holds, and goes on by itself."""

    def __init__(self, scheduler: ExactScheduler, clock: Clock) -> None:
        self._scheduler, self._clock = scheduler, clock
        self._verified_at = float("-inf")
        self._held_at: float | None = None
        self._tried_at = float("-inf")

    def tick(self) -> None:
        """Make the jobs of what is due."""
        ticks = self._clock.ticks()
        if self._held_at is not None and ticks - self._tried_at < _AGAIN_AFTER_S:
            return
        self._tried_at = ticks
        try:
            if ticks - self._verified_at >= _VERIFIED_EACH_S:
                self._scheduler.verify()
                self._verified_at = ticks
            self._scheduler.enqueue_jobs()
        except (RedisError, QueueAway) as error:
            self._hold(ticks, str(error))
            return
        if self._held_at is not None:
            log.info("schedule.resumed", held_s=round(ticks - self._held_at))
            self._held_at = None

    def _hold(self, ticks: float, why: str) -> None:
        if self._held_at is None:
            self._held_at = ticks
            log.warning("schedule.held", why=why)
