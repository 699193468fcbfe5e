"""Prepare an ERP database for a company: an empty place becomes books ready for the first voucher.

The database is built aside and put in its place at the very end by one rename,
so a preparation that is killed leaves nothing behind that looks ready. A
database that is there already is left as it is. No secret stays: the
administrator's password is random and is forgotten, the bot has none.
"""

import argparse
import contextlib
import datetime as dt
import gc
import logging
import os
import secrets
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import opening
from chart import ACCOUNTS, KINDS
from years import open_years, years_around

MODULES = ("ir", "res", "country", "currency", "party", "company", "account")
OUR_MODULE = "jikimi_key"
BOT, PERSON = "jikimi", "bookkeeper"


class Progress(logging.Handler):
    """Counts what Tryton says that it loads, and tells the parent now and then."""

    def __init__(self, of: int) -> None:
        super().__init__(logging.INFO)
        self.done = 0
        self.of = of

    def emit(self, record: logging.LogRecord) -> None:
        """Count one model or one file; every tenth is told."""
        if record.msg in {"%s register %s", "%s load %s"}:
            self.done += 1
            if self.done % 10 == 0:
                opening.say({"step": "modules", "done": min(self.done, self.of), "of": self.of})


def size_of(modules: tuple[str, ...]) -> int:
    """How many models and files Tryton will load for *modules*."""
    from trytond.modules import get_module_info, get_module_register  # noqa: PLC0415

    files = sum(len(get_module_info(name).get("xml", ())) for name in modules)
    classes = sum(len(found) for name in modules for found, _ in get_module_register(name))
    return files + classes


def is_empty(database: str) -> bool:
    """Whether the server's *database* is still without tables; one that was left half built is refused."""
    from sql import Table  # noqa: PLC0415
    from trytond import backend  # noqa: PLC0415

    if not backend.Database(database).connect().test():
        return True
    is_whole = False
    with opening.start(database) as transaction, transaction.connection.cursor() as cursor:
        if backend.TableHandler.table_exist("company_company"):
            company = Table("company_company")
            cursor.execute(*company.select(company.id))
            is_whole = cursor.fetchone() is not None
    if not is_whole:
        raise SystemExit(f"the database {database} is half built: drop it and create an empty one")
    return False


@contextlib.contextmanager
def built_aside(database: str) -> Iterator[bool]:
    """Yield whether *database* must be built; put it in its place when the block ends well."""
    from trytond import backend, config  # noqa: PLC0415

    if backend.name != "sqlite":
        yield is_empty(database)
        return
    place = Path(config.get("database", "path"))
    aside = place / f".preparing-{database}"
    if (place / f"{database}.sqlite").exists():
        yield False
        return
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True, mode=0o700)
    config.set("database", "path", str(aside))
    backend.Database.create(None, database)
    yield True
    ready = aside / "ready"
    # Tryton keeps a write-ahead log beside its file. The copy is one plain file, which may itself be copied as it is.
    with contextlib.closing(sqlite3.connect(aside / f"{database}.sqlite")) as connection:
        connection.execute("VACUUM INTO ?", [str(ready)])
    ready.chmod(0o600)
    with ready.open("r+b") as file:
        os.fsync(file.fileno())
    ready.replace(place / f"{database}.sqlite")
    shutil.rmtree(aside, ignore_errors=True)


@contextlib.contextmanager
def trusting_shipped_data() -> Iterator[None]:
    """Do not check again, record by record, the data that Tryton's own makers ship in its modules.

    The checks cost more than half of the preparation and change nothing in the
    result. What this script adds to the books afterwards is checked as always.
    Garbage collection rests as well: everything that is loaded stays in use.
    """
    from trytond.model import ModelStorage  # noqa: PLC0415

    checks = ModelStorage.__dict__["_validate"]
    ModelStorage._validate = classmethod(lambda _model, _records, field_names=None: None)  # noqa: ARG005, SLF001
    gc.disable()
    try:
        yield
    finally:
        ModelStorage._validate = checks  # noqa: SLF001
        gc.enable()


