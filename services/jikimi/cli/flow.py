"""`jikimi flow`: write flows, and try them on one's own desk."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from jikimi.cli.context import Context, print_document
from jikimi.cli.desk import DeskRun, values_of
from jikimi.errors import WrongUse
from jikimi.logs import log_to
from jikimi.rpa.flow import Flow
from jikimi.rpa.flow_files import load_flow, load_flows
from jikimi.rpa.item import WORDS, Item, State
from jikimi.rpa.secret_files import secret_file, write_secret
from jikimi.rpa.starter import NotAName, starter_file, wrapped_file
from jikimi.text import Text

_MADE = Text("{file}\n시험: jikimi flow test {name} key=A-1", "{file}\nto try it: jikimi flow test {name} key=A-1")
_NONE = Text("흐름이 없습니다. 만들기: jikimi flow new 이름", "there are no flows; make one: jikimi flow new NAME")
_LINE = Text(
    "{name}  시도 {attempts}회, 제한 {timeout}초, 멈춤 {stall}초, 확인 함수 {probe}  {about}",
    "{name}  attempts {attempts}, limit {timeout} s, stall {stall} s, probe {probe}  {about}",
)
_YES = Text("있음", "yes")
_NO = Text("없음", "no")
_ENDED = Text("{state}: {what}\n증거: {evidence}", "{state}: {what}\nevidence: {evidence}")
_KEPT = Text("비밀 값을 저장했습니다: {name}", "the secret is kept: {name}")
_ASKED = Text("{name}의 값", "value of {name}")
_LOOK = Text("창을 보고 Enter를 누르면 닫습니다", "look at the window; Enter closes it")
_SLOW_MS = 400.0


class FileExists(WrongUse):
    """A flow of that name is there already."""

    what = Text("이미 있는 파일입니다: {file}", "the file is there already: {file}")
    remedy = Text("다른 이름을 쓰거나 그 파일을 고치세요", "choose another name, or edit that file")


@click.group()
def command() -> None:
    """Write flows, and try them on your own desk.

    \b
    Examples:
      jikimi flow new voucher
      jikimi flow test voucher key=A-1 금액=12000
    """


@command.command("new")
@click.argument("name")
@click.option("--from", "script", type=click.Path(path_type=Path, exists=True), help="A script with a main() to wrap.")
@click.pass_obj
def new(context: Context, name: str, script: Path | None) -> int:
    """Write a flow NAME into `flows/` that can be run and changed at once."""
    if not name.isidentifier():
        raise NotAName(name=name)
    context.home.make()
    file = context.home / "flows" / f"{name}.py"
    if file.exists():
        raise FileExists(file=file)
    file.write_text(wrapped_file(name, script.resolve()) if script else starter_file(name), encoding="utf-8")
    context.say(_MADE, file=file, name=name)
    return 0


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def list_(context: Context, as_json: bool) -> int:
    """Show the flows, and which files cannot be used and why."""
    flows, broken = load_flows(context.home / "flows")
    code = 2 if broken else 0
    if as_json:
        document = {"flows": [_document(flow) for flow in flows.values()]}
        return print_document("flows", {**document, "broken": [str(problem) for problem in broken.values()]}, code)
    if not flows and not broken:
        context.say(_NONE)
    for flow in flows.values():
        probe = (_YES if flow.has_probe else _NO).say(context.lang)
        context.say(_LINE, **{**_document(flow), "probe": probe})
    for problem in broken.values():
        click.echo(problem.explain(context.lang), err=True)
    return code


@command.command("run")
@click.argument("name")
@click.argument("values", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def run(context: Context, name: str, values: tuple[str, ...], as_json: bool) -> int:
    """Run the flow NAME once here and now, on VALUES such as `key=A-1 금액=12000`; no stack is needed."""
    return _run(context, name, values, as_json=as_json, looks=False)


@command.command("test")
@click.argument("name")
@click.argument("values", nargs=-1)
@click.pass_obj
def test(context: Context, name: str, values: tuple[str, ...]) -> int:
    """Run the flow NAME once, slowly and in a window that can be watched; at a failing step it stays open."""
    return _run(context, name, values, as_json=False, looks=True)


@command.command("secret")
@click.argument("name")
@click.pass_obj
def secret(context: Context, name: str) -> int:
    """Keep the secret NAME for flows; its value is asked for, or taken from the standard input, never an argument."""
    secret_file(context.home, name)  # a name that cannot be is told before anything is asked
    stream = sys.stdin
    asked = _ASKED.say(context.lang, name=name)
    value = click.prompt(asked, hide_input=True) if stream.isatty() else stream.readline().rstrip("\r\n")
    write_secret(context.home, name, value)
    context.say(_KEPT, name=name)
    return 0


def _run(context: Context, name: str, values: tuple[str, ...], *, as_json: bool, looks: bool) -> int:
    context.home.make()
    log_to(context.home / "logs/flow.jsonl", unit="flow")
    flow = load_flow(context.home / "flows", name)
    key, data = values_of(values)
    desk = DeskRun(context, slow_ms=_SLOW_MS if looks else 0.0, says=not as_json)
    item = desk.run(flow, Item(flow.name, key, data), _pause(context) if looks else None)
    code = 0 if item.state is State.DONE else 2
    if as_json:
        return print_document("item", _item_document(item, desk.evidence), code)
    what = item.reason if code else ", ".join(f"{name}={value}" for name, value in item.result.items()) or "-"
    context.say(_ENDED, state=WORDS[item.state].say(context.lang), what=what, evidence=desk.evidence)
    return code


def _pause(context: Context) -> Callable[[], object]:
    return lambda: click.pause(_LOOK.say(context.lang))


def _document(flow: Flow) -> dict[str, Any]:
    return {
        "name": flow.name,
        "about": flow.about,
        "queue": flow.queue,
        "app": flow.app,
        "attempts": flow.attempts,
        "timeout": flow.timeout_s,
        "stall": flow.stall_s,
        "probe": flow.has_probe,
    }


def _item_document(item: Item, evidence: Path) -> dict[str, Any]:
    return {
        "flow": item.flow,
        "key": item.key,
        "state": item.state.value,
        "result": dict(item.result),
        "reason": item.reason,
        "evidence": str(evidence),
    }
