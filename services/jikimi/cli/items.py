"""`jikimi items`: the work items of flows, and what a person decides about them."""

import getpass
import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from jikimi.cli.context import Context, print_document
from jikimi.cli.desk import values_of
from jikimi.errors import WrongUse
from jikimi.queue.port import NoAnswer
from jikimi.rpa.flow import QUEUE
from jikimi.rpa.flow_files import load_flow
from jikimi.rpa.item import WORDS, State
from jikimi.rpa.reception import hand_in
from jikimi.rpa.snapshot import FILE, read_snapshot
from jikimi.text import Text

_NONE = Text("작업 항목이 없습니다", "there are no items")
_LINE = Text(
    "{state}  {flow}  {key}  시도 {attempts}  {source}  {what}",
    "{state}  {flow}  {key}  attempts {attempts}  {source}  {what}",
)
_HANDED = Text("넣었습니다: {file}", "handed in: {file}")
_SAID = Text("{flow} {key}: 이제 {state}", "{flow} {key}: now {state}")
_LATER = Text(
    "작업 중인 항목이 끝나면 반영됩니다: {flow} {key}", "it counts as soon as the running item is over: {flow} {key}"
)
_NONE_FAILED = Text("실패한 항목이 없습니다", "no item has failed")
_MORE_FAILED = Text(
    "더 오래 전에 실패한 항목이 {count}개 남았습니다. 한 번 더 실행하세요",
    "{count} that failed longer ago are left: run it once more",
)
_WITHIN_S = 5.0
_EACH_S = 1.0  # beyond the first: each is a job of its own
_LOOK_S = 0.1  # whoever's time is over may have been answered meanwhile


class NoSuchItem(WrongUse):
    """No item, or several, go by that key."""

    what = Text("{key}: 항목이 {count}개 있습니다", "{key}: there are {count} items of that key")
    remedy = Text("목록: jikimi items; 흐름은 --flow 로", "the list: jikimi items; name the flow with --flow")


class NotNow(WrongUse):
    """The item does not stand so that this could be done with it."""

    what = Text("{flow} {key}: 지금 상태({state})에서는 할 수 없습니다", "{flow} {key}: not while it is {state}")
    remedy = Text(
        "retry는 업무 오류와 실패에, resolve는 확인 필요에 씁니다",
        "retry is for what was refused or has failed, resolve for what is in doubt",
    )


class WhichOnes(WrongUse):
    """Neither keys are given nor all that have failed are meant, or both."""

    what = Text("다시 할 항목이 분명하지 않습니다", "it is not clear which items are meant")
    remedy = Text("키를 쓰거나 --failed 만 쓰세요", "give their keys, or --failed alone")


@click.group(invoke_without_command=True)
@click.option("--state", type=click.Choice([state.value for state in State]), help="Only those.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_context
def command(ctx: click.Context, state: str | None, as_json: bool) -> int:
    """Show the work items of flows; or hand in, retry, resolve one.

    \b
    Examples:
      jikimi items
      jikimi items add voucher key=A-1 금액=12000
      jikimi items retry A-1
      jikimi items retry --failed
      jikimi items resolve A-1 --went-through
    """
    if ctx.invoked_subcommand:
        return 0
    context: Context = ctx.obj
    document = dict(read_snapshot(context.home / FILE))
    found = [item for item in document["items"] if state in (None, item["state"])]
    code = 2 if document["counts"][State.IN_DOUBT] or document["counts"][State.FAILED] else 0
    if as_json:
        return print_document("items", {**document, "items": found}, code)
    _print(context, found)
    return code


@command.command("add")
@click.argument("flow")
@click.argument("values", nargs=-1, required=True)
@click.pass_obj
def add(context: Context, flow: str, values: tuple[str, ...]) -> int:
    """Hand in one item for FLOW, of VALUES such as `key=A-1 금액=12000`; a key that is known already counts once."""
    load_flow(context.home / "flows", flow)
    key, data = values_of(values)
    file = hand_in(context.home, flow, key, data, context.clock.now())
    context.say(_HANDED, file=file)
    return 0


@command.command("retry")
@click.argument("keys", nargs=-1)
@click.option("--failed", is_flag=True, help="All that have failed, the newest 200 of them.")
@click.option("--flow", help="Their flow, where several have that key.")
@click.pass_obj
def retry(context: Context, keys: tuple[str, ...], failed: bool, flow: str | None) -> int:
    """Give the items KEYS, which were refused or have failed, all their attempts anew."""
    if bool(keys) is failed:
        raise WhichOnes
    if not failed:
        return _order(context, "retry_item", [_named(context, key, flow) for key in dict.fromkeys(keys)], {})
    snapshot = read_snapshot(context.home / FILE)
    there = [item for item in snapshot["items"] if item["state"] == State.FAILED]
    named = [{"flow": item["flow"], "key": item["key"]} for item in there if flow in (None, item["flow"])]
    if not named:
        context.say(_NONE_FAILED)
        return 0
    code = _order(context, "retry_item", named, {})
    if left := snapshot["counts"][State.FAILED] - len(there):
        context.say(_MORE_FAILED, count=left)
    return code


@command.command("resolve")
@click.argument("key")
@click.option("--flow", help="Its flow, where several have that key.")
@click.option("--went-through/--not-there", "went_through", required=True, help="What you saw on the other side.")
@click.pass_obj
def resolve(context: Context, key: str, flow: str | None, went_through: bool) -> int:
    """Say what became of the item KEY, which is in doubt: look on the other side first."""
    answer = {"went_through": went_through, "who": getpass.getuser()}
    return _order(context, "resolve_item", [_named(context, key, flow)], answer)


def _order(context: Context, task: str, items: Sequence[Mapping[str, str]], more: Mapping[str, Any]) -> int:
    """Order it for all *items*, then say what became of each; the first one of which it cannot be done is raised."""
    queue, now = context.queue(), round(context.clock.now().timestamp() * 1000)
    give_up_at = context.clock.ticks() + _WITHIN_S + _EACH_S * (len(items) - 1)
    refused: list[NotNow] = []
    jobs = [(f"{QUEUE}-{task}-{now}-{number}", named) for number, named in enumerate(items)]
    for job, named in jobs:
        queue.submit(task, {**named, **more}, job)
    for job, named in jobs:
        try:
            answer = queue.answer(job, max(give_up_at - context.clock.ticks(), _LOOK_S))
        except NoAnswer:
            context.say(_LATER, **named)
            continue
        state = answer["state"]
        said = WORDS[State(state)].say(context.lang) if state in set(State) else state
        if answer["outcome"] != "done":
            refused.append(NotNow(**named, state=said))
        else:
            context.say(_SAID, **named, state=said)
    for other in refused[1:]:
        context.say(NotNow.what, **other.facts)
    if refused:
        raise refused[0]
    return 0


def _named(context: Context, key: str, flow: str | None) -> dict[str, str]:
    items = read_snapshot(context.home / FILE)["items"]
    found = [item for item in items if item["key"] == key and flow in (None, item["flow"])]
    if len(found) != 1:
        raise NoSuchItem(key=key, count=len(found))
    return {"flow": found[0]["flow"], "key": key}


def _print(context: Context, found: Sequence[Mapping[str, Any]]) -> None:
    if not found:
        context.say(_NONE)
    for item in found:
        result = json.dumps(item["result"], ensure_ascii=False) if item["result"] else ""
        state = WORDS[State(item["state"])].say(context.lang)
        context.say(_LINE, **{**item, "state": state, "what": item["reason"] or result})
