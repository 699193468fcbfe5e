"""`jikimi backup`: run, list, drill, recovery-sheet, export, init, rotate-key, offsite."""

from pathlib import Path

import click

from jikimi.backup.export import export_to
from jikimi.backup.lock import holding
from jikimi.backup.pipeline import Pipeline, Step
from jikimi.backup.port import NoSnapshot
from jikimi.backup.sheet import Sheet, sheet_page
from jikimi.backup.snapshot import Outcome, newest_good
from jikimi.backup.standing import key_standing
from jikimi.backup.switch_files import RestoreUnfinished, pending
from jikimi.cli.backup_show import megabytes, reason_line, receipt_document, receipt_facts, run_bar, step_bar
from jikimi.cli.context import Context, print_document
from jikimi.cli.offsite import list_offsite, sheet_part
from jikimi.cli.offsite import offsite as offsite_group
from jikimi.cli.rotate_key import SHEET_FILE
from jikimi.cli.rotate_key import command as rotate_key
from jikimi.cli.safe import (
    check_safe_here,
    note_keys,
    repository_of,
    safe_keys,
    safe_of,
    safe_offsite,
    safe_place,
    wanted_of,
)
from jikimi.cli.show import Show
from jikimi.errors import WrongUse
from jikimi.logs import log_to
from jikimi.status.reader import as_called
from jikimi.text import Text
from jikimi.whole_file import replace_text

NOT_WELL = 2
_ENDED = Text(
    "백업 {snapshot}: {outcome}, 파일 {files}개 {megabytes} MB, {seconds}초",
    "backup {snapshot}: {outcome}, {files} files, {megabytes} MB, {seconds} s",
)
_NONE = Text("아직 백업이 없습니다. 지금 하기: jikimi backup run", "no backups yet; to make one now: jikimi backup run")
_LINE = Text(
    "{at}  {outcome}  파일 {files}개  {megabytes} MB  {snapshot}",
    "{at}  {outcome}  {files} files  {megabytes} MB  {snapshot}",
)
_DRILLED = Text("복원 연습 통과: {snapshot}", "restored and opened: {snapshot}")
_MADE = Text("백업 저장소를 만들었습니다: {folder} ({engine})", "made the repository: {folder} ({engine})")
_ADOPTED = Text("이 저장소를 씁니다: {folder}", "this repository is used from now on: {folder}")
_SHEET = Text(
    "복구 안내문: {path}\n  인쇄해서 다른 곳에 보관하고, 그 안의 확인 코드를 입력하세요:"
    " jikimi backup recovery-sheet --confirm CODE",
    "the recovery sheet: {path}\n  print it, keep it elsewhere, then type the code that stands on it:"
    " jikimi backup recovery-sheet --confirm CODE",
)
_SHEET_OF_CONTAINER = Text(
    "복구 안내문을 파일로 꺼내세요: docker compose exec -T backup jikimi backup recovery-sheet --stdout > sheet.html\n"
    "  인쇄해서 다른 곳에 보관하고, 그 안의 확인 코드를 입력하세요: jikimi backup recovery-sheet --confirm CODE",
    "fetch the recovery sheet: docker compose exec -T backup jikimi backup recovery-sheet --stdout > sheet.html\n"
    "  print it, keep it elsewhere, then type the code that stands on it: jikimi backup recovery-sheet --confirm CODE",
)
_CONFIRMED = Text("확인했습니다. 안내문 파일은 지웠습니다.", "confirmed; the file of the sheet was deleted.")
_EXPORTED = Text("{path}에 썼습니다 ({megabytes} MB)", "written to {path} ({megabytes} MB)")


class WrongCode(WrongUse):
    """The code is not the one on the sheet."""

    what = Text("안내문의 확인 코드와 다릅니다: {code}", "this is not the code of the sheet: {code}")
    remedy = Text(
        "`jikimi backup recovery-sheet`로 새로 인쇄한 안내문을 보세요",
        "look at a sheet newly printed by `jikimi backup recovery-sheet`",
    )


@click.group()
def command() -> None:
    """Save everything, prove that it can be restored, and keep the keys."""


command.add_command(rotate_key)


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def run(context: Context, as_json: bool) -> int:
    """Make a backup now, verify it and restore it once. Exit code 0 only if it is good.

    \b
    Examples:
      jikimi backup run
    """
    show = Show(context.lang, called=context.called, quiet=as_json)
    if (unfinished := pending(context.home.root)) is not None:
        raise RestoreUnfinished(snapshot=unfinished.snapshot)
    safe = safe_of(context.config, context.clock)
    log_to(context.home / "logs/backup.jsonl", unit="backup")
    with run_bar(show) as (told, far):
        pipeline = Pipeline(safe, told, far)
        receipt = pipeline.run(wanted_of(context.config))
    code = 0 if receipt.outcome is Outcome.GOOD else NOT_WELL
    if as_json:
        return print_document("backup", receipt_document(receipt), code)
    show.say(_ENDED, **receipt_facts(context, receipt), seconds=round(sum(receipt.seconds.values()), 1))
    if pipeline.trouble:
        show.console.print(as_called(pipeline.trouble.explain(context.lang), context.called), markup=False)
    for reason in () if pipeline.trouble else receipt.reasons:
        show.console.print(f"  {reason_line(reason, context.lang)}", markup=False)
    _say_of_keys(context, show)
    return code


