"""What `jikimi backup` shows: how far a run is, and what it was worth."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from jikimi.backup.pipeline import Step, StepTold
from jikimi.backup.progress import Far
from jikimi.backup.snapshot import Outcome, Receipt
from jikimi.cli.context import Context
from jikimi.cli.show import Show
from jikimi.text import Lang, Text

_STEPS = {
    Step.PREFLIGHT: Text("준비 확인", "looking at the repository"),
    Step.STAGE: Text("데이터 모으기", "gathering"),
    Step.STORE: Text("저장", "storing"),
    Step.VERIFY: Text("검증", "verifying"),
    Step.DRILL: Text("복원 연습", "restoring it once"),
    Step.MARK: Text("판정", "judging"),
    Step.RETAIN: Text("오래된 백업 정리", "tidying old ones"),
    Step.OFFSITE: Text("다른 곳으로 복사", "copying off-site"),
    Step.RECEIPT: Text("영수증 쓰기", "writing the receipt"),
}
_WHOLE = Text("전체", "in all")
_LEFT = Text("약 {left} 남음", "about {left} left")
_OUTCOMES = {
    Outcome.GOOD: Text("좋음", "good"),
    Outcome.PARTIAL: Text("일부 빠짐", "partial"),
    Outcome.SUSPECT: Text("의심스러움", "suspect"),
    Outcome.FAILED: Text("실패", "failed"),
}


_REASONS = {
    "bundle": Text("git 묶음 이상", "git bundle"),
    "damaged": Text("손상", "damaged"),
    "drill": Text("복원 연습", "drill"),
    "empty": Text("비어 있음", "empty"),
    "little room": Text("공간 부족", "little room"),
    "lost": Text("잃은 파일", "lost"),
    "missing": Text("없음", "missing"),
    "not copied": Text("복사 못 함", "not copied"),
    "off-site": Text("다른 곳의 사본", "off-site"),
    "redis": Text("작업 대기열", "queue"),
    "retain": Text("정리 못 함", "not tidied"),
    "rows": Text("줄 수 줄어듦", "rows gone"),
    "shrunk": Text("줄어듦", "shrunk"),
    "sqlite": Text("데이터베이스 이상", "database"),
    "unreadable": Text("읽을 수 없음", "unreadable"),
}


def reason_line(reason: str, lang: Lang) -> str:
    """Return *reason* for a person: its code is named in their language, its facts stay."""
    code, colon, facts = reason.partition(": ")
    if code not in _REASONS:
        return reason
    rest = reason_line(facts, lang) if code == "drill" else facts
    return f"{_REASONS[code].say(lang)}{colon}{rest}"


@contextmanager
def step_bar(show: Show) -> Iterator[StepTold]:
    """Show each step with a bar and the time that is left; off a terminal, a line for each."""
    with run_bar(show) as (told, _):
        yield told


@contextmanager
def run_bar(show: Show) -> Iterator[tuple[StepTold, Callable[[Far], None]]]:
    """Show the same, and below it the whole run with the time that is left of it."""
    if not show.console.is_terminal:
        said = set[Step]()

        def tell(step: Step, _share: float) -> None:
            if step not in said:
                said.add(step)
                show.say(_STEPS[step])

        yield tell, lambda _: None
        return
    columns = (
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
    )  # fmt: skip
    with Progress(*columns, console=show.console) as progress:
        tasks: dict[Step, Any] = {}
        whole = progress.add_task(_WHOLE.say(show.lang), total=1.0, visible=False, left="")

        def move(step: Step, share: float) -> None:
            if step not in tasks:
                tasks[step] = progress.add_task(_STEPS[step].say(show.lang), total=1.0, left="")
            progress.update(tasks[step], completed=share)

        def go_on(far: Far) -> None:
            left = "" if far.left_s is None or far.share >= 1.0 else _LEFT.say(show.lang, left=_clock_time(far.left_s))
            progress.update(whole, completed=far.share, visible=True, left=left)

        yield move, go_on


def _clock_time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def receipt_facts(context: Context, receipt: Receipt) -> dict[str, object]:
    """Return the facts of *receipt* for a sentence."""
    at: datetime = receipt.at.astimezone(context.config.settings.zone)
    return {
        "at": at.isoformat(sep=" ", timespec="seconds"),
        "outcome": _OUTCOMES[receipt.outcome].say(context.lang),
        "files": receipt.content.files,
        "megabytes": megabytes(receipt.content.bytes),
        "snapshot": receipt.snapshot or "-",
    }


def receipt_document(receipt: Receipt) -> dict[str, Any]:
    """Return *receipt* as `jikimi.backup`."""
    return {
        "at": receipt.at.isoformat(),
        "day": receipt.day.isoformat(),
        "snapshot": receipt.snapshot or None,
        "outcome": receipt.outcome,
        "reasons": list(receipt.reasons),
        "engine": receipt.engine,
        "verified": receipt.verified,
        "drilled": receipt.drilled,
        "healed": receipt.healed,
        "files": receipt.content.files,
        "bytes": receipt.content.bytes,
        "added_bytes": receipt.added_bytes,
        "keys": receipt.content.keys,
        "unreadable": list(receipt.unreadable),
        "changed": list(receipt.changed),
        "seconds": dict(receipt.seconds),
    }


def megabytes(size: int) -> str:
    """Return *size*, in bytes, as megabytes."""
    return f"{size / 1e6:.1f}"
