"""The group of all commands, loaded one by one when they are asked for, and the exit codes."""

import sys
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

import click

from jikimi.cli.context import Context
from jikimi.config import load
from jikimi.config.load import called as called_here
from jikimi.errors import JikimiError
from jikimi.status.reader import as_called
from jikimi.text import Lang

WRONG_USE, OUR_FAULT, INTERRUPTED = 64, 70, 130
# command -> the module that defines it, and the name there if it is not `command`
COMMANDS: Mapping[str, str] = {
    "init": "init",
    "up": "up",
    "down": "down",
    "demo": "demo",
    "cycle": "cycle",
    "preview": "preview",
    "why": "why",
    "approve": "approve",
    "same": "answer:same",
    "different": "answer:different",
    "reverse": "reverse",
    "correct": "correct",
    "files": "files",
    "totals": "totals",
    "status": "status",
    "incidents": "incidents",
    "restart": "restart",
    "stop": "stop",
    "start": "start",
    "pause": "pause",
    "resume": "resume",
    "maintenance": "maintenance",
    "flow": "flow",
    "items": "items",
    "inspect": "inspect",
    "schedule": "schedule",
    "adopt": "adopt",
    "erp": "erp",
    "backup": "backup",
    "restore": "restore",
    "config": "config",
    "notify": "notify",
    "serve": "serve",
}


class Commands(click.Group):
    """The commands in the order of `COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return every name."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Load the one that is asked for."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"jikimi.cli.{module}"), name or "command")
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--home", type=click.Path(path_type=Path), help="The home folder; else JIKIMI_HOME, else ./home.")
@click.option("--lang", type=click.Choice([lang.value for lang in Lang]), help="The language of what is printed.")
@click.option("--began", type=float, hidden=True, help="When the set-up began, in seconds since 1970.")
@click.option("--called", default="", hidden=True, help="How this person calls our commands.")
@click.pass_context
def jikimi(ctx: click.Context, home: Path | None, lang: str | None, began: float | None, called: str) -> None:
    """Keep a small company's ERP and RPA work running, and repair it. 지킴이."""
    ctx.obj = Context(home, Lang(lang) if lang else None, began=began, called=called or called_here())


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code: 0 well, 2 not well, 3 unknown, 64 wrong use, 70 our fault."""
    try:
        code = jikimi.main(list(arguments), prog_name="jikimi", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return WRONG_USE
    except click.Abort:
        return INTERRUPTED
    except JikimiError as error:
        click.echo(
            as_called(error.explain(_language(arguments)), _option(arguments, "--called") or called_here()), err=True
        )
        return error.exit_code
    except Exception:  # noqa: BLE001 - the outermost edge: a fault of ours has an exit code of its own
        traceback.print_exc()
        return OUR_FAULT
    return code if isinstance(code, int) else 0


def _language(arguments: Sequence[str]) -> Lang:
    """Return the language for an error, even one in the settings themselves."""
    if asked := _option(arguments, "--lang"):
        return Lang(asked)
    try:
        return load().lang
    except JikimiError:
        return Lang.EN


def _option(arguments: Sequence[str], name: str) -> str:
    return arguments[arguments.index(name) + 1] if name in arguments[:-1] else ""


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
