"""What vouchers name, as Tryton numbers it."""

from datetime import date

from jikimi.erp.port import Refused


class Ids:
    """The ERP's own ids of what vouchers name; accounts and periods that it does not know are refusals."""

    def __init__(
        self, company: int, journal: int, accounts: dict[str, int], periods: list[tuple[date, date, int]]
    ) -> None:
        self.company = company
        self.journal = journal
        self._accounts = accounts
        self._periods = periods

    def account(self, code: str) -> int:
        """Return the id of an account."""
        if code not in self._accounts:
            raise Refused(answer=f"no account {code}")
        return self._accounts[code]

    def period(self, on: date) -> int:
        """Return the id of the period that holds a day."""
        found = next((period for first, last, period in self._periods if first <= on <= last), None)
        if found is None:
            raise Refused(answer=f"no period for {on}")
        return found
