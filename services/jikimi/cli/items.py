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
_WITHIN_S = 5.0


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
@click.argument("key")
@click.option("--flow", help="Its flow, where several have that key.")
@click.pass_obj
def retry(context: Context, key: str, flow: str | None) -> int:
    """Give the item KEY, which was refused or has failed, all its attempts anew."""
    return _order(context, "retry_item", _named(context, key, flow), {})


@command.command("resolve")
@click.argument("key")
@click.option("--flow", help="Its flow, where several have that key.")
@click.option("--went-through/--not-there", "went_through", required=True, help="What you saw on the other side.")
@click.pass_obj
def resolve(context: Context, key: str, flow: str | None, went_through: bool) -> int:
    """Say what became of the item KEY, which is in doubt: look on the other side first."""
    answer = {"went_through": went_through, "who": getpass.getuser()}
    return _order(context, "resolve_item", _named(context, key, flow), answer)


def _order(context: Context, task: str, named: Mapping[str, str], more: Mapping[str, Any]) -> int:
    queue = context.queue()
    job = f"{QUEUE}-{task}-{round(context.clock.now().timestamp() * 1000)}"
    queue.submit(task, {**named, **more}, job)
    try:
        answer = queue.answer(job, _WITHIN_S)
    except NoAnswer:
        context.say(_LATER, **named)
        return 0
    state = answer["state"]
    said = WORDS[State(state)].say(context.lang) if state in set(State) else state
    if answer["outcome"] != "done":
        raise NotNow(**named, state=said)
    context.say(_SAID, **named, state=said)
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
