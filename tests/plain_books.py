"""Books as Tryton itself makes them: those of a company's own server, and those of our first release."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

from filelock import FileLock

from jikimi.embedded.tryton_server import CLONE, run_script


def plain_template(template: Path, day: date) -> Path:
    """Return a prepared database without our module, beside the *template* that has it; built once for all workers."""
    folder = template.parent.with_name(f"{template.parent.name}-plain")
    with FileLock(CLONE / ".cache/plain.lock"):
        if not (folder / "company.sqlite").exists():
            folder.mkdir(exist_ok=True)
            config = folder / "trytond.conf"
            config.write_text(f"[database]\nuri = sqlite://\npath = {folder}\nlist = False\n", encoding="utf-8")
            where = ("--config", config, "--database", "company")
            run_script("prepare.py", *where, "--company", "지킴이", "--today", day.isoformat(), "--plain")
    return folder / "company.sqlite"


def register_key(database: Path, key: str) -> None:
    """Let *key* speak for the bot, as a person would who runs a server of their own."""
    with closing(sqlite3.connect(database)) as base, base:
        base.execute(
            'INSERT INTO res_user_application (create_uid, create_date, key, "user", application, state)'
            " SELECT 0, CURRENT_TIMESTAMP, ?, id, 'rest', 'validated' FROM res_user WHERE login = 'jikimi'",
            [key],
        )
