"""One thing in a program's window, and how it is worked with."""

import contextlib
import re
from collections.abc import Callable
from typing import Any

from jikimi.clock import Clock
from jikimi.rpa.drivers.atspi_tree import COMBO, Seen, entries_of, entry_of, plain, text_of, told
from jikimi.rpa.drivers.gnome import Atspi, GLib
from jikimi.rpa.errors import Application, Mismatch
from jikimi.rpa.selector import Selector

# Their action does what a press does. Elsewhere it often does not: a cell of a list in GTK runs its action without the
# event that its program expects, so the mouse is used, as a person uses it.
_HAVE_AN_ACTION = (
    *("button", "push button", "toggle button", "check box", "radio button", "link"),
    *("menu", "menu item", "check menu item", "radio menu item"),
)
_PRESSES = ("click", "press", "activate", "jump", "toggle")
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
            has_focus = _focus(field)
            Atspi.EditableText.set_text_contents(field, value)
            if has_focus:
                self._leave(field)
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

    def _leave(self, field: Any) -> None:
        Atspi.generate_keyboard_event(_TAB, None, Atspi.KeySynthType.SYM)
        give_up_at = self._clock.ticks() + _HEARD_WITHIN_S
        while _is_focused(field) and self._clock.ticks() < give_up_at:
            self._clock.wait(_LOOKS_EACH_S)

    def _read_back(self, field: Any, value: str) -> None:
        """Read the value once it has come to rest; the field may be gone by then, drawn anew with what it shows."""
        try:
            got = text_of(field)
        except GLib.Error:
            got = self._resolve().value()
        if _bare(got) != _bare(value):
            raise Mismatch(selector=str(self._selector))


def press(seen: Seen) -> None:
    """Press *seen*: by its action where that is the same as a press, else by the mouse."""
    thing = seen.accessible
    if seen.role in _HAVE_AN_ACTION and thing.is_action():
        names = [Atspi.Action.get_action_name(thing, index) for index in range(Atspi.Action.get_n_actions(thing))]
        number = next((names.index(name) for name in _PRESSES if name in names), 0)
        if names and Atspi.Action.do_action(thing, number):
            return
    with contextlib.suppress(GLib.Error):
        Atspi.Component.scroll_to(thing, Atspi.ScrollType.ANYWHERE)
    place = seen.place()
    Atspi.generate_mouse_event(place.x + place.width // 2, place.y + place.height // 2, "b1c")


def _focus(field: Any) -> bool:
    """Return whether the keyboard is with *field* now."""
    return bool(Atspi.Component.grab_focus(field)) and _is_focused(field)


def _is_focused(field: Any) -> bool:
    return bool(field.get_state_set().contains(Atspi.StateType.FOCUSED))


def _bare(value: str) -> str:
    """Return *value* without what a program may write into a number."""
    return _SEPARATORS.sub("", value)
