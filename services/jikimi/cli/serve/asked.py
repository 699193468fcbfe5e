"""Which service is run and how, and how its children are started as programs of their own."""

import sys
from dataclasses import dataclass

from jikimi.cli.context import Context


@dataclass(frozen=True, slots=True)
class Asked:
    """Which service is run, and how.

    Attributes:
        units_only: only programs that are not ours. spawns: children are started as programs, not forked.
    """

    service: str
    unit: str
    units_only: bool = False
    spawns: bool = False


def child_command(context: Context, asked: Asked, python: str = sys.executable) -> list[str]:
    """Return how a child of this unit is started as a program of its own, by *python*."""
    home, options = context.home.root, ["--units-only"] if asked.units_only else []
    command = [python, "-m", "jikimi", "--home", str(home), "--lang", context.lang, "serve", asked.service]
    return [*command, "--unit", asked.unit, "--child", *options]
