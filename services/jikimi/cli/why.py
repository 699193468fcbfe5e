"""Tell a voucher's story."""

import json
from datetime import datetime
from typing import Any

import click

from jikimi.cli.context import Context, NotRunning, print_document
from jikimi.cli.worker import QUICK_S, ask_worker
from jikimi.supervisor.stack import owner
from jikimi.tables.reasons import Reason
from jikimi.text import Lang, Text
from jikimi.vouchers.bookings import KINDS, accounts_in
from jikimi.vouchers.journal import Journal

_NOTHING = Text("{wanted}: 아는 것이 없습니다", "nothing is known of {wanted}")
_LINE = Text(
    "{key}\n  {file} {row}행 ({profile}, {ledger})  {on}  {kind}  {counterparty}  {amount}\n"
    "  {at}: {outcome} {number} {reason} (시도 {attempts})",
    "{key}\n  {file} row {row} ({profile}, {ledger})  {on}  {kind}  {counterparty}  {amount}\n"
    "  {at}: {outcome} {number} {reason} (attempts {attempts})",
)
_BOOKED = Text("  계정 {account}  부가세 {vat}  규칙 {rule}", "  account {account}  VAT {vat}  rule {rule}")
_REVERSED = Text("  전표 {number}(으)로 되돌렸습니다 ({who}, {at})", "  reversed by {number} ({who}, {at})")
_EARLIER = Text(
    "  전에는 전표 {number}: {reversed_by}(으)로 되돌렸습니다 ({who}, {at})",
    "  before: voucher {number}, reversed by {reversed_by} ({who}, {at})",
)


@click.command()
@click.argument("key")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def command(context: Context, key: str, as_json: bool) -> int:
    """Tell where the voucher KEY comes from and what became of it; KEY may be its number, or how its key begins.

    \b
    Examples:
      jikimi why jk1-7mzq
      jikimi why 2026-000012
    """
    story = _ask(context, key)
    code = 0 if story else 2
    if as_json:
        return print_document("why", {"wanted": key, "story": story}, code)
    if not story:
        context.say(_NOTHING, wanted=key)
    for line in story:
        at = datetime.fromisoformat(line["at"]).astimezone(context.config.settings.zone)
        said = _said(line["reason"], context.lang)
        shown = {"at": f"{at:%Y-%m-%d %H:%M:%S}", "reason": said, "attempts": len(line["attempts"])}
        kind = KINDS[line["kind"]].say(context.lang) if line["kind"] else ""
        context.say(_LINE, **{**line, **shown, "kind": kind})
        if line["accounts"]:
            context.say(_BOOKED, account=accounts_in(line), vat=line["vat"], rule=line["rule"] or "-")
        for before in line["earlier"]:
            context.say(_EARLIER, **before)
        if line["reversal"]:
            context.say(_REVERSED, **line["reversal"])
    return code


def _ask(context: Context, key: str) -> list[dict[str, Any]]:
    """Ask the worker, who alone opens the journal; without a running stack, read it ourselves."""
    path = context.home / "state/journal.sqlite"
    if owner(context.home) is None:
        if not path.exists():
            raise NotRunning(home=context.home.root)
        journal = Journal(path, context.clock)
        try:
            return journal.story(key)
        finally:
            journal.close()
    story: list[dict[str, Any]] = ask_worker(context, "why", {"wanted": key}, QUICK_S)["story"]
    return story


def _said(reason: str, lang: Lang) -> str:
    return Reason(**json.loads(reason)).say(lang) if reason else ""
