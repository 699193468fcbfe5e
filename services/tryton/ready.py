"""Make a prepared ERP database ready for this start of the server.

The bot's key is renewed from its key file, the company gets its name, the
fiscal year after this one is opened when it is missing, and books without our
module `jikimi_key` (those of the first release, or of an old backup) get it
once. All but the last two is plain SQL, so this takes a fraction of a second.
The key is never an argument and never printed.
"""

import argparse
import datetime as dt
import string
import sys
from pathlib import Path
from typing import Any

import opening
from years import open_years, years_around

BOT, OUR_MODULE = "jikimi", "jikimi_key"
_MIN_KEY = 32


class KeyUnfit(ValueError):
    """The key file does not hold one long word of letters and digits."""


def read_key(path: Path) -> str:
    """Read the key from *path*; a short or broken one is refused."""
    key = path.read_text(encoding="ascii").strip()
    if len(key) < _MIN_KEY or not set(key) <= set(string.ascii_letters + string.digits + "-_"):
        raise KeyUnfit(f"the key in {path} is shorter than {_MIN_KEY} characters or has others than A-Z a-z 0-9 - _")
    return key


def renew_key(cursor: Any, key: str) -> bool:
    """Let *key*, and no other, speak for the bot over REST; answer whether anything changed."""
    from sql import Table  # noqa: PLC0415
    from sql.functions import CurrentTimestamp  # noqa: PLC0415

    user, row = Table("res_user"), Table("res_user_application")
    cursor.execute(*user.select(user.id, where=user.login == BOT))
    (bot,) = cursor.fetchone()
    cursor.execute(*row.select(row.key, row.application, row.state, where=row.user == bot))
    if [tuple(found) for found in cursor.fetchall()] == [(key, "rest", "validated")]:
        return False
    # Deleted and not only cancelled: an old key need not lie in the database in clear.
    cursor.execute(*row.delete(where=row.user == bot))
    columns = [row.create_uid, row.create_date, row.key, row.user, row.application, row.state]
    cursor.execute(*row.insert(columns, [[0, CurrentTimestamp(), key, bot, "rest", "validated"]]))
    return True


def name_company(cursor: Any, name: str) -> bool:
    """Give the company *name*; answer whether it had another."""
    from sql import Table  # noqa: PLC0415

    party, company = Table("party_party"), Table("company_company")
    which = party.id.in_(company.select(company.party)) & (party.name != name)
    cursor.execute(*party.select(party.id, where=which))
    if cursor.fetchone() is None:
        return False
    cursor.execute(*party.update([party.name], [name], where=which))
    return True


def missing_years(cursor: Any, today: dt.date) -> list[int]:
    """The years around *today* that have no fiscal year yet."""
    from sql import Table  # noqa: PLC0415

    year = Table("account_fiscalyear")
    missing = []
    for wanted in years_around(today):
        first = dt.date(wanted, 1, 1)
        cursor.execute(*year.select(year.id, where=(year.start_date <= first) & (year.end_date >= first)))
        if cursor.fetchone() is None:
            missing.append(wanted)
    return missing


def lacks_module(cursor: Any) -> bool:
    """Whether the books are without our module, or a start was killed while they got it."""
    from sql import Table  # noqa: PLC0415

    module = Table("ir_module")
    where = (module.name == OUR_MODULE) & (module.state == "activated")
    cursor.execute(*module.select(module.id, where=where))
    return cursor.fetchone() is None


def add_module(database: str) -> None:
    """Give the books our module, which takes over the keys that stood in descriptions."""
    from trytond.pool import Pool  # noqa: PLC0415

    Pool.start()
    Pool(database).init(update=[OUR_MODULE], lang=["en"])


def add_years(database: str, years: list[int]) -> None:
    """Open *years* through Tryton itself."""
    from trytond.pool import Pool  # noqa: PLC0415

    Pool.start()
    pool = Pool(database)
    pool.init()

    def work(transaction: Any) -> None:
        (company,) = pool.get("company.company").search([])
        with transaction.set_context(company=company.id, companies=[company.id]):
            open_years(pool, company.id, years)

    opening.in_transaction(database, work)


def main() -> int:
    """Make one database ready and say what was changed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=opening.a_file, required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--key-file", type=opening.a_file, required=True)
    parser.add_argument("--company-name")
    parser.add_argument("--today", type=opening.a_day, required=True, help="YYYY-MM-DD")
    args = parser.parse_args()
    try:
        key = read_key(args.key_file)
    except ValueError as unfit:
        parser.error(str(unfit))
    opening.open_config(args.config)
    with opening.start(args.database) as transaction, transaction.connection.cursor() as cursor:
        renewed = renew_key(cursor, key)
        named = name_company(cursor, args.company_name) if args.company_name else False
        years = missing_years(cursor, args.today)
        lacks = lacks_module(cursor)
    if lacks:
        add_module(args.database)
    if years:
        add_years(args.database, years)
    opening.say({"step": "ready", "key": renewed, "name": named, "years": years, "module": lacks})
    return 0


if __name__ == "__main__":
    sys.exit(main())
