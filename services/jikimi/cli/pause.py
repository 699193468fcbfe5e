"""`jikimi pause`."""

import click

from jikimi.cli.context import Context
from jikimi.cli.order import give
from jikimi.cli.spans import SPAN


@click.command()
@click.option("--for", "span", type=SPAN, help="How long, such as 30m or 2h; without it, until `resume`.")
@click.option("--note", default="", help="Why; it is kept in outputs/watchdog_log.jsonl with your name.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def command(context: Context, span: float | None, note: str, as_json: bool) -> int:
    """Let the work rest: what is at work ends first, and dropped files wait in the inbox.

    \b
    Examples:
      jikimi pause --for 30m --note "month-end by hand"
      jikimi resume
    """
    work = {"erp-worker", "rpa-worker"}
    return give(
        context,
        "pause",
        (),
        is_done=lambda was, now: was["name"] not in work or now.get("state") in ("paused", "stopped"),
        note=note,
        for_s=span,
        as_json=as_json,
    )
