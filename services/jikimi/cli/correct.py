"""Give a voucher another account."""

import getpass
from collections.abc import Mapping
from typing import Any

import click

from jikimi.cli.context import Context, print_document
from jikimi.cli.worker import PATIENCE_S, ask_worker
from jikimi.config.model import Ledger
from jikimi.text import Text

_NONE = Text("{wanted}: 아는 전표가 없습니다", "no voucher is known as {wanted}")
_MANY = Text(
    "{wanted}: 전표 하나로 정할 수 없습니다. 하나를 고르세요: {keys}", "{wanted} is not one voucher; name one: {keys}"
)
_DONE = Text(
    "{voucher}을(를) {inverse}(으)로 되돌리고 {account} 계정의 {number}(으)로 다시 기표했습니다",
    "{voucher} is reversed by {inverse} and posted again as {number} to {account}",
)
_ALREADY = Text(
    "{voucher}은(는) 이미 {account} 계정의 {number}(으)로 고쳤습니다",
    "{voucher} was corrected already: {number} stands in its place, with {account}",
)
_NOT = Text("{voucher}을(를) 고치지 못했습니다: {reason}", "{voucher} is not corrected: {reason}")


@click.command()
@click.argument("voucher")
@click.option("--account", required=True, help="Code or name of the account that takes the wrong one's place.")
@click.option("--learn", is_flag=True, help="Write a rule as well: this merchant gets this account from now on.")
@click.option("--ledger", type=click.Choice([ledger.value for ledger in Ledger]), default=Ledger.COMPANY.value)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def command(context: Context, voucher: str, account: str, learn: bool, ledger: str, as_json: bool) -> int:  # noqa: PLR0917 - click passes them by name
    """Reverse VOUCHER and post it again with another account, in one step; VOUCHER is its number or its key.

    \b
    Examples:
      jikimi correct 2026-000012 --account 811
      jikimi correct 2026-000012 --account 복리후생비 --learn
    """
    asked = {"wanted": voucher, "account": account, "learn": learn, "ledger": ledger, "who": getpass.getuser()}
    document = ask_worker(context, "correct", asked, PATIENCE_S)
    corrections = document["corrections"]
    corrected = bool(corrections) and all(item["outcome"] in ("posted", "already") for item in corrections)
    code = 0 if corrected and ("learned" not in document or document["learned"]["holds"]) else 2
    if as_json:
        return print_document("correct", document, code)
    if corrected:
        _show(context, voucher, document)
    elif corrections:
        worst = next(item for item in corrections if item["outcome"] not in ("posted", "already"))
        reason = worst["reason"].get(context.lang.value, "")
        context.say(_NOT, voucher=document["voucher"] or voucher, reason=reason)
    else:
        context.say(_MANY if document["ambiguous"] else _NONE, wanted=voucher, keys=", ".join(document["ambiguous"]))
    return code


def _show(context: Context, wanted: str, document: Mapping[str, Any]) -> None:
    by_name = {item["key"]: item for item in document["corrections"]}
    new = by_name.pop("corrected")
    facts = {
        "voucher": document["voucher"] or wanted,
        "inverse": document["inverse"],
        "account": f"{document['account']} {document['name']}".strip(),
        "number": new["number"],
    }
    context.say(_DONE if new["outcome"] == "posted" else _ALREADY, **facts)
    if "learned" in document:
        click.echo(document["learned"][context.lang.value])
