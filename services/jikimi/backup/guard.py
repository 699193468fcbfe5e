"""The content guard: a copy of an empty folder is a perfect copy, and no backup."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from jikimi.backup.snapshot import Content, Outcome

LEAST_SHARE = 0.5  # of the last good one's files and bytes
LEAST_ROWS = 0.8
KEY_TABLES = frozenset({"account_move", "account_move_line"})  # the books; Tryton's own rows would hide their loss


def judge(
    now: Content, last: Content | None, required: AbstractSet[str], unreadable: Sequence[str]
) -> tuple[Outcome, tuple[str, ...]]:
    """Return what a run is worth, verify and drill aside, and why it is not good.

    Args:
        last: the content of the last good one, None if there is none.
        required: entries that must be there, besides those that the last good one had.
        unreadable: names of files that could not be read.
    """
    wrong = (*_missing(now, last, required), *_empty(now), *(_shrunk(now, last) if last else ()))
    partly = tuple(f"unreadable: {name}" for name in unreadable)
    outcome = Outcome.SUSPECT if wrong else Outcome.PARTIAL if partly else Outcome.GOOD
    return outcome, (*wrong, *partly)


def _empty(now: Content) -> Iterator[str]:
    if now.bytes == 0:
        yield f"empty: {now.files} files, {now.bytes} bytes"


def _missing(now: Content, last: Content | None, required: AbstractSet[str]) -> Iterator[str]:
    had = {name for name, is_there in (last.entries if last else {}).items() if is_there}
    for name in sorted(required | had):
        # what is no longer asked for was taken off the list by a person
        if not now.entries.get(name, name not in required):
            yield f"missing: {name}"


def _shrunk(now: Content, last: Content) -> Iterator[str]:
    (files, size), (files_before, size_before) = _sizes(now, last)
    if files < files_before * LEAST_SHARE:
        yield f"shrunk: {files} files of {files_before}"
    if size < size_before * LEAST_SHARE:
        yield f"shrunk: {size} bytes of {size_before}"
    before, after = _sums(last), _sums(now)
    for name, rows in sorted(before.items()):
        if after.get(name, 0) < rows * LEAST_ROWS:
            yield f"rows: {name} {after.get(name, 0)} of {rows}"


def _sizes(now: Content, last: Content) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return files and bytes of both, without what clears away by itself where both know of it."""

    def lasting(content: Content) -> tuple[int, int] | None:
        if content.lasting_files is None or content.lasting_bytes is None:
            return None
        return content.lasting_files, content.lasting_bytes

    mine, theirs = lasting(now), lasting(last)
    return (mine, theirs) if mine and theirs else ((now.files, now.bytes), (last.files, last.bytes))


def _sums(content: Content) -> dict[str, int]:
    """Return the rows of each whole database, and those of each key table."""
    sums: dict[str, int] = {}
    for name, rows in content.rows.items():
        base, _, table = name.partition(":")
        sums[base] = sums.get(base, 0) + rows
        if table in KEY_TABLES:
            sums[name] = rows
    return sums
