"""Message boxes: which windows are one, what they say, and which of their buttons says what."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from jikimi.rpa.drivers.atspi_tree import Seen, look

_SPEAKS_UP = ("alert", "notification", "info bar")
_COMES_UP = ("alert", "dialog", "file chooser", "color chooser", "font chooser")
_TEXTS = ("label", "text", "paragraph", "static", "heading")
# in the order in which they are preferred: "cancel" leaves all as it is, and "no" may throw away
_NO = ("취소", "cancel", "아니오", "아니요", "no", "닫기", "close")
_YES = ("예", "네", "yes", "확인", "ok", "계속", "continue")
_LETTER = re.compile(r"\s*\(_?\w\)|_|[.…]+$")  # of the keyboard, as in 예(Y)


@dataclass(frozen=True, slots=True)
class Box:
    """A window as it was in one look.

    Attributes:
        parts: all that is showing in it, itself being the first.
    """

    parts: Sequence[Seen]

    @classmethod
    def of(cls, window: Seen) -> "Box":
        """Look at *window*."""
        return cls(list(look(window.accessible)))

    @property
    def is_message(self) -> bool:
        """Whether it wants nothing but an answer: a window with fields is one that a flow works with."""
        return self.comes_up and self.parts[0].role == "alert"

    @property
    def comes_up(self) -> bool:
        """Whether it may have come up by itself."""
        return bool(self.parts) and self.parts[0].role in _COMES_UP and not any(part.is_writable for part in self.parts)

    @property
    def text(self) -> str:
        """What it says."""
        said = [part.name.strip() for part in self.parts if part.role in _TEXTS]
        return "\n".join(text for text in said if text) or (self.parts[0].name if self.parts else "")

    def answer(self, *, is_yes: bool) -> Seen | None:
        """Return the button that says yes or no; one button alone says both. None: none can be told."""
        buttons = {_caption(part.name): part for part in self.parts if part.is_button and part.is_enabled}
        if len(buttons) == 1:
            return next(iter(buttons.values()))
        for caption in _YES if is_yes else _NO:
            if caption in buttons:
                return buttons[caption]
        others = [button for caption, button in buttons.items() if caption not in _NO]
        return others[0] if is_yes and len(others) == 1 else None


def notices_in(window: Seen) -> list[str]:
    """Return the texts by which something within *window* speaks up."""
    parts = list(look(window.accessible))
    found = []
    for number, part in enumerate(parts[1:], 1):
        if part.role in _SPEAKS_UP:
            below = [part]
            for other in parts[number + 1 :]:
                if other.depth <= part.depth:
                    break
                below.append(other)
            said = [one.value().strip() for one in below if one is part or one.role in _TEXTS]
            found.append("\n".join(dict.fromkeys(text for text in said if text)))
    return [text for text in found if text]


def _caption(name: str) -> str:
    return _LETTER.sub("", name).strip().lower()
