"""A file that is dropped again after a reversal is no duplicate."""

from pathlib import Path

from jikimi.config import Home
from jikimi.inbox import Claimed, claimed, move
from jikimi.vouchers.journal import Journal


def rows_again(home: Home, journal: Journal, file: Claimed, sha: str) -> set[int]:
    """Return the reversed rows to look at, because a person has dropped their *file* again.

    The first one, which may still wait for other rows, is put aside; the new one speaks for these rows as well.
    """
    first = journal.claim_of(sha)
    if first is None or first[0] == file.claim:
        return set()
    rows = journal.reversals.rows(sha)
    if rows:
        journal.reversals.withdraw_approval(sha)
        for old in claimed(home):
            if old.claim == first[0]:
                move(home, old, Path("duplicate"))
    return rows
