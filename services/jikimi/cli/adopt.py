"""Take a program that is not ours under the keeper's care."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import click

from jikimi.cli.context import Context, print_document
from jikimi.cli.stack import make_home
from jikimi.config.explain import check, decode, parse_toml
from jikimi.config.model import Settings
from jikimi.errors import WrongUse
from jikimi.runtime.timetables import timetables
from jikimi.supervisor.adoption import OBSERVED, NoSuchScript, command_for, entry, locks_for, name_for, sign_for
from jikimi.supervisor.foreign import place_of
from jikimi.supervisor.old_watchdogs import Suspect, program_of
from jikimi.supervisor.rivals import rivals_of
from jikimi.text import Text

_WRITTEN = Text("{file}에 적었습니다:\n", "written into {file}:\n")
_WOULD = Text(
    "{file}에 적을 내용입니다. 아무것도 바꾸지 않았습니다:\n", "this would be written into {file}; nothing was:\n"
)
_RIVALS = Text(
    "먼저 끄세요: 이 프로그램을 따로 감시하거나 시작하는 것처럼 보입니다. 지킴이는 끄지 않습니다.",
    "switch these off first: they seem to watch or start this program as well. Jikimi does not.",
)
_NO_RIVALS = Text(
    "옛 감시 프로그램은 보이지 않습니다. 목록은 docs/adopt.ko.md에 있습니다.",
    "no old watchdog is to be seen; docs/adopt.md has the list.",
)
_NEXT = Text(
    """\
다음:
  1. 지금 실행 중이면 끝내세요. 지킴이가 시작합니다.
  2. 다시 켜세요: jikimi down, 그다음 jikimi up --detach
  3. 하루 동안은 시작하고 보기만 하며, 다시 시작하지 않습니다. 보려면: jikimi status
     그동안 했을 일은 outputs/watchdog_log.jsonl에 "would act"로 남습니다.
  4. 바로 맡기려면 observe 줄을 지우고 다시 켜세요.""",
    """\
next:
  1. end the program if it runs: Jikimi starts it.
  2. start anew: jikimi down, then jikimi up --detach
  3. for a day it is started and watched, but not restarted. To see it: jikimi status
     what would have been done stands in outputs/watchdog_log.jsonl as "would act".
  4. to trust Jikimi at once, take the line observe away and start anew.""",
)


class AdoptedAlready(WrongUse):
    """The settings have this unit, or this program."""

    what = Text("이미 [units.{name}]에 있습니다: {script}", "it stands in [units.{name}] already: {script}")
    remedy = Text(
        "jikimi.toml의 그 표를 고치거나, 다른 프로그램이면 `--name`으로 다른 이름을 주세요",
        "edit that table in jikimi.toml or, for another program, give another name with `--name`",
    )


@click.command()
@click.argument("script", type=click.Path(path_type=Path))
@click.option("--name", help="The unit's name; else after the script.")
@click.option("--heartbeat", help="A file that it rewrites; its path counts from the script's folder.")
@click.option("--log", help="A log that grows; its path counts from the script's folder, its name may have a *.")
@click.option("--tcp", help="host:port that takes connections.")
@click.option("--http", help="An address that answers with 2xx or 3xx.")
@click.option("--probe", is_flag=True, help="It uses our probe.py.")
@click.option("--dry-run", is_flag=True, help="Only show what would be written.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def command(
    context: Context,
    /,
    script: Path,
    name: str | None,
    dry_run: bool,
    as_json: bool,
    **signs: str | bool | None,
) -> int:
    """Keep a program that is not ours: write how SCRIPT is run and how it shows that it lives into jikimi.toml.

    \b
    Examples:
      jikimi adopt examples/adopt/loop.py --dry-run
      jikimi adopt examples/adopt/loop.py --name poster --heartbeat heartbeat.txt
    """
    given = {key: value for key, value in signs.items() if value}
    if len(given) > 1:
        raise click.UsageError(f"give one sign of life, not {len(given)}: {', '.join(f'--{key}' for key in given)}")
    script = script.expanduser().absolute()
    if not script.is_file():
        raise NoSuchScript(script=script)
    unit = name_for(script, name)
    _refuse_twice(context, unit, script)
    text = entry(unit, script, _values(script, given))
    settings = _append(context, text, dry_run=dry_run)
    rivals = rivals_of(place_of(context.config, unit, settings.units[unit]), timetables())
    if as_json:
        return print_document("adopt", _document(context, unit, text, rivals, is_written=not dry_run))
    _tell(context, text, rivals, is_written=not dry_run)
    return 0


def _refuse_twice(context: Context, name: str, script: Path) -> None:
    for other, unit in context.config.settings.units.items():
        place = place_of(context.config, other, unit)
        is_same = place.folder / program_of(place.command) == script or str(script) in place.command
        if other == name or is_same:
            raise AdoptedAlready(name=other, script=script)


def _values(script: Path, given: Mapping[str, str | bool]) -> dict[str, object]:
    values: dict[str, object] = {"command": command_for(script), "folder": str(script.parent)}
    values.update(given or sign_for(script))
    if locks := locks_for(script):
        values["clear"] = locks
    return {**values, "observe": OBSERVED}


def _append(context: Context, text: str, *, dry_run: bool) -> Settings:
    """Write *text* at the end of the settings, if they are well with it, and return them.

    Raises:
        BadFile: they are not; nothing was written.
    """
    if not dry_run:
        make_home(context.config)
    file = context.home.config_file.resolve()
    data = file.read_bytes() if file.exists() else b""
    ending = "\r\n" if b"\r\n" in data else "\n"
    gap = ending if not data or data.endswith(b"\n") else ending * 2
    whole = data + (gap if data else "").encode() + text.replace("\n", ending).encode()
    read = decode(whole, file.name)
    settings = check(Settings, parse_toml(read, file.name), read, file.name)
    if not dry_run:
        partial = file.with_name(f".{file.name}.partial")
        partial.write_bytes(whole)
        shutil.copymode(file, partial)
        partial.replace(file)
    return settings


def _document(context: Context, unit: str, text: str, rivals: list[Suspect], *, is_written: bool) -> dict[str, object]:
    found = [{"where": rival.where, "line": rival.line, "pid": rival.pid} for rival in rivals]
    file = str(context.home.config_file)
    return {"unit": unit, "file": file, "entry": text, "is_written": is_written, "old_watchdogs": found}


def _tell(context: Context, text: str, rivals: list[Suspect], *, is_written: bool) -> None:
    context.say(_WRITTEN if is_written else _WOULD, file=context.home.config_file)
    click.echo(text)
    context.say(_RIVALS if rivals else _NO_RIVALS)
    for rival in rivals:
        click.echo(f"  {rival.where}: {rival.line}")
    if is_written:
        context.say(_NEXT)
