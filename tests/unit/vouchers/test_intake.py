"""Which places are asked for statements, and who may take a loose one."""

from jikimi.config import Profile
from jikimi.config.model import Ledger, StatementKind
from jikimi.inbox import LOOSE
from jikimi.vouchers.intake import candidates, places


def test_practice_is_entered_by_its_folder_only() -> None:
    company = Profile(kind=StatementKind.CARD)
    practice = Profile(kind=StatementKind.CARD, ledger=Ledger.PRACTICE)

    assert candidates({"a": company, "b": practice}) == {"a": company}


def test_statements_are_dropped_in_the_inbox_and_in_the_folder_of_each_profile() -> None:
    assert places({"a": Profile(kind=StatementKind.CARD)}) == (LOOSE, "a")
