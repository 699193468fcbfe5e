"""`jikimi restore`: everything, or a part, as it was; what stood before is kept."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click

from jikimi import __version__
from jikimi.backup.building import Building
from jikimi.backup.keys import OFFSITE
from jikimi.backup.lock import holding
from jikimi.backup.parts import newest_not_later
from jikimi.backup.port import Repository, Told
from jikimi.backup.receipts import Receipts
from jikimi.backup.snapshot import local_day
from jikimi.backup.switch import Plan
from jikimi.backup.switch_files import RestoreUnfinished, Switch, pending
from jikimi.cli.context import Context, print_document
from jikimi.cli.offsite_safe import offsite_to_read
from jikimi.cli.restore_ground import Ground, ground_of, scratch_redis
from jikimi.cli.safe import check_safe_here, repository_at, repository_of, safe_keys, safe_place
from jikimi.cli.show import Show
from jikimi.config.home import PRIVATE
from jikimi.errors import NotWell, WrongUse
from jikimi.logs import log_to
from jikimi.text import Text

_OFFSITE = "off-site"
_CHOSEN = Text("복원할 백업: {snapshot} ({at})", "the backup: {snapshot} of {at}")
_ASK = Text(
    "{parts}을(를) 이 백업의 것으로 바꿉니다. 지금 것은 *.before-restore-{stamp}에 남습니다. 계속할까요?",
    "{parts} become those of this backup; what is there now is kept as *.before-restore-{stamp}. Go on?",
)
_BUILDING = Text("꺼내서 확인합니다", "taking it out and proving it")
_DONE = Text(
    "복원했습니다: {snapshot}. 이전 것은 {home}의 *.before-restore-{stamp}에 있습니다 (확인한 뒤 지우세요).",
    "restored {snapshot}; what was there before lies in {home} as *.before-restore-{stamp}; remove it later.",
)
_PAUSED = Text(
    "시작: jikimi up. 작업은 멈춘 채로 켜집니다. 장부를 본 뒤: jikimi resume",
    "to start: jikimi up; the work waits then. Look at the ledger, then: jikimi resume",
)
_PAUSED_HERE = Text(
    "작업은 멈춰 있습니다. 장부를 본 뒤: jikimi resume. 그다음 폴더의 주인을 바로잡으려면: jikimi up",
    "the work waits. Look at the ledger, then: jikimi resume, and then, which makes the folders yours again: jikimi up",
)
_UNDONE = Text("되돌렸습니다. 모든 것이 복원 전 그대로입니다.", "undone; everything is as it was before.")


class NothingToResume(WrongUse):
    """No restore was interrupted."""

    what = Text("끝나지 않은 복원이 없습니다", "no restore is unfinished")
    remedy = Text("복원하려면: jikimi restore SNAPSHOT", "to restore: jikimi restore SNAPSHOT")


class OneOfThem(WrongUse):
    """The command says two things, or nothing."""

    what = Text("백업 하나를 골라야 합니다", "one backup is to be named")
    remedy = Text(
        "SNAPSHOT(jikimi backup list), --at 날짜, --resume, --abort 중 하나만 쓰세요",
        "give one of SNAPSHOT (see `jikimi backup list`), --at DATE, --resume and --abort",
    )


class NoneSoEarly(NotWell):
    """There is no good backup of that day or before."""

    what = Text("{day} 또는 그 전의 좋은 백업이 없습니다", "there is no good backup of {day} or earlier")
    remedy = Text("목록을 보세요: jikimi backup list", "look at the list: jikimi backup list")


class NotConfirmed(NotWell):
    """Nobody has agreed."""

    what = Text("복원하지 않았습니다", "nothing was restored")
    remedy = Text("묻지 않고 하려면 --yes", "add --yes to do it without being asked")


@click.command()
@click.argument("snapshot", default="")
@click.option("--at", "day", help="Instead of SNAPSHOT: the newest good one not later than this day, 2026-11-20.")
@click.option("--only", multiple=True, metavar="NAME", help="A part as seen from the home: erp, rules/card.toml.")
@click.option("--yes", is_flag=True, help="Do not ask, and stop the stack if it runs.")
@click.option("--resume", is_flag=True, help="Finish a restore that was interrupted.")
@click.option("--abort", is_flag=True, help="Undo a restore that was interrupted.")
@click.option("--from", "source", type=click.Path(path_type=Path, file_okay=False), help="Another repository's folder.")
@click.option("--offsite", is_flag=True, help="Out of the copies in the other place that the settings name.")
@click.option("--key-file", type=click.Path(path_type=Path, dir_okay=False), help="The sheet's key, one line.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def command(
    context: Context,
    *,
    snapshot: str,
    day: str | None,
    only: tuple[str, ...],
    source: Path | None,
    offsite: bool,
    key_file: Path | None,
    yes: bool,
    resume: bool,
    abort: bool,
    as_json: bool,
) -> int:
    """Bring everything back as SNAPSHOT has it, or a part; what stands there now is kept, and work waits for `resume`.

    \b
    Examples:
      jikimi restore 20261123T183000Z-1a2b3c4d
      jikimi restore --at 2026-11-20 --only rules
      jikimi restore --resume
      jikimi restore --at 2026-11-20 --from /mnt/backups --key-file key.txt
      jikimi restore --at 2026-11-20 --offsite --key-file offsite-key.txt
    """
    if sum((bool(snapshot), bool(day), resume, abort)) != 1 or (offsite and source):
        raise OneOfThem
    show = Show(context.lang, called=context.called, quiet=as_json)
    context.home.root.mkdir(parents=True, exist_ok=True)
    log_to(context.home / "logs/restore.jsonl", unit="restore")
    check_safe_here(context.config)
    ground = ground_of(context)
    door = _Door(ground, source, key_file, is_offsite=offsite, says_yes=yes)
    with ground.alone(lambda question: yes or _agrees(question)):
        if resume or abort:
            plan = _go_on(context, show, door, abort=abort)
        else:
            chosen = snapshot or _at(context, show, day or "", door)
            plan = _restore(context, show, chosen, only, door)
    return _told(context, show, plan, abort=abort, as_json=as_json)


def _told(context: Context, show: Show, plan: Plan, *, abort: bool, as_json: bool) -> int:
    if as_json:
        parts = [part.name for part in plan.parts if part.brings]
        facts = {"snapshot": plan.snapshot, "stamp": plan.stamp, "parts": parts, "undone": abort}
        return print_document("restore", {**facts, "paused": plan.pauses and not abort})
    if abort:
        show.say(_UNDONE)
        return 0
    show.say(_DONE, snapshot=plan.snapshot, home=context.home.root, stamp=plan.stamp)
    if plan.pauses:
        show.say(_PAUSED_HERE if context.home.elsewhere else _PAUSED)
    return 0


@dataclass(frozen=True, slots=True)
class _Door:
    """Where the backup is taken from, with which key; nothing means the home's own. And what it is restored to."""

    ground: Ground
    source: Path | None
    key_file: Path | None
    is_offsite: bool = False
    says_yes: bool = False

    def name(self) -> str:
        """Return what the journal of a restore calls it."""
        return _OFFSITE if self.is_offsite else str(self.source.absolute()) if self.source else ""


