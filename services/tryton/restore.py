"""Bring the books of a new stack into its PostgreSQL server, from the dump that the image carries.

A database that is there already is left as it is. A new one is filled under
another name and gets its own by one rename, so a restore that is killed leaves
nothing behind that looks ready. The server's address is that of Tryton's
configuration; its password stands in the file that PGPASSFILE names.
"""

import argparse
import gzip
import sys
from pathlib import Path

import opening

_ASIDE = "{}_restoring"


def restore(uri: str, database: str, dump: str) -> bool:
    """Restore *dump* as *database* unless there is one; answer whether there was anything to do."""
    import psycopg  # noqa: PLC0415
    from psycopg import sql  # noqa: PLC0415

    aside = sql.Identifier(_ASIDE.format(database))
    with psycopg.connect(f"{uri}postgres", autocommit=True) as server:
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            return False
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(aside))
        server.execute(sql.SQL("CREATE DATABASE {}").format(aside))
        with psycopg.connect(f"{uri}{_ASIDE.format(database)}") as books:
            books.execute(dump.encode())  # without parameters many statements may be sent at once
        server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(aside, sql.Identifier(database)))
    return True


def read_dump(path: Path) -> str:
    """Read a plain dump; what is meant for psql alone begins with a backslash and is left out."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return "".join(line for line in file if not line.startswith("\\"))


def main() -> int:
    """Restore the databases that are missing and say which."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=opening.a_file, required=True)
    parser.add_argument("--dump", type=opening.a_file, required=True, help="made by pg_dump --inserts, gzip")
    parser.add_argument("--databases", required=True, help="names, separated by commas")
    args = parser.parse_args()
    opening.open_config(args.config)
    from trytond import config  # noqa: PLC0415

    dump, uri = read_dump(args.dump), config.get("database", "uri")
    for database in args.databases.split(","):
        opening.say({"step": "restored", "database": database, "new": restore(uri, database, dump)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
