"""Give a voucher another account."""

import getpass

import click

from jikimi.cli.context import Context, print_document
from jikimi.config.model import Ledger
from jikimi.text import Text

_WITHIN_S = 600.0
_NONE = Text("{wanted}: 전표 하나로 정할 수 없습니다: {keys}", "{wanted} is not one voucher: {keys}")
_LINE = Text("{key}: 전표 {number} {reason}", "{key}: voucher {number} {reason}")


@click.command()
@click.argument("voucher")
@click.option("--account", required=True, help="The account that takes the place of the wrong one.")
@click.option("--ledger", type=click.Choice([ledger.value for ledger in Ledger]), default=Ledger.COMPANY.value)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def command(context: Context, voucher: str, account: str, ledger: str, as_json: bool) -> int:
    """Reverse VOUCHER and post it again with another account, in one step; VOUCHER is its number or its key.

    \b
    Example:
      jikimi correct 2026-000012 --account 811
    """
    queue = context.queue()
    job = f"erp-correct-{round(context.clock.now().timestamp() * 1000)}"
    asked = {"wanted": voucher, "account": account, "ledger": ledger, "who": getpass.getuser()}
    queue.submit("correct", asked, job)
    document = dict(queue.answer(job, _WITHIN_S))
    corrections = document["corrections"]
    code = 0 if corrections and all(item["number"] for item in corrections) else 2
    if as_json:
        return print_document("correct", document, code)
    if not corrections:
        context.say(_NONE, wanted=voucher, keys=", ".join(document["ambiguous"]) or "-")
    for item in corrections:
        reason = item["reason"].get(context.lang.value, "") if item["reason"] else ""
        context.say(_LINE, **{**item, "reason": reason})
    return code
