"""Say no to a whole file, with facts that are fit to print."""

from jikimi.tables.reasons import FileRefused, Reason

SHOWN = 40
"""How much of a cell a reason repeats."""


def refused(code: str, /, **facts: object) -> FileRefused:
    """Return the refusal of a whole file, to be raised."""
    return FileRefused(Reason(code, facts))


def shown(fact: object) -> object:
    """Return *fact* fit for a sentence: text on one line and not too long."""
    if not isinstance(fact, str):
        return fact
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in fact).split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


def listed(names: list[str] | tuple[str, ...]) -> str:
    """Return *names* for a sentence; of a very wide table only the first thirty."""
    return ", ".join(str(shown(name)) for name in names[:30])
