"""What the sender needs of the world: ways to a person."""

from typing import Protocol

from jikimi.errors import NotWell
from jikimi.notify.message import Message
from jikimi.text import Text


class NotSent(NotWell):
    """A channel could not pass a message on; *why* holds no secret."""

    what = Text("{channel}(으)로 보내지 못했습니다: {why}", "not sent through {channel}: {why}")
    remedy = Text(
        "jikimi.toml의 [notify.{channel}]를 고치고 `jikimi notify test`로 시험하세요",
        "mend [notify.{channel}] in jikimi.toml, then try it with `jikimi notify test`",
    )

    def __init__(self, *, channel: str, why: str) -> None:
        self.why = why
        super().__init__(channel=channel, why=why)


class Channel(Protocol):
    """One way to a person.

    Every implementation passes ``tests/contract/channel_contract.py``.
    """

    @property
    def name(self) -> str:
        """The name of its table below `[notify]`."""
        ...

    def send(self, message: Message) -> None:
        """Return once the message is in other hands; it waits at most about ten seconds for each answer.

        Raises:
            NotSent: it is not, or nobody can say whether it is.
        """
        ...
