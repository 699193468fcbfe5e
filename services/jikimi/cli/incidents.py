"""`jikimi incidents`."""

from datetime import datetime
from typing import Any

import click

from jikimi.cli.context import Context, print_document
from jikimi.supervisor.incidents import fold, read_lines
from jikimi.text import Text

_NONE = Text("사고가 없습니다.", "no incidents.")
_OPEN = Text("진행 중", "open")
_LINE = Text(
    "{at}  {unit}  {cause}  조치 {actions}회  {ended}  {id}",
    "{at}  {unit}  {cause}  {actions} action(s)  {ended}  {id}",
)
_ENDED = Text("{seconds}초 만에 복구", "recovered in {seconds} s")


@click.command()
@click.option("--last", type=click.IntRange(min=1), default=20, show_default=True, help="How many of the newest.")
@click.option("--open", "only_open", is_flag=True, help="Only those that are not over.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def command(context: Context, last: int, only_open: bool, as_json: bool) -> int:
    """List what went wrong and how it was mended, from the first symptom to the verified recovery.

    \b
    Examples:
      jikimi incidents
      jikimi incidents --open --json
    """
    incidents = fold(read_lines(context.home / "outputs/watchdog_log.jsonl"))
    found = [incident for incident in incidents if not only_open or incident["recovered_at"] is None][-last:]
    if as_json:
        return print_document("incidents", {"incidents": found})
    if not found:
        context.say(_NONE)
    for incident in found:
        context.say(_LINE, **_shown(context, incident))
    return 0


def _shown(context: Context, incident: dict[str, Any]) -> dict[str, object]:
    at = datetime.fromisoformat(incident["detected_at"]).astimezone(context.config.settings.zone)
    seconds = incident["recover_s"]
    return {
        "at": at.isoformat(sep=" ", timespec="seconds"),
        "unit": incident["unit"],
        "cause": incident["cause"],
        "actions": len(incident["actions"]),
        "ended": _OPEN.say(context.lang) if seconds is None else _ENDED.say(context.lang, seconds=seconds),
        "id": incident["id"],
    }