@command.command("list")
@click.option("--offsite", is_flag=True, help="Those in the other place.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def listing(context: Context, *, offsite: bool, as_json: bool) -> int:
    """List the backups, the newest last, with what each was worth.

    \b
    Examples:
      jikimi backup list
      jikimi backup list --offsite
    """
    if offsite:
        return list_offsite(context, as_json=as_json)
    safe = safe_of(context.config, context.clock)
    safe.place.check_ours(safe.keys)
    there = {snapshot.id for snapshot in safe.repository.snapshots()}
    receipts = [receipt for receipt in safe.receipts.read() if receipt.snapshot in there]
    if as_json:
        last = newest_good(receipts, context.clock.now())
        found = {
            "last_good": last.at.isoformat() if last else None,
            "backups": [receipt_document(each) for each in receipts],
        }
        return print_document("backups", found)
    if not receipts:
        context.say(_NONE)
    for receipt in receipts:
        context.say(_LINE, **receipt_facts(context, receipt))
    return 0


@command.command()
@click.argument("snapshot", default="")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def drill(context: Context, snapshot: str, as_json: bool) -> int:
    """Restore SNAPSHOT, else the newest, into a scratch folder and open all that is in it.

    \b
    Examples:
      jikimi backup drill
    """
    show = Show(context.lang, called=context.called, quiet=as_json)
    safe = safe_of(context.config, context.clock)
    with holding(safe.state, context.clock, safe.zone):
        safe.place.check_ours(safe.keys)
        chosen = snapshot or next((one.id for one in reversed(safe.repository.snapshots())), "")
        with step_bar(show) as told:
            found = safe.drill.run(safe.repository, chosen, told=lambda share: told(Step.DRILL, share))
    code = NOT_WELL if found.wrong else 0
    if as_json:
        document = {"snapshot": chosen, "drilled": not found.wrong, "reasons": found.wrong, "keys": found.keys}
        return print_document("drill", document, code)
    for reason in found.wrong:
        show.console.print(f"  {reason_line(reason, context.lang)}", markup=False)
    if not found.wrong:
        show.say(_DRILLED, snapshot=chosen)
    return code


@command.command("recovery-sheet")
@click.option("--confirm", "code", help="The code on the printed sheet: from now on the sheet counts as kept.")
@click.option("--stdout", "prints", is_flag=True, help="Print the page instead of writing it to a file.")
@click.pass_obj
def recovery_sheet(context: Context, code: str | None, *, prints: bool) -> None:
    """Write the page that opens the backups on any machine; print it, keep it elsewhere.

    \b
    Examples:
      jikimi backup recovery-sheet
      jikimi backup recovery-sheet --confirm 12AB-34CD
    """
    safe = safe_of(context.config, context.clock)
    path = context.home / SHEET_FILE
    if code is not None:
        if not safe.keys.confirm(code, context.clock.now()):
            raise WrongCode(code=code)
        path.unlink(missing_ok=True)
        note_keys(context.config)
        context.say(_CONFIRMED)
        return
    sheet = Sheet(
        company=context.config.settings.company.name,
        day=context.clock.now().astimezone(safe.zone).date(),
        engine=safe.repository.engine,
        folder=context.config.settings.pages.backups or str(safe.place.folder),
        key=safe.keys.recovery_key(),
        code=safe.keys.code(),
        escrow=dict(safe.repository.escrow()),
        offsite=sheet_part(context),
    )
    if prints:
        click.echo(sheet_page(sheet))
        return
    if context.home.elsewhere:  # a file in there would reach nobody's printer
        context.say(_SHEET_OF_CONTAINER)
        return
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    replace_text(path, sheet_page(sheet))
    path.chmod(0o600)
    context.say(_SHEET, path=path)


@command.command()
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--snapshot", default="", help="Which one; else the newest.")
@click.option("--offsite", is_flag=True, help="Out of the copies in the other place.")
@click.option("--without-secrets", is_flag=True, help="Leave keys and passwords out, so that it may be readable.")
@click.pass_obj
def export(context: Context, target: Path, *, snapshot: str, offsite: bool, without_secrets: bool) -> None:
    """Write one backup to TARGET: .tar.zst.age for our keys, or .tar.zst that everybody can read.

    \b
    Examples:
      jikimi backup export books.tar.zst.age
      jikimi backup export books.tar.zst --without-secrets
    """
    safe = safe_of(context.config, context.clock)
    with holding(safe.state, context.clock, safe.zone):
        repository = safe_offsite(context.config, context.clock).repository() if offsite else safe.repository
        chosen = snapshot or next((one.id for one in reversed(repository.snapshots())), "")
        if not chosen:
            raise NoSnapshot(snapshot='""')
        size = export_to(
            repository, chosen, target.absolute(), safe.state / "export", safe.keys.recipients(),
            without_secrets=without_secrets,
        )  # fmt: skip
    context.say(_EXPORTED, path=target, megabytes=megabytes(size))


@command.command()
@click.option("--adopt", is_flag=True, help="Use the repository that lies there already, if our key opens it.")
@click.pass_obj
def init(context: Context, adopt: bool) -> None:
    """Make the repository where the settings say. Nothing else ever makes one.

    \b
    Examples:
      jikimi backup init
    """
    check_safe_here(context.config)
    keys, place = safe_keys(context.config), safe_place(context.config)
    keys.make(context.clock.now())
    repository = repository_of(context.config)
    if adopt:
        place.adopt(repository, keys)
        context.say(_ADOPTED, folder=place.folder)
        return
    place.create(repository, keys)
    context.say(_MADE, folder=place.folder, engine=repository.engine)


command.add_command(offsite_group)


def _say_of_keys(context: Context, show: Show) -> None:
    keys = safe_keys(context.config)
    standing = key_standing(keys.made_at(), keys.confirmed_at(), context.clock.now())
    if standing.message:
        show.say(standing.message, days=standing.days_left)
