"""Stop the stack."""

import click

from jikimi.cli.context import Context, NotRunning
from jikimi.queue.port import NoAnswer
from jikimi.supervisor.stack import owner, stop_file
from jikimi.text import Text

_STOPPED = Text("꺼졌습니다.", "stopped.")
_WITHIN_S = 90.0
_LOOK_S = 0.1


@click.command()
@click.pass_obj
def command(context: Context) -> int:
    """Stop the stack of this home, in order; what is at work ends first.

    \b
    Example:
      jikimi down
    """
    stop(context)
    context.say(_STOPPED)
    return 0


def stop(context: Context) -> None:
    """Have the stack stop, and return when it has.

    Raises:
        NotRunning: there is none. NoAnswer: it did not stop in time.
    """
    found = owner(context.home)
    if found is None:
        raise NotRunning(home=context.home.root)
    stop_file(context.home).touch()
    give_up_at = context.clock.ticks() + _WITHIN_S
    while owner(context.home) is not None or (context.home / "stack.json").exists():
        if context.clock.ticks() > give_up_at:
            raise NoAnswer(seconds=round(_WITHIN_S), job=f"process {found.pid}")
        context.clock.wait(_LOOK_S)
