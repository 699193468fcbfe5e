"""What may run from the queue: a name, the shape of its arguments, and the function behind it.

Anything else that lies on the queue is refused, told of in a stream, and neither executed nor unpickled,
whoever reads it.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from redis import Redis
from rq.exceptions import DeserializationError, NoSuchJobError
from rq.job import UNEVALUATED, Job

from jikimi.errors import JikimiError
from jikimi.queue.signing import SignedJson
from jikimi.text import Text

REFUSED = "jk:refused"
UNREADABLE = "?"
_REFUSED_KEPT = 1000
_LONGEST_WHY = 200


class NotOnTheList(JikimiError):
    """A job asks for something that this worker does not do, or with arguments that do not fit."""

    what = Text("허용되지 않은 작업입니다: {name}: {why}", "this job is not allowed: {name}: {why}")
    remedy = Text(
        "지킴이 버전이 서로 같은지, Redis에 누가 쓰는지 확인하세요",
        "see that all parts have the same version of Jikimi, and who else writes to Redis",
    )


@dataclass(frozen=True, slots=True)
class Task:
    """One entry of the list of what may run.

    Attributes:
        arguments: the shape that a job's arguments must have.
        run: takes them and returns plain JSON.
    """

    name: str
    arguments: type[BaseModel]
    run: Callable[[Any], Mapping[str, Any]]


class NoArguments(BaseModel):
    """The shape of a task that takes none."""


class DoorJob(Job):
    """A job as it comes through our door: signed JSON, a name and keyword arguments, nothing else.

    The code that a job could smuggle in, as an import string, callback or webhook, is never looked at.
    """

    allowed: Mapping[str, Task] = {}

    @property
    def func_name(self) -> str | None:
        """The name of the task, out of a payload that one of us has signed; `UNREADABLE` if nobody of us has."""
        try:
            return super().func_name
        except DeserializationError as error:
            self._refused(UNREADABLE, str(error.__cause__))
            self._func_name, self._instance, self._args, self._kwargs = UNREADABLE, None, (), {}
            return UNREADABLE

    @func_name.setter
    def func_name(self, value: str) -> None:
        self._func_name = value
        self._data = UNEVALUATED

    @property
    def func(self) -> Callable[..., Mapping[str, Any]]:
        """The function of the task that the job names.

        Raises:
            NotOnTheList: there is none, or the job is not shaped like one of ours.
        """
        name = str(self.func_name)
        if name == UNREADABLE:
            raise NotOnTheList(name=name, why="it cannot be read")
        task = self.allowed.get(name)
        if task is None:
            raise self._refused(name, "unknown name")
        if self.args or self.instance is not None:
            raise self._refused(name, "positional arguments")
        return lambda **arguments: task.run(self._fit(task, arguments))

    @property
    def success_callback(self) -> None:
        """None, whatever the job says: it would import any module."""

    @property
    def failure_callback(self) -> None:
        """None, whatever the job says."""

    @property
    def stopped_callback(self) -> None:
        """None, whatever the job says."""

    def send_webhooks(self, *_args: object, **_kwargs: object) -> None:
        """Send nothing: a webhook in a job is a request to any address."""

    def restore(self, raw_data: Any) -> Any:
        """Take the job from its hash; one that RQ cannot read counts as none, for it would end a stock worker.

        Raises:
            NoSuchJobError: it cannot be read.
        """
        try:
            return super().restore(raw_data)
        except NoSuchJobError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a hostile hash makes RQ raise
            self._refused(UNREADABLE, f"unreadable: {error}")
            raise NoSuchJobError(f"{self.id} cannot be read") from None

    def _fit(self, task: Task, arguments: Mapping[str, Any]) -> BaseModel:
        try:
            return task.arguments.model_validate(arguments)
        except ValidationError as error:
            raise self._refused(task.name, str(error.errors()[0]["msg"])) from None

    def _refused(self, name: str, why: str) -> NotOnTheList:
        """Record the refusal, and return the error."""
        record_refusal(self.connection, self.id, name, why)
        return NotOnTheList(name=name, why=why)


def allow(tasks: Iterable[Task]) -> type[DoorJob]:
    """Return a job class that runs only *tasks*; with none, it is for those who only look."""
    return type("AllowedJob", (DoorJob,), {"allowed": {task.name: task for task in tasks}})


def record_refusal(redis: Redis, job: str, name: str, why: str) -> None:
    """Record that *job* was refused, in a stream that cannot grow without end."""
    facts: Any = {"job": job[:_LONGEST_WHY], "name": name[:_LONGEST_WHY], "why": why[:_LONGEST_WHY]}
    redis.xadd(REFUSED, facts, maxlen=_REFUSED_KEPT, approximate=True)


def template_class(ours: SignedJson) -> type[DoorJob]:
    """Return the class of jobs that are never run, for rq-scheduler, which cannot be told a serializer."""

    class Template(DoorJob):
        def __init__(self, id: str | None = None, connection: Any = None, serializer: Any = None) -> None:  # noqa: A002 - RQ's name
            super().__init__(id, connection, serializer or ours)

    return Template


def refusals(redis: Redis) -> list[Mapping[str, str]]:
    """Return what was refused, the oldest first: job, name, why."""
    found: Any = redis.xrange(REFUSED)
    return [{key.decode(): value.decode() for key, value in facts.items()} for _, facts in found]


def forbid_pickle() -> None:
    """Make unpickling anything of ours or of anybody impossible in this process, from now on."""

    def refuse(event: str, _arguments: tuple[Any, ...]) -> None:
        if event == "pickle.find_class":
            raise NotOnTheList(name="pickle", why="nothing is unpickled here")

    sys.addaudithook(refuse)
