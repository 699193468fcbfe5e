"""Run the shipped examples in the practice ledger, the way a bookkeeper would: by dropping files."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jikimi.cli.context import Context
from jikimi.cli.show import Show
from jikimi.config import Home
from jikimi.config.model import Ledger
from jikimi.embedded.tryton_server import CLONE
from jikimi.queue.port import NoAnswer
from jikimi.text import Text
from jikimi.vouchers.fileresult import merge

EXAMPLES = CLONE / "examples"
HISTORY = "outputs/master_orchestrator_log.jsonl"
_WITHIN_S = 120.0
_LOOK_S = 0.1
_DROPPING = Text(
    "예제 {count}개를 연습 장부의 편지함에 넣습니다", "dropping {count} examples into the practice inboxes"
)
_TAKING = Text("사이클이 처리하는 중", "a cycle takes them")
_AGAIN = Text("{name}: 이미 처리한 파일입니다 (새 전표 0)", "{name}: this file was taken before (0 new vouchers)")
_PROOF = Text(
    "검증: {total}줄 = 기표 {posted} + 이미 있음 {already} + 거절 {rejected} + 대기 {waiting} + 확인 필요 {unknown};"
    " 차변 {debit} = 대변 {credit}  {mark}",
    "proof: {total} lines = {posted} posted + {already} already + {rejected} rejected + {waiting} waiting"
    " + {unknown} unknown; debit {debit} = credit {credit}  {mark}",
)
_TOOK = Text("시작부터 전표가 서기까지 {seconds}초", "from the start to posted vouchers: {seconds} s")


def run_examples(context: Context, show: Show) -> dict[str, Any]:
    """Drop the examples, wait for the cycles that take them, print every row with its number as read back.

    Returns the sums as a `jikimi.cycle` document.
    """
    examples = shipped_examples()
    history = context.home / HISTORY
    start = history.stat().st_size if history.exists() else 0
    show.say(_DROPPING, count=len(examples))
    for example in examples:
        drop_example(context.home, example)
    with show.bar(_TAKING):
        documents = list(cycles_until(context, history, start, {path.name for path in examples}))
    took = context.clock.now().timestamp() - context.began
    for path in examples:
        _print_rows(context, show, path)
    total = merge(documents)
    _print_proof(show, total)
    if total["posted"]:
        show.say(_TOOK, seconds=f"{took:.1f}")
    return total


def shipped_examples() -> list[Path]:
    """Return the example statements; the first word of each name is its kind."""
    return sorted(path for path in EXAMPLES.iterdir() if path.suffix in (".csv", ".xlsx"))


def drop_example(home: Home, example: Path) -> None:
    """Drop it into its practice inbox: copied beside and renamed, so that the watcher never sees half a file."""
    inbox = home / "inbox" / f"practice-{example.name.partition('-')[0]}"
    partial = inbox / f".{example.name}.part"
    shutil.copyfile(example, partial)
    partial.rename(inbox / example.name)


def cycles_until(context: Context, history: Path, start: int, wanted: set[str]) -> Iterator[Mapping[str, Any]]:
    """Yield the documents of new cycles until every wanted file was seen in one."""
    give_up_at = context.clock.ticks() + _WITHIN_S
    place = start
    while wanted:
        if context.clock.ticks() > give_up_at:
            raise NoAnswer(seconds=round(_WITHIN_S), job="cycle")
        for line in _lines_after(history, place):
            place += len(line)
            document = json.loads(line)
            wanted -= {file["name"] for file in document["files"]}
            yield document
        context.clock.wait(_LOOK_S)


def _lines_after(history: Path, place: int) -> Sequence[bytes]:
    if not history.exists():
        return []
    with history.open("rb") as file:
        file.seek(place)
        return [line for line in file if line.endswith(b"\n")]


def _print_rows(context: Context, show: Show, path: Path) -> None:
    sha = hashlib.sha256(path.read_bytes()).hexdigest()
    queue = context.queue()
    job = f"erp-readback-{sha[:12]}-{round(context.clock.now().timestamp() * 1000)}"
    queue.submit("read_back", {"sha": sha, "ledger": Ledger.PRACTICE.value}, job)
    answer = queue.answer(job, _WITHIN_S)
    show.rows(path.name, Ledger.PRACTICE, answer["rows"])


def _print_proof(show: Show, total: Mapping[str, Any]) -> None:
    for file in total["files"]:
        if file["duplicate"]:
            show.say(_AGAIN, name=file["name"])
    facts = {name: total[name] for name in ("posted", "already", "rejected", "waiting", "unknown", "debit", "credit")}
    show.say(_PROOF, total=total["in"], mark="✓" if total["proof"] else "✗", **facts)
