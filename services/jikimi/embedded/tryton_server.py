"""The embedded ERP: Tryton in a venv and a process of its own, on SQLite.

Its scripts lie beside this package in `services/tryton/` and are run, never imported: Tryton is GPL,
and its process is restarted without ours.
"""

import hashlib
import json
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from http import HTTPStatus
from pathlib import Path
from typing import Any

import urllib3

import jikimi
from jikimi.config import Config, Home
from jikimi.config.model import Ledger
from jikimi.embedded.part import Part
from jikimi.embedded.ports import LOOPBACK, known_ports, port_of
from jikimi.errors import NotWell
from jikimi.runtime.port import UnitSpec
from jikimi.text import Text

NAME = "erp"
CLONE = Path(jikimi.__file__).resolve().parents[2]
SCRIPTS = CLONE / "services/tryton"
VENV = CLONE / ".venv-erp"
PRACTICE_COMPANY = "연습상사"
_CONFIG = """\
[database]
uri = sqlite://
path = {data}
list = False
language = en

[web]
root = {web}

[session]
timeout = 3600

[password]
length = 12
reset_timeout = 3600
"""
Told = Callable[[dict[str, Any]], None]


class ErpScriptFailed(NotWell):
    """One of the ERP's own scripts has failed."""

    what = Text("ERP 준비 스크립트가 실패했습니다: {script}: {said}", "the ERP's script failed: {script}: {said}")
    remedy = Text(
        "`python3 start.py`를 다시 실행하세요. 계속되면 .venv-erp와 .cache 폴더를 지우고 다시 실행하세요",
        "run `python3 start.py` again; if it lasts, remove the folders .venv-erp and .cache first",
    )


class NoErpPrograms(NotWell):
    """The ERP's own venv has not been made."""

    what = Text("ERP 프로그램이 설치되지 않았습니다: {venv}", "the ERP's programs are not installed: {venv}")
    remedy = Text("`python3 start.py`로 시작하면 설치됩니다", "start with `python3 start.py`: it installs them")


def erp_key_file(home: Home) -> Path:
    """Return where the application key of the ERP stands; made at first start, for this user only."""
    path = home / "keys/erp-application"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(64), encoding="ascii")
    return path


def erp_url(home: Home) -> str:
    """Return the address of the embedded ERP of this home; "" if it was never started."""
    port = known_ports(home / "state/ports.json").get(NAME)
    return f"http://{LOOPBACK}:{port}" if port else ""


def web_client(home: Home) -> Path:
    """Return the folder of the web client, which may still be empty."""
    return home / "erp/web"


def prepare_erp(config: Config, day: date, told: Told) -> None:
    """Make both databases ready for a start: prepared if they are missing, key registered, years open."""
    home = config.home
    erp_config(home)
    names = {Ledger.COMPANY: config.settings.company.name, Ledger.PRACTICE: PRACTICE_COMPANY}
    for ledger, name in names.items():
        database = home / "erp" / f"{ledger}.sqlite"
        if not database.exists():
            _copy(template_database(day, told), database)
        told({"step": f"ready {ledger}"})
        run_script(
            "ready.py", *_at(home, ledger), "--key-file", erp_key_file(home), "--company-name", name, "--today", day
        )


def erp_part(home: Home, *, runs: bool = False) -> Part:
    """Return how the embedded ERP is run; of one that runs already, on the port that it has."""
    ports = home / "state/ports.json"
    port = (known_ports(ports).get(NAME) if runs else None) or port_of(ports, NAME)
    databases = ",".join(Ledger)
    arguments = ["--config", erp_config(home), "--host", LOOPBACK, "--port", port, "--databases", databases]
    spec = UnitSpec(NAME, _command("serve.py", *arguments), home / "logs/erp.log")
    return Part(spec, lambda _pid: _answers(f"http://{LOOPBACK}:{port}", erp_key_file(home)))


def erp_config(home: Home) -> Path:
    """Write Tryton's settings and return their path; there is no secret in them."""
    path = home / "erp/trytond.conf"
    web_client(home).mkdir(exist_ok=True)
    path.write_text(_CONFIG.format(data=home / "erp", web=web_client(home)), encoding="utf-8")
    return path


def run_script(script: str, *arguments: object, told: Told = lambda _: None) -> dict[str, Any]:
    """Run one of the ERP's scripts in its venv, hand on each JSON line that it prints, and return the last.

    Raises:
        ErpScriptFailed: with the last line of its standard error.
    """
    last: dict[str, Any] = {}
    with subprocess.Popen(
        _command(script, *arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as child:
        for last in _documents(child):
            told(last)
        _, said = child.communicate()
    if child.returncode:
        raise ErpScriptFailed(script=script, said=said.strip().rpartition("\n")[2] or child.returncode)
    return last


def template_database(day: date, told: Told) -> Path:
    """Return a prepared database to copy, built once for these scripts, these programs and this year."""
    digest = hashlib.sha256(str(day.year).encode())
    module = (path for path in SCRIPTS.glob("jikimi_key*/**/*") if path.is_file() and path.suffix != ".pyc")
    for part in sorted([*SCRIPTS.glob("*.py"), *module, SCRIPTS / "requirements.txt"]):
        digest.update(part.read_bytes())
    folder = CLONE / ".cache" / f"erp-{digest.hexdigest()[:16]}"
    if not (folder / "company.sqlite").exists():
        folder.mkdir(parents=True, exist_ok=True)
        config = folder / "trytond.conf"
        config.write_text(_CONFIG.format(data=folder, web=folder), encoding="utf-8")
        where = ("--config", config, "--database", "company")
        run_script("prepare.py", *where, "--company", "지킴이", "--today", day.isoformat(), told=told)
    return folder / "company.sqlite"


def _documents(child: "subprocess.Popen[str]") -> Iterator[dict[str, Any]]:
    for line in child.stdout or ():
        try:
            yield json.loads(line)
        except ValueError:
            continue  # not one of ours: a library's own words


def _command(script: str, *arguments: object) -> list[str]:
    python = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not python.exists():
        raise NoErpPrograms(venv=VENV.name)
    return [str(python), str(SCRIPTS / script), *map(str, arguments)]


def _at(home: Home, ledger: Ledger) -> tuple[object, ...]:
    return ("--config", home / "erp/trytond.conf", "--database", ledger.value)


def _copy(source: Path, target: Path) -> None:
    partial = target.with_suffix(".partial")
    shutil.copyfile(source, partial)
    partial.replace(target)


def _answers(url: str, key_file: Path) -> bool:
    """Whether the ERP answers with something from its database."""
    headers = {"Authorization": f"bearer {key_file.read_text(encoding='ascii').strip()}"}
    path = f"{url}/{Ledger.COMPANY}/rest/model/account.period?s=1"
    try:
        return urllib3.request("GET", path, headers=headers, timeout=5, retries=False).status == HTTPStatus.OK
    except urllib3.exceptions.HTTPError:
        return False
