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
        inside: what it lies in, where several parts of a screen have things of one name.
    """

    by: By
    name: str
    role: str = ""
    inside: "Selector | None" = None

    def __str__(self) -> str:
        kind = self.role if self.by is By.ROLE else self.by.value
        said = f'{kind} "{self.name}"' if self.name else kind
        return f"{said} in {self.inside}" if self.inside else said


def field(label: str, *, inside: Selector | None = None) -> Selector:
    """Return what is labelled *label* and takes a value."""
    return Selector(By.FIELD, label, inside=inside)


def button(caption: str, *, inside: Selector | None = None) -> Selector:
    """Return the button with *caption*."""
    return Selector(By.BUTTON, caption, inside=inside)


def role(role: str, name: str = "", *, inside: Selector | None = None) -> Selector:
    """Return what has the accessible *role*, such as "link", and *name*."""
    return Selector(By.ROLE, name, role, inside)


def by_id(identifier: str, *, inside: Selector | None = None) -> Selector:
    """Return what has this id: for programs whose fields have no label."""
    return Selector(By.ID, identifier, inside=inside)
