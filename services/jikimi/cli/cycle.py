"""Run a cycle now."""

from typing import Any

import click

from jikimi.cli.context import Context, print_document
from jikimi.cli.foresee import foresee, print_foreseen
from jikimi.cli.show import Show
from jikimi.inbox import ready
from jikimi.text import Text
from jikimi.vouchers.intake import places

_WITHIN_S = 600.0
_NOTHING = Text("편지함에 가져갈 파일이 없습니다", "there is nothing to take in the inbox")
_DONE = Text(
    "{total}줄: 기표 {posted}, 이미 있음 {already}, 거절 {rejected}, 대기 {waiting}, 확인 필요 {unknown};"
    " 중복 파일 {duplicates}; 차변 {debit} = 대변 {credit} {mark}",
    "{total} lines: {posted} posted, {already} already, {rejected} rejected, {waiting} waiting, {unknown} unknown;"
    " {duplicates} duplicate files; debit {debit} = credit {credit} {mark}",
)
_AWAY = Text("ERP가 쉬고 있습니다: {why}", "away: {why}")


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be done with each file; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def command(context: Context, dry_run: bool, as_json: bool) -> int:
    """Take what lies in the inbox and post it now, without waiting for the watcher.

    \b
    Examples:
      jikimi cycle
      jikimi cycle --dry-run
    """
    if dry_run:
        return _dry_run(context, as_json=as_json)
    queue = context.queue()
    job = f"erp-cycle-{round(context.clock.now().timestamp() * 1000)}"
    queue.submit("cycle", {}, job)
    document = dict(queue.answer(job, _WITHIN_S))
    code = 0 if document["proof"] and document["outcome"] == "done" else 2
    if as_json:
        return print_document("cycle", document, code)
    _print(context, document)
    return code


def _print(context: Context, document: dict[str, Any]) -> None:
    if not document["files"] and not document["away"]:
        context.say(_NOTHING)
        return
    mark = "✓" if document["proof"] else "✗"
    context.say(_DONE, total=document["in"], mark=mark, **{name: document[name] for name in document if name != "in"})
    for why in document["away"]:
        context.say(_AWAY, why=why)


def _dry_run(context: Context, *, as_json: bool) -> int:
    settings = context.config.settings
    found = ready(context.home, places(settings.profiles), context.clock.now(), settings.inbox.settle)
    foreseen = [foresee(context, file.path, file.place or None) for file in found]
    if as_json:
        return print_document("cycle", {"dry_run": True, "files": foreseen})
    if not found:
        context.say(_NOTHING)
    for document in foreseen:
        print_foreseen(Show(context.lang, called=context.called), document)
    return 0
