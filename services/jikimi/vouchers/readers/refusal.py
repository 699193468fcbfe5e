"""Say no to one row, with facts that are fit to print."""

from jikimi.tables.reasons import Reason
from jikimi.tables.refusal import shown


class RowRefused(Exception):
    """A row cannot become a line; whoever reads the rows turns this into a `Fault`."""

    def __init__(self, code: str, /, **facts: object) -> None:
        self.reason = Reason(code, {name: shown(fact) for name, fact in facts.items()})
        super().__init__(code)