def load_modules(database: str, *, is_plain: bool) -> Any:
    """Create Tryton's tables and load the data of its modules and, unless it is to be plain, of ours."""
    from trytond import backend  # noqa: PLC0415
    from trytond.pool import Pool  # noqa: PLC0415

    ours = () if is_plain else (OUR_MODULE,)
    progress = Progress(size_of((*MODULES, *ours)))
    logger = logging.getLogger("trytond.modules")
    logger.addHandler(progress)
    logger.propagate = False
    logger.setLevel(logging.INFO)
    backend.Database(database).connect().init()
    Pool.start()
    pool = Pool(database)
    with trusting_shipped_data():
        pool.init(update=["account", *ours], lang=["en"], activatedeps=True)
    opening.say({"step": "modules", "done": progress.of, "of": progress.of})
    logger.removeHandler(progress)
    return pool


def make_company(pool: Any, name: str, today: dt.date) -> int:
    """Create the won and the company, and answer the company's id."""
    (won,) = pool.get("currency.currency").create(
        [
            {
                "name": "원",
                "symbol": "₩",
                "code": "KRW",
                "numeric_code": "410",
                "digits": 0,
                "rounding": Decimal(1),
                "rates": [("create", [{"date": dt.date(today.year - 1, 1, 1), "rate": Decimal(1)}])],
            }
        ]
    )
    (party,) = pool.get("party.party").create([{"name": name}])
    (company,) = pool.get("company.company").create([{"party": party.id, "currency": won.id, "timezone": "Asia/Seoul"}])
    return company.id


def make_accounts(pool: Any, company: int) -> None:
    """Create the lines of the statements, then every account below its line."""
    kind_of = {}
    model = pool.get("account.account.type")
    for depth in range(3):
        wave = [kind for kind in KINDS if _depth(kind.name) == depth]
        made = model.create(
            [
                {
                    "name": kind.name,
                    "company": company,
                    "statement": kind.statement,
                    "parent": kind_of.get(kind.parent),
                    "sequence": KINDS.index(kind),
                    **dict.fromkeys(kind.flags, True),
                }
                for kind in wave
            ]
        )
        kind_of.update({kind.name: row.id for kind, row in zip(wave, made, strict=True)})
    pool.get("account.account").create(
        [
            {
                "code": account.code,
                "name": account.name,
                "company": company,
                "type": kind_of[account.kind],
                "reconcile": account.reconcile,
                "party_required": False,
            }
            for account in ACCOUNTS
        ]
    )


def _depth(name: str | None) -> int:
    parents = {kind.name: kind.parent for kind in KINDS}
    depth = 0
    while (name := parents[name]) is not None:
        depth += 1
    return depth


def make_users(pool: Any, company: int) -> None:
    """Create the bot and the person, both without a password, and lock the administrator out."""
    group = {
        name: pool.get("ir.model.data").get_id("account", name) for name in ("group_account", "group_account_admin")
    }
    of_company = {"companies": [("add", [company])], "company": company}
    user = pool.get("res.user")
    user.create(
        [
            {"name": "지킴이", "login": BOT, "groups": [("add", [group["group_account"]])], **of_company},
            {"name": "경리 담당자", "login": PERSON, "groups": [("add", sorted(group.values()))], **of_company},
        ]
    )
    (admin,) = user.search([("login", "=", "admin")])
    user.write([admin], {"password": secrets.token_urlsafe(48), **of_company})


def fill(pool: Any, database: str, company_name: str, today: dt.date) -> None:
    """Put a company with accounts, years and users into the new database, all in one transaction."""
    from trytond import __series__  # noqa: PLC0415

    def work(transaction: Any) -> None:
        pool.get("ir.configuration").create([{"series": __series__, "language": "en"}])
        company = make_company(pool, company_name, today)
        with transaction.set_context(company=company, companies=[company]):
            make_accounts(pool, company)
            open_years(pool, company, years_around(today))
            make_users(pool, company)

    opening.in_transaction(database, work)
    opening.say({"step": "company", "done": 1, "of": 1})


def main() -> int:
    """Prepare one database and tell the parent how far it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=opening.a_file, required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--company", required=True, help="the company's name")
    parser.add_argument("--today", type=opening.a_day, required=True, help="YYYY-MM-DD")
    parser.add_argument("--plain", action="store_true", help="without our module, as a company's own Tryton is")
    args = parser.parse_args()
    opening.open_config(args.config)
    with built_aside(args.database) as needed:
        if needed:
            fill(load_modules(args.database, is_plain=args.plain), args.database, args.company, args.today)
    opening.say({"step": "ready", "done": 1, "of": 1, "built": needed})
    return 0


if __name__ == "__main__":
    sys.exit(main())
