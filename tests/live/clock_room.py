"""A scheduler of ours on a real Redis, with a clock that a test moves."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from redis import Redis

from jikimi.config import load
from jikimi.config.model import Settings
from jikimi.embedded.redis_server import redis_part, redis_url
from jikimi.queue.rq_queue import RqQueue
from jikimi.queue.signing import SignedJson
from jikimi.runtime.port import Running
from jikimi.runtime.process import ProcessRuntime
from jikimi.schedule.book import MISSED
from jikimi.schedule.door import Door
from jikimi.schedule.exact_clock import ExactClock, ExactScheduler
from jikimi.schedule.timetable import ERP, Schedule, timetable
from jikimi.testing.clock import FakeClock
from tests.conftest import Until

KEY, ORDERS = SignedJson([b"k" * 32]), SignedJson([b"o" * 32])
START = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)  # 03:00 in Seoul
NIGHTLY = {"schedule": {"cycle": "0s", "idle": "0s", "restart": "", "backup": "03:30"}}


def schedules(settings: dict[str, Any], served: tuple[str, ...] = (ERP, "control", "backup")) -> dict[str, Schedule]:
    return timetable(Settings.model_validate(settings), lambda _: False, served)


class Room:
    """A scheduler with a clock of its own on a real Redis."""

    def __init__(self, redis: Redis, settings: dict[str, Any] | None = None, at: datetime = START) -> None:
        self.redis, self.clock = redis, FakeClock(at)
        self.started: datetime | None = None
        self.table = schedules(NIGHTLY if settings is None else settings)
        self.scheduler = self.another()
        self.exact = ExactClock(self.scheduler, self.clock)

    def another(self) -> ExactScheduler:
        door = Door(RqQueue(self.redis, KEY, self.clock), RqQueue(self.redis, ORDERS, self.clock), self.clock)
        return ExactScheduler(
            self.redis, self.table, door=door, clock=self.clock, serializer=KEY, started=lambda: self.started
        )

    def wait(self, span: timedelta, step: timedelta = timedelta(minutes=1)) -> None:
        """Let time pass, with a look each *step*."""
        for _ in range(span // step):
            self.clock.advance(step.total_seconds())
            self.exact.tick()

    def jobs(self, queue: str = "backup") -> list[str]:
        found: Any = self.redis.lrange(f"rq:queue:{queue}", 0, -1)
        return [job.decode() for job in found]

    def due(self, name: str = "backup") -> datetime:
        (entry,) = self.scheduler.book.entries([name])
        assert entry.next is not None
        return entry.next

    def missed(self) -> list[dict[str, str]]:
        found: Any = self.redis.xrange(MISSED)
        return [{key.decode(): value.decode() for key, value in facts.items()} for _, facts in found]


def seoul(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+09:00")


def job(due: datetime, name: str = "backup", queue: str = "backup") -> str:
    return f"{queue}-{name}-{round(due.timestamp())}"


class Server:
    """A Redis of our own that can be killed and started again."""

    def __init__(self, folder: Path, until: Until) -> None:
        config = load(folder / "home", {})
        config.home.make()
        self._part, self._until, self._runtime = redis_part(config.home), until, ProcessRuntime()
        self.address = redis_url(config.home)
        self._running: Running | None = None

    def start(self) -> None:
        running = self._running = self._runtime.start(self._part.spec)
        self._until(lambda: self._part.ready(running.pid), 20)

    def kill(self) -> None:
        if self._running:
            self._runtime.stop(self._running, 0)
        self._running = None
