"""A PostgreSQL database as plain SQL, which a repository can share between days as no packed dump can.

`pg_dump` reads in one transaction, so that the ledger is whole and nobody waits for it. Its exit code counts, and so
does the line with which a whole dump ends: a copy that broke off looks like a shorter ledger.
"""

import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from jikimi.backup.helper_process import bound
from jikimi.backup.port import NotStored
from jikimi.config.load import inherited

FOLDER, ENDING = "databases", ".sql"
_WITHIN_S = 3600.0
_CONNECTS_WITHIN_S = 15
_ENDS_WITH = b"-- PostgreSQL database dump complete"
_TAIL = 4096
_WHY = 300


@dataclass(frozen=True, slots=True)
class Postgres:
    """A server and those of its databases that are saved.

    Attributes:
        url: without a password: the client's programs find that in the file that PGPASSFILE names.
    """

    url: str
    databases: tuple[str, ...]

    def dump(self, database: str, target: Path) -> Mapping[str, int]:
        """Write *database* to *target* and return how many rows each table has in it.

        Raises:
            NotStored: the server is away, or the dump is not whole.
        """
        partial = target.with_name(f"{target.name}.partial")
        address = address_of(self.url, database)
        try:
            run_client("pg_dump", "--format", "plain", "--no-owner", "--file", str(partial), address)
            with partial.open("rb") as file:
                check_whole(file)
                rows = copied_rows(file)
                os.fsync(file.fileno())
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise NotStored(doing="pg_dump", why=str(error)) from error
        except NotStored:
            partial.unlink(missing_ok=True)
            raise
        partial.replace(target)
        return rows


def address_of(url: str, database: str) -> str:
    """Return the address of *database* on the server at *url*; a server that is silent is not waited for."""
    return f"{url.rstrip('/')}/{database}?connect_timeout={_CONNECTS_WITHIN_S}"


def check_whole(dump: BinaryIO) -> None:
    """Look at how a plain dump ends, and stand at its begin again.

    Raises:
        NotStored: it breaks off.
    """
    length = dump.seek(0, os.SEEK_END)
    dump.seek(max(0, length - _TAIL))
    if _ENDS_WITH not in dump.read():
        raise NotStored(doing="pg_dump", why="the dump breaks off")
    dump.seek(0)


def run_client(program: str, *words: str, told: str = "", within_s: float = _WITHIN_S) -> str:
    """Run one of PostgreSQL's programs, told *told* on its standard input, and return what it printed.

    Raises:
        NotStored: it failed, with its own words; it is missing; or it did not end in time.
    """
    try:
        done = subprocess.run(
            bound([program, *words]), input=told, env=dict(inherited()), capture_output=True, text=True,
            timeout=within_s, check=False, errors="replace",
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotStored(doing=program, why=str(error)) from error
    if done.returncode:
        said = " ".join(done.stderr.split())
        raise NotStored(doing=program, why=said[-_WHY:] or f"exit code {done.returncode}")
    return done.stdout


def copied_rows(lines: Iterable[bytes]) -> dict[str, int]:
    """Return table -> rows of a plain dump, as its COPY blocks have them."""
    rows: dict[str, int] = {}
    table, count = "", 0
    for line in lines:
        if table:
            if line.startswith(b"\\."):
                rows[table] = count
                table = ""
            else:
                count += 1
        elif line.startswith(b"COPY ") and line.rstrip().endswith(b"FROM stdin;"):
            table, count = _table(line), 0
    return rows


def _table(line: bytes) -> str:
    """Return the table's name without its schema: `COPY public.account_move (id, …) FROM stdin;`."""
    name = line[len(b"COPY ") :].partition(b" (")[0].decode(errors="replace").strip()
    return name.removeprefix("public.").strip('"')
