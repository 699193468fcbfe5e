"""`jikimi backup offsite`: the second repository, in another place."""

import click

from jikimi.backup.lock import holding
from jikimi.backup.sheet import OffsiteSheet
from jikimi.cli.context import Context, print_document
from jikimi.cli.offsite_safe import offsite_folder
from jikimi.cli.safe import check_safe_here, note_keys, safe_keys, safe_of, safe_offsite
from jikimi.cli.show import Show
from jikimi.logs import log_to
from jikimi.text import Text

_MADE = Text("다른 곳에 저장소를 만들었습니다: {place}", "made the repository off-site: {place}")
_ADOPTED = Text("다른 곳의 이 저장소를 씁니다: {place}", "this repository off-site is used from now on: {place}")
_SHEET = Text(
    "열쇠가 새로 생겼습니다. 복구 안내문을 다시 인쇄하세요: jikimi backup recovery-sheet",
    "it has a key of its own; print the recovery sheet anew: jikimi backup recovery-sheet",
)
_COPYING = Text("다른 곳으로 복사", "copying off-site")
_CAUGHT = Text("{copied}개를 복사하고 오래된 {removed}개를 지웠습니다", "copied {copied}, let go of {removed} old ones")
_NONE = Text("다른 곳에 아직 사본이 없습니다", "there is no copy off-site yet")
_LINE = Text("{at}  {snapshot}  ({original}의 사본)", "{at}  {snapshot}  (a copy of {original})")


@click.group()
def offsite() -> None:
    """Keep copies of the good backups in another place, with a key of their own."""


@offsite.command()
@click.option("--adopt", is_flag=True, help="Use the repository that lies there already, if our key opens it.")
@click.pass_obj
def init(context: Context, adopt: bool) -> None:
    """Make the repository where `[backup.offsite]` says. Nothing else ever makes one.

    \b
    Examples:
      jikimi backup offsite init
    """
    check_safe_here(context.config)
    safe, second = safe_of(context.config, context.clock), safe_offsite(context.config, context.clock)
    with holding(safe.state, context.clock, safe.zone):
        safe.place.check_ours(safe.keys)
        second.create(adopt=adopt)
        note_keys(context.config)
    context.say(_ADOPTED if adopt else _MADE, place=context.config.settings.backup.offsite.to)
    context.say(_SHEET)


@offsite.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def run(context: Context, as_json: bool) -> int:
    """Copy there what is missing, now; each good backup does so as well.

    \b
    Examples:
      jikimi backup offsite run
    """
    show = Show(context.lang, called=context.called, quiet=as_json)
    safe, second = safe_of(context.config, context.clock), safe_offsite(context.config, context.clock)
    log_to(context.home / "logs/backup.jsonl", unit="backup")
    with holding(safe.state, context.clock, safe.zone), show.bar(_COPYING) as progress:
        safe.place.check_ours(safe.keys)
        bar = progress.task_ids[0]
        caught = second.catch_up(safe.repository, lambda share: progress.update(bar, total=1.0, completed=share))
    if as_json:
        return print_document("offsite", {"copied": list(caught.copied), "removed": list(caught.removed)})
    show.say(_CAUGHT, copied=len(caught.copied), removed=len(caught.removed))
    return 0


def list_offsite(context: Context, *, as_json: bool) -> int:
    """Show the copies, the newest last; return the exit code."""
    found = safe_offsite(context.config, context.clock).repository().snapshots()
    if as_json:
        backups = [{"snapshot": one.id, "original": one.original, "at": one.at.isoformat()} for one in found]
        return print_document("backups", {"last_good": backups[-1]["at"] if backups else None, "backups": backups})
    if not found:
        context.say(_NONE)
    for one in found:
        at = one.at.astimezone(context.config.settings.zone).isoformat(sep=" ", timespec="seconds")
        context.say(_LINE, at=at, snapshot=one.id, original=one.original[:16])
    return 0


def sheet_part(context: Context) -> OffsiteSheet | None:
    """Return what the recovery sheet says of the second repository, None if there is none."""
    to, key = context.config.settings.backup.offsite.to, safe_keys(context.config).offsite_recovery_key()
    if not (to and key):
        return None
    folder, engine = offsite_folder(context.config), safe_of(context.config, context.clock).repository.engine
    place = to if folder is None else str(folder / "restic" if engine == "restic" else folder)
    return OffsiteSheet(place, engine, key)
