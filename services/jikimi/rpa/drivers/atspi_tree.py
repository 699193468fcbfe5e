"""What a program's windows hold, as accessibility tells it. Nothing is remembered between two looks.

libatspi caches only where its own main loop runs; here none does, so every answer is the program's own of this moment.
"""

import contextlib
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from jikimi.rpa.drivers.gnome import Atspi, GLib
from jikimi.rpa.errors import Application, Silent
from jikimi.rpa.selector import By, Selector

_MOST_CHILDREN = 2000  # of one thing: a table may have any number of rows
_HANGS = re.compile(r"appears to be hung|did not receive a reply|timed? ?out", re.IGNORECASE)
_BUTTONS = ("button", "push button", "toggle button")
_FIELDS = ("text", "entry", "password text", "combo box", "spin button", "check box", "date editor")
_CHOSEN_FROM = ("menu item", "list item", "table cell")
_OPTION = "option"  # what is offered, however the program draws it
CELL = "table cell"
PASSWORD = "password text"  # noqa: S105 - a role
COMBO = "combo box"
# what a browser's drivers call these roles: a flow may use either word, and the tree has the shorter one
_WORDS = {
    "push button": "button",
    "toggle button": "button",
    "text": "textbox",
    "entry": "textbox",
    "password text": "textbox",
    "radio button": "radio",
    "table cell": "cell",
    "page tab": "tab",
    "panel": "group",
    "label": "text",
    "static": "text",
}


class Seen:
    """One thing as it was in one look; each of its properties is asked for once.

    Attributes:
        depth: how many things it lies in, its window being 0.
    """

    def __init__(self, accessible: Any, depth: int = 0) -> None:
        self.accessible, self.depth = accessible, depth
        self.role: str = role_of(accessible)  # asked first: most other calls tell nothing of a program that hangs
        self._states = accessible.get_state_set()

    @cached_property
    def name(self) -> str:
        """What it is called."""
        return self.accessible.get_name() or ""

    @cached_property
    def caption(self) -> str:
        """What a person calls it: of a button that shows a picture only, what comes up when the mouse rests on it."""
        return self.name or (self.accessible.get_description() or "" if self.is_button else "")

    def has(self, state: Any) -> bool:
        """Return whether it was in *state*."""
        return bool(self._states.contains(state))

    @property
    def is_showing(self) -> bool:
        """Whether a person sees it."""
        return self.has(Atspi.StateType.SHOWING)

    @property
    def is_enabled(self) -> bool:
        """Whether it can be used now."""
        return self.has(Atspi.StateType.SENSITIVE) or self.has(Atspi.StateType.ENABLED)

    @property
    def is_field(self) -> bool:
        """Whether it takes a value."""
        return self.role in _FIELDS or self.has(Atspi.StateType.EDITABLE)

    @property
    def is_cell_in_hand(self) -> bool:
        """Whether it is a cell of the row that is worked with: it goes by what stands above its column."""
        return self.role == CELL and self.has(Atspi.StateType.SELECTED) and self._table is not None

    @cached_property
    def _table(self) -> Any:
        parent = self.accessible.get_parent()
        return parent if parent is not None and parent.is_table() else None

    @property
    def is_writable(self) -> bool:
        """Whether a person can give it a value of any kind; a text to be read is a field as well."""
        return self.role in (PASSWORD, COMBO) or self.has(Atspi.StateType.EDITABLE)

    @property
    def is_button(self) -> bool:
        """Whether it is one."""
        return self.role in _BUTTONS

    @property
    def word(self) -> str:
        """Its role in one word, as browsers call it where they know it."""
        return _WORDS.get(self.role, self.role.replace(" ", ""))

    def value(self) -> str:
        """Return what it holds, or else shows."""
        if self.role == COMBO:
            entry = entry_of(self.accessible)
            return text_of(entry) if entry is not None else _chosen(self.accessible) or self.name
        if self.role == CELL and not self.name:  # made of parts, such as a number and its unit
            return " ".join(filter(None, (part.get_name() for part in children(self.accessible))))
        return text_of(self.accessible) or self.name

    def place(self) -> Any:
        """Return where on the screen it is: x, y, width and height in pixels."""
        return Atspi.Component.get_extents(self.accessible, Atspi.CoordType.SCREEN)

    def labels(self) -> list[str]:
        """Return the names of what says of itself that it labels this; of a cell, what stands above its column."""
        if self.is_cell_in_hand:
            is_known, _, column = Atspi.TableCell.get_position(self.accessible)
            return [Atspi.Table.get_column_description(self._table, column) or ""] if is_known else []
        return [
            relation.get_target(index).get_name() or ""
            for relation in self.accessible.get_relation_set()
            if relation.get_relation_type() == Atspi.RelationType.LABELLED_BY
            for index in range(relation.get_n_targets())
        ]


