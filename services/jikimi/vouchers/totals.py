"""What our vouchers have moved on each account in a month, as the ERP has them."""

import calendar
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from jikimi.config.model import Ledger
from jikimi.erp.port import Books
from jikimi.vouchers.shop import Shop


class TotalsArguments(BaseModel):
    """Which month of which ledger, as YYYY-MM; "" for this month."""

    ledger: Ledger
    month: str = ""


@dataclass(slots=True)
class AccountTotal:
    """The sums of one account."""

    account: str
    name: str
    vouchers: int = 0
    debit: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)


def account_totals(books: Books, month: date, names: Mapping[str, str]) -> list[AccountTotal]:
    """Return the sums by account of the posted vouchers of *month*, named by any of its days; reversals count in."""
    days = [month.replace(day=day) for day in range(1, calendar.monthrange(month.year, month.month)[1] + 1)]
    sums: defaultdict[str, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    for booked in books.find_on(days):
        moved: defaultdict[str, tuple[Decimal, Decimal]] = defaultdict(lambda: (Decimal(0), Decimal(0)))
        for entry in booked.entries if booked.posted else ():
            debit, credit = moved[entry.account]
            moved[entry.account] = (debit + entry.debit, credit + entry.credit)
        for account, sides in moved.items():
            sums[account].append(sides)
    return [
        AccountTotal(
            account,
            names.get(account, ""),
            len(sides),
            sum((debit for debit, _ in sides), Decimal(0)),
            sum((credit for _, credit in sides), Decimal(0)),
        )
        for account, sides in sorted(sums.items())
    ]


def totals(shop: Shop, asked: TotalsArguments) -> dict[str, Any]:
    """Return the sums by account of a month of a ledger, as plain JSON."""
    month = date.fromisoformat(f"{asked.month}-01") if asked.month else shop.today()
    erp = shop.desk_of(asked.ledger).erp
    found = account_totals(erp, month, erp.catalogue().accounts)
    rows = [{**asdict(one), "debit": str(one.debit), "credit": str(one.credit)} for one in found]
    return {"ledger": asked.ledger.value, "month": f"{month:%Y-%m}", "accounts": rows}
