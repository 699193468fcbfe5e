"""What a person sees while something takes its time: a bar on a terminal, plain lines elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from jikimi.status.reader import as_called
from jikimi.text import Lang, Text
from jikimi.vouchers.bookings import KINDS, accounts_in

_OUTCOMES = {
    "posted": Text("기표", "posted"),
    "already": Text("이미 있음", "already"),
    "rejected": Text("거절", "rejected"),
    "waiting": Text("대기", "waiting"),
    "unknown": Text("확인 필요", "unknown"),
}
_WOULD = Text("기표 예정", "would be posted")
_COLUMNS = (
    Text("행", "row"),
    Text("날짜", "date"),
    Text("구분", "kind"),
    Text("거래처", "counterparty"),
    Text("금액", "amount"),
    Text("계정", "account"),
    Text("부가세", "VAT"),
    Text("결과", "outcome"),
    Text("전표번호", "voucher"),
    Text("규칙", "rule"),
    Text("이유", "reason"),
)
_WIDE = 240
_SUMS = frozenset({"amount", "VAT"})
_PRACTICE = Text("연습", "practice (연습)")


class Show:
    """Speaks to one person; with *quiet*, to nobody: a document for scripts comes instead."""

    def __init__(self, lang: Lang, *, called: str = "", quiet: bool = False) -> None:
        self.lang = lang
        self._called = called
        self._posted = _OUTCOMES["posted"]
        self.console = Console(quiet=quiet, highlight=False, soft_wrap=True)
        if not self.console.is_terminal:
            self.console.width = _WIDE  # nothing is cut for a file or a pipe

    def say(self, text: Text, **facts: object) -> None:
        """Print one sentence."""
        self.console.print(as_called(text.say(self.lang, **facts), self._called), markup=False)

    @contextmanager
    def bar(self, text: Text) -> Iterator[Progress]:
        """Show a bar for work that says how far it is; off a terminal, one line when it begins."""
        if not self.console.is_terminal:
            self.say(text)
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.console, disable=not self.console.is_terminal) as progress:
            progress.add_task(text.say(self.lang), total=None)
            yield progress

    def rows(self, title: str, ledger: str, rows: Sequence[Mapping[str, Any]], *, foretold: bool = False) -> None:
        """Print the rows of one file with their outcomes, or with what would come of them."""
        self._posted = _WOULD if foretold else _OUTCOMES["posted"]
        mark = f" [{_PRACTICE.say(self.lang)}]" if ledger == "practice" else ""
        if self.console.is_terminal:
            self._table(f"{title}{mark}", rows)
            return
        self.console.print(f"{title}{mark}", markup=False)
        for row in rows:
            self.console.print("  " + "  ".join(cell for cell in self._cells(row) if cell), markup=False)

    def _table(self, title: str, rows: Sequence[Mapping[str, Any]]) -> None:
        table = Table(title=title.replace("[", "\\["), title_justify="left")
        for column in _COLUMNS:
            table.add_column(column.say(self.lang), justify="right" if column.en in _SUMS else "left")
        for row in rows:
            table.add_row(*(cell.replace("[", "\\[") for cell in self._cells(row)))
        self.console.print(table)

    def _cells(self, row: Mapping[str, Any]) -> list[str]:
        outcome = (self._posted if row["outcome"] == "posted" else _OUTCOMES[row["outcome"]]).say(self.lang)
        reason = row["reason"].get(self.lang.value, "") if row["reason"] else ""
        kind = KINDS[row["kind"]].say(self.lang) if row.get("kind") else ""
        vat = _grouped(row["vat"]) if row.get("vat", "0") != "0" else ""
        what = [str(row["row"]), row["on"], kind, row["counterparty"], _grouped(row["amount"]), accounts_in(row), vat]
        return [*what, outcome, row["number"], row.get("rule", ""), reason]


def _grouped(amount: str) -> str:
    return f"{int(amount):,}" if amount.isdigit() else amount
