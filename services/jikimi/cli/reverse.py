"""Undo a voucher, or all vouchers of a file."""

import getpass
from pathlib import Path

import click

from jikimi.cli.context import Context, print_document
from jikimi.config.model import Ledger
from jikimi.text import Text

_WITHIN_S = 600.0
_NONE = Text("{wanted}: 아는 것이 없습니다", "nothing is known of {wanted}")
_MANY = Text(
    "{wanted}: 여러 전표에 맞습니다. 더 길게 쓰세요: {keys}", "{wanted} fits several, write more of it: {keys}"
)
_LINE = Text("{key} 되돌림: {number} {reason}", "{key} reversed by: {number} {reason}")


@click.command()
@click.argument("key")
@click.option("--ledger", type=click.Choice([ledger.value for ledger in Ledger]), default=Ledger.COMPANY.value)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def command(context: Context, key: str, ledger: str, as_json: bool) -> int:
    """Undo the voucher KEY by a reversal; KEY may be its number, or a file's name for all of the file.

    \b
    Examples:
      jikimi reverse 2026-000012
      jikimi reverse card-2026-11.csv --ledger practice
    """
    queue, wanted = context.queue(), Path(key).name
    job = f"erp-reverse-{round(context.clock.now().timestamp() * 1000)}"
    queue.submit("reverse", {"wanted": wanted, "ledger": ledger, "who": getpass.getuser()}, job)
    document = dict(queue.answer(job, _WITHIN_S))
    reversals = document["reversals"]
    code = 0 if reversals and all(item["number"] for item in reversals) else 2
    if as_json:
        return print_document("reverse", document, code)
    if document["ambiguous"]:
        context.say(_MANY, wanted=wanted, keys=", ".join(document["ambiguous"]))
    elif not reversals:
        context.say(_NONE, wanted=wanted)
    for item in reversals:
        reason = item["reason"].get(context.lang.value, "") if item["reason"] else ""
        context.say(_LINE, key=item["key"], number=item["number"], reason=reason)
    return code
