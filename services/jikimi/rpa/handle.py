"""An item as a flow sees it: its values by name, its key, and the fence."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jikimi.errors import WrongUse
from jikimi.rpa.item import Item
from jikimi.text import Text


class NoSuchValue(WrongUse):
    """A flow asks for a value that its item does not have."""

    what = Text("항목에 {name} 값이 없습니다 (있는 것: {known})", "the item has no {name!r} (it has: {known})")
    remedy = Text("파일의 열 이름을 보세요", "look at the names of the columns in its file")


class ItemHandle:
    """What the flow gets as its first argument; `item.amount` and `item["금액"]` are its values.

    Args:
        fence: writes down, for good, that the other side may see what comes next.
        deliver: puts a file into a folder of the inbox.
    """

    def __init__(
        self, item: Item, fence: Callable[[], None], deliver: Callable[[Path, str], str] = lambda file, _: file.name
    ) -> None:
        self._item, self._fence, self._deliver = item, fence, deliver

    @property
    def key(self) -> str:
        """What makes it this item: write it where the other side keeps it, so that the probe finds it."""
        return self._item.key

    @property
    def attempt(self) -> int:
        """Which attempt this is, from 1."""
        return self._item.attempts

    def __getitem__(self, name: str) -> Any:
        try:
            return self._item.data[name]
        except KeyError:
            raise NoSuchValue(name=name, known=", ".join(self._item.data) or "-") from None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]

    def get(self, name: str, default: Any = "") -> Any:
        """Return a value, or *default* if the item has none of that name."""
        return self._item.data.get(name, default)

    def to_inbox(self, file: Path, profile: str) -> str:
        """Move *file* into the inbox of *profile*, as if a person had dropped it; return its name there."""
        return self._deliver(file, profile)

    @contextmanager
    def commit(self) -> Iterator[None]:
        """Do the one step that must not happen twice within this: from here on a broken attempt is asked about first.

        Do all that can fail before it, and nothing but that step and the look at its answer inside.
        """
        self._fence()
        yield
