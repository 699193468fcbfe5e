"""A channel in memory that passes the channels' contract suite."""

from collections.abc import Callable

from jikimi.notify.message import Message
from jikimi.notify.port import NotSent


class FakeChannel:
    """Keeps what is sent.

    Attributes:
        why: why nothing can be sent now; "" if it can.
        before: called at each try, as where a test lets it hang or be killed; after: once it has arrived.
    """

    def __init__(self, name: str = "mail") -> None:
        self._name = name
        self.sent: list[Message] = []
        self.tries = 0
        self.why = ""
        self.before: Callable[[], object] = lambda: None
        self.after: Callable[[], object] = lambda: None

    @property
    def name(self) -> str:
        """The name that the test has given."""
        return self._name

    def send(self, message: Message) -> None:
        """Keep *message*, unless a test has given a reason against it."""
        self.tries += 1
        self.before()
        if self.why:
            raise NotSent(channel=self.name, why=self.why)
        self.sent.append(message)
        self.after()
