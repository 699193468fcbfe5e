"""How a flow names what it means: by what a person reads on the screen, never by a path or a place in a list."""

from dataclasses import dataclass
from enum import StrEnum


class By(StrEnum):
    """What a selector goes by."""

    FIELD = "field"
    BUTTON = "button"
    ROLE = "role"
    ID = "id"


@dataclass(frozen=True, slots=True)
class Selector:
    """One thing on the screen.

    Attributes:
        name: what it is called: a field's label, a button's caption, an id.
        role: as accessibility calls it, such as "link" or "cell"; only with `By.ROLE`.
    """

    by: By
    name: str
    role: str = ""

    def __str__(self) -> str:
        kind = self.role if self.by is By.ROLE else self.by.value
        return f'{kind} "{self.name}"' if self.name else kind


def field(label: str) -> Selector:
    """Return what is labelled *label* and takes a value."""
    return Selector(By.FIELD, label)


def button(caption: str) -> Selector:
    """Return the button with *caption*."""
    return Selector(By.BUTTON, caption)


def role(role: str, name: str = "") -> Selector:
    """Return what has the accessible *role*, such as "link", and *name*."""
    return Selector(By.ROLE, name, role)


def by_id(identifier: str) -> Selector:
    """Return what has this id: for programs whose fields have no label."""
    return Selector(By.ID, identifier)
