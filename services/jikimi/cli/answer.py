"""Say whether a waiting row is the transaction that it was likened to."""

import getpass

import click

from jikimi.cli.context import Context, print_document
from jikimi.cli.worker import PATIENCE_S, ask_worker
from jikimi.config.model import Ledger
from jikimi.text import Text

_NONE = Text("{key}: 답을 기다리는 줄이 없습니다", "no row with the key {key} waits for an answer")
_DONE = Text(
    "{answered}줄에 답했습니다: 기표 {posted}, 이미 있음 {already}, 거절 {rejected}, 대기 {waiting}",
    "answered for {answered} rows: {posted} posted, {already} already, {rejected} rejected, {waiting} waiting",
)
_SHOWN = ("answered", "posted", "already", "rejected", "waiting")


def _command(name: str, text: str, *, same: bool) -> click.Command:
    """Return the command that gives one of the two answers."""

    @click.command(name=name, help=text)
    @click.argument("key")
    @click.option("--ledger", type=click.Choice([ledger.value for ledger in Ledger]), default=Ledger.COMPANY.value)
    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
    @click.pass_obj
    def command(context: Context, key: str, ledger: str, as_json: bool) -> int:
        asked = {"wanted": key, "same": same, "ledger": ledger, "who": getpass.getuser()}
        document = ask_worker(context, "answer", asked, PATIENCE_S)
        code = 0 if document["answered"] and document["proof"] else 2
        if as_json:
            return print_document("answer", document, code)
        if document["answered"]:
            context.say(_DONE, **{field: document[field] for field in _SHOWN})
        else:
            context.say(_NONE, key=key)
        return code

    return command


same = _command("same", "Say that the waiting row KEY is the transaction that it was likened to.", same=True)
different = _command("different", "Say that the waiting row KEY is another transaction, and post it.", same=False)
