"""How a schedule that is due becomes a job: signed, on the list of what may run, and with an id of its own."""

from jikimi.clock import Clock
from jikimi.queue.port import JobQueue
from jikimi.schedule.timetable import CONTROL, Schedule

KEPT_S = 7 * 24 * 3600  # while a job is known, nobody can queue another for the same due time


class Door:
    """Queues jobs, and asks the supervisor.

    Args:
        jobs: signs as the services do. orders: signs with the key of whoever asks here.
    """

    def __init__(self, jobs: JobQueue, orders: JobQueue, clock: Clock) -> None:
        self._jobs, self._orders, self._clock = jobs, orders, clock

    def submit(self, schedule: Schedule, stamp: str, note: str) -> str:
        """Queue the job of *schedule* unless there is one with this *stamp*, and return its id.

        Raises:
            QueueAway: nothing was queued, or we cannot tell.
        """
        job = f"{schedule.queue}-{schedule.name}-{stamp}"
        if schedule.queue == CONTROL:
            wish = {"at": self._clock.now().isoformat(), "note": note, **schedule.arguments}
            self._orders.submit(schedule.task, wish, job, kept_s=KEPT_S)
        else:
            self._jobs.submit(schedule.task, schedule.arguments, job, kept_s=KEPT_S)
        return job
