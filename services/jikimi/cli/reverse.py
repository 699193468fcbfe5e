"""Undo a voucher, or all vouchers of a file."""

import getpass
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from jikimi.cli.context import Context, print_document
from jikimi.config.model import Ledger
from jikimi.tables.reasons import Reason
from jikimi.text import Lang, Text
from jikimi.vouchers import reasons as _reasons  # noqa: F401 - reasons say these

_WITHIN_S = 600.0
_NONE = Text("{wanted}: 아는 것이 없습니다", "nothing is known of {wanted}")
_MANY = Text(
    "{wanted}: 여러 전표에 맞습니다. 더 길게 쓰세요: {keys}", "{wanted} fits several, write more of it: {keys}"
)
_PLANNED = Text("{key} 되돌릴 전표, 금액 {amount}", "{key} would be reversed: {amount}")
_SURE = Text("되돌릴까요?", "Reverse these?")
_ALREADY = Reason("reversed_already").say(Lang.EN)
_LINE = Text("{key} 되돌림: {number} {reason}", "{key} reversed by: {number} {reason}")


@click.command()
@click.argument("key")
@click.option("--ledger", type=click.Choice([ledger.value for ledger in Ledger]), default=Ledger.COMPANY.value)
@click.option("--dry-run", is_flag=True, help="Show what would be reversed; write nothing.")
@click.option("--yes", is_flag=True, help="Do not ask on a terminal.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def command(context: Context, key: str, ledger: str, dry_run: bool, yes: bool, as_json: bool) -> int:  # noqa: PLR0917 - click passes them by name
    """Undo the voucher KEY by a reversal; KEY may be its number, or a file's id or name for all that it posted.

    A voucher is undone with the cancellations that rest on it, so that nothing of it is left in the books.

    \b
    Examples:
      jikimi reverse 2026-000012
      jikimi reverse card-2026-11.csv --ledger practice --dry-run
    """
    wanted = Path(key).name
    asks = not (dry_run or yes or as_json) and sys.stdin.isatty()
    if asks:
        plan = _ask(context, wanted, ledger, dry_run=True)
        _show(context, wanted, plan)
        if plan["ambiguous"] or not plan["reversals"] or not click.confirm(_SURE.say(context.lang)):
            return 2
    document = _ask(context, wanted, ledger, dry_run=dry_run)
    code = 0 if document["reversals"] and all(map(_holds, document["reversals"])) else 2
    if as_json:
        return print_document("reverse", document, code)
    _show(context, wanted, document)
    return code


def _ask(context: Context, wanted: str, ledger: str, *, dry_run: bool) -> dict[str, Any]:
    queue = context.queue()
    job = f"erp-reverse-{round(context.clock.now().timestamp() * 1000)}"
    asked = {"wanted": wanted, "ledger": ledger, "who": getpass.getuser(), "dry_run": dry_run}
    queue.submit("reverse", asked, job)
    return dict(queue.answer(job, _WITHIN_S))


def _holds(item: Mapping[str, Any]) -> bool:
    """Tell whether what was asked holds for a voucher now: it is reversed, or would be."""
    return bool(item["number"]) or item["outcome"] == "planned" or _ALREADY in item["reason"].values()


def _show(context: Context, wanted: str, document: Mapping[str, Any]) -> None:
    if document["ambiguous"]:
        context.say(_MANY, wanted=wanted, keys=", ".join(document["ambiguous"]))
    elif not document["reversals"]:
        context.say(_NONE, wanted=wanted)
    for item in document["reversals"]:
        reason = item["reason"].get(context.lang.value, "") if item["reason"] else ""
        if item["outcome"] == "planned":
            context.say(_PLANNED, key=item["key"], amount=item["amount"])
        else:
            context.say(_LINE, key=item["key"], number=item["number"], reason=reason)