def look(root: Any, depth: int = 0) -> Iterator[Seen]:
    """Yield *root* and all that is showing in it, as a person reads it; what goes away meanwhile is left out.

    Raises:
        Silent
    """
    below = []
    with passing_over():
        seen = Seen(root, depth)
        if seen.is_showing:
            below = children(root)
            yield seen
    for child in below:
        yield from look(child, depth + 1)


def role_of(accessible: Any) -> str:
    """Return what kind of thing it is; the one question whose answer tells whether the program is there and listens."""
    role: str = Atspi.role_get_name(accessible.get_role())  # asking for the name would cost a second call
    return role


def children(accessible: Any) -> list[Any]:
    """Return what lies directly in *accessible*."""
    count = min(accessible.get_child_count(), _MOST_CHILDREN)
    found = (accessible.get_child_at_index(index) for index in range(count))
    return [child for child in found if child is not None]


def text_of(accessible: Any) -> str:
    """Return the text that it holds, "" if it holds none."""
    return Atspi.Text.get_text(accessible, 0, -1) if accessible.is_text() else ""


def combo_of(seen: Seen) -> Any:
    """Return the list that *seen* is, or that it is the written part of; None if it is no part of any."""
    if seen.role == COMBO:
        return seen.accessible
    parent = seen.accessible.get_parent()
    return parent if parent is not None and role_of(parent) == COMBO else None


def entry_of(combo: Any) -> Any:
    """Return the field of a list into which a name can be written, None if there is none."""
    return next((child for child in children(combo) if child.is_editable_text()), None)


def entries_of(combo: Any) -> Iterator[Any]:
    """Yield what can be chosen from a list; while it is folded up, none of it is showing."""
    for child in children(combo):
        if role_of(child) in _CHOSEN_FROM:
            yield child
        else:
            yield from entries_of(child)


def _chosen(combo: Any) -> str:
    if combo.is_selection() and Atspi.Selection.get_n_selected_children(combo):
        chosen = Atspi.Selection.get_selected_child(combo, 0)
        return (chosen.get_name() or "") if chosen is not None else ""
    return ""


def plain(name: str) -> str:
    """Return a label without what belongs to its looks."""
    return name.strip().rstrip(":：*").rstrip()


def answers_to(seen: Seen, selector: Selector) -> bool:
    """Return whether *selector* names it."""
    with passing_over():
        match selector.by:
            case By.FIELD:
                return (seen.is_field or seen.is_cell_in_hand) and _is_labelled(seen, plain(selector.name))
            case By.BUTTON:
                return seen.is_button and plain(seen.caption) == plain(selector.name)
            case By.ROLE:
                role = selector.role.lower().replace(" ", "")
                is_one = role in (seen.word, seen.role.replace(" ", "")) or (
                    role == _OPTION and seen.role in _CHOSEN_FROM
                )
                return is_one and (not selector.name or plain(seen.caption) == plain(selector.name))
            case By.ID:
                return selector.name in (seen.accessible.get_accessible_id(), seen.name)
    return False


def _is_labelled(seen: Seen, name: str) -> bool:
    if name in map(plain, seen.labels()):
        return True
    if not seen.is_field:
        return False
    # the name of a list may be nothing but the entry that is chosen
    return plain(seen.name) == name and (seen.role != COMBO or plain(seen.value()) != name)


def line_of(seen: Seen) -> str:
    """Return it as a line of the tree; what is secret is left out."""
    name = (seen.is_field and next(filter(None, map(plain, seen.labels())), "")) or seen.caption
    said = f'- {seen.word} "{name}"' if name else f"- {seen.word}"
    value = "" if seen.role == PASSWORD or not seen.is_field else seen.value()
    marks = "" if seen.is_enabled else " [disabled]"
    return "  " * seen.depth + said + marks + (f": {value}" if value and value != name else "")


@contextlib.contextmanager
def passing_over() -> Iterator[None]:
    """Leave it at that if what is asked has gone away meanwhile.

    Raises:
        Silent
    """
    try:
        yield
    except GLib.Error as error:
        if _HANGS.search(error.message):
            raise Silent(why=error.message) from None


@contextlib.contextmanager
def told(what: str) -> Iterator[None]:
    """Turn what accessibility raises into our own error."""
    try:
        yield
    except GLib.Error as error:
        kind = Silent if _HANGS.search(error.message) else Application
        raise kind(why=f"{what}: {error.message}") from None
