"""How the ERP's scripts open Tryton: by its configuration file, and only by it.

Tryton reads its configuration while its modules are being imported, so nothing
of `trytond` is imported before `open_config` was called.
"""

import argparse
import datetime as dt
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def a_file(text: str) -> Path:
    """An argument that names a file which exists."""
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"no such file: {text}")
    return path


def open_config(path: Path) -> None:
    """Let Tryton read *path*; the settings there win over Tryton's own."""
    from trytond import config  # noqa: PLC0415

    config.update_etc(str(path))


def start(database: str) -> Any:
    """Begin a transaction on *database* without loading any of Tryton's models; leaving it commits."""
    from trytond import backend  # noqa: PLC0415
    from trytond.transaction import Transaction  # noqa: PLC0415

    try:
        return Transaction().start(database, 0)
    except backend.DatabaseOperationalError as trouble:
        raise SystemExit(f"the database {database} cannot be opened: {trouble}") from trouble


def in_transaction(database: str, work: Callable[[Any], None]) -> None:
    """Do *work* in one transaction; when Tryton asks for a lock first, begin anew with that lock."""
    from trytond.transaction import Transaction, TransactionError  # noqa: PLC0415

    locks: dict[str, Any] = {}
    while True:
        with Transaction().start(database, 0, **locks) as transaction:
            try:
                work(transaction)
            except TransactionError as wanted:
                transaction.rollback()
                wanted.fix(locks)
                continue
        return


def say(fact: dict[str, Any]) -> None:
    """Tell the parent process one fact, as one line of JSON."""
    sys.stdout.write(json.dumps(fact, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def a_day(text: str) -> dt.date:
    """An argument that is a day, as YYYY-MM-DD."""
    return dt.date.fromisoformat(text)
