"""One thing in a program's window, and how it is worked with."""

import contextlib
from collections.abc import Callable
from typing import Any, Protocol

from jikimi.clock import Clock
from jikimi.rpa.drivers.atspi_tree import CELL, PASSWORD, Seen, combo_of, entries_of, entry_of, plain, text_of, told
from jikimi.rpa.drivers.gnome import Atspi, GLib
from jikimi.rpa.errors import Application, Mismatch
from jikimi.rpa.kept import is_kept
from jikimi.rpa.selector import Selector

_TAB, _END, _SPACE, _BACKSPACE = 0xFF09, 0xFF57, 0x20, 0xFF08  # X's names for keys
_CONTROL = 37  # where it lies on a keyboard, as X counts
_FOCUS_WITHIN_S = 1.0
_HEARD_WITHIN_S = 3.0
_LOOKS_EACH_S = 0.05
_SAME_TIMES = 4  # so often the value must be read to be believed: what is written may be taken back a moment later


class Screen(Protocol):
    """Where a thing is looked for."""

    def taken(self) -> None:
        """Return once a press has been taken."""
        ...

    def windows(self) -> int:
        """Return how many windows are open."""
        ...

    def copied(self) -> str:
        """Return the text that was copied last."""
        ...


class AtspiNode:
    """One thing in a window; *resolve* looks it up anew, for each use."""

    def __init__(self, resolve: Callable[[], Seen], selector: Selector, clock: Clock, screen: Screen) -> None:
        self._resolve, self._selector, self._clock, self._screen = resolve, selector, clock, screen

    def text(self) -> str:
        """Return what it shows or holds."""
        with told(f"{self._selector} cannot be read"):
            return self._resolve().value().strip()

    def set(self, value: str) -> None:
        """Give it *value*, leave it as a person does, by the tabulator, and read it back.

        Where the program asks in a window of its own which of its records is meant, that window is the flow's to
        answer: then there is nothing to be read back yet.
        """
        with told(f"{self._selector} takes no value"):
            seen = self._resolve()
            if (combo := combo_of(seen)) is not None and self._chose(combo, value):
                return
            before = self._screen.windows()
            if seen.role == CELL:
                self._type(seen, value)
                return
            field = entry_of(combo) if combo is not None else seen.accessible
            if self._write(field, value):
                _key(_TAB)
                self._waits_until_focused(field, is_focused=False)
            self._read_back(seen, value, before)

    def check(self, value: str) -> bool:  # noqa: ARG002 - `set` has read it back, as far as the program lets it
        """Return that it holds its value."""
        return True

    def write(self, value: str) -> None:
        """Write *value* and stay there; a last key wakes programs that offer entries to a keyboard only."""
        with told(f"{self._selector} takes no value"):
            seen = self._resolve()
            combo = combo_of(seen)
            if seen.role == CELL:
                self._type_into(seen, value)
            elif self._write(entry_of(combo) if combo is not None else seen.accessible, value):
                for key in (_END, _SPACE, _BACKSPACE):
                    _key(key)

    def click(self) -> None:
        """Press it."""
        with told(f"{self._selector} cannot be pressed"):
            press(self._resolve())
        self._screen.taken()

    def _chose(self, combo: Any, value: str) -> bool:
        """Choose the entry of that name; return False if there is none."""
        entries = [plain(entry.get_name() or "") for entry in entries_of(combo)]
        if plain(value) not in entries:
            return False
        Atspi.Selection.select_child(combo, entries.index(plain(value)))
        self._screen.taken()
        if plain(self._resolve().value()) != plain(value):
            raise Mismatch(selector=str(self._selector))
        return True

    def _write(self, field: Any, value: str) -> bool:
        """Write into *field*, and return whether the keyboard is there."""
        if field is None or not field.is_editable_text():
            raise Application(why=f"{self._selector} takes no {value!r}")
        has_focus = bool(Atspi.Component.grab_focus(field)) and self._waits_until_focused(field, is_focused=True)
        Atspi.EditableText.set_text_contents(field, value)
        return has_focus

    def _type_into(self, cell: Seen, value: str) -> None:
        press(cell)
        self._screen.taken()
        _key_with_control("a")
        Atspi.generate_keyboard_event(0, value, Atspi.KeySynthType.STRING)

    def _type(self, cell: Seen, value: str) -> None:
        """Type into a cell of a table, and read it back before the cell is left.

        Accessibility sees neither the field that a cell has while it is written in, nor, in GTK, what stands in the
        cell afterwards until its row is drawn anew: so it is the clipboard that tells. Letters that no key of the
        display's keyboard has, such as Hangul, often come out wrong; that is told, as any value that is not kept.
        """
        self._type_into(cell, value)
        _key_with_control("a")
        _key_with_control("c")
        self._screen.taken()
        if not is_kept(value, self._screen.copied()):
            raise Mismatch(selector=str(self._selector))
        _key(_TAB)
        self._screen.taken()

    def _waits_until_focused(self, field: Any, *, is_focused: bool) -> bool:
        """Return whether the keyboard is with *field*, or no more, within a moment."""
        give_up_at = self._clock.ticks() + _FOCUS_WITHIN_S
        while self._clock.ticks() < give_up_at:
            if field.get_state_set().contains(Atspi.StateType.FOCUSED) is is_focused:
                return True
            self._clock.wait(_LOOKS_EACH_S)
        return False

    def _read_back(self, seen: Seen, value: str, before: int) -> None:
        """Wait until the program has had its say: it may write its own form of a value when the field is left."""
        give_up_at = self._clock.ticks() + _HEARD_WITHIN_S
        times = 0
        while times < _SAME_TIMES:
            self._clock.wait(_LOOKS_EACH_S)
            if self._screen.windows() > before:
                return
            times = times + 1 if _holds(seen, value) else 0
            if not times and self._clock.ticks() >= give_up_at:
                raise Mismatch(selector=str(self._selector))


def _holds(seen: Seen, value: str) -> bool:
    got = text_of(seen.accessible)
    # of a password its length can be read, and no more
    return len(got) == len(value) if seen.role == PASSWORD else is_kept(value, got)


def _key(key: int) -> None:
    Atspi.generate_keyboard_event(key, None, Atspi.KeySynthType.SYM)


def _key_with_control(letter: str) -> None:
    Atspi.generate_keyboard_event(_CONTROL, None, Atspi.KeySynthType.PRESS)
    _key(ord(letter))
    Atspi.generate_keyboard_event(_CONTROL, None, Atspi.KeySynthType.RELEASE)


def press(seen: Seen) -> None:
    """Press *seen* with the mouse, as a person does.

    Its accessible action is no press: GTK runs it within the call, and when a message box comes of it, the program
    hears nothing until somebody answers the box; and some programs miss the event that comes with a real press.
    """
    with contextlib.suppress(GLib.Error):
        Atspi.Component.scroll_to(seen.accessible, Atspi.ScrollType.ANYWHERE)
    place = seen.place()
    Atspi.generate_mouse_event(place.x + place.width // 2, place.y + place.height // 2, "b1c")
