"""Show what was booked in a month, by account."""

from datetime import datetime
from decimal import Decimal

import click
from rich.table import Table

from jikimi.cli.context import Context, print_document
from jikimi.cli.show import Show
from jikimi.cli.worker import QUICK_S, ask_worker
from jikimi.config.model import Ledger
from jikimi.text import Text

_NONE = Text("{month}에 기표한 전표가 없습니다", "no voucher was posted in {month}")
_HEADS = (
    Text("계정", "account"),
    Text("이름", "name"),
    Text("전표", "vouchers"),
    Text("차변", "debit"),
    Text("대변", "credit"),
)
_SUM = Text("합계", "sum")


@click.command()
@click.option("--month", type=click.DateTime(["%Y-%m"]), help="Such as 2026-11; this month if left out.")
@click.option("--ledger", type=click.Choice([ledger.value for ledger in Ledger]), default=Ledger.COMPANY.value)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def command(context: Context, month: datetime | None, ledger: str, as_json: bool) -> int:
    """Sum what Jikimi's vouchers have moved in a month, by account, as the ERP has them.

    \b
    Examples:
      jikimi totals
      jikimi totals --month 2026-11 --ledger practice
    """
    asked = {"ledger": ledger, "month": f"{month:%Y-%m}" if month else ""}
    document = ask_worker(context, "totals", asked, QUICK_S)
    if as_json:
        return print_document("totals", document, 0)
    if not document["accounts"]:
        context.say(_NONE, month=document["month"])
        return 0
    table = Table(title=document["month"], title_justify="left", box=None, show_footer=True)
    sums = [sum(Decimal(row[side]) for row in document["accounts"]) for side in ("debit", "credit")]
    footers = (_SUM.say(context.lang), "", "", *(f"{amount:,}" for amount in sums))
    for head, footer in zip(_HEADS, footers, strict=True):
        table.add_column(head.say(context.lang), footer=footer, justify="left" if head in _HEADS[:2] else "right")
    for row in document["accounts"]:
        amounts = (f"{Decimal(row[side]):,}" for side in ("debit", "credit"))
        table.add_row(row["account"], row["name"], str(row["vouchers"]), *amounts)
    Show(context.lang, called=context.called).console.print(table)
    return 0
