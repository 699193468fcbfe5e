"""List the statements that were taken."""

import click
from rich.table import Table

from jikimi.cli.context import Context, print_document
from jikimi.cli.show import Show
from jikimi.cli.worker import QUICK_S, ask_worker
from jikimi.config.model import Ledger
from jikimi.text import Text

_NONE = Text("가져온 파일이 없습니다", "no file was taken yet")
_HEADS = {
    "id": Text("번호", "id"),
    "name": Text("파일", "file"),
    "profile": Text("프로필", "profile"),
    "first": Text("첫날", "first day"),
    "last": Text("마지막 날", "last day"),
    "rows": Text("줄", "rows"),
    "posted": Text("기표", "posted"),
    "open": Text("대기", "open"),
}


@click.command()
@click.option("--open", "open_only", is_flag=True, help="Only files with rows that still wait.")
@click.option("--ledger", type=click.Choice([ledger.value for ledger in Ledger]), default=Ledger.COMPANY.value)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def command(context: Context, open_only: bool, ledger: str, as_json: bool) -> int:
    """List the files that were taken, newest first, with the ids that other commands accept.

    \b
    Examples:
      jikimi files --open
      jikimi files --ledger practice
    """
    document = ask_worker(context, "files", {"ledger": ledger, "open_only": open_only}, QUICK_S)
    if as_json:
        return print_document("files", document, 0)
    if not document["files"]:
        context.say(_NONE)
        return 0
    table = Table(*(head.say(context.lang) for head in _HEADS.values()), box=None)
    for file in document["files"]:
        table.add_row(*(str(file[name]) for name in _HEADS))
    Show(context.lang, called=context.called).console.print(table)
    return 0
