"""Undo a voucher, or all vouchers of a file."""

import getpass
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from jikimi.cli.context import Context, print_document
from jikimi.cli.worker import PATIENCE_S, ask_worker
from jikimi.config.model import Ledger
from jikimi.text import Text

_NONE = Text("{wanted}: 아는 전표나 파일이 없습니다", "no voucher or file is known as {wanted}")
_NOTHING = Text(
    "{wanted}: 기표한 것이 없어 되돌릴 것도 없습니다", "{wanted} has posted nothing: there is nothing to reverse"
)
_MANY = Text("{wanted}: 여러 개에 맞습니다. 하나를 고르세요: {keys}", "{wanted} fits several; name one: {keys}")
_SENTENCES = {
    "planned": Text("{voucher} 전표를 되돌릴 것입니다: {amount}", "{voucher} would be reversed: {amount}"),
    "posted": Text("{voucher}을(를) {number}(으)로 되돌렸습니다", "{voucher} is reversed by {number}"),
    "already": Text("{voucher}은(는) 이미 {number}(으)로 되돌렸습니다", "{voucher} was reversed already by {number}"),
    "rejected": Text("{voucher}을(를) 되돌릴 수 없습니다: {reason}", "{voucher} cannot be reversed: {reason}"),
    "waiting": Text("{voucher}을(를) 아직 되돌리지 못했습니다: {reason}", "{voucher} is not reversed yet: {reason}"),
}
_STANDING = Text(
    "  고친 전표 {standing}은(는) 그대로 있습니다. 그것도 되돌리려면: jikimi reverse {standing}",
    "  {standing}, which corrects it, stands; to reverse that as well: jikimi reverse {standing}",
)
_ALL = Text("모두 되돌렸습니다: 장부에 남은 것이 없습니다", "All is reversed: nothing is left in the books")
_REST = Text(
    "다 되돌리지 못했습니다. 원인을 없앤 뒤 다시 실행하세요: jikimi reverse {wanted}",
    "Not all is reversed. Remove the cause, then run it again: jikimi reverse {wanted}",
)
_SURE = Text("되돌릴까요?", "Reverse these?")
_DONE = ("posted", "already")


@click.command()
@click.argument("key")
@click.option("--ledger", type=click.Choice([ledger.value for ledger in Ledger]), default=Ledger.COMPANY.value)
@click.option("--dry-run", is_flag=True, help="Show what would be reversed; write nothing.")
@click.option("--yes", is_flag=True, help="Do not ask on a terminal.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def command(context: Context, key: str, ledger: str, dry_run: bool, yes: bool, as_json: bool) -> int:  # noqa: PLR0917 - click passes them by name
    """Undo the voucher KEY by a reversal; KEY may be its number, or a file's id or name for all that it posted.

    A voucher is undone with the cancellations that rest on it, so that nothing of it is left in the books. What each
    account bears of it is shown before and after. A row that was reversed is open again: drop it in to post it again.

    \b
    Examples:
      jikimi reverse 2026-000012
      jikimi reverse card-2026-11.csv --ledger practice --dry-run
    """
    wanted = Path(key).name
    asked = {"wanted": wanted, "ledger": ledger, "who": getpass.getuser()}
    asks = not (dry_run or yes or as_json) and _on_terminal()
    if asks:
        plan = ask_worker(context, "reverse", {**asked, "dry_run": True}, PATIENCE_S)
        if any(item["outcome"] == "planned" for item in plan["reversals"]):
            _show(context, wanted, plan)
            if not click.confirm(_SURE.say(context.lang)):
                return 2
    document = ask_worker(context, "reverse", {**asked, "dry_run": dry_run}, PATIENCE_S)
    code = 0 if holds(document, dry_run=dry_run) else 2
    if as_json:
        return print_document("reverse", document, code)
    _show(context, wanted, document)
    if document["reversals"] and not dry_run and not any(item["standing"] for item in document["reversals"]):
        context.say(_ALL if code == 0 else _REST, wanted=wanted)
    return code


def _on_terminal() -> bool:
    return sys.stdin.isatty()


def holds(document: Mapping[str, Any], *, dry_run: bool) -> bool:
    """Tell whether every voucher named is reversed, or would be, and nothing is left of it."""
    if not document["reversals"]:
        return bool(document["file"])
    ends = (*_DONE, "planned") if dry_run else _DONE
    nothing_left = not any(Decimal(balance["after"]) for balance in document["balances"])
    return nothing_left and all(item["outcome"] in ends for item in document["reversals"])


def _show(context: Context, wanted: str, document: Mapping[str, Any]) -> None:
    if document["ambiguous"]:
        context.say(_MANY, wanted=wanted, keys=", ".join(document["ambiguous"]))
    elif not document["reversals"]:
        context.say(_NOTHING if document["file"] else _NONE, wanted=wanted)
    for item in document["reversals"]:
        facts = {"voucher": item["voucher"] or item["key"], "number": item["number"]}
        amount = f"{Decimal(item.get('amount', '0')):,}"
        reason = item["reason"].get(context.lang.value, "")
        context.say(_SENTENCES[item["outcome"]], **facts, amount=amount, reason=reason)
        if item.get("standing"):
            context.say(_STANDING, standing=item["standing"])
    for balance in document["balances"]:
        sums = {side: f"{Decimal(balance[side]):,}" for side in ("before", "after")}
        account = f"{balance['account']} {balance['name']}".strip()
        click.echo(f"  {account}  {sums['before']} → {sums['after']}")
