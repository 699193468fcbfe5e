"""What `restart`, `stop`, `start`, `pause`, `resume` and `maintenance` have in common: give an order, see it done."""

import getpass
from collections.abc import Callable, Sequence
from typing import Any

import click

from jikimi.broker import connect
from jikimi.cli.context import Context, NotRunning, print_document, redis_address
from jikimi.errors import NotWell, WrongUse
from jikimi.queue.local_control import ask_locally
from jikimi.queue.port import NoAnswer, QueueAway
from jikimi.queue.rq_queue import RqQueue
from jikimi.queue.signing import SignedJson, signing_keys
from jikimi.status.reader import read
from jikimi.supervisor.stack import owner
from jikimi.text import Text

_ANSWERED_WITHIN_S = 3.0
_DONE_WITHIN_S = 180.0
_LOOK_S = 0.1
_DONE = Text("완료: {units}", "done: {units}")
Units = dict[str, dict[str, Any]]


units_argument = click.argument("units", nargs=-1, required=True)


def order_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command what each order takes: the note, the answer as JSON, and the context."""
    json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
    kept = "Why; it is kept in outputs/watchdog_log.jsonl with your name."
    return click.option("--note", default="", help=kept)(json_option(click.pass_obj(command)))


class OrderRefused(WrongUse):
    """The supervisor does not accept an order."""

    what = Text("감독자가 받아들이지 않았습니다: {why}", "the supervisor does not accept it: {why}")
    remedy = Text("유닛 이름은 jikimi status에 있습니다", "`jikimi status` shows the units' names")


class NotYetDone(NotWell):
    """An order was accepted, but what it asks for has not come about."""

    what = Text("{seconds}초 안에 끝나지 않았습니다: {units}", "not done within {seconds} s: {units}")
    remedy = Text("jikimi status와 jikimi incidents를 보세요", "look at `jikimi status` and `jikimi incidents`")


def give(
    context: Context,
    op: str,
    units: Sequence[str],
    *,
    is_done: Callable[[dict[str, Any], dict[str, Any]], bool],
    note: str = "",
    for_s: float | None = None,
    as_json: bool = False,
) -> int:
    """Give the order, wait until it has come about, and say so.

    Args:
        units: whom it concerns; none, or "all", means all.
        is_done: gets a unit as it was before and as it is now.
    """
    if owner(context.home) is None:
        raise NotRunning(home=context.home.root)
    before = _units(context)
    wanted = [] if list(units) == ["all"] else list(units)
    wish = {"at": context.clock.now().isoformat(), "units": wanted, "note": _signed(note), "for_s": for_s}
    reply = ask(context, op, wish)
    concerned = [name for name in reply["units"] if name in before]
    give_up_at = context.clock.ticks() + _DONE_WITHIN_S
    while left := [name for name in concerned if not is_done(before[name], _units(context).get(name, {}))]:
        if context.clock.ticks() > give_up_at:
            raise NotYetDone(seconds=round(_DONE_WITHIN_S), units=", ".join(left))
        context.clock.wait(_LOOK_S)
    if as_json:
        return print_document("order", {"op": op, "units": concerned})
    context.say(_DONE, units=", ".join(concerned))
    return 0


def control_key(context: Context, actor: str) -> SignedJson:
    """Return what signs and verifies the orders of *actor*."""
    return SignedJson(signing_keys(context.home / f"keys/control-{actor}"))


def ask(context: Context, op: str, wish: dict[str, Any], actor: str = "cli") -> dict[str, Any]:
    """Ask by the queue, and at the door of this machine if Redis or its answer is away; return the reply.

    Raises:
        OrderRefused: the supervisor does not accept it. QueueAway: it is not to be reached.
    """
    reply = _reply(context, op, wish, actor)
    if not reply["accepted"]:
        raise OrderRefused(why=reply["why"])
    return reply


def _reply(context: Context, op: str, wish: dict[str, Any], actor: str) -> dict[str, Any]:
    signer = control_key(context, actor)
    order_id = f"control-{actor}-{round(context.clock.now().timestamp() * 1000)}"
    redis = connect(redis_address(context.config), retries=0, timeout_s=_ANSWERED_WITHIN_S)
    queue = RqQueue(redis, signer, context.clock)
    try:
        queue.submit(op, wish, order_id)
        return dict(queue.answer(order_id, _ANSWERED_WITHIN_S))
    except (QueueAway, NoAnswer):
        return ask_locally(context.home.run_dir / "control.sock", order_id, op, wish, signer)


def _signed(note: str) -> str:
    return f"{getpass.getuser()}: {note}" if note else getpass.getuser()


def _units(context: Context) -> Units:
    status = read(context.home.status_file, context.clock.now().timestamp())
    return {unit["name"]: unit for unit in status.get("units", []) if unit["name"] != "supervisor"}
