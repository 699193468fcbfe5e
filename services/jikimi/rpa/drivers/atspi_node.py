"""One thing in a program's window, and how it is worked with."""

import contextlib
import re
from collections.abc import Callable
from typing import Any

from jikimi.clock import Clock
from jikimi.rpa.drivers.atspi_tree import COMBO, PASSWORD, Seen, entries_of, entry_of, plain, role_of, text_of, told
from jikimi.rpa.drivers.gnome import Atspi, GLib
from jikimi.rpa.errors import Application, Mismatch
from jikimi.rpa.selector import Selector

_TAB = 0xFF09  # X's name for the key
_SEPARATORS = re.compile(r"[,\s]")
_HEARD_WITHIN_S = 1.0  # the program writes its own form of a value when the field is left
_LOOKS_EACH_S = 0.05


class AtspiNode:
    """One thing in a window.

    Args:
        resolve: looks it up anew, for each use.
        taken: called after a press; it returns once the program has had time to take it.
    """

    def __init__(
        self, resolve: Callable[[], Seen], selector: Selector, clock: Clock, taken: Callable[[], object]
    ) -> None:
        self._resolve, self._selector, self._clock, self._taken = resolve, selector, clock, taken

    def text(self) -> str:
        """Return what it shows or holds."""
        with told(f"{self._selector} cannot be read"):
            return self._resolve().value().strip()

    def set(self, value: str) -> None:
        """Give it *value*, leave it as a person does, by the tabulator, and read it back."""
        with told(f"{self._selector} takes no value"):
            seen = self._resolve()
            field = entry_of(seen.accessible) if seen.role == COMBO else seen.accessible
            if field is None:
                self._choose(seen.accessible, value)
                return
            if not field.is_editable_text():
                raise Application(why=f"{self._selector} takes no text")
            has_focus = bool(Atspi.Component.grab_focus(field)) and self._waits_until_focused(field, is_focused=True)
            Atspi.EditableText.set_text_contents(field, value)
            if has_focus:
                Atspi.generate_keyboard_event(_TAB, None, Atspi.KeySynthType.SYM)
                self._waits_until_focused(field, is_focused=False)
            self._read_back(field, value)

    def click(self) -> None:
        """Press it."""
        with told(f"{self._selector} cannot be pressed"):
            press(self._resolve())
        self._taken()

    def _choose(self, combo: Any, value: str) -> None:
        entries = [plain(entry.get_name() or "") for entry in entries_of(combo)]
        if plain(value) not in entries:
            raise Application(why=f"{self._selector} has no entry {value!r}")
        Atspi.Selection.select_child(combo, entries.index(plain(value)))
        self._taken()
        if plain(self._resolve().value()) != plain(value):
            raise Mismatch(selector=str(self._selector))

    def _waits_until_focused(self, field: Any, *, is_focused: bool) -> bool:
        """Return whether the keyboard is with *field*, or no more, within a moment."""
        give_up_at = self._clock.ticks() + _HEARD_WITHIN_S
        while self._clock.ticks() < give_up_at:
            if field.get_state_set().contains(Atspi.StateType.FOCUSED) is is_focused:
                return True
            self._clock.wait(_LOOKS_EACH_S)
        return False

    def _read_back(self, field: Any, value: str) -> None:
        """Read the value once it has come to rest; the field may be gone by then, drawn anew with what it shows."""
        try:
            got, is_secret = text_of(field), role_of(field) == PASSWORD
        except GLib.Error:
            got, is_secret = self._resolve().value(), False
        # of a password its length can be read, and no more
        if len(got) != len(value) if is_secret else _bare(got) != _bare(value):
            raise Mismatch(selector=str(self._selector))


def press(seen: Seen) -> None:
    """Press *seen* with the mouse, as a person does.

    Its accessible action is no press: GTK runs it within the call, and when a message box comes of it, the program
    hears nothing until somebody answers the box; and some programs miss the event that comes with a real press.
    """
    with contextlib.suppress(GLib.Error):
        Atspi.Component.scroll_to(seen.accessible, Atspi.ScrollType.ANYWHERE)
    place = seen.place()
    Atspi.generate_mouse_event(place.x + place.width // 2, place.y + place.height // 2, "b1c")


def _bare(value: str) -> str:
    """Return *value* without what a program may write into a number."""
    return _SEPARATORS.sub("", value)