def _agrees(question: str) -> bool:
    return sys.stdin.isatty() and click.confirm(question)


def _restore(context: Context, show: Show, snapshot: str, only: tuple[str, ...], door: _Door) -> Plan:
    if (unfinished := pending(context.home.root)) is not None:
        raise RestoreUnfinished(snapshot=unfinished.snapshot)
    stamp = context.clock.now().astimezone(context.config.settings.zone).strftime("%Y%m%d-%H%M%S")
    with _building(context, door) as building:
        plan = building.plan(snapshot, only, stamp, door.name())
    parts = ", ".join(part.name.removeprefix("home/") for part in plan.parts if part.brings)
    if not door.says_yes and not _agrees(_ASK.say(context.lang, parts=parts, stamp=stamp)):
        raise NotConfirmed
    door.ground.quiet()
    switch = Switch(context.home, stores=door.ground.stores)
    with door.ground.no_backup():
        switch.begin(plan)  # no backup runs now, and from here on none begins
    _forward(context, show, switch, plan, door)
    return plan


def _go_on(context: Context, show: Show, door: _Door, *, abort: bool) -> Plan:
    plan = pending(context.home.root)
    if plan is None:
        raise NothingToResume
    door.ground.quiet()
    switch = Switch(context.home, stores=door.ground.stores)
    if abort:
        switch.back(plan)
        return plan
    is_offsite = door.is_offsite or (plan.source == _OFFSITE and not door.source)
    source = door.source or (Path(plan.source) if plan.source and not is_offsite else None)
    _forward(context, show, switch, plan, _Door(door.ground, source, door.key_file, is_offsite=is_offsite))
    return plan


def _forward(context: Context, show: Show, switch: Switch, plan: Plan, door: _Door) -> None:
    def build(wanted: Plan, told: Told) -> None:
        with _building(context, door) as building:
            building.build(wanted, told)

    with show.bar(_BUILDING) as progress:
        switch.forward(plan, build, lambda share: progress.update(progress.task_ids[0], total=1.0, completed=share))


def _at(context: Context, show: Show, day: str, door: _Door) -> str:
    """Return the newest good snapshot that is not later than *day*, and name it."""
    try:
        asked = date.fromisoformat(day)
    except ValueError:
        raise click.BadParameter(day, param_hint="--at") from None
    zone = context.config.settings.zone
    now = context.clock.now()
    if door.is_offsite:  # only good ones are there
        there = [one for one in _repository(context, door).snapshots() if one.at <= now]
        early = [(one.id, one.at) for one in there if local_day(one.at, zone) <= asked]
    else:
        receipts = Receipts(door.source or safe_place(context.config).folder, context.home / "state/backup")
        found = newest_not_later(receipts.read(), asked, zone, now)
        early = [(found.snapshot, found.at)] if found else []
    if not early:
        raise NoneSoEarly(day=asked.isoformat())
    snapshot, at = max(early, key=lambda one: one[1])
    show.say(_CHOSEN, snapshot=snapshot, at=at.astimezone(zone).isoformat(sep=" ", timespec="seconds"))
    return snapshot


@contextmanager
def _building(context: Context, door: _Door) -> Iterator[Building]:
    """Yield what makes new folders, out of the home's own repository or the one at *source*."""
    config, home = context.config, context.home
    home.run_dir.mkdir(mode=PRIVATE, exist_ok=True)
    # in the folder for sockets, not in `state`, which is one of the folders that are exchanged
    with holding(home.run_dir / "restore", context.clock, config.settings.zone):
        yield Building(
            home,
            _repository(context, door),
            lambda: scratch_redis(context),
            layout=door.ground.layout,
            makers=door.ground.makers,
            version=__version__,
        )


def _repository(context: Context, door: _Door) -> Repository:
    config = context.config
    place, keys = safe_place(config), safe_keys(config)
    if door.is_offsite:
        key = door.key_file or keys.file(OFFSITE)
        return offsite_to_read(config, key.absolute(), context.home.run_dir / "restore")
    if door.source is None and door.key_file is None:
        place.check_ours(keys)
        return repository_of(config)
    return repository_at(door.source or place.folder, keys, door.key_file, context.home.run_dir / "restore")
