"""What may run from the queue: a name, the shape of its arguments, and the function behind it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from rq.job import Job

from jikimi.errors import JikimiError
from jikimi.text import Text


class NotOnTheList(JikimiError):
    """A job asks for something that this worker does not do, or with arguments that do not fit."""

    what = Text("허용되지 않은 작업입니다: {name}: {why}", "this job is not allowed: {name}: {why}")
    remedy = Text("지킴이 버전이 서로 같은지 확인하세요", "see that all parts have the same version of Jikimi")


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


def allow(tasks: Iterable[Task]) -> type[Job]:
    """Return a job class that runs only *tasks*: no import string, callback or webhook of a job is looked at."""
    allowed = {task.name: task for task in tasks}

    class AllowedJob(Job):
        """A job of ours: a name and keyword arguments, nothing else."""

        @property
        def func(self) -> Callable[..., Mapping[str, Any]]:
            """The function of the task that the job names."""
            task = allowed.get(str(self.func_name))
            if task is None:
                raise NotOnTheList(name=self.func_name, why="unknown name")
            if self.args or self.instance is not None:
                raise NotOnTheList(name=self.func_name, why="positional arguments")
            return lambda **arguments: task.run(_fit(task, arguments))

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

    return AllowedJob


def _fit(task: Task, arguments: Mapping[str, Any]) -> BaseModel:
    try:
        return task.arguments.model_validate(arguments)
    except ValidationError as error:
        raise NotOnTheList(name=task.name, why=error.errors()[0]["msg"]) from None
