"""Show the main job on the shipped examples."""

import click

from jikimi.cli.context import Context, print_document
from jikimi.cli.demo_break import break_and_measure
from jikimi.cli.examples import run_examples
from jikimi.cli.show import Show
from jikimi.cli.stack import make_home, running
from jikimi.supervisor.stack import owner


@click.command()
@click.option("--break", "breaks", is_flag=True, help="Kill, then freeze the worker in mid-batch, and measure.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def command(context: Context, breaks: bool, as_json: bool) -> int:
    """Run the examples in the practice ledger and print each voucher as read back.

    A running stack is used and left running; otherwise one is started and stopped again.

    \b
    Examples:
      jikimi demo
      jikimi demo --json
      jikimi demo --break
    """
    show = Show(context.lang, called=context.called, quiet=as_json)
    run = break_and_measure if breaks else run_examples
    if owner(context.home) is not None:
        total = run(context, show)
    else:
        make_home(context.config)
        with running(context, show):
            total = run(context, show)
    if breaks:
        code = 2 if total["lost"] or total["doubled"] else 0
        return print_document("break", total, code) if as_json else code
    code = 0 if total["proof"] else 2
    return print_document("cycle", total, code) if as_json else code
