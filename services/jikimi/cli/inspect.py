"""`jikimi inspect`: what can be named on a page, as flows name it."""

import click

from jikimi.cli.context import Context, print_document
from jikimi.cli.desk import may_have_sandbox
from jikimi.rpa.browsers import find_browser
from jikimi.rpa.drivers.web import WebBrowser
from jikimi.rpa.proposals import proposals

_OPENS_WITHIN_S = 30.0


@click.command()
@click.argument("address")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def command(context: Context, address: str, as_json: bool) -> int:
    """Print what is on the page at ADDRESS, and beside each thing how a flow names it.

    \b
    Examples:
      jikimi inspect http://127.0.0.1:8080/vouchers/new
    """
    rpa = context.config.settings.rpa
    program = find_browser(rpa.browser)
    browser = WebBrowser(context.clock, program=program, sandbox=may_have_sandbox(), neighbours=rpa.neighbours)
    try:
        surface = browser.surface()
        surface.open(address, _OPENS_WITHIN_S)
        tree = surface.tree()
    finally:
        browser.close()
    lines = proposals(tree)
    if as_json:
        found = [{"line": line.strip(), "selector": selector} for line, selector in lines]
        return print_document("inspect", {"address": address, "lines": found})
    widest = min(max((len(line) for line, _ in lines), default=0), 60)
    for line, selector in lines:
        click.echo(f"{line:<{widest}}  {selector}".rstrip())
    return 0
