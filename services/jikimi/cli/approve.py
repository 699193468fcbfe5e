"""Let the drafts of a file be posted."""

import getpass
from pathlib import Path

import click

from jikimi.cli.context import Context, print_document
from jikimi.cli.worker import PATIENCE_S, ask_worker
from jikimi.text import Text

_NONE = Text("{name}: 승인을 기다리는 파일이 없습니다", "no file of that name waits for approval: {name}")
_MANY = Text(
    "{name}: 같은 이름의 파일이 여럿 기다립니다. 번호로 고르세요: {ids}",
    "several files of the name {name} wait; use an id: {ids}",
)
_DONE = Text(
    "{name}: 기표 {posted}, 이미 있음 {already}, 거절 {rejected}, 대기 {waiting}",
    "{name}: {posted} posted, {already} already, {rejected} rejected, {waiting} waiting",
)


@click.command()
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def command(context: Context, file: str, as_json: bool) -> int:
    """Post the drafts of FILE, its id or its name, of a profile with approve = "person".

    \b
    Example:
      jikimi approve card-2026-11.csv
    """
    name = Path(file).name
    document = ask_worker(context, "approve", {"name": name, "who": getpass.getuser()}, PATIENCE_S)
    code = 0 if document["found"] and document["proof"] else 2
    if as_json:
        return print_document("approve", document, code)
    if document["ambiguous"]:
        context.say(_MANY, name=name, ids=", ".join(document["ambiguous"]))
    elif document["found"]:
        context.say(_DONE, name=name, **{key: document[key] for key in ("posted", "already", "rejected", "waiting")})
    else:
        context.say(_NONE, name=name)
    return code
