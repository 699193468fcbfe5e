"""`jikimi backup rotate-key`."""

import click
import structlog

from jikimi.backup.lock import holding
from jikimi.backup.rotation import rotate
from jikimi.backup.switch_files import RestoreUnfinished, pending
from jikimi.cli.context import Context
from jikimi.cli.safe import note_keys, repository_of, safe_of
from jikimi.config.backup import Engine
from jikimi.logs import log_to
from jikimi.text import Text

log = structlog.get_logger()
SHEET_FILE = "keys/backup/recovery-sheet.html"  # it is a key
_DONE = Text(
    "백업 열쇠를 새로 만들었습니다. 지금까지의 복구 안내문으로는 새 백업을 열 수 없습니다."
    " 새 안내문을 인쇄하고 확인하세요: jikimi backup recovery-sheet",
    "the safe has new keys; the sheet that you have opens no new backup."
    " Print a new one and confirm it: jikimi backup recovery-sheet",
)
_KEEP_OLD = Text(
    "이전 백업 {count}개는 이전 안내문으로 열립니다. 그 백업들이 지워질 때까지 이전 안내문도 보관하세요.",
    "the {count} backups made so far are opened by the old sheet: keep it, too, until they are gone.",
)


@click.command("rotate-key")
@click.pass_obj
def command(context: Context) -> None:
    """Make new keys for the safe; old backups stay readable, and the recovery sheet must be printed anew.

    \b
    Examples:
      jikimi backup rotate-key
    """
    if (unfinished := pending(context.home.root)) is not None:
        raise RestoreUnfinished(snapshot=unfinished.snapshot)
    config = context.config
    safe = safe_of(config, context.clock)
    log_to(context.home / "logs/backup.jsonl", unit="backup")
    with holding(safe.state, context.clock, safe.zone):
        safe.place.check_ours(safe.keys)
        safe.repository.clear_leftovers()  # the lock of a killed run would keep a slot from being removed
        rotate(safe.keys, lambda: repository_of(config), context.clock.now())
        (context.home / SHEET_FILE).unlink(missing_ok=True)
        note_keys(config)
        log.info("backup.key_rotated", engine=safe.repository.engine)
        old = len(safe.repository.snapshots()) if safe.repository.engine == Engine.FILE else 0
    context.say(_DONE)
    if old:
        context.say(_KEEP_OLD, count=old)
