"""New keys for the safe. A kill between any two steps leaves keys that open all there is; another one tidies up."""

from collections.abc import Callable
from datetime import datetime

from jikimi.backup.keys import SafeKeys
from jikimi.backup.port import Repository


def rotate(keys: SafeKeys, opened: Callable[[], Repository], now: datetime) -> None:
    """Make a new machine key and a new recovery key, and have the repository know them and no older one.

    The sheet counts as not kept until its new code was typed. Old snapshots stay readable: restic's by the new keys,
    for the key below them is the same; one that is a file by the old ones, in `retired` and on the old sheet.

    Args:
        opened: opens the repository by the keys that the machine has at that moment.

    Raises:
        WrongKey: the keys do not open it; nothing was changed.
    """
    repository = opened()
    repository.check_open()
    for key in keys.prepare():
        repository.add_key(key)
    keys.turn(now)
    repository = opened()
    repository.check_open()
    for key in keys.retired():
        repository.drop_key(key)
