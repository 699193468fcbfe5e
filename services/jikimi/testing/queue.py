"""A queue and a lease in memory that pass their contract suites."""

from collections.abc import Callable, Mapping

from jikimi.queue.port import KEPT_S, JobFailed, Json, LeaseLost, NoAnswer, QueueAway


class FakeQueue:
    """Holds jobs until a test runs them with `work`."""

    def __init__(self, tasks: Mapping[str, Callable[[Json], Json]] | None = None) -> None:
        self.tasks = dict(tasks or {})
        self.jobs: dict[str, tuple[str, Json]] = {}
        self.answers: dict[str, Json | JobFailed] = {}
        self.is_away = False

    def work(self) -> None:
        """Run every job that waits."""
        for job_id, (task, arguments) in list(self.jobs.items()):
            if job_id not in self.answers:
                self.answers[job_id] = self._run(task, arguments)

    def submit(self, task: str, arguments: Json, job_id: str, *, kept_s: int = KEPT_S) -> bool:  # noqa: ARG002 - for ever
        """Queue the job unless one with *job_id* is there already."""
        self._reach()
        if job_id in self.jobs:
            return False
        self.jobs[job_id] = (task, arguments)
        return True

    def waiting(self, queue: str) -> int:
        """Return how many jobs wait on *queue*."""
        self._reach()
        return sum(job.partition("-")[0] == queue and job not in self.answers for job in self.jobs)

    def answer(self, job_id: str, seconds: float) -> Json:
        """Return the answer of a job that has run."""
        self._reach()
        found = self.answers.get(job_id)
        if found is None:
            if job_id not in self.jobs:
                raise JobFailed(error=f"{job_id} is gone")
            raise NoAnswer(seconds=round(seconds), job=job_id)
        if isinstance(found, JobFailed):
            raise found
        return found

    def outcome(self, job_id: str) -> str:
        """Return how a job stands; here none is ever seen running."""
        self._reach()
        if job_id not in self.answers:
            return "waiting" if job_id in self.jobs else "gone"
        found = self.answers[job_id]
        if isinstance(found, JobFailed):
            return "failed"
        return str(found.get("outcome", "done" if found.get("accepted", True) else "refused"))

    def _run(self, task: str, arguments: Json) -> Json | JobFailed:
        if task not in self.tasks:
            return JobFailed(error=f"{task} is not allowed")
        try:
            return self.tasks[task](arguments)
        except Exception as error:  # noqa: BLE001 - whatever a task raises is its job's failure
            return JobFailed(error=str(error))

    def _reach(self) -> None:
        if self.is_away:
            raise QueueAway(answer="away")


class FakeLeases:
    """Where the leases of all ledgers are kept, as Redis keeps them."""

    def __init__(self) -> None:
        self.held: dict[str, tuple[str, int]] = {}
        self.is_away = False
        self._generation = 0

    def lease(self, ledger: str, unit: str) -> "FakeLease":
        """Return the lease of *ledger* as *unit* holds it."""
        return FakeLease(self, ledger, unit)

    def expire(self, ledger: str) -> None:
        """Let the holder's time run out."""
        self.held.pop(ledger, None)

    def take(self, ledger: str, unit: str) -> tuple[str, int]:
        """Give the lease to *unit* if it may have it."""
        self.reach()
        holder = self.held.get(ledger)
        if holder is not None and holder[0] != unit:
            raise LeaseLost(holder=holder[0])
        self._generation += 1
        self.held[ledger] = (unit, self._generation)
        return self.held[ledger]

    def reach(self) -> None:
        """Raise if nobody can tell."""
        if self.is_away:
            raise QueueAway(answer="away")


class FakeLease:
    """One holder's view of a lease."""

    def __init__(self, leases: FakeLeases, ledger: str, unit: str) -> None:
        self._leases = leases
        self._ledger = ledger
        self._unit = unit
        self._mine: tuple[str, int] | None = None

    def take(self) -> None:
        """Take the lease."""
        self._mine = self._leases.take(self._ledger, self._unit)

    def check(self) -> None:
        """Raise unless it is still ours."""
        self._leases.reach()
        held = self._leases.held.get(self._ledger)
        if held is None or held != self._mine:
            raise LeaseLost(holder=held[0] if held else "nobody")

    def release(self) -> None:
        """Give it back if it is still ours."""
        if not self._leases.is_away and self._leases.held.get(self._ledger) == self._mine:
            self._leases.held.pop(self._ledger, None)
