"""Start the stack and watch it."""

import subprocess
import sys

import click
from rich.live import Live

from jikimi.backup.restored import waits_for_resume
from jikimi.backup.switch_files import RestoreUnfinished, pending
from jikimi.cli.context import Context
from jikimi.cli.examples import HISTORY, run_examples
from jikimi.cli.show import Show
from jikimi.cli.stack import NotReady, Stack, make_home, running
from jikimi.cli.watch import status_table
from jikimi.logs import log_to
from jikimi.status.reader import read
from jikimi.supervisor.stack import RunsAlready, owner
from jikimi.text import Text

WORKS = Text("작동 중입니다.", "it works.")
RESTORED = Text(
    "켜졌고, 복원 뒤라 작업은 기다립니다. 장부를 본 뒤 시작하세요: jikimi resume",
    "it runs, and after a restore the work waits; look at the ledger, then: jikimi resume",
)
NEXT = Text(
    """
다음에 할 일
  파일 넣기    {inbox}/card 또는 /bank 폴더에 카드·은행 명세서(CSV, XLSX)를 넣으세요
               연습은 {inbox}/practice-card, practice-bank 에서 하면 회사 장부에 남지 않습니다
  결과 보기    {outputs}/results/ 의 파일을 두 번 누르세요
  상태 보기    jikimi status   또는 {outputs}/status.html
  장부 보기    jikimi erp login
  고장 내 보기 다른 창에서 kill -9 {pid}  (erp-worker): 곧 다시 일어나고, 전표는 한 번만 남습니다
  끄기         Ctrl-C""",
    """
what to do next
  drop a file  put card or bank statements (CSV, XLSX) into {inbox}/card or /bank
               to practise, use {inbox}/practice-card or practice-bank: the company's ledger stays untouched
  see results  open a page in {outputs}/results/ by a double click
  look         jikimi status   or {outputs}/status.html
  the ledger   jikimi erp login
  break it     in another window: kill -9 {pid}  (erp-worker); it comes back, and each voucher stands once
  stop         Ctrl-C""",
)
STARTING = Text("시작합니다", "starting")
STOPPING = Text("순서대로 끕니다 …", "stopping in order …")
STOPPED = Text("꺼졌습니다.", "stopped.")
_WATCH_S = 0.5
_DETACHED_WITHIN_S = 180.0


@click.command()
@click.option("--detach", is_flag=True, help="Start it in the background and return when it works.")
@click.option("--units-only", is_flag=True, help="Only the programs of [units] in jikimi.toml.")
@click.option("--welcome", is_flag=True, help="On a new home, run the examples in the practice ledger first.")
@click.pass_obj
def command(context: Context, detach: bool, units_only: bool, welcome: bool) -> int:
    """Start the stack and watch it until Ctrl-C.

    \b
    Examples:
      jikimi up
      jikimi up --detach
    """
    show = Show(context.lang, called=context.called)
    if (unfinished := pending(context.home.root)) is not None:
        raise RestoreUnfinished(snapshot=unfinished.snapshot)
    if detach:
        return _detach(context, show, units_only=units_only)
    make_home(context.config)
    log_to(context.home / "logs/up.jsonl", unit="up")
    is_new = not (context.home / HISTORY).exists()
    try:
        with running(context, show, units_only=units_only) as stack:
            show.say(RESTORED if waits_for_resume(context.home) else WORKS)
            if welcome and is_new:
                run_examples(context, show)
            if welcome:
                _say_what_next(context, show)
            _watch(context, show, stack)
            show.say(STOPPING)
    except KeyboardInterrupt:
        show.say(STOPPING)
    show.say(STOPPED)
    return 0


def _watch(context: Context, show: Show, stack: Stack) -> None:
    try:
        if not show.console.is_terminal:
            while not stack.ended():
                context.clock.wait(_WATCH_S)
            return
        with Live(console=show.console, refresh_per_second=4) as live:
            while not stack.ended():
                live.update(status_table(context.home, show.lang))
                context.clock.wait(_WATCH_S)
    except KeyboardInterrupt:
        return


def _say_what_next(context: Context, show: Show) -> None:
    status = read(context.home.status_file, context.clock.now().timestamp())
    pid = next((unit["pid"] for unit in status.get("units", []) if unit["name"] == "erp-worker"), "?")
    show.say(
        NEXT,
        inbox=context.home / "inbox",
        outputs=context.home / "outputs",
        pid=pid,
    )


def _detach(context: Context, show: Show, *, units_only: bool) -> int:
    """Start the same command in a session of its own, and wait until it says that it works."""
    if found := owner(context.home):
        raise RunsAlready(pid=found.pid, since=found.since)
    make_home(context.config)
    log = context.home / "logs/up.log"
    options = ["--units-only"] if units_only else []
    with log.open("ab") as out:
        child = subprocess.Popen(
            [sys.executable, "-m", "jikimi", "--home", str(context.home.root), "--lang", context.lang, "up", *options],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    give_up_at = context.clock.ticks() + _DETACHED_WITHIN_S
    began = context.clock.now().timestamp()
    with show.bar(STARTING):
        while not _works_since(context, began):
            if child.poll() is not None or context.clock.ticks() > give_up_at:
                raise NotReady(unit="jikimi up", seconds=round(_DETACHED_WITHIN_S), log=log)
            context.clock.wait(_WATCH_S)
    show.say(RESTORED if waits_for_resume(context.home) else WORKS)
    return 0


def _works_since(context: Context, began: float) -> bool:
    """Return whether a snapshot of this start says that all is well."""
    now = context.clock.now().timestamp()
    status = read(context.home.status_file, now)
    return bool(status["verdict"] == "ok" and now - status["age_s"] > began)
