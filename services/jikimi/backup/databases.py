"""The ERP's databases on their server, as a restore exchanges them: by renaming, while nobody is connected."""

from collections.abc import Callable, Mapping
from pathlib import Path

from jikimi.backup.postgres import address_of, run_client

_MAIN = "postgres"
_COUNTS = """
SELECT table_name, (xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM %I.%I',
  table_schema, table_name), false, true, '')))[1]::text
FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema = 'public'
"""
Ask = Callable[..., str]  # a database and words of psql -> what it printed


def client(*place: str) -> tuple[str, ...]:
    """Return the words with which psql is asked for values, and ends at the first error."""
    return ("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *place)


def load(ask: Ask, database: str, dump: Path) -> Mapping[str, int]:
    """Make *database* out of a plain dump and return how many rows each table has.

    Raises:
        NotStored: with the server's own words.
    """
    ask(_MAIN, "-c", f'CREATE DATABASE "{database}"')
    ask(database, "--single-transaction", "-f", str(dump))
    lines = ask(database, "-F", "\t", "-c", _COUNTS).splitlines()
    pairs = (line.rpartition("\t") for line in lines)
    return {table: int(rows) for table, _, rows in pairs}


class Databases:
    """The databases of the server at *url*; each method asks the server anew.

    Raises:
        NotStored: the server is away, or refuses.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def exists(self, place: str) -> bool:
        """Return whether there is a database of that name."""
        return place in self._ask(_MAIN, "-c", "SELECT datname FROM pg_database").splitlines()

    def move(self, source: str, target: str) -> None:
        """Rename, which the server does wholly or not at all."""
        self._ask(_MAIN, "-c", f'ALTER DATABASE "{source}" RENAME TO "{target}"')

    def remove(self, place: str) -> None:
        """Drop it, and whoever is still connected."""
        self._ask(_MAIN, "-c", f'DROP DATABASE IF EXISTS "{place}" WITH (FORCE)')

    def load(self, database: str, dump: Path) -> Mapping[str, int]:
        """Make *database* out of a plain dump and return how many rows each table has."""
        return load(self._ask, database, dump)

    def is_used(self, database: str) -> bool:
        """Return whether anybody is connected to it."""
        return database in self._ask(_MAIN, "-c", "SELECT datname FROM pg_stat_activity").splitlines()

    def _ask(self, database: str, *words: str) -> str:
        return run_client(*client("-d", address_of(self._url, database)), *words)


def rows_wrong(name: str, expected: Mapping[str, int], found: Mapping[str, int]) -> bool:
    """Return whether a table of the dump *name* has not the rows that *expected*, "dump:table" -> rows, says."""
    head = f"{name}:"
    return any(found.get(key.removeprefix(head)) != rows for key, rows in expected.items() if key.startswith(head))
