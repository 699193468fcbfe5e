"""The way into the ledger for a person."""

import shutil
from datetime import datetime

import click

from jikimi.cli.context import Context, NotRunning, erp_address, print_document
from jikimi.cli.show import Show
from jikimi.config.model import Ledger
from jikimi.embedded.tryton_server import erp_config, run_script, web_client
from jikimi.errors import WrongUse
from jikimi.supervisor.stack import owner
from jikimi.text import Text

PERSON = "bookkeeper"
_FETCHING = Text("웹 화면을 내려받습니다 (처음 한 번)", "fetching the web client (the first time only)")
_LOGIN = Text(
    """\
주소      {url}
데이터베이스 {database}
사용자    {user}
암호      {password}   ({expires}까지; 들어가서 새 암호를 정하세요)""",
    """\
address   {url}
database  {database}
user      {user}
password  {password}   (until {expires}; choose your own inside)""",
)
_BROWSER = Text("웹 브라우저로 여세요.", "open it in a web browser.")
_DESKTOP = Text(
    "npm이 없어 웹 화면이 없습니다. npm을 설치하고 다시 실행하거나, Tryton 8.0 데스크톱 프로그램으로 여세요.",
    "there is no web client, for npm is missing: install npm and run this again, or use Tryton's desktop client 8.0.",
)


class ErpElsewhere(WrongUse):
    """The ERP is not run by this stack's own processes."""

    what = Text(
        "이 명령은 여기서 ERP에 들어갈 수 없습니다: {url}", "this command cannot get into the ERP from here: {url}"
    )
    remedy = Text(
        "컨테이너라면 `docker compose exec erp erp-login`, 회사의 ERP라면 그 관리자에게 물어보세요",
        "in containers: `docker compose exec erp erp-login`; of a company's own ERP ask whoever runs it",
    )


@click.group()
def command() -> None:
    """The ERP that this stack runs."""


@command.command()
@click.option(
    "--ledger",
    type=click.Choice([ledger.value for ledger in Ledger]),
    default=Ledger.COMPANY.value,
    help="company, or practice (연습).",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def login(context: Context, ledger: str, as_json: bool) -> int:
    """Give the bookkeeper a new password for one hour, and say how to open the ledger.

    \b
    Examples:
      jikimi erp login
      jikimi erp login --ledger practice
    """
    if url := context.config.settings.erp.url:
        raise ErpElsewhere(url=url)
    if owner(context.home) is None:
        raise NotRunning(home=context.home.root)
    show = Show(context.lang, called=context.called, quiet=as_json)
    has_client = _fetch_web_client(context, show)
    config = erp_config(context.home)
    given = run_script("login.py", "--config", config, "--database", ledger, "--user", PERSON)
    document = {**given, "url": f"{erp_address(context.config)}/", "web_client": has_client}
    if as_json:
        return print_document("login", document)
    expires = datetime.fromisoformat(given["expires"]).astimezone(context.config.settings.zone)
    show.say(_LOGIN, **{**document, "expires": f"{expires:%H:%M}"})
    show.say(_BROWSER if has_client else _DESKTOP)
    return 0


def _fetch_web_client(context: Context, show: Show) -> bool:
    """Return whether the web client is there, after fetching it if it can be had."""
    folder = web_client(context.home)
    if (folder / "index.html").exists():
        return True
    if shutil.which("npm") is None:
        return False
    with show.bar(_FETCHING) as progress:
        run_script(
            "webclient.py",
            "--into",
            folder,
            told=lambda step: progress.update(
                progress.task_ids[0], completed=step.get("done", 0), total=step.get("of")
            ),
        )
    return True
